//! Who gets a connection of which nobody knows what became of it: nobody.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::sync::Arc;

use jooper_storage::StoreError;

use super::*;
use crate::options::PostgresOptions;
use crate::pipeline::Step;
use crate::server::{Server, Work};
use crate::{cable, migrate};

const SHORT: Duration = Duration::from_millis(500);

async fn backend(server: &Server) -> i32 {
    let connection = server.connection().await.unwrap();
    let rows = connection.query("SELECT pg_backend_pid()", &[]).await;
    rows.unwrap()[0].get(0)
}

#[tokio::test]
async fn a_connection_that_owes_an_answer_is_nobody_elses_and_its_driver_ends() {
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let options = PostgresOptions::new(&address).unwrap().connections(1);
    let server = Server::new(options).unwrap();
    let first = backend(&server).await;
    assert_eq!(backend(&server).await, first, "a clean one is used again");
    let refused = server.connection().await.unwrap();
    assert!(refused.run("SELECT 1 / 0").await.is_err());
    drop(refused);
    assert_eq!(backend(&server).await, first, "it has answered");
    let connection = server.connection().await.unwrap();
    let driver = connection.driver.abort_handle();
    // Outside of a transaction, by a caller who gives up.
    let asked = patience::wait(Duration::ZERO, connection.run("SELECT pg_sleep(60)"));
    assert!(asked.await.is_err());
    drop(connection);
    assert_ne!(backend(&server).await, first);
    let mut turns = 0;
    while !driver.is_finished() {
        turns += 1;
        assert!(turns < 10_000, "it waits for the answer");
        tokio::task::yield_now().await;
    }
    let end = format!("SELECT pg_terminate_backend({first})");
    server.connection().await.unwrap().run(&end).await.unwrap();
}

/// Nobody may draw it for hours, and it holds what the transaction took.
#[tokio::test]
async fn a_transaction_that_nobody_ended_ends_when_its_caller_goes() {
    let address = std::env::var("JOOPER_TEST_POSTGRES_URL").unwrap();
    let options = PostgresOptions::new(&address).unwrap().connections(1);
    let server = Server::new(options.clone()).unwrap();
    let connection = server.connection().await.unwrap();
    let driver = connection.driver.abort_handle();
    let lock = i64::from(std::process::id()) << 20;
    let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({lock})");
    connection.begin(&begin).await.unwrap();
    drop(connection);
    let mut turns = 0;
    while !driver.is_finished() {
        turns += 1;
        assert!(turns < 10_000, "it is kept in the pool");
        tokio::task::yield_now().await;
    }
    let other = Server::new(options).unwrap();
    let other = other.connection().await.unwrap();
    let take = format!("SELECT pg_advisory_lock({lock}), pg_advisory_unlock({lock})");
    ended(other.run(&take)).await.unwrap();
}

/// A transaction that the server refuses and behind which it falls silent.
struct Refused(Arc<AtomicBool>);

impl Work<()> for Refused {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<(), Failure>> {
        Box::pin(async move {
            connection.begin("BEGIN").await?;
            let refused = connection.run("SELECT 1 / 0").await;
            self.0.store(true, Ordering::SeqCst);
            refused
        })
    }
}

/// What must have ended long before.
async fn ended<T>(wait: impl Future<Output = T>) -> T {
    let long = Duration::from_secs(30);
    patience::wait(long, wait).await.expect("it still waits")
}

#[tokio::test]
async fn every_wait_for_a_server_that_falls_silent_ends() {
    let (address, stuck) = cable::to_the_server().await;
    let schema = format!("connection_{}_silent", std::process::id());
    let patient = PostgresOptions::new(&address).unwrap().schema(&schema);
    let hasty = patient.clone().silence(SHORT).lock_timeout(SHORT);
    let hasty = hasty.statement_timeout(SHORT).connections(1);
    let server = Server::new(patient).unwrap();
    let connection = server.connection().await.unwrap();
    migrate::migrate(&connection, &server.options)
        .await
        .unwrap();
    let others = [
        server.connection().await.unwrap(),
        server.connection().await.unwrap(),
    ];
    let given_up = Server::new(hasty.clone()).unwrap();
    let refused = Refused(Arc::clone(&stuck));
    assert!(ended(given_up.repeatable(&refused)).await.is_err());
    let gone = |answer: Result<(), StoreError>| {
        assert!(
            matches!(answer, Err(StoreError::Unavailable(_))),
            "{answer:?}"
        );
    };
    gone(ended(migrate::migrate(&connection, &hasty)).await);
    gone(ended(migrate::partitions(&others[0], &hasty, 0)).await);
    let known = ended(migrate::known(&others[1], &hasty)).await;
    gone(known.map(|_| ()));
    stuck.store(false, Ordering::SeqCst);
    let drop_it = format!("DROP SCHEMA \"{schema}\" CASCADE");
    drop((connection, others));
    // With a connection that is none of those: what they sent may still be on its way.
    ended(async { given_up.connection().await.unwrap().run(&drop_it).await })
        .await
        .unwrap();
}
