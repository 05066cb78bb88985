//! What a store does by itself while it runs.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::time::Duration;

use jooper_storage::tables::LANE;

use super::*;
use crate::cable;

/// A store in a schema of its own; whoever made it drops the schema.
async fn fresh(name: &str) -> (PostgresStorage, String) {
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let schema = format!("store_{}_{name}", std::process::id());
    let options = PostgresOptions::new(&address).unwrap().schema(&schema);
    let options = options.idle_timeout(Duration::from_millis(300));
    (options.open().await.unwrap(), schema)
}

async fn run(store: &PostgresStorage, sql: &str) {
    let connection = store.0.server.connection().await.unwrap();
    connection.run(sql).await.unwrap();
}

async fn partitions(store: &PostgresStorage, schema: &str) -> i64 {
    let connection = store.0.server.connection().await.unwrap();
    let sql = format!(
        "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = '{schema}' AND c.relname LIKE 'event_log_2%' AND c.relkind = 'r'"
    );
    connection.query(&sql, &[]).await.unwrap()[0].get(0)
}

#[tokio::test]
async fn the_first_claim_of_a_day_adds_the_months_ahead() {
    let (store, schema) = fresh("months").await;
    let all = partitions(&store, &schema).await;
    let newest = format!(
        "DO $$ DECLARE t text; BEGIN SELECT max(relname) INTO t FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{schema}' \
         AND relname LIKE 'event_log_2%' AND relkind = 'r'; \
         EXECUTE format('DROP TABLE \"{schema}\".%I', t); END $$"
    );
    run(&store, &newest).await;
    let claim = || Claim {
        table: &LANE,
        bucket: WorkspaceId::from_uuid(uuid::Uuid::from_u128(7)).bucket(),
        due_before: 0,
        limit: 1,
        lease_millis: 1,
    };
    store.claim(claim()).await.unwrap();
    assert_eq!(partitions(&store, &schema).await, all - 1, "the same day");
    store.0.day.fetch_sub(1, Ordering::SeqCst);
    store.claim(claim()).await.unwrap();
    let mut made = 0;
    while partitions(&store, &schema).await < all {
        made += 1;
        assert!(made < 5_000, "the new day was not noticed");
        tokio::task::yield_now().await;
    }
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn a_process_that_froze_within_a_commit_lets_the_workspace_go() {
    let (store, schema) = fresh("frozen").await;
    let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(7));
    let row = tables::CounterRow {
        key: vec![1],
        count: 1,
        expires_at: 1,
    };
    store.commit(Batch::new(workspace).put(&row)).await.unwrap();
    // It took its lock as a commit does, and never says anything again.
    let frozen = store.0.server.connection().await.unwrap();
    frozen.begin(&store.0.server.begin()).await.unwrap();
    let lock = "SELECT 1 FROM \"counter\" FOR UPDATE";
    assert_eq!(frozen.query(lock, &[]).await.unwrap().len(), 1);
    store.commit(Batch::new(workspace).put(&row)).await.unwrap();
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn a_server_that_does_not_wait_for_its_disk_is_refused() {
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let sign = if address.contains('?') { '&' } else { '?' };
    let lax = format!("{address}{sign}options=-csynchronous_commit%3Doff");
    let schema = format!("store_{}_lax", std::process::id());
    let options = |address: &str| PostgresOptions::new(address).unwrap().schema(&schema);
    let refused = options(&lax).open().await;
    let Err(StoreError::Unavailable(Some(why))) = &refused else {
        panic!("{refused:?}");
    };
    assert!(why.to_string().contains("synchronous_commit"), "{why}");
    let witness = crate::PostgresWitness::open_with(options(&lax)).await;
    assert!(witness.is_err());
    // How far a commit goes beyond that is not ours to say.
    let far = format!("{address}{sign}options=-csynchronous_commit%3Dremote_apply");
    let store = options(&far).open().await.unwrap();
    let connection = store.0.server.connection().await.unwrap();
    connection.begin(&store.0.server.begin()).await.unwrap();
    let found = connection.query("SHOW synchronous_commit", &[]).await;
    assert_eq!(found.unwrap()[0].get::<_, &str>(0), "remote_apply");
    connection.rollback().await.unwrap();
    drop(connection);
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn a_row_that_does_not_read_stops_nobody_elses_batch() {
    let (store, schema) = fresh("corrupt").await;
    let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(7));
    let batch = |n: u8| {
        let row = tables::CounterRow {
            key: vec![n],
            count: 1,
            expires_at: 1,
        };
        Batch::new(workspace).put(&row)
    };
    store.commit(batch(1)).await.unwrap();
    let counter = format!("\"{schema}\".\"counter\"");
    let alter = format!("ALTER TABLE {counter} ALTER \"row_version\" DROP NOT NULL");
    run(&store, &alter).await;
    run(
        &store,
        &format!("UPDATE {counter} SET \"row_version\" = NULL"),
    )
    .await;
    let (corrupt, whole) = tokio::join!(store.commit(batch(1)), store.commit(batch(2)));
    assert!(corrupt.is_err());
    whole.unwrap();
    let (whole, corrupt) = tokio::join!(store.commit(batch(3)), store.commit(batch(1)));
    assert!(corrupt.is_err());
    whole.unwrap();
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn values_that_the_server_does_not_take_stop_nobody_elses_batch() {
    let (store, schema) = fresh("values").await;
    let counter = format!("\"{schema}\".\"counter\"");
    let rule = format!("ALTER TABLE {counter} ADD CHECK (\"count\" <> 13)");
    run(&store, &rule).await;
    let batch = |n: u8, count| {
        let row = tables::CounterRow {
            key: vec![n],
            count,
            expires_at: 1,
        };
        Batch::new(workspace()).insert(&row).append(fact(n))
    };
    // The first starts the runner, the others wait for it together.
    let (one, two, refused, known, three) = tokio::join!(
        store.commit(batch(1, 1)),
        store.commit(batch(2, 1)),
        store.commit(batch(3, 13)),
        store.commit(batch(1, 1)),
        store.commit(batch(4, 1)),
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert!(refused.is_err_and(|error| !matches!(error, StoreError::Conflict { .. })));
    assert!(matches!(known, Err(StoreError::Conflict { .. })));
    let log = store.read_log(workspace(), LogCursor::start()).await;
    let log = log.unwrap().records;
    let found: Vec<_> = log.iter().map(|it| (it.seq, it.entry.id)).collect();
    let expected = [1, 2, 4].map(|n| fact(n).id);
    assert_eq!(found, (1..).zip(expected).collect::<Vec<_>>());
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::from_u128(7))
}

fn fact(n: u8) -> jooper_storage::LogEntry {
    let dimensions = jooper_core::Dimensions::default();
    let kind = jooper_core::EventKind::Sent;
    jooper_storage::LogEntry::new(kind, from_millis(1), &[&[n]], dimensions)
}

#[tokio::test]
async fn each_batch_of_a_group_gets_its_own_answer_and_facts_the_order_of_their_calls() {
    let (store, schema) = fresh("answers").await;
    let row = |count| tables::CounterRow {
        key: vec![1],
        count,
        expires_at: 1,
    };
    let batch = || Batch::new(workspace());
    // The first starts the runner, the others wait for it together.
    let answers = tokio::join!(
        store.commit(batch().insert(&row(1)).append(fact(1))),
        store.commit(batch().insert(&row(2)).append(fact(2))),
        store.commit(batch().update(&row(3), 1).append(fact(3))),
        store.commit(batch().update(&row(4), 1).append(fact(4))),
        store.commit(batch().update(&row(5), 2).append(fact(5))),
    );
    let conflict = |answer| matches!(answer, Err(StoreError::Conflict { .. }));
    assert!(answers.0.is_ok() && answers.2.is_ok() && answers.4.is_ok());
    assert!(conflict(answers.1) && conflict(answers.3));
    let facts =
        |facts: [u8; 2]| store.commit(facts.into_iter().map(fact).fold(batch(), Batch::append));
    // The fact 1 is known, also within what only appends.
    let (a, b, c) = tokio::join!(facts([6, 7]), facts([1, 8]), facts([8, 9]));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    let log = store.read_log(workspace(), LogCursor::start()).await;
    let log = log.unwrap().records;
    let found: Vec<_> = log.iter().map(|it| (it.seq, it.entry.id)).collect();
    let expected = [1, 3, 5, 6, 7, 8, 9].map(|n| fact(n).id);
    assert_eq!(found, (1..).zip(expected).collect::<Vec<_>>());
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn an_append_that_waits_in_vain_says_why_and_not_what_followed_from_it() {
    let (first, schema) = fresh("why").await;
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let options = PostgresOptions::new(&address).unwrap().schema(&schema);
    let options = options.lock_timeout(Duration::from_millis(100));
    let store = options.open().await.unwrap();
    let append = || store.commit(Batch::new(workspace()).append(fact(1)));
    append().await.unwrap();
    let holds = store.0.server.connection().await.unwrap();
    holds.begin(&store.0.server.begin()).await.unwrap();
    let head = "SELECT 1 FROM \"event_log_head\" FOR UPDATE";
    assert_eq!(holds.query(head, &[]).await.unwrap().len(), 1);
    let waited = append().await;
    assert!(matches!(waited, Err(StoreError::Busy(_))), "{waited:?}");
    holds.rollback().await.unwrap();
    append().await.unwrap();
    drop((holds, store));
    run(&first, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

const CALLERS: u8 = 8;
const EACH: u8 = 20;

#[tokio::test]
async fn those_who_come_back_a_moment_later_share_the_next_transaction() {
    let (store, schema) = fresh("gather").await;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let store = store.clone();
        callers.spawn(async move {
            for n in 0..EACH {
                let row = tables::CounterRow {
                    key: vec![caller, n],
                    count: 1,
                    expires_at: 1,
                };
                store
                    .commit(Batch::new(workspace()).put(&row))
                    .await
                    .unwrap();
                // Some have more to do before they write again.
                for _ in 0..caller % 3 {
                    tokio::task::yield_now().await;
                }
            }
        });
    }
    callers.join_all().await;
    let (batches, transactions) = store.shared_transactions();
    assert_eq!(batches, u64::from(CALLERS) * u64::from(EACH));
    assert!(
        transactions <= u64::from(EACH) + 4,
        "{batches} batches in {transactions} transactions"
    );
    run(&store, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let (first, schema) = fresh("silent").await;
    let (address, stuck) = cable::to_the_server().await;
    let short = Duration::from_millis(500);
    let options = PostgresOptions::new(&address).unwrap().schema(&schema);
    let options = options.statement_timeout(Duration::from_secs(1));
    let store = options.silence(short).lock_timeout(short).connections(1);
    let store = store.wait(short).open().await.unwrap();
    let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(7));
    let row = tables::CounterRow {
        key: vec![1],
        count: 1,
        expires_at: 1,
    };
    store.commit(Batch::new(workspace).put(&row)).await.unwrap();
    stuck.store(true, Ordering::SeqCst);
    let written = store.commit(Batch::new(workspace).put(&row)).await;
    assert!(
        matches!(written, Err(StoreError::Unknown(_))),
        "{written:?}"
    );
    store.close();
    drop(store);
    run(&first, &format!("DROP SCHEMA \"{schema}\" CASCADE")).await;
}
