//! Claims due lanes and works them, until told to stop.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use jooper_core::{Bucket, LeaseInstant, WorkspaceId};
use jooper_storage::tables::{LANE, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow};
use jooper_storage::{Claim, Claimed, Scan, Scope, StorageExt};

use crate::ahead::ClockWatch;
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
/// The pause before the next claim while there is something to do.
const SHORT: Duration = Duration::from_millis(1);

/// What came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    Lane,
    Followed,
}

/// Lanes and followers at work.
struct Work<'a> {
    going: FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send + 'a>>>,
    lanes: usize,
    following: bool,
}

impl<'a> Work<'a> {
    fn new() -> Self {
        Self {
            going: FuturesUnordered::new(),
            lanes: 0,
            following: false,
        }
    }

    fn push(&mut self, what: Done, work: impl Future<Output = ()> + Send + 'a) {
        match what {
            Done::Lane => self.lanes += 1,
            Done::Followed => self.following = true,
        }
        self.going.push(Box::pin(async move {
            work.await;
            what
        }));
    }

    /// The next that ends; for ever where there is none.
    async fn next(&mut self) -> Done {
        let Some(done) = self.going.next().await else {
            return std::future::pending().await;
        };
        match done {
            Done::Lane => self.lanes -= 1,
            Done::Followed => self.following = false,
        }
        done
    }

    /// Goes on with everything until `future` is ready.
    async fn until<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Either::Left((value, _)) = select(future.as_mut(), pin!(self.next())).await {
                return value;
            }
        }
    }

    async fn finish(mut self) {
        while self.going.next().await.is_some() {}
    }
}

/// One worker. Any number of them, in any number of processes, may share a store.
#[derive(Debug, Clone)]
pub struct Runner {
    engine: Engine,
    followers: Vec<Arc<dyn Follower>>,
    followed: Arc<Mutex<Option<LeaseInstant>>>,
    turns: Arc<AtomicUsize>,
    clock: Arc<ClockWatch>,
}

impl Runner {
    /// A worker of this engine.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            followers: Vec::new(),
            followed: Arc::default(),
            turns: Arc::default(),
            clock: Arc::default(),
        }
    }

    /// Lets somebody follow the log.
    #[must_use]
    pub fn with_follower(mut self, follower: Arc<dyn Follower>) -> Self {
        self.followers.push(follower);
        self
    }

    /// Works until `shutdown` resolves, then ends what is under way and lets its lanes go, so that
    /// other processes find them free: no mail is begun any more, and none is left in between.
    ///
    /// A slow lane keeps no other waiting. A failing store or provider is waited out; lanes that
    /// failed come back when their lease has ended.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let stopping = AtomicBool::new(false);
        let mut shutdown = pin!(shutdown);
        let mut work = Work::new();
        loop {
            let room = self
                .engine
                .settings
                .lanes_at_once
                .saturating_sub(work.lanes);
            let claimed = match room {
                0 => Ok(Vec::new()),
                room => work.until(self.claim(room)).await,
            };
            let claimed = claimed.unwrap_or_else(|error| {
                tracing::warn!(%error, "no lane could be claimed");
                Vec::new()
            });
            let idle = claimed.is_empty();
            for (claimed, at) in claimed {
                work.push(Done::Lane, self.work(claimed, at, &stopping));
            }
            if !work.following && (idle || self.must_follow()) {
                work.push(Done::Followed, self.follow_on());
            }
            let pause = Duration::from_millis(self.engine.settings.poll_millis);
            let mut sleep = pin!(self.engine.parts.sleeper.sleep(pause));
            let stop = loop {
                let ended = pin!(work.next());
                let next = select(sleep.as_mut(), ended);
                match select(shutdown.as_mut(), next).await {
                    Either::Left(_) => break true,
                    Either::Right((Either::Left(_), _)) => break false,
                    // A lane that ended may be due again, and there is room for another: look
                    // soon, but once for all that end together.
                    Either::Right((Either::Right((Done::Lane, _)), _)) => {
                        sleep.set(self.engine.parts.sleeper.sleep(SHORT));
                    }
                    Either::Right((Either::Right((Done::Followed, _)), _)) => {}
                }
            };
            if stop {
                stopping.store(true, Ordering::Relaxed);
                return work.finish().await;
            }
        }
    }

    /// Claims what is due once, works it to the end, and says how many lanes that were.
    ///
    /// # Errors
    /// [`EngineError::Store`] when nothing could be claimed. Errors of single lanes are logged.
    pub async fn turn(&self) -> Result<usize, EngineError> {
        let claimed = self.claim(usize::MAX).await?;
        let count = claimed.len();
        let stopping = AtomicBool::new(false);
        let mut work = FuturesUnordered::new();
        for (claimed, at) in claimed {
            work.push(self.work(claimed, at, &stopping));
        }
        while work.next().await.is_some() {}
        if count == 0 || self.must_follow() {
            self.follow().await?;
        }
        Ok(count)
    }

    async fn follow_on(&self) {
        if let Err(error) = self.follow().await {
            tracing::warn!(%error, "the log could not be followed");
        }
    }

    fn must_follow(&self) -> bool {
        let last = *self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_none_or(|last| self.engine.parts.lease.now().since(last) >= FOLLOW_AT_LEAST)
    }

    async fn follow(&self) -> Result<(), EngineError> {
        self.watch_clock().await;
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

    /// Looks through the lanes where a clock may have been ahead: what it wrote down as the time to look
    /// again may lie in a future that nobody waits for.
    async fn watch_clock(&self) {
        let parts = &self.engine.parts;
        if !self.clock.is_due(parts.lease.now(), parts.clock.now()) {
            return;
        }
        if let Err(error) = self.engine.wake_lanes_ahead().await {
            tracing::warn!(%error, "the lanes could not be looked through; they are soon");
            self.clock.look_again();
        }
    }

    async fn work(&self, claimed: Claimed, at: LeaseInstant, stopping: &AtomicBool) {
        match self.engine.work_lane_until(claimed, at, stopping).await {
            Ok(()) => {}
            Err(EngineError::LaneLost) => tracing::warn!("a lane was taken over"),
            Err(error) => tracing::error!(%error, "a lane could not be worked"),
        }
    }

    /// Claims due lanes, `room` at most; each time from another bucket on, so that none waits for
    /// ever behind busy ones.
    async fn claim(&self, room: usize) -> Result<Vec<(Claimed, LeaseInstant)>, EngineError> {
        let parts = &self.engine.parts;
        let settings = &self.engine.settings;
        let mut all = Vec::new();
        let mut buckets: Vec<Bucket> = self.buckets().await?.into_iter().collect();
        if !buckets.is_empty() {
            let turn = self.turns.fetch_add(1, Ordering::Relaxed);
            let first = turn % buckets.len();
            buckets.rotate_left(first);
        }
        for bucket in buckets {
            let limit = settings.claim_limit.min(room - all.len());
            if limit == 0 {
                break;
            }
            let at = parts.lease.now();
            let claim = Claim {
                table: &LANE,
                bucket,
                due_before: parts.clock.now().as_millisecond(),
                limit,
                lease_millis: settings.lease_millis as i64,
            };
            // What was claimed before this failed is worked, not left until its lease ends.
            match parts.storage.claim(claim).await {
                Ok(rows) => all.extend(rows.into_iter().map(|row| (row, at))),
                Err(error) if all.is_empty() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "not every lane could be claimed");
                    break;
                }
            }
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
