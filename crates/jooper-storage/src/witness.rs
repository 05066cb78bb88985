//! The witness: what a restored backup must not be able to forget.
//!
//! Small, append-only, free of personal data, and kept apart from the data. A stop, a restriction or an
//! erasure is appended here *before* it is acknowledged; data that knows less than the witness has been
//! restored, and stays silent until the witness is replayed (law L13).

use std::collections::BTreeSet;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{
    ActProof, BasisKind, InstallationId, KeyedIndex, LiftedBy, MailboxId, Purpose, Retry,
    ScopeKind, StopReason, StopSource, SubjectId, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Something that outlives a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WitnessEntry {
    /// The installation began, or began a new epoch after a restore.
    Epoch {
        /// Which installation.
        installation: InstallationId,
        /// 1 at first; one more with every restore.
        epoch: u64,
    },
    /// The data came so far: a copy that knows a lower mark is older than this.
    Mark {
        /// The mark of [`InstallationRow`](crate::tables::InstallationRow).
        mark: i64,
    },
    /// Somebody must not be mailed by a workspace.
    Suppressed {
        /// The workspace.
        workspace: WorkspaceId,
        /// An address's variant, or a domain.
        index: KeyedIndex,
        /// Why.
        reason: StopReason,
        /// Who caused it.
        source: StopSource,
    },
    /// The person lifted a suppression themselves.
    Lifted {
        /// The workspace.
        workspace: WorkspaceId,
        /// An address's variant, or a domain.
        index: KeyedIndex,
        /// When the person acted: a stop from then on stands. Unknown in old witnesses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        acted_at: Option<Timestamp>,
        /// Who took it away, and what proves it. Unknown in old witnesses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<LiftedBy>,
    },
    /// Nobody may mail this person.
    DoNotContact {
        /// An address's variant, under the platform's key.
        index: KeyedIndex,
        /// Why.
        reason: StopReason,
        /// What proves that the person said so. Unknown in old witnesses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<ActProof>,
    },
    /// A subject was erased.
    Erased {
        /// The workspace.
        workspace: WorkspaceId,
        /// Whom.
        subject: SubjectId,
    },
    /// A subject's data is stored and nothing else (GDPR Art. 18).
    Restricted {
        /// The workspace.
        workspace: WorkspaceId,
        /// Whose.
        subject: SubjectId,
    },
    /// A restriction ended.
    Unrestricted {
        /// The workspace.
        workspace: WorkspaceId,
        /// Whose.
        subject: SubjectId,
    },
    /// Something that has an id was stopped: a lead, company, enrollment, campaign, mailbox or the
    /// workspace.
    Stopped {
        /// The workspace.
        workspace: WorkspaceId,
        /// What kind of thing.
        scope: ScopeKind,
        /// Which one.
        id: Uuid,
        /// Why.
        reason: StopReason,
        /// Who caused it.
        source: StopSource,
        /// Since when this cause stands.
        since: Timestamp,
    },
    /// One cause of such a stop was taken away.
    Resumed {
        /// The workspace.
        workspace: WorkspaceId,
        /// What kind of thing.
        scope: ScopeKind,
        /// Which one.
        id: Uuid,
        /// Which cause.
        reason: StopReason,
        /// Since when it had stood: one that began later stands.
        since: Timestamp,
    },
    /// A person declared that a mailbox has sent for long: it climbs no ramp.
    Seasoned {
        /// The workspace.
        workspace: WorkspaceId,
        /// Which mailbox.
        mailbox: MailboxId,
    },
    /// A workspace relies on these bases no more, for good, whatever the policy tables admit.
    Refused {
        /// The workspace.
        workspace: WorkspaceId,
        /// Every one that it refuses from then on.
        kinds: BTreeSet<BasisKind>,
    },
    /// A basis was withdrawn.
    Withdrawn {
        /// The workspace.
        workspace: WorkspaceId,
        /// Whose.
        subject: SubjectId,
        /// For which purpose.
        purpose: Purpose,
        /// Which.
        kind: BasisKind,
        /// When: one that was obtained later stands.
        at: Timestamp,
    },
}

/// An entry with its place and time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessRecord {
    /// 1, 2, 3 ... without gaps.
    pub position: u64,
    /// When it was appended (wall clock).
    pub at: Timestamp,
    /// What it says.
    pub entry: WitnessEntry,
}

/// Why the witness could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// It cannot be reached or written. Nothing may be acknowledged; try again.
    #[error("the witness cannot be written or read; check its place and free space")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A record in the middle does not read; the file was damaged or edited.
    #[error("the witness is damaged at record {position}; restore it from its newest backup")]
    Corrupt {
        /// Which record.
        position: u64,
    },
}

impl WitnessError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(_) => Retry::Backoff,
            Self::Corrupt { .. } => Retry::Never,
        }
    }
}

/// An append-only list of [`WitnessEntry`], durable on `Ok`.
#[async_trait]
pub trait Witness: Debug + Send + Sync + 'static {
    /// Appends entries in order and returns the position of the last one.
    ///
    /// # Errors
    /// [`WitnessError::Unavailable`]: nothing may be acknowledged.
    async fn append(&self, at: Timestamp, entries: &[WitnessEntry]) -> Result<u64, WitnessError>;

    /// Reads at most `limit` records behind a position (0: from the beginning).
    ///
    /// # Errors
    /// [`WitnessError::Corrupt`] names the first record that does not read.
    async fn read(&self, after: u64, limit: usize) -> Result<Vec<WitnessRecord>, WitnessError>;

    /// The position of the last record; 0 when there is none.
    ///
    /// # Errors
    /// As [`Witness::read`].
    async fn position(&self) -> Result<u64, WitnessError>;
}

const _OBJECT_SAFE: Option<&dyn Witness> = None;
