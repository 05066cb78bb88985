//! Crashes: a replayed history ends the same, and a call that was given up is whole or absent.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use jooper_storage::tables::{self, SEND};
use jooper_storage::{Batch, Check, ColumnOp, LogCursor, RollupDelta, Scan, Storage, Value, Write};

use super::sample::{
    Dice, commit, conflict, count, counted, counter, fact, key_of, put, row, workspace,
    workspace_in,
};

/// The commands of a send, as a recovering worker issues them again: each is guarded so that its
/// second run changes nothing.
fn commands(space: jooper_core::WorkspaceId) -> Vec<Batch> {
    let planned = row(&SEND, 0);
    let key = key_of(&SEND, &planned);
    let mut fact = fact(1);
    fact.rollups = vec![RollupDelta {
        key: b"sent".to_vec(),
        add: 1,
    }];
    let step = |version: u64, state: i64| {
        Batch::new(space)
            .check(Check::Version(key.clone(), version))
            .write(Write::Patch(
                key.clone(),
                vec![("state", ColumnOp::Set(Value::Int(state)))],
            ))
            .write(count(&format!("step {state}"), 1))
    };
    vec![
        Batch::new(space)
            .check(Check::Absent(key.clone()))
            .write(put(&SEND, planned.clone())),
        step(1, 2),
        step(2, 3),
        step(3, 4).append(fact.clone()),
        Batch::new(space).append(fact),
        Batch::new(space).write(Write::Delete(counter("step 2"))),
    ]
}

async fn state(store: &dyn Storage, space: jooper_core::WorkspaceId) -> Vec<(Vec<Value>, u64)> {
    let mut all = Vec::new();
    for table in [&SEND, &tables::COUNTER, &tables::ROLLUP] {
        let page = store.scan(space.into(), Scan::table(table)).await.unwrap();
        all.extend(page.rows.into_iter().map(|row| (row.values, row.version)));
    }
    let log = store.read_log(space, LogCursor::start()).await.unwrap();
    let facts = log.records.into_iter();
    all.extend(facts.map(|record| {
        (
            vec![Value::Bytes(record.entry.id.as_bytes().to_vec())],
            record.seq,
        )
    }));
    all
}

pub async fn a_replay_after_a_crash_between_any_two_commands_ends_the_same(
    store: Arc<dyn Storage>,
) {
    let clean = workspace_in(7, 1);
    let all = commands(clean);
    for batch in &all {
        commit(&*store, batch.clone()).await.unwrap();
    }
    let expected = state(&*store, clean).await;
    assert!(expected.len() >= 4);
    for crash in 0..=all.len() {
        let space = workspace_in(7, 10 + crash as u64);
        let commands = commands(space);
        for batch in &commands[..crash] {
            commit(&*store, batch.clone()).await.unwrap();
        }
        // The worker starts over: conflicts say "done before", everything else must succeed.
        for batch in commands {
            let result = commit(&*store, batch).await;
            assert!(result.is_ok() || conflict(result).is_some());
        }
        assert_eq!(
            state(&*store, space).await,
            expected,
            "crash behind command {crash}"
        );
    }
}

pub async fn a_call_given_up_half_way_happened_wholly_or_not_at_all(store: Arc<dyn Storage>) {
    let mut dice = Dice::new(3);
    for n in 0..60_u64 {
        let (a, b) = (format!("a{n}"), format!("b{n}"));
        let batch = Batch::new(workspace(1))
            .write(count(&a, 1))
            .write(count(&b, 1))
            .append(fact(n));
        {
            let mut call = std::pin::pin!(store.commit(batch));
            for _ in 0..dice.roll(4) {
                if let Poll::Ready(result) =
                    call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
                {
                    result.unwrap();
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        // Whatever happened to it, the store goes on and a later write comes behind it.
        commit(
            &*store,
            Batch::new(workspace(1)).write(count("behind", n as i64)),
        )
        .await
        .unwrap();
    }
    // A dropped call may still be on its way: it must not end half-way, so wait until it is calm.
    let whole = async || {
        let log = store
            .read_log(workspace(1), LogCursor::start())
            .await
            .unwrap();
        let known: Vec<_> = log.records.iter().map(|record| record.entry.id).collect();
        let mut halves = 0;
        for n in 0..60 {
            let a = counted(&*store, workspace(1), &format!("a{n}"))
                .await
                .is_some();
            let b = counted(&*store, workspace(1), &format!("b{n}"))
                .await
                .is_some();
            let logged = known.contains(&fact(n).id);
            halves += u32::from(a != b || b != logged);
        }
        halves
    };
    for _ in 0..1000 {
        if whole().await == 0 {
            break;
        }
    }
    assert_eq!(whole().await, 0, "a batch was applied in part");
}
