//! Who comes first of those that a window opens for.

use jiff::{SignedDuration, Timestamp};

use super::locale::Locale;
use super::window::earliest_slot;
use crate::model::{Schedule, Window};

/// The longest wait that is told from a longer one: 30 days. A millisecond of the window for each minute,
/// once for follow-ups and once more for first mails, so that everybody is due within its first minute and
/// a half.
const MINUTES: i64 = 30 * 24 * 60;
/// How far the last of a line stands behind the opening of its window.
pub(super) const LINE: SignedDuration = SignedDuration::from_millis(2 * MINUTES);
/// The shortest window that has room for that.
const ROOM: SignedDuration = SignedDuration::from_mins(5);

/// The first instant at or after `from` at which a mail may go ([`earliest_slot`]), and where a window
/// opens for it then, so much behind that whoever has waited since an earlier time is due before. Whoever
/// has had a mail is due before everybody who has had none (`sent`): a lane wakes for whom is due first, so
/// that a first mail would go before the follow-ups behind it, and all that a small budget has.
///
/// Else all whom a window opens for would be due at its first instant, and nobody had waited longest any
/// more: those who waited yesterday would mix with those who came overnight.
pub fn in_line(
    schedule: &Schedule,
    locale: &Locale,
    from: Timestamp,
    since: Timestamp,
    sent: u16,
) -> Timestamp {
    let slot = earliest_slot(schedule, locale, from);
    if slot == from || !schedule.windows.iter().all(has_room) {
        return slot;
    }
    let waited = slot.duration_since(since).as_mins().clamp(0, MINUTES);
    let first = if sent == 0 { MINUTES } else { 0 };
    let behind = SignedDuration::from_millis(first + MINUTES - waited);
    let placed = slot.checked_add(behind).unwrap_or(slot);
    // The sender may be away from some moment of the window on, or the clocks cut it short.
    match is_open(schedule, locale, placed) {
        true => placed,
        false => slot,
    }
}

/// Whether two plans are two places in the line that one window opens for, the first of which still holds:
/// nothing but who comes before whom would be another.
pub fn in_same_line(
    schedule: &Schedule,
    locale: &Locale,
    planned: Timestamp,
    anew: Timestamp,
) -> bool {
    let (first, last) = (planned.min(anew), planned.max(anew));
    let Ok(before) = last.checked_sub(LINE + SignedDuration::from_millis(1)) else {
        return planned == anew;
    };
    let opens = earliest_slot(schedule, locale, before);
    planned == anew || opens > before && opens <= first && is_open(schedule, locale, planned)
}

fn is_open(schedule: &Schedule, locale: &Locale, at: Timestamp) -> bool {
    earliest_slot(schedule, locale, at) == at
}

fn has_room(window: &Window) -> bool {
    window.to.duration_since(window.from) >= ROOM
}
