//! Recording why a person may be written to.
//!
//! A draft is checked against the country's row *before* it is stored: what the row asks to be
//! stated must be stated, evidence must name its source, and a basis that ends gets its end. The
//! caller's vault seals the evidence; the gate later reads kind, dates, country and what was stated, and
//! holds all of it against the table that is in force then.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_core::{
    BasisKind, Country, Dimensions, EventId, EventKind, KeyedIndex, LeadId, Purpose, Sealed,
    to_millis,
};
use jooper_storage::tables::{BASIS, BasisEvidence, BasisRow};
use jooper_storage::{Batch, Column, ColumnOp, Key, LogEntry, Value, Write};
use serde::{Deserialize, Serialize};

use crate::policy::{Attestation, CountryTable};

/// A basis that was checked and waits for its evidence to be sealed.
#[derive(Debug, Clone)]
pub struct BasisDraft {
    kind: BasisKind,
    country: Option<Country>,
    obtained_at: Timestamp,
    expires_at: Option<Timestamp>,
    stated: i64,
    evidence: BasisEvidence,
}

/// What a receipt keeps for good of a basis that was recorded: the row is replaced by a later one of
/// its kind, the receipt is not. Sealed under the person's key, it goes when they are erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BasisReceipt {
    /// Which basis.
    pub kind: BasisKind,
    /// What for.
    pub purpose: Purpose,
    /// For which country's law it was recorded.
    pub country: Option<Country>,
    /// When it came about.
    pub obtained_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// Where it came from and what proves it.
    pub evidence: BasisEvidence,
}

/// Why a basis is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BasisError {
    /// The evidence names no source, or no proof.
    #[error("the evidence must say where the basis came from and what proves it")]
    NoEvidence,
    /// Consent names no version of the text that was agreed to.
    #[error("consent must name the version of the notice that was shown")]
    NoNotice,
    /// A legitimate interest names no assessment.
    #[error("a legitimate interest must name its assessment")]
    NoAssessment,
    /// The country's row asks for a statement that was not made.
    #[error("{country} asks for a statement that is missing: {missing:?}")]
    NotStated {
        /// The country's code, or `unknown`.
        country: String,
        /// What must be stated.
        missing: Attestation,
    },
    /// It began in the future.
    #[error("a basis cannot begin in the future")]
    Future,
    /// It had ended before it was recorded.
    #[error("this basis has ended already")]
    Ended,
}

/// What is known of a basis, before it is checked.
#[derive(Debug, Clone)]
pub struct BasisClaim {
    /// Which basis.
    pub kind: BasisKind,
    /// The country whose law it is recorded for; unknown is the strictest.
    pub country: Option<Country>,
    /// When it came about.
    pub obtained_at: Timestamp,
    /// When it ends, if whoever gave it said so.
    pub expires_at: Option<Timestamp>,
    /// What whoever records it states.
    pub stated: BTreeSet<Attestation>,
    /// Where it came from and what proves it.
    pub evidence: BasisEvidence,
}

impl BasisDraft {
    /// Checks a claim against the country's row.
    ///
    /// Statements are written into the proof, so that the sealed evidence holds them.
    ///
    /// # Errors
    /// [`BasisError`] names what is missing.
    pub fn check(
        claim: BasisClaim,
        countries: &CountryTable,
        now: Timestamp,
    ) -> Result<Self, BasisError> {
        let row = countries.row(claim.country);
        let mut evidence = claim.evidence;
        if evidence.source.trim().is_empty() || evidence.proof.trim().is_empty() {
            return Err(BasisError::NoEvidence);
        }
        let blank = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        let consent = matches!(claim.kind, BasisKind::Consent | BasisKind::ConfirmedOptIn);
        if consent && blank(&evidence.notice_version) {
            return Err(BasisError::NoNotice);
        }
        if claim.kind == BasisKind::LegitimateInterest && blank(&evidence.assessment) {
            return Err(BasisError::NoAssessment);
        }
        for asked in row.attest.get(&claim.kind).into_iter().flatten() {
            if !claim.stated.contains(asked) {
                let country = claim.country.map(|code| code.to_string());
                return Err(BasisError::NotStated {
                    country: country.unwrap_or_else(|| "unknown".to_owned()),
                    missing: *asked,
                });
            }
        }
        for stated in &claim.stated {
            evidence.proof.push_str(&format!("\nstated: {stated:?}"));
        }
        if claim.obtained_at > now {
            return Err(BasisError::Future);
        }
        let draft = Self {
            kind: claim.kind,
            country: claim.country,
            obtained_at: claim.obtained_at,
            expires_at: earlier(
                claim.expires_at,
                row.ends_by_law(claim.kind, claim.obtained_at),
            ),
            stated: Attestation::bits(&claim.stated),
            evidence,
        };
        if draft.expires_at.is_some_and(|end| end <= now) {
            return Err(BasisError::Ended);
        }
        Ok(draft)
    }

    /// What the caller's vault seals under the lead's key.
    pub const fn evidence(&self) -> &BasisEvidence {
        &self.evidence
    }

    /// When the basis ends, if it does.
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The receipt of the record: the identity of its fact in the log.
    pub fn receipt(&self, lead: LeadId, purpose: Purpose) -> EventId {
        receipt_id(lead, purpose, self.kind, self.obtained_at)
    }

    /// What the caller's vault seals under the lead's key, at the log's place of
    /// [`BasisDraft::receipt`].
    pub fn kept(&self, purpose: Purpose) -> BasisReceipt {
        BasisReceipt {
            kind: self.kind,
            purpose,
            country: self.country,
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            evidence: self.evidence.clone(),
        }
    }

    /// Adds the basis and its receipt, which is its log entry, to a batch. A later basis of the same
    /// kind replaces the row of an earlier one, also of a withdrawn one; each receipt stays.
    #[must_use]
    pub fn record(
        self,
        batch: Batch,
        lead: LeadId,
        purpose: Purpose,
        evidence: Sealed<BasisEvidence>,
        kept: Sealed<BasisReceipt>,
        now: Timestamp,
    ) -> Batch {
        let row = BasisRow {
            lead,
            purpose,
            kind: self.kind,
            country: self.country,
            obtained_at: self.obtained_at,
            expires_at: self.expires_at,
            withdrawn_at: None,
            stated: Some(self.stated),
            evidence,
        };
        let recorded = EventKind::BasisRecorded;
        let entry = entry(recorded, lead, purpose, self.kind, self.obtained_at, now);
        batch
            .put(&row)
            .append(entry.sealed(lead.into(), kept.envelope().to_vec()))
    }
}

/// Adds the withdrawal of one basis to a batch. Idempotent; an absent basis stays absent. The witness
/// hears nothing of it: [`Stops::withdraw`](crate::Stops::withdraw) tells it.
///
/// Withdrawing is no suppression: other bases of the lead stay. Who objects is stopped instead.
#[must_use]
pub fn withdraw(
    batch: Batch,
    lead: LeadId,
    purpose: Purpose,
    kind: BasisKind,
    now: Timestamp,
) -> Batch {
    let key = Key::new(
        &BASIS,
        vec![lead.to_value(), purpose.to_value(), kind.to_value()],
    );
    let set = ColumnOp::Set(Value::Int(to_millis(now)));
    batch
        .write(Write::Patch(key, vec![("withdrawn_at", set)]))
        .append(entry(
            EventKind::BasisWithdrawn,
            lead,
            purpose,
            kind,
            now,
            now,
        ))
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The receipt of a basis: the identity of its fact in the log.
pub(crate) fn receipt_id(
    lead: LeadId,
    purpose: Purpose,
    kind: BasisKind,
    obtained_at: Timestamp,
) -> EventId {
    fact_id(EventKind::BasisRecorded, lead, purpose, kind, obtained_at)
}

fn fact_id(
    what: EventKind,
    lead: LeadId,
    purpose: Purpose,
    kind: BasisKind,
    moment: Timestamp,
) -> EventId {
    EventId::from_source(
        what,
        &[
            lead.uuid().as_bytes(),
            &purpose.code().to_be_bytes(),
            &kind.code().to_be_bytes(),
            &to_millis(moment).to_be_bytes(),
        ],
    )
}

fn entry(
    what: EventKind,
    lead: LeadId,
    purpose: Purpose,
    kind: BasisKind,
    moment: Timestamp,
    now: Timestamp,
) -> LogEntry {
    LogEntry {
        id: fact_id(what, lead, purpose, kind, moment),
        at: now,
        kind: what,
        dimensions: Dimensions {
            reason: Some(kind.code()),
            ..Dimensions::default()
        },
        lead: Some(lead),
        subject: Some(lead.into()),
        payload: None,
        rollups: Vec::new(),
    }
}

/// Whether nobody may store or mail these people: the platform's list, one answer for each.
///
/// # Errors
/// As [`Storage::get`](jooper_storage::Storage::get).
pub async fn not_sendable(
    storage: &dyn jooper_storage::Storage,
    people: &[Vec<KeyedIndex>],
) -> Result<Vec<bool>, jooper_storage::StoreError> {
    use jooper_storage::{Scope, tables::DO_NOT_CONTACT};
    let keys: Vec<Key> = people
        .iter()
        .flatten()
        .map(|index| Key::new(&DO_NOT_CONTACT, vec![index.to_value()]))
        .collect();
    let mut rows = storage.get(Scope::Platform, &keys).await?.into_iter();
    Ok(people
        .iter()
        .map(|variants| {
            // Every row is taken, so that the next person's rows come next.
            let mine: Vec<_> = rows.by_ref().take(variants.len()).collect();
            mine.iter().any(Option::is_some)
        })
        .collect())
}
