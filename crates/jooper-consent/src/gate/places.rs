//! Places in a campaign's first sample: one row for each mail that holds one.
//!
//! The counter that limits them is never more nor less than the rows: a place is taken, counted and
//! given back in one commit, by the mail that holds it. Rows of a sample that was let go are removed,
//! and a row that a mail in flight left behind counts for nothing.

use std::ops::Bound;

use jooper_core::{
    CampaignId, EnrollmentId, MailboxId, SendKey, StepIndex, WorkspaceId, to_millis,
};
use jooper_storage::tables::{COUNTER, CounterRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, Record, Scan, StorageExt, StoreError, Value, Versioned,
    Write,
};
use uuid::Uuid;

use super::acquire::Gate;
use crate::ceilings::{SAMPLE_CLEARED, SINCE, behind_key, came_key, sample_key, since_key};

const PREFIX: &[u8] = b"consent.sampled/";
/// What the keys of the mailboxes begin with that accepted mails of a sample came from.
const SENDERS: &[u8] = b"consent.sampled-by/";
/// Bytes of an id.
const ID: usize = 16;

/// What a row counts whose mail is out.
const OUT: i64 = 0;
/// What one counts whose mail was accepted.
pub(crate) const ACCEPTED: i64 = 1;

/// What the keys of a campaign's places begin with.
fn prefix(campaign: CampaignId) -> Vec<u8> {
    [PREFIX, campaign.uuid().as_bytes()].concat()
}

/// Where the place of a campaign's mail lies.
pub(crate) fn place_key(campaign: CampaignId, enrollment: EnrollmentId, step: StepIndex) -> Key {
    Key::new(&COUNTER, vec![bytes(campaign, enrollment, step).to_value()])
}

fn bytes(campaign: CampaignId, enrollment: EnrollmentId, step: StepIndex) -> Vec<u8> {
    let mut key = prefix(campaign);
    key.extend_from_slice(enrollment.uuid().as_bytes());
    key.extend_from_slice(&step.0.to_be_bytes());
    key
}

/// The place of a mail that is about to go out.
pub(super) fn taken(campaign: CampaignId, enrollment: EnrollmentId, step: StepIndex) -> CounterRow {
    CounterRow {
        key: bytes(campaign, enrollment, step),
        count: OUT,
        expires_at: i64::MAX,
    }
}

/// A counter that stays.
fn lasting(key: Vec<u8>, count: i64) -> CounterRow {
    CounterRow {
        key,
        count,
        expires_at: i64::MAX,
    }
}

/// Who a sample that begins anew is made of: whoever came from then on.
pub(crate) fn since(campaign: CampaignId, came: i64) -> CounterRow {
    lasting(since_key(campaign), came)
}

/// Whether a counter is such a time.
pub(super) fn is_since(row: &CounterRow) -> bool {
    row.key.starts_with(SINCE)
}

/// Whether a counter is a place.
pub(super) fn is_place(row: &CounterRow) -> bool {
    row.key.starts_with(PREFIX)
}

fn range(first: Vec<u8>) -> Scan {
    let last = [&first[..], &[u8::MAX; ID + 2][..]].concat();
    Scan::table(&COUNTER).range(
        Bound::Included(Value::Bytes(first)),
        Bound::Included(Value::Bytes(last)),
    )
}

/// Every place of a campaign.
pub(crate) fn places_of(campaign: CampaignId) -> Scan {
    range(prefix(campaign))
}

/// That a mailbox sent mails of a campaign's sample which were accepted, the last of them then.
pub(crate) fn sender(campaign: CampaignId, mailbox: MailboxId, last: i64) -> CounterRow {
    CounterRow {
        key: [
            SENDERS,
            campaign.uuid().as_bytes(),
            mailbox.uuid().as_bytes(),
        ]
        .concat(),
        count: last,
        expires_at: i64::MAX,
    }
}

/// Which mailbox such a row is of.
pub(crate) fn sender_of(row: &CounterRow) -> Option<MailboxId> {
    let id = row.key.last_chunk::<ID>()?;
    Some(MailboxId::from_uuid(Uuid::from_bytes(*id)))
}

/// Every mailbox whose mails are in a campaign's sample.
pub(crate) fn senders_of(campaign: CampaignId) -> Scan {
    range([SENDERS, campaign.uuid().as_bytes()].concat())
}

impl Gate {
    /// Has a batch give back the place in a campaign's first sample that a mail holds: one that
    /// certainly did not go, or whose fate nobody waits for any more. Another may then be sent and
    /// looked at in its place. A mail that holds none, or was accepted, gives nothing back.
    ///
    /// The commit conflicts where the place was given back, or the sample let go, since.
    ///
    /// # Errors
    /// As [`Storage::get`](jooper_storage::Storage::get).
    pub async fn give_place_back(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        key: SendKey,
        batch: Batch,
    ) -> Result<Batch, StoreError> {
        let SendKey::Step { enrollment, step } = key else {
            return Ok(batch);
        };
        let place = place_key(campaign, enrollment, step);
        let found = self
            .storage
            .find::<CounterRow>(ws, place.values().to_vec())
            .await?;
        let Some(Versioned { version, .. }) = found.filter(|row| row.record.count == OUT) else {
            return Ok(batch);
        };
        let counter = Key::new(&COUNTER, vec![sample_key(campaign).to_value()]);
        Ok(batch
            .check(Check::Version(place.clone(), version))
            .write(Write::Delete(place))
            .write(Write::Patch(counter, vec![("count", ColumnOp::Add(-1))])))
    }

    /// Has a batch that adds people to a campaign count those whom its first sample says nothing of: mails of
    /// it went before they came, or it was let go. Once they are more than a sample, however few came at
    /// once, one begins anew: right here where the last was let go, or with what comes of the one that still
    /// runs (`Breakers::follow`). It is made of them, and of whoever comes after them: those who were there
    /// before wait for nothing more.
    ///
    /// Whoever comes before the first mail of a sample went is in it, and counted nowhere.
    ///
    /// The commit conflicts where the sample was let go, or begun, since.
    ///
    /// # Errors
    /// As [`Storage::get`](jooper_storage::Storage::get).
    pub async fn people_added(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        people: usize,
        batch: Batch,
    ) -> Result<Batch, StoreError> {
        let people = i64::try_from(people).unwrap_or(i64::MAX);
        let find = |key: Vec<u8>| self.storage.find::<CounterRow>(ws, vec![key.to_value()]);
        let found = find(sample_key(campaign)).await?;
        let Some(Versioned { record, version }) = found.filter(|_| people > 0) else {
            return Ok(batch);
        };
        let let_go = record.count < SAMPLE_CLEARED / 2;
        if !let_go && record.count < 1 {
            return Ok(batch);
        }
        let now = to_millis(self.wall.now());
        let behind = lasting(behind_key(campaign), people);
        let came = lasting(came_key(campaign), now);
        let known = find(behind.key.clone()).await?.map(|row| row.record.count);
        let first = find(came.key.clone()).await?;
        let first = first.map(|row| row.record.count.min(now));
        // Counted by an earlier version, which did not say when they came: nobody is known to have been there
        // before them.
        let untold = known.is_some() && first.is_none();
        let known = known.unwrap_or(0);
        if !let_go || known.saturating_add(people) <= self.ceilings.sample() {
            let more = vec![("count", ColumnOp::Add(people))];
            let batch = batch
                .check(Check::Version(record.key(), version))
                .write(Write::Upsert(behind.key(), behind.to_values(), more));
            if untold {
                return Ok(batch);
            }
            let first = vec![("count", ColumnOp::Min(now))];
            return Ok(batch.write(Write::Upsert(came.key(), came.to_values(), first)));
        }
        let batch = batch
            .write(Write::Delete(behind.key()))
            .write(Write::Delete(came.key()));
        let batch = match untold {
            true => batch.write(Write::Delete(Key::new(
                &COUNTER,
                vec![since_key(campaign).to_value()],
            ))),
            false => batch.put(&since(campaign, first.unwrap_or(now))),
        };
        // Mails in flight may have left places behind.
        let left = self.storage.collect::<CounterRow>(ws, places_of(campaign));
        let left = left.await?.into_iter();
        let batch = left.fold(batch, |batch, row| {
            batch.write(Write::Delete(row.record.key()))
        });
        let begun = CounterRow { count: 0, ..record };
        Ok(batch.update(&begun, version))
    }

    /// The mails of an enrollment that hold places in its campaign's first sample.
    ///
    /// # Errors
    /// As [`Storage::scan`](jooper_storage::Storage::scan).
    pub async fn places(
        &self,
        ws: WorkspaceId,
        campaign: CampaignId,
        enrollment: EnrollmentId,
    ) -> Result<Vec<SendKey>, StoreError> {
        let first = [&prefix(campaign)[..], &enrollment.uuid().as_bytes()[..]].concat();
        let rows = self.storage.collect::<CounterRow>(ws, range(first)).await?;
        let step = |row: &CounterRow| row.key.last_chunk().copied().map(u16::from_be_bytes);
        let steps = rows.iter().filter_map(|row| step(&row.record));
        let keys = steps.map(|step| SendKey::Step {
            enrollment,
            step: StepIndex(step),
        });
        Ok(keys.collect())
    }
}
