//! What a deletion remembers of the mails that a person had, and for how long.
//!
//! It lies with the fence row of each address. Beside it lies a counter that ends when the first of it
//! is of no more use; whoever sweeps counters then takes that away (GDPR Art. 5(1)(e)).

use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{KeyedIndex, StopReason, WorkspaceId, to_millis};
use jooper_storage::tables::{
    CONTACT_FENCE, COUNTER, ContactFenceRow, CounterRow, EarlierMails, SettingRow, SuppressionRow,
};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, Record, Scan, Storage, StorageExt, StoreError, Value,
    Versioned, Write,
};

use crate::ceilings::Ceilings;
use crate::gate::rows::{fence_key, suppression_key};

const PREFIX: &[u8] = b"consent.memory/";
/// Whether every memory of a workspace has its counter: those of older versions have none.
const SETTING_TIMED: &str = "consent.memory";
const PAGE: usize = 200;

/// The counter of what is remembered under an address.
fn timer(contact: KeyedIndex, ends_at: i64) -> CounterRow {
    CounterRow {
        key: [PREFIX, &contact.as_bytes()[..]].concat(),
        count: 0,
        expires_at: ends_at,
    }
}

/// Under which address a counter says that something is remembered.
fn contact_of(counter: &CounterRow) -> Option<KeyedIndex> {
    let index = counter.key.strip_prefix(PREFIX)?;
    Some(KeyedIndex::from_bytes(index.try_into().ok()?))
}

/// When the first of it is of no more use, Unix milliseconds.
fn first_end(earlier: &[EarlierMails], span: SignedDuration) -> Option<i64> {
    let ends = earlier.iter().map(|mails| ends_at(mails, span));
    ends.min().map(to_millis)
}

fn ends_at(mails: &EarlierMails, span: SignedDuration) -> Timestamp {
    let end = mails.last_at.saturating_add(span);
    end.unwrap_or(Timestamp::MAX)
}

fn timed(batch: Batch, row: &CounterRow) -> Batch {
    let ends = ("expires_at", ColumnOp::Set(row.expires_at.to_value()));
    batch.write(Write::Upsert(row.key(), row.to_values(), vec![ends]))
}

/// What is remembered under an address, and whether its person is on the list, as it was read.
#[derive(Debug)]
pub struct MailMemory {
    contact: KeyedIndex,
    listed: Option<Versioned<SuppressionRow>>,
    known: Option<Versioned<ContactFenceRow>>,
}

impl MailMemory {
    /// Reads it. Read it before what is to be remembered: a mail that is let out meanwhile has the
    /// commit conflict.
    ///
    /// # Errors
    /// As [`Storage::get`].
    pub async fn read(
        storage: &dyn Storage,
        ws: WorkspaceId,
        contact: KeyedIndex,
    ) -> Result<Self, StoreError> {
        let of = || vec![contact.to_value()];
        Ok(Self {
            contact,
            listed: storage.find(ws, of()).await?,
            known: storage.find(ws, of()).await?,
        })
    }

    /// Has a batch remember which mails the person had, as their lead is deleted, for as long as mails
    /// of one campaign count before those of another ([`Ceilings::span`]). The commit conflicts where
    /// any of it changed meanwhile.
    ///
    /// Nothing is remembered, and nothing kept that was, of somebody who was erased, objected or wants
    /// no more mail: they are on the list, and nobody but themselves takes them off it.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn remember(&self, mails: &[EarlierMails], batch: Batch) -> Result<Batch, StoreError> {
        let contact = self.contact;
        let listed = self.listed.as_ref();
        let known = self.known.as_ref();
        let batch = batch
            .check(unchanged(suppression_key(contact), listed))
            .check(unchanged(fence_key(contact), known));
        let is_theirs = |row: &Versioned<SuppressionRow>| {
            let mut reasons = [row.record.reason].into_iter().chain(row.record.beside);
            reasons.any(wants_no_memory)
        };
        if listed.is_some_and(is_theirs) {
            return Ok(forget_mails(batch, contact));
        }
        let none = ContactFenceRow::of(contact);
        let next = known.map_or(&none, |row| &row.record).remembering(mails)?;
        let Some(end) = first_end(&next.earlier_mails()?, Ceilings::SPAN) else {
            return Ok(batch);
        };
        let kept = ("earlier", ColumnOp::Set(next.earlier.to_value()));
        let write = Write::Upsert(fence_key(contact), next.to_values(), vec![kept]);
        Ok(timed(batch.write(write), &timer(contact, end)))
    }
}

/// Has a batch forget which mails the person behind an address had.
pub fn forget_mails(batch: Batch, contact: KeyedIndex) -> Batch {
    let nothing = vec![("earlier", ColumnOp::Set(Value::Null))];
    batch
        .write(Write::Patch(fence_key(contact), nothing))
        .write(Write::Delete(timer(contact, 0).key()))
}

/// Whether somebody who is on the list for this reason wants that nothing is remembered of their mails.
const fn wants_no_memory(reason: StopReason) -> bool {
    matches!(
        reason,
        StopReason::Erased | StopReason::Objected | StopReason::Unsubscribed
    )
}

fn unchanged<R>(key: Key, row: Option<&Versioned<R>>) -> Check {
    match row {
        Some(row) => Check::Version(key, row.version),
        None => Check::Absent(key),
    }
}

/// Forgets what ended, where a counter that has ended says that something did. Returns whether the
/// counter was such a one; where somebody wrote meanwhile it stays, and is looked at again.
pub(crate) async fn sweep(
    storage: &dyn Storage,
    ws: WorkspaceId,
    counter: &CounterRow,
    span: SignedDuration,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let Some(contact) = contact_of(counter) else {
        return Ok(None);
    };
    let found = storage.find::<ContactFenceRow>(ws, vec![contact.to_value()]);
    let Some(Versioned { record, version }) = found.await? else {
        let batch = Batch::new(ws).write(Write::Delete(counter.key()));
        storage.commit(batch).await?;
        return Ok(Some(true));
    };
    let mut left = record.earlier_mails()?;
    left.retain(|mails| ends_at(mails, span) > now);
    let batch = Batch::new(ws).check(Check::Version(fence_key(contact), version));
    let batch = match first_end(&left, span) {
        None => forget_mails(batch, contact),
        Some(end) => {
            let next = ContactFenceRow::of(contact).remembering(&left)?;
            let kept = ("earlier", ColumnOp::Set(next.earlier.to_value()));
            let batch = batch.write(Write::Patch(fence_key(contact), vec![kept]));
            timed(batch, &timer(contact, end))
        }
    };
    match storage.commit(batch).await {
        Err(error) if error.is_conflict() => Ok(Some(false)),
        other => other.map(|()| Some(true)),
    }
}

/// Has mails that are remembered under a later time count as of now: a clock was ahead when they went, and
/// whoever had them could not be written to before that time. Looks at some of those who are remembered,
/// and returns behind whom to go on; `None`: that was all.
///
/// # Errors
/// As [`Storage::scan`] and [`Storage::commit`].
pub async fn remember_as_of_now(
    storage: &dyn Storage,
    ws: WorkspaceId,
    now: Timestamp,
    after: Option<Vec<Value>>,
) -> Result<Option<Vec<Value>>, StoreError> {
    let first = Bound::Included(Value::Bytes(PREFIX.to_vec()));
    let last = Bound::Included(Value::Bytes([PREFIX, &[0xff; 33]].concat()));
    let timers = Scan::table(&COUNTER).range(first, last);
    let timers = timers.after(after).limit(PAGE);
    let page = storage.page::<CounterRow>(ws, timers).await?;
    for found in &page.records {
        let Some(contact) = contact_of(&found.record) else {
            continue;
        };
        while !as_of_now(storage, ws, contact, now).await? {}
    }
    Ok(page.next)
}

/// Whether it is done; else somebody wrote meanwhile.
async fn as_of_now(
    storage: &dyn Storage,
    ws: WorkspaceId,
    contact: KeyedIndex,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = storage.find::<ContactFenceRow>(ws, vec![contact.to_value()]);
    let Some(Versioned { record, version }) = found.await? else {
        return Ok(true);
    };
    // What does not read keeps nobody else's.
    let Ok(mut mails) = record.earlier_mails() else {
        return Ok(true);
    };
    if mails.iter().all(|mails| mails.last_at <= now) {
        return Ok(true);
    }
    for one in &mut mails {
        one.last_at = one.last_at.min(now);
    }
    let next = ContactFenceRow::of(contact).remembering(&mails)?;
    let kept = ("earlier", ColumnOp::Set(next.earlier.to_value()));
    let batch = Batch::new(ws)
        .check(Check::Version(fence_key(contact), version))
        .write(Write::Patch(fence_key(contact), vec![kept]));
    let batch = match first_end(&mails, Ceilings::SPAN) {
        Some(end) => timed(batch, &timer(contact, end)),
        None => batch,
    };
    match storage.commit(batch).await {
        Err(error) if error.is_conflict() => Ok(false),
        other => other.map(|()| true),
    }
}

/// Gives what older versions remembered a counter, once for each workspace.
pub(crate) async fn time_older(storage: &dyn Storage, ws: WorkspaceId) -> Result<(), StoreError> {
    let name = vec![Value::Text(SETTING_TIMED.to_owned())];
    let done = storage.find::<SettingRow>(ws, name).await?;
    if done.is_some() {
        return Ok(());
    }
    let mut scan = Scan::table(&CONTACT_FENCE).limit(PAGE);
    loop {
        let page = storage.page::<ContactFenceRow>(ws, scan.clone()).await?;
        let mut batch = Batch::new(ws).bulk();
        for Versioned { record, .. } in page.records {
            // What does not read keeps nobody else's from being timed.
            let Ok(known) = record.earlier_mails() else {
                continue;
            };
            if let Some(end) = first_end(&known, Ceilings::SPAN) {
                batch = timed(batch, &timer(record.contact_index, end));
            }
        }
        if !batch.writes.is_empty() {
            storage.commit(batch).await?;
        }
        let Some(next) = page.next else { break };
        scan.after = Some(next);
    }
    let row = SettingRow {
        name: SETTING_TIMED.to_owned(),
        number: 1,
        value: None,
    };
    storage.commit(Batch::new(ws).put(&row)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_knows_its_address_and_no_other_counter_does() {
        let contact = KeyedIndex::from_bytes([7; 32]);
        let row = timer(contact, 5);
        assert_eq!(contact_of(&row), Some(contact));
        let other = CounterRow {
            key: b"consent.sample.0123456789abcdef".to_vec(),
            ..row
        };
        assert_eq!(contact_of(&other), None);
    }
}
