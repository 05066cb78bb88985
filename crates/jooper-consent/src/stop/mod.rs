//! The one verb for every stop, its acknowledgement, and the few ways back.

mod error;
mod lift;
mod listing;
mod person;
mod recalled;
mod replay;
mod scope;
mod standing;
mod stops;
mod wait;

pub use error::StopError;
pub use lift::{LiftAck, PersonalAct, PersonalActKind};
pub use listing::{Listed, ListedReport};
pub use replay::replay;
pub use scope::StopScope;
pub(crate) use stops::sample_cleared;
pub use stops::{StopAck, Stops};
