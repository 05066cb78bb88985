//! Commands about a person: what they mean for each enrollment that the person has at this mailbox.

use jooper_core::{CompanyId, Dimensions, EnrollmentId, EventKind, FinishReason, LeadId};
use jooper_storage::LogEntry;
use jooper_storage::tables::EnrollmentRow;

use super::Lane;
use crate::decide::Event;
use crate::error::EngineError;
use crate::undone::Missing;

/// What came of a command's enrollments. One whose campaign is not there keeps none of the others: the
/// command ends as undone behind the last of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Each {
    missing: Option<&'static str>,
}

impl Each {
    /// Takes what came of one.
    pub(super) fn done(&mut self, one: Result<(), EngineError>) -> Result<(), EngineError> {
        match one {
            Err(EngineError::NotFound(what)) if Missing::named(what).is_some() => {
                self.missing.get_or_insert(what);
                Ok(())
            }
            done => done,
        }
    }

    /// What came of all.
    pub(super) fn all(self) -> Result<(), EngineError> {
        self.missing
            .map_or(Ok(()), |what| Err(EngineError::NotFound(what)))
    }
}

impl Lane<'_> {
    pub(super) async fn happen_to_lead(
        &mut self,
        lead: LeadId,
        event: &Event,
    ) -> Result<(), EngineError> {
        let mut each = Each::default();
        for id in self.enrollments_of(lead).await? {
            each.done(self.happen(id, event).await)?;
        }
        each.all()
    }

    /// Ends what this mailbox has of the people at a company of whom one has answered: whoever is there
    /// when the lane looks, so that whoever was enrolled meanwhile is among them.
    pub(super) async fn leave_colleagues_alone(
        &mut self,
        answered: LeadId,
        company: CompanyId,
    ) -> Result<(), EngineError> {
        let mut each = Each::default();
        for colleague in self.engine.leads_of(self.workspace, company).await? {
            if colleague != answered {
                let told = self.happen_to_lead(colleague, &Event::ColleagueReplied);
                each.done(told.await)?;
            }
        }
        each.all()
    }

    /// What an objection ended that was none had ended with an answer. Its mails stay skipped: nobody is
    /// mailed anew because somebody pressed a button.
    pub(super) async fn no_objection(&mut self, lead: LeadId) -> Result<(), EngineError> {
        let mut each = Each::default();
        for id in self.enrollments_of(lead).await? {
            each.done(self.ended_with_an_answer(id).await)?;
        }
        each.all()
    }

    async fn ended_with_an_answer(&mut self, id: EnrollmentId) -> Result<(), EngineError> {
        let found = self.enrollment(id).await?.map(|found| found.record);
        let objected = |row: &EnrollmentRow| row.finish == Some(FinishReason::Unsubscribed);
        let Some(row) = found.filter(objected) else {
            return Ok(());
        };
        let dimensions = Dimensions {
            campaign: Some(row.campaign),
            mailbox: Some(row.mailbox),
            reason: Some(FinishReason::Replied.code()),
            ..Dimensions::default()
        };
        let whose = id.uuid();
        let source: &[&[u8]] = &[whose.as_bytes()];
        let fact = LogEntry::new(EventKind::FinishCorrected, self.now(), source, dimensions);
        let batch = self.batch().append(fact.about(row.lead));
        self.happen_with(id, &Event::NoObjection, batch).await?;
        Ok(())
    }

    async fn enrollments_of(&self, lead: LeadId) -> Result<Vec<EnrollmentId>, EngineError> {
        let rows = self.engine.enrollments_of(self.workspace, lead).await?;
        let ours = rows.iter().filter(|row| row.mailbox == self.mailbox);
        Ok(ours.map(|row| row.id).collect())
    }
}
