//! A schema of its own on the server that `JOOPER_TEST_POSTGRES_URL` names.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The server for tests. Missing is a failure, never a reason to skip.
pub(crate) fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

/// Dropped from the server at the end, also when the test fails.
pub(crate) struct Schema(String);

impl Schema {
    pub(crate) fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self(format!("s{}_{}", std::process::id(), now.as_nanos()))
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The address for a server under test, which calls itself by the schema's name.
    pub(crate) fn address(&self) -> String {
        let (address, name) = (address(), &self.0);
        let and = if address.contains('?') { '&' } else { '?' };
        format!("{address}{and}schema={name}&application_name={name}")
    }

    /// Waits until the sessions of a killed server have ended: what it had handed over is then
    /// committed or not.
    pub(crate) async fn is_left_alone(&self) {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}'",
            self.0
        );
        for _ in 0..3000 {
            if ask(&sql).await == Some("0".to_owned()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("sessions of a killed server never ended");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let sql = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.0);
        // A thread, because the test's runtime may be running.
        let dropped = std::thread::scope(|scope| {
            scope
                .spawn(|| {
                    tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap()
                        .block_on(ask(&sql));
                })
                .join()
        });
        if dropped.is_err() && !std::thread::panicking() {
            panic!("schema {} was not dropped", self.0);
        }
    }
}

/// The first value of what a statement returns.
async fn ask(sql: &str) -> Option<String> {
    let (client, driver) = tokio_postgres::connect(&address(), tokio_postgres::NoTls)
        .await
        .unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    let answers = client.simple_query(sql).await.unwrap();
    answers.into_iter().find_map(|answer| match answer {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}
