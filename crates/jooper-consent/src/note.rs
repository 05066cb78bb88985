//! What the gate's own log entries say: ids, times, codes and keyed indexes; never personal data.
//!
//! These payloads are clear JSON, so that an auditor without any key can check stops against
//! sends. Erasing a lead removes the notes about it; their leaves stay in the chain.

use jiff::Timestamp;
use jooper_core::{
    BasisKind, CampaignId, CompanyId, Country, EnrollmentId, EventId, KeyedIndex, LeadId, LiftedBy,
    MailboxId, PermitId, ScopeKind, SendKey, StopReason, StopSource, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The payload of a log entry that the gate appends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
#[non_exhaustive]
pub enum Note {
    /// A permit was issued.
    Permit(Box<PermitNote>),
    /// A mail was sent, or nobody knows whether it was.
    Send {
        /// Which: its permit names the same.
        send_key: SendKey,
        /// When it began, by the store's clock: of the same clock are the ends of leases and the times of
        /// acknowledged stops. Entries of earlier versions do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        began: Option<Timestamp>,
    },
    /// A stop was acknowledged.
    Stop(StopNote),
    /// One cause of a standing stop was taken away by a user.
    Resume {
        /// What.
        scope: StoppedScope,
        /// Who; the nil user where it ended by itself, or where nobody knows any more.
        by: UserId,
        /// Which cause. Entries of earlier versions name none: every one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<StopReason>,
    },
    /// A user did not wait for the result of a campaign's first mails. No stop was taken away.
    SampleCleared {
        /// Which campaign.
        campaign: CampaignId,
        /// Who.
        by: UserId,
    },
    /// A user changed the settings of a campaign: what is not named stayed as it was.
    Settings {
        /// Which campaign.
        campaign: CampaignId,
        /// Who.
        by: UserId,
        /// The names of what changed, never its values.
        changed: Vec<String>,
        /// Mailboxes that send for it from then on, too.
        added: Vec<MailboxId>,
        /// Mailboxes that send nothing for it from then on.
        removed: Vec<MailboxId>,
    },
    /// A user declared that a mailbox has sent for long: it does not begin slowly. Its ceiling stands.
    Seasoned {
        /// Which mailbox.
        mailbox: MailboxId,
        /// Who.
        by: UserId,
    },
    /// A user said that the clock is right by which a mailbox had seen a later time: its limits count from
    /// the time of this entry again.
    ClockTrusted {
        /// Which mailbox.
        mailbox: MailboxId,
        /// The time that it had seen.
        seen: Timestamp,
        /// Who.
        by: UserId,
    },
    /// A user named the domains that are the workspace's own, in place of those named before.
    OwnDomains {
        /// Under the workspace's key.
        domains: Vec<KeyedIndex>,
        /// Who.
        by: UserId,
    },
    /// A user put a list of another tool on the workspace's list: a part of it, in one commit.
    ListImported {
        /// Entries that are new, one for each form of an address.
        added: u64,
        /// Entries that stood there already.
        known: u64,
        /// Who.
        by: UserId,
    },
    /// A person was taken off the list: by their own act, or because a reply was no objection.
    Lift {
        /// Under which indexes.
        indexes: Vec<KeyedIndex>,
        /// Who took them off, and what proves it. Entries of earlier versions name nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<LiftedBy>,
        /// When they did (wall clock).
        acted_at: Timestamp,
    },
    /// The data was put back from a copy. What stands before this is as old as the copy; what follows
    /// up to the next mail is what the witness, and the mailboxes, know of the time that was lost.
    Restored {
        /// The epoch that began with it.
        epoch: u64,
    },
    /// A user made the workspace refuse more than the policy tables do.
    Tightened {
        /// Every basis that it refuses from then on.
        refused: Vec<BasisKind>,
        /// Who.
        by: UserId,
    },
    /// A policy table is in force.
    Policy {
        /// `countries` or `transports`.
        table: String,
        /// The table's version.
        version: String,
        /// SHA-256 of its text, hexadecimal.
        digest: String,
        /// Who answers for it; nobody for the shipped one.
        reviewer: Option<UserId>,
    },
}

/// The reason on a `Sent` entry of a mail that was found in its mailbox after a restore: its permit
/// went with the data that was lost.
pub const SENT_ADOPTED: i64 = 1;

/// What a permit was for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitNote {
    /// The permit.
    pub permit: PermitId,
    /// The send.
    pub send_key: SendKey,
    /// The store's clock before the lists were read.
    pub checked_from: Timestamp,
    /// When the lease ends, by the store's clock.
    pub lease_until: Timestamp,
    /// The widest form of the address.
    pub contact: KeyedIndex,
    /// The domain.
    pub domain: KeyedIndex,
    /// The domains above it: whoever lists one of them means this one too. Entries of earlier versions
    /// name none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parent_domains: Vec<KeyedIndex>,
    /// The lead.
    pub lead: Option<LeadId>,
    /// The company.
    pub company: Option<CompanyId>,
    /// The other company that was judged, where there were two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_beside: Option<CompanyId>,
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The enrollment.
    pub enrollment: Option<EnrollmentId>,
    /// Whether it takes a place in the campaign's first sample.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sampled: bool,
    /// The mailbox.
    pub mailbox: MailboxId,
    /// The basis that carries the send, for campaign steps.
    pub basis: Option<BasisKind>,
    /// The receipt of that basis: its fact in the log. Of several with this id, the last before the permit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EventId>,
    /// The country whose row applied.
    pub country: Option<Country>,
    /// Versions of the tables of countries and transports, and the transport's name.
    pub policy: [String; 3],
}

/// What was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopNote {
    /// What.
    pub scope: StoppedScope,
    /// Why.
    pub reason: StopReason,
    /// Who caused it.
    pub source: StopSource,
    /// The store's clock when the stop was acknowledged.
    pub acknowledged_at: Timestamp,
    /// Whether the witness told of it after a restore: its time is then a wall clock's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recalled: bool,
}

/// A scope by id or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoppedScope {
    /// A person, by the widest form of their address.
    Contact(KeyedIndex),
    /// A domain.
    Domain(KeyedIndex),
    /// An entry of the list as the witness knows it: a person's or a domain's.
    Listed(KeyedIndex),
    /// Anything that has an id.
    Id(ScopeKind, Uuid),
}

impl Note {
    /// The payload's bytes.
    pub fn to_payload(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a payload back; `None` when it is somebody else's.
    pub fn from_payload(payload: &[u8]) -> Option<Self> {
        serde_json::from_slice(payload).ok()
    }
}
