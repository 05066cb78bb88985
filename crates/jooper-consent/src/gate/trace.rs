//! Every gate, its input, its verdict (law L16).

use jiff::Timestamp;
use jooper_core::{BasisKind, ScopeKind, StopReason};
use serde::{Deserialize, Serialize};

use crate::content::ContentFinding;
use crate::policy::Attestation;

/// What the gate says, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What it says.
    pub verdict: Verdict,
    /// Each gate, its input, its verdict.
    pub trace: Trace,
}

/// What one gate, or all of them, say about a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing against it.
    Allow,
    /// Not now.
    Defer {
        /// When to ask again (wall clock); `None`: when a person has acted.
        until: Option<Timestamp>,
        /// Why.
        reason: RefusalReason,
    },
    /// No.
    Deny {
        /// Why.
        reason: RefusalReason,
        /// Whether asking again is of no use: the step is skipped for good.
        permanent: bool,
    },
}

impl Verdict {
    /// Whether nothing is against it.
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow)
    }

    /// Why not, unless it is allowed.
    pub const fn reason(&self) -> Option<&RefusalReason> {
        match self {
            Self::Allow => None,
            Self::Defer { reason, .. } | Self::Deny { reason, .. } => Some(reason),
        }
    }
}

/// Every gate that looked at the mail, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace(pub Vec<GateStep>);

/// One gate, what it looked at, what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateStep {
    /// Which gate.
    pub gate: GateName,
    /// What it looked at: states, kinds, dates, table rows. Never personal data.
    pub input: String,
    /// What it said.
    pub verdict: Verdict,
}

/// The gates, in the order in which they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateName {
    /// May the workspace send at all, and does it say who it is?
    Workspace,
    /// Is the person, or their domain, on the workspace's list?
    Suppression,
    /// Is the person on the platform's list?
    DoNotContact,
    /// Is anything stopped that the mail belongs to?
    Stops,
    /// May the person's data be used?
    Rights,
    /// Is the address that of the lead, and one to write to?
    Address,
    /// Is the mail what it says it is?
    Purpose,
    /// Does the mail hide something from its reader?
    Content,
    /// Is there a lawful basis for this country?
    Basis,
    /// Does the transport admit that basis?
    Transport,
    /// Is it one mail too many?
    Ceilings,
    /// Is another campaign, or another send, busy with the person?
    Contact,
    /// Is the campaign's first sample still out?
    Sample,
    /// What does an embedder's own rule say?
    Policy,
}

/// Why a mail may not go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalReason {
    /// The workspace does not exist here.
    UnknownWorkspace,
    /// A person paused the workspace.
    WorkspacePaused,
    /// The client is leaving.
    WorkspaceLeaving,
    /// Legal name, postal address or privacy notice are missing.
    NoIdentity,
    /// The person or their domain is on the workspace's list.
    Suppressed(StopReason),
    /// Not sendable, for every workspace.
    DoNotContact,
    /// Something that the mail belongs to is stopped.
    Stopped {
        /// What.
        scope: ScopeKind,
        /// Why.
        reason: StopReason,
    },
    /// There is no such lead: it was never imported, or was erased.
    UnknownLead,
    /// The lead's data is restricted or held.
    Restricted,
    /// The address is not one of the lead's.
    NotTheirAddress,
    /// Nobody writes offers to such an address (`abuse@`, `noreply@`).
    RoleAddress,
    /// The domain is a known misspelling of a mail provider.
    TypoDomain,
    /// A campaign step names no campaign, or another's enrollment.
    NotThisEnrollment,
    /// A reply needs a mail from the person in that thread.
    NothingToAnswer,
    /// A test goes to the user's own address only.
    NotOwnAddress,
    /// A service mail needs an open request.
    NoRequest,
    /// The mail holds what no mail may hold. It is asked about again: the text may be mended.
    Content(ContentFinding),
    /// No basis is recorded.
    NoBasis,
    /// A basis was recorded and has ended.
    BasisExpired(BasisKind),
    /// A basis was recorded and withdrawn.
    BasisWithdrawn(BasisKind),
    /// A basis is recorded from a later time than it is: a clock was set back, or runs behind.
    BasisNotYet(BasisKind),
    /// A basis is recorded that the country's row does not admit.
    BasisNotInCountry(BasisKind),
    /// A basis is recorded that the country's row admits only with a statement, which nobody made.
    BasisNotStated(BasisKind, Attestation),
    /// A basis is recorded and good for the country, but the transport does not admit it.
    BasisNotOverTransport(BasisKind),
    /// A basis is recorded that this workspace does not use.
    BasisRefusedHere(BasisKind),
    /// Enough follow-ups were sent.
    FollowUpCeiling,
    /// Enough answers by hand were sent since the person wrote last.
    AnswerCeiling,
    /// The last mail to this person was too short a time ago.
    TooSoon,
    /// Another campaign is writing to this person.
    AnotherCampaign,
    /// Another send to this person is under way.
    AnotherSend,
    /// The first sample is out and its result is not in.
    SampleRunning,
    /// An embedder's rule of this name.
    Policy(String),
}
