//! The suites on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use jooper_storage_postgres::PostgresWitness;

mod common;

jooper_conformance::storage_suite!(postgres, common::fresh);

jooper_conformance::witness_suite!(postgres_witness, || async {
    let schema = common::Schema::new();
    let witness = PostgresWitness::open_with(schema.options()).await.unwrap();
    (schema, witness)
});
