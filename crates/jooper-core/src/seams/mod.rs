//! The only ways to time, ids and chance.

mod clock;
mod draw;
mod ids;
mod lease;
mod sleep;

pub use clock::{AcceleratedClock, Clock, ManualClock, SystemClock, from_millis, to_millis};
pub use draw::{Draw, DrawPurpose};
pub use ids::{IdSource, SeededIds, SystemIds};
pub use lease::{LeaseClock, LeaseInstant, SystemLeaseClock};
pub use sleep::Sleeper;
