//! What a campaign is made of: sequences, schedules and settings.

mod builder;
mod campaign;
mod change;
mod check;
mod condition;
mod delay;
mod edit;
mod fields;
mod holidays;
mod invalid;
mod limits;
mod reactions;
mod read;
mod schedule;
#[cfg(test)]
mod schema;
mod sequence;
mod step;

pub use builder::{SequenceBuilder, StepBuilder};
pub use campaign::{CampaignSettings, InvalidCampaign};
pub use change::{InvalidChange, SettingsEdit};
pub use condition::{Condition, Elapsed, FieldTest, ReplyIntent, Since};
pub use delay::{Delay, DelayUnit};
pub use edit::{Action, Cohort, Edit, InvalidEdit, Place};
pub use holidays::{Calendar, InvalidCalendar};
pub use invalid::InvalidSequence;
pub use limits::{Limits, Ramp};
pub use reactions::{EndedAs, OnOutOfOffice, OnReply, ReEnroll, Rule};
pub use schedule::{Absence, CatchUp, InvalidSchedule, Schedule, Window};
pub use sequence::{Numbers, Sequence};
pub use step::{Arm, END, Step, StepKind, StepVariant, Task, WaitFor};
