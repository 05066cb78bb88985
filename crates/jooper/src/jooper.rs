//! The suite of one process.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jooper_analytics::Analytics;
use jooper_consent::{AuditError, AuditKey, AuditWriter, Breakers, Gate, GateError, Stops};
use jooper_core::{Clock, WorkspaceId};
use jooper_leads::Leads;
use jooper_rights::Rights;
use jooper_sequence::{Engine, EngineError, Runner, VaultCredentials};
use jooper_storage::tables::WorkspaceIdentity;
use jooper_storage::{ContinuityError, Standing, Storage, StoreError, Witness, WitnessError};
use jooper_tracking::Tracking;
use jooper_vault::{Kms, Vault, VaultError};

use crate::builder::JooperBuilder;
use crate::glue::{BehindTheLanes, HighWater, Sweeps};
use crate::workspace::Workspace;

/// Everything, built. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Jooper {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) vault: Vault,
    pub(crate) kms: Arc<dyn Kms>,
    pub(crate) witness: Arc<dyn Witness>,
    pub(crate) stops: Stops,
    pub(crate) breakers: Breakers,
    pub(crate) gate: Gate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) credentials: Arc<VaultCredentials>,
    pub(crate) tracking: Arc<Tracking>,
    pub(crate) engine: Engine,
    pub(crate) leads: Leads,
    pub(crate) analytics: Analytics,
    pub(crate) rights: Rights,
    /// Whether this process has repeated what the witness knows.
    pub(crate) remembered: Arc<AtomicBool>,
}

/// Why the workers did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Data, witness and keys do not belong together, or one of them failed.
    #[error(transparent)]
    Continuity(#[from] ContinuityError),
    /// The witness failed. Nothing is sent without it.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be used.
    #[error(transparent)]
    Keys(#[from] VaultError),
    /// The audit chain could not be read or written out.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The policy tables in force could not be written into the log. Nothing is sent before.
    #[error("the policy tables in force could not be recorded; nothing is sent before they are")]
    Policies(#[source] GateError),
    /// What the witness knows, or an erasure that was interrupted, could not be finished.
    #[error("stops and erasures of earlier could not be finished; nothing is sent before they are")]
    Replay(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn replay(error: impl std::error::Error + Send + Sync + 'static) -> RunError {
    RunError::Replay(Box::new(error))
}

/// How many witness records are repeated at once.
const REPLAY: usize = 1000;

impl Jooper {
    /// Begins with a store and the keys: the two things that nothing goes without.
    pub fn builder(storage: impl Storage, kms: impl Kms) -> JooperBuilder {
        JooperBuilder::new(Arc::new(storage), Arc::new(kms))
    }

    /// Makes a workspace that sends in this name.
    ///
    /// # Errors
    /// [`EngineError`] when the store or the vault fails.
    pub async fn create_workspace(
        &self,
        identity: &WorkspaceIdentity,
    ) -> Result<WorkspaceId, EngineError> {
        self.engine.create_workspace(identity).await
    }

    /// Circuit breakers: figures of mailboxes and campaigns, and a person's way back.
    pub const fn breakers(&self) -> &Breakers {
        &self.breakers
    }

    /// One workspace.
    pub fn workspace(&self, id: WorkspaceId) -> Workspace {
        Workspace::new(self.clone(), id)
    }

    /// The engine.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The store.
    pub const fn storage(&self) -> &Arc<dyn Storage> {
        &self.storage
    }

    /// The vault.
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The key store.
    pub const fn kms(&self) -> &Arc<dyn Kms> {
        &self.kms
    }

    /// Stops.
    pub const fn stops(&self) -> &Stops {
        &self.stops
    }

    /// Unsubscribe and preference pages: mount them under the base URL.
    pub const fn tracking(&self) -> &Arc<Tracking> {
        &self.tracking
    }

    /// Tokens of mailboxes.
    pub const fn credentials(&self) -> &Arc<VaultCredentials> {
        &self.credentials
    }

    /// Repeats what the witness knows and this data may have forgotten: stops and erasures. Where
    /// the data turns out to be a copy that somebody put back, every mailbox is held until its
    /// sends are rebuilt, and a new epoch begins (law L13). [`Jooper::run`] and [`Jooper::runner`]
    /// call it before anything is sent; idempotent. Returns what data and witness said.
    ///
    /// # Errors
    /// [`RunError`]; nothing may be sent then.
    pub async fn remember(&self) -> Result<Standing, RunError> {
        let installation = self.vault.installation();
        let standing = Standing::read(&*self.storage, &*self.witness, installation).await?;
        let epoch = standing.next_epoch();
        if standing.restored {
            // Before what the witness adds: the chain tells the copy's part from the rest.
            for workspace in self.engine.workspaces().await.map_err(replay)? {
                let (storage, now) = (&*self.storage, self.clock.now());
                jooper_consent::tell_restored(storage, workspace, epoch, now).await?;
            }
        }
        // A copy may have been made between two stops of which the later one was committed first.
        let mut position = if standing.restored {
            0
        } else {
            standing.position
        };
        loop {
            let records = self.witness.read(position, REPLAY).await?;
            let Some(last) = records.last() else { break };
            position = last.position;
            if standing.restored {
                jooper_consent::replay(&*self.storage, &records).await?;
            } else {
                jooper_consent::catch_up(&*self.storage, &records).await?;
            }
            jooper_rights::replay(&*self.storage, &records)
                .await
                .map_err(replay)?;
            let seasoned = self.engine.recall_seasoned(&records).await;
            seasoned.map_err(replay)?;
        }
        if standing.witness_lost {
            // What the data knows is told again, so that a backup from before forgets none of it.
            let (storage, witness) = (&*self.storage, &*self.witness);
            let told = standing.reseed(storage, witness, self.clock.now()).await?;
            tracing::warn!(
                told,
                "the witness knew less than the data: it was lost, or an older copy of it was put \
                 back; the stops and erasures that the data knows were written into it again"
            );
        }
        if standing.restored {
            let held = self
                .engine
                .hold_until_rebuilt(epoch)
                .await
                .map_err(replay)?;
            tracing::warn!(
                epoch,
                held,
                "this data was put back from a copy: its mailboxes are read before they send"
            );
        }
        standing
            .settle(&*self.storage, &*self.witness, position, self.clock.now())
            .await?;
        self.remembered.store(true, Ordering::SeqCst);
        Ok(standing)
    }

    /// Works lanes until `shutdown` resolves, then finishes what is under way.
    ///
    /// # Errors
    /// [`RunError`] before the first lane is claimed; afterwards errors are waited out and logged.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> Result<(), RunError> {
        self.remember().await?;
        for workspace in self.engine.workspaces().await.map_err(replay)? {
            self.rights.resume(workspace).await.map_err(replay)?;
            let recorded = self.gate.record_policies(workspace).await;
            recorded.map_err(RunError::Policies)?;
        }
        self.runner().await?.run(shutdown).await;
        Ok(())
    }

    /// The key that signs heads of the audit chain.
    ///
    /// # Errors
    /// [`RunError::Keys`].
    pub async fn audit_key(&self) -> Result<AuditKey, RunError> {
        let seed = self.vault.secret("audit chain").await?;
        Ok(AuditKey::from_seed(seed.expose()))
    }

    /// A worker with everything that reads the log behind it, for a caller who drives it itself.
    ///
    /// # Errors
    /// As [`Jooper::remember`], which the first call waits for; [`RunError::Keys`].
    pub async fn runner(&self) -> Result<Runner, RunError> {
        if !self.remembered.load(Ordering::SeqCst) {
            self.remember().await?;
        }
        let key = Arc::new(self.audit_key().await?);
        let behind = BehindTheLanes {
            breakers: self.breakers.clone(),
            audit: AuditWriter::new(self.storage.clone(), key, self.clock.clone()),
        };
        let marks = HighWater::new(
            self.storage.clone(),
            self.witness.clone(),
            self.clock.clone(),
        );
        let runner = Runner::new(self.engine.clone())
            .with_follower(Arc::new(behind))
            .with_follower(Arc::new(marks))
            .with_follower(Arc::new(Sweeps::new(self.gate.clone())));
        // Last: a DNS that does not answer keeps no breaker waiting for its turn.
        Ok(match self.engine.sender_follower() {
            Some(senders) => runner.with_follower(senders),
            None => runner,
        })
    }
}
