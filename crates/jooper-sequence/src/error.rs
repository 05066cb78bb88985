//! Why a piece of engine work could not be done.

use jooper_consent::{ContentFinding, DnsError, GateError, QualityFinding, StopError};
use jooper_core::Retry;
use jooper_storage::StoreError;
use jooper_transport::TransportError;
use jooper_vault::VaultError;

use crate::model::{InvalidCampaign, InvalidEdit, InvalidSequence};

/// Why a call failed. Nothing is half-done: a lane starts again from its rows.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// Another worker holds the lane, or took it over. Stop working on it.
    #[error("another worker holds this mailbox's lane")]
    LaneLost,
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// Something sealed could not be opened or written.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The gate failed.
    #[error(transparent)]
    Gate(GateError),
    /// A stop failed.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The provider failed.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The DNS could not be asked.
    #[error(transparent)]
    Dns(#[from] DnsError),
    /// The sequence breaks a rule.
    #[error(transparent)]
    Sequence(#[from] InvalidSequence),
    /// The campaign breaks a rule.
    #[error(transparent)]
    Campaign(#[from] InvalidCampaign),
    /// The edit breaks a rule.
    #[error(transparent)]
    Edit(#[from] InvalidEdit),
    /// There is no such thing in this workspace.
    #[error("there is no {0} with this id in this workspace")]
    NotFound(&'static str),
    /// The thing is in a state that does not allow this.
    #[error("{0}")]
    State(&'static str),
    /// What was asked for a step of an enrollment came too late: it stands at another one, or has ended.
    #[error(
        "this came too late: they stand at another step by now, or their way has ended. Nothing was \
         changed; look at how things stand"
    )]
    Passed,
    /// This key belongs to an answer with other words: of the new ones nothing is sent or kept. Make
    /// a key for them.
    #[error(
        "this form has sent another text before; the new one was not sent: write it as a new answer"
    )]
    OtherAnswer,
    /// The mail to answer came from an address that is not the lead's: no basis and no permit is theirs.
    #[error(
        "this was written from an address that is not this lead's; add the address to the lead, or \
         answer from the mailbox itself"
    )]
    OtherWriter,
    /// The list is not fit to be written to; nobody was enrolled.
    #[error("this list cannot be used as it is: {}", advice(.0))]
    List(Vec<QualityFinding>),
    /// A mailbox shows somebody else as the sender; none of its mails would go.
    #[error("{}. {}", .0, .0.remedy())]
    SenderName(ContentFinding),
    /// The unsubscribe link cannot be made.
    #[error(transparent)]
    Link(#[from] crate::links::LinkError),
    /// The account is connected to another workspace of this installation.
    #[error("this account is already connected; disconnect it where it is, then connect it here")]
    MailboxTaken,
    /// Stored content does not open, or is not what this version writes.
    #[error("stored {0} does not read; it was damaged, or comes from a newer version of jooper")]
    Content(&'static str),
}

fn advice(findings: &[QualityFinding]) -> String {
    let all: Vec<_> = findings.iter().map(|finding| finding.advice()).collect();
    all.join("; ")
}

/// What does not open now and never will is a fault of that one row: it stops nobody but the one it
/// belongs to. A key store that is older than the data is put right by its operator, for all of them.
pub(crate) fn sealed(error: VaultError, what: &'static str) -> EngineError {
    let passes = matches!(error, VaultError::KeysOlder { .. });
    if passes || error.retry() != Retry::Never {
        return EngineError::Vault(error);
    }
    tracing::error!(%error, what, "something sealed does not open");
    EngineError::Content(what)
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::FenceLost => Self::LaneLost,
            error => Self::Store(error),
        }
    }
}

impl From<GateError> for EngineError {
    fn from(error: GateError) -> Self {
        match error {
            GateError::FenceLost => Self::LaneLost,
            error => Self::Gate(error),
        }
    }
}

impl EngineError {
    /// What the caller may do next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Store(error) => error.retry(),
            Self::Gate(error) => error.retry(),
            Self::Transport(error) => error.retry(),
            Self::Dns(error) => error.retry(),
            Self::LaneLost => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}
