//! Where a transport comes from: it needs the builder's parts before it can be made.

use std::fmt::Debug;
use std::sync::Arc;

use jooper_core::{Clock, LeaseClock, Sleeper};
use jooper_transport::{CredentialStore, Inbox, Transport};

use crate::builder::BuildError;

/// What a transport may need of the builder.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TransportParts {
    /// Tokens of mailboxes, sealed.
    pub credentials: Arc<dyn CredentialStore>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Lease clock: bounds the last byte of a send.
    pub lease: Arc<dyn LeaseClock>,
    /// Waiting.
    pub sleeper: Arc<dyn Sleeper>,
}

/// The way out and the way in.
#[derive(Debug, Clone)]
pub struct Transports {
    /// The way out.
    pub transport: Arc<dyn Transport>,
    /// The way in.
    pub inbox: Arc<dyn Inbox>,
}

/// Something that a transport can be made of.
pub trait TransportSource: Debug + Send {
    /// Makes it.
    ///
    /// # Errors
    /// [`BuildError::Transport`] says what is wrong with its settings.
    fn make(self: Box<Self>, parts: &TransportParts) -> Result<Transports, BuildError>;
}

impl TransportSource for Transports {
    fn make(self: Box<Self>, _: &TransportParts) -> Result<Transports, BuildError> {
        Ok(*self)
    }
}

#[cfg(feature = "gmail")]
impl TransportSource for jooper_gmail::GmailSettings {
    fn make(self: Box<Self>, parts: &TransportParts) -> Result<Transports, BuildError> {
        let http = jooper_transport::ReqwestClient::new(parts.lease.clone(), Default::default())
            .map_err(|error| BuildError::Transport(Box::new(error)))?;
        let gmail = Arc::new(jooper_gmail::Gmail::new(
            *self,
            Arc::new(http),
            parts.credentials.clone(),
            parts.clock.clone(),
            parts.sleeper.clone(),
        ));
        Ok(Transports {
            transport: gmail.clone(),
            inbox: gmail,
        })
    }
}
