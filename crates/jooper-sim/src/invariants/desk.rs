//! What people do beside the sequence: a mail goes out of its time, or as a test, only where somebody
//! asked for it.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{EnrollmentId, SendKey, StepIndex};

use super::{Accepted, Invariant, Violation};

/// Wishes for "now": each excuses one mail that goes before its time or outside its window.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    left: BTreeMap<EnrollmentId, u32>,
    excused: BTreeSet<(EnrollmentId, StepIndex)>,
}

impl Asked {
    pub(crate) fn add(&mut self, enrollment: EnrollmentId) {
        *self.left.entry(enrollment).or_default() += 1;
    }

    /// Whether somebody wanted this mail now; a further try of it needs no further wish.
    pub(crate) fn excuses(&mut self, key: SendKey) -> bool {
        let SendKey::Step { enrollment, step } = key else {
            return false;
        };
        if self.excused.contains(&(enrollment, step)) {
            return true;
        }
        let left = self.left.get_mut(&enrollment);
        let Some(left) = left.filter(|left| **left > 0) else {
            return false;
        };
        *left -= 1;
        self.excused.insert((enrollment, step))
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
