//! What is of no more use goes.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use jiff::SignedDuration;
use jooper_consent::{Ceilings, MailMemory, forget_mails, remember_as_of_now};
use jooper_core::{CampaignId, StopReason, StopSource};
use jooper_storage::tables::{COUNTER, ContactFenceRow, CounterRow, EarlierMails, SuppressionRow};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt};
use support::{World, id, start};

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
    world.clock.advance_millis(10_000 + 3_600_000);
    assert_eq!(world.gate.sweep(world.ws).await.unwrap(), 0);
    world.clock.advance_millis(1_000);
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

fn mails(campaign: u128, days_ago: i64) -> EarlierMails {
    EarlierMails {
        campaign: CampaignId::from_uuid(id(campaign)),
        mails: 2,
        last_at: start() - SignedDuration::from_hours(24 * days_ago),
    }
}

async fn remembered(world: &World, n: u128) -> Vec<EarlierMails> {
    let key = vec![world.recipient(n).contact_index.to_value()];
    let found = world.store.find::<ContactFenceRow>(world.ws, key).await;
    let found = found
        .unwrap()
        .map(|row| row.record.earlier_mails().unwrap());
    found.unwrap_or_default()
}

async fn remember(world: &World, n: u128, had: &[EarlierMails]) {
    let contact = world.recipient(n).contact_index;
    let memory = MailMemory::read(&*world.store, world.ws, contact).await;
    let batch = memory.unwrap().remember(had, world.batch()).unwrap();
    world.commit(batch).await;
}

async fn counters(world: &World) -> usize {
    let all = Scan::table(&COUNTER);
    let all = world.store.collect::<CounterRow>(world.ws, all).await;
    all.unwrap().len()
}

/// What a deletion remembers ends with its use, one campaign after the other.
#[tokio::test]
async fn what_a_deletion_remembers_is_forgotten_once_it_counts_no_more() {
    let world = World::new().await;
    let (old, new) = (mails(1, 20), mails(2, 5));
    remember(&world, 1, &[old, new]).await;
    remember(&world, 2, &[new]).await;
    let day = SignedDuration::from_hours(24);
    let sweep = async || while world.gate.sweep(world.ws).await.unwrap() > 0 {};
    sweep().await;
    assert_eq!(remembered(&world, 1).await, [new, old]);
    world
        .clock
        .set(start() + 10 * day + SignedDuration::from_secs(1));
    sweep().await;
    assert_eq!(remembered(&world, 1).await, [new]);
    assert_eq!(remembered(&world, 2).await, [new]);
    assert_eq!(counters(&world).await, 2);
    // Who counts for longer remembers for longer.
    let longer = Ceilings::new().with_span(Ceilings::SPAN + day);
    world
        .clock
        .set(start() + 25 * day + SignedDuration::from_secs(1));
    let strict = world.gate.clone().with_ceilings(longer);
    while strict.sweep(world.ws).await.unwrap() > 0 {}
    assert_eq!(remembered(&world, 1).await, [new]);
    world
        .clock
        .set(start() + 26 * day + SignedDuration::from_secs(1));
    sweep().await;
    for n in [1, 2] {
        assert_eq!(remembered(&world, n).await, []);
    }
    assert_eq!(counters(&world).await, 0);
}

/// What versions before this one remembered has no end of its own yet.
#[tokio::test]
async fn what_older_versions_remember_ends_as_well() {
    let world = World::new().await;
    let fence = ContactFenceRow::of(world.recipient(1).contact_index);
    let fence = fence.remembering(&[mails(1, 40)]).unwrap();
    world.commit(world.batch().put(&fence)).await;
    while world.gate.sweep(world.ws).await.unwrap() > 0 {}
    assert_eq!(remembered(&world, 1).await, []);
    assert_eq!(counters(&world).await, 0);
}

/// Who was erased, or wants no more mail, is on the list; nothing else is kept of them.
#[tokio::test]
async fn of_whoever_wants_none_nothing_is_remembered() {
    let world = World::new().await;
    for (n, reason, kept) in [
        (1, StopReason::Erased, false),
        (2, StopReason::Objected, false),
        (3, StopReason::Unsubscribed, false),
        (4, StopReason::Bounced, true),
        (5, StopReason::Replied, true),
    ] {
        let contact = world.recipient(n).contact_index;
        let row = SuppressionRow {
            index: contact,
            reason,
            source: StopSource::Person,
            since: start(),
            provisional: false,
            renewed_at: None,
            beside: None,
        };
        // Also what an older version remembered all the same.
        let known = ContactFenceRow::of(contact).remembering(&[mails(7, 1)]);
        let batch = world.batch().put(&row).put(&known.unwrap());
        world.commit(batch).await;
        remember(&world, n, &[mails(8, 1)]).await;
        let known = remembered(&world, n).await;
        assert_eq!(known.len(), if kept { 2 } else { 0 }, "{reason:?}");
        let listed = world
            .store
            .find::<SuppressionRow>(world.ws, row.key().values().to_vec());
        assert_eq!(listed.await.unwrap().unwrap().record, row, "{reason:?}");
    }
    assert_eq!(counters(&world).await, 2);
    let gone = forget_mails(world.batch(), world.recipient(4).contact_index);
    world.commit(gone).await;
    assert_eq!(
        (remembered(&world, 4).await.len(), counters(&world).await),
        (0, 1)
    );
}

/// Whoever is erased between the reading and the commit is not remembered either.
#[tokio::test]
async fn an_erasure_that_comes_in_between_wins() {
    let world = World::new().await;
    let to = world.recipient(1);
    let memory = MailMemory::read(&*world.store, world.ws, to.contact_index);
    let memory = memory.await.unwrap();
    let (why, who) = (StopReason::Erased, StopSource::Person);
    world
        .stops
        .stop(world.ws, world.person(1), why, who)
        .await
        .unwrap();
    let batch = memory.remember(&[mails(1, 1)], world.batch()).unwrap();
    assert!(world.store.commit(batch).await.unwrap_err().is_conflict());
    assert_eq!(remembered(&world, 1).await, []);
}

/// A clock was ahead when the last of them went.
#[tokio::test]
async fn mails_that_are_remembered_under_a_later_time_count_as_of_now() {
    let world = World::new().await;
    let now = start();
    let ahead = |campaign| EarlierMails {
        last_at: now + SignedDuration::from_hours(24 * 365),
        ..mails(campaign, 1)
    };
    remember(&world, 1, &[mails(1, 5), ahead(2)]).await;
    remember(&world, 2, &[ahead(2)]).await;
    let mut after = None;
    loop {
        after = remember_as_of_now(&*world.store, world.ws, now, after)
            .await
            .unwrap();
        if after.is_none() {
            break;
        }
    }
    let as_of_now = EarlierMails {
        last_at: now,
        ..ahead(2)
    };
    assert_eq!(remembered(&world, 1).await, [as_of_now, mails(1, 5)]);
    assert_eq!(remembered(&world, 2).await, [as_of_now]);
    // They are forgotten as any other.
    world
        .clock
        .set(now + Ceilings::SPAN + SignedDuration::from_secs(1));
    while world.gate.sweep(world.ws).await.unwrap() > 0 {}
    assert_eq!(counters(&world).await, 0);
}
