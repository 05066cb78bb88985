//! Handing mail to a provider.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{EmailAddress, MailboxId, Retry, SendKey, WorkspaceId};

use crate::dispatch::Cleared;
use crate::outcome::{Outcome, Receipt};

/// A mailbox, wherever it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxRef {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which.
    pub mailbox: MailboxId,
}

/// The provider's cursor just before a handing-over. Opaque; evidence is looked for behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceBase(pub String);

/// One handing-over whose outcome is looked for.
#[derive(Clone)]
pub struct Attempt {
    /// The mailbox.
    pub mailbox: MailboxRef,
    /// The send.
    pub send_key: SendKey,
    /// Which try of that send.
    pub number: u16,
    /// The authenticated token that stands in the mail's `References`.
    pub token: String,
    /// The tokens of earlier tries of this send that may have been accepted as well: a person
    /// released it while nobody knew. The mail of any of them is proof.
    pub earlier: Vec<String>,
    /// The provider's cursor before it, if one was read.
    pub evidence_base: Option<EvidenceBase>,
    /// To whom; `None` where nobody knows it any more, as of a person who was erased.
    pub to: Option<EmailAddress>,
    /// The subject as sent; `None` where nobody knows it any more.
    pub subject: Option<String>,
    /// When the handing-over began (wall clock).
    pub began_at: Timestamp,
    /// How far back to look: to before the first of the tries. The same as `began_at` where there
    /// was no earlier one.
    pub since: Timestamp,
}

impl Attempt {
    /// The tokens any of which proves the send, the last try's first.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.token)
            .chain(&self.earlier)
            .map(String::as_str)
    }
}

impl Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attempt({:?} number {})", self.send_key, self.number)
    }
}

/// What a search for evidence found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reconciliation {
    /// The mail was accepted.
    Found(Receipt),
    /// No trace of it. `complete`: everything that could hold one was read.
    NotFound {
        /// Whether the search saw everything behind the evidence base.
        complete: bool,
    },
    /// The search could not be made.
    Inconclusive,
}

/// What a transport can do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportCapabilities {
    /// Its name in policy tables: which bases it admits.
    pub policy: String,
    /// The largest mail it takes, in bytes: neither its provider nor the time of a permit allows more.
    pub max_bytes: usize,
    /// Whether it can look for evidence of an unknown send.
    pub reconciles: bool,
    /// Whether it hands mails to anybody. One that does not, as a forecast's, takes mails that nobody
    /// has written out: [`OutgoingMail::unwritten`](crate::OutgoingMail::unwritten).
    pub delivers: bool,
}

impl TransportCapabilities {
    /// Capabilities of a transport with this policy name.
    pub fn new(policy: impl Into<String>, max_bytes: usize, reconciles: bool) -> Self {
        Self {
            policy: policy.into(),
            max_bytes,
            reconciles,
            delivers: true,
        }
    }

    /// Of a transport that hands mails to nobody.
    #[must_use]
    pub const fn delivering_nothing(mut self) -> Self {
        self.delivers = false;
        self
    }
}

/// Why a call other than `send` failed. Texts hold no URL and no address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The provider cannot be reached, or answers with an error of its own. Try again later.
    #[error("the provider cannot be reached or has an error of its own; try again later")]
    Unavailable,
    /// Too fast. Wait.
    #[error("the provider asks for a pause")]
    RateLimited {
        /// Not before this much time has passed, when the provider said so.
        after: Option<Duration>,
    },
    /// The grant is dead. The owner must connect the mailbox again.
    #[error("the mailbox must be connected again: its grant is no longer valid")]
    NeedsReauth,
    /// The grant does not cover this. The account goes on with what is left of it.
    #[error("the mailbox's grant does not allow this ({0}); connect it again and allow everything")]
    Forbidden(&'static str),
    /// The account as a whole is closed to this application. Stop, and let its owner look.
    #[error("the account is closed to this application ({0})")]
    Blocked(&'static str),
    /// The thing asked for is gone.
    #[error("the provider no longer has it")]
    Gone,
    /// The provider's answer makes no sense.
    #[error("the provider answered something unexpected ({0})")]
    Protocol(&'static str),
    /// The mailbox has no credentials here: connect it again. With a source: they cannot be read
    /// or written now; try again later.
    #[error("the mailbox's credentials are missing or cannot be opened")]
    Credentials(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

impl TransportError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable | Self::Credentials(Some(_)) => Retry::Backoff,
            Self::RateLimited { after: Some(after) } => Retry::After(*after),
            Self::RateLimited { after: None } => Retry::Backoff,
            Self::NeedsReauth
            | Self::Forbidden(_)
            | Self::Blocked(_)
            | Self::Gone
            | Self::Protocol(_)
            | Self::Credentials(None) => Retry::Never,
        }
    }
}

/// A way for mail to leave. Never wrapped in anything that retries `send`.
#[async_trait]
pub trait Transport: Debug + Send + Sync + 'static {
    /// What it can do.
    fn capabilities(&self) -> TransportCapabilities;

    /// Reads the provider's cursor, immediately before a handing-over.
    ///
    /// # Errors
    /// [`TransportError`]: nothing was sent; plan again.
    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError>;

    /// Hands one mail over, once, without any retry of its own.
    ///
    /// The last byte of the body is withheld until the permit's lease was checked again. A timeout,
    /// a lost connection after the body and any server error are [`Outcome::Unknown`].
    async fn send(&self, cleared: Cleared) -> Outcome;

    /// Reads an accepted mail's Message-ID as it is on the wire. Failing undoes nothing.
    ///
    /// # Errors
    /// [`TransportError`].
    async fn read_back(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Receipt, TransportError>;

    /// Looks for evidence that an attempt was accepted.
    ///
    /// # Errors
    /// [`TransportError`]: the search could not be made; try again later.
    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError>;
}

const _OBJECT_SAFE: Option<&dyn Transport> = None;
