//! How long it takes, and what to look at first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jooper_core::{LeadId, MailboxId};
use serde::{Deserialize, Serialize};

use super::{ForecastMail, ForecastMailbox};
use crate::model::Schedule;

/// How long a campaign takes with its mailboxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Capacity {
    /// Working days from the start to the day of the last mail, both included.
    pub working_days: usize,
    /// Working days until everybody who gets one has had the first mail.
    pub first_mail_days: usize,
    /// When the last mail goes.
    pub last_mail: Option<Timestamp>,
    /// The longest that a mail is later than its step was due, in seconds.
    pub latest_seconds: i64,
}

/// What to look at before a forecast is approved. `Display` is a sentence for a salesperson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// The mailboxes are what takes so long.
    Days {
        /// Working days that the list needs.
        working_days: usize,
        /// How many mailboxes there are.
        mailboxes: usize,
    },
    /// Mails go more than a day later than their steps say.
    Late {
        /// How many.
        mails: usize,
        /// The worst, in days.
        days: i64,
    },
    /// A mailbox cannot send.
    MailboxCannotSend {
        /// Which.
        mailbox: MailboxId,
    },
    /// Leads get no mail at all.
    NoMail {
        /// How many.
        leads: usize,
        /// Of how many.
        of: usize,
    },
    /// Something waits that does not end by itself.
    Waits {
        /// How many leads.
        leads: usize,
    },
    /// The fate of mails was open when the forecast began; they are taken to have arrived.
    UnderWay {
        /// How many.
        mails: usize,
    },
    /// Too many mails come back: a breaker stops the campaign.
    Stopped {
        /// When.
        at: Timestamp,
    },
    /// Too many mails of a mailbox come back: a breaker stops it.
    MailboxStopped {
        /// Which.
        mailbox: MailboxId,
        /// When.
        at: Timestamp,
    },
    /// The data was restored from a backup: a mailbox is held until what it has sent since is read. A
    /// forecast does not read it, and takes nothing to have gone.
    Restored {
        /// Which.
        mailbox: MailboxId,
    },
    /// The campaign is not over at the end of the days that were looked at.
    NotOver {
        /// How many days those were.
        days: u32,
    },
}

fn of(count: usize, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days {
                working_days,
                mailboxes,
            } => {
                let days = of(*working_days, "working day", "working days");
                if *mailboxes == 1 {
                    write!(f, "This list needs {days} with this mailbox.")
                } else {
                    write!(f, "This list needs {days} with these {mailboxes} mailboxes.")
                }
            }
            Self::Late { mails, days } => write!(
                f,
                "{} later than planned, because the mailboxes are full; the latest by {}. \
                 More mailboxes or fewer leads would help.",
                of(*mails, "mail goes", "mails go"),
                of(usize::try_from(*days).unwrap_or(0), "day", "days"),
            ),
            Self::MailboxCannotSend { .. } => f.write_str(
                "One of the mailboxes cannot send: its leads get nothing until it is connected again.",
            ),
            Self::NoMail { leads, of: all } => write!(
                f,
                "{} of {all} {} no mail. The reasons are listed below.",
                leads,
                if *leads == 1 { "lead gets" } else { "leads get" }
            ),
            Self::Waits { leads } => write!(
                f,
                "{} for something that does not end by itself.",
                of(*leads, "lead waits", "leads wait")
            ),
            Self::UnderWay { mails: 1 } => f.write_str(
                "1 mail is on its way, or nobody knows whether it arrived. The forecast takes it to \
                 have arrived.",
            ),
            Self::UnderWay { mails } => write!(
                f,
                "{mails} mails are on their way, or nobody knows whether they arrived. The forecast \
                 takes them to have arrived."
            ),
            Self::Stopped { at } => write!(
                f,
                "So many mails come back or are complained about that the campaign is stopped on {}.",
                at.strftime("%F")
            ),
            Self::MailboxStopped { at, .. } => write!(
                f,
                "So many mails of a mailbox come back or are complained about that it is stopped on {}: \
                 its leads get nothing more until somebody lets it go on.",
                at.strftime("%F")
            ),
            Self::Restored { .. } => f.write_str(
                "The data was restored from a backup: one of the mailboxes is held until what it has \
                 sent since is read, and the forecast does not know of that.",
            ),
            Self::NotOver { days } => write!(f, "After {days} days the campaign is not over."),
        }
    }
}

/// Days are counted in the schedule's zone.
pub(super) struct Days<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) zone: TimeZone,
}

impl Days<'_> {
    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned_datetime(self.zone.clone()).date()
    }

    fn working(&self, from: Timestamp, to: Timestamp) -> usize {
        let (mut day, last) = (self.day(from), self.day(to));
        let mut count = 0;
        while day <= last {
            count += usize::from(self.schedule.is_working_day(day, None));
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        count
    }

    pub(super) fn capacity(&self, start: Timestamp, mails: &[ForecastMail]) -> Capacity {
        let last = mails.iter().map(|mail| mail.at).max();
        let first = mails.iter().filter(|mail| mail.step == 1);
        let first = first.map(|mail| mail.at).max();
        let latest = mails.iter().map(|mail| mail.late_seconds).max();
        Capacity {
            working_days: last.map_or(0, |last| self.working(start, last)),
            first_mail_days: first.map_or(0, |last| self.working(start, last)),
            last_mail: last,
            latest_seconds: latest.unwrap_or(0),
        }
    }

    pub(super) fn mailbox(
        &self,
        id: MailboxId,
        address: String,
        mails: &[ForecastMail],
    ) -> ForecastMailbox {
        let mut days: BTreeMap<Date, usize> = BTreeMap::new();
        for mail in mails.iter().filter(|mail| mail.mailbox == id) {
            *days.entry(self.day(mail.at)).or_default() += 1;
        }
        ForecastMailbox {
            id,
            address,
            mails: days.values().sum(),
            days: days.len(),
            most_a_day: days.values().copied().max().unwrap_or(0),
        }
    }
}

const DAY: i64 = 86_400;

/// What the figures alone warn of.
pub(super) fn warnings(
    capacity: &Capacity,
    mails: &[ForecastMail],
    mailboxes: usize,
    audience: &[LeadId],
) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let late = mails.iter().filter(|mail| mail.late_seconds > DAY).count();
    if late > 0 {
        warnings.push(Warning::Days {
            working_days: capacity.working_days,
            mailboxes,
        });
        warnings.push(Warning::Late {
            mails: late,
            days: capacity.latest_seconds / DAY,
        });
    }
    let reached: BTreeSet<_> = mails.iter().map(|mail| mail.lead).collect();
    // A campaign that runs reaches others than those who are added.
    let lost = audience.iter().filter(|lead| !reached.contains(lead));
    let (leads, of) = (lost.count(), audience.len());
    if leads > 0 {
        warnings.push(Warning::NoMail { leads, of });
    }
    warnings
}
