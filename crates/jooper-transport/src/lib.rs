//! How mail leaves and how it arrives.
//!
//! A [`Transport`] takes only a [`Cleared`] mail, and only a [`Dispatcher`] makes one, from a
//! [`SendPermit`](jooper_consent::SendPermit) of the gate: there is no way around the gate by
//! mistake. An [`Inbox`] tells what changed in a mailbox. [`HttpClient`] and [`CredentialStore`]
//! are the seams that an embedding service may fill itself.

mod credentials;
mod dispatch;
mod http;
mod inbox;
mod mail;
mod memory_credentials;
mod outcome;
mod recording;
#[cfg(feature = "reqwest")]
mod reqwest_client;
mod transport;

pub use credentials::{CredentialError, CredentialStore, Credentials, StoredCredentials};
pub use dispatch::{Cleared, DispatchRefusal, Dispatcher, LONGEST_LEAVE};
pub use http::{HttpClient, HttpError, HttpRequest};
pub use inbox::{Arrived, Cursor, Delta, Inbox};
pub use mail::{InvalidMail, OutgoingMail, Unwritten};
pub use memory_credentials::MemoryCredentialStore;
pub use outcome::{Outcome, Receipt, UnknownCause};
pub use recording::RecordingTransport;
#[cfg(feature = "reqwest")]
pub use reqwest_client::{ReqwestClient, ReqwestSettings, StartError};
pub use transport::{
    Attempt, EvidenceBase, MailboxRef, Reconciliation, Transport, TransportCapabilities,
    TransportError,
};
