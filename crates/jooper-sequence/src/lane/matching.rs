//! Which of our sends an arrival is about.
//!
//! Strong evidence first: the token of an attempt, the Message-ID of a send, the thread. The
//! sender's address alone is evidence too, as the person may answer in a new thread. Whatever
//! matches nothing is dropped from memory.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{EmailAddress, EnrollmentId, LeadId, SendKey, SendState, StepIndex};
use jooper_message::inbound::auto_reply::is_answer_title;
use jooper_message::inbound::matching::is_company;
use jooper_message::inbound::{may_complain, may_object, may_report};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LEAD_ADDRESS, LeadAddressRow, SEND, SendRow, ThreadRow,
};
use jooper_storage::{Column, Key, Record, Scan, StorageExt, Versioned};
use jooper_transport::Arrived;

use super::Lane;
use super::verdict::BY_COMPANY;
use crate::decide::Memory;
use crate::error::EngineError;
use crate::ledger::began_at;
use crate::token::{AttemptToken, references_in};

/// How many Message-IDs of one arrival are read, and how many are looked up.
const REFERENCES: usize = 1_000;
const LOOKED_UP: usize = 100;

/// How many pages of a company's addresses are looked through for somebody who was written to.
const COMPANY_PAGES: usize = 10;

/// What an arrival is about.
#[derive(Debug, Clone, Default)]
pub(super) struct Match {
    /// Enrollments, the best evidence first.
    pub(super) enrollments: Vec<EnrollmentId>,
    /// The send it answers or is, if one is named.
    pub(super) send: Option<SendKey>,
    /// By what, for the record.
    pub(super) by: &'static str,
    /// The service mail that it answers or is about, where no enrollment is.
    pub(super) service: Option<SendKey>,
    /// Whether it is looked at for nothing but a title that asks to stop: it is somebody's own business
    /// where its text says otherwise.
    pub(super) by_title: bool,
}

impl Lane<'_> {
    /// The tokens of ours in an arrival's header.
    pub(super) fn tokens_of(&self, arrived: &Arrived) -> Vec<AttemptToken> {
        ["References", "In-Reply-To"]
            .into_iter()
            .filter_map(|name| arrived.header(name))
            .flat_map(|header| self.tokens_in(references_in(header)))
            .collect()
    }

    pub(super) fn tokens_in<'a>(
        &self,
        references: impl Iterator<Item = &'a str>,
    ) -> Vec<AttemptToken> {
        references
            .filter_map(|reference| AttemptToken::read(&self.vault, reference))
            .collect()
    }

    /// Finds what an arrival is about by its header alone.
    pub(super) async fn match_header(&self, arrived: &Arrived) -> Result<Match, EngineError> {
        // What it answers, then what that answered, and so on back.
        let header = |name| arrived.header(name).unwrap_or_default();
        let before: Vec<&str> = references_in(header("References")).collect();
        let nearest = references_in(header("In-Reply-To")).chain(before.into_iter().rev());
        let named = self.match_references(nearest).await?;
        if !named.enrollments.is_empty() {
            return Ok(named);
        }
        let by_thread = self.by_thread(&arrived.thread).await?;
        if !by_thread.enrollments.is_empty() {
            return Ok(by_thread);
        }
        let service = named.service.or(by_thread.service);
        let found = self.match_people(arrived).await?;
        // It says more than that somebody else at the sender's company was written to.
        if service.is_some() && found.by == BY_COMPANY {
            return Ok(Match {
                service,
                ..Match::default()
            });
        }
        Ok(Match { service, ..found })
    }

    /// Finds whom an arrival is from or about, where it names no mail of ours.
    async fn match_people(&self, arrived: &Arrived) -> Result<Match, EngineError> {
        if let Some(report) = arrived.header("X-Failed-Recipients") {
            let found = self.match_addresses(report.split(','), arrived.at).await?;
            if !found.enrollments.is_empty() {
                return Ok(found);
            }
        }
        let Some(from) = arrived.header("From").and_then(address_in) else {
            return Ok(Match::default());
        };
        // Long after the last mail a person's new mail is its owner's business, not an answer.
        let answers = is_answer_title(arrived.header("Subject").unwrap_or_default());
        let since = if answers {
            Timestamp::MIN
        } else {
            self.lately(arrived.at)
        };
        let found = self.by_address(&from, "sender", since).await?;
        if !found.enrollments.is_empty() {
            return Ok(found);
        }
        if answers {
            return self.by_company(&from, self.lately(arrived.at)).await;
        }
        self.by_objection(arrived, &from).await
    }

    /// Finds whom a title is about that asks to stop: an objection comes whenever it comes, and of a company's
    /// it is a hint for a person.
    async fn by_objection(
        &self,
        arrived: &Arrived,
        from: &EmailAddress,
    ) -> Result<Match, EngineError> {
        if !may_object(arrived.header("Subject").unwrap_or_default()) {
            return Ok(Match::default());
        }
        let mut found = self.by_address(from, "sender", Timestamp::MIN).await?;
        if found.enrollments.is_empty() {
            found = self.by_company(from, self.lately(arrived.at)).await?;
        }
        found.by_title = true;
        Ok(found)
    }

    /// Since when a mail of ours is recent enough for one that came then to be about it without
    /// naming it.
    fn lately(&self, arrived: Timestamp) -> Timestamp {
        let days = i64::from(self.engine.settings.answer_days);
        let days = SignedDuration::from_hours(days.saturating_mul(24));
        arrived
            .min(self.now())
            .saturating_sub(days)
            .unwrap_or(Timestamp::MIN)
    }

    /// Finds the send that some Message-IDs name, the nearest first: by our token, or by the id on the
    /// wire.
    pub(super) async fn match_references<'a>(
        &self,
        references: impl Iterator<Item = &'a str>,
    ) -> Result<Match, EngineError> {
        let mut seen = BTreeSet::new();
        let references: Vec<&str> = references
            .filter(|reference| seen.insert(*reference))
            .take(REFERENCES)
            .collect();
        let mut tokens = self.tokens_in(references.iter().copied());
        tokens.truncate(LOOKED_UP);
        let keys: Vec<Key> = tokens
            .iter()
            .map(|t| Key::new(&SEND, vec![t.send_key.to_value()]))
            .collect();
        let rows = self
            .engine
            .storage()
            .get(self.workspace.into(), &keys)
            .await?;
        let mut service = None;
        for row in rows.into_iter().flatten() {
            let row = SendRow::from_values(row.values)?;
            if let Some(found) = self.by_send(&row, "token").await? {
                return Ok(found);
            }
            service = service.or(self.as_service(&row));
        }
        for reference in references.into_iter().take(LOOKED_UP) {
            let index = self.message_index(reference);
            let scan = Scan::table(&SEND)
                .by("by_message")
                .prefix(vec![index.to_value()])
                .limit(1);
            let page = self
                .engine
                .storage()
                .page::<SendRow>(self.workspace, scan)
                .await?;
            let Some(row) = page.records.first() else {
                continue;
            };
            if let Some(found) = self.by_send(&row.record, "message id").await? {
                return Ok(found);
            }
            service = service.or(self.as_service(&row.record));
        }
        Ok(Match {
            service,
            ..Match::default()
        })
    }

    /// The key of a service mail of this mailbox.
    fn as_service(&self, row: &SendRow) -> Option<SendKey> {
        let is_one = matches!(row.key, SendKey::Service { .. }) && row.mailbox == self.mailbox;
        is_one.then_some(row.key)
    }

    async fn by_send(&self, row: &SendRow, by: &'static str) -> Result<Option<Match>, EngineError> {
        if row.mailbox != self.mailbox {
            return Ok(None);
        }
        // A person's own answer belongs to no enrollment; its conversation does.
        let enrollment = match row.key {
            SendKey::Reply { thread, .. } => self
                .engine
                .storage()
                .find::<ThreadRow>(self.workspace, vec![thread.to_value()])
                .await?
                .and_then(|thread| thread.record.enrollment),
            _ => row.enrollment,
        };
        Ok(enrollment.map(|enrollment| Match {
            enrollments: vec![enrollment],
            send: Some(row.key),
            by,
            ..Match::default()
        }))
    }

    /// Finds the last mail of ours that went into a thread, or may have.
    async fn by_thread(&self, thread: &str) -> Result<Match, EngineError> {
        if thread.is_empty() {
            return Ok(Match::default());
        }
        let prefix = vec![self.mailbox.to_value(), thread.to_owned().to_value()];
        let scan = Scan::table(&SEND).by("by_thread").prefix(prefix);
        let storage = self.engine.storage();
        let rows = storage.collect::<SendRow>(self.workspace, scan).await?;
        let rows = rows.into_iter().map(|row| row.record);
        let mut rows: Vec<SendRow> = rows.filter(|row| is_out(row.state)).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(began_at(row)));
        for row in &rows {
            if let Some(found) = self.by_send(row, "thread").await? {
                return Ok(found);
            }
        }
        Ok(Match {
            service: rows.iter().find_map(|row| self.as_service(row)),
            ..Match::default()
        })
    }

    /// Finds the last person of the sender's company that this mailbox wrote to: a hint for a
    /// person, never enough to act on. A domain of a mail provider is no company.
    async fn by_company(
        &self,
        from: &EmailAddress,
        since: Timestamp,
    ) -> Result<Match, EngineError> {
        if !is_company(&from.domain().to_ascii_lowercase()) {
            return Ok(Match::default());
        }
        let domain = self.vault.domain_index(from.domain());
        let all = Scan::table(&LEAD_ADDRESS)
            .by("by_domain")
            .prefix(vec![domain.to_value()])
            .limit(50);
        let mut after = None;
        // Most people of a large company may never have been written to from here.
        for _ in 0..COMPANY_PAGES {
            let scan = all.clone().after(after);
            let storage = self.engine.storage();
            let page = storage.page::<LeadAddressRow>(self.workspace, scan).await?;
            let leads = page.records.iter().map(|row| row.record.lead).collect();
            let mut found = self.written_to(leads, BY_COMPANY, since).await?;
            found.enrollments.truncate(1);
            after = page.next;
            if !found.enrollments.is_empty() || after.is_none() {
                return Ok(found);
            }
        }
        Ok(Match::default())
    }

    /// Finds the sends that a report of this time says not to have reached some addresses.
    pub(super) async fn match_addresses<'a>(
        &self,
        addresses: impl Iterator<Item = &'a str>,
        arrived: Timestamp,
    ) -> Result<Match, EngineError> {
        for address in addresses.take(20) {
            let Ok(address) = EmailAddress::parse(address) else {
                continue;
            };
            let since = self.lately(arrived);
            let found = self.by_address(&address, "failed recipient", since).await?;
            if !found.enrollments.is_empty() {
                return Ok(found);
            }
        }
        Ok(Match::default())
    }

    async fn by_address(
        &self,
        address: &EmailAddress,
        by: &'static str,
        since: Timestamp,
    ) -> Result<Match, EngineError> {
        let leads = self.leads_at(address).await?;
        self.written_to(leads, by, since).await
    }

    /// The leads who have an address.
    pub(super) async fn leads_at(
        &self,
        address: &EmailAddress,
    ) -> Result<BTreeSet<LeadId>, EngineError> {
        let storage = self.engine.storage();
        let mut leads = BTreeSet::new();
        for contact in self.vault.contact_indexes(address) {
            let scan = Scan::table(&LEAD_ADDRESS)
                .by("by_contact")
                .prefix(vec![contact.to_value()]);
            let rows = storage.collect::<LeadAddressRow>(self.workspace, scan);
            leads.extend(rows.await?.iter().map(|row| row.record.lead));
        }
        Ok(leads)
    }

    /// The enrollments of some leads that this mailbox has written to since then, the last written to
    /// first.
    async fn written_to(
        &self,
        leads: BTreeSet<LeadId>,
        by: &'static str,
        since: Timestamp,
    ) -> Result<Match, EngineError> {
        let mut rows: Vec<Versioned<EnrollmentRow>> = Vec::new();
        for lead in leads {
            let prefix = vec![lead.to_value()];
            let scan = Scan::table(&ENROLLMENT).by("by_lead").prefix(prefix);
            rows.extend(self.engine.storage().collect(self.workspace, scan).await?);
        }
        // Only people this mailbox has written to, as far as anybody knows: an unknown sender's
        // mail is nobody's business.
        rows.retain(|row| row.record.mailbox == self.mailbox);
        let mut written = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some((key, began)) = self.last_out(&row.record).await?
                && row.record.last_sent_at.max(Some(began)) >= Some(since)
            {
                written.push((row, key));
            }
        }
        written.sort_by_key(|(row, _)| std::cmp::Reverse(row.record.last_sent_at));
        let enrollments: Vec<_> = written.iter().map(|(row, _)| row.record.id).collect();
        let send = written.first().map(|(_, key)| *key);
        Ok(Match {
            enrollments,
            send,
            by,
            ..Match::default()
        })
    }
}

impl Lane<'_> {
    /// The last send of an enrollment that went out, or may have, and when.
    async fn last_out(
        &self,
        enrollment: &EnrollmentRow,
    ) -> Result<Option<(SendKey, Timestamp)>, EngineError> {
        let settled = enrollment.settled_mails();
        let settled = (0..64)
            .rev()
            .filter(|n| settled >> n & 1 == 1)
            .map(StepIndex);
        let known = [Some(enrollment.step), Memory::last_of(enrollment)];
        let steps = known.into_iter().flatten().chain(settled);
        let sends: Vec<SendKey> = steps
            .map(|step| SendKey::Step {
                enrollment: enrollment.id,
                step,
            })
            .collect();
        let keys: Vec<Key> = sends
            .iter()
            .map(|key| Key::new(&SEND, vec![key.to_value()]))
            .collect();
        let rows = self
            .engine
            .storage()
            .get(self.workspace.into(), &keys)
            .await?;
        for (key, row) in sends.into_iter().zip(rows) {
            let Some(row) = row else { continue };
            let row = SendRow::from_values(row.values)?;
            if is_out(row.state) {
                return Ok(Some((key, began_at(&row))));
            }
        }
        Ok(None)
    }
}

/// Whether a send went out, or may have.
const fn is_out(state: SendState) -> bool {
    matches!(
        state,
        SendState::Posting | SendState::Sent | SendState::Unknown | SendState::Abandoned
    )
}

/// The mail that an answer without a reference to one is about: the last one sent.
pub(crate) fn last_mail(enrollment: &EnrollmentRow) -> StepIndex {
    Memory::last_of(enrollment).unwrap_or(StepIndex(enrollment.step.0.saturating_sub(1)))
}

/// The address of a `From` header.
pub(super) fn address_in(header: &str) -> Option<EmailAddress> {
    let inner = match header.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next()?,
        None => header,
    };
    EmailAddress::parse(inner).ok()
}

/// Whether a header looks like a report of a mail server or a provider, which names nobody in its header:
/// by its structure, or as the classifier asks it of sender and title.
pub(super) fn looks_like_report(arrived: &Arrived) -> bool {
    let field = |name| arrived.header(name).unwrap_or_default();
    let (from, subject) = (field("From"), field("Subject"));
    arrived.header("X-Failed-Recipients").is_some()
        || field("Content-Type")
            .to_ascii_lowercase()
            .contains("multipart/report")
        || field("Return-Path").trim() == "<>"
        || may_report(from, subject)
        || may_complain(subject, from)
}
