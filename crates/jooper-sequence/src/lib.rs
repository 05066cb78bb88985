//! The engine: sequences that provably send once.
//!
//! * [`decide`] is pure: a state, an event and a time give the next state, commands and a trace.
//! * [`planner`] turns "step k is due" into an instant, by civil time in the lead's own zone.
//! * The ledger (one row a send, for ever) writes intent before effect.
//! * A lane is one mailbox's single writer; [`Runner`] claims lanes and works them.
//! * [`Campaigns`] is what people do: create, simulate, activate, pause, resume, release.
//! * [`Forecast`] is a whole campaign before its first mail, by the same code.
//! * [`Conversations`] is what they do in the inbox: answer, confirm or dismiss an objection.

mod admission;
mod ahead;
mod assign;
mod campaigns;
mod changes;
mod colleagues;
mod conversations;
mod credentials;
mod daily;
pub mod decide;
mod edits;
mod engine;
mod error;
mod explain;
mod explaining;
mod forecast;
mod intent;
mod kept;
mod lane;
mod lawful;
mod ledger;
mod links;
mod list_quality;
mod mail_domains;
mod mailboxes;
pub mod model;
mod outlook;
mod overdue;
mod own_domains;
mod pauses;
pub mod planner;
mod rebuild;
mod render;
mod runner;
mod senders;
mod skips;
mod tested;
mod texts;
mod today;
mod token;
mod undone;
mod unreadable;
mod workspaces;

pub use ahead::mailboxes_ahead;
pub use campaigns::{
    ActivationReport, Campaign, CampaignSummary, Campaigns, EnrollmentView, LeadRefusal,
    NewCampaign,
};
pub use changes::ChangePreview;
pub use conversations::{Conversations, Objection};
pub use credentials::VaultCredentials;
pub use daily::{OpenTask, Queued, QueuedStep, StepPlace, TestMail};
pub use edits::{EditPreview, EditedStep};
pub use engine::{Engine, EngineParts, EngineSettings};
pub use error::EngineError;
pub use explain::words_of_search;
pub use forecast::{
    Answer, Approved, Behavior, Capacity, Forecast, ForecastAnswer, ForecastMail, ForecastMailbox,
    ForecastRequest, ForecastSkip, Mailed, Plan, Population, Rates, Seen, Senses, Tasked, UnderWay,
    Warning,
};
pub use jooper_message::inbound::authenticity::Authority;
pub use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
pub use lane::Command as LaneCommand;
pub use lawful::{Lawful, Refusal};
pub use links::{LinkError, ServiceMail, UnsubscribeLinks};
pub use mailboxes::{ConnectMailbox, Mailboxes};
pub use runner::{Follower, Runner};
pub use senders::{SenderVerdict, sender_verdicts};
pub use skips::Skipping;
pub use tested::Tested;
pub use token::{AttemptToken, references_in};
pub use undone::{Missing, UndoneCommand};
pub use unreadable::UnreadableMail;
