//! What a stop reaches.

use jooper_core::{
    CampaignId, CompanyId, EnrollmentId, KeyedIndex, LeadId, MailboxId, ScopeKind, StopReason,
    WorkspaceId,
};
use jooper_storage::tables::PermitRow;
use uuid::Uuid;

use crate::note::StoppedScope;

/// What a stop reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopScope {
    /// One person, under every form of one address. Goes on the list, for good. A lead with
    /// several addresses has one such scope for each.
    Person {
        /// The widest form of the address.
        contact_index: KeyedIndex,
        /// Every variant, also at other domains of the provider: a leave to mail any of them is waited for.
        variants: Vec<KeyedIndex>,
        /// The lead, if it is known: names the log entry.
        lead: Option<LeadId>,
    },
    /// A whole domain, with those below it. Goes on the list, for good.
    Domain(KeyedIndex),
    /// Everybody at a company.
    Company(CompanyId),
    /// One lead in every campaign, by its id.
    Lead(LeadId),
    /// One lead in one campaign.
    Enrollment(EnrollmentId),
    /// A campaign.
    Campaign(CampaignId),
    /// A sender account.
    Mailbox(MailboxId),
    /// The workspace.
    Workspace,
}

impl StopScope {
    /// A person who is known by one form only.
    pub fn person(contact_index: KeyedIndex, variants: Vec<KeyedIndex>) -> Self {
        Self::Person {
            contact_index,
            variants,
            lead: None,
        }
    }

    /// The row of standing stops, for a scope that has an id.
    pub(super) fn standing(&self, ws: WorkspaceId) -> Option<(ScopeKind, Uuid)> {
        Some(match self {
            Self::Person { .. } | Self::Domain(_) => return None,
            Self::Company(id) => (ScopeKind::Company, id.uuid()),
            Self::Lead(id) => (ScopeKind::Person, id.uuid()),
            Self::Enrollment(id) => (ScopeKind::Enrollment, id.uuid()),
            Self::Campaign(id) => (ScopeKind::Campaign, id.uuid()),
            Self::Mailbox(id) => (ScopeKind::Mailbox, id.uuid()),
            Self::Workspace => (ScopeKind::Workspace, ws.uuid()),
        })
    }

    pub(super) fn stopped(&self, ws: WorkspaceId) -> StoppedScope {
        match self {
            Self::Person { contact_index, .. } => StoppedScope::Contact(*contact_index),
            Self::Domain(index) => StoppedScope::Domain(*index),
            _ => {
                let (kind, id) = self
                    .standing(ws)
                    .unwrap_or((ScopeKind::Workspace, ws.uuid()));
                StoppedScope::Id(kind, id)
            }
        }
    }

    /// The indexes that go on the list.
    pub(super) fn listed(&self) -> Vec<KeyedIndex> {
        match self {
            Self::Person {
                contact_index,
                variants,
                ..
            } => {
                let mut all = variants.clone();
                all.push(*contact_index);
                all.sort_unstable();
                all.dedup();
                all
            }
            Self::Domain(index) => vec![*index],
            _ => Vec::new(),
        }
    }

    /// What its entries of the list say beside their reason.
    pub(super) const fn kept_beside(&self) -> Option<StopReason> {
        match self {
            Self::Domain(_) => Some(StopReason::WholeDomain),
            _ => None,
        }
    }

    pub(super) const fn lead(&self) -> Option<LeadId> {
        match self {
            Self::Person { lead, .. } => *lead,
            Self::Lead(lead) => Some(*lead),
            _ => None,
        }
    }

    /// Whether a permit lets out a mail that this stop forbids, or may: a permit names its domain and not
    /// those above it.
    pub(super) fn covers(&self, permit: &PermitRow) -> bool {
        match self {
            // A lead's other address counts, too: which of them an entry of an earlier version means, its
            // index does not tell.
            Self::Person { lead, .. } => {
                self.listed().contains(&permit.contact_index)
                    || lead.is_some() && permit.lead == *lead
            }
            Self::Company(id) => [permit.company, permit.company_beside].contains(&Some(*id)),
            Self::Lead(id) => permit.lead == Some(*id),
            Self::Enrollment(id) => permit.enrollment == Some(*id),
            Self::Campaign(id) => permit.campaign == Some(*id),
            Self::Mailbox(id) => permit.mailbox == *id,
            Self::Domain(_) | Self::Workspace => true,
        }
    }
}
