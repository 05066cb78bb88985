//! The first mails of a campaign to 50 people, and the rest behind them.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, EnrollmentId, MailboxId, SendKey, StepIndex, UserId, WorkspaceId, from_millis,
    to_millis,
};
use jooper_storage::tables::{COUNTER, CounterRow, MailboxRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, LogEntry, Record, Scan, Scope, StorageExt, StoreError,
    Value, Version, Versioned, Write,
};
use uuid::Uuid;

use super::figures::{BreakerScope, Line};
use super::follow::{ATTEMPTS, Breakers};
use super::window::Window;
use crate::ceilings::{SAMPLE_CLEARED, behind_key, came_key, sample_key, since_key};
use crate::gate::places::{ACCEPTED, place_key, places_of, sender, sender_of, senders_of, since};
use crate::note::Note;

const PREFIX: &str = "consent.sample.";
/// The text behind every name that begins with the prefix.
const BEHIND: &str = "consent.sample/";

/// How long after the sample's last mail its bounces are taken to be known: reports of addresses
/// that do not exist come within minutes.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

fn name(campaign: CampaignId) -> String {
    format!("{PREFIX}{}", campaign.uuid().simple())
}

/// The mails of a campaign that a stretch of the log tells to have been accepted, and when. Follow-ups
/// are let out without a place in the sample, so that their being accepted says nothing about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sampled<'l>(Vec<&'l LogEntry>);

/// A sample whose last accepted mail is old enough for its bounces to have come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settled {
    campaign: CampaignId,
    version: Version,
    /// Whether every mailbox that sent it was read since: where one was not, nobody knows what came back.
    is_read: bool,
}

impl<'l> Sampled<'l> {
    pub(super) fn take(&mut self, entry: &'l LogEntry) {
        self.0.push(entry);
    }

    /// Each mail once. Read only while a sample waits for them, which most of a campaign's do not.
    fn seen(&self) -> BTreeMap<(EnrollmentId, StepIndex), (i64, Option<MailboxId>)> {
        let mut seen = BTreeMap::new();
        for entry in &self.0 {
            let note = entry.payload.as_deref().and_then(Note::from_payload);
            if let Some(Note::Send {
                send_key: SendKey::Step { enrollment, step },
                ..
            }) = note
            {
                let told = (to_millis(entry.at), entry.dimensions.mailbox);
                let last = seen.entry((enrollment, step)).or_insert(told);
                *last = (*last).max(told);
            }
        }
        seen
    }
}

fn counter_key(key: Vec<u8>) -> Key {
    Key::new(&COUNTER, vec![key.to_value()])
}

fn setting_key(campaign: CampaignId) -> Key {
    Key::new(&SETTING, vec![name(campaign).to_value()])
}

fn accepted(seen: &[CounterRow]) -> i64 {
    let accepted = seen.iter().filter(|row| row.count == ACCEPTED);
    i64::try_from(accepted.count()).unwrap_or(i64::MAX)
}

impl Breakers {
    /// Remembers which mails that hold a place in a campaign's sample were accepted, and when the last
    /// was, while the campaign's rest waits for it.
    pub(super) async fn note_samples(
        &self,
        ws: WorkspaceId,
        mut batch: Batch,
        samples: BTreeMap<CampaignId, Sampled<'_>>,
    ) -> Result<Batch, StoreError> {
        for (campaign, sampled) in samples {
            if self.sample(ws, campaign).await?.is_none() {
                continue;
            }
            let seen = sampled.seen();
            if seen.is_empty() {
                continue;
            }
            let key = |(enrollment, step): &(_, _)| place_key(campaign, *enrollment, *step);
            let keys: Vec<_> = seen.keys().map(key).collect();
            let known = self.storage.get(Scope::Workspace(ws), &keys).await?;
            let mut last = None;
            for ((key, (at, mailbox)), known) in keys.into_iter().zip(seen.into_values()).zip(known)
            {
                let Some(known) = known else { continue };
                if CounterRow::from_values(known.values)?.count == ACCEPTED {
                    continue;
                }
                let accepted = ColumnOp::Set(ACCEPTED.to_value());
                // Nothing where its place is given back meanwhile.
                batch = batch.write(Write::Patch(key, vec![("count", accepted)]));
                last = last.max(Some(at));
                if let Some(mailbox) = mailbox {
                    let row = sender(campaign, mailbox, at);
                    let later = vec![("count", ColumnOp::Max(at))];
                    batch = batch.write(Write::Upsert(row.key(), row.to_values(), later));
                }
            }
            let Some(last) = last else { continue };
            let row = SettingRow {
                name: name(campaign),
                number: last,
                value: None,
            };
            let later = vec![("number", ColumnOp::Max(last))];
            batch = batch.write(Write::Upsert(row.key(), row.to_values(), later));
        }
        Ok(batch)
    }

    /// The samples that may be looked at, and whether their mailboxes were read. Asked before the log is
    /// read: what a mailbox tells between the two is counted, and not taken for silence.
    pub(super) async fn settled(&self, ws: WorkspaceId) -> Result<Vec<Settled>, StoreError> {
        let range = Scan::table(&SETTING).range(
            Bound::Included(Value::Text(PREFIX.to_owned())),
            Bound::Excluded(Value::Text(BEHIND.to_owned())),
        );
        let mut settled = Vec::new();
        for row in self.storage.collect::<SettingRow>(ws, range).await? {
            let Some(campaign) = row
                .record
                .name
                .strip_prefix(PREFIX)
                .and_then(|id| Uuid::try_parse(id).ok())
                .map(CampaignId::from_uuid)
            else {
                continue;
            };
            let last = from_millis(row.record.number);
            if self.wall.now().duration_since(last) < SETTLED {
                continue;
            }
            settled.push(Settled {
                campaign,
                version: row.version,
                is_read: self.sample_unread(ws, campaign).await?.is_empty(),
            });
        }
        Ok(settled)
    }

    /// The mailboxes whose mails are in a campaign's sample and that were not read since what comes
    /// back must have come: the rest waits for them. One that nobody can read any more waits for
    /// [`Breakers::clear_sample`].
    ///
    /// # Errors
    /// As [`Storage::scan`](jooper_storage::Storage::scan).
    pub async fn sample_unread(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<MailboxId>, StoreError> {
        let mut unread = Vec::new();
        for (mailbox, last) in self.sample_senders(ws, campaign).await? {
            let key = vec![mailbox.to_value()];
            let found = self.storage.find::<MailboxRow>(ws, key).await?;
            let read = found.and_then(|row| row.record.synced_at);
            if read.is_none_or(|read| read.duration_since(last) < SETTLED) {
                unread.push(mailbox);
            }
        }
        Ok(unread)
    }

    /// The mailboxes whose mails are in a campaign's sample, each with the time of its last one.
    ///
    /// # Errors
    /// As [`Storage::scan`](jooper_storage::Storage::scan).
    pub async fn sample_senders(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<(MailboxId, Timestamp)>, StoreError> {
        let senders = self.storage.collect::<CounterRow>(ws, senders_of(campaign));
        let senders = senders.await?.into_iter().map(|row| row.record);
        let last = |row: CounterRow| Some((sender_of(&row)?, from_millis(row.count)));
        Ok(senders.filter_map(last).collect())
    }

    /// Lets the rest of a campaign go when its sample is out, its bounces are known and few. Where more
    /// people than a sample came when mails of it were out, another begins that is made of them, and those
    /// before them go.
    ///
    /// What the sample has room for may have been taken by mails of which nobody knows whether they
    /// went: the rest waits until as many were accepted.
    pub(super) async fn look_at_samples(
        &self,
        ws: WorkspaceId,
        settled: Vec<Settled>,
    ) -> Result<(), StoreError> {
        for Settled {
            campaign,
            version,
            is_read,
        } in settled
        {
            let seen = self.seen(ws, campaign).await?;
            let check = Check::Version(setting_key(campaign), version);
            let batch = Batch::new(ws).check(check);
            let forget = Self::forgotten(batch, campaign, &seen, |_| true);
            let forget = self.no_senders(ws, campaign, forget).await?;
            let Some(count) = self.sample(ws, campaign).await? else {
                self.try_commit(forget).await?;
                continue;
            };
            if !is_read || count.min(accepted(&seen)) < self.ceilings.sample() {
                continue;
            }
            let scope = BreakerScope::Campaign(campaign);
            let figures = Window::read(&*self.storage, ws, scope).await?.figures();
            if !matches!(figures.line(scope), Line::Clear | Line::Warned) {
                continue;
            }
            let batch = self.goes_on(ws, campaign, forget).await?;
            if self.try_commit(batch).await? {
                self.wake(ws, None).await?;
            }
        }
        Ok(())
    }

    /// Has a batch let the rest go behind a clean sample, or begin another for those who came behind it.
    /// Who comes meanwhile is counted, or has the commit conflict.
    async fn goes_on(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        batch: Batch,
    ) -> Result<Batch, StoreError> {
        let key = counter_key(behind_key(campaign));
        let known = self.storage.find::<CounterRow>(ws, key.values().to_vec());
        let (check, behind) = match known.await? {
            Some(row) => (Check::Version(key.clone(), row.version), row.record.count),
            None => (Check::Absent(key.clone()), 0),
        };
        let batch = batch.check(check);
        if behind <= self.ceilings.sample() {
            return Ok(Self::set(batch, campaign, SAMPLE_CLEARED));
        }
        let came = counter_key(came_key(campaign));
        let first = self.storage.find::<CounterRow>(ws, came.values().to_vec());
        let batch = match first.await? {
            Some(row) => batch.put(&since(campaign, row.record.count)),
            // Counted by an earlier version, which did not say when they came.
            None => batch.write(Write::Delete(counter_key(since_key(campaign)))),
        };
        let batch = batch.write(Write::Delete(key)).write(Write::Delete(came));
        Ok(Self::set(batch, campaign, 0))
    }

    /// Begins a campaign's sample anew: the mails that were accepted so far say nothing about its rest
    /// any more, and their places are free. Those of which nobody knows keep theirs.
    pub(super) async fn sample_anew(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let setting = setting_key(campaign);
            let row = self
                .storage
                .find::<SettingRow>(ws, setting.values().to_vec())
                .await?;
            let seen = self.seen(ws, campaign).await?;
            let counter = counter_key(sample_key(campaign));
            let count = self
                .storage
                .find::<CounterRow>(ws, counter.values().to_vec())
                .await?;
            // Whoever counts or looks meanwhile has changed one of the two.
            let check = match row {
                Some(row) => Check::Version(setting, row.version),
                None => Check::Absent(setting),
            };
            let runs = count
                .as_ref()
                .is_some_and(|row| row.record.count > SAMPLE_CLEARED / 2);
            // Of a sample that was let go nothing is waited for.
            let goes = |row: &CounterRow| !runs || row.count == ACCEPTED;
            let batch = Self::forgotten(Batch::new(ws).check(check), campaign, &seen, goes);
            let batch = Self::nobody_behind(batch, campaign);
            let mut batch = self.no_senders(ws, campaign, batch).await?;
            if let Some(Versioned { record, version }) = count {
                let stay = seen.iter().filter(|row| !goes(row)).count();
                let count = i64::try_from(stay).unwrap_or(i64::MAX);
                batch = batch.update(&CounterRow { count, ..record }, version);
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return other,
            }
        }
        Err(StoreError::Busy(None))
    }

    /// The places that are taken while a campaign's sample runs.
    async fn seen(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<CounterRow>, StoreError> {
        let rows = self.storage.collect::<CounterRow>(ws, places_of(campaign));
        Ok(rows.await?.into_iter().map(|row| row.record).collect())
    }

    fn forgotten(
        batch: Batch,
        campaign: CampaignId,
        seen: &[CounterRow],
        goes: impl Fn(&CounterRow) -> bool,
    ) -> Batch {
        let batch = batch.write(Write::Delete(setting_key(campaign)));
        let gone = seen.iter().filter(|row| goes(row));
        gone.fold(batch, |batch, row| batch.write(Write::Delete(row.key())))
    }

    /// Forgets who came behind a sample, and who came before it: the next is made of everybody.
    fn nobody_behind(batch: Batch, campaign: CampaignId) -> Batch {
        let keys = [
            behind_key(campaign),
            came_key(campaign),
            since_key(campaign),
        ];
        keys.into_iter().fold(batch, |batch, key| {
            batch.write(Write::Delete(counter_key(key)))
        })
    }

    /// Forgets which mailboxes a sample came from.
    async fn no_senders(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        batch: Batch,
    ) -> Result<Batch, StoreError> {
        let senders = self.storage.collect::<CounterRow>(ws, senders_of(campaign));
        let senders = senders.await?.into_iter();
        Ok(senders.fold(batch, |batch, row| {
            batch.write(Write::Delete(row.record.key()))
        }))
    }

    /// Whether nobody was quicker: whoever was has done it.
    async fn try_commit(&self, batch: Batch) -> Result<bool, StoreError> {
        match self.storage.commit(batch).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn set(batch: Batch, campaign: CampaignId, count: i64) -> Batch {
        let row = CounterRow {
            key: sample_key(campaign),
            count,
            expires_at: i64::MAX,
        };
        let set = vec![("count", ColumnOp::Set(Value::Int(count)))];
        batch.write(Write::Upsert(row.key(), row.to_values(), set))
    }

    /// How many first mails of a campaign are out while the rest waits for their result; `None`
    /// when it waits for nothing any more.
    ///
    /// # Errors
    /// As [`Storage::get`](jooper_storage::Storage::get).
    pub async fn sample(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Option<i64>, StoreError> {
        let count = self.counted(ws, sample_key(campaign)).await?;
        Ok((count > SAMPLE_CLEARED / 2).then_some(count))
    }

    async fn counted(&self, ws: WorkspaceId, key: Vec<u8>) -> Result<i64, StoreError> {
        let key = vec![Value::Bytes(key)];
        let counter = self.storage.find::<CounterRow>(ws, key).await?;
        Ok(counter.map_or(0, |row| row.record.count))
    }

    /// The most first mails that go before their result is known.
    pub const fn sample_size(&self) -> i64 {
        self.ceilings.sample()
    }

    /// Lets a campaign continue behind its sample because a user looked at it, at once, with everybody
    /// who is in it by now.
    ///
    /// # Errors
    /// As [`Storage::commit`](jooper_storage::Storage::commit).
    pub async fn clear_sample(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        by: UserId,
    ) -> Result<(), StoreError> {
        let seen = self.seen(ws, campaign).await?;
        let batch = Self::forgotten(Batch::new(ws), campaign, &seen, |_| true);
        let batch = self.no_senders(ws, campaign, batch).await?;
        let batch = Self::nobody_behind(batch, campaign);
        let batch = Self::set(batch, campaign, SAMPLE_CLEARED);
        let entry = crate::stop::sample_cleared(self.wall.now(), campaign, by);
        self.storage.commit(batch.append(entry)).await?;
        self.wake(ws, None).await
    }
}
