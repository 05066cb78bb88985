//! Faults on demand: rules that match calls, and what they do to them.
//!
//! A rule is drawn or counted when the request's head arrives, before anything else is known, so that
//! the same seed and the same calls give the same faults.

mod answer;
mod board;
mod kind;
mod push;

pub(crate) use self::answer::{after, before, instead};
pub(crate) use self::board::{FaultBoard, FaultCall};
pub use self::board::{FaultRule, FiredFault, When};
pub use self::kind::{Canned, Fault, HistoryFault, PushFault};
pub(crate) use self::push::plan_push;
