//! What a campaign is made of: sequences, schedules and settings.

mod campaign;
mod schedule;
mod sequence;

pub use campaign::{CampaignSettings, InvalidCampaign};
pub use schedule::{InvalidSchedule, Schedule, Window};
pub use sequence::{
    Delay, DelayUnit, InvalidSequence, OnOutOfOffice, OnReply, Sequence, Step, StepVariant,
};
