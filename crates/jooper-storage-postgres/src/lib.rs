//! PostgreSQL behind the storage waist: one machine, a server with stand-by, a Citus cluster.
//!
//! [`PostgresStorage::open`] is all most embedders need; any number of processes may share a
//! schema. Every key begins with `(bucket, workspace_id)`, and every statement names its bucket,
//! so the same tables and the same SQL run on Citus, distributed by `bucket`:
//! [`citus_distribution`] has the statements. The suite runs on a cluster when
//! `JOOPER_TEST_POSTGRES_URL` names its coordinator and `JOOPER_TEST_CITUS` is set.
//!
//! *Batches.* A commit takes the head row of its workspace first, so a workspace has one writer at
//! a time: checks hold, absent rows included, and the log's places come in commit order. Batches
//! of a workspace that wait at the same time in one process share the transaction, and with it the
//! sync of the disk.
//!
//! *Connections.* Nothing is kept on a connection: no named statements, `SET LOCAL` only. A
//! transaction pooler (pgbouncer, pool mode `transaction`) may stand in between.
//!
//! *TLS.* Connections to other machines are encrypted and verified, see
//! [`PostgresOptions::root_certificates`].
//!
//! *Witness.* [`PostgresWitness`] keeps the witness (law L13) in another database, so that restoring
//! the data does not restore it.
//!
//! *Erasure.* Rows are deleted at once; the server's vacuum and its recycling of WAL decide when
//! the bytes go. They are ciphertext whose key went with them (law L9).

#[cfg(test)]
mod cable;
mod catalog;
mod citus;
mod claim;
mod commit;
mod connection;
#[cfg(test)]
mod ddl;
mod erase;
mod error;
mod group;
mod migrate;
mod options;
mod param;
mod patience;
mod pipeline;
mod read;
mod record;
mod server;
mod spawn;
mod storage;
mod tls;
mod witness;

pub use citus::citus_distribution;
pub use options::PostgresOptions;
pub use storage::PostgresStorage;
pub use witness::PostgresWitness;
