//! What is of no more use goes.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jooper_storage::tables::{COUNTER, CounterRow};
use jooper_storage::{Batch, Scan, StorageExt};
use support::{World, start};

#[tokio::test]
async fn permits_of_crashed_senders_are_swept() {
    let world = World::new().await;
    for n in 1..=3 {
        world.consented(n).await;
        let intent = world.intent(n);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch());
        assert!(acquired.await.unwrap().verdict().is_allow());
    }
    assert_eq!(world.gate.sweep(world.ws).await.unwrap(), 0);
    world.clock.advance_millis(71_000);
    assert_eq!(world.gate.sweep(world.ws).await.unwrap(), 3);
    assert_eq!(world.gate.sweep(world.ws).await.unwrap(), 0);
}

#[tokio::test]
async fn counters_are_swept_once_their_time_is_over() {
    let world = World::new().await;
    let now = start().as_millisecond();
    let counter = |n: u16, expires_at| CounterRow {
        key: n.to_be_bytes().to_vec(),
        count: 1,
        expires_at,
    };
    let most = u16::try_from(Batch::most_rows(&[&COUNTER])).unwrap();
    for first in [0, most] {
        let old = (first..first + most).map(|n| counter(n, now - 1));
        let batch = old.fold(world.batch(), |batch, row| batch.put(&row));
        world.commit(batch).await;
    }
    let kept = [counter(u16::MAX - 1, now), counter(u16::MAX, i64::MAX)];
    let batch = kept.iter().fold(world.batch(), Batch::put);
    world.commit(batch).await;
    let sweep = async || world.gate.sweep(world.ws).await.unwrap();
    let most = usize::from(most);
    assert_eq!(
        [sweep().await, sweep().await, sweep().await],
        [most, most, 0]
    );
    let left = Scan::table(&COUNTER);
    let left = world.store.collect::<CounterRow>(world.ws, left).await;
    let left: Vec<_> = left.unwrap().into_iter().map(|row| row.record).collect();
    assert_eq!(left, kept);
    world.clock.advance_millis(1);
    assert_eq!(sweep().await, 1);
}
