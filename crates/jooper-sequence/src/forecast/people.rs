//! How people behave in a forecast.

use std::fmt::Debug;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{Draw, DrawPurpose, EnrollmentId, LeadId, StepIndex};
use serde::{Deserialize, Serialize};

use crate::model::ReplyIntent;

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
    /// Answers, in no clear sense.
    Reply,
    /// Answers in this sense.
    Answer(ReplyIntent),
    /// Follows a link of the mail.
    Click,
    /// Somebody of the team does the task that the sequence asks for.
    TaskDone,
    /// Is away, and back after so many days.
    Away(u16),
    /// Asks for no more mail, by the link that each mail has. Breakers count who asks in an answer, and
    /// not who does what the mail offers.
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

/// A task that somebody of the team was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tasked {
    /// Whom it is about.
    pub lead: LeadId,
    /// In which enrollment.
    pub enrollment: EnrollmentId,
    /// Which step of the sequence it is, from 0.
    pub node: u16,
    /// When it was asked for; where it was open when the forecast began, when that was.
    pub at: Timestamp,
}

/// Decides what people do. Pure: the same mail and draw, the same answer (law L10).
pub trait Population: Debug + Send + Sync + 'static {
    /// What comes of a mail, if anything does.
    fn answer(&self, mail: &Mailed, draw: Draw) -> Option<Answer>;

    /// How long after a mail the person follows a link of it, whatever else they do; `None`, which is
    /// the default: they follow none.
    fn click(&self, mail: &Mailed, draw: Draw) -> Option<SignedDuration> {
        let _ = (mail, draw);
        None
    }

    /// How long after a task is asked for it is done; `None`, which is the default: it stays open.
    fn task(&self, task: &Tasked, draw: Draw) -> Option<SignedDuration> {
        let _ = (task, draw);
        None
    }
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
    /// Mails after which somebody asks for no more by their link, within two days.
    pub unsubscribes: f64,
    /// First mails that come back, within minutes.
    pub bounces: f64,
    /// Mails of which a link is followed, within a day.
    pub clicks: f64,
    /// In which sense people answer.
    pub senses: Senses,
    /// How many hours after it is asked for a task is done; without it, none is.
    pub task_hours: Option<u16>,
}

/// The senses of answers, each a share (0 to 1) of the answers. The rest is unclear.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Senses {
    /// They want to go on.
    pub interested: f64,
    /// They ask something.
    pub question: f64,
    /// They propose or accept a time.
    pub meeting: f64,
    /// Later, perhaps.
    pub not_now: f64,
    /// No.
    pub not_interested: f64,
    /// Somebody else is responsible.
    pub wrong_person: f64,
}

/// Draws for a second question about the same mail.
const HOW_LONG: u16 = 1 << 15;
/// Draws for the sense of an answer, and for a click with its time.
const SENSE: u16 = 1 << 14;
const CLICK: u16 = 1 << 13;

/// The place that a draw takes among the shares, if it takes one.
fn place(draw: u64, shares: impl IntoIterator<Item = f64>) -> Option<usize> {
    let mut at = (draw >> 11) as f64 / (1_u64 << 53) as f64;
    shares.into_iter().position(|share| {
        let takes = at < share;
        at -= share;
        takes
    })
}

impl Senses {
    fn of(&self, mail: &Mailed, draw: Draw) -> Behavior {
        let all = [
            (self.interested, ReplyIntent::Interested),
            (self.question, ReplyIntent::Question),
            (self.meeting, ReplyIntent::Meeting),
            (self.not_now, ReplyIntent::NotNow),
            (self.not_interested, ReplyIntent::NotInterested),
            (self.wrong_person, ReplyIntent::WrongPerson),
        ];
        let (subject, key) = (mail.enrollment.uuid(), mail.step.0 | SENSE);
        let drawn = draw.bits(subject, key, DrawPurpose::Behavior);
        let sense = place(drawn, all.map(|(share, _)| share)).and_then(|at| all.get(at));
        sense.map_or(Behavior::Reply, |(_, sense)| Behavior::Answer(*sense))
    }
}

impl Population for Rates {
    fn answer(&self, mail: &Mailed, draw: Draw) -> Option<Answer> {
        let subject = mail.enrollment.uuid();
        let drawn = draw.bits(subject, mail.step.0, DrawPurpose::Behavior);
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
        let (after, what) = match place(drawn, rates)? {
            0 => (minutes(4), Behavior::Bounce),
            1 => (minutes(1), Behavior::Away(1 + within(14) as u16)),
            2 => (minutes(2880), Behavior::Unsubscribe),
            _ => (minutes(2880), self.senses.of(mail, draw)),
        };
        Some(Answer { after, what })
    }

    fn click(&self, mail: &Mailed, draw: Draw) -> Option<SignedDuration> {
        let (subject, key) = (mail.enrollment.uuid(), mail.step.0 | CLICK);
        let drawn = draw.bits(subject, key, DrawPurpose::Behavior);
        place(drawn, [self.clicks])?;
        let minutes = draw.below(1440, subject, key | HOW_LONG, DrawPurpose::Behavior);
        Some(SignedDuration::from_mins(1 + minutes as i64))
    }

    fn task(&self, _: &Tasked, _: Draw) -> Option<SignedDuration> {
        self.task_hours
            .map(|hours| SignedDuration::from_hours(i64::from(hours)))
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
            senses: Senses {
                interested: 0.5,
                not_now: 0.25,
                ..Senses::default()
            },
            ..Rates::default()
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
        let unclear = count(|what| *what == Behavior::Reply);
        let glad = count(|what| *what == Behavior::Answer(ReplyIntent::Interested));
        let later = count(|what| *what == Behavior::Answer(ReplyIntent::NotNow));
        assert!((1_900..2_100).contains(&(unclear + glad + later)));
        assert!((900..1_100).contains(&glad) && (430..570).contains(&later));
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
