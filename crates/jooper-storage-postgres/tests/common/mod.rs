//! A schema for one test, on the server that `JOOPER_TEST_POSTGRES_URL` names.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::time::{SystemTime, UNIX_EPOCH};

use jooper_storage_postgres::{PostgresOptions, PostgresStorage, citus_distribution};

/// The server for tests. Missing is a failure, never a reason to skip.
pub(crate) fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

/// Drops its schema at the end, also when the test fails.
pub(crate) struct Schema(pub(crate) String);

impl Schema {
    pub(crate) fn new() -> Self {
        #[allow(clippy::disallowed_methods, reason = "a name that no other test has")]
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_nanos();
        Self(format!("t{}_{now}", std::process::id()))
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions::new(&address())
            .unwrap()
            .schema(&self.0)
            .connections(8)
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let schema = self.0.clone();
        // A thread, because the test's runtime may be running.
        let dropped = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build();
                    runtime
                        .unwrap()
                        .block_on(run(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE")))
                })
                .join()
        });
        if dropped.is_err() && !std::thread::panicking() {
            panic!("schema {schema} was not dropped");
        }
    }
}

/// Runs statements on a connection of their own.
pub(crate) async fn run(sql: &str) {
    let (client, driver) = tokio_postgres::connect(&address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    client.batch_execute(sql).await.unwrap();
}

/// A fresh store and its guard.
pub(crate) async fn fresh() -> (Schema, PostgresStorage) {
    let schema = Schema::new();
    let store = schema.options().open().await.unwrap();
    // On a cluster the same tables are spread before anything is written.
    if std::env::var_os("JOOPER_TEST_CITUS").is_some() {
        for statement in citus_distribution(&schema.0, 8) {
            run(&statement).await;
        }
    }
    (schema, store)
}
