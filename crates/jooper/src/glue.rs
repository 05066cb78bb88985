//! Where one crate's event is another crate's hook.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jooper_consent::{AuditWriter, Breakers, Gate};
use jooper_core::{
    Clock, EmailAddress, EnrollmentId, FinishReason, LeadId, LeaseClock, LeaseInstant, MailboxId,
    RequestId, SendKey, SystemLeaseClock, WorkspaceId,
};
use jooper_rights::OnErasure;
use jooper_sequence::{Engine, Follower, LaneCommand, LinkError, ServiceMail, UnsubscribeLinks};
use jooper_storage::{Storage, Witness};
use jooper_tracking::{OPT_IN_MAIL, OnStop, Tracking};

/// Tracking's links, for the engine to print.
#[derive(Debug)]
pub(crate) struct TrackedLinks(pub(crate) Arc<Tracking>);

#[async_trait]
impl UnsubscribeLinks for TrackedLinks {
    async fn unsubscribe_url(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
        lead: LeadId,
        send_key: &SendKey,
    ) -> Result<String, LinkError> {
        self.0
            .unsubscribe_url(workspace, address, lead, send_key)
            .await
            .map(|url| url.to_string())
            .map_err(|error| LinkError(Box::new(error)))
    }

    async fn service_mail(
        &self,
        workspace: WorkspaceId,
        request: RequestId,
        kind: u8,
    ) -> Result<Option<ServiceMail>, LinkError> {
        if kind != OPT_IN_MAIL {
            return Ok(None);
        }
        let open = self.0.opt_in_request(workspace, request).await;
        let open = open.map_err(|error| LinkError(Box::new(error)))?;
        Ok(open.map(|request| ServiceMail {
            to: request.address,
            url: request.confirm_url.to_string(),
        }))
    }
}

/// An erased person's enrollments end; those of a person whose data may be used again go on.
#[derive(Debug)]
pub(crate) struct TellLanes(pub(crate) Engine);

#[async_trait]
impl OnErasure for TellLanes {
    async fn stopped(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
        _: &[(EnrollmentId, MailboxId)],
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let command = LaneCommand::EndLead(lead, FinishReason::Erased);
        Ok(self
            .0
            .campaigns(workspace)
            .tell_lead(lead, &command)
            .await?)
    }

    async fn unrestricted(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.0.campaigns(workspace).ask_again(lead).await?)
    }
}

/// The enrollments of a person who followed the link end at once.
#[derive(Debug)]
pub(crate) struct EndOnStop(pub(crate) Engine);

#[async_trait]
impl OnStop for EndOnStop {
    async fn stopped(
        &self,
        workspace: WorkspaceId,
        lead: LeadId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let command = LaneCommand::Unsubscribed(lead);
        Ok(self
            .0
            .campaigns(workspace)
            .tell_lead(lead, &command)
            .await?)
    }

    async fn asked_for_mail(
        &self,
        workspace: WorkspaceId,
        request: RequestId,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.0.serve(workspace, request, OPT_IN_MAIL).await?)
    }
}

/// Raises the high-water mark while somebody works, so that a copy of the data from before is
/// known as one when it is put back (law L13).
#[derive(Debug)]
pub(crate) struct HighWater {
    storage: Arc<dyn Storage>,
    witness: Arc<dyn Witness>,
    clock: Arc<dyn Clock>,
    lease: SystemLeaseClock,
    /// When it was raised last.
    raised: Mutex<LeaseInstant>,
}

/// The longest time between two marks while somebody works: some bytes of the witness each. A copy
/// that is younger than the last mark looks like data whose process was killed.
const RAISE_EVERY: Duration = Duration::from_secs(60);

impl HighWater {
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        witness: Arc<dyn Witness>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let lease = SystemLeaseClock::new();
        // The start has just written one.
        let raised = Mutex::new(lease.now());
        Self {
            storage,
            witness,
            clock,
            lease,
            raised,
        }
    }

    /// Whether it is time; the caller raises the mark then.
    fn is_due(&self) -> bool {
        let now = self.lease.now();
        let mut raised = self.raised.lock().unwrap_or_else(PoisonError::into_inner);
        let due = now.since(*raised) >= RAISE_EVERY;
        if due {
            *raised = now;
        }
        due
    }
}

#[async_trait]
impl Follower for HighWater {
    async fn follow(&self, _: WorkspaceId) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.is_due() {
            jooper_storage::mark(&*self.storage, &*self.witness, self.clock.now()).await?;
        }
        Ok(())
    }
}

/// Removes what is of no more use, workspace by workspace.
#[derive(Debug)]
pub(crate) struct Sweeps {
    gate: Gate,
    lease: SystemLeaseClock,
    swept: Mutex<BTreeMap<WorkspaceId, LeaseInstant>>,
}

/// How often: counters are kept for days, and permits of crashed senders are in nobody's way.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

impl Sweeps {
    pub(crate) fn new(gate: Gate) -> Self {
        Self {
            gate,
            lease: SystemLeaseClock::new(),
            swept: Mutex::new(BTreeMap::new()),
        }
    }

    /// Whether it is time; the caller sweeps then.
    fn is_due(&self, workspace: WorkspaceId) -> bool {
        let now = self.lease.now();
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let last = swept.get(&workspace);
        let due = last.is_none_or(|last| now.since(*last) >= SWEEP_EVERY);
        if due {
            swept.insert(workspace, now);
        }
        due
    }
}

#[async_trait]
impl Follower for Sweeps {
    async fn follow(&self, workspace: WorkspaceId) -> Result<(), Box<dyn Error + Send + Sync>> {
        if self.is_due(workspace) {
            while self.gate.sweep(workspace).await? > 0 {}
        }
        Ok(())
    }
}

/// Breakers and the audit chain read the log behind the lanes.
#[derive(Debug)]
pub(crate) struct BehindTheLanes {
    pub(crate) breakers: Breakers,
    pub(crate) audit: AuditWriter,
}

#[async_trait]
impl Follower for BehindTheLanes {
    async fn follow(&self, workspace: WorkspaceId) -> Result<(), Box<dyn Error + Send + Sync>> {
        for tripped in self.breakers.follow(workspace).await? {
            tracing::warn!(%workspace, ?tripped, "a breaker tripped: a person must look");
        }
        self.audit.follow(workspace).await?;
        Ok(())
    }
}
