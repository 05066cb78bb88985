//! The balance from the log: facts alone, no row is looked at.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{CampaignId, Code, EventKind, LeadId, NotSentReason, SkipReason, WorkspaceId};
use jooper_storage::{LogCursor, LogEntry, StoreError};

use crate::Analytics;
use crate::balance::{Balance, Term};

/// What the log tells about one lead in the campaign.
#[derive(Debug, Default)]
struct Story {
    steps: u16,
    ended: bool,
    terms: BTreeMap<u16, Term>,
}

impl Analytics {
    /// Accounts for every step of a campaign from the log alone.
    ///
    /// # Errors
    /// As the store.
    pub async fn balance_from_log(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Balance, StoreError> {
        let mut stories: BTreeMap<LeadId, Story> = BTreeMap::new();
        let mut cursor = LogCursor::start();
        loop {
            let page = self.storage.read_log(workspace, cursor).await?;
            if page.records.is_empty() {
                break;
            }
            for record in &page.records {
                let entry = &record.entry;
                if entry.dimensions.campaign == Some(campaign)
                    && let Some(lead) = entry.lead
                {
                    stories.entry(lead).or_default().hear(entry);
                }
            }
            cursor.after = page.next;
        }
        let mut balance = Balance::default();
        for story in stories.values() {
            for step in 0..story.steps {
                let open = if story.ended {
                    Term::Lost
                } else {
                    Term::Pending
                };
                balance.add(
                    usize::from(step),
                    story.terms.get(&step).copied().unwrap_or(open),
                );
            }
        }
        Ok(balance)
    }

    /// Counts a campaign's rollups again from the log: key and number, as they must be stored.
    ///
    /// # Errors
    /// As the store.
    pub async fn recounted(
        &self,
        workspace: WorkspaceId,
    ) -> Result<BTreeMap<Vec<u8>, i64>, StoreError> {
        let mut counts: BTreeMap<Vec<u8>, i64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut cursor = LogCursor::start();
        loop {
            let page = self.storage.read_log(workspace, cursor).await?;
            if page.records.is_empty() {
                return Ok(counts);
            }
            for record in &page.records {
                let entry = &record.entry;
                if seen.insert((entry.at, entry.id)) {
                    for key in entry.dimensions.rollups(entry.kind, entry.at) {
                        *counts.entry(key).or_default() += 1;
                    }
                }
            }
            cursor.after = page.next;
        }
    }
}

impl Story {
    fn hear(&mut self, entry: &LogEntry) {
        let reason = entry.dimensions.reason.unwrap_or(0);
        let step = entry.dimensions.step.map(|step| step.0);
        match (entry.kind, step) {
            (EventKind::Enrolled, _) => self.steps = u16::try_from(reason).unwrap_or(0),
            (EventKind::Finished, _) => self.ended = true,
            (EventKind::Sent, Some(step)) => {
                self.terms.insert(step, Term::Sent);
            }
            (EventKind::Skipped, Some(step)) => {
                let reason = SkipReason::from_code(reason).unwrap_or(SkipReason::Ended);
                self.learn(step, Term::Skipped(reason));
            }
            (EventKind::Failed, Some(step)) => {
                let reason = NotSentReason::from_code(reason).unwrap_or(NotSentReason::Invalid);
                self.learn(step, Term::Failed(reason));
            }
            (EventKind::SendUnknown, Some(step)) => self.learn(step, Term::Unknown),
            // Released for one further attempt: it is open again. Given up: it stays unknown.
            (EventKind::Released, Some(step)) if reason == 1 => {
                self.terms.remove(&step);
            }
            _ => {}
        }
    }

    /// What was accepted stays accepted; anything else gives way to what is learned later.
    fn learn(&mut self, step: u16, term: Term) {
        if self.terms.get(&step) != Some(&Term::Sent) {
            self.terms.insert(step, term);
        }
    }
}
