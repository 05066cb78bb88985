//! L4: after a stop is acknowledged, no send in its scope begins.
//!
//! A stop is acknowledged when its fact is in the log (the unsubscribe link, a bounce, a paused
//! campaign or enrollment), when the enrollment's end or pause is committed, and when the mailbox was read
//! beyond an answer of the person.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{CampaignId, EnrollmentId, EnrollmentState, LeadId, MailboxId, SendKey};
use jooper_storage::tables::EnrollmentRow;

use super::{Accepted, Change, Invariant, Spoke, Violation};
use crate::population::Said;

/// What is stopped.
#[derive(Debug, Default)]
pub(crate) struct StopMeansStop {
    /// Whether an answer ends the enrollment, whatever it says.
    answers_end: bool,
    enrollments: BTreeMap<EnrollmentId, EnrollmentRow>,
    leads: BTreeSet<LeadId>,
    campaigns: BTreeSet<CampaignId>,
    stopped: BTreeSet<EnrollmentId>,
    /// Resumes that were asked for and have ended no pause yet: a lane may find several, with a pause
    /// between them.
    resumed: BTreeMap<EnrollmentId, u32>,
    answers: BTreeMap<EnrollmentId, (MailboxId, usize)>,
    heard: BTreeMap<MailboxId, usize>,
}

impl StopMeansStop {
    pub(crate) fn new(answers_end: bool) -> Self {
        Self {
            answers_end,
            ..Self::default()
        }
    }
}

impl Invariant for StopMeansStop {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        self.leads.extend(&change.stopped_leads);
        self.campaigns.extend(&change.stopped_campaigns);
        for campaign in &change.resumed_campaigns {
            self.campaigns.remove(campaign);
        }
        self.stopped.extend(&change.stopped_enrollments);
        for enrollment in &change.resumed_enrollments {
            self.stopped.remove(enrollment);
        }
        if let Some((mailbox, place)) = change.heard {
            self.heard.insert(mailbox, place);
        }
        for moved in &change.enrollments {
            let id = moved.after.id;
            let was = moved.before.as_ref().map(|row| row.state);
            let goes_on = matches!(
                moved.after.state,
                EnrollmentState::Active | EnrollmentState::Parked
            );
            if was == Some(EnrollmentState::Paused) && goes_on {
                let left = self.resumed.entry(id).or_default();
                *left = left.checked_sub(1).ok_or(Violation::PauseLifted(id))?;
            }
            self.enrollments.insert(id, moved.after.clone());
        }
        Ok(())
    }

    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let key = accepted.key;
        let SendKey::Step { enrollment, .. } = key else {
            return Ok(());
        };
        let Some(row) = self.enrollments.get(&enrollment) else {
            return Ok(());
        };
        let stopped = |what| Err(Violation::SentAfterStop { key, what });
        if self.leads.contains(&row.lead) {
            return stopped("the person");
        }
        if self.campaigns.contains(&row.campaign) {
            return stopped("the campaign");
        }
        if self.stopped.contains(&enrollment) {
            return stopped("the enrollment");
        }
        if matches!(
            row.state,
            EnrollmentState::Finished | EnrollmentState::Paused
        ) {
            let state = row.state.name();
            return Err(Violation::SentWhileStopped { key, state });
        }
        if let Some((mailbox, place)) = self.answers.get(&enrollment)
            && self.heard.get(mailbox).is_some_and(|heard| heard > place)
        {
            return Err(Violation::SentAfterAnswer { key });
        }
        Ok(())
    }

    fn spoke(&mut self, spoke: &Spoke) {
        let ends = match spoke.said {
            Said::NoMore | Said::Unreachable => true,
            Said::Owner => false,
            Said::Answer | Said::Interested | Said::NotInterested => self.answers_end,
        };
        if !ends {
            return;
        }
        self.answers
            .entry(spoke.enrollment)
            .or_insert((spoke.mailbox, spoke.place));
    }

    fn resumed(&mut self, enrollment: EnrollmentId) {
        *self.resumed.entry(enrollment).or_default() += 1;
    }
}
