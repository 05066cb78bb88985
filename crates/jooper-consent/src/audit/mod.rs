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
//! is in the file, and a file may end at an older head.
//!
//! What bars a person on the platform's list is in no workspace's chain. Who stops every sender by a
//! mail of a workspace stops that workspace first, by a stop of its own: that one is in its chain, and a
//! mail of the same workspace behind it is found. What is missing is the mail that *another* workspace
//! began behind the act, and no entry of that workspace's could tell it without telling more:
//!
//! * To write it when the person acts, somebody would have to ask which workspaces know the person. The
//!   closed list of calls across tenants (law L7) has no such question, and the platform's key is not
//!   theirs, so that no index of a workspace answers it.
//! * Its place and time in the chain would say that somebody on this workspace's own list objected to
//!   another sender just then, however blind the commitment itself. The list answers nothing but "not
//!   sendable", and that only about an address that is asked for.
//! * A checker could hold nothing against it: a permit's note names its person under the workspace's
//!   key, the entry under the platform's. A note that names both would tie what the two keys part, in a
//!   file that is made to be handed on.
//!
//! An answer ends a sequence, and is no stop of its own: the engine's single writer sees to it that nothing
//! goes behind one, and a sequence may go on upon it, so that no mail is held against an answer. Nor is one
//! held against a list that was taken over from another tool: its entries are counted in the chain, and not
//! named, as nothing was promised to anybody when they came.
//!
//! So it is the gate that answers for the platform's list: it reads the list for each permit, and the act is acknowledged a
//! whole lease later, when no permit from before is left. Whoever runs the installation can compare the
//! entries of the list (`since`) with permits.

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
