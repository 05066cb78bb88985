//! Which of two reasons for a stop weighs more.

use jooper_core::StopReason;

/// A person's own will weighs most, then what happened, then what somebody arranged. A reply
/// weighs least: the sender may answer it.
const fn weight(reason: StopReason) -> u8 {
    match reason {
        StopReason::Objected => 11,
        StopReason::Complained => 10,
        StopReason::Unsubscribed => 9,
        StopReason::Erased => 8,
        StopReason::Restricted => 7,
        StopReason::Bounced => 6,
        StopReason::Listed => 5,
        StopReason::StopWords => 4,
        StopReason::Disconnected => 3,
        StopReason::Breaker => 2,
        StopReason::Paused => 1,
        _ => 0,
    }
}

/// Whether the new reason replaces the standing one.
pub(crate) const fn outranks(new: StopReason, standing: StopReason) -> bool {
    weight(new) > weight(standing)
}
