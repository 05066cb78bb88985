//! The balance from the log: facts alone, no row is looked at.

use std::collections::BTreeMap;

use jooper_core::{CampaignId, Code, EventKind, LeadId, NotSentReason, SkipReason, WorkspaceId};
use jooper_storage::{LogCursor, LogEntry, StoreError};

use crate::Analytics;
use crate::balance::{Balance, Term};

/// What the log has told about one lead in the campaign.
#[derive(Debug, Default)]
struct Story {
    steps: u16,
    ended: bool,
    terms: BTreeMap<u16, Term>,
}

/// What the log has told about one campaign so far: read on, never anew.
///
/// The log only grows, so that a tally that was read on says what one would say that is read from
/// the beginning.
#[derive(Debug)]
pub struct Tally {
    workspace: WorkspaceId,
    campaign: CampaignId,
    place: u64,
    /// One story for each time that a lead was enrolled.
    stories: BTreeMap<LeadId, Vec<Story>>,
}

impl Tally {
    /// Before anything was read.
    pub const fn new(workspace: WorkspaceId, campaign: CampaignId) -> Self {
        Self {
            workspace,
            campaign,
            place: 0,
            stories: BTreeMap::new(),
        }
    }

    /// Accounts for every step of the campaign.
    pub fn balance(&self) -> Balance {
        let mut balance = Balance::default();
        for story in self.stories.values().flatten() {
            balance.expect(story.steps);
            for (step, term) in &story.terms {
                balance.count(*step, *term);
            }
            let open = if story.ended {
                Term::Lost
            } else {
                Term::Pending
            };
            for step in (0..story.steps).filter(|step| !story.terms.contains_key(step)) {
                balance.count(step, open);
            }
        }
        balance
    }
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
        Ok(self.tell(workspace, campaign).await?.0)
    }

    /// The balance, and up to which place of the log it holds.
    pub(crate) async fn tell(
        &self,
        workspace: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<(Balance, u64), StoreError> {
        let mut tally = Tally::new(workspace, campaign);
        self.read_on(&mut tally).await?;
        Ok((tally.balance(), tally.place))
    }

    /// Reads the log on from where a tally stands.
    ///
    /// # Errors
    /// As the store.
    pub async fn read_on(&self, tally: &mut Tally) -> Result<(), StoreError> {
        let (campaign, after) = (tally.campaign, tally.place);
        let stories = &mut tally.stories;
        tally.place = self
            .read_from(tally.workspace, after, |entry| {
                if let (Some(lead), true) =
                    (entry.lead, entry.dimensions.campaign == Some(campaign))
                {
                    let told = stories.entry(lead).or_default();
                    // Whoever comes back has a story of their own: nothing of the first one is
                    // told any more once the second has begun.
                    if entry.kind == EventKind::Enrolled || told.is_empty() {
                        told.push(Story::default());
                    }
                    if let Some(story) = told.last_mut() {
                        story.hear(entry);
                    }
                }
            })
            .await?;
        Ok(())
    }

    /// Reads the log behind a place, to its end; returns the last place read.
    pub(crate) async fn read_from(
        &self,
        workspace: WorkspaceId,
        after: u64,
        mut each: impl FnMut(&LogEntry) + Send,
    ) -> Result<u64, StoreError> {
        let mut cursor = LogCursor {
            after,
            limit: 10_000,
        };
        loop {
            let page = self.storage.read_log(workspace, cursor).await?;
            if page.records.is_empty() {
                return Ok(cursor.after);
            }
            page.records.iter().for_each(|record| each(&record.entry));
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
            // Numbers of mails are never taken back, so a later version has as many or more.
            (EventKind::Moved, _) => self.steps = (reason & 0xff) as u16,
            (EventKind::Finished, _) => self.ended = true,
            (EventKind::Sent, Some(step)) => {
                self.terms.insert(step, Term::Sent);
            }
            (EventKind::Skipped, Some(step)) => {
                self.learn(step, SkipReason::from_code(reason).ok().map(Term::Skipped));
            }
            (EventKind::Failed, Some(step)) => {
                self.learn(
                    step,
                    NotSentReason::from_code(reason).ok().map(Term::Failed),
                );
            }
            (EventKind::SendUnknown, Some(step)) => self.learn(step, Some(Term::Unknown)),
            // Released for one further attempt, or refused after all: it is open again. Given up: it
            // stays unknown, or is so again when the further attempt never came.
            (EventKind::Released, Some(step)) if matches!(reason, 1 | 2) => {
                self.terms.remove(&step);
            }
            (EventKind::Released, Some(step)) => self.learn(step, Some(Term::Unknown)),
            _ => {}
        }
    }

    /// What was accepted stays accepted; anything else gives way to what is learned later. A fact
    /// without its reason tells nothing.
    fn learn(&mut self, step: u16, term: Option<Term>) {
        if let Some(term) = term
            && self.terms.get(&step) != Some(&Term::Sent)
        {
            self.terms.insert(step, term);
        }
    }
}
