//! What the gate reads and writes.

use jiff::Timestamp;
use jooper_core::{
    BasisKind, CampaignId, Code, CompanyId, Country, EnrollmentId, KeyedIndex, LeadId, MailboxId,
    PermitId, Purpose, ScopeKind, Sealed, SendKey, StopReason, StopSource, from_millis, to_millis,
};

use uuid::Uuid;

use super::contents::BasisEvidence;
use crate::error::StoreError;
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
        /// What was stated when it was recorded, a bit each; none for what earlier versions recorded.
        stated: Option<i64> = clear,
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
        /// A bounce or complaint that stands beside a weightier reason: it holds of its own. Of a domain,
        /// that it is one.
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
            .filter(|said| *said != reason && said.stands_of_its_own())
            .reduce(
                |one, two| match [one, two].contains(&StopReason::WholeDomain) {
                    true => StopReason::WholeDomain,
                    false if two.outranks(one) => two,
                    false => one,
                },
            );
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
        /// The mails that the person had under leads that were deleted since, see
        /// [`ContactFenceRow::earlier_mails`].
        earlier: Option<String> = clear,
    }
}

/// What a person had from one campaign under a lead that is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierMails {
    /// The campaign.
    pub campaign: CampaignId,
    /// How many mails, those of unknown fate included.
    pub mails: u16,
    /// When the last of them was accepted, or may have been.
    pub last_at: Timestamp,
}

impl ContactFenceRow {
    /// So many campaigns are remembered, the latest ones.
    const MOST_EARLIER: usize = 64;

    /// The row of a person of whom nothing is remembered.
    pub const fn of(contact_index: KeyedIndex) -> Self {
        Self {
            contact_index,
            earlier: None,
        }
    }

    /// The mails that the person had under leads that were deleted since: deleting a lead and
    /// importing it anew is no way around how soon and how often somebody is written to.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: what the row holds cannot be read.
    pub fn earlier_mails(&self) -> Result<Vec<EarlierMails>, StoreError> {
        let Some(text) = &self.earlier else {
            return Ok(Vec::new());
        };
        let read: Vec<(Uuid, u16, i64)> =
            serde_json::from_str(text).map_err(|error| StoreError::Corrupt {
                place: "contact_fence.earlier".to_owned(),
                source: Some(error.into()),
            })?;
        let mails = read
            .into_iter()
            .map(|(campaign, mails, last_at)| EarlierMails {
                campaign: CampaignId::from_uuid(campaign),
                mails,
                last_at: from_millis(last_at),
            });
        Ok(mails.collect())
    }

    /// The row that remembers these mails as well.
    ///
    /// # Errors
    /// As [`ContactFenceRow::earlier_mails`].
    pub fn remembering(&self, more: &[EarlierMails]) -> Result<Self, StoreError> {
        let mut all = self.earlier_mails()?;
        for new in more {
            match all.iter_mut().find(|known| known.campaign == new.campaign) {
                Some(known) => {
                    known.mails = known.mails.saturating_add(new.mails);
                    known.last_at = known.last_at.max(new.last_at);
                }
                None => all.push(*new),
            }
        }
        all.sort_by_key(|mails| (std::cmp::Reverse(mails.last_at), mails.campaign));
        all.truncate(Self::MOST_EARLIER);
        let all: Vec<_> = all
            .iter()
            .map(|one| (one.campaign.uuid(), one.mails, to_millis(one.last_at)))
            .collect();
        let text = serde_json::to_string(&all).ok();
        Ok(Self {
            contact_index: self.contact_index,
            earlier: text.filter(|_| !all.is_empty()),
        })
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
        /// The other company that was judged, where the lead's row and whoever sends name two.
        company_beside: Option<CompanyId> = clear,
    }
    index "by_lease" ["lease_until"]
    index "by_contact" ["contact_index", "lease_until"]
}

table! {
    /// A standing stop of something that has an id: a lead, company, enrollment, campaign, mailbox
    /// or workspace. The gate reads these. One row holds every cause that stands, each with its own
    /// source and time, so that ending one leaves the others; with the last of them the row goes.
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
        /// The causes beside that one: codes and times, see [`ScopeStopRow::causes`].
        beside: Option<String> = clear,
    }
}

/// Why something is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopCause {
    /// Why.
    pub reason: StopReason,
    /// Who caused it.
    pub source: StopSource,
    /// Since when.
    pub since: Timestamp,
}

impl ScopeStopRow {
    /// The row of causes that stand, one of each reason; none when nothing stands.
    pub fn of(scope: ScopeKind, id: Uuid, mut causes: Vec<StopCause>) -> Option<Self> {
        causes.sort_by(|one, two| {
            let (first, second) = (one.reason, two.reason);
            second.outranks(first).cmp(&first.outranks(second))
        });
        let (first, others) = causes.split_first()?;
        let others: Vec<_> = others
            .iter()
            .map(|cause| {
                let (reason, source) = (cause.reason.code(), cause.source.code());
                (reason, source, to_millis(cause.since))
            })
            .collect();
        let text = |others: &Vec<_>| serde_json::to_string(others).ok();
        Some(Self {
            scope,
            id,
            reason: first.reason,
            source: first.source,
            since: first.since,
            beside: (!others.is_empty()).then(|| text(&others)).flatten(),
        })
    }

    /// Every cause that stands, the weightiest first.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`]: what the row holds cannot be read. It stands all the same.
    pub fn causes(&self) -> Result<Vec<StopCause>, StoreError> {
        let first = StopCause {
            reason: self.reason,
            source: self.source,
            since: self.since,
        };
        let mut causes = vec![first];
        let Some(beside) = &self.beside else {
            return Ok(causes);
        };
        let corrupt = |source| StoreError::Corrupt {
            place: "scope_stop.beside".to_owned(),
            source,
        };
        let others: Vec<(i64, i64, i64)> =
            serde_json::from_str(beside).map_err(|error| corrupt(Some(error.into())))?;
        for (reason, source, since) in others {
            causes.push(StopCause {
                reason: StopReason::from_code(reason)
                    .map_err(|error| corrupt(Some(error.into())))?,
                source: StopSource::from_code(source)
                    .map_err(|error| corrupt(Some(error.into())))?,
                since: from_millis(since),
            });
        }
        Ok(causes)
    }

    /// Whether it stands for such a reason.
    ///
    /// # Errors
    /// As [`ScopeStopRow::causes`].
    pub fn stands_for(&self, reason: StopReason) -> Result<bool, StoreError> {
        let causes = self.causes()?;
        Ok(causes.iter().any(|cause| cause.reason == reason))
    }

    /// The row with one cause more; the same row where it stands for that reason already.
    ///
    /// # Errors
    /// As [`ScopeStopRow::causes`].
    pub fn with(&self, cause: StopCause) -> Result<Self, StoreError> {
        let mut causes = self.causes()?;
        if causes.iter().any(|known| known.reason == cause.reason) {
            return Ok(self.clone());
        }
        causes.push(cause);
        Ok(Self::of(self.scope, self.id, causes).unwrap_or_else(|| self.clone()))
    }

    /// The row without one cause; none when nothing else stands.
    ///
    /// # Errors
    /// As [`ScopeStopRow::causes`].
    pub fn without(&self, reason: StopReason) -> Result<Option<Self>, StoreError> {
        let mut causes = self.causes()?;
        causes.retain(|cause| cause.reason != reason);
        Ok(Self::of(self.scope, self.id, causes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    fn cause(reason: StopReason, source: StopSource, second: i64) -> StopCause {
        StopCause {
            reason,
            source,
            since: Timestamp::from_second(second).unwrap(),
        }
    }

    #[test]
    fn causes_come_and_go_one_by_one_and_the_row_with_the_last() {
        let paused = cause(StopReason::Paused, StopSource::User, 1);
        let breaker = cause(StopReason::Breaker, StopSource::System, 2);
        let gone = cause(StopReason::Disconnected, StopSource::User, 3);
        let row = ScopeStopRow::of(ScopeKind::Mailbox, Uuid::nil(), vec![paused]).unwrap();
        assert_eq!(row.beside, None, "as earlier versions wrote it");
        let row = row.with(gone).unwrap().with(breaker).unwrap();
        assert_eq!(row.causes().unwrap(), [gone, breaker, paused]);
        assert_eq!(row.with(breaker).unwrap(), row);
        assert_eq!(ScopeStopRow::from_values(row.to_values()).unwrap(), row);
        let row = row.without(StopReason::Disconnected).unwrap().unwrap();
        assert_eq!(row.causes().unwrap(), [breaker, paused]);
        assert!(row.stands_for(StopReason::Paused).unwrap());
        let row = row.without(StopReason::Breaker).unwrap().unwrap();
        assert_eq!(row.causes().unwrap(), [paused]);
        assert_eq!(row.without(StopReason::Paused).unwrap(), None);
        assert_eq!(row.without(StopReason::Breaker).unwrap(), Some(row.clone()));
    }

    #[test]
    fn causes_that_cannot_be_read_are_an_error_and_never_gone() {
        let paused = cause(StopReason::Paused, StopSource::User, 1);
        let row = ScopeStopRow::of(ScopeKind::Campaign, Uuid::nil(), vec![paused]).unwrap();
        for text in ["", "[[1]]", "[[99,3,0]]", "[[1,99,0]]"] {
            let beside = Some(text.to_owned());
            let row = ScopeStopRow {
                beside,
                ..row.clone()
            };
            assert!(row.causes().is_err(), "{text}");
            assert!(row.without(StopReason::Paused).is_err(), "{text}");
        }
    }
}
