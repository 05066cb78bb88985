//! Whether the data is what it was when it was last used, or a copy that somebody put back.
//!
//! The data carries a mark that grows. Every new mark is written to the data first and to the
//! witness after it, so that however a process ends, and however many processes there are, the
//! witness never knows a higher mark than the data does. Data that knows a lower one is a copy
//! from before (law L13). Nor is the data ever more than one mark ahead: the next one waits until
//! the witness has the last, or a witness whose disk was full would look like one that was lost. A copy made by a store's own backup carries the mark 0 and needs no
//! witness to be recognized. A copy that was made by other means since the last mark looks like
//! data whose process was killed; whoever puts it back says so ([`put_back`]).

mod reseed;

use jiff::Timestamp;
use jooper_core::InstallationId;

use crate::tables::{INSTALLATION, InstallationRow};
use crate::{
    Batch, Column, Key, Record, Scope, Storage, StorageExt, StoreError, Value, Versioned, Witness,
    WitnessEntry, WitnessError, WitnessRecord,
};

/// How many records of the witness are read at once.
const PAGE: usize = 1_000;

/// Why data and witness could not be compared or marked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContinuityError {
    /// The data was written by another installation: its keys are elsewhere.
    #[error(
        "this data belongs to another installation than this key file; use the key file that was made with it"
    )]
    OtherInstallation,
    /// The witness failed. Nothing is sent without it.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What data and witness say about each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Which installation's data it is.
    pub installation: InstallationId,
    /// The epoch of the data; 0 when it was never started.
    pub epoch: u64,
    /// How much of the witness the data knows for certain; 0 when the witness is another one than
    /// the data has seen.
    pub position: u64,
    /// Whether the data knows more than the witness has: the witness was lost, or an older copy of
    /// it was put back. What stops and erasures it held is not known there any more. Noticed by the
    /// position that the data knew at its last start, by an epoch that is missing, and by marks; a
    /// copy that lacks one mark or none looks like the witness itself.
    pub witness_lost: bool,
    /// Whether the data is older than the witness knows it to be: somebody put a copy back.
    pub restored: bool,
    newest_epoch: u64,
    newest_mark: i64,
}

impl Standing {
    /// Compares the data with the witness behind what the data knows of it.
    ///
    /// # Errors
    /// [`ContinuityError::OtherInstallation`] when the keys of `installation` did not write this
    /// data; what store and witness say.
    pub async fn read(
        storage: &dyn Storage,
        witness: &dyn Witness,
        installation: InstallationId,
    ) -> Result<Self, ContinuityError> {
        let mut standing = Self {
            installation,
            epoch: 0,
            position: 0,
            witness_lost: false,
            restored: false,
            newest_epoch: 0,
            newest_mark: 0,
        };
        // The witness is read up to its end before the data: a process that marks meanwhile writes
        // the data first, so it can only make the data look newer.
        let known = row(storage).await?;
        if let Some(known) = &known {
            standing.position = unsigned(known.record.witness_position);
            if standing.position > witness.position().await? {
                // Its numbers are others than those the data counted: nothing of it is known.
                standing.position = 0;
                standing.witness_lost = true;
            }
        }
        let mut position = standing.position;
        loop {
            let records = witness.read(position, PAGE).await?;
            let Some(last) = records.last() else { break };
            position = last.position;
            standing.take_in(&records);
        }
        let Some(Versioned { record, .. }) = row(storage).await? else {
            // Data that was never started, beside a witness that has seen some.
            standing.restored = standing.newest_mark > 0;
            return Ok(standing);
        };
        if record.installation != installation.uuid() {
            return Err(ContinuityError::OtherInstallation);
        }
        standing.epoch = unsigned(record.epoch);
        standing.restored = record.mark == 0
            || record.mark < standing.newest_mark
            || standing.epoch < standing.newest_epoch;
        if standing.epoch > 0
            && !standing.witness_lost
            && !standing.is_known_to(witness, record.mark).await?
        {
            standing.position = 0;
            standing.witness_lost = true;
        }
        standing.newest_mark = standing.newest_mark.max(record.mark);
        Ok(standing)
    }

    /// Whether the witness is what the data was started beside: it names an epoch of the
    /// installation, which every start makes sure of, and lacks no mark but the one that a process
    /// may have left in the data alone. Read from its beginning until both are found, which is a
    /// page as a rule: what lies behind the known position is in `newest_mark` already.
    async fn is_known_to(&self, witness: &dyn Witness, mark: i64) -> Result<bool, ContinuityError> {
        let (mut begun, mut newest, mut position) = (false, self.newest_mark, 0);
        while !begun || mark > newest.saturating_add(1) {
            let records = witness.read(position, PAGE).await?;
            let Some(last) = records.last() else {
                return Ok(false);
            };
            position = last.position;
            for record in &records {
                match &record.entry {
                    WitnessEntry::Mark { mark } => newest = newest.max(*mark),
                    WitnessEntry::Epoch { installation, .. } => {
                        begun |= *installation == self.installation;
                    }
                    _ => {}
                }
            }
        }
        Ok(true)
    }

    fn take_in(&mut self, records: &[WitnessRecord]) {
        for record in records {
            match &record.entry {
                WitnessEntry::Mark { mark } => self.newest_mark = self.newest_mark.max(*mark),
                WitnessEntry::Epoch {
                    installation,
                    epoch,
                } if *installation == self.installation => {
                    self.newest_epoch = self.newest_epoch.max(*epoch);
                }
                _ => {}
            }
        }
    }

    /// The epoch that this start works in: a new one for data that was put back or never started.
    pub fn next_epoch(&self) -> u64 {
        if self.restored || self.epoch == 0 {
            self.epoch.max(self.newest_epoch) + 1
        } else {
            self.epoch
        }
    }

    /// Writes down that the data knows the witness up to `position` and works in
    /// [`Standing::next_epoch`] from now on. Call it last: until then the data counts as put back.
    ///
    /// # Errors
    /// What store and witness say; call [`Standing::read`] again then.
    pub async fn settle(
        &self,
        storage: &dyn Storage,
        witness: &dyn Witness,
        position: u64,
        at: Timestamp,
    ) -> Result<(), ContinuityError> {
        acknowledge(witness, self.newest_mark, at).await?;
        let epoch = self.next_epoch();
        let mark = self.newest_mark.saturating_add(1);
        let row = InstallationRow {
            id: 1,
            installation: self.installation.uuid(),
            epoch: signed(epoch),
            witness_position: signed(position),
            mark,
        };
        let values = row.to_values();
        let grown = |name| {
            let at = INSTALLATION.position(name).unwrap_or_default();
            let Value::Int(n) = values[at] else { return 0 };
            n
        };
        let mut ops = ["epoch", "mark"]
            .map(|name| (name, crate::ColumnOp::Max(grown(name))))
            .to_vec();
        // A lower number than another process writes only costs a longer replay.
        let known = crate::ColumnOp::Set(row.witness_position.to_value());
        ops.push(("witness_position", known));
        let write = crate::Write::Upsert(key(), values.clone(), ops);
        storage
            .commit(Batch::new(Scope::Platform).write(write))
            .await?;
        let mut entries = vec![WitnessEntry::Mark { mark }];
        // A witness without an epoch counts as lost.
        if epoch != self.epoch || self.witness_lost {
            let installation = self.installation;
            entries.push(WitnessEntry::Epoch {
                installation,
                epoch,
            });
        }
        witness.append(at, &entries).await?;
        Ok(())
    }
}

/// Raises the mark: first in the data, then in the witness. Call it every few minutes while
/// something is sent; a copy of the data from before is then known as one.
///
/// # Errors
/// What store and witness say; [`StoreError::Invalid`] before the first [`Standing::settle`].
pub async fn mark(
    storage: &dyn Storage,
    witness: &dyn Witness,
    at: Timestamp,
) -> Result<i64, ContinuityError> {
    let Some(found) = row(storage).await? else {
        return Err(StoreError::Invalid("data that was never started has no mark".into()).into());
    };
    acknowledge(witness, found.record.mark, at).await?;
    let mark = found.record.mark.saturating_add(1);
    // Two processes that mark at once give the same mark, which says the same thing.
    let grown = vec![("mark", crate::ColumnOp::Max(mark))];
    let write = crate::Write::Patch(key(), grown);
    storage
        .commit(Batch::new(Scope::Platform).write(write))
        .await?;
    witness.append(at, &[WitnessEntry::Mark { mark }]).await?;
    Ok(mark)
}

/// Makes sure that the witness has the mark of the data: its append may have failed.
async fn acknowledge(witness: &dyn Witness, mark: i64, at: Timestamp) -> Result<(), WitnessError> {
    let near = u64::try_from(PAGE).unwrap_or(u64::MAX);
    let last = witness.position().await?.saturating_sub(near);
    let records = witness.read(last, PAGE).await?;
    let has = |record: &WitnessRecord| match record.entry {
        WitnessEntry::Mark { mark: known } => known >= mark,
        _ => false,
    };
    // Said twice it says the same, where more was written since than is read here.
    if mark > 0 && !records.iter().any(has) {
        witness.append(at, &[WitnessEntry::Mark { mark }]).await?;
    }
    Ok(())
}

/// Says of data that it is a copy that somebody put back: its next start replays the whole witness,
/// begins a new epoch and reads every mailbox before it sends (law L13). For copies that were made
/// by other means than a store's own backup and put back before anything was started on them.
///
/// # Errors
/// What the store says.
pub async fn put_back(storage: &dyn Storage) -> Result<(), StoreError> {
    let nothing_known = vec![("mark", crate::ColumnOp::Set(0_i64.to_value()))];
    let write = crate::Write::Patch(key(), nothing_known);
    storage
        .commit(Batch::new(Scope::Platform).write(write))
        .await
}

fn key() -> Key {
    Key::new(&INSTALLATION, vec![1_i64.to_value()])
}

async fn row(storage: &dyn Storage) -> Result<Option<Versioned<InstallationRow>>, StoreError> {
    storage
        .find::<InstallationRow>(Scope::Platform, vec![1_i64.to_value()])
        .await
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

fn signed(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
