//! Arithmetic with instants that saturates.

use std::time::Duration;

use jiff::Timestamp;
use jooper_core::{from_millis, to_millis};

/// The instant `duration` after `time`.
pub(crate) fn after(time: Timestamp, duration: Duration) -> Timestamp {
    let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    from_millis(to_millis(time).saturating_add(millis))
}

/// How long from `now` until `time`; zero when it has passed.
pub(crate) fn until(now: Timestamp, time: Timestamp) -> Duration {
    let millis = to_millis(time).saturating_sub(to_millis(now));
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
