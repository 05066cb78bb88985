//! How much may go (law L12).

use serde::{Deserialize, Serialize};

use super::schedule::InvalidSchedule;

/// Budgets beside the daily cap. All of them count every mail, whichever campaign it belongs to and
/// whether or not that campaign sets the limit, and answers that a person writes, tests and service
/// mails as well. A campaign waits as soon as one of its own limits is reached; what belongs to none
/// waits for none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The most mails of one mailbox in any 60 minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hourly: Option<u32>,
    /// The most mails of one mailbox in any 24 hours; the daily cap holds for these too, so this
    /// can only be lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolling_day: Option<u32>,
    /// The most mails from all mailboxes of one sending domain in any 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender_domain: Option<u32>,
    /// The most mails to one recipient domain in any 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient_domain: Option<u32>,
    /// The most mails of the workspace in any 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<u32>,
    /// Begins slowly with a mailbox that is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<Ramp>,
}

/// A cap that grows from the day on which the mailbox was connected, up to the daily cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ramp {
    /// The most mails on the first day.
    pub start: u32,
    /// How many more on each civil day after it.
    pub add: u32,
}

impl Ramp {
    /// The cap so many civil days after the first one; days before it count as the first.
    pub fn cap(self, days: i64) -> u32 {
        let days = u32::try_from(days.max(0)).unwrap_or(u32::MAX);
        self.start.saturating_add(self.add.saturating_mul(days))
    }
}

impl Limits {
    /// Whether a budget holds for more than one mailbox.
    pub(crate) const fn are_shared(&self) -> bool {
        self.sender_domain.is_some() || self.recipient_domain.is_some() || self.workspace.is_some()
    }

    pub(super) fn check(&self) -> Result<(), InvalidSchedule> {
        let zero = [
            ("hourly", self.hourly),
            ("rolling_day", self.rolling_day),
            ("sender_domain", self.sender_domain),
            ("recipient_domain", self.recipient_domain),
            ("workspace", self.workspace),
            ("ramp.start", self.ramp.map(|ramp| ramp.start)),
        ];
        match zero.into_iter().find(|(_, limit)| *limit == Some(0)) {
            Some((name, _)) => Err(InvalidSchedule::Limit(name)),
            None => Ok(()),
        }
    }
}
