//! L2: whoever is let go and whatever never goes has a cause, and the world brought it about.
//!
//! The engine's own word for a cause proves nothing: it is held against what arrived, what people
//! asked for and what the sequence says.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{
    EnrollmentId, EnrollmentState, FinishReason, LeadId, SendKey, SendState, SkipReason,
};
use jooper_storage::tables::{EnrollmentRow, SendRow};

use super::{Change, Invariant, Moved, Spoke, Violation};
use crate::population::Said;
use crate::shape::{Shape, Way};

/// What is known of a person before anything happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known {
    /// Whether they consented.
    pub(crate) basis: bool,
    /// Whether their title is known.
    pub(crate) titled: bool,
    pub(crate) company: usize,
}

/// What happened to an enrollment and its lead.
#[derive(Debug, Default)]
struct Story {
    said: Vec<Said>,
    clicked: BTreeSet<u16>,
    ended: Option<FinishReason>,
    /// Mails that were passed over for another way.
    passed: BTreeSet<u16>,
}

impl Story {
    fn heard(&self, said: &[Said]) -> bool {
        self.said.iter().any(|one| said.contains(one))
    }

    fn answered(&self) -> bool {
        self.heard(&[Said::Answer, Said::Interested, Said::NotInterested])
    }
}

/// Judges every end and every mail that never goes.
#[derive(Debug)]
pub(crate) struct Causes {
    shape: Shape,
    people: BTreeMap<LeadId, Known>,
    leads: BTreeMap<EnrollmentId, LeadId>,
    stories: BTreeMap<EnrollmentId, Story>,
    /// People who pressed the link that stops.
    stopped: BTreeSet<LeadId>,
    /// How often somebody released a send, and whether somebody gave it up.
    releases: BTreeMap<SendKey, u16>,
    given_up: BTreeSet<SendKey>,
}

impl Causes {
    pub(crate) fn new(shape: Shape, people: BTreeMap<LeadId, Known>) -> Self {
        Self {
            shape,
            people,
            leads: BTreeMap::new(),
            stories: BTreeMap::new(),
            stopped: BTreeSet::new(),
            releases: BTreeMap::new(),
            given_up: BTreeSet::new(),
        }
    }

    /// They want no more mail, or cannot be reached.
    fn objected(&self, id: EnrollmentId, lead: LeadId) -> bool {
        let story = self.stories.get(&id);
        let said = story.is_some_and(|story| story.heard(&[Said::NoMore, Said::Unreachable]));
        said || self.stopped.contains(&lead)
    }

    fn colleague_answered(&self, lead: LeadId) -> bool {
        let company = |lead: &LeadId| self.people.get(lead).map(|known| known.company);
        let mut others = self.leads.iter().filter(|(_, other)| **other != lead);
        self.shape.has_companies()
            && others.any(|(id, other)| {
                let story = self.stories.get(id);
                company(other) == company(&lead) && story.is_some_and(Story::answered)
            })
    }

    fn may_end(&self, row: &EnrollmentRow, reason: FinishReason) -> bool {
        let (id, lead) = (row.id, row.lead);
        let story = self.stories.get(&id);
        let heard = |said: &[Said]| story.is_some_and(|story| story.heard(said));
        let known = self.people.get(&lead);
        match reason {
            // Each of its mails has a row, which is judged by itself.
            FinishReason::Completed => true,
            FinishReason::Replied => self.shape.answers_end() && story.is_some_and(Story::answered),
            FinishReason::Bounced => heard(&[Said::Unreachable]),
            FinishReason::Unsubscribed => heard(&[Said::NoMore]) || self.stopped.contains(&lead),
            FinishReason::CompanyReplied => self.colleague_answered(lead),
            FinishReason::Refused => {
                known.is_some_and(|known| !known.basis) || self.objected(id, lead)
            }
            // Nobody here complains, is erased, reaches a goal or ends a campaign.
            _ => false,
        }
    }

    fn judge_end(&mut self, moved: &Moved<EnrollmentRow>) -> Result<(), Violation> {
        let row = &moved.after;
        self.leads.insert(row.id, row.lead);
        let finish = row
            .finish
            .filter(|_| row.state == EnrollmentState::Finished);
        let before = moved.before.as_ref().and_then(|row| row.finish);
        if finish == before {
            return Ok(());
        }
        let Some(reason) = finish.filter(|reason| self.may_end(row, *reason)) else {
            let reason = finish.map_or("nothing", FinishReason::name);
            let enrollment = row.id;
            return Err(Violation::EndedForNothing { enrollment, reason });
        };
        self.stories.entry(row.id).or_default().ended = Some(reason);
        Ok(())
    }

    fn may_skip(&mut self, id: EnrollmentId, row: &SendRow) -> bool {
        let SendKey::Step { step, .. } = row.key else {
            return false;
        };
        let known = self.leads.get(&id).copied();
        let known = known.and_then(|lead| Some((lead, *self.people.get(&lead)?)));
        let Some((lead, known)) = known else {
            return false;
        };
        match row.skip {
            // Another law asks whether a person asked for it.
            Some(SkipReason::ByPerson) => true,
            Some(SkipReason::NoBasis) => !known.basis,
            Some(SkipReason::Suppressed) => self.objected(id, lead),
            // Why it ended was judged when it did.
            Some(SkipReason::Ended) => {
                let ended = self.stories.get(&id).and_then(|story| story.ended);
                ended.is_some_and(|reason| reason != FinishReason::Completed)
            }
            Some(SkipReason::Branch) => {
                let story = self.stories.entry(id).or_default();
                story.passed.insert(step.0);
                let way = Way {
                    passed: &story.passed,
                    titled: known.titled,
                    clicked: story.clicked.contains(&0),
                    interested: story.heard(&[Said::Interested]),
                    declined: story.heard(&[Said::NotInterested]),
                };
                self.shape.may_pass(step.0, &way)
            }
            _ => false,
        }
    }

    fn judge_send(&mut self, moved: &Moved<SendRow>) -> Result<(), Violation> {
        let row = &moved.after;
        let key = row.key;
        let before = moved.before.as_ref();
        let Some(id) = row.enrollment else {
            return Ok(());
        };
        let released = before.map_or(0, |row| row.released);
        let asked = self.releases.get(&key).copied().unwrap_or(0);
        if row.released > released && row.released > asked {
            return Err(Violation::DecidedUnasked { key });
        }
        if before.map(|row| row.state) == Some(row.state) {
            return Ok(());
        }
        match row.state {
            // Of a released send there may be no further try.
            SendState::Abandoned if released == 0 && !self.given_up.contains(&key) => {
                Err(Violation::DecidedUnasked { key })
            }
            SendState::Skipped if !self.may_skip(id, row) => {
                let reason = row.skip.map_or("nothing", SkipReason::name);
                Err(Violation::Lost { key, reason })
            }
            _ => Ok(()),
        }
    }
}

impl Invariant for Causes {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        for moved in &change.enrollments {
            self.judge_end(moved)?;
        }
        for moved in &change.sends {
            self.judge_send(moved)?;
        }
        Ok(())
    }

    fn spoke(&mut self, spoke: &Spoke) {
        let story = self.stories.entry(spoke.enrollment).or_default();
        story.said.push(spoke.said);
    }

    fn stop_asked(&mut self, lead: LeadId) {
        self.stopped.insert(lead);
    }

    fn clicked(&mut self, key: SendKey) {
        if let SendKey::Step { enrollment, step } = key {
            let story = self.stories.entry(enrollment).or_default();
            story.clicked.insert(step.0);
        }
    }

    fn release_asked(&mut self, key: SendKey) {
        *self.releases.entry(key).or_default() += 1;
    }

    fn given_up(&mut self, key: SendKey) {
        self.given_up.insert(key);
    }
}
