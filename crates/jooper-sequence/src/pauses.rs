//! Pausing, resuming and ending: an enrollment, a company, a campaign.
//!
//! A pause is told to the gate first, and returns when no permit in its scope is out any more (law
//! L4); only then do the lanes hear of it. A resume takes the stop away in one commit with what the lanes
//! hear and wakes them, so that nobody waits for the next time a lane would have asked. Where both come at
//! once, a pause that is acknowledged has looked that its stop still stands. What was ended has a stop that
//! no resume takes away.

use std::collections::BTreeSet;

use jooper_consent::{StopError, StopScope};
use jooper_core::{
    CampaignId, CampaignState, CompanyId, EnrollmentId, EnrollmentState, FinishReason, LeadId,
    MailboxId, ScopeKind, SendKey, StepIndex, StopReason, StopSource, UserId, WorkspaceId,
};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, LANE, LeadRow, MAILBOX, MailboxRow, ScopeStopRow,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, Record, Scan, StorageExt, Value, Versioned, Write,
};
use uuid::Uuid;

use crate::campaigns::Campaigns;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::{Command, append};

/// How often a change of state is made anew when its row changed meanwhile.
pub(crate) const TRIES: usize = 5;

const CHANGED: EngineError = EngineError::State("it changed during every attempt; try again");

impl Campaigns {
    /// Stops sending until resumed. Acknowledged: no send starts any more.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again. [`EngineError::State`] when the campaign
    /// is a draft or has ended.
    pub async fn pause(&self, id: CampaignId) -> Result<(), EngineError> {
        may_pause(self.row(id).await?.record.state)?;
        let scope = StopScope::Campaign(id);
        let told = || self.change_state(id, CampaignState::Paused);
        self.engine.pause(self.workspace, &scope, told).await
    }

    /// Goes on after a pause, at once: its lanes look again.
    ///
    /// # Errors
    /// [`EngineError::Stop`]; [`EngineError::State`] when the campaign is a draft, has ended, or was
    /// stopped by a circuit breaker, which a person resets first.
    pub async fn resume(&self, id: CampaignId, by: UserId) -> Result<(), EngineError> {
        may_pause(self.row(id).await?.record.state)?;
        self.engine
            .no_breaker(self.workspace, ScopeKind::Campaign, id.uuid())
            .await?;
        self.engine
            .not_ended(self.workspace, ScopeKind::Campaign, id.uuid())
            .await?;
        let mailboxes = self.get(id).await?.settings.mailboxes;
        let goes_on = || async {
            let row = self.row(id).await?;
            may_pause(row.record.state)?;
            Ok(self.becoming(Batch::new(self.workspace), row, CampaignState::Active))
        };
        let scope = StopScope::Campaign(id);
        self.engine
            .resume(self.workspace, &scope, by, goes_on)
            .await?;
        self.engine.wake_lanes(self.workspace, mailboxes).await
    }

    /// Ends the campaign for good: no further mail, every open step is skipped. Idempotent: of one that
    /// has ended every lane is told again.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again.
    pub async fn end(&self, id: CampaignId) -> Result<(), EngineError> {
        if !has_ended(self.row(id).await?.record.state) {
            let scope = StopScope::Campaign(id);
            self.engine
                .stop(self.workspace, scope, StopReason::Ended)
                .await?;
        }
        self.change_state(id, CampaignState::Stopped).await
    }

    /// Writes a state that the present one allows. Where that is the end, every lane that the row names is
    /// told so in the same batch.
    async fn change_state(&self, id: CampaignId, state: CampaignState) -> Result<(), EngineError> {
        let command = Command::EndCampaign(id, FinishReason::Stopped);
        for _ in 0..TRIES {
            let row = self.row(id).await?;
            let mut batch = Batch::new(self.workspace);
            if state == CampaignState::Stopped {
                for mailbox in self.lanes_in(&row.record).await? {
                    batch = append(&self.engine, batch, mailbox, &command).await?;
                }
            } else {
                may_pause(row.record.state)?;
            }
            let batch = self.becoming(batch, row, state);
            match self.engine.storage().commit(batch).await {
                Err(error) if error.is_conflict() => {}
                result => return Ok(result?),
            }
        }
        Err(CHANGED)
    }

    /// A batch that has the campaign in this state; in which it may be already.
    fn becoming(&self, batch: Batch, row: Versioned<CampaignRow>, state: CampaignState) -> Batch {
        if row.record.state == state {
            return batch;
        }
        let next = CampaignRow {
            state,
            ..row.record
        };
        self.log_change(batch.update(&next, row.version), next.id, state)
    }

    /// Pauses one lead in its campaign until resumed. Acknowledged: no send to them starts any more
    /// there.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::State`] when it has ended; [`EngineError::Stop`]:
    /// not acknowledged, call again.
    pub async fn pause_enrollment(&self, enrollment: EnrollmentId) -> Result<(), EngineError> {
        self.is_open(enrollment).await?;
        let scope = StopScope::Enrollment(enrollment);
        let told = || self.ask(enrollment, Command::Pause);
        self.engine.pause(self.workspace, &scope, told).await
    }

    /// Goes on with one lead, whatever it was paused or parked for; a mail that was refused is tried
    /// once more. What waits for evidence about a send of unknown fate waits on.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Stop`]; [`EngineError::State`] when it has ended.
    pub async fn resume_enrollment(
        &self,
        enrollment: EnrollmentId,
        by: UserId,
    ) -> Result<(), EngineError> {
        self.is_open(enrollment).await?;
        self.engine
            .not_ended(self.workspace, ScopeKind::Enrollment, enrollment.uuid())
            .await?;
        let scope = StopScope::Enrollment(enrollment);
        let goes_on = || self.asking(enrollment, |id| Command::ResumeBy(id, by));
        self.engine
            .resume(self.workspace, &scope, by, goes_on)
            .await
    }

    /// Takes one lead out of its campaign for good: every open step is skipped. Acknowledged: no
    /// send to them starts any more there. Idempotent.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Stop`]: not acknowledged, call again.
    pub async fn end_enrollment(&self, enrollment: EnrollmentId) -> Result<(), EngineError> {
        if self.enrollment(enrollment).await?.state == EnrollmentState::Finished {
            return Ok(());
        }
        let scope = StopScope::Enrollment(enrollment);
        self.engine
            .stop(self.workspace, scope, StopReason::Ended)
            .await?;
        self.ask(enrollment, |id| Command::End(id, FinishReason::Removed))
            .await
    }

    /// Gives up on one unknown send: it counts as given up, and is never sent again.
    ///
    /// # Errors
    /// [`EngineError::NotFound`].
    pub async fn abandon(
        &self,
        enrollment: EnrollmentId,
        step: StepIndex,
    ) -> Result<(), EngineError> {
        let key = SendKey::Step { enrollment, step };
        self.ask(enrollment, |_| Command::Abandon(key)).await
    }

    /// Stops everybody at a company, in every campaign of the workspace, until resumed. Acknowledged:
    /// no send to any of them starts any more.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again.
    pub async fn pause_company(&self, company: CompanyId) -> Result<(), EngineError> {
        let scope = StopScope::Company(company);
        self.engine
            .stop(self.workspace, scope, StopReason::Paused)
            .await
    }

    /// Goes on with everybody at a company.
    ///
    /// # Errors
    /// [`EngineError::Stop`].
    pub async fn resume_company(&self, company: CompanyId, by: UserId) -> Result<(), EngineError> {
        let scope = StopScope::Company(company);
        let goes_on = || async { Ok(Batch::new(self.workspace)) };
        self.engine
            .resume(self.workspace, &scope, by, goes_on)
            .await?;
        for lead in self.engine.leads_of(self.workspace, company).await? {
            self.ask_again(lead).await?;
        }
        Ok(())
    }

    /// Has the gate asked anew about whatever of a lead waits for it, now and not in an hour: when a
    /// restriction has ended, or something else that kept mail back.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn ask_again(&self, lead: LeadId) -> Result<(), EngineError> {
        let mut batch = Batch::new(self.workspace);
        for row in self.engine.open_enrollments(self.workspace, lead).await? {
            batch = append(&self.engine, batch, row.mailbox, &Command::AskAgain(row.id)).await?;
        }
        Ok(self.engine.storage().commit(batch).await?)
    }

    pub(crate) async fn enrollment(&self, id: EnrollmentId) -> Result<EnrollmentRow, EngineError> {
        let key = vec![id.to_value()];
        let found = self
            .engine
            .storage()
            .find::<EnrollmentRow>(self.workspace, key)
            .await?;
        Ok(found.ok_or(EngineError::NotFound("enrollment"))?.record)
    }

    async fn is_open(&self, id: EnrollmentId) -> Result<(), EngineError> {
        match self.enrollment(id).await?.state {
            EnrollmentState::Finished => Err(EngineError::State(
                "this lead's way through the campaign has ended; it cannot be paused or resumed",
            )),
            _ => Ok(()),
        }
    }
}

impl Engine {
    /// Tells the gate that a user stops something; returns when no permit in scope is out.
    pub(crate) async fn stop(
        &self,
        workspace: WorkspaceId,
        scope: StopScope,
        reason: StopReason,
    ) -> Result<(), EngineError> {
        let stops = &self.parts.stops;
        stops
            .stop(workspace, scope, reason, StopSource::User)
            .await?;
        Ok(())
    }

    /// Tells the gate of a pause, and then by `told` whoever obeys it. A resume that ran over the two may
    /// have taken this pause's stop away: then it is said again, and stands when this returns.
    pub(crate) async fn pause<T>(
        &self,
        workspace: WorkspaceId,
        scope: &StopScope,
        told: impl Fn() -> T + Send + Sync,
    ) -> Result<(), EngineError>
    where
        T: Future<Output = Result<(), EngineError>> + Send,
    {
        for _ in 0..TRIES {
            self.stop(workspace, scope.clone(), StopReason::Paused)
                .await?;
            told().await?;
            if self.is_paused(workspace, scope).await? {
                return Ok(());
            }
        }
        Err(EngineError::State(
            "somebody resumed it during every attempt; try again",
        ))
    }

    /// Whether a person paused it, whatever else stops it.
    pub(crate) async fn is_paused(
        &self,
        workspace: WorkspaceId,
        scope: &StopScope,
    ) -> Result<bool, EngineError> {
        let causes = self.parts.stops.causes(workspace, scope).await?;
        let mut reasons = causes.iter().map(|cause| cause.reason);
        Ok(reasons.any(|reason| reason == StopReason::Paused))
    }

    /// Takes a person's pause away in one commit with what goes on by it. A pause that somebody says
    /// meanwhile stands.
    pub(crate) async fn resume<T>(
        &self,
        workspace: WorkspaceId,
        scope: &StopScope,
        by: UserId,
        goes_on: impl Fn() -> T + Send + Sync,
    ) -> Result<(), EngineError>
    where
        T: Future<Output = Result<Batch, EngineError>> + Send,
    {
        let stops = &self.parts.stops;
        let mut seen = stops.as_it_stands(workspace, scope).await?;
        for _ in 0..TRIES {
            let batch = goes_on().await?.check(seen.clone());
            match stops.resume_with(workspace, scope.clone(), by, batch).await {
                Err(StopError::Contended) => {
                    let now = stops.as_it_stands(workspace, scope).await?;
                    if now != seen && self.is_paused(workspace, scope).await? {
                        return Err(EngineError::State(
                            "somebody paused it or changed why it is stopped at the same moment; look at it, \
                             and resume it again",
                        ));
                    }
                    seen = now;
                }
                result => return Ok(result?),
            }
        }
        Err(CHANGED)
    }

    /// An end that was begun is ended, and not gone back on.
    pub(crate) async fn not_ended(
        &self,
        workspace: WorkspaceId,
        kind: ScopeKind,
        id: Uuid,
    ) -> Result<(), EngineError> {
        if self.stands(workspace, kind, id, StopReason::Ended).await? {
            return Err(EngineError::State(
                "somebody is ending it; end it again if that was broken off",
            ));
        }
        Ok(())
    }

    /// A circuit breaker is no pause: whoever resumes looks at it and resets it first.
    pub(crate) async fn no_breaker(
        &self,
        workspace: WorkspaceId,
        kind: ScopeKind,
        id: Uuid,
    ) -> Result<(), EngineError> {
        if self
            .stands(workspace, kind, id, StopReason::Breaker)
            .await?
        {
            return Err(EngineError::State(
                "a safety limit stopped it; look at its figures and reset the limit first",
            ));
        }
        Ok(())
    }

    /// Whether something is stopped for this reason, whatever else stops it.
    pub(crate) async fn stands(
        &self,
        workspace: WorkspaceId,
        kind: ScopeKind,
        id: Uuid,
        reason: StopReason,
    ) -> Result<bool, EngineError> {
        let key = vec![kind.to_value(), Value::Id(id)];
        let found = self.storage().find::<ScopeStopRow>(workspace, key).await?;
        let stands = |row: Versioned<ScopeStopRow>| row.record.stands_for(reason);
        Ok(found.map(stands).transpose()?.unwrap_or(false))
    }

    /// Has lanes look again now.
    pub(crate) async fn wake_lanes(
        &self,
        workspace: WorkspaceId,
        mailboxes: impl IntoIterator<Item = MailboxId> + Send,
    ) -> Result<(), EngineError> {
        let now = self.now().as_millisecond();
        let mut batch = Batch::new(workspace);
        for mailbox in mailboxes {
            let lane = Key::new(&LANE, vec![mailbox.to_value()]);
            let wake = vec![("wake_at", ColumnOp::Min(now))];
            batch = batch.write(Write::Patch(lane, wake));
        }
        Ok(self.storage().commit(batch).await?)
    }

    pub(crate) async fn mailbox_ids(
        &self,
        workspace: WorkspaceId,
    ) -> Result<BTreeSet<MailboxId>, EngineError> {
        let rows = self
            .storage()
            .collect::<MailboxRow>(workspace, Scan::table(&MAILBOX))
            .await?;
        Ok(rows.into_iter().map(|row| row.record.id).collect())
    }

    /// The leads at a company.
    pub(crate) async fn leads_of(
        &self,
        workspace: WorkspaceId,
        company: CompanyId,
    ) -> Result<Vec<LeadId>, EngineError> {
        let scan = Scan::table(LeadRow::TABLE)
            .by("by_company")
            .prefix(vec![company.to_value()]);
        let rows = self.storage().collect::<LeadRow>(workspace, scan).await?;
        Ok(rows.into_iter().map(|row| row.record.id).collect())
    }

    /// Everything that a lead is or was enrolled in.
    pub(crate) async fn enrollments_of(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<Vec<EnrollmentRow>, EngineError> {
        let scan = Scan::table(&ENROLLMENT)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let rows = self
            .storage()
            .collect::<EnrollmentRow>(workspace, scan)
            .await?;
        Ok(rows.into_iter().map(|row| row.record).collect())
    }

    /// What of it has not ended.
    pub(crate) async fn open_enrollments(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<Vec<EnrollmentRow>, EngineError> {
        let mut rows = self.enrollments_of(workspace, lead).await?;
        rows.retain(|row| row.state != EnrollmentState::Finished);
        Ok(rows)
    }
}

/// Whether somebody ended it for good. One that was through with everybody takes further leads.
pub(crate) const fn has_ended(state: CampaignState) -> bool {
    matches!(state, CampaignState::Stopped)
}

fn may_pause(state: CampaignState) -> Result<(), EngineError> {
    match state {
        CampaignState::Draft => Err(EngineError::State(
            "the campaign is a draft: there is nothing to pause or resume before it is started",
        )),
        CampaignState::Finished => Err(EngineError::State(
            "everything in this campaign has ended; there is nothing to pause or resume before leads \
             are added",
        )),
        state if has_ended(state) => Err(EngineError::State(
            "the campaign has ended; create a new one",
        )),
        _ => Ok(()),
    }
}
