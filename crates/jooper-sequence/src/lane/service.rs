//! Service mails: what a person asked for, and nothing else.
//!
//! The one of today asks for the confirmation of a sign-up. Its request is what makes it
//! legitimate: the gate looks it up, and no basis, campaign or enrollment is involved. It goes
//! through the same ledger, permit and dispatcher as every other mail.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{
    Acquired, CapFacts, ContentFinding, Gate, Proof, Recipient, RefusalReason, SendIntent,
    SendPermit, StopScope, TransportPolicy, Verdict,
};
use jooper_core::{
    Draw, EmailAddress, EventKind, MailboxId, NotSentReason, Purpose, RequestId, ScopeKind,
    SendKey, SendState, StepIndex, WorkspaceId,
};
use jooper_message::compose::{Draft, compose};
use jooper_storage::tables::{MAILBOX, MailboxRow, SendRow, WorkspaceIdentity};
use jooper_storage::{Column, Scan, StorageExt, StoreError, Versioned, Write};
use jooper_transport::{Outcome, OutgoingMail};

use super::late::refusal_of;
use super::send::{ASK_AGAIN, PERMIT, Slots};
use super::spent::{Room, Spent};
use super::{Command, Lane, append};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::ledger;
use crate::links::ServiceMail;
use crate::model::Schedule;
use crate::own_domains::named;
use crate::planner::{budget, gap_seconds};
use crate::render::findings;
use crate::token::AttemptToken;

/// When to try again after a failure that passes.
const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// The longest time that a mail somebody waits for is left alone.
const LATEST: SignedDuration = SignedDuration::from_hours(24);

/// What a person who signed up is asked.
fn words(identity: &WorkspaceIdentity, mail: &ServiceMail) -> (String, String) {
    let name = identity.legal_name.trim();
    let subject = format!("Please confirm: mail from {name}");
    let body = format!(
        "Somebody asked {name} to write to this address. Was it you? Then follow this link and say \
         yes:\n\n{}\n\nIf it was not you, do nothing, and nothing comes of it. To be asked no more, whoever types your \
         address, say no behind the same link, or answer this mail with the word \"stop\".\n\n{name}, {}\n{}\n",
        mail.url,
        identity.postal_address.replace(['\r', '\n'], ", ").trim(),
        identity.privacy_url.trim(),
    );
    (subject, body)
}

impl Engine {
    /// An account besides this one that sends, and that nothing stops.
    async fn free_mailbox(
        &self,
        workspace: WorkspaceId,
        besides: MailboxId,
    ) -> Result<Option<MailboxId>, EngineError> {
        let scan = Scan::table(&MAILBOX);
        let rows = self.storage().collect::<MailboxRow>(workspace, scan);
        let now = self.now();
        let mut able: Vec<_> = rows
            .await?
            .into_iter()
            .map(|row| row.record)
            .filter(|row| row.id != besides && row.state.sends())
            .collect();
        // One that waits for its provider is better than none.
        able.sort_by_key(|row| row.parked_until.filter(|until| *until > now));
        for row in able {
            let scope = StopScope::Mailbox(row.id);
            let causes = self.parts.stops.causes(workspace, &scope).await?;
            if causes.is_empty() {
                return Ok(Some(row.id));
            }
        }
        Ok(None)
    }
}

impl Lane<'_> {
    /// Mails what a request asked for, once. Says when to try again, where it may go later: the
    /// command that asks for it waits so long.
    ///
    /// What cannot be written is given up: a lane is not held up by one mail.
    pub(super) async fn serve(
        &mut self,
        request: RequestId,
        kind: u8,
    ) -> Result<Option<Timestamp>, EngineError> {
        match self.serve_once(request, kind).await {
            Err(EngineError::Content(what)) => {
                tracing::warn!(%request, what, "a service mail cannot be written");
                Ok(None)
            }
            done => done,
        }
    }

    /// Until when this mailbox sends nothing at all: its own gap and budgets hold for every mail.
    fn busy(&self, schedule: &Schedule) -> Option<Timestamp> {
        let now = self.now();
        if !self.account.state.sends() {
            return Some(self.after(ASK_AGAIN));
        }
        let full = budget(schedule, &self.recent, &self.volume(), now).map(|full| full.until);
        let slot = Some(self.row.next_slot).filter(|slot| *slot > now);
        [self.parked(), full, slot].into_iter().flatten().max()
    }

    async fn serve_once(
        &mut self,
        request: RequestId,
        kind: u8,
    ) -> Result<Option<Timestamp>, EngineError> {
        let links = &self.engine.parts.links;
        let Some(mail) = links.service_mail(self.workspace, request, kind).await? else {
            return Ok(None);
        };
        let key = SendKey::Service { request, kind };
        let storage = self.engine.storage();
        let before = storage
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        if before
            .as_ref()
            .is_some_and(|row| !ledger::may_reserve(&row.record))
        {
            return Ok(None);
        }
        self.look_how_it_stands().await?;
        if !self.account.state.sends() && self.hand_on(request, kind).await? {
            return Ok(None);
        }
        // It belongs to no campaign, so no campaign's schedule says how it is paced.
        let schedule = Schedule::default();
        if let Some(until) = self.busy(&schedule) {
            return Ok(Some(until));
        }
        let identity = self.engine.identity(self.workspace).await?;
        let now = self.now();
        let fresh = before.as_ref().map_or_else(
            || ledger::planned_service(key, self.mailbox, now),
            |row| row.record.clone(),
        );
        let reserved = SendRow {
            state: SendState::Reserved,
            // Another account may have tried before.
            mailbox: self.mailbox,
            fence: self.token,
            attempt: fresh.attempt + 1,
            email_index: Some(self.vault.email_index(&mail.to)),
            domain_index: Some(self.vault.domain_index(mail.to.domain())),
            ..fresh
        };
        let (raw, holds) = self.service_text(&identity, &mail, &reserved)?;
        let outgoing =
            OutgoingMail::new(raw, None).map_err(|_| EngineError::Content("composed mail"))?;
        let mut intent = self.service_intent(key, &mail.to, &identity).await?;
        intent.content = Some(holds);
        // It leaves a mailbox like any other mail, and takes from what all mailboxes share.
        self.row.high_water = now;
        let spent = Spent::beside(&self.account, intent.recipient.domain_index, now);
        let recent = self.recent.with(spent.send);
        let batch = ledger::write(self.batch(), &reserved, before.as_ref());
        let batch = spent.reserve(batch, self.key(), &recent, Room::default(), now);
        let acquired = self
            .engine
            .parts
            .gate
            .acquire(self.workspace, &intent, batch)
            .await;
        let permit = match acquired {
            Ok(Acquired::Permit(permit, _)) => permit,
            Ok(Acquired::Refused(judgement)) => {
                tracing::info!(send = ?key, reason = ?judgement.verdict.reason(), "not sent");
                let of_mailbox = matches!(
                    judgement.verdict.reason(),
                    Some(RefusalReason::Stopped {
                        scope: ScopeKind::Mailbox,
                        ..
                    })
                );
                if of_mailbox && self.hand_on(request, kind).await? {
                    return Ok(None);
                }
                return Ok(self.ask_later(&judgement.verdict));
            }
            Err(jooper_consent::GateError::Reserve { .. }) => {
                return Ok(Some(self.after(SignedDuration::from_secs(1))));
            }
            Err(error) => return Err(error.into()),
        };
        self.recent = recent;
        let row = self.reread(&key).await?;
        let dispatcher = &self.engine.parts.dispatcher;
        let base = dispatcher
            .transport()
            .evidence_base(self.account_ref())
            .await;
        let base = match base {
            Ok(base) => base,
            Err(error) => {
                let reason = super::send::not_sent_reason(&error);
                self.service_not_begun(row, reason, permit, &spent).await?;
                let until = self.sending_refused(&error).await?;
                return Ok(Some(until.unwrap_or_else(|| self.after(ASK_AGAIN))));
            }
        };
        let store = self.engine.storage().now().await?;
        if self.engine.parts.lease.now() >= permit.deadline() {
            let reason = NotSentReason::LeaseExpired;
            self.service_not_begun(row, reason, permit, &spent).await?;
            return Ok(Some(self.after(RETRY_AFTER)));
        }
        let gap = gap_seconds(&schedule, Draw::new(0), request.uuid(), StepIndex(0));
        let gap = SignedDuration::from_secs(i64::from(gap));
        let free_slot = self.row.next_slot;
        // By the clock as it stands, as stops are logged: the two are compared.
        let posting = ledger::posting(row.record, Some(base.0), self.engine.now(), store);
        let paced = self.after(gap.saturating_add(PERMIT));
        let batch = self.batch().update(&posting, row.version);
        let batch = self.pace(batch, paced);
        self.engine.storage().commit(batch).await?;
        let row = Versioned {
            record: posting,
            version: row.version + 1,
        };
        let (outcome, permit) = dispatcher
            .hand_over(self.workspace, self.mailbox, permit, outgoing)
            .await;
        let release = Gate::release_write(permit);
        let slots = Slots {
            sent: self.after(gap),
            refused: free_slot,
        };
        let (known, refusal) = (row.record.clone(), refusal_of(&outcome));
        let outcome = outcome.unwrap_or_else(|refusal| {
            tracing::warn!(send = ?key, %refusal, "a permit was not used");
            Outcome::NotSent {
                reason: refusal.not_sent(),
                retry_at: None,
            }
        });
        let in_time = self.settle_service(row, outcome, release.clone(), &spent, slots);
        let settled = in_time.await;
        self.or_late(settled, &known, refusal, release).await
    }

    /// Writes down what became of a service mail. Says when to try again, where it did not go.
    async fn settle_service(
        &mut self,
        row: Versioned<SendRow>,
        outcome: Outcome,
        release: Write,
        spent: &Spent,
        slots: Slots,
    ) -> Result<Option<Timestamp>, EngineError> {
        let (known, posting) = (row.record.clone(), row.record);
        let mut slot = slots.sent;
        let mut later = None;
        let receipt = match &outcome {
            Outcome::Sent(receipt) => Some(receipt.clone()),
            _ => None,
        };
        let (next, kind) = match outcome {
            Outcome::Sent(receipt) => {
                let index = receipt
                    .message_id
                    .as_deref()
                    .map(|id| self.message_index(id));
                let next = ledger::sent(posting, &receipt, index, self.now());
                (next, EventKind::Sent)
            }
            Outcome::Unknown(_) => {
                self.unknown = true;
                (ledger::unknown(posting), EventKind::SendUnknown)
            }
            Outcome::NotSent { reason, retry_at } => {
                slot = slots.refused;
                self.recent = self.recent.without(spent.send);
                let next = ledger::not_sent(posting, reason, self.now());
                if ledger::may_reserve(&next) {
                    let until = self.limits(reason, retry_at).await?;
                    later = until.or(retry_at).or_else(|| Some(self.after(RETRY_AFTER)));
                }
                (next, EventKind::Failed)
            }
        };
        let mut batch = self
            .pace(self.batch(), slot)
            .update(&next, row.version)
            .write(release.clone());
        if next.state == SendState::NotSent {
            batch = spent.give_back(batch, self.key(), &self.recent);
        }
        // It failed once nobody tries it again.
        let batch = match later {
            Some(_) => batch,
            None => batch.append(ledger::fact(&next, kind, ledger::began_at(&next), None)),
        };
        let settled = self.engine.storage().commit(batch).await;
        if let (Err(StoreError::FenceLost), Some(receipt)) = (&settled, receipt) {
            self.sent_late(&known, &receipt, &[release]).await?;
        }
        settled?;
        Ok(later.map(|at| at.min(self.after(LATEST))))
    }

    /// Settles a mail that was permitted and not begun.
    async fn service_not_begun(
        &mut self,
        row: Versioned<SendRow>,
        reason: NotSentReason,
        permit: SendPermit,
        spent: &Spent,
    ) -> Result<(), EngineError> {
        let next = ledger::not_sent(row.record, reason, self.now());
        self.recent = self.recent.without(spent.send);
        let batch = self.batch().update(&next, row.version);
        let batch = batch.write(Gate::release_write(permit.give_up()));
        let batch = spent.give_back(batch, self.key(), &self.recent);
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Gives what a person waits for to an account that can send it, where there is one. Both have it
    /// where this process dies before its own command is gone; the ledger lets one of them send.
    async fn hand_on(&self, request: RequestId, kind: u8) -> Result<bool, EngineError> {
        let free = self.engine.free_mailbox(self.workspace, self.mailbox);
        let Some(mailbox) = free.await? else {
            return Ok(false);
        };
        let command = Command::Serve {
            request,
            kind,
            not_before: None,
        };
        let batch = append(self.engine, self.batch(), mailbox, &command).await?;
        self.engine.storage().commit(batch).await?;
        tracing::info!(%request, from = %self.mailbox, to = %mailbox, "a service mail goes from another account");
        Ok(true)
    }

    /// When to ask the gate again; never, where it refused for good.
    fn ask_later(&self, verdict: &Verdict) -> Option<Timestamp> {
        let later = self.after(ASK_AGAIN);
        match verdict {
            Verdict::Deny {
                permanent: true, ..
            } => None,
            Verdict::Defer { until, .. } => Some(until.unwrap_or(later).max(later)),
            _ => Some(later),
        }
    }

    fn service_text(
        &self,
        identity: &WorkspaceIdentity,
        mail: &ServiceMail,
        row: &SendRow,
    ) -> Result<(Vec<u8>, Vec<ContentFinding>), EngineError> {
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let token = AttemptToken {
            send_key: row.key,
            attempt: row.attempt,
        };
        let token = token.write(&self.vault, from.domain());
        let (subject, body) = words(identity, mail);
        let draft = Draft {
            from_name: self.profile.display_name.clone(),
            from,
            to_name: String::new(),
            to: mail.to.clone(),
            subject,
            body,
            date: self.now(),
            message_id: format!("m{token}"),
            references: vec![token],
            in_reply_to: None,
            footer: None,
        };
        let rules = self.engine.rules_of(identity);
        let holds = findings(&rules, Purpose::Service, &draft);
        let raw = compose(&draft).map_err(|_| EngineError::Content("composed mail"))?;
        Ok((raw, holds))
    }

    async fn service_intent(
        &self,
        key: SendKey,
        to: &EmailAddress,
        identity: &WorkspaceIdentity,
    ) -> Result<SendIntent, EngineError> {
        let platform = self.engine.parts.vault.platform().await?;
        let transport = self.engine.parts.dispatcher.transport();
        Ok(SendIntent {
            key,
            recipient: Recipient {
                lead: None,
                company: None,
                country: None,
                email_index: self.vault.email_index(to),
                contact_index: self.vault.contact_index(to),
                domain_index: self.vault.domain_index(to.domain()),
                parent_domains: crate::intent::parents(&self.vault, to),
                variants: self.vault.variant_indexes(to),
                platform_variants: platform.variant_indexes(to),
                address: to.clone(),
                role_address: false,
            },
            mailbox: self.mailbox,
            campaign: None,
            enrollment: None,
            identity_complete: jooper_consent::check_identity(identity).is_ok(),
            transport: TransportPolicy::named(transport.capabilities().policy),
            proof: Proof::None,
            caps: CapFacts::default(),
            content: None,
            own_domains: named(identity),
        })
    }
}
