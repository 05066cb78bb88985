//! What a store does by itself while it runs.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::time::Duration;

use jooper_storage::tables::LANE;

use super::*;

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
