//! The suites on PostgreSQL.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

mod common;

jooper_conformance::storage_suite!(postgres, common::fresh);
