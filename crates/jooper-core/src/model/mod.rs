//! States, kinds and reasons, each with a number that never changes once released.

mod codes;
mod enrollment;
mod gate;
mod lead;
mod mailbox;
mod send;

pub(crate) use codes::codes;
pub use codes::{Code, UnknownCode};
pub use enrollment::{CampaignState, EnrollmentState, FinishReason, WaitReason};
pub use gate::{BasisKind, Purpose, ScopeKind, StopReason, StopSource};
pub use lead::{LeadState, WorkspaceState};
pub use mailbox::{InboundKind, MailboxState, Origin, ParkReason};
pub use send::{NotSentReason, SearchResult, SendKind, SendState, SkipReason};
