//! Ids, model, events and seams of the jooper suite.
//!
//! Everything here is a value or a narrow trait: no I/O, no runtime, no clock and no random
//! stream of its own. Code that decides takes [`Clock`], [`Draw`] and [`IdSource`] as arguments,
//! so that production, a forecast and a simulation run the same lines (law L10).

mod country;
mod email;
mod error;
mod event;
mod ids;
mod keyed_index;
mod lifting;
mod model;
mod model_names;
mod providers;
mod sealed;
mod seams;
mod send_key;

pub use country::{Country, UnknownCountry};
pub use email::{EmailAddress, InvalidEmail};
pub use error::Retry;
pub use event::{Dimensions, EventId, EventKind, RollupPart, day_of, rollup_key};
pub use ids::{
    Bucket, CampaignId, CommandId, CompanyId, EnrollmentId, InstallationId, InvalidId, LeadId,
    MailboxId, MessageId, PermitId, RequestId, SequenceId, SubjectId, ThreadId, UserId,
    WorkspaceId,
};
pub use keyed_index::KeyedIndex;
pub use lifting::{ActProof, LiftedBy};
pub use model::{
    BasisKind, CampaignState, Code, EnrollmentState, FinishReason, InboundKind, LeadState,
    MailboxState, NotSentReason, Origin, ParkReason, Purpose, ScopeKind, SearchResult, SendKind,
    SendState, SkipReason, StopReason, StopSource, UnknownCode, WaitReason, WorkspaceState,
};
pub use sealed::Sealed;
pub use seams::{
    AcceleratedClock, Clock, Draw, DrawPurpose, IdSource, LeaseClock, LeaseInstant, ManualClock,
    SeededIds, Sleeper, SystemClock, SystemIds, SystemLeaseClock, from_millis, to_millis,
};
pub use send_key::{InvalidSendKey, SendKey, StepIndex};
