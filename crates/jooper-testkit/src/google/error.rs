//! What can go wrong when the simulator itself is set up or stored.

use std::io;

/// A failure of the simulator as a program; never an answer that it gives as Google.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// A loopback port could not be opened.
    #[error("cannot listen on loopback: {0}")]
    Listen(#[source] io::Error),
    /// The state file cannot be read or written.
    #[error("cannot use the state file: {0}")]
    State(#[source] io::Error),
    /// The state file is not one of ours, or was written by another version.
    #[error("the state file cannot be understood: {0}")]
    Format(#[source] serde_json::Error),
    /// The crypto library would not make or read a signing key.
    #[error("cannot make a signing key")]
    Key,
    /// A user, client or project that nobody configured.
    #[error("the simulator knows no {kind} named {name}")]
    Unknown {
        /// What was asked for.
        kind: &'static str,
        /// The name that was given.
        name: String,
    },
}
