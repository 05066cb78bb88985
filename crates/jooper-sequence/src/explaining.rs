//! Everything that was decided about a lead, and what comes next.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{
    EnrollmentId, EnrollmentState, LeadId, SendKey, SendState, StepIndex, WaitReason,
};
use jooper_storage::tables::{DecisionTrace, EnrollmentRow, SEND, SendRow, TRACE, TraceRow};
use jooper_storage::{Column, Key, Record, Scan, StorageExt};
use jooper_vault::{Place, SubjectVault, VaultError};

use crate::campaigns::{Campaigns, EnrollmentView};
use crate::daily::StepPlace;
use crate::decide::{Explanation, Memory};
use crate::error::{EngineError, sealed};
use crate::explain::wait;
use crate::kept::{Kept, tell_all};
use crate::undone::Missing;

impl Campaigns {
    /// Everything that was decided about a lead, campaign by campaign, and what comes next: every
    /// gate and every rule of the planner, with what it saw and what it said (law L16).
    ///
    /// Past decisions were stored, sealed, when a verdict changed, and what led to a mail right before it was
    /// handed over, whatever became of it; the next one is made anew. What does
    /// not open is told in its place, and keeps nothing else from being told.
    ///
    /// # Errors
    /// [`EngineError::Store`]; [`EngineError::Vault`] where the keys themselves cannot be had now.
    pub async fn explain(&self, lead: LeadId) -> Result<Vec<EnrollmentView>, EngineError> {
        let rows = self.engine.enrollments_of(self.workspace, lead).await?;
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let subject = match vault.subject(lead).await {
            Err(VaultError::NoKey { .. }) => Ok(None),
            Ok(subject) => Ok(Some(subject)),
            Err(error) => Err(what_does_not_open(error.into(), "key")?),
        };
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let decisions = self
                .decided(&row, subject.as_ref().map(Option::as_ref))
                .await?;
            let (place, next) = match &subject {
                _ if row.state == EnrollmentState::Finished => (None, None),
                Ok(subject) => self.ahead(&row, subject.as_ref()).await?,
                Err(what) => (None, Some(unreadable(what))),
            };
            let at_mail = place.is_some_and(|(_, at_mail)| at_mail);
            views.push(EnrollmentView {
                enrollment: row,
                at_mail,
                place: place.map(|(place, _)| place),
                decisions,
                next,
            });
        }
        Ok(views)
    }

    /// What was decided, oldest first.
    async fn decided(
        &self,
        row: &EnrollmentRow,
        subject: Result<Option<&SubjectVault>, &&'static str>,
    ) -> Result<Vec<(jiff::Timestamp, Explanation)>, EngineError> {
        let scan = Scan::table(&TRACE).prefix(vec![row.id.to_value()]);
        let storage = self.engine.storage();
        let traces = storage.collect::<TraceRow>(self.workspace, scan).await?;
        let mut traces: Vec<_> = traces.into_iter().map(|trace| trace.record).collect();
        // By the order in which they were made: a clock may have been ahead. Numbers of earlier versions
        // were times, which lie below all others.
        traces.sort_by_key(|trace| trace.number);
        let mut kept = Vec::with_capacity(traces.len());
        let mut times = Vec::with_capacity(traces.len());
        for trace in traces {
            let told = match subject {
                Ok(None) => continue,
                Ok(Some(subject)) => opened(subject, &trace),
                Err(what) => Err(EngineError::Content(what)),
            };
            kept.push(match told {
                Ok(told) => Ok(told),
                Err(error) => Err(unreadable(what_does_not_open(error, "decision")?)),
            });
            times.push(trace.at);
        }
        let accepted = self.accepted(row.id, &kept).await?;
        Ok(times.into_iter().zip(tell_all(kept, &accepted)).collect())
    }

    /// Which try was accepted of the mails of which it was kept that they were handed over.
    async fn accepted(
        &self,
        enrollment: EnrollmentId,
        kept: &[Result<Kept, Explanation>],
    ) -> Result<BTreeMap<StepIndex, u16>, EngineError> {
        let handed = kept
            .iter()
            .flatten()
            .filter_map(|kept| kept.handed_over.as_ref());
        let mails: BTreeSet<StepIndex> = handed.map(|handed| handed.mail).collect();
        let keys: Vec<_> = mails
            .into_iter()
            .map(|step| Key::new(&SEND, vec![SendKey::Step { enrollment, step }.to_value()]))
            .collect();
        let rows = self.engine.storage().get(self.workspace.into(), &keys);
        let mut accepted = BTreeMap::new();
        for row in rows.await?.into_iter().flatten() {
            let row = SendRow::from_values(row.values)?;
            if let (SendState::Sent, Some(mail)) = (row.state, row.step) {
                accepted.insert(mail, row.attempt);
            }
        }
        Ok(accepted)
    }

    /// Where it stands and whether that is a mail, and what comes next.
    async fn ahead(
        &self,
        row: &EnrollmentRow,
        subject: Option<&SubjectVault>,
    ) -> Result<(Option<(StepPlace, bool)>, Option<Explanation>), EngineError> {
        let campaign = match self.version(row.campaign, row.sequence_version).await {
            Ok(campaign) => campaign,
            Err(error) if Missing::told_by(&error).is_some() => {
                let told = Explanation {
                    summary: wait(Some(WaitReason::CampaignMissing)),
                    step: None,
                    lines: Vec::new(),
                };
                return Ok((None, Some(told)));
            }
            Err(error) => {
                let what = what_does_not_open(error, "campaign")?;
                return Ok((None, Some(unreadable(what))));
            }
        };
        let place = StepPlace::of(row, &campaign.sequence);
        let next = match self.outlook(row, &campaign, subject).await {
            Ok(next) => next,
            Err(error) => unreadable(what_does_not_open(error, "profile")?),
        };
        let at_mail = Memory::stands_at_mail(row, &campaign.sequence);
        Ok((Some((place, at_mail)), Some(next)))
    }
}

fn opened(subject: &SubjectVault, trace: &TraceRow) -> Result<Kept, EngineError> {
    let key = [trace.enrollment.to_value(), trace.number.to_value()];
    let place = Place::new(&TRACE, "trace", &key);
    let content: DecisionTrace = subject.open(&place, &trace.trace)?;
    serde_json::from_value(content.0).map_err(|_| EngineError::Content("decision"))
}

/// What it is that does not open and never will; any other error is passed on.
fn what_does_not_open(error: EngineError, what: &'static str) -> Result<&'static str, EngineError> {
    let error = match error {
        EngineError::Vault(error) => sealed(error, what),
        error => error,
    };
    match error {
        EngineError::Content(what) => Ok(what),
        error => Err(error),
    }
}

fn unreadable(what: impl std::fmt::Display) -> Explanation {
    Explanation {
        summary: format!("This cannot be told: the stored {what} cannot be read."),
        step: None,
        lines: Vec::new(),
    }
}
