//! Leases: who holds a lane, until when, and by which clock.

use std::collections::BTreeSet;
use std::sync::Arc;

use jooper_core::Bucket;
use jooper_storage::tables::LANE;
use jooper_storage::{Batch, Check, Claim, Claimed, ColumnOp, Storage, StoreError, Value, Write};
use tokio::task::JoinSet;

use super::sample::{
    at_most, commit, conflict, count, free_lane, get, lane, workspace, workspace_in,
};

fn claim(limit: usize, due_before: i64, lease_millis: i64) -> Claim {
    Claim {
        table: &LANE,
        bucket: workspace(1).bucket(),
        due_before,
        limit,
        lease_millis,
    }
}

/// Claims, again while the store is only busy.
async fn claimed(store: &dyn Storage, claim: Claim) -> Vec<Claimed> {
    loop {
        match store.claim(claim.clone()).await {
            Err(StoreError::Busy(_)) => tokio::task::yield_now().await,
            other => return other.unwrap(),
        }
    }
}

fn int(claimed: &Claimed, column: &str) -> i64 {
    match claimed.row.values[LANE.position(column).unwrap()] {
        Value::Int(n) => n,
        _ => panic!("{column} is a number"),
    }
}

async fn lanes(store: &dyn Storage, n: u64) {
    let batch = (1..=n).fold(Batch::new(workspace(1)), |batch, lane| {
        batch.write(free_lane(lane, lane as i64))
    });
    commit(store, batch).await.unwrap();
}

/// Waits until the store's own clock shows a later time.
async fn pass(store: &dyn Storage, until: i64) {
    while store.now().await.unwrap().as_millisecond() < until {
        tokio::task::yield_now().await;
    }
}

/// A join that runs its locking sub-select again for each row takes all rows of a small table for
/// `LIMIT 5`; it does so on tables without statistics, which is what a fresh one is.
pub async fn a_claim_never_takes_more_than_its_limit(store: Arc<dyn Storage>) {
    for (round, rows) in [20_u64, 40, 200].into_iter().enumerate() {
        let space = workspace_in(100 + round as u16, 1);
        let batch = (1..=rows).fold(Batch::new(space), |batch, lane| {
            batch.write(free_lane(lane, 1))
        });
        commit(&*store, batch).await.unwrap();
        let mut left = rows as usize;
        while left > 0 {
            let claim = Claim {
                bucket: space.bucket(),
                ..claim(5, 10, 60_000)
            };
            let taken = claimed(&*store, claim).await.len();
            assert_eq!(taken, left.min(5), "of {rows} rows");
            left -= taken;
        }
    }
    lanes(&*store, 3).await;
    assert!(claimed(&*store, claim(0, 10, 60_000)).await.is_empty());
}

pub async fn concurrent_claimers_share_the_rows_without_overlap(store: Arc<dyn Storage>) {
    lanes(&*store, 200).await;
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let mut mine = Vec::new();
            let mut empty = 0;
            // An empty answer may only mean that others were faster: ask a few times more.
            while empty < 20 {
                let batch = claimed(&*store, claim(7, 1_000, 60_000)).await;
                assert!(batch.len() <= 7);
                if batch.is_empty() {
                    empty += 1;
                    tokio::task::yield_now().await;
                }
                mine.extend(batch);
            }
            mine
        });
    }
    let mut seen = BTreeSet::new();
    for one in tasks.join_all().await.into_iter().flatten() {
        assert_eq!(int(&one, "fence"), 1);
        assert!(
            seen.insert(one.row.values[0].clone()),
            "a row was claimed twice"
        );
    }
    assert_eq!(seen.len(), 200, "every row found its holder");
}

pub async fn a_claimed_row_is_hidden_until_its_lease_ends(store: Arc<dyn Storage>) {
    lanes(&*store, 1).await;
    let before = store.now().await.unwrap().as_millisecond();
    let first = claimed(&*store, claim(10, 1_000, 300)).await;
    let after = store.now().await.unwrap().as_millisecond();
    let until = int(&first[0], "lease_until");
    assert!(
        (before + 300..=after + 300).contains(&until),
        "by the store's clock"
    );
    loop {
        let again = claimed(&*store, claim(10, 1_000, 300)).await;
        let now = store.now().await.unwrap().as_millisecond();
        if !again.is_empty() {
            assert!(now >= until, "the lease had not ended");
            break;
        }
        assert!(now < until + 60_000, "an ended lease must be handed on");
        tokio::task::yield_now().await;
    }
}

pub async fn an_expired_lease_is_handed_on_with_a_higher_fence(store: Arc<dyn Storage>) {
    lanes(&*store, 1).await;
    for fence in 1..=3 {
        let mut taken = Vec::new();
        while taken.is_empty() {
            taken = claimed(&*store, claim(1, 1_000, 30)).await;
        }
        assert_eq!(int(&taken[0], "fence"), fence);
        assert_eq!(taken[0].workspace, workspace(1));
        let stored = get(&*store, workspace(1), &lane(1)).await.unwrap();
        assert_eq!(stored, taken[0].row, "what was claimed is what is stored");
        pass(&*store, int(&taken[0], "lease_until")).await;
    }
}

pub async fn a_stale_fence_is_refused_and_a_live_one_passes(store: Arc<dyn Storage>) {
    lanes(&*store, 1).await;
    let settle = |token, name: &str| {
        Batch::new(workspace(1))
            .check(Check::Fence(lane(1), token))
            .write(count(name, 1))
    };
    let unclaimed = commit(&*store, settle(1, "early")).await;
    assert!(matches!(unclaimed, Err(StoreError::FenceLost)));
    let first = claimed(&*store, claim(1, 1_000, 30)).await;
    let old = int(&first[0], "fence");
    commit(&*store, settle(old, "live")).await.unwrap();
    pass(&*store, int(&first[0], "lease_until")).await;
    let second = claimed(&*store, claim(1, 1_000, 60_000)).await;
    let stale = commit(&*store, settle(old, "stale")).await;
    assert!(matches!(stale, Err(StoreError::FenceLost)), "{stale:?}");
    commit(&*store, settle(int(&second[0], "fence"), "new"))
        .await
        .unwrap();
    let absent = Batch::new(workspace(1)).check(Check::Fence(lane(9), 1));
    assert!(matches!(
        commit(&*store, absent).await,
        Err(StoreError::FenceLost)
    ));
    for (name, there) in [
        ("early", false),
        ("live", true),
        ("stale", false),
        ("new", true),
    ] {
        let row = get(&*store, workspace(1), &super::sample::counter(name)).await;
        assert_eq!(row.is_some(), there, "{name}");
    }
    let capped = settle(int(&second[0], "fence"), "new").check(at_most("new", 0));
    assert_eq!(conflict(commit(&*store, capped).await), Some(1));
}

/// Found by the random histories: seed 733.
pub async fn a_fence_that_cannot_grow_is_never_handed_out(store: Arc<dyn Storage>) {
    lanes(&*store, 2).await;
    let worn = ("fence", ColumnOp::Set(Value::Int(i64::MAX)));
    let batch = Batch::new(workspace(1)).write(Write::Patch(lane(1), vec![worn]));
    commit(&*store, batch).await.unwrap();
    let taken = claimed(&*store, claim(10, 1_000, 60_000)).await;
    let fences: Vec<i64> = taken.iter().map(|one| int(one, "fence")).collect();
    assert_eq!(fences, [1], "the other lane alone");
}

pub async fn the_longest_due_row_comes_first_and_later_rows_stay(store: Arc<dyn Storage>) {
    let due = [30, 10, 50, 20, 40];
    let batch = due
        .iter()
        .enumerate()
        .fold(Batch::new(workspace(1)), |batch, (n, due)| {
            batch.write(free_lane(n as u64, *due))
        });
    commit(&*store, batch).await.unwrap();
    let times = |claimed: &[Claimed]| -> Vec<i64> {
        claimed.iter().map(|one| int(one, "wake_at")).collect()
    };
    assert_eq!(
        times(&claimed(&*store, claim(2, 40, 60_000)).await),
        [10, 20]
    );
    assert_eq!(
        times(&claimed(&*store, claim(10, 40, 60_000)).await),
        [30, 40]
    );
    assert!(claimed(&*store, claim(10, 40, 60_000)).await.is_empty());
    assert_eq!(times(&claimed(&*store, claim(10, 50, 60_000)).await), [50]);
}

pub async fn a_claim_spans_the_workspaces_of_its_bucket_only(store: Arc<dyn Storage>) {
    for (bucket, space) in [(7, 1), (7, 2), (8, 1)] {
        let batch = Batch::new(workspace_in(bucket, space)).write(free_lane(1, 5));
        commit(&*store, batch).await.unwrap();
    }
    let taken = claimed(&*store, claim(10, 5, 60_000)).await;
    let spaces: Vec<_> = taken.iter().map(|one| one.workspace).collect();
    assert_eq!(spaces, [workspace_in(7, 1), workspace_in(7, 2)]);
    let other = Claim {
        bucket: Bucket::from_bits(8),
        ..claim(10, 5, 60_000)
    };
    assert_eq!(claimed(&*store, other).await.len(), 1);
    let none = Claim {
        bucket: Bucket::from_bits(9),
        ..claim(10, 5, 60_000)
    };
    assert!(claimed(&*store, none).await.is_empty());
}

pub async fn the_stores_clock_never_goes_back(store: Arc<dyn Storage>) {
    let mut last = store.now().await.unwrap();
    for _ in 0..200 {
        let now = store.now().await.unwrap();
        assert!(now >= last);
        last = now;
    }
}
