//! The first mails of a campaign to 50 people, and the rest behind them.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::SignedDuration;
use jooper_core::{CampaignId, EnrollmentId, SendKey, UserId, WorkspaceId, from_millis, to_millis};
use jooper_storage::tables::{COUNTER, CounterRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, LogEntry, Record, Scan, Scope, StorageExt, StoreError,
    Value, Versioned, Write,
};
use uuid::Uuid;

use super::figures::{BreakerScope, Line};
use super::follow::{ATTEMPTS, Breakers};
use super::window::Window;
use crate::ceilings::{SAMPLE_CLEARED, sample_key, sampled_prefix};
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

/// What a stretch of the log tells of a campaign's mails, by enrollment. Follow-ups are let out without
/// a place in the sample, so that their being accepted says nothing about it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sampled(BTreeMap<EnrollmentId, Seen>);

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Whether a mail was let out that takes a place.
    out: bool,
    /// When one was accepted.
    accepted: Option<i64>,
}

impl Sampled {
    pub(super) fn take(&mut self, entry: &LogEntry) {
        match entry.payload.as_deref().and_then(Note::from_payload) {
            Some(Note::Permit(note)) if note.sampled => {
                if let Some(enrollment) = note.enrollment {
                    self.0.entry(enrollment).or_default().out = true;
                }
            }
            Some(Note::Send {
                send_key: SendKey::Step { enrollment, .. },
            }) => {
                let seen = self.0.entry(enrollment).or_default();
                seen.accepted = seen.accepted.max(Some(to_millis(entry.at)));
            }
            _ => {}
        }
    }
}

/// What the row of a mail counts that is out, and of one that was accepted.
const OUT: i64 = 0;
const ACCEPTED: i64 = 1;

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
    /// Remembers which first mails of each campaign are out, which of them were accepted, and when the
    /// last was, while the campaign's rest waits for it.
    pub(super) async fn note_samples(
        &self,
        ws: WorkspaceId,
        mut batch: Batch,
        samples: BTreeMap<CampaignId, Sampled>,
    ) -> Result<Batch, StoreError> {
        for (campaign, Sampled(seen)) in samples {
            if seen.is_empty() || self.sample(ws, campaign).await?.is_none() {
                continue;
            }
            let prefix = sampled_prefix(campaign);
            let row = |enrollment: &EnrollmentId, count| CounterRow {
                key: [&prefix[..], &enrollment.uuid().as_bytes()[..]].concat(),
                count,
                expires_at: i64::MAX,
            };
            let keys: Vec<_> = seen.keys().map(|id| row(id, OUT).key()).collect();
            let known = self.storage.get(Scope::Workspace(ws), &keys).await?;
            let (mut news, mut last) = (false, 0);
            for ((enrollment, seen), known) in seen.iter().zip(known) {
                let known = known.map(|row| CounterRow::from_values(row.values));
                let known = known.transpose()?.map(|row| row.count);
                let accepted = match (known, seen.accepted) {
                    // A mail of before the sample, or one that is known already.
                    (None, _) if !seen.out => continue,
                    (Some(ACCEPTED), _) | (Some(_), None) => continue,
                    (_, accepted) => accepted,
                };
                let count = if accepted.is_some() { ACCEPTED } else { OUT };
                batch = batch.put(&row(enrollment, count));
                news = true;
                last = last.max(accepted.unwrap_or(0));
            }
            if !news {
                continue;
            }
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

    /// Lets the rest of a campaign go when its sample is out, its bounces are known and few.
    ///
    /// What the sample has room for may have been taken by mails of which nobody knows whether they
    /// went: the rest waits until as many were accepted.
    pub(super) async fn look_at_samples(&self, ws: WorkspaceId) -> Result<(), StoreError> {
        let range = Scan::table(&SETTING).range(
            Bound::Included(Value::Text(PREFIX.to_owned())),
            Bound::Excluded(Value::Text(BEHIND.to_owned())),
        );
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
            let seen = self.seen(ws, campaign).await?;
            let check = Check::Version(setting_key(campaign), row.version);
            let batch = Batch::new(ws).check(check);
            let forget = Self::forgotten(batch, campaign, &seen, |_| true);
            let Some(count) = self.sample(ws, campaign).await? else {
                self.try_commit(forget).await?;
                continue;
            };
            if count.min(accepted(&seen)) < self.ceilings.sample() {
                continue;
            }
            let scope = BreakerScope::Campaign(campaign);
            let figures = Window::read(&*self.storage, ws, scope).await?.figures();
            if !matches!(figures.line(scope), Line::Clear | Line::Warned) {
                continue;
            }
            self.try_commit(Self::cleared(forget, campaign)).await?;
        }
        Ok(())
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
            let goes = |row: &CounterRow| row.count == ACCEPTED;
            let mut batch = Self::forgotten(Batch::new(ws).check(check), campaign, &seen, goes);
            if let Some(Versioned { record, version }) = count {
                let runs = record.count > SAMPLE_CLEARED / 2;
                let count = if runs {
                    record.count.saturating_sub(accepted(&seen)).max(0)
                } else {
                    0
                };
                batch = batch.update(&CounterRow { count, ..record }, version);
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return other,
            }
        }
        Err(StoreError::Busy(None))
    }

    /// The first mails that are known of while a campaign's sample runs.
    async fn seen(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
    ) -> Result<Vec<CounterRow>, StoreError> {
        let prefix = sampled_prefix(campaign);
        let last = [&prefix[..], &[u8::MAX; 16][..]].concat();
        let range = Scan::table(&COUNTER).range(
            Bound::Included(Value::Bytes(prefix)),
            Bound::Included(Value::Bytes(last)),
        );
        let rows = self.storage.collect::<CounterRow>(ws, range).await?;
        Ok(rows.into_iter().map(|row| row.record).collect())
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

    /// Whoever was first has done it.
    async fn try_commit(&self, batch: Batch) -> Result<(), StoreError> {
        match self.storage.commit(batch).await {
            Err(StoreError::Conflict { .. }) => Ok(()),
            other => other,
        }
    }

    fn cleared(batch: Batch, campaign: CampaignId) -> Batch {
        let key = counter_key(sample_key(campaign));
        let set = ColumnOp::Set(Value::Int(SAMPLE_CLEARED));
        let row = CounterRow {
            key: sample_key(campaign),
            count: SAMPLE_CLEARED,
            expires_at: i64::MAX,
        };
        batch.write(Write::Upsert(key, row.to_values(), vec![("count", set)]))
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

    /// Lets a campaign continue behind its sample because a user looked at it, at once.
    ///
    /// # Errors
    /// As [`Storage::commit`](jooper_storage::Storage::commit).
    pub async fn clear_sample(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        by: UserId,
    ) -> Result<(), StoreError> {
        let batch = Self::cleared(Batch::new(ws), campaign);
        let entry = crate::stop::sample_cleared(self.wall.now(), campaign, by);
        self.storage.commit(batch.append(entry)).await?;
        self.wake(ws, None).await
    }
}
