//! A mail that a user sends to themselves, to see what a lead would get.

use jooper_consent::{
    Acquired, CapFacts, ContentFinding, Gate, Proof, Recipient, SendIntent, TransportPolicy,
};
use jooper_core::{
    CampaignId, EmailAddress, EventKind, LeadId, NotSentReason, SendKey, SendState, SkipReason,
    StepIndex, UserId,
};
use jooper_storage::tables::{LEAD, LeadProfile, LeadRow, SendRow};
use jooper_storage::{Batch, Column, StorageExt, Versioned, Write};
use jooper_transport::{DispatchRefusal, Outcome, OutgoingMail};
use jooper_vault::{Place, VaultError};
use uuid::Uuid;

use super::Lane;
use super::late::refusal_of;
use super::spent::{Room, Spent};
use crate::error::{EngineError, sealed};
use crate::ledger;
use crate::model::{Limits, Schedule};
use crate::own_domains::named;
use crate::planner::budget;
use crate::render::{Letter, Root, render};
use crate::token::AttemptToken;

/// Which mail, and who wants to see it.
pub(super) struct Wanted {
    pub(super) user: UserId,
    pub(super) key: Uuid,
    pub(super) campaign: CampaignId,
    pub(super) version: u32,
    pub(super) step: StepIndex,
    pub(super) variant: u8,
    pub(super) lead: LeadId,
}

/// Why a test does not go.
#[derive(Debug, Clone, Copy)]
pub(super) enum Dropped {
    /// It never will.
    Skipped(SkipReason),
    /// Not now: the same key may be tried again.
    NotSent(NotSentReason),
}

impl Lane<'_> {
    /// Sends a test through the gate, by the ledger, like any mail; it counts for every budget, those
    /// that mailboxes share too, but waits for none. The mailbox's own ceiling holds for it, too. What
    /// cannot be sent is dropped, and its row says so.
    pub(super) async fn test_mail(&mut self, wanted: &Wanted) -> Result<(), EngineError> {
        let key = SendKey::Test {
            user: wanted.user,
            key: wanted.key,
        };
        let before = self
            .engine
            .storage()
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        if before
            .as_ref()
            .is_some_and(|row| !ledger::may_reserve(&row.record))
        {
            return Ok(());
        }
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let planned = before.as_ref().map_or_else(
            || ledger::planned_service(key, self.mailbox, self.now()),
            |row| row.record.clone(),
        );
        let to = (
            self.vault.email_index(&from),
            self.vault.domain_index(from.domain()),
        );
        let reserved = ledger::reserved_test(planned, self.token, to.0, to.1);
        let Some((mail, holds)) = self.compose_test(wanted, &from, &reserved).await? else {
            tracing::warn!(send = ?key, "a test mail could not be written");
            let why = Dropped::Skipped(SkipReason::Unrenderable);
            return self.drop_test(wanted, why).await;
        };
        let intent = self.test_intent(key, &from, holds).await?;
        self.look_how_it_stands().await?;
        // It waits for no budget of a campaign's; the mailbox's ceiling is none.
        let ceiling = Schedule {
            daily_cap: u32::MAX,
            ..Schedule::default()
        };
        if let Some(full) = budget(&ceiling, &self.recent, &self.volume(), self.now()) {
            tracing::warn!(send = ?key, most = full.most, "a test mail is one too many today");
            let why = Dropped::NotSent(NotSentReason::SendingLimit);
            return self.drop_test(wanted, why).await;
        }
        let now = self.now();
        self.row.high_water = now;
        let none = Limits::default();
        let spent = Spent::of(wanted.campaign, &none, &self.account, to.1, now);
        let recent = self.recent.with(spent.send);
        let batch = ledger::write(self.batch(), &reserved, before.as_ref());
        let batch = spent.reserve(batch, self.key(), &recent, Room::default(), now);
        let gate = &self.engine.parts.gate;
        let (permit, _) = match gate.acquire(self.workspace, &intent, batch).await {
            Ok(Acquired::Permit(permit, trace)) => (permit, trace),
            Ok(Acquired::Refused(judgement)) => {
                let why = jooper_consent::explain(&judgement.trace);
                tracing::warn!(send = ?key, ?why, "a test mail was refused");
                let why = Dropped::Skipped(SkipReason::Refused);
                return self.drop_test(wanted, why).await;
            }
            Err(error) => return Err(error.into()),
        };
        self.recent = recent;
        let row = self.reread(&key).await?;
        let transport = self.engine.parts.dispatcher.transport();
        let base = transport.evidence_base(self.account_ref()).await;
        let store = self.engine.storage().now().await?;
        let late = self.engine.parts.lease.now() >= permit.deadline();
        let base = match base {
            Ok(base) if !late => base,
            not_begun => {
                let reason = match not_begun {
                    Ok(_) => NotSentReason::LeaseExpired,
                    Err(_) => NotSentReason::Unreachable,
                };
                let next = ledger::not_sent(row.record, reason, self.now());
                let release = Gate::release_write(permit.give_up());
                let batch = self.batch().update(&next, row.version).write(release);
                let batch = self.take_back(batch, &spent);
                return Ok(self.engine.storage().commit(batch).await?);
            }
        };
        let posting = ledger::posting(row.record, Some(base.0), self.engine.now(), store);
        let batch = self.batch().update(&posting, row.version);
        self.engine.storage().commit(batch).await?;
        let row = Versioned {
            record: posting,
            version: row.version + 1,
        };
        let (outcome, permit) = self
            .engine
            .parts
            .dispatcher
            .hand_over(self.workspace, self.mailbox, permit, mail)
            .await;
        let release = Gate::release_write(permit);
        let (known, refusal) = (row.record.clone(), refusal_of(&outcome));
        let in_time = self.settle_test(row, outcome, release.clone(), &spent);
        let settled = in_time.await;
        self.or_late(settled, &known, refusal, release).await
    }

    async fn settle_test(
        &mut self,
        row: Versioned<SendRow>,
        outcome: Result<Outcome, DispatchRefusal>,
        release: Write,
        spent: &Spent,
    ) -> Result<(), EngineError> {
        let next = match outcome {
            Ok(Outcome::Sent(receipt)) => {
                return self.settle_sent(row, &receipt, vec![release], None).await;
            }
            Ok(Outcome::NotSent { reason, .. }) => {
                ledger::not_sent(row.record.clone(), reason, self.now())
            }
            Ok(Outcome::Unknown(_)) => ledger::unknown(row.record.clone()),
            Err(refusal) => {
                tracing::warn!(send = ?row.record.key, %refusal, "a permit was not used");
                ledger::not_sent(row.record.clone(), refusal.not_sent(), self.now())
            }
        };
        let mut batch: Batch = self.batch().update(&next, row.version).write(release);
        match next.state {
            SendState::NotSent => batch = self.take_back(batch, spent),
            SendState::Unknown => {
                self.unknown = true;
                let at = ledger::began_at(&next);
                batch = batch.append(ledger::fact(&next, EventKind::SendUnknown, at, None));
            }
            _ => {}
        }
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// What certainly did not go counts for no budget.
    fn take_back(&mut self, batch: Batch, spent: &Spent) -> Batch {
        self.recent = self.recent.without(spent.send);
        spent.give_back(batch, self.key(), &self.recent)
    }

    /// Writes down that a test does not go, and why: whoever asked for it has its key.
    pub(super) async fn drop_test(
        &mut self,
        wanted: &Wanted,
        why: Dropped,
    ) -> Result<(), EngineError> {
        let key = SendKey::Test {
            user: wanted.user,
            key: wanted.key,
        };
        let storage = self.engine.storage();
        let before = storage
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let row = match &before {
            Some(row) if !ledger::may_reserve(&row.record) => return Ok(()),
            Some(row) => row.record.clone(),
            None => ledger::planned_service(key, self.mailbox, self.now()),
        };
        let row = match why {
            Dropped::Skipped(reason) => ledger::skipped(row, reason, self.now()),
            Dropped::NotSent(reason) => ledger::not_sent(row, reason, self.now()),
        };
        let batch = ledger::write(self.batch(), &row, before.as_ref());
        Ok(storage.commit(batch).await?)
    }

    async fn compose_test(
        &mut self,
        wanted: &Wanted,
        to: &EmailAddress,
        row: &SendRow,
    ) -> Result<Option<(OutgoingMail, Vec<ContentFinding>)>, EngineError> {
        let loaded = self.campaign(wanted.campaign, wanted.version).await?;
        let key = vec![wanted.lead.to_value()];
        let found = self
            .engine
            .storage()
            .find::<LeadRow>(self.workspace, key.clone())
            .await?;
        let Some(lead) = found else { return Ok(None) };
        let subject = match self.vault.subject(wanted.lead).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(None),
            Err(error) => return Err(sealed(error, "key")),
        };
        let place = Place::new(&LEAD, "profile", &key);
        let person: LeadProfile = subject
            .open(&place, &lead.record.profile)
            .map_err(|error| sealed(error, "profile"))?;
        let identity = self.engine.identity(self.workspace).await?;
        let token = AttemptToken {
            send_key: row.key,
            attempt: row.attempt,
        };
        let sequence = &loaded.sequence;
        // As for a lead who got every mail before it, in the variant of the same letter. A dispatcher lets
        // a test have the subject of an answer: it goes to its own author.
        let start = sequence.thread_start(wanted.step);
        let root = (start != wanted.step).then_some(Root {
            step: start,
            variant: wanted.variant,
            subject: None,
        });
        let letter = Letter {
            sequence,
            templates: &loaded.templates,
            step: wanted.step,
            variant: wanted.variant,
            root: root.as_ref(),
            first_contact: wanted.step == sequence.next_mail(0),
            person: &person,
            to,
            from: to,
            from_name: &self.profile.display_name,
            identity: &identity,
            unsubscribe_url: identity.privacy_url.clone(),
            references: Vec::new(),
            token: token.write(&self.vault, to.domain()),
            now: self.now(),
            rules: &self.engine.rules_of(&identity),
        };
        let Ok(written) = render(&letter) else {
            return Ok(None);
        };
        let transport = self.engine.parts.dispatcher.transport();
        let mail = written.mail(None, &transport.capabilities());
        Ok(mail.map(|mail| (mail, written.found)))
    }

    async fn test_intent(
        &self,
        key: SendKey,
        to: &EmailAddress,
        holds: Vec<ContentFinding>,
    ) -> Result<SendIntent, EngineError> {
        let platform = self.engine.parts.vault.platform().await?;
        let platform_variants = platform.variant_indexes(to);
        let transport = self.engine.parts.dispatcher.transport();
        let policy = transport.capabilities().policy;
        let identity = self.engine.identity(self.workspace).await?;
        let parts = [
            &identity.legal_name,
            &identity.postal_address,
            &identity.privacy_url,
        ];
        Ok(SendIntent {
            key,
            proof: platform_variants
                .first()
                .map_or(Proof::None, |index| Proof::OwnAddress(*index)),
            recipient: Recipient {
                lead: None,
                company: None,
                country: None,
                email_index: self.vault.email_index(to),
                contact_index: self.vault.contact_index(to),
                domain_index: self.vault.domain_index(to.domain()),
                parent_domains: crate::intent::parents(&self.vault, to),
                variants: self.vault.variant_indexes(to),
                platform_variants,
                address: to.clone(),
                role_address: false,
            },
            mailbox: self.mailbox,
            campaign: None,
            enrollment: None,
            identity_complete: !parts.iter().any(|part| part.trim().is_empty()),
            transport: TransportPolicy::named(policy),
            caps: CapFacts::default(),
            content: Some(holds),
            own_domains: named(&identity),
        })
    }
}
