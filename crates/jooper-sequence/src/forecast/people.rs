//! How people behave in a forecast.

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{Draw, DrawPurpose, EnrollmentId, LeadId, StepIndex};
use serde::{Deserialize, Serialize};

/// A mail that somebody got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailed {
    /// Who.
    pub lead: LeadId,
    /// In which enrollment.
    pub enrollment: EnrollmentId,
    /// Which mail, by its number in the ledger: the first is 0.
    pub step: StepIndex,
    /// Which variant.
    pub variant: u8,
    /// When.
    pub at: Timestamp,
}

/// What somebody does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Behavior {
    /// Answers.
    Reply,
    /// Is away, and back after so many days.
    Away(u16),
    /// Asks for no more mail.
    Unsubscribe,
    /// The mail comes back: the address does not exist.
    Bounce,
}

/// What somebody does, and how long after the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// How long after the mail; never negative.
    pub after: SignedDuration,
    /// What.
    pub what: Behavior,
}

/// Decides what people do. Pure: the same mail and draw, the same answer (law L10).
pub trait Population: Debug + Send + Sync + 'static {
    /// What comes of a mail, if anything does.
    fn answer(&self, mail: &Mailed, draw: Draw) -> Option<Answer>;
}

const _OBJECT_SAFE: Option<&dyn Population> = None;

/// Stated rates, each a share (0 to 1) of the mails. The default is a silence.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Mails that are answered, within two days.
    pub replies: f64,
    /// Mails that meet an absence notice at once; the person is back within two weeks.
    pub absences: f64,
    /// Mails after which somebody asks for no more, within two days.
    pub unsubscribes: f64,
    /// First mails that come back, within minutes.
    pub bounces: f64,
}

/// Draws for a second question about the same mail.
const HOW_LONG: u16 = 1 << 15;

impl Population for Rates {
    fn answer(&self, mail: &Mailed, draw: Draw) -> Option<Answer> {
        let subject = mail.enrollment.uuid();
        let bits = draw.bits(subject, mail.step.0, DrawPurpose::Behavior);
        let mut at = (bits >> 11) as f64 / (1_u64 << 53) as f64;
        let bounces = if mail.step == StepIndex(0) {
            self.bounces
        } else {
            0.0
        };
        let within = |bound: u64| {
            let step = mail.step.0 | HOW_LONG;
            draw.below(bound, subject, step, DrawPurpose::Behavior) as i64
        };
        let minutes = |most: u64| SignedDuration::from_mins(1 + within(most));
        let rates = [bounces, self.absences, self.unsubscribes, self.replies];
        for (what, rate) in rates.into_iter().enumerate() {
            if at < rate {
                let (after, what) = match what {
                    0 => (minutes(4), Behavior::Bounce),
                    1 => (minutes(1), Behavior::Away(1 + within(14) as u16)),
                    2 => (minutes(2880), Behavior::Unsubscribe),
                    _ => (minutes(2880), Behavior::Reply),
                };
                return Some(Answer { after, what });
            }
            at -= rate;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn people_behave_by_the_stated_rates_and_the_same_twice() {
        let rates = Rates {
            replies: 0.2,
            absences: 0.1,
            unsubscribes: 0.05,
            bounces: 0.02,
        };
        let answers = |seed| {
            let of = |n| {
                let mail = Mailed {
                    lead: LeadId::from_uuid(Uuid::from_u128(n)),
                    enrollment: EnrollmentId::from_uuid(Uuid::from_u128(n)),
                    step: StepIndex(0),
                    variant: 0,
                    at: Timestamp::UNIX_EPOCH,
                };
                rates.answer(&mail, Draw::new(seed))
            };
            (0..10_000).map(of).collect::<Vec<_>>()
        };
        let once = answers(1);
        assert_eq!(once, answers(1));
        assert_ne!(once, answers(2));
        let count = |is: fn(&Behavior) -> bool| {
            once.iter()
                .flatten()
                .filter(|answer| is(&answer.what))
                .count()
        };
        assert!((1_900..2_100).contains(&count(|what| *what == Behavior::Reply)));
        assert!((900..1_100).contains(&count(|what| matches!(what, Behavior::Away(_)))));
        assert!((420..580).contains(&count(|what| *what == Behavior::Unsubscribe)));
        assert!((150..250).contains(&count(|what| *what == Behavior::Bounce)));
        assert!(
            once.iter()
                .flatten()
                .all(|answer| answer.after.is_positive())
        );
    }
}
