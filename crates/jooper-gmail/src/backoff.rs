//! Pauses between tries of calls that may be tried again. Sending is none of them.

use std::time::Duration;

use jooper_core::{Draw, DrawPurpose};
use uuid::Uuid;

/// How many pauses are made at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// One: somebody holds a permit for a few seconds.
    Short,
    /// Three.
    Long,
}

impl Patience {
    pub(crate) const fn pauses(self) -> u16 {
        match self {
            Self::Short => 1,
            Self::Long => 3,
        }
    }
}

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(32);

/// The pause before try `number` (from 1): 1 s, 2 s, 4 s and so on, each with up to as much again
/// of jitter, truncated (Gmail API, "Resolve errors": exponential backoff, at least 1 s).
///
/// The jitter is a function of the mailbox and the number: mailboxes that failed together do not
/// come back together.
pub(crate) fn pause(mailbox: Uuid, number: u16) -> Duration {
    let base = Duration::from_secs(1 << number.saturating_sub(1).min(5)).min(LONGEST / 2);
    let millis = u64::try_from(base.as_millis()).unwrap_or(u64::MAX);
    let jitter = Draw::new(0).below(millis, mailbox, number, DrawPurpose::Backoff);
    (base + Duration::from_millis(jitter)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_spread_and_end() {
        let mailbox = Uuid::from_u128(9);
        for (number, least, most) in [(1, 1, 2), (2, 2, 4), (3, 4, 8), (6, 16, 32), (60, 16, 32)] {
            let pause = pause(mailbox, number);
            assert!(pause >= Duration::from_secs(least), "{number}: {pause:?}");
            assert!(pause <= Duration::from_secs(most), "{number}: {pause:?}");
        }
        assert_ne!(pause(mailbox, 1), pause(Uuid::from_u128(10), 1));
    }
}
