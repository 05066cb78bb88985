//! The first 50 mails of a campaign, and the rest behind them.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{CampaignId, UserId, WorkspaceId, from_millis, to_millis};
use jooper_storage::tables::{COUNTER, CounterRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, Record, Scan, StorageExt, StoreError, Value, Write,
};
use uuid::Uuid;

use super::figures::{BreakerScope, Line};
use super::follow::Breakers;
use super::window::Window;
use crate::ceilings::{SAMPLE_CLEARED, sample_key, sampled_key};

const PREFIX: &str = "consent.sample.";
/// The text behind every name that begins with the prefix.
const BEHIND: &str = "consent.sample/";

/// How long after the sample's last mail its bounces are taken to be known: reports of addresses
/// that do not exist come within minutes.
const SETTLED: SignedDuration = SignedDuration::from_hours(1);

fn name(campaign: CampaignId) -> String {
    format!("{PREFIX}{}", campaign.uuid().simple())
}

/// The mails of a campaign that a stretch of the log tells of.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Accepted {
    /// How many.
    count: i64,
    /// When the last was.
    last: i64,
}

impl Accepted {
    pub(super) fn mail(&mut self, at: Timestamp) {
        self.count += 1;
        self.last = self.last.max(to_millis(at));
    }
}

fn counter_key(key: Vec<u8>) -> Key {
    Key::new(&COUNTER, vec![key.to_value()])
}

impl Breakers {
    /// Remembers how many mails of each campaign were accepted, and when the last was.
    pub(super) fn note_samples(
        mut batch: Batch,
        samples: &BTreeMap<CampaignId, Accepted>,
    ) -> Batch {
        for (campaign, Accepted { count, last }) in samples {
            let row = SettingRow {
                name: name(*campaign),
                number: *last,
                value: None,
            };
            let later = vec![("number", ColumnOp::Max(*last))];
            batch = batch.write(Write::Upsert(row.key(), row.to_values(), later));
            let row = CounterRow {
                key: sampled_key(*campaign),
                count: *count,
                expires_at: i64::MAX,
            };
            let more = vec![("count", ColumnOp::Add(*count))];
            batch = batch.write(Write::Upsert(row.key(), row.to_values(), more));
        }
        batch
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
            let count = self.counted(ws, sample_key(campaign)).await?;
            let last = from_millis(row.record.number);
            if self.wall.now().duration_since(last) < SETTLED {
                continue;
            }
            let key = Key::new(&SETTING, vec![row.record.name.to_value()]);
            let forget = Batch::new(ws)
                .check(Check::Version(key.clone(), row.version))
                .write(Write::Delete(key))
                .write(Write::Delete(counter_key(sampled_key(campaign))));
            if count <= SAMPLE_CLEARED / 2 {
                self.try_commit(forget).await?;
                continue;
            }
            let accepted = self.counted(ws, sampled_key(campaign)).await?;
            if count.min(accepted) < self.ceilings.sample() {
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
