//! The one verb for every stop, its acknowledgement, and the few ways back.

mod error;
mod lift;
mod listing;
mod person;
mod recalled;
mod replay;
mod restored;
mod scope;
mod standing;
mod stops;
mod wait;

pub use error::StopError;
pub use lift::{LiftAck, PersonalAct, SeenEntries};
pub use listing::{Listed, ListedReport};
pub use replay::{catch_up, replay};
pub use restored::tell_restored;
pub use scope::StopScope;
pub use stops::{StopAck, Stops};
pub(crate) use stops::{lease, sample_cleared};
