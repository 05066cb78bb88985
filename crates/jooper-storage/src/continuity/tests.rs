use jooper_core::{
    BasisKind, Code, EventKind, InstallationId, Purpose, ScopeKind, Sealed, StopReason, StopSource,
};
use uuid::Uuid;

use super::*;
use crate::tables::{
    BasisRow, DoNotContactRow, REFUSED_BASES, ScopeStopRow, SettingRow, SuppressionRow,
    WorkspaceDirectoryRow,
};
use crate::{LogEntry, MemoryStore, MemoryWitness};

fn ours() -> InstallationId {
    InstallationId::from_uuid(Uuid::from_u128(7))
}

async fn read(store: &MemoryStore, witness: &MemoryWitness) -> Standing {
    Standing::read(store, witness, ours()).await.unwrap()
}

async fn start(store: &MemoryStore, witness: &MemoryWitness) -> Standing {
    let standing = read(store, witness).await;
    let position = witness.position().await.unwrap();
    standing
        .settle(store, witness, position, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    standing
}

async fn marked(store: &MemoryStore, witness: &MemoryWitness) {
    mark(store, witness, Timestamp::UNIX_EPOCH).await.unwrap();
}

#[tokio::test]
async fn data_that_goes_on_is_no_copy_and_keeps_its_epoch() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    let first = start(&store, &witness).await;
    assert_eq!((first.restored, first.next_epoch()), (false, 1));
    for _ in 0..3 {
        marked(&store, &witness).await;
        let again = start(&store, &witness).await;
        assert_eq!((again.restored, again.epoch), (false, 1));
    }
}

#[tokio::test]
async fn a_copy_from_before_the_last_mark_is_known_and_gets_the_next_epoch_once() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    let copy = store.snapshot();
    marked(&store, &witness).await;
    let found = read(&copy, &witness).await;
    assert_eq!((found.restored, found.next_epoch()), (true, 2));
    // Ended before it was settled: still a copy.
    assert!(read(&copy, &witness).await.restored);
    start(&copy, &witness).await;
    let settled = read(&copy, &witness).await;
    assert_eq!((settled.restored, settled.epoch), (false, 2));
    // The data that went on elsewhere is the copy now.
    assert!(read(&store, &witness).await.restored);
}

#[tokio::test]
async fn a_process_that_ends_between_data_and_witness_leaves_no_false_alarm() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    let grown = vec![("mark", crate::ColumnOp::Add(1))];
    let half = Batch::new(Scope::Platform).write(crate::Write::Patch(key(), grown));
    store.commit(half).await.unwrap();
    assert!(!read(&store, &witness).await.restored);
    marked(&store, &witness).await;
    assert!(!read(&store, &witness).await.restored);
}

#[tokio::test]
async fn a_copy_with_mark_0_needs_no_witness() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    let copied = vec![("mark", crate::ColumnOp::Set(Value::Int(0)))];
    let batch = Batch::new(Scope::Platform).write(crate::Write::Patch(key(), copied));
    store.commit(batch).await.unwrap();
    assert!(read(&store, &MemoryWitness::new()).await.restored);
}

#[tokio::test]
async fn data_that_was_lost_altogether_counts_as_put_back() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    let empty = MemoryStore::new();
    let found = read(&empty, &witness).await;
    assert_eq!((found.restored, found.next_epoch()), (true, 2));
}

#[tokio::test]
async fn the_data_of_another_installation_is_refused() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    let other = InstallationId::from_uuid(Uuid::from_u128(8));
    let refused = Standing::read(&store, &witness, other).await;
    assert!(matches!(refused, Err(ContinuityError::OtherInstallation)));
}

#[tokio::test]
async fn a_witness_that_was_lost_is_noticed_and_its_new_records_are_not_skipped() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    for _ in 0..4 {
        start(&store, &witness).await;
    }
    assert!(!read(&store, &witness).await.witness_lost);
    let other = MemoryWitness::new();
    let found = read(&store, &other).await;
    assert!((found.witness_lost, found.position) == (true, 0));
    start(&store, &other).await;
    let settled = read(&store, &other).await;
    assert_eq!((settled.witness_lost, settled.restored), (false, false));
    // Whatever the new witness says from now on lies behind what the data knows.
    assert!(settled.position <= other.position().await.unwrap());
}

/// The first records of a witness, as an older copy of it has them.
async fn older(witness: &MemoryWitness, records: usize) -> MemoryWitness {
    let copy = MemoryWitness::new();
    let records = witness.read(0, records).await.unwrap();
    let entries: Vec<_> = records.into_iter().map(|record| record.entry).collect();
    copy.append(Timestamp::UNIX_EPOCH, &entries).await.unwrap();
    copy
}

#[tokio::test]
async fn a_witness_that_is_lost_before_the_second_start_is_noticed() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    assert!(!read(&store, &witness).await.witness_lost);
    // Nothing but the first start: the data knows position 0 and the mark 1.
    let other = MemoryWitness::new();
    assert!(read(&store, &other).await.witness_lost);
    // Somebody who has it open goes on writing into the new one.
    for _ in 0..4 {
        marked(&store, &other).await;
    }
    let found = read(&store, &other).await;
    assert_eq!((found.witness_lost, found.restored), (true, false));
    start(&store, &other).await;
    assert!(!read(&store, &other).await.witness_lost);
}

#[tokio::test]
async fn an_older_copy_of_the_witness_is_noticed_by_its_marks() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    start(&store, &witness).await;
    for _ in 0..5 {
        marked(&store, &witness).await;
    }
    let all = usize::try_from(witness.position().await.unwrap()).unwrap();
    assert!(!read(&store, &witness).await.witness_lost);
    let last = older(&witness, all - 1).await;
    assert!(
        !read(&store, &last).await.witness_lost,
        "a process that was killed between data and witness leaves the same"
    );
    let found = read(&store, &older(&witness, all - 2).await).await;
    assert_eq!((found.witness_lost, found.position), (true, 0));
    // The mark before lies where the data knows the witness already.
    start(&store, &witness).await;
    let grown = vec![("mark", crate::ColumnOp::Add(1))];
    let known = witness.position().await.unwrap();
    let known = (
        "witness_position",
        crate::ColumnOp::Set(Value::Int(signed(known))),
    );
    let half = [grown, vec![known]].concat();
    let half = Batch::new(Scope::Platform).write(crate::Write::Patch(key(), half));
    store.commit(half).await.unwrap();
    let found = read(&store, &witness).await;
    assert_eq!((found.witness_lost, found.restored), (false, false));
}

#[tokio::test]
async fn data_that_somebody_declares_a_copy_is_one_whatever_the_witness_knows() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    start(&store, &witness).await;
    marked(&store, &witness).await;
    // Put back within the minute of the last mark: nothing tells.
    let copy = store.snapshot();
    assert!(!read(&copy, &witness).await.restored);
    put_back(&copy).await.unwrap();
    let found = read(&copy, &witness).await;
    assert_eq!((found.restored, found.next_epoch()), (true, 2));
    start(&copy, &witness).await;
    assert!(!read(&copy, &witness).await.restored);
}

#[tokio::test]
async fn a_lost_witness_is_written_again_and_stays_lost_until_all_of_it_is() {
    let (store, witness) = (MemoryStore::new(), MemoryWitness::new());
    for _ in 0..4 {
        start(&store, &witness).await;
    }
    let space = jooper_core::WorkspaceId::from_uuid(Uuid::from_u128(9));
    let lead = jooper_core::LeadId::from_uuid(Uuid::from_u128(10));
    let index = |n| jooper_core::KeyedIndex::from_bytes([n; 32]);
    let (reason, source) = (StopReason::all()[0], StopSource::all()[0]);
    let directory = WorkspaceDirectoryRow {
        id: space,
        created_at: Timestamp::UNIX_EPOCH,
    };
    let nobody = DoNotContactRow {
        index: index(1),
        reason,
        since: Timestamp::UNIX_EPOCH,
    };
    let platform = Batch::new(Scope::Platform).put(&directory).put(&nobody);
    store.commit(platform).await.unwrap();
    let dimensions = jooper_core::Dimensions::default();
    let erased = LogEntry::new(
        EventKind::Erased,
        Timestamp::UNIX_EPOCH,
        &[b"e"],
        dimensions,
    );
    let mut batch = Batch::new(space).append(erased.about(lead));
    let listed = |n| SuppressionRow {
        index: index(n),
        reason,
        source,
        since: Timestamp::UNIX_EPOCH,
        provisional: false,
        renewed_at: None,
        beside: (n == 4).then_some(StopReason::all()[1]),
    };
    for n in 2..5 {
        batch = batch.put(&listed(n));
    }
    let stop = |id: u128, reason| ScopeStopRow {
        scope: ScopeKind::Person,
        id: Uuid::from_u128(id),
        reason,
        source,
        since: Timestamp::UNIX_EPOCH,
        beside: None,
    };
    batch = batch.put(&stop(11, StopReason::Restricted));
    batch = batch.put(&stop(12, StopReason::Paused));
    let (publication, consent) = (BasisKind::ImpliedPublication, BasisKind::Consent);
    let refused = SettingRow {
        name: REFUSED_BASES.to_owned(),
        number: 1 << publication.code(),
        value: None,
    };
    let basis = |kind, withdrawn_at| BasisRow {
        lead,
        purpose: Purpose::Outreach,
        kind,
        country: None,
        obtained_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        withdrawn_at,
        stated: None,
        evidence: Sealed::from_envelope(vec![1]),
    };
    batch = batch
        .put(&refused)
        .put(&basis(consent, Some(Timestamp::UNIX_EPOCH)))
        .put(&basis(publication, None));
    store.commit(batch).await.unwrap();

    let other = MemoryWitness::new();
    let standing = read(&store, &other).await;
    assert!(standing.witness_lost);
    let told = standing.reseed(&store, &other, Timestamp::UNIX_EPOCH).await;
    assert_eq!(told.unwrap(), 12);
    // Killed here: not settled, so it begins again.
    assert!(read(&store, &other).await.witness_lost);
    standing
        .settle(&store, &other, 0, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let settled = read(&store, &other).await;
    assert_eq!((settled.witness_lost, settled.restored), (false, false));
    let records = other.read(0, 100).await.unwrap();
    let entries: Vec<_> = records.into_iter().map(|record| record.entry).collect();
    let mut expected = vec![
        WitnessEntry::Epoch {
            installation: ours(),
            epoch: 1,
        },
        WitnessEntry::DoNotContact {
            index: index(1),
            reason,
            proof: None,
        },
    ];
    expected.extend((2..5).map(|n| WitnessEntry::Suppressed {
        workspace: space,
        index: index(n),
        reason,
        source,
    }));
    expected.push(WitnessEntry::Suppressed {
        workspace: space,
        index: index(4),
        reason: StopReason::all()[1],
        source,
    });
    let stopped = |id: u128, reason| WitnessEntry::Stopped {
        workspace: space,
        scope: ScopeKind::Person,
        id: Uuid::from_u128(id),
        reason,
        source,
        since: Timestamp::UNIX_EPOCH,
    };
    expected.push(stopped(11, StopReason::Restricted));
    expected.push(WitnessEntry::Restricted {
        workspace: space,
        subject: jooper_core::LeadId::from_uuid(Uuid::from_u128(11)).into(),
    });
    expected.push(stopped(12, StopReason::Paused));
    expected.push(WitnessEntry::Erased {
        workspace: space,
        subject: lead.into(),
    });
    expected.push(WitnessEntry::Refused {
        workspace: space,
        kinds: [publication].into(),
    });
    expected.push(WitnessEntry::Withdrawn {
        workspace: space,
        subject: lead.into(),
        purpose: Purpose::Outreach,
        kind: consent,
        at: Timestamp::UNIX_EPOCH,
    });
    assert_eq!(entries[..12], expected[..]);
}

/// A witness whose disk is full.
#[derive(Debug)]
struct FullWitness(&'static MemoryWitness);

#[async_trait::async_trait]
impl Witness for FullWitness {
    async fn append(&self, _: Timestamp, _: &[WitnessEntry]) -> Result<u64, WitnessError> {
        Err(WitnessError::Unavailable("no space".into()))
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError> {
        self.0.read(after, limit).await
    }

    async fn position(&self) -> Result<u64, WitnessError> {
        self.0.position().await
    }
}

#[tokio::test]
async fn a_witness_that_was_full_for_a_while_is_not_lost() {
    let store = MemoryStore::new();
    let witness: &'static MemoryWitness = Box::leak(Box::default());
    start(&store, witness).await;
    let full = FullWitness(witness);
    let at = Timestamp::UNIX_EPOCH;
    for _ in 0..3 {
        let marked = mark(&store, &full, at).await;
        assert!(matches!(marked, Err(ContinuityError::Witness(_))));
        let standing = read(&store, witness).await;
        assert_eq!((standing.witness_lost, standing.restored), (false, false));
        // A start fails as well.
        let settled = standing.settle(&store, &full, 0, at).await;
        assert!(matches!(settled, Err(ContinuityError::Witness(_))));
    }
    let standing = read(&store, witness).await;
    assert_eq!((standing.witness_lost, standing.restored), (false, false));
    let copy = store.snapshot();
    marked(&store, witness).await;
    assert!(!read(&store, witness).await.witness_lost);
    assert!(read(&copy, witness).await.restored, "marks tell again");
}
