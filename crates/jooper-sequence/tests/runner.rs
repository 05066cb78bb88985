//! Lanes from claim to release: what they write down, and what pauses, parks and ends them.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::EventKind;
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{LogCursor, LogEntry, Scan, StorageExt};
use jooper_transport::{Outcome, UnknownCause};
use support::World;

async fn sends(world: &World) -> Vec<SendRow> {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn log(world: &World) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    let mut cursor = LogCursor::start();
    loop {
        let page = world.store.read_log(world.workspace, cursor).await.unwrap();
        if page.records.is_empty() {
            return entries;
        }
        cursor.after = page.next;
        entries.extend(page.records.into_iter().map(|record| record.entry));
    }
}

#[tokio::test]
async fn facts_of_a_mail_carry_the_time_at_which_it_began() {
    let world = World::new(1).await;
    world
        .transport
        .script(Outcome::Unknown(UnknownCause::Timeout));
    world.campaign().await;
    world.run_for(24).await;
    let first = sends(&world).await.remove(0);
    let began = first.posting_at.unwrap();
    assert!(first.settled_at.unwrap() > began, "found later");
    let told: Vec<_> = log(&world)
        .await
        .into_iter()
        .filter(|entry| matches!(entry.kind, EventKind::Sent | EventKind::SendUnknown))
        .map(|entry| (entry.kind, entry.at))
        .collect();
    assert_eq!(
        told,
        [(EventKind::SendUnknown, began), (EventKind::Sent, began)]
    );
}
