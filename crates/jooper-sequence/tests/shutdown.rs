//! A worker that is told to end: what is under way settles, its lanes are let go, nothing new begins.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::time;
use jooper_core::{CampaignId, EnrollmentState, SendState, WaitReason, WorkspaceId};
use jooper_sequence::Runner;
use jooper_sequence::model::{CatchUp, Edit, Schedule, Sequence, Window};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE, LaneRow, PERMIT, PermitRow, SEND, SendRow,
};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, MemoryStore, Page,
    Row, Scan, Scope, Storage, StorageExt, StoreError,
};
use support::{SEQUENCE, World};
use tokio::sync::Notify;

/// A store that has its worker told to end behind one of its commits.
#[derive(Debug)]
struct Watched {
    inner: Arc<dyn Storage>,
    commits: AtomicUsize,
    /// Behind which commit.
    at: AtomicUsize,
    told: Notify,
}

#[async_trait]
impl Storage for Watched {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await?;
        let number = self.commits.fetch_add(1, Ordering::SeqCst);
        if number == self.at.load(Ordering::SeqCst) {
            self.told.notify_one();
            // The worker hears of it before this lane goes on.
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        self.inner.read_log(workspace, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.inner.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

/// Twelve leads whose first mail is due without a gap; a worker is told to end behind the n-th of
/// its commits. Returns whether it was told in time, and how many mails went after that.
async fn told_behind(n: usize) -> (bool, usize) {
    let store = Arc::new(Watched {
        inner: Arc::new(MemoryStore::new()),
        commits: AtomicUsize::new(0),
        at: AtomicUsize::new(usize::MAX),
        told: Notify::new(),
    });
    let world = World::on(store.clone(), 12).await;
    let schedule = Schedule {
        gap_seconds_min: 0,
        gap_seconds_max: 0,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    // Enrolled and due.
    let enrolls = Runner::new(world.engine.clone());
    world.clock.advance_millis(-24 * 3_600_000);
    while enrolls.turn().await.unwrap() > 0 {}
    world.clock.advance_millis(24 * 3_600_000 + 3_600_000);
    let before = store.commits.load(Ordering::SeqCst);
    store.at.store(before + n, Ordering::SeqCst);
    let went = Arc::new(AtomicUsize::new(0));
    let told = async {
        store.told.notified().await;
        went.store(world.transport.accepted().len(), Ordering::SeqCst);
    };
    let worker = Runner::new(world.engine.clone());
    let run = worker.run(told);
    tokio::pin!(run);
    // A worker that did everything before it was told is told nothing.
    for _ in 0..20_000 {
        tokio::select! {
            biased;
            () = &mut run => {
                let more = world.transport.accepted().len() - went.load(Ordering::SeqCst);
                assert_is_at_rest(&world).await;
                return (true, more);
            }
            () = tokio::task::yield_now() => {}
        }
    }
    (false, 0)
}

/// Nothing is in between, and nobody has to wait for a lease to end.
async fn assert_is_at_rest(world: &World) {
    let sends = world
        .store
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    for row in sends.iter().map(|row| &row.record) {
        assert!(
            !matches!(row.state, SendState::Reserved | SendState::Posting),
            "left in between: {row:?}"
        );
    }
    let sent = sends
        .iter()
        .filter(|row| row.record.state == SendState::Sent)
        .count();
    assert_eq!(sent, world.transport.accepted().len());
    let lanes = world
        .store
        .collect::<LaneRow>(world.workspace, Scan::table(&LANE))
        .await
        .unwrap();
    for lane in lanes {
        assert_eq!(lane.record.lease_until, Timestamp::UNIX_EPOCH, "let go");
    }
    let permits = world
        .store
        .collect::<PermitRow>(world.workspace, Scan::table(&PERMIT))
        .await
        .unwrap();
    assert_eq!(permits.len(), 0, "given back");
    let rows = world
        .store
        .collect::<EnrollmentRow>(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    let moved = rows.iter().filter(|row| row.record.sent == 1).count();
    assert_eq!(moved, sent, "who was written to has moved on");
}

#[tokio::test]
async fn a_worker_that_is_told_to_end_in_mid_pass_settles_what_is_under_way_and_begins_nothing() {
    let (mut told, mut under_way) = (0, 0);
    for n in 0..40 {
        let (was_told, more) = told_behind(n).await;
        told += usize::from(was_told);
        under_way += more;
        assert!(more <= 1, "told behind commit {n}, and {more} mails began");
    }
    assert!(told >= 20, "{told} of 40 in mid-pass");
    assert!(under_way > 0, "some of them with a mail on its way");
}

/// Thirty leads who are enrolled, and wait for a Friday.
async fn thirty() -> (Arc<Watched>, World, CampaignId) {
    let store = Arc::new(Watched {
        inner: Arc::new(MemoryStore::new()),
        commits: AtomicUsize::new(0),
        at: AtomicUsize::new(usize::MAX),
        told: Notify::new(),
    });
    let world = World::on(store.clone(), 30).await;
    let friday = Window {
        weekday: 5,
        from: time(9, 0, 0, 0),
        to: time(17, 0, 0, 0),
    };
    let schedule = Schedule {
        windows: vec![friday],
        catch_up: CatchUp::Ask,
        ..Schedule::default()
    };
    let id = world.campaign_of(SEQUENCE, schedule).await;
    turn(&world).await;
    (store, world, id)
}

async fn turn(world: &World) {
    let runner = Runner::new(world.engine.clone());
    while runner.turn().await.unwrap() > 0 {}
}

/// A worker is told to end in the middle of its work, and does.
async fn told_in_the_middle(store: &Watched, world: &World) {
    let at = store.commits.load(Ordering::SeqCst) + 6;
    store.at.store(at, Ordering::SeqCst);
    let worker = Runner::new(world.engine.clone());
    worker.run(store.told.notified()).await;
    let more = store.commits.load(Ordering::SeqCst) - at;
    assert!(more <= 6, "{more} commits behind the word");
    assert_is_at_rest(world).await;
}

async fn those(world: &World, is: fn(&EnrollmentRow) -> bool) -> usize {
    let all = Scan::table(&ENROLLMENT);
    let rows = world.store.collect::<EnrollmentRow>(world.workspace, all);
    let rows = rows.await.unwrap();
    rows.iter().filter(|row| is(&row.record)).count()
}

#[tokio::test]
async fn a_worker_that_is_told_to_end_leaves_what_is_about_many_to_the_next_one() {
    let (store, world, id) = thirty().await;
    let campaigns = world.engine.campaigns(world.workspace);
    let later = SEQUENCE.replace("4 working days", "5 working days");
    let later = Sequence::from_toml(&later).unwrap();
    let edited = campaigns.edit(id, &later, &Edit::move_all()).await;
    edited.unwrap();
    let moved: fn(&EnrollmentRow) -> bool = |row| row.sequence_version == 2;
    told_in_the_middle(&store, &world).await;
    assert!((1..30).contains(&those(&world, moved).await));
    turn(&world).await;
    assert_eq!(those(&world, moved).await, 30);
    // A downtime of more than a week.
    world.clock.advance_millis(9 * 24 * 3_600_000);
    let late: fn(&EnrollmentRow) -> bool = |row| row.wait == Some(WaitReason::Overdue);
    told_in_the_middle(&store, &world).await;
    assert!((1..30).contains(&those(&world, late).await));
    turn(&world).await;
    assert_eq!(
        those(&world, late).await,
        30,
        "nobody was written to unasked"
    );
    // The campaign ends while they are to go on.
    campaigns.pause(id).await.unwrap();
    campaigns.resume_overdue(id).await.unwrap();
    told_in_the_middle(&store, &world).await;
    assert!((1..30).contains(&those(&world, late).await));
    turn(&world).await;
    assert_eq!(those(&world, late).await, 0);
    campaigns.end(id).await.unwrap();
    let ended: fn(&EnrollmentRow) -> bool = |row| row.state == EnrollmentState::Finished;
    told_in_the_middle(&store, &world).await;
    assert!((1..30).contains(&those(&world, ended).await));
    turn(&world).await;
    assert_eq!(those(&world, ended).await, 30);
    assert_eq!(world.transport.accepted().len(), 0);
}
