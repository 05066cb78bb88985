//! Answers with senses: who answered in which sense gets the mails of that way, and no other.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{EnrollmentId, SendKey};

use super::{Accepted, Change, Heard, Invariant, Spoke, Violation};
use crate::population::Said;
use crate::shape::{LAST, NUDGE, OFFER};

/// Who said what, and which mails went.
#[derive(Debug, Default)]
pub(crate) struct Senses {
    said: BTreeMap<EnrollmentId, Vec<Spoke>>,
    went: BTreeSet<(EnrollmentId, u16)>,
    heard: Heard,
}

impl Senses {
    fn was_read(&self, enrollment: EnrollmentId, said: Said) -> bool {
        let all = self.said.get(&enrollment).into_iter().flatten();
        let mut such = all.filter(|spoke| spoke.said == said);
        such.any(|spoke| self.heard.has_read(spoke))
    }
}

impl Invariant for Senses {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.heard.follow(change);
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let SendKey::Step { enrollment, step } = accepted.key else {
            return Ok(());
        };
        let went = |mail| self.went.contains(&(enrollment, mail));
        let (interested, not) = (Said::Interested, Said::NotInterested);
        let what = match step.0 {
            OFFER if !self.was_read(enrollment, interested) => Some("never showed interest"),
            OFFER if went(NUDGE) => Some("was asked again before"),
            NUDGE if went(OFFER) => Some("had the offer before"),
            LAST if self.was_read(enrollment, not) => Some("showed no interest"),
            _ => None,
        };
        self.went.insert((enrollment, step.0));
        let key = accepted.key;
        what.map_or(Ok(()), |what| Err(Violation::WrongSense { key, what }))
    }

    fn spoke(&mut self, spoke: &Spoke) {
        self.said.entry(spoke.enrollment).or_default().push(*spoke);
    }
}
