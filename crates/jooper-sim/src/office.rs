//! What people do through the suite: stop, pause, resume, release, give up.

use std::sync::Arc;

use jooper_consent::StopScope;
use jooper_core::{
    CampaignId, EmailAddress, EnrollmentId, LeadId, SendKey, StopReason, StopSource, UserId,
    WorkspaceId,
};
use jooper_sequence::{Engine, LaneCommand};
use jooper_storage::tables::EnrollmentRow;
use jooper_storage::{Column, StorageExt};
use jooper_vault::Vault;
use uuid::Uuid;

use crate::stage::Stage;

/// Something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errand {
    /// A recipient, by number, presses the link that stops.
    Stop(usize),
    /// The recipient of an enrollment presses the link that stops.
    StopEnrolled(EnrollmentId),
    /// The campaign is paused.
    PauseCampaign,
    /// The campaign goes on.
    ResumeCampaign,
    /// A paused enrollment goes on.
    Resume(EnrollmentId),
    /// A named person releases an unknown send for one further attempt.
    Release(SendKey),
    /// A named person gives up on an unknown send.
    Abandon(SendKey),
}

/// A lead as the office knows it.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: LeadId,
    pub(crate) address: EmailAddress,
}

/// The office: an engine of its own over the same store.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    pub(crate) stage: Arc<Stage>,
    pub(crate) engine: Engine,
    pub(crate) stops: jooper_consent::Stops,
    pub(crate) vault: Vault,
    pub(crate) workspace: WorkspaceId,
    pub(crate) campaign: CampaignId,
    pub(crate) people: Arc<Vec<Person>>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Office {
    /// Does one errand to its end; tries again where others came in between.
    pub(crate) async fn run(self, errand: Errand) {
        let _busy = self.stage.busy();
        self.stage.trace().add(&format!("errand {errand:?}"));
        for _ in 0..20 {
            match self.carry_out(errand).await {
                Ok(()) => break,
                Err(error) => {
                    let line = format!("errand {errand:?} failed: {error}");
                    self.stage.trace().add(&line);
                    self.stage.time.sleep(500).await;
                }
            }
        }
        self.stage.trace().add(&format!("errand {errand:?} done"));
    }

    async fn carry_out(&self, errand: Errand) -> Result<(), Failed> {
        let campaigns = self.engine.campaigns(self.workspace);
        let by = UserId::from_uuid(Uuid::from_u128(1));
        match errand {
            Errand::Stop(lead) => self.stop(lead).await?,
            Errand::StopEnrolled(enrollment) => {
                let store = &self.stage.store;
                let key = vec![enrollment.to_value()];
                let row = store.find::<EnrollmentRow>(self.workspace, key).await?;
                let lead = row.map(|row| row.record.lead);
                let number = self.people.iter().position(|one| Some(one.id) == lead);
                if let Some(number) = number {
                    self.stop(number).await?;
                }
            }
            Errand::PauseCampaign => {
                self.stage.counts().stops += 1;
                campaigns.pause(self.campaign).await?;
            }
            Errand::ResumeCampaign => campaigns.resume(self.campaign, by).await?,
            Errand::Resume(enrollment) => {
                self.stage.resumed(enrollment);
                campaigns.ask(enrollment, LaneCommand::Resume).await?;
            }
            Errand::Release(key) => {
                if let SendKey::Step { enrollment, step } = key {
                    campaigns.release(enrollment, step, by).await?;
                }
            }
            Errand::Abandon(key) => {
                if let SendKey::Step { enrollment, .. } = key {
                    campaigns
                        .ask(enrollment, |_| LaneCommand::Abandon(key))
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// What the page behind the link does: first the stop, then the lanes are told.
    async fn stop(&self, lead: usize) -> Result<(), Failed> {
        let Some(person) = self.people.get(lead) else {
            return Ok(());
        };
        self.stage.counts().stops += 1;
        let vault = self.vault.workspace(self.workspace).await?;
        let scope = StopScope::Person {
            contact_index: vault.contact_index(&person.address),
            variants: vault.variant_indexes(&person.address),
            lead: Some(person.id),
        };
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        self.stops
            .stop(self.workspace, scope, reason, source)
            .await?;
        let campaigns = self.engine.campaigns(self.workspace);
        let command = LaneCommand::Unsubscribed(person.id);
        campaigns.tell_lead(person.id, &command).await?;
        Ok(())
    }
}
