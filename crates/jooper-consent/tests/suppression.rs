//! The list only grows (law L5), whatever happens to the data around it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "suppression/dismissed.rs"]
mod dismissed;
#[path = "suppression/domains.rs"]
mod domains;
#[path = "suppression/providers.rs"]
mod providers;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{
    Listed, Note, PersonalAct, RefusalReason, StopError, StopScope, Stops, Verdict, not_sendable,
    replay,
};
use jooper_core::{
    CampaignId, Clock, EventKind, KeyedIndex, ManualClock, Sealed, StopReason, StopSource, UserId,
    WorkspaceState,
};
use jooper_storage::tables::{
    ContactFenceRow, EarlierMails, LEAD, LeadAddressRow, SUPPRESSION, SuppressionRow, WORKSPACE,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Erase, Key, LogCursor, MemoryStore, Scan, Standing, Storage,
    StorageExt, Value, Witness, WitnessEntry, WitnessError, WitnessRecord, Write,
};
use proptest::prelude::*;
use support::{
    LeaseOf, MemoryWitness, Passing, World, country, id, in_writing, on_their_page, opted_in,
};

async fn listed(world: &World) -> BTreeMap<KeyedIndex, SuppressionRow> {
    let scan = Scan::table(&SUPPRESSION);
    let rows = world.store.collect::<SuppressionRow>(world.ws, scan).await;
    let rows = rows.unwrap().into_iter().map(|row| row.record);
    rows.map(|row| (row.index, row)).collect()
}

fn installation() -> jooper_core::InstallationId {
    jooper_core::InstallationId::from_uuid(id(7))
}

/// Something that happens to a workspace.
#[derive(Debug, Clone, Copy)]
enum Event {
    Import(u8),
    ImportList(u8, u8),
    Stop(u8, u8),
    StopDomain(u8),
    DeleteLead(u8),
    Erase(u8),
    Merge(u8, u8),
    Rename,
    Leave,
    Backup,
    Restore,
    Clone,
    Sweep,
    Resume,
    DismissNothing(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let who = 0..6_u8;
    prop_oneof![
        who.clone().prop_map(Event::Import),
        (who.clone(), 0..3_u8).prop_map(|(n, why)| Event::ImportList(n, why)),
        (who.clone(), 0..6_u8).prop_map(|(n, why)| Event::Stop(n, why)),
        who.clone().prop_map(Event::StopDomain),
        who.clone().prop_map(Event::DeleteLead),
        who.clone().prop_map(Event::Erase),
        (who.clone(), who.clone()).prop_map(|(a, b)| Event::Merge(a, b)),
        Just(Event::Rename),
        Just(Event::Leave),
        Just(Event::Backup),
        Just(Event::Restore),
        Just(Event::Clone),
        Just(Event::Sweep),
        Just(Event::Resume),
        who.prop_map(Event::DismissNothing),
    ]
}

const REASONS: [StopReason; 6] = [
    StopReason::Replied,
    StopReason::Bounced,
    StopReason::Unsubscribed,
    StopReason::Objected,
    StopReason::Listed,
    StopReason::Erased,
];

/// A world whose store can be swapped for a copy, as restoring does.
struct Living {
    world: World,
    memory: MemoryStore,
    backup: MemoryStore,
    witness: Arc<MemoryWitness>,
}

impl Living {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::new(support::start()));
        let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
        let world = World::over(Arc::new(memory.clone()), clock).await;
        Self {
            witness: world.witness.clone(),
            backup: memory.snapshot(),
            memory,
            world,
        }
    }

    /// The same witness over other data.
    fn swap(&mut self, memory: MemoryStore) {
        self.world = self.world.with_store(Arc::new(memory.clone()));
        self.memory = memory;
    }

    async fn happen(&mut self, event: Event) {
        self.world.clock.advance_millis(1000);
        let at = self.world.clock.now();
        let world = &self.world;
        match event {
            Event::Import(n) => {
                world.lead(n.into(), country("DE")).await;
            }
            Event::ImportList(n, why) => {
                let to = world.recipient(n.into());
                let line = Listed {
                    contact_index: to.contact_index,
                    variants: to.variants,
                    whole_domain: false,
                    reason: REASONS[usize::from(why)],
                };
                world
                    .stops
                    .import(world.ws, &[line], UserId::from_uuid(id(9)))
                    .await
                    .unwrap();
            }
            Event::Stop(n, why) => {
                let scope = world.person(n.into());
                let reason = REASONS[usize::from(why)];
                let stop = world
                    .stops
                    .stop(world.ws, scope, reason, StopSource::Person);
                stop.await.unwrap();
            }
            Event::StopDomain(n) => {
                let scope = StopScope::Domain(world.recipient(n.into()).domain_index);
                let stop = world
                    .stops
                    .stop(world.ws, scope, StopReason::Listed, StopSource::User);
                stop.await.unwrap();
            }
            Event::DeleteLead(n) => {
                let lead = world.recipient(n.into()).lead.unwrap();
                let key = Key::new(&LEAD, vec![lead.to_value()]);
                world.commit(world.batch().write(Write::Delete(key))).await;
            }
            Event::Merge(stays, goes) => {
                // The address moves to the other lead, and its old lead goes.
                let stays = world.lead(stays.into(), country("FR")).await;
                let to = world.recipient(goes.into());
                let row = LeadAddressRow {
                    email_index: to.email_index,
                    lead: stays,
                    contact_index: to.contact_index,
                    domain_index: to.domain_index,
                    address: Sealed::from_envelope(vec![3]),
                };
                let key = Key::new(&LEAD, vec![to.lead.unwrap().to_value()]);
                let batch = world.batch().put(&row).write(Write::Delete(key));
                world.commit(batch).await;
            }
            Event::Erase(n) => {
                let subject = world.recipient(n.into()).lead.unwrap().into();
                let workspace = world.ws;
                let erase = Erase { workspace, subject };
                world.store.erase(erase).await.unwrap();
            }
            Event::Rename => {
                let key = Key::new(&WORKSPACE, vec![world.ws.to_value()]);
                let name = vec![at.as_millisecond().to_le_bytes()[0]];
                let write =
                    Write::Patch(key, vec![("identity", ColumnOp::Set(Value::Bytes(name)))]);
                world.commit(world.batch().write(write)).await;
            }
            Event::Leave => {
                // The client goes, and everybody's data with it.
                for n in 0..6 {
                    let subject = world.recipient(n).lead.unwrap().into();
                    let workspace = world.ws;
                    let erase = Erase { workspace, subject };
                    world.store.erase(erase).await.unwrap();
                }
                let state = WorkspaceState::Leaving.to_value();
                let key = Key::new(&WORKSPACE, vec![world.ws.to_value()]);
                let write = Write::Patch(key, vec![("state", ColumnOp::Set(state))]);
                world.commit(world.batch().write(write)).await;
            }
            Event::Backup => self.backup = self.memory.snapshot(),
            Event::Restore | Event::Clone => {
                let old = match event {
                    Event::Restore => self.backup.snapshot(),
                    _ => self.memory.snapshot(),
                };
                let records = self.witness.read(0, usize::MAX).await.unwrap();
                replay(&old, &records).await.unwrap();
                self.swap(old);
            }
            Event::Sweep => {
                world.gate.sweep(world.ws).await.unwrap();
            }
            Event::Resume => {
                let by = UserId::from_uuid(id(9));
                let resumed = world
                    .stops
                    .resume(world.ws, world.person(1), by)
                    .await
                    .unwrap_err();
                assert!(matches!(resumed, StopError::NotResumable));
            }
            Event::DismissNothing(n) => {
                let to = world.recipient(n.into());
                let by = UserId::from_uuid(id(9));
                let seen = world
                    .stops
                    .provisional(world.ws, to.contact_index, &to.variants)
                    .await
                    .unwrap();
                let dismissed = world
                    .stops
                    .dismiss(world.ws, to.contact_index, &to.variants, by, &seen)
                    .await
                    .unwrap();
                assert_eq!(dismissed.lifted, 0, "nothing here is provisional");
            }
        }
    }
}

/// Whether an entry keeps back what it did before, for a reason that weighs as much.
fn keeps(still: &SuppressionRow, was: &SuppressionRow) -> bool {
    let whole_domain = |row: &SuppressionRow| row.beside == Some(StopReason::WholeDomain);
    let is_asked = |row: &SuppressionRow| {
        let unasked = [
            StopReason::Objected,
            StopReason::Complained,
            StopReason::Erased,
        ];
        let unasked = |reason| unasked.contains(&reason);
        !unasked(row.reason) && !row.beside.is_some_and(unasked)
    };
    !was.reason.outranks(still.reason)
        && (is_asked(was) || !is_asked(still))
        && (was.provisional || !still.provisional)
        && (whole_domain(still) || !whole_domain(was))
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_that_happens_takes_anybody_off_the_list(events in prop::collection::vec(event(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut living = Living::new().await;
            let mut before = BTreeMap::new();
            for event in events {
                living.happen(event).await;
                let now = listed(&living.world).await;
                for (index, row) in &before {
                    let still = now.get(index).unwrap_or_else(|| panic!("{event:?} lifted {row:?}"));
                    assert!(keeps(still, row), "{event:?}: {row:?} became {still:?}");
                }
                before = now;
            }
        });
    }
}

#[tokio::test]
async fn only_the_person_s_own_act_lifts_and_only_what_it_may() {
    let world = World::new().await;
    world.consented(1).await;
    let to = world.recipient(1);
    let act = |proof, seconds: i64| PersonalAct {
        proof,
        at: support::start() + jiff::SignedDuration::from_secs(seconds),
    };
    let lift = |act: PersonalAct| {
        world.clock.set(act.at);
        world
            .stops
            .lift(world.ws, to.contact_index, &to.variants, act)
    };
    let stop = |reason, source| world.stops.stop(world.ws, world.person(1), reason, source);
    stop(StopReason::Unsubscribed, StopSource::Person)
        .await
        .unwrap();
    let before = lift(act(on_their_page(), 0)).await.unwrap();
    assert_eq!(before.lifted, 0, "they objected after that act");
    let after = lift(act(on_their_page(), 60)).await.unwrap();
    assert!(after.lifted > 0);
    let tomorrow = PersonalAct {
        proof: opted_in(),
        at: support::start() + jiff::SignedDuration::from_hours(24),
    };
    let stops = &world.stops;
    let early = stops.lift(world.ws, to.contact_index, &to.variants, tomorrow);
    assert!(matches!(early.await, Err(StopError::NotYet)));
    let judged = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
    assert!(judged.verdict.is_allow());
    stop(StopReason::Bounced, StopSource::Provider)
        .await
        .unwrap();
    let refused = lift(act(on_their_page(), 120)).await;
    assert!(matches!(
        refused,
        Err(StopError::NotLiftable(StopReason::Bounced))
    ));
    assert!(!listed(&world).await.is_empty());
    let proved = lift(act(opted_in(), 120)).await.unwrap();
    assert!(proved.lifted > 0 && listed(&world).await.is_empty());
    // A restored backup hears of the lifts too.
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    let restored = MemoryStore::new();
    replay(&restored, &records).await.unwrap();
    let rows = restored
        .collect::<SuppressionRow>(world.ws, Scan::table(&SUPPRESSION))
        .await
        .unwrap();
    assert!(rows.is_empty());
}

#[tokio::test]
async fn a_stop_that_a_later_one_overtook_is_replayed() {
    let world = World::new().await;
    world.consented(2).await;
    let standing = Standing::read(&world.store, &*world.witness, installation()).await;
    let standing = standing.unwrap();
    let at = support::start();
    standing
        .settle(&world.store, &*world.witness, 0, at)
        .await
        .unwrap();
    // The first is in the witness, its commit is under way; the second is acknowledged.
    let overtaken = WitnessEntry::Suppressed {
        workspace: world.ws,
        index: world.recipient(1).variants[0],
        reason: StopReason::Unsubscribed,
        source: StopSource::Person,
    };
    world.witness.append(at, &[overtaken]).await.unwrap();
    let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
    let second = world.stops.stop(world.ws, world.person(2), reason, source);
    second.await.unwrap();
    // The data as it is now, without the first: what a backup of this moment holds.

    let known = Standing::read(&*world.store, &*world.witness, installation()).await;
    let records = world
        .witness
        .read(known.unwrap().position, usize::MAX)
        .await;
    replay(&*world.store, &records.unwrap()).await.unwrap();
    let key = vec![world.recipient(1).variants[0].to_value()];
    let found = world
        .store
        .find::<SuppressionRow>(world.ws, key)
        .await
        .unwrap();
    assert!(found.is_some(), "the copy would forget the first");
}

#[tokio::test]
async fn a_replayed_lift_leaves_a_later_stop_alone() {
    let world = World::new().await;
    let index = world.recipient(1).variants[0];
    let lifted = WitnessEntry::Lifted {
        workspace: world.ws,
        index,
        acted_at: None,
        by: None,
    };
    let later = SuppressionRow {
        index,
        reason: StopReason::Unsubscribed,
        source: StopSource::Person,
        since: support::start() + jiff::SignedDuration::from_secs(1),
        provisional: false,
        renewed_at: None,
        beside: None,
    };
    world
        .witness
        .append(support::start(), &[lifted])
        .await
        .unwrap();
    world
        .store
        .commit(Batch::new(world.ws).put(&later))
        .await
        .unwrap();
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    replay(&world.store, &records).await.unwrap();
    assert!(listed(&world).await.contains_key(&index));
}

#[tokio::test]
async fn an_objection_that_was_renewed_outlives_an_older_letter() {
    let world = World::new().await;
    world.consented(1).await;
    let to = world.recipient(1);
    let stop = |reason| {
        world
            .stops
            .stop(world.ws, world.person(1), reason, StopSource::Person)
    };
    stop(StopReason::Unsubscribed).await.unwrap();
    let since: Vec<_> = listed(&world).await.values().map(|row| row.since).collect();
    world.clock.advance_millis(1_000);
    let letter = PersonalAct {
        proof: in_writing(),
        at: jooper_core::Clock::now(&*world.clock),
    };
    world.clock.advance_millis(1_000);
    stop(StopReason::Unsubscribed).await.unwrap();
    let rows = listed(&world).await;
    assert!(rows.values().map(|row| row.since).eq(since), "{rows:?}");
    let lift = |act| {
        world
            .stops
            .lift(world.ws, to.contact_index, &to.variants, act)
    };
    assert_eq!(lift(letter).await.unwrap().lifted, 0);
    world.clock.advance_millis(1_000);
    let later = PersonalAct {
        at: jooper_core::Clock::now(&*world.clock),
        ..letter
    };
    assert!(lift(later).await.unwrap().lifted > 0);
}

#[tokio::test]
async fn a_bounce_is_not_forgotten_behind_a_weightier_word() {
    let world = World::new().await;
    world.consented(1).await;
    let to = world.recipient(1);
    let stop = |reason| {
        world
            .stops
            .stop(world.ws, world.person(1), reason, StopSource::Person)
    };
    stop(StopReason::Bounced).await.unwrap();
    stop(StopReason::Objected).await.unwrap();
    world.clock.advance_millis(1_000);
    let act = |proof| PersonalAct {
        proof,
        at: jooper_core::Clock::now(&*world.clock),
    };
    let lift = |proof| {
        world
            .stops
            .lift(world.ws, to.contact_index, &to.variants, act(proof))
    };
    let page = lift(on_their_page()).await;
    assert!(matches!(
        page,
        Err(StopError::NotLiftable(StopReason::Bounced))
    ));
    let proved = lift(opted_in()).await.unwrap();
    assert!(proved.lifted > 0);
}

#[tokio::test]
async fn a_stop_between_a_lift_and_its_witness_stands_after_a_restore() {
    let world = World::new().await;
    let index = world.recipient(1).contact_index;
    let record = |position, at: i64, entry| jooper_storage::WitnessRecord {
        position,
        at: support::start() + jiff::SignedDuration::from_secs(at),
        entry,
    };
    let suppressed = || WitnessEntry::Suppressed {
        workspace: world.ws,
        index,
        reason: StopReason::Unsubscribed,
        source: StopSource::Person,
    };
    let lifted = |act: i64| WitnessEntry::Lifted {
        workspace: world.ws,
        index,
        acted_at: Some(support::start() + jiff::SignedDuration::from_secs(act)),
        by: None,
    };
    // Stopped at 1, lifted by the act of 5; the stop of 6 reached the witness before the lift did.
    for (act, left) in [(5, 1), (7, 0)] {
        let restored = MemoryStore::new();
        let records = [
            record(1, 1, suppressed()),
            record(2, 6, suppressed()),
            record(3, 8, lifted(act)),
        ];
        replay(&restored, &records).await.unwrap();
        let rows = restored
            .collect::<SuppressionRow>(world.ws, Scan::table(&SUPPRESSION))
            .await
            .unwrap();
        assert_eq!(rows.len(), left, "an act at {act}");
    }
}

#[tokio::test]
async fn a_lift_that_a_backup_had_forgotten_is_told_to_the_log_once() {
    let world = World::new().await;
    let (workspace, index) = (world.ws, world.recipient(1).contact_index);
    let restored = MemoryStore::new();
    let record = |position, entry| jooper_storage::WitnessRecord {
        position,
        at: support::start() + jiff::SignedDuration::from_secs(10),
        entry,
    };
    let stopped = WitnessEntry::Suppressed {
        workspace,
        index,
        reason: StopReason::Unsubscribed,
        source: StopSource::Person,
    };
    let acted_at = Some(support::start() + jiff::SignedDuration::from_secs(20));
    let lifted = WitnessEntry::Lifted {
        workspace,
        index,
        acted_at,
        by: None,
    };
    replay(&restored, &[record(1, stopped)]).await.unwrap();
    for _ in 0..2 {
        let words = [record(2, lifted.clone())];
        replay(&restored, &words).await.unwrap();
        let log = restored.read_log(workspace, jooper_storage::LogCursor::after(0));
        let entries = log.await.unwrap().records;
        let kinds: Vec<_> = entries.iter().map(|record| record.entry.kind).collect();
        assert_eq!(kinds, [EventKind::Stopped, EventKind::Resumed]);
    }
}

#[tokio::test]
async fn a_backup_that_is_put_back_forgets_the_mails_to_whom_was_erased_since() {
    for (reason, remembers) in [
        (StopReason::Erased, false),
        (StopReason::Objected, false),
        (StopReason::Unsubscribed, true),
    ] {
        let world = World::new().await;
        let (workspace, index) = (world.ws, world.recipient(1).contact_index);
        let restored = MemoryStore::new();
        let mails = EarlierMails {
            campaign: CampaignId::from_uuid(id(3)),
            mails: 2,
            last_at: support::start(),
        };
        let known = ContactFenceRow::of(index).remembering(&[mails]).unwrap();
        let batch = Batch::new(workspace).insert(&known);
        restored.commit(batch).await.unwrap();
        let record = WitnessRecord {
            position: 1,
            at: support::start(),
            entry: WitnessEntry::Suppressed {
                workspace,
                index,
                reason,
                source: StopSource::Person,
            },
        };
        replay(&restored, &[record]).await.unwrap();
        let found = restored.find::<ContactFenceRow>(workspace, vec![index.to_value()]);
        let found = found.await.unwrap().unwrap().record;
        assert_eq!(found.earlier.is_some(), remembers, "{reason:?}");
    }
}

/// One entry waits for somebody to look, another forbids for good: whichever comes first in the list.
#[tokio::test]
async fn of_several_entries_that_bar_the_denial_wins() {
    for (provisional, for_good) in [(0, 1), (1, 0)] {
        let world = World::new().await;
        world.consented(1).await;
        let mut variants = world.recipient(1).variants;
        variants.sort();
        let row = |at: usize, reason| SuppressionRow {
            index: variants[at],
            reason,
            source: StopSource::Person,
            since: support::start(),
            provisional: reason == StopReason::StopWords,
            renewed_at: None,
            beside: None,
        };
        let batch = Batch::new(world.ws)
            .put(&row(provisional, StopReason::StopWords))
            .put(&row(for_good, StopReason::Objected));
        world.commit(batch).await;
        let judged = world.gate.judge(world.ws, &world.intent(1)).await.unwrap();
        let objected = RefusalReason::Suppressed(StopReason::Objected);
        assert!(matches!(judged.verdict, Verdict::Deny { .. }));
        assert_eq!(judged.verdict.reason(), Some(&objected));
    }
}

#[tokio::test]
async fn the_witness_knows_before_the_data_does() {
    let world = World::new().await;
    world.consented(1).await;
    let stop = world.stops.stop(
        world.ws,
        world.person(1),
        StopReason::Objected,
        StopSource::Person,
    );
    stop.await.unwrap();
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    let known: BTreeSet<_> = records
        .iter()
        .map(|record| match &record.entry {
            jooper_storage::WitnessEntry::Suppressed { index, .. } => *index,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(known, listed(&world).await.into_keys().collect());
}

/// A witness whose disk is gone.
#[derive(Debug)]
struct Gone;

#[async_trait]
impl Witness for Gone {
    async fn append(&self, _: Timestamp, _: &[WitnessEntry]) -> Result<u64, WitnessError> {
        Err(WitnessError::Unavailable("the disk is gone".into()))
    }

    async fn read(&self, _: u64, _: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        Err(WitnessError::Unavailable("the disk is gone".into()))
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        Err(WitnessError::Unavailable("the disk is gone".into()))
    }
}

#[tokio::test]
async fn a_stop_that_the_witness_cannot_take_is_not_acknowledged_and_changes_nothing() {
    let world = World::new().await;
    world.consented(1).await;
    let stops = Stops::new(
        Arc::clone(&world.store),
        Arc::new(Gone),
        world.clock.clone(),
        Arc::new(LeaseOf(world.clock.clone())),
        Arc::new(Passing(vec![world.clock.clone()])),
    );
    let (reason, source) = (StopReason::Objected, StopSource::Person);
    let refused = stops.stop(world.ws, world.person(1), reason, source).await;
    assert!(matches!(refused, Err(StopError::Witness(_))), "{refused:?}");
    assert!(listed(&world).await.is_empty(), "the data knows no more");
}

/// Two addresses became one lead: whoever another tool's list names under one of them is listed under both.
#[tokio::test]
async fn an_import_lists_a_person_under_every_address_that_they_have() {
    for (reason, both) in [
        (StopReason::Unsubscribed, true),
        (StopReason::Bounced, false),
    ] {
        let world = World::new().await;
        let lead = world.lead(1, country("DE")).await;
        let other = world.recipient(2);
        let row = LeadAddressRow {
            email_index: other.email_index,
            lead,
            contact_index: other.contact_index,
            domain_index: other.domain_index,
            address: Sealed::from_envelope(vec![3]),
        };
        world.commit(world.batch().put(&row)).await;
        let line = Listed {
            contact_index: other.contact_index,
            variants: other.variants,
            whole_domain: false,
            reason,
        };
        let by = UserId::from_uuid(id(9));
        world.stops.import(world.ws, &[line], by).await.unwrap();
        let listed = listed(&world).await;
        assert!(listed.contains_key(&other.contact_index));
        let first = world.recipient(1).contact_index;
        assert_eq!(listed.contains_key(&first), both, "{reason:?}");
    }
}

#[tokio::test]
async fn an_import_counts_what_is_new_and_takes_the_weightier_reason() {
    let world = World::new().await;
    let line = |n: u128, reason| {
        let to = world.recipient(n);
        Listed {
            contact_index: to.contact_index,
            variants: to.variants,
            whole_domain: false,
            reason,
        }
    };
    let lines: Vec<_> = (1..=250)
        .map(|n| line(n, StopReason::Listed))
        .chain([line(1, StopReason::Unsubscribed)])
        .collect();
    let by = UserId::from_uuid(id(9));
    let report = world.stops.import(world.ws, &lines, by).await.unwrap();
    assert_eq!(report.added, listed(&world).await.len());
    let again = world.stops.import(world.ws, &lines, by).await.unwrap();
    assert_eq!((again.added, again.known), (0, report.added + report.known));
    let log = world
        .store
        .read_log(world.ws, LogCursor::after(0))
        .await
        .unwrap();
    let notes = log.records.iter().filter_map(|record| {
        let payload = record.entry.payload.as_deref()?;
        Some((record.entry.at, Note::from_payload(payload)?))
    });
    let mut told = (0, 0);
    for (at, note) in notes {
        if let Note::ListImported {
            added,
            known,
            by: who,
        } = note
        {
            assert_eq!((at, who), (world.clock.now(), by));
            told = (told.0 + added, told.1 + known);
        }
    }
    let all = report.known + again.known;
    assert_eq!(told, (report.added as u64, all as u64));
    let first = world.recipient(1).contact_index;
    assert_eq!(
        listed(&world).await[&first].reason,
        StopReason::Unsubscribed
    );
}

#[tokio::test]
async fn the_platform_s_list_answers_for_many_people_at_once() {
    let world = World::new().await;
    let people: Vec<_> = (1..=4)
        .map(|n| world.recipient(n).platform_variants)
        .collect();
    let one = [people[2][1]];
    world
        .stops
        .do_not_contact(
            &one,
            StopReason::Objected,
            PersonalAct {
                proof: in_writing(),
                at: support::start(),
            },
        )
        .await
        .unwrap();
    let answer = not_sendable(&*world.store, &people).await.unwrap();
    assert_eq!(answer, [false, false, true, false]);
}
