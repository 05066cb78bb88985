//! Sends that the ledger lacks: rebuilt after a restore, a second copy's at any other time.
//!
//! The token of a mail says which send it is and which try, so the account's own mails are enough:
//! whatever it sent since the copy was made is written into the ledger as sent. The enrollments
//! follow when their steps come up, and find them settled.

use jiff::{SignedDuration, Timestamp};
use jooper_consent::SENT_ADOPTED;
use jooper_core::{
    CampaignId, EmailAddress, EventKind, MailboxState, SendKey, StopReason, WaitReason,
};
use jooper_storage::tables::{SendRow, SuppressionRow};
use jooper_storage::{Column, ColumnOp, Record, StorageExt, Versioned, Write};
use jooper_transport::{Arrived, Receipt};
use uuid::Uuid;

use super::matching::address_in;
use super::send::settled_elsewhere;
use super::{Lane, Wake};
use crate::decide::{Event, variant_for};
use crate::error::EngineError;
use crate::ledger::{self, To};
use crate::planner::RecentSend;
use crate::token::{AttemptToken, references_in};

/// How long after its start a restored copy waits at least: what the provider accepted right
/// before may show up late, and clocks differ.
const SETTLES: SignedDuration = SignedDuration::from_mins(10);

/// A mail counts for today's cap when it left this recently; rather too many than too few.
const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Lane<'_> {
    /// The token that makes an own mail ours: the last of its references. A mail that a person
    /// writes by hand into our thread carries older tokens too, but ends with another mail's id.
    pub(super) fn own_token(&self, arrived: &Arrived) -> Option<AttemptToken> {
        let last = references_in(arrived.header("References")?).last()?;
        AttemptToken::read(&self.vault, last)
    }

    /// Whether a mail may be from the time between the copy and its restore.
    pub(super) fn may_adopt(&self, arrived: &Arrived) -> bool {
        let until = self.rebuild.as_ref().map(|held| settled(held.record.since));
        until.is_some_and(|until| arrived.at <= until)
    }

    /// Writes a send into the ledger that this copy of it is too old to know.
    pub(super) async fn adopt(
        &mut self,
        arrived: &Arrived,
        token: AttemptToken,
        before: Option<Versioned<SendRow>>,
    ) -> Result<(), EngineError> {
        let mut row = match &before {
            Some(row) => row.record.clone(),
            None => self.forgotten(arrived, token.send_key).await?,
        };
        row.attempt = token.attempt;
        row.posting_at = Some(arrived.at);
        row.posted_at = None;
        let index = arrived
            .header("Message-ID")
            .map(|id| self.message_index(id));
        let next = ledger::sent(row, &receipt(arrived), index, self.now());
        let mut batch = ledger::write(self.batch(), &next, before.as_ref());
        if let Some(write) = self.counted_today(&next) {
            batch = batch.write(write);
        }
        // Nobody's audience counts the send of an enrollment that this copy has never heard of.
        if next.campaign.is_some() || next.enrollment.is_none() {
            batch = batch.append(ledger::fact(
                &next,
                EventKind::Sent,
                arrived.at,
                Some(SENT_ADOPTED),
            ));
        }
        self.engine.storage().commit(batch).await?;
        tracing::info!(send = ?next.key, "rebuilt from the mailbox");
        self.remember_own(&next.key, None).await
    }

    /// The row of a send that this copy does not know.
    async fn forgotten(&mut self, arrived: &Arrived, key: SendKey) -> Result<SendRow, EngineError> {
        let to = arrived.header("To").and_then(address_in);
        if let SendKey::Step { enrollment, step } = key
            && let Some(found) = self.enrollment(enrollment).await?
        {
            let enrollment = found.record;
            let (campaign, version) = (enrollment.campaign, enrollment.sequence_version);
            let loaded = self.campaign_if_there(campaign, version).await?;
            let variant = loaded.map_or(0, |loaded| {
                variant_for(&loaded.sequence, loaded.draw, enrollment.lead, step)
            });
            let row = ledger::planned_step(&enrollment, step, variant, arrived.at);
            // Of an erased person nothing is written down again.
            let known = self.lead_row(enrollment.lead).await?.is_some();
            let Some(to) = to.filter(|_| known) else {
                return Ok(row);
            };
            let to = To {
                lead: enrollment.lead,
                email_index: self.vault.email_index(&to),
                domain_index: self.vault.domain_index(to.domain()),
            };
            return Ok(ledger::reserved(row, self.token, to));
        }
        let of = |address: &EmailAddress| {
            let domain = self.vault.domain_index(address.domain());
            (self.vault.email_index(address), domain)
        };
        // Nor of one whose place in a campaign this copy never knew: it cannot tell them from others who said
        // that they want no mail.
        let to = match to {
            Some(address) if !self.wants_none(&address).await? => Some(of(&address)),
            _ => None,
        };
        Ok(ledger::foreign(key, self.mailbox, arrived.at, to))
    }

    /// Whether the list says that its person wants no mail, by the form that every spelling of it shares. Who
    /// was erased said so too, often in another way first, and the list keeps the weightier reason alone.
    async fn wants_none(&self, address: &EmailAddress) -> Result<bool, EngineError> {
        let contact = vec![self.vault.contact_index(address).to_value()];
        let storage = self.engine.storage();
        let found = storage.find::<SuppressionRow>(self.workspace, contact);
        let reasons = |row: SuppressionRow| [Some(row.reason), row.beside];
        let reasons = found.await?.map(|row| reasons(row.record));
        let mut reasons = reasons.into_iter().flatten().flatten();
        Ok(reasons.any(|reason| {
            matches!(
                reason,
                StopReason::Erased
                    | StopReason::Unsubscribed
                    | StopReason::Complained
                    | StopReason::Objected
            )
        }))
    }

    /// Counts a rebuilt send of the last day against the mailbox's budgets, whoever it went to.
    fn counted_today(&mut self, row: &SendRow) -> Option<Write> {
        let began = ledger::began_at(row);
        let recent = began.saturating_add(DAY).is_ok_and(|end| end > self.now());
        if !recent {
            return None;
        }
        let campaign = row.campaign;
        let campaign = campaign.unwrap_or_else(|| CampaignId::from_uuid(Uuid::nil()));
        self.recent = self.recent.with_forgotten(RecentSend::new(began, campaign));
        let recent = ("recent", ColumnOp::Set(self.recent.to_bytes().to_value()));
        Some(Write::Patch(self.key(), vec![recent]))
    }

    /// Whether this mailbox may send: not while sends of a restored copy may be missing.
    pub(super) async fn is_rebuilt(&mut self, wake: &mut Wake) -> Result<bool, EngineError> {
        let Some(held) = self.rebuild.clone() else {
            return Ok(true);
        };
        if self.account.state == MailboxState::SendOnly {
            // What was due may have gone, and nobody can look.
            if !self.ask_first(self.now(), WaitReason::Restored).await? {
                wake.sooner(self.now());
                return Ok(false);
            }
        } else {
            let settled = settled(held.record.since);
            if !self.heard || self.now() < settled {
                // While it cannot be read at all, listening says when to try again.
                if self.now() < settled {
                    wake.sooner(settled);
                }
                return Ok(false);
            }
            let hours = i64::from(self.engine.settings.overdue_hours);
            let long_ago = self.now().saturating_sub(SignedDuration::from_hours(hours));
            let long_ago = long_ago.unwrap_or(Timestamp::MIN);
            if !self.ask_first(long_ago, WaitReason::Overdue).await? {
                wake.sooner(self.now());
                return Ok(false);
            }
        }
        let done = Write::Delete(held.record.key());
        self.engine
            .storage()
            .commit(self.batch().write(done))
            .await?;
        tracing::info!(mailbox = %self.mailbox, "its sends are rebuilt");
        self.rebuild = None;
        Ok(true)
    }

    /// Lets a person decide about everything that was due before, except where the mailbox showed
    /// that it was sent. `false`: time is up, and there is more.
    async fn ask_first(
        &mut self,
        before: Timestamp,
        reason: WaitReason,
    ) -> Result<bool, EngineError> {
        loop {
            let due = self.due(before).await?;
            if due.is_empty() {
                return Ok(true);
            }
            for found in due {
                if self.out_of_time() {
                    return Ok(false);
                }
                let key = SendKey::Step {
                    enrollment: found.record.id,
                    step: found.record.step,
                };
                let row = self
                    .engine
                    .storage()
                    .find::<SendRow>(self.workspace, vec![key.to_value()])
                    .await?;
                let late = found
                    .record
                    .due_at
                    .map(|due| self.now().duration_since(due));
                let first = match reason {
                    WaitReason::Overdue => Event::Overdue {
                        late: late.unwrap_or_default(),
                    },
                    _ => Event::Restored,
                };
                let event = row
                    .and_then(|row| settled_elsewhere(&row.record))
                    .unwrap_or(first);
                self.happen(found.record.id, &event).await?;
            }
        }
    }
}

fn settled(since: Timestamp) -> Timestamp {
    since.saturating_add(SETTLES).unwrap_or(Timestamp::MAX)
}

fn receipt(arrived: &Arrived) -> Receipt {
    Receipt {
        provider_id: arrived.provider_id.clone(),
        thread: arrived.thread.clone(),
        message_id: arrived.header("Message-ID").map(str::to_owned),
        at: Some(arrived.at),
    }
}
