//! The suite for [`Witness`](jooper_storage::Witness).

/// Lists every case of the witness suite as a test of its own, in a module of this name.
///
/// The factory is called once for each case and returns a future of a guard and a fresh, empty
/// witness.
///
/// ```
/// jooper_conformance::witness_suite!(memory, || async {
///     ((), jooper_storage::MemoryWitness::new())
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! witness_suite {
    ($name:ident, $factory:expr) => {
        $crate::__cases! { $name, witness, $factory,
            entries_come_back_in_order_with_places_and_times
            pages_continue_behind_a_position
            concurrent_appends_leave_no_gap
            nothing_appended_changes_nothing
        }
    };
}

#[doc(hidden)]
#[allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]
pub mod cases {
    use std::sync::Arc;

    use jooper_core::{
        ActProof, BasisKind, Code, InstallationId, KeyedIndex, LiftedBy, MailboxId, Purpose,
        RequestId, SendKey, StopReason, StopSource, SubjectId, UserId, WorkspaceId, from_millis,
    };
    use jooper_storage::{Witness, WitnessEntry};
    use tokio::task::JoinSet;
    use uuid::Uuid;

    fn every_kind() -> Vec<WitnessEntry> {
        let id = Uuid::from_u128;
        let index = KeyedIndex::from_bytes([7; 32]);
        vec![
            WitnessEntry::Epoch {
                installation: InstallationId::from_uuid(id(1)),
                epoch: u64::MAX,
            },
            WitnessEntry::Mark { mark: i64::MAX },
            WitnessEntry::Suppressed {
                workspace: WorkspaceId::from_uuid(id(2)),
                index,
                reason: StopReason::all()[0],
                source: StopSource::all()[0],
            },
            WitnessEntry::Lifted {
                workspace: WorkspaceId::from_uuid(id(2)),
                index,
                acted_at: Some(jooper_core::from_millis(1)),
                by: Some(LiftedBy::Person(ActProof::WrittenRequest {
                    request: RequestId::from_uuid(id(5)),
                    by: UserId::from_uuid(id(6)),
                })),
            },
            WitnessEntry::DoNotContact {
                index,
                reason: StopReason::all()[0],
                proof: Some(ActProof::PreferencePage {
                    mail: SendKey::Service {
                        request: RequestId::from_uuid(id(5)),
                        kind: 1,
                    },
                }),
            },
            WitnessEntry::Erased {
                workspace: WorkspaceId::from_uuid(id(2)),
                subject: SubjectId::from_uuid(id(3)),
            },
            WitnessEntry::Seasoned {
                workspace: WorkspaceId::from_uuid(id(2)),
                mailbox: MailboxId::from_uuid(id(4)),
            },
            WitnessEntry::Refused {
                workspace: WorkspaceId::from_uuid(id(2)),
                kinds: [BasisKind::Consent, BasisKind::ImpliedPublication].into(),
            },
            WitnessEntry::Withdrawn {
                workspace: WorkspaceId::from_uuid(id(2)),
                subject: SubjectId::from_uuid(id(3)),
                purpose: Purpose::Outreach,
                kind: BasisKind::Consent,
                at: from_millis(2),
            },
        ]
    }

    pub async fn entries_come_back_in_order_with_places_and_times(witness: Arc<dyn Witness>) {
        let entries = every_kind();
        for (n, entry) in entries.iter().enumerate() {
            let position = witness
                .append(from_millis(n as i64), std::slice::from_ref(entry))
                .await
                .unwrap();
            assert_eq!(position, n as u64 + 1);
        }
        assert_eq!(witness.append(from_millis(99), &entries).await.unwrap(), 18);
        assert_eq!(witness.position().await.unwrap(), 18);
        let records = witness.read(0, 100).await.unwrap();
        for (n, record) in records.iter().enumerate() {
            assert_eq!(record.position, n as u64 + 1);
            assert_eq!(record.entry, entries[n % 9]);
            assert_eq!(record.at, from_millis(if n < 9 { n as i64 } else { 99 }));
        }
        assert_eq!(records.len(), 18);
    }

    pub async fn pages_continue_behind_a_position(witness: Arc<dyn Witness>) {
        let entries = every_kind();
        witness.append(from_millis(1), &entries).await.unwrap();
        witness.append(from_millis(2), &entries).await.unwrap();
        let mut after = 0;
        loop {
            let page = witness.read(after, 3).await.unwrap();
            assert!(page.len() <= 3);
            let Some(last) = page.last() else { break };
            assert_eq!(page[0].position, after + 1);
            after = last.position;
        }
        assert_eq!(after, 18);
        assert!(witness.read(18, 3).await.unwrap().is_empty());
        assert!(witness.read(u64::MAX, 3).await.unwrap().is_empty());
    }

    pub async fn concurrent_appends_leave_no_gap(witness: Arc<dyn Witness>) {
        let mut tasks = JoinSet::new();
        for task in 0..8 {
            let witness = Arc::clone(&witness);
            tasks.spawn(async move {
                let mut positions = Vec::new();
                for _ in 0..10 {
                    let entry = WitnessEntry::Erased {
                        workspace: WorkspaceId::from_uuid(Uuid::nil()),
                        subject: SubjectId::from_uuid(Uuid::from_u128(task)),
                    };
                    positions.push(witness.append(from_millis(1), &[entry]).await.unwrap());
                }
                positions
            });
        }
        let mut positions = tasks.join_all().await.concat();
        positions.sort_unstable();
        assert_eq!(positions, (1..=80).collect::<Vec<u64>>());
        assert_eq!(witness.read(0, 1000).await.unwrap().len(), 80);
    }

    pub async fn nothing_appended_changes_nothing(witness: Arc<dyn Witness>) {
        assert_eq!(witness.append(from_millis(1), &[]).await.unwrap(), 0);
        let entries = every_kind();
        let all = entries.len() as u64;
        witness.append(from_millis(1), &entries).await.unwrap();
        assert_eq!(witness.append(from_millis(1), &[]).await.unwrap(), all);
        assert_eq!(witness.position().await.unwrap(), all);
    }
}
