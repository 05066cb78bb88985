//! Requests of people that a service mail may answer, and how the gate knows whose they are.
//!
//! A request's id is a hash of whom it is of. The gate computes it anew from the recipient: an
//! open request of one person is no leave to write to another.

use jiff::{SignedDuration, Timestamp};
use jooper_core::{KeyedIndex, LeadId, RequestId};
use jooper_storage::tables::PendingRow;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::gate::Recipient;

/// The `kind` of a [`PendingRow`] in which a person asks to see their data. Never swept.
pub const ACCESS_REQUESTED: i64 = 18_001;
/// The `kind` of a [`PendingRow`] in which a person asks to be erased. Never swept.
pub const ERASURE_REQUESTED: i64 = 18_002;
/// The `kind` of a [`PendingRow`] in which somebody asks for a confirmed opt-in.
pub const OPT_IN_REQUESTED: i64 = 18_003;

/// How long a confirmation can be given: whoever wanted mail looks within a week.
const OPEN: SignedDuration = SignedDuration::from_hours(24 * 7);

/// A request of a person, as far as its identity goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceRequest {
    /// A lead wants to see their data, or have it erased: one open request of a kind.
    Rights {
        /// Whose data.
        lead: LeadId,
        /// [`ACCESS_REQUESTED`] or [`ERASURE_REQUESTED`].
        kind: i64,
    },
    /// Somebody typed an address into the sign-up page: one request for each person and week,
    /// however often, since the mail's send key names it and is used once for ever.
    OptIn {
        /// The widest form of the address.
        contact: KeyedIndex,
        /// The week, from [`ServiceRequest::week_of`].
        week: i64,
    },
}

impl ServiceRequest {
    /// The week that a moment lies in, counted from 1970.
    pub fn week_of(at: Timestamp) -> i64 {
        at.as_second().div_euclid(OPEN.as_secs())
    }

    /// When a request for an opt-in that is made now ends.
    pub fn opt_in_ends(now: Timestamp) -> Timestamp {
        now.saturating_add(OPEN).unwrap_or(now)
    }

    /// The request's id.
    pub fn id(&self) -> RequestId {
        let mut hash = Sha256::new();
        match self {
            Self::Rights { lead, kind } => {
                hash.update(b"jooper rights request v1");
                hash.update(lead.uuid().as_bytes());
                hash.update(kind.to_be_bytes());
            }
            Self::OptIn { contact, week } => {
                hash.update(b"jooper opt-in request v1");
                hash.update(contact.as_bytes());
                hash.update(week.to_be_bytes());
            }
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        RequestId::from_uuid(Uuid::from_bytes(bytes))
    }
}

/// Whether an open request is the recipient's own.
pub(crate) fn is_theirs(row: &PendingRow, to: &Recipient) -> bool {
    let expected = match (row.kind, to.lead) {
        (ACCESS_REQUESTED | ERASURE_REQUESTED, Some(lead)) => ServiceRequest::Rights {
            lead,
            kind: row.kind,
        },
        (OPT_IN_REQUESTED, _) => {
            let asked = row
                .expires_at
                .saturating_sub(OPEN)
                .unwrap_or(row.expires_at);
            ServiceRequest::OptIn {
                contact: to.contact_index,
                week: ServiceRequest::week_of(asked),
            }
        }
        _ => return false,
    };
    expected.id() == row.id
}
