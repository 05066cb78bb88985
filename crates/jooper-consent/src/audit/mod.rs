//! The audit chain (law L14): what was logged cannot be changed afterwards without being noticed.
//!
//! ```text
//! payload_n = SHA-256(salt_n, payload of the log entry n)          a commitment, not the payload
//! leaf_n    = SHA-256(salt_n, place, time, kind, ids, payload_n)
//! chain_n   = SHA-256(chain_n-1, leaf_n)        chain_0 = SHA-256(workspace)
//! head      = Ed25519(workspace, n, chain_n, time)                  at least every minute
//! ```
//!
//! Leaves stay when payloads are erased or whole partitions go, so the chain verifies after
//! erasure, retention and re-sealing. Salts keep a leaf from being a fingerprint of what was
//! erased. An [export](Exporter) holds all of it in lines of JSON; a [`Checker`] needs nothing but
//! those lines and the public key, and also looks for sends behind an acknowledged stop. It sees what
//! is in the file: a file may end at an older head, and a stop that another workspace's person made
//! on the platform's list is in no workspace's chain.

mod chain;
mod checker;
mod export;
mod key;
mod laws;
mod line;
mod writer;

pub use checker::{AuditReport, Checker, Finding, LastHead, RestoredPart};
pub use export::{AuditError, Exporter, check_export, verify};
pub use key::AuditKey;
pub use line::{HeadLine, LeafLine, Line, RecordLine, StartLine};
pub use writer::{AuditWriter, Chained};
