//! The Gmail transport and inbox.

use std::fmt;
use std::sync::Arc;

use jooper_core::{Clock, Sleeper};
use jooper_transport::{CredentialStore, HttpClient};

use crate::budget::Budget;
use crate::mailbox::Mailboxes;
use crate::oauth::TokenClient;
use crate::settings::GmailSettings;

/// Gmail: a [`Transport`](jooper_transport::Transport) and an
/// [`Inbox`](jooper_transport::Inbox) for any number of mailboxes.
///
/// Clones share one quota budget. What it remembers of a mailbox can be lost at any time; tokens
/// are in the credential store only.
#[derive(Clone)]
pub struct Gmail {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) settings: Arc<GmailSettings>,
    pub(crate) http: Arc<dyn HttpClient>,
    pub(crate) credentials: Arc<dyn CredentialStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sleeper: Arc<dyn Sleeper>,
    pub(crate) tokens: TokenClient,
    pub(crate) mailboxes: Mailboxes,
    pub(crate) budget: Budget,
}

impl Gmail {
    /// Gmail with these settings.
    ///
    /// `clock` tells when tokens end and which minute the quota counts; `sleeper` makes the short
    /// pauses between tries of reads, never of sends.
    pub fn new(
        settings: impl Into<Arc<GmailSettings>>,
        http: Arc<dyn HttpClient>,
        credentials: Arc<dyn CredentialStore>,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
    ) -> Self {
        let settings = settings.into();
        let tokens = TokenClient::new(Arc::clone(&settings), Arc::clone(&http));
        let budget = Budget::new(&settings.quota);
        let mailboxes = Mailboxes::default();
        let inner = Inner {
            settings,
            http,
            credentials,
            clock,
            sleeper,
            tokens,
            mailboxes,
            budget,
        };
        Self {
            inner: Arc::new(inner),
        }
    }
}

impl fmt::Debug for Gmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gmail")
    }
}
