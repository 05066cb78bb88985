//! What the gate reads and writes.

use jiff::Timestamp;
use jooper_core::{
    BasisKind, CampaignId, CompanyId, Country, EnrollmentId, KeyedIndex, LeadId, MailboxId,
    PermitId, Purpose, ScopeKind, Sealed, SendKey, StopReason, StopSource,
};

use uuid::Uuid;

use super::contents::BasisEvidence;
use crate::record::table;

table! {
    /// A lawful basis for writing to a lead.
    pub struct BasisRow / BASIS "basis" tenant key 3 subject "lead" on_erase Delete {
        /// Whom.
        lead: LeadId = clear,
        /// What for.
        purpose: Purpose = clear,
        /// Which basis.
        kind: BasisKind = clear,
        /// For which country's law it was recorded.
        country: Option<Country> = clear,
        /// When it came about.
        obtained_at: Timestamp = clear,
        /// When it ends, if it does.
        expires_at: Option<Timestamp> = clear,
        /// When it was withdrawn, if it was.
        withdrawn_at: Option<Timestamp> = clear,
        /// Proof.
        evidence: Sealed<BasisEvidence> = personal(Evidence, Outreach, WithLead, "basis"),
    }
}

table! {
    /// Somebody who must not be mailed by this workspace. Outlives the lead (law L5).
    pub struct SuppressionRow / SUPPRESSION "suppression" tenant key 1 {
        /// An address's variant, or a domain.
        index: KeyedIndex = pseudonym,
        /// Why.
        reason: StopReason = clear,
        /// Who caused it.
        source: StopSource = clear,
        /// Since when.
        since: Timestamp = clear,
        /// Whether a person still has to confirm it. Counts all the same.
        provisional: bool = clear,
        /// When the person was stopped again; a lift must be newer than this.
        renewed_at: Option<Timestamp> = clear,
        /// A bounce or complaint that stands beside a weightier reason: it holds of its own.
        beside: Option<StopReason> = clear,
    }
    index "by_time" ["since"]
}

impl SuppressionRow {
    /// When the person was stopped for the last time.
    pub fn last_stopped(&self) -> Timestamp {
        self.renewed_at.unwrap_or(self.since)
    }

    /// This entry, made stronger where a new one of the same person is stronger. Never weaker.
    #[must_use]
    pub fn raised_by(&self, new: &Self) -> Self {
        let stronger = new.reason.outranks(self.reason);
        let (reason, source) = if stronger {
            (new.reason, new.source)
        } else {
            (self.reason, self.source)
        };
        let last = self.last_stopped().max(new.last_stopped());
        let said = [self.beside, Some(self.reason), new.beside, Some(new.reason)];
        let beside = said
            .into_iter()
            .flatten()
            .filter(|said| *said != reason && said.is_of_the_address())
            .reduce(|one, two| if two.outranks(one) { two } else { one });
        Self {
            index: self.index,
            reason,
            source,
            since: self.since,
            provisional: self.provisional && new.provisional,
            renewed_at: (last > self.since).then_some(last),
            beside,
        }
    }
}

table! {
    /// Where gate and stop meet for one person: both write it first.
    pub struct ContactFenceRow / CONTACT_FENCE "contact_fence" tenant key 1 {
        /// The widest form of the address.
        contact_index: KeyedIndex = pseudonym,
    }
}

table! {
    /// A leave to send that has not ended yet.
    pub struct PermitRow / PERMIT "permit" tenant key 1 {
        /// The permit.
        id: PermitId = clear,
        /// Until when, by the store's clock.
        lease_until: Timestamp = clear,
        /// To whom: the widest form of the address.
        contact_index: KeyedIndex = pseudonym,
        /// To which domain.
        domain_index: KeyedIndex = pseudonym,
        /// To which lead, if it is one.
        lead: Option<LeadId> = clear,
        /// At which company, if known.
        company: Option<CompanyId> = clear,
        /// In which campaign, if any.
        campaign: Option<CampaignId> = clear,
        /// For which enrollment, if any.
        enrollment: Option<EnrollmentId> = clear,
        /// From which mailbox.
        mailbox: MailboxId = clear,
        /// For which send.
        send_key: SendKey = clear,
    }
    index "by_lease" ["lease_until"]
    index "by_contact" ["contact_index", "lease_until"]
}

table! {
    /// A standing stop of something that has an id: a lead, company, enrollment, campaign, mailbox
    /// or workspace. The gate reads these; whoever resumes deletes the row.
    pub struct ScopeStopRow / SCOPE_STOP "scope_stop" tenant key 2 {
        /// What is stopped.
        scope: ScopeKind = clear,
        /// Which one.
        id: Uuid = clear,
        /// Why.
        reason: StopReason = clear,
        /// Who caused it.
        source: StopSource = clear,
        /// Since when.
        since: Timestamp = clear,
    }
}
