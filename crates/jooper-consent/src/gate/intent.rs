//! What the caller wants to send, as far as the gate needs to know.

use std::fmt;

use jiff::Timestamp;
use jooper_core::{
    CampaignId, CompanyId, Country, EmailAddress, EnrollmentId, KeyedIndex, LeadId, MailboxId,
    MessageId, Purpose, SendKey, SendKind,
};

use crate::content::{ContentFinding, OwnDomains};

/// The person at the other end. Indexes come from the caller's vault; `Debug` prints ids only.
#[derive(Clone)]
pub struct Recipient {
    /// The lead, if it is one. Campaign steps and replies need it.
    pub lead: Option<LeadId>,
    /// The company, if known. The lead's own row counts as well.
    pub company: Option<CompanyId>,
    /// The country, if known; used only where there is no lead row. Unknown is the strictest.
    pub country: Option<Country>,
    /// The exact address, under the workspace's key.
    pub email_index: KeyedIndex,
    /// The widest form of the address, under the workspace's key: names the fence row.
    pub contact_index: KeyedIndex,
    /// The address's domain, under the workspace's key.
    pub domain_index: KeyedIndex,
    /// The domains above it ([`parent_domains`](crate::parent_domains)), under the workspace's key; none
    /// for most.
    pub parent_domains: Vec<KeyedIndex>,
    /// Every variant of the address ([`EmailAddress::variants`]), under the workspace's key.
    pub variants: Vec<KeyedIndex>,
    /// Every variant of the address, under the platform's key.
    pub platform_variants: Vec<KeyedIndex>,
    /// The address itself, for the permit. Never stored, never logged.
    pub address: EmailAddress,
    /// Whether the caller knows the address to be impersonal (`info@`). The gate looks itself: this
    /// can add rules of the law to those that it finds, and takes none away.
    pub role_address: bool,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient")
            .field("lead", &self.lead)
            .field("company", &self.company)
            .field("country", &self.country)
            .finish_non_exhaustive()
    }
}

/// Which row of the transport table applies: the transport's policy name.
///
/// A name without a row is treated like the strictest transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportPolicy {
    /// The name, as the transport's capabilities give it.
    pub name: String,
}

impl TransportPolicy {
    /// The policy of this name.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into() }
    }
}

/// What makes a send that is no campaign step legitimate. The gate looks it up itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proof {
    /// Nothing: campaign steps and service mails carry their proof in the send key.
    None,
    /// A reply answers this mail, which the person sent.
    Inbound(MessageId),
    /// A test goes to the address under which the user signs in: its platform-keyed index.
    OwnAddress(KeyedIndex),
}

/// What the caller knows for the ceilings. The enrollment's own row counts as well; the higher
/// number and the later time win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CapFacts {
    /// Whether this is the first mail to the person from this workspace.
    pub first_contact: bool,
    /// How many follow-ups were sent in this enrollment. The first mail is none.
    pub follow_ups_sent: u16,
    /// When the last mail of this enrollment was accepted (wall clock).
    pub last_sent_at: Option<Timestamp>,
    /// The campaign's own ceiling for follow-ups; can only lower the gate's.
    pub follow_up_limit: Option<u16>,
}

/// One mail that somebody wants to send.
#[derive(Debug, Clone)]
pub struct SendIntent {
    /// Which send. Its kind decides the rules.
    pub key: SendKey,
    /// To whom.
    pub recipient: Recipient,
    /// From which mailbox.
    pub mailbox: MailboxId,
    /// In which campaign. Campaign steps need it.
    pub campaign: Option<CampaignId>,
    /// For which enrollment. Taken from the key for campaign steps.
    pub enrollment: Option<EnrollmentId>,
    /// Whether the caller opened the workspace's sealed identity and found legal name, postal
    /// address and privacy notice in it.
    pub identity_complete: bool,
    /// Over which transport.
    pub transport: TransportPolicy,
    /// What makes it legitimate, where the key alone does not.
    pub proof: Proof,
    /// Figures for the ceilings.
    pub caps: CapFacts,
    /// What the finished mail holds and may not, by [`ContentRules::check`](crate::ContentRules::check)
    /// under the gate's own rules; `None`: it is not written yet. The dispatcher looks again, at the
    /// mail itself.
    pub content: Option<Vec<ContentFinding>>,
    /// The domains that the workspace named as its own, from its sealed identity: the sender's name may
    /// show them.
    pub own_domains: OwnDomains,
}

impl SendIntent {
    /// What the mail is for.
    pub const fn purpose(&self) -> Purpose {
        purpose_of(&self.key)
    }

    /// The enrollment: the key's own for a campaign step, else what the caller says.
    pub const fn enrollment(&self) -> Option<EnrollmentId> {
        match self.key {
            SendKey::Step { enrollment, .. } => Some(enrollment),
            _ => self.enrollment,
        }
    }
}

/// What a send is for.
pub(super) const fn purpose_of(key: &SendKey) -> Purpose {
    match key.kind() {
        SendKind::Reply => Purpose::Conversation,
        SendKind::Test => Purpose::Test,
        SendKind::Service => Purpose::Service,
        _ => Purpose::Outreach,
    }
}
