//! Judging, and turning a judgement into a permit.

mod acquire;
mod error;
mod in_force;
mod intent;
mod permit;
pub(crate) mod places;
mod plug;
mod preview;
pub(crate) mod rows;
mod rules;
mod sweep;
mod trace;

pub use acquire::{Acquired, Gate, PERMIT_LEASE, PERMIT_MARGIN};
pub use error::GateError;
pub use intent::{CapFacts, Proof, Recipient, SendIntent, TransportPolicy};
pub use permit::{MustCarry, SendPermit, SpentPermit};
pub use plug::{PolicyContext, PolicyVerdict, SendPolicy};
pub use preview::Preview;
pub use trace::{GateName, GateStep, Judgement, RefusalReason, Trace, Verdict};
