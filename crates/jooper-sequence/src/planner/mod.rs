//! Turns "step k is due" into an instant. Pure.

mod delay;
mod window;

pub use delay::add_delay;
pub use window::{earliest_slot, zone_of};

use jiff::Timestamp;
use jooper_core::{Draw, DrawPurpose, EnrollmentId, StepIndex};
use uuid::Uuid;

use crate::model::{Delay, Schedule};

/// The instant of a step: its delay after `from`, moved into a window, with jitter.
///
/// `zone` is the lead's own, or `None`. The same arguments always give the same instant.
pub fn place_step(
    schedule: &Schedule,
    zone: Option<&str>,
    from: Timestamp,
    delay: Delay,
    draw: Draw,
    enrollment: EnrollmentId,
    step: StepIndex,
) -> Timestamp {
    let zone = zone_of(schedule, zone);
    let earliest = add_delay(schedule, &zone, from, delay);
    let spread = u64::from(schedule.gap_seconds_max) * 4;
    let jitter = draw.below(spread + 1, enrollment.uuid(), step.0, DrawPurpose::Jitter);
    let moved = earliest
        .checked_add(jiff::SignedDuration::from_secs(jitter as i64))
        .unwrap_or(earliest);
    earliest_slot(schedule, &zone, moved)
}

/// The pause after a send of this mailbox, in seconds.
pub fn gap_seconds(schedule: &Schedule, draw: Draw, subject: Uuid, step: StepIndex) -> u32 {
    let spread = u64::from(schedule.gap_seconds_max - schedule.gap_seconds_min) + 1;
    let extra = draw.below(spread, subject, step.0, DrawPurpose::Gap);
    schedule.gap_seconds_min + u32::try_from(extra).unwrap_or(0)
}

#[cfg(test)]
mod tests;
