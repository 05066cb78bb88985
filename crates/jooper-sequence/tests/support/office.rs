//! A worker that stands still with a mail in its hand, and somebody who acts at another process meanwhile.

use std::sync::Arc;

use jooper_core::{ManualClock, SendState};
use jooper_sequence::{Engine, EngineSettings, Runner};
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{Batch, MemoryStore, Record, Storage, Write};

use super::{LeaseOf, Mortal, Passing, Process, World, at};

/// Whether a batch says that a mail is about to be handed over.
pub fn is_posting(batch: &Batch) -> bool {
    batch.writes.iter().any(|write| {
        matches!(write, Write::Put(key, values) if key.table().name == SEND.name
            && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == SendState::Posting))
    })
}

/// A campaign of one lead, whose first mail is held by its worker right before it is handed over while
/// `act` happens at the other process; then the worker goes on.
pub async fn while_a_mail_is_held(act: impl AsyncFnOnce(&World, Engine)) -> World {
    let time = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    let store: Arc<dyn Storage> = Arc::new(MemoryStore::with_clock(time.clone()));
    let world = World::on(store.clone(), 1).await;
    let process = Mortal::new(store.clone());
    let engine = |store: Arc<dyn Storage>, number| {
        let process = Process {
            store,
            clock: world.clock.clone(),
            lease: Arc::new(LeaseOf(time.clone())),
            sleeper: Arc::new(Passing(time.clone())),
            transport: world.transport.clone(),
            inbox: world.inbox.clone(),
            settings: EngineSettings::default(),
            number,
        };
        process.engine()
    };
    let (worker, office) = (engine(process.clone(), 9), engine(store, 10));
    world.campaign().await;
    process.freeze_with(is_posting);
    let (runner, clock) = (Runner::new(worker), world.clock.clone());
    let working = async {
        for _ in 0..20 {
            while runner.turn().await.unwrap() > 0 {}
            clock.advance_millis(600_000);
        }
    };
    let acting = async {
        while !process.is_frozen() {
            tokio::task::yield_now().await;
        }
        act(&world, office).await;
        process.thaw();
    };
    tokio::join!(working, acting);
    world
}
