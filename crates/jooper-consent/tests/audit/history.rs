//! What the log keeps of a person for good: each basis, and who took them off the list.

use jooper_consent::{
    Acquired, BasisClaim, BasisDraft, BasisReceipt, GateName, History, Note, PersonalAct,
    PolicySet, StopError,
};
use jooper_core::{
    ActProof, BasisKind, EventId, LiftedBy, Purpose, Sealed, StopReason, StopSource, UserId,
};
use jooper_storage::tables::{BasisEvidence, BasisRow};
use jooper_storage::{
    Batch, Column, LogCursor, MemoryStore, Storage, StorageExt, Witness, WitnessEntry,
};

use crate::support::{self, World, country, id};

async fn notes(store: &dyn Storage, world: &World) -> Vec<Note> {
    let page = store.read_log(world.ws, LogCursor::start()).await.unwrap();
    let payloads = page.records.into_iter().map(|record| record.entry.payload);
    payloads
        .filter_map(|payload| Note::from_payload(&payload?))
        .collect()
}

fn lifted_by(notes: &[Note]) -> Vec<Option<LiftedBy>> {
    let by = |note: &Note| match note {
        Note::Lift { by, .. } => Some(*by),
        _ => None,
    };
    notes.iter().filter_map(by).collect()
}

async fn witnessed(world: &World) -> Vec<Option<LiftedBy>> {
    let records = world.witness.read(0, usize::MAX).await.unwrap();
    let by = |entry: &WitnessEntry| match entry {
        WitnessEntry::Lifted { by, .. } => Some(*by),
        _ => None,
    };
    let mut all: Vec<_> = records
        .iter()
        .filter_map(|record| by(&record.entry))
        .collect();
    all.dedup();
    all
}

async fn stop(world: &World, reason: StopReason) {
    let stop = world
        .stops
        .stop(world.ws, world.person(1), reason, StopSource::Person);
    stop.await.unwrap();
    world.clock.advance_millis(1_000);
}

/// Law L5: whoever took a person off the list is named, with the proof, in the chain, in the witness, in
/// a backup that is put back, and to whoever asks.
#[tokio::test]
async fn every_way_off_the_list_names_who_took_it_and_what_proves_it() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let to = world.recipient(1);
    let user = UserId::from_uuid(id(0xF2));
    for (reason, by) in [
        (StopReason::Bounced, LiftedBy::Person(support::opted_in())),
        (
            StopReason::Unsubscribed,
            LiftedBy::Person(support::on_their_page()),
        ),
        (
            StopReason::Objected,
            LiftedBy::Person(support::in_writing()),
        ),
        (StopReason::StopWords, LiftedBy::User(user)),
    ] {
        let listed = world.witness.read(0, usize::MAX).await.unwrap().len() as u64;
        stop(&world, reason).await;
        let copy = MemoryStore::new();
        let known = world.witness.read(listed, usize::MAX).await.unwrap();
        jooper_consent::replay(&copy, &known).await.unwrap();
        let taken = match by {
            LiftedBy::Person(proof) => {
                let at = jooper_core::Clock::now(&*world.clock);
                let act = PersonalAct { proof, at };
                let lift = world
                    .stops
                    .lift(world.ws, to.contact_index, &to.variants, act);
                lift.await
            }
            _ => {
                let seen = world
                    .stops
                    .provisional(world.ws, to.contact_index, &to.variants);
                let seen = seen.await.unwrap();
                let dismiss =
                    world
                        .stops
                        .dismiss(world.ws, to.contact_index, &to.variants, user, &seen);
                dismiss.await
            }
        };
        assert!(taken.unwrap().lifted > 0, "{reason:?}");
        let told = lifted_by(&notes(&*world.store, &world).await);
        assert_eq!(told.last(), Some(&Some(by)));
        assert_eq!(witnessed(&world).await.last(), Some(&Some(by)));
        let history = History::read(&*world.store, world.ws, lead).await.unwrap();
        let last = history.lifts.last().unwrap();
        assert_eq!(last.by, Some(by));
        assert!(last.to_string().ends_with(&by.to_string()), "{last}");
        // A copy of before hears of it from the witness, with the same name.
        let records = world.witness.read(0, usize::MAX).await.unwrap();
        jooper_consent::replay(&copy, &records).await.unwrap();
        let told = lifted_by(&notes(&copy, &world).await);
        assert!(!told.is_empty() && told.iter().all(|told| *told == Some(by)));
        world.clock.advance_millis(1_000);
    }
    // A page proves nothing about a dead address.
    stop(&world, StopReason::Bounced).await;
    let act = PersonalAct {
        proof: support::on_their_page(),
        at: jooper_core::Clock::now(&*world.clock),
    };
    let refused = world
        .stops
        .lift(world.ws, to.contact_index, &to.variants, act);
    assert!(matches!(refused.await, Err(StopError::NotLiftable(_))));
}

#[test]
fn a_lift_of_an_earlier_version_names_nobody() {
    let old = br#"{"note":"lift","indexes":[],"how":"preference_page","acted_at":"2026-01-01T00:00:00Z"}"#;
    let Some(Note::Lift { by, .. }) = Note::from_payload(old) else {
        panic!("it does not read");
    };
    assert_eq!(by, None);
    let proof = ActProof::ConfirmedOptIn {
        receipt: EventId::from_bytes([0xAB; 16]),
    };
    let words = LiftedBy::Person(proof).to_string();
    assert!(words.contains("receipt abab"), "{words}");
}

fn claim(version: &str, obtained_at: jiff::Timestamp) -> BasisClaim {
    BasisClaim {
        kind: BasisKind::Consent,
        country: country("DE"),
        obtained_at,
        expires_at: None,
        stated: Default::default(),
        evidence: BasisEvidence {
            source: "a form".to_owned(),
            proof: format!("a box was ticked below text {version}"),
            notice_version: Some(version.to_owned()),
            assessment: None,
        },
    }
}

/// Records a consent; the seal is none, so that the test reads what was kept.
async fn record(world: &World, version: &str, ago: i64) -> EventId {
    let now = jooper_core::Clock::now(&*world.clock);
    let claim = claim(version, now - jiff::SignedDuration::from_hours(ago));
    let policies = PolicySet::shipped();
    let draft = BasisDraft::check(claim, policies.countries(), now).unwrap();
    let lead = world.recipient(1).lead.unwrap();
    let receipt = draft.receipt(lead, Purpose::Outreach);
    let kept = serde_json::to_vec(&draft.kept(Purpose::Outreach)).unwrap();
    let (evidence, kept) = (Sealed::from_envelope(vec![4]), Sealed::from_envelope(kept));
    let batch = Batch::new(world.ws);
    let batch = draft.record(batch, lead, Purpose::Outreach, evidence, kept, now);
    world.commit(batch).await;
    world.clock.advance_millis(1_000);
    receipt
}

fn read(kept: &Sealed<BasisReceipt>) -> BasisReceipt {
    serde_json::from_slice(kept.envelope()).unwrap()
}

/// Law L6: the row of a basis is replaced by the next of its kind; what was recorded stays provable, and
/// a permit names what it relied on.
#[tokio::test]
async fn a_later_consent_replaces_the_row_and_not_the_receipt_and_a_permit_names_its_own() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let first = record(&world, "text 1", 48).await;
    let permitted = async || {
        let intent = world.intent(1);
        let judged = world.gate.judge(world.ws, &intent).await.unwrap();
        let basis = judged
            .trace
            .0
            .iter()
            .find(|step| step.gate == GateName::Basis);
        let input = basis.unwrap().input.clone();
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("refused");
        };
        world.gate.release(permit).await.unwrap();
        let notes = notes(&*world.store, &world).await.into_iter();
        let mut named = notes.filter_map(|note| match note {
            Note::Permit(note) => note.receipt,
            _ => None,
        });
        (input, named.next_back())
    };
    let (input, named) = permitted().await;
    assert!(input.contains(&format!("receipt {first}")), "{input}");
    assert_eq!(named, Some(first));
    let second = record(&world, "text 2", 24).await;
    assert_ne!(first, second);
    let (input, named) = permitted().await;
    assert_eq!(named, Some(second));
    assert!(input.contains(&format!("receipt {second}")), "{input}");
    let key = vec![
        lead.to_value(),
        Purpose::Outreach.to_value(),
        BasisKind::Consent.to_value(),
    ];
    let row = world.store.find::<BasisRow>(world.ws, key).await.unwrap();
    let row = row.unwrap().record;
    let history = History::read(&*world.store, world.ws, lead).await.unwrap();
    let kept: Vec<_> = history
        .receipts
        .iter()
        .map(|receipt| (receipt.id, read(receipt.kept.as_ref().unwrap())))
        .collect();
    let ids: Vec<_> = kept.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, [first, second]);
    assert_eq!(kept[0].1.evidence.notice_version.as_deref(), Some("text 1"));
    assert_eq!(kept[1].1.obtained_at, row.obtained_at);
    assert!(kept[0].1.obtained_at < row.obtained_at);
}
