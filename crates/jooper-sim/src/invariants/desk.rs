//! What people do beside the sequence: a mail goes out of its time, or as a test, only where somebody
//! asked for it.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{CommandId, EnrollmentId, SendKey, StepIndex};
use jooper_sequence::LaneCommand;
use jooper_storage::tables::LaneCommandRow;

use super::{Accepted, Change, Invariant, Violation};

/// Something that somebody at a desk wants of one enrollment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Its next mail goes now.
    Now(EnrollmentId),
    /// Its next step is skipped.
    Skip(EnrollmentId),
}

impl Wish {
    /// What a command says that somebody wants.
    pub(crate) fn of(row: &LaneCommandRow) -> Option<Self> {
        match serde_json::from_slice(&row.command).ok()? {
            LaneCommand::SendNow(enrollment)
            | LaneCommand::SendNowAt { enrollment, .. }
            | LaneCommand::First(enrollment, _) => Some(Self::Now(enrollment)),
            LaneCommand::SkipAt { enrollment, .. } => Some(Self::Skip(enrollment)),
            _ => None,
        }
    }
}

/// Wishes of one kind: one holds from its commit on, for as long as its command waits in the lane. A
/// lane that drops the command has seen that there is nothing to be done for it, or nothing any more.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Asked for, and not written yet.
    asked: BTreeMap<EnrollmentId, u32>,
    waiting: BTreeMap<CommandId, EnrollmentId>,
}

impl Wishes {
    pub(crate) fn ask(&mut self, enrollment: EnrollmentId) {
        *self.asked.entry(enrollment).or_default() += 1;
    }

    /// A command says it; one that nobody asked for is no wish. Said again it is the same one.
    pub(crate) fn say(&mut self, command: CommandId, enrollment: EnrollmentId) {
        let asked = self.asked.get_mut(&enrollment);
        if let Some(asked) = asked.filter(|asked| **asked > 0)
            && !self.waiting.contains_key(&command)
        {
            *asked -= 1;
            self.waiting.insert(command, enrollment);
        }
    }

    /// Uses one up, if any waits.
    pub(crate) fn take(&mut self, enrollment: EnrollmentId) -> bool {
        let of = |(_, whose): &(&CommandId, &EnrollmentId)| **whose == enrollment;
        let found = self.waiting.iter().find(of).map(|(command, _)| *command);
        found.is_some_and(|command| self.waiting.remove(&command).is_some())
    }

    pub(crate) fn end(&mut self, command: CommandId) {
        self.waiting.remove(&command);
    }
}

/// Wishes for "now": each excuses one mail that goes before its time or outside its window.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    wishes: Wishes,
    excused: BTreeSet<(EnrollmentId, StepIndex)>,
}

impl Asked {
    pub(crate) fn add(&mut self, enrollment: EnrollmentId) {
        self.wishes.ask(enrollment);
    }

    pub(crate) fn follow(&mut self, change: &Change) {
        for (command, wish) in &change.wishes {
            if let Wish::Now(enrollment) = wish {
                self.wishes.say(*command, *enrollment);
            }
        }
        for command in &change.done {
            self.wishes.end(*command);
        }
    }

    /// Whether somebody wanted this mail now; a further try of it needs no further wish.
    pub(crate) fn excuses(&mut self, key: SendKey) -> bool {
        let SendKey::Step { enrollment, step } = key else {
            return false;
        };
        if self.excused.contains(&(enrollment, step)) {
            return true;
        }
        self.wishes.take(enrollment) && self.excused.insert((enrollment, step))
    }
}

/// Tests that somebody asked for.
#[derive(Debug, Default)]
pub(crate) struct TestsAsked(BTreeSet<SendKey>);

impl Invariant for TestsAsked {
    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let key = accepted.key;
        match key {
            SendKey::Test { .. } if !self.0.contains(&key) => Err(Violation::TestUnasked { key }),
            _ => Ok(()),
        }
    }

    fn test_asked(&mut self, key: SendKey) {
        self.0.insert(key);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn mail(step: u16) -> SendKey {
        SendKey::Step {
            enrollment: EnrollmentId::from_uuid(Uuid::nil()),
            step: StepIndex(step),
        }
    }

    fn said(number: u128) -> Change {
        let wish = Wish::Now(EnrollmentId::from_uuid(Uuid::nil()));
        Change {
            wishes: vec![(CommandId::from_uuid(Uuid::from_u128(number)), wish)],
            ..Change::default()
        }
    }

    fn done(number: u128) -> Change {
        Change {
            done: vec![CommandId::from_uuid(Uuid::from_u128(number))],
            ..Change::default()
        }
    }

    #[test]
    fn a_wish_excuses_one_mail_and_none_once_it_was_dropped() {
        let mut asked = Asked::default();
        asked.follow(&said(1));
        assert!(!asked.excuses(mail(0)), "nobody asked");
        let enrollment = EnrollmentId::from_uuid(Uuid::nil());
        asked.add(enrollment);
        assert!(!asked.excuses(mail(1)), "it is not written yet");
        asked.add(enrollment);
        asked.add(enrollment);
        // A lane writes one down once more.
        for number in [2, 2, 3, 4] {
            asked.follow(&said(number));
        }
        assert!(asked.excuses(mail(1)) && asked.excuses(mail(1)), "a retry");
        assert!(asked.excuses(mail(2)));
        asked.follow(&done(4));
        assert!(!asked.excuses(mail(3)), "no mail waited for its time");
        assert!(asked.excuses(mail(2)), "it went before");
    }
}
