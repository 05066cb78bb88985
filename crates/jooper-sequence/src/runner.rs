//! Claims due lanes and works them, until told to stop.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use jooper_core::{Bucket, LeaseInstant, WorkspaceId};
use jooper_storage::tables::{LANE, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow};
use jooper_storage::{Claim, Claimed, Scan, Scope, StorageExt};

use crate::engine::Engine;
use crate::error::EngineError;

/// Somebody who reads the log behind the lanes: breakers, the audit chain, projections.
#[async_trait]
pub trait Follower: Debug + Send + Sync + 'static {
    /// Reads on in one workspace. Called when the lanes are idle, and about once a second else.
    ///
    /// # Errors
    /// Any; it is logged, and called again.
    async fn follow(&self, workspace: WorkspaceId) -> Result<(), Box<dyn Error + Send + Sync>>;
}

const _OBJECT_SAFE: Option<&dyn Follower> = None;

/// The longest time that followers are kept waiting by busy lanes.
const FOLLOW_AT_LEAST: Duration = Duration::from_secs(1);

/// One worker. Any number of them, in any number of processes, may share a store.
#[derive(Debug, Clone)]
pub struct Runner {
    engine: Engine,
    followers: Vec<Arc<dyn Follower>>,
    followed: Arc<Mutex<Option<LeaseInstant>>>,
}

impl Runner {
    /// A worker of this engine.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            followers: Vec::new(),
            followed: Arc::default(),
        }
    }

    /// Lets somebody follow the log.
    #[must_use]
    pub fn with_follower(mut self, follower: Arc<dyn Follower>) -> Self {
        self.followers.push(follower);
        self
    }

    /// Works until `shutdown` resolves, then finishes the lanes it holds.
    ///
    /// A failing store or provider is waited out; lanes that failed come back when their lease
    /// has ended.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        loop {
            let worked = self.turn().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "no lane could be claimed");
                0
            });
            let pause = if worked > 0 {
                Duration::from_millis(1)
            } else {
                Duration::from_millis(self.engine.settings.poll_millis)
            };
            let sleep = self.engine.parts.sleeper.sleep(pause);
            if let Either::Left(((), _)) = select(shutdown.as_mut(), sleep).await {
                return;
            }
        }
    }

    /// Claims what is due once, works it to the end, and says how many lanes that were.
    ///
    /// # Errors
    /// [`EngineError::Store`] when nothing could be claimed. Errors of single lanes are logged.
    pub async fn turn(&self) -> Result<usize, EngineError> {
        let claimed = self.claim().await?;
        let count = claimed.len();
        let mut work = FuturesUnordered::new();
        for (claimed, at) in claimed {
            work.push(self.work(claimed, at));
        }
        while work.next().await.is_some() {}
        if count == 0 || self.must_follow() {
            self.follow().await?;
        }
        Ok(count)
    }

    fn must_follow(&self) -> bool {
        let last = *self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_none_or(|last| self.engine.parts.lease.now().since(last) >= FOLLOW_AT_LEAST)
    }

    async fn follow(&self) -> Result<(), EngineError> {
        if self.followers.is_empty() {
            return Ok(());
        }
        let now = self.engine.parts.lease.now();
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        for workspace in self.engine.workspaces().await? {
            for follower in &self.followers {
                if let Err(error) = follower.follow(workspace).await {
                    tracing::warn!(%error, "a follower of the log failed; it is called again");
                }
            }
        }
        Ok(())
    }

    async fn work(&self, claimed: Claimed, at: LeaseInstant) {
        match self.engine.work_lane(claimed, at).await {
            Ok(()) => {}
            Err(EngineError::LaneLost) => tracing::warn!("a lane was taken over"),
            Err(error) => tracing::error!(%error, "a lane could not be worked"),
        }
    }

    async fn claim(&self) -> Result<Vec<(Claimed, LeaseInstant)>, EngineError> {
        let parts = &self.engine.parts;
        let mut all = Vec::new();
        for bucket in self.buckets().await? {
            let at = parts.lease.now();
            let claim = Claim {
                table: &LANE,
                bucket,
                due_before: parts.clock.now().as_millisecond(),
                limit: self.engine.settings.claim_limit,
                lease_millis: self.engine.settings.lease_millis as i64,
            };
            all.extend(
                parts
                    .storage
                    .claim(claim)
                    .await?
                    .into_iter()
                    .map(|row| (row, at)),
            );
        }
        Ok(all)
    }

    async fn buckets(&self) -> Result<BTreeSet<Bucket>, EngineError> {
        let scan = Scan::table(&WORKSPACE_DIRECTORY);
        let rows = self
            .engine
            .storage()
            .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
            .await?;
        Ok(rows.into_iter().map(|row| row.record.id.bucket()).collect())
    }
}
