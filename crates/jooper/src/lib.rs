#![doc = include_str!("../README.md")]

mod audit;
mod builder;
mod glue;
mod jooper;
mod seams;
mod source;
mod workspace;

/// The example in the repository's README, compiled with the other documentation tests.
#[cfg(all(doctest, feature = "sqlite", feature = "gmail"))]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The examples of the page on sequences, compiled with them.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/sequences.md")]
struct Sequences;

pub use builder::{BuildError, JooperBuilder};
pub use jooper::{Jooper, RunError};
pub use seams::TokioSleeper;
pub use source::{TransportParts, TransportSource, Transports};
pub use workspace::Workspace;

pub use jooper_analytics as analytics;
pub use jooper_consent as consent;
pub use jooper_core as core;
#[cfg(feature = "dns")]
pub use jooper_dns as dns;
#[cfg(feature = "gmail")]
pub use jooper_gmail as gmail;
pub use jooper_leads as leads;
pub use jooper_message as message;
pub use jooper_rights as rights;
pub use jooper_sequence as sequence;
pub use jooper_storage as storage;
#[cfg(feature = "postgres")]
pub use jooper_storage_postgres as postgres;
#[cfg(feature = "sqlite")]
pub use jooper_storage_sqlite as sqlite;
pub use jooper_tracking as tracking;
pub use jooper_transport as transport;
pub use jooper_vault as vault;
