//! A campaign in which everything has ended: it says so.

use std::sync::PoisonError;

use jooper_core::{CampaignId, CampaignState, CommandId, EnrollmentState};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, LANE_COMMAND, LaneCommandRow,
};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt, Write};

use super::{Command, Lane};
use crate::error::EngineError;

/// How often a campaign is looked at anew that changed meanwhile.
const TRIES: usize = 5;

/// How many commands are read at once.
const PAGE: usize = 200;

const STATES: [EnrollmentState; 3] = [
    EnrollmentState::Active,
    EnrollmentState::Paused,
    EnrollmentState::Parked,
];

impl Lane<'_> {
    /// Has somebody look whether anything of a campaign is still to come, now that one enrollment of
    /// it ends in this batch. However many end, it is one command.
    pub(super) fn may_be_over(
        &self,
        batch: Batch,
        campaign: CampaignId,
    ) -> Result<Batch, EngineError> {
        let row = self.over_command(campaign)?;
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        over.insert(campaign);
        Ok(batch.put(&row))
    }

    fn over_command(&self, campaign: CampaignId) -> Result<LaneCommandRow, EngineError> {
        let command = Command::MayBeOver(campaign);
        Ok(LaneCommandRow {
            mailbox: self.mailbox,
            id: CommandId::from_uuid(campaign.uuid()),
            command: serde_json::to_vec(&command).map_err(|_| EngineError::Content("command"))?,
        })
    }

    /// Looks at the campaigns in which something ended during this pass.
    pub(super) async fn look_what_is_over(&mut self) -> Result<(), EngineError> {
        let over = {
            let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *over)
        };
        for campaign in over {
            self.finish_campaign(campaign).await?;
            let row = self.over_command(campaign)?;
            let done = self.batch().write(Write::Delete(row.key()));
            self.engine.storage().commit(done).await?;
        }
        Ok(())
    }

    /// Marks a campaign as finished if nothing of it is to come, also a paused one: no enrollment is
    /// open, and no lead waits to be enrolled.
    pub(super) async fn finish_campaign(&self, campaign: CampaignId) -> Result<(), EngineError> {
        // Nobody looks again by themselves: whoever resumes the campaign meanwhile, or changes its
        // settings, must not be the reason that it never says so.
        for _ in 0..TRIES {
            if self.try_finish(campaign).await? {
                return Ok(());
            }
        }
        Err(EngineError::State(
            "the campaign changed during every attempt; try again",
        ))
    }

    /// Whether it is as it should be; else its row changed meanwhile.
    async fn try_finish(&self, campaign: CampaignId) -> Result<bool, EngineError> {
        let (storage, workspace) = (self.engine.storage(), self.workspace);
        let key = vec![campaign.to_value()];
        let found = storage.find::<CampaignRow>(workspace, key).await?;
        let runs = |state| matches!(state, CampaignState::Active | CampaignState::Paused);
        // Leads that are added from here on change this row, too.
        let Some(found) = found.filter(|row| runs(row.record.state)) else {
            return Ok(true);
        };
        // Mostly somebody is: then there is nothing more to look at.
        if self.is_open(campaign).await? || self.enrolls(campaign).await? {
            return Ok(true);
        }
        // The commands before, so that whoever is enrolled by one meanwhile is seen now; the states
        // twice, so that whoever goes from one to another is.
        if self.is_open(campaign).await? || self.is_open(campaign).await? {
            return Ok(true);
        }
        let row = CampaignRow {
            state: CampaignState::Finished,
            ..found.record
        };
        let batch = self.batch().update(&row, found.version);
        let campaigns = self.engine.campaigns(workspace);
        let batch = campaigns.log_change(batch, campaign, CampaignState::Finished);
        match storage.commit(batch).await {
            // Somebody changed it, or another lane saw the same: look again.
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(true),
        }
    }

    /// Whether a campaign has an enrollment in one of the open states, one looked at after the other.
    async fn is_open(&self, campaign: CampaignId) -> Result<bool, EngineError> {
        for state in STATES {
            let prefix = vec![campaign.to_value(), state.to_value()];
            let open = Scan::table(&ENROLLMENT).by("by_campaign").prefix(prefix);
            let storage = self.engine.storage();
            let open = storage.page::<EnrollmentRow>(self.workspace, open.limit(1));
            if !open.await?.records.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a command at any lane enrolls somebody in a campaign: looked for up to the first.
    async fn enrolls(&self, campaign: CampaignId) -> Result<bool, EngineError> {
        let enrolls = |row: &LaneCommandRow| match serde_json::from_slice(&row.command) {
            Ok(Command::Enroll { campaign: of, .. }) => of == campaign,
            Ok(_) => false,
            // Nobody knows what it says.
            Err(_) => true,
        };
        let mut after = None;
        loop {
            let scan = Scan::table(&LANE_COMMAND).limit(PAGE).after(after);
            let storage = self.engine.storage();
            let page = storage.page::<LaneCommandRow>(self.workspace, scan).await?;
            if page.records.iter().any(|row| enrolls(&row.record)) {
                return Ok(true);
            }
            after = page.next;
            if after.is_none() {
                return Ok(false);
            }
        }
    }
}
