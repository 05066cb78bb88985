//! Turns "step k is due" into an instant, and says whose turn it is. Pure.

mod budget;
mod climb;
mod delay;
mod line;
mod locale;
mod recent;
mod shared;
mod turn;
mod window;

pub use budget::{Bound, Full, Used, Volume, budget, budgets};
pub(crate) use budget::{LATEST, says};
pub use delay::add_delay;
pub use line::{in_line, in_same_line};
pub use locale::{Locale, zone_of};
pub use recent::{Recent, RecentSend};
pub use shared::{oldest_quarter, quarter_of, room};
pub use turn::{Head, next_turn};
pub use window::earliest_slot;

use jiff::Timestamp;
use jooper_core::{Draw, DrawPurpose, EnrollmentId, StepIndex};
use uuid::Uuid;

use crate::model::{Delay, Schedule};

/// Whose step is placed, and which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// The step.
    pub step: StepIndex,
    /// How many mails it has had.
    pub sent: u16,
}

/// The instant of a step: its delay after `from`, moved into a window, with jitter; of those whom a window
/// opens for, follow-ups come first, and then whoever counts from an earlier time ([`in_line`]).
///
/// The same arguments always give the same instant.
pub fn place_step(
    schedule: &Schedule,
    locale: &Locale,
    from: Timestamp,
    delay: Delay,
    draw: Draw,
    placed: Placed,
) -> Timestamp {
    let (subject, step) = (placed.enrollment.uuid(), placed.step.0);
    let earliest = add_delay(schedule, locale, from, delay);
    let spread = u64::from(schedule.gap_seconds_max) * 4;
    let jitter = draw.below(spread + 1, subject, step, DrawPurpose::Jitter);
    let moved = earliest
        .checked_add(jiff::SignedDuration::from_secs(jitter as i64))
        .unwrap_or(earliest);
    in_line(schedule, locale, moved, from, placed.sent)
}

/// The pause after a send of this mailbox, in seconds.
pub fn gap_seconds(schedule: &Schedule, draw: Draw, subject: Uuid, step: StepIndex) -> u32 {
    let spread = u64::from(
        schedule
            .gap_seconds_max
            .saturating_sub(schedule.gap_seconds_min),
    ) + 1;
    let extra = draw.below(spread, subject, step.0, DrawPurpose::Gap);
    schedule.gap_seconds_min + u32::try_from(extra).unwrap_or(0)
}

#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod tests;
