//! Leads as they are read back.

use std::fmt;

use jiff::Timestamp;
use jooper_core::{BasisKind, CompanyId, Country, LeadId, LeadState, Purpose};
use jooper_storage::Value;
use jooper_storage::tables::{BasisEvidence, LeadProfile, LeadRow};

/// A lead with its opened profile. `Debug` masks the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lead {
    /// The row: state, country, zone, company, times.
    pub row: LeadRow,
    /// Name, title, fields and where they came from.
    pub profile: LeadProfile,
    /// Why the lead may be written to, by kind.
    pub bases: Vec<LeadBasis>,
    /// Whether the address is a desk's (`info@`), not a person's.
    pub role_address: bool,
}

/// One recorded basis of a lead, with its opened evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeadBasis {
    /// What for.
    pub purpose: Purpose,
    /// Which basis.
    pub kind: BasisKind,
    /// For which country's law it was recorded.
    pub country: Option<Country>,
    /// When it came about.
    pub obtained_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
    /// Where it came from and what proves it.
    pub evidence: BasisEvidence,
}

/// What a list of leads shows of one. `Debug` prints ids only.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeadSummary {
    /// The lead.
    pub id: LeadId,
    /// What may be done with it.
    pub state: LeadState,
    /// Country of residence, if known.
    pub country: Option<Country>,
    /// IANA time zone, if known.
    pub zone: Option<String>,
    /// The company, if known.
    pub company: Option<CompanyId>,
    /// When it was imported.
    pub created_at: Timestamp,
    /// The address that mail goes to.
    pub email: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// The company's name, as imported.
    pub company_name: Option<String>,
    /// Whether the address is a desk's (`info@`), not a person's.
    pub role_address: bool,
}

impl fmt::Debug for LeadSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeadSummary")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Which leads to list: in the order in which they were imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPage {
    /// Continue behind this place.
    pub after: Option<LeadCursor>,
    /// At most this many, 1 to 1,000.
    pub limit: usize,
}

/// A place in the list of leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadCursor(pub(crate) Vec<Value>);

impl LeadPage {
    /// The first page.
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The page behind a place.
    pub const fn after(cursor: LeadCursor, limit: usize) -> Self {
        Self {
            after: Some(cursor),
            limit,
        }
    }
}

/// One page of leads.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeadList {
    /// The leads, oldest first.
    pub leads: Vec<LeadSummary>,
    /// Where to continue; `None` when this was the last page.
    pub next: Option<LeadCursor>,
}
