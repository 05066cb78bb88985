//! Looking for evidence of unknown sends.

use std::sync::PoisonError;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{EmailAddress, MailboxState, SearchResult, SendKey, SendState};
use jooper_storage::tables::{SEND, SendRow};
use jooper_storage::{Column, Scan, StorageExt, Versioned};
use jooper_transport::{Attempt, EvidenceBase, Reconciliation, TransportError};

use super::account::Doing;
use super::{Lane, Wake};
use crate::error::EngineError;
use crate::ledger;
use crate::render::subject_of;
use crate::token::AttemptToken;

/// How long after the POST to look again, in minutes of wall time: soon, then ever more rarely.
const LOOKS: [i64; 6] = [1, 5, 15, 60, 240, 1440];

/// Whether a look at a send that was posted at `since` falls behind the `last` one, up to `now`. One that
/// was never looked for is asked about at once: perhaps its worker died. So is one that was looked for
/// by a clock that was ahead.
fn is_due(since: Timestamp, last: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(last) = last.filter(|last| (since..=now).contains(last)) else {
        return true;
    };
    let minutes = |at: Timestamp| at.duration_since(since).as_mins();
    let (before, after) = (minutes(last), minutes(now));
    let listed = LOOKS.iter().any(|look| (before + 1..=after).contains(look));
    let daily = before.max(LOOKS[5]) / LOOKS[5] < after / LOOKS[5];
    listed || daily
}

impl Lane<'_> {
    /// Asks the provider about every unknown send whose next look has come.
    ///
    /// What is found is settled. What is not stays unknown, in sight of a person, with what the search
    /// came to: absence is never evidence.
    pub(super) async fn look_for_evidence(&mut self, wake: &mut Wake) -> Result<(), EngineError> {
        if self.account.state == MailboxState::Disconnected {
            // Its tokens are gone. What is unknown is looked for when it is connected again.
            return Ok(());
        }
        let prefix = vec![self.mailbox.to_value(), SendState::Unknown.to_value()];
        let scan = Scan::table(&SEND).by("by_mailbox").prefix(prefix);
        let rows = self
            .engine
            .storage()
            .collect::<SendRow>(self.workspace, scan)
            .await?;
        self.unknown = !rows.is_empty();
        self.forget_looks(&rows);
        for row in rows {
            let now = self.engine.now();
            if self.out_of_time() {
                wake.sooner(now);
                return Ok(());
            }
            let since = ledger::began_at(&row.record);
            let begun = self.is_unfinished(&row.record.key);
            if !begun && !is_due(since, self.last_look(&row.record), now) {
                wake.sooner(self.next_look(since));
                continue;
            }
            let attempt = self.attempt(&row.record).await?;
            self.look_for(row, &attempt, wake).await?;
        }
        Ok(())
    }

    /// When a send was looked for last: as its row says, or as this process remembers where the search
    /// failed, which the row does not always tell.
    fn last_look(&self, row: &SendRow) -> Option<Timestamp> {
        let looks = self.engine.looks.lock();
        let looks = looks.unwrap_or_else(PoisonError::into_inner);
        row.searched_at
            .max(looks.get(&(self.mailbox, row.key)).copied())
    }

    /// Remembers looks of sends that are still unknown, and of no others.
    fn forget_looks(&self, unknown: &[Versioned<SendRow>]) {
        let looks = self.engine.looks.lock();
        let mut looks = looks.unwrap_or_else(PoisonError::into_inner);
        let is_unknown = |key: &SendKey| unknown.iter().any(|row| row.record.key == *key);
        looks.retain(|(mailbox, key), _| *mailbox != self.mailbox || is_unknown(key));
    }

    /// Asks about one send; `true`: there is an answer, or none can be had now.
    ///
    /// `false`: the search was broken off by the quota, and goes on later.
    pub(super) async fn look_for(
        &mut self,
        row: Versioned<SendRow>,
        attempt: &Attempt,
        wake: &mut Wake,
    ) -> Result<bool, EngineError> {
        let (key, since) = (row.record.key, attempt.began_at);
        let transport = self.engine.parts.dispatcher.transport();
        match transport.reconcile(attempt).await {
            Ok(Reconciliation::Found(receipt)) => {
                tracing::info!(send = ?key, "evidence found");
                self.settle_sent(row, &receipt, Vec::new(), None).await?;
                self.remember_own(&key, None).await?;
            }
            Ok(other) => {
                let result = match other {
                    Reconciliation::NotFound { complete: true } => SearchResult::Nowhere,
                    Reconciliation::NotFound { complete: false } => SearchResult::Incomplete,
                    _ => SearchResult::Inconclusive,
                };
                self.remember_search(row, result).await?;
                wake.sooner(self.next_look(since));
            }
            Err(TransportError::RateLimited { after: Some(after) }) => {
                // A search in a full mailbox takes more than one minute's quota.
                let pause = SignedDuration::try_from(after).unwrap_or(SignedDuration::ZERO);
                wake.sooner(self.soon(pause.max(SignedDuration::from_secs(1))));
                self.set_unfinished(key);
                return Ok(false);
            }
            Err(error) => {
                self.remember_search(row, SearchResult::Failed).await?;
                self.account_refused(&error, Doing::Reading).await?;
                wake.sooner(self.next_look(since));
            }
        }
        Ok(true)
    }

    /// Keeps what a search came to, for whoever is to judge the send. Where the row has changed
    /// meanwhile, that says more.
    async fn remember_search(
        &self,
        row: Versioned<SendRow>,
        result: SearchResult,
    ) -> Result<(), EngineError> {
        let now = self.engine.now();
        {
            let looks = self.engine.looks.lock();
            let mut looks = looks.unwrap_or_else(PoisonError::into_inner);
            looks.insert((self.mailbox, row.record.key), now);
        }
        let next = ledger::searched(row.record, result, now);
        let batch = self.batch().update(&next, row.version);
        match self.engine.storage().commit(batch).await {
            Err(error) if error.is_conflict() => Ok(()),
            done => Ok(done?),
        }
    }

    /// Whether the search for this send was broken off, which it is no longer from now on.
    fn is_unfinished(&self, key: &SendKey) -> bool {
        let unfinished = &self.engine.unfinished;
        let mut all = unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(key)
    }

    fn set_unfinished(&self, key: SendKey) {
        let unfinished = &self.engine.unfinished;
        let mut all = unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key);
    }

    fn next_look(&self, since: Timestamp) -> Timestamp {
        let now = self.engine.now();
        LOOKS
            .into_iter()
            .filter_map(|minutes| since.checked_add(SignedDuration::from_mins(minutes)).ok())
            .find(|look| *look > now)
            .or_else(|| now.checked_add(SignedDuration::from_hours(24)).ok())
            .unwrap_or(now)
    }

    /// What to look for. Where a person released the send, its earlier tries may have been accepted
    /// as well.
    pub(super) async fn attempt(&mut self, record: &SendRow) -> Result<Attempt, EngineError> {
        let from = EmailAddress::parse(&self.profile.email)
            .map_err(|_| EngineError::Content("mailbox address"))?;
        let (to, subject) = match self.outside_of(record, &from).await {
            // What cannot be read or written any more is looked for by the token alone.
            Err(EngineError::Content(_)) => (None, None),
            known => known?,
        };
        let token = |attempt: u16| {
            let send_key = record.key;
            AttemptToken { send_key, attempt }.write(&self.vault, from.domain())
        };
        let released = record.released > 0;
        let first = if released { 1 } else { record.attempt };
        let began_at = ledger::began_at(record);
        Ok(Attempt {
            mailbox: self.account_ref(),
            send_key: record.key,
            number: record.attempt,
            token: token(record.attempt),
            earlier: (first..record.attempt).map(token).collect(),
            evidence_base: record.evidence_base.clone().map(EvidenceBase),
            to,
            subject,
            began_at,
            since: if released {
                record.planned_at.min(began_at)
            } else {
                began_at
            },
        })
    }

    /// Recipient and subject of a send, as far as they are still known: an erased person's are
    /// gone, and the token alone has to do.
    async fn outside_of(
        &mut self,
        record: &SendRow,
        own: &EmailAddress,
    ) -> Result<(Option<EmailAddress>, Option<String>), EngineError> {
        if let SendKey::Test { .. } = record.key {
            return Ok((Some(own.clone()), None));
        }
        if let SendKey::Reply { thread, .. } = record.key {
            let Some(waiting) = self.waiting(thread, &record.key).await? else {
                return Ok((None, None));
            };
            // It went to whom it answers, at whichever of their addresses they wrote from.
            let to = match self.person_of(waiting.thread.lead).await? {
                Some(_) => self.writer(&waiting, &record.key).await?,
                None => None,
            };
            return Ok((to, Some(waiting.draft.subject)));
        }
        let (SendKey::Step { step, .. }, Some(id)) = (record.key, record.enrollment) else {
            return Ok((None, None));
        };
        let Some(enrollment) = self.enrollment(id).await? else {
            return Ok((None, None));
        };
        let Some(person) = self.person(&enrollment.record).await? else {
            return Ok((None, None));
        };
        let version = enrollment.record.sequence_version;
        let campaign = enrollment.record.campaign;
        let Some(loaded) = self.campaign_if_there(campaign, version).await? else {
            return Ok((Some(person.address), None));
        };
        let conversation = self
            .conversation(&enrollment.record, &loaded.sequence, step)
            .await?;
        let subject = subject_of(
            &loaded.sequence,
            &loaded.templates,
            step,
            record.variant,
            conversation.root.as_ref(),
            &crate::render::fields(&person.profile),
        );
        Ok((Some(person.address), subject.ok()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn evidence_is_asked_for_at_its_times_and_not_at_every_pass() {
        let since = at(1000);
        assert!(is_due(since, None, at(1000)), "its worker died");
        assert!(is_due(since, Some(at(999)), at(1000)), "an earlier try's");
        assert!(is_due(since, Some(at(9000)), at(1014)), "a clock was ahead");
        // Whether it is looked at each minute or hardly ever, each look is made once.
        for (pace, expected) in [
            (1, vec![1, 5, 15, 60, 240, 1440, 2880, 4320]),
            (7, vec![7, 21, 63, 245, 1442, 2884, 4326]),
        ] {
            let (mut asked, mut last) = (Vec::new(), at(1000));
            for minute in (1000 + pace..1000 + 3 * 1440 + 10).step_by(pace as usize) {
                if is_due(since, Some(last), at(minute)) {
                    last = at(minute);
                    asked.push(minute - 1000);
                }
            }
            assert_eq!(asked, expected);
        }
        assert!(
            is_due(since, Some(at(1002)), at(9000)),
            "slept through them"
        );
        assert!(!is_due(since, Some(at(1006)), at(1014)));
    }
}
