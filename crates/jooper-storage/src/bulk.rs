//! Work that is split into bulk batches that fit.

use crate::batch::{Batch, Write};
use crate::log::LogEntry;
use crate::table::TableDef;
use crate::tables::ROLLUP;

/// The places where a fact is entered: the log itself, its identity, its order, its subject.
const FACT: usize = 4;

impl TableDef {
    /// How many places a row is entered in: the table, its key and each of its indexes. That is
    /// what [`Batch::MAX_BULK`] counts.
    pub fn entries(&self) -> usize {
        let mut orders = self.indexes.iter().map(|index| index.columns[0]);
        let subject = self
            .subject
            .is_some_and(|column| self.columns[0].name != column && orders.all(|it| it != column));
        2 + self.indexes.len() + usize::from(self.claim.is_some()) + usize::from(subject)
    }
}

impl Write {
    fn entries(&self) -> usize {
        self.key().table().entries()
    }
}

impl LogEntry {
    fn entries(&self) -> usize {
        FACT + self.rollups.len() * ROLLUP.entries()
    }
}

impl Batch {
    /// The most entries of a bulk batch: each write counts as [`TableDef::entries`] says, each fact
    /// as four and what its rollups count. What cannot be interrupted must be short, and indexes
    /// are what takes its time: a larger batch is refused, so split it. [`BulkBatches`] does.
    pub const MAX_BULK: usize = 1_800;

    /// The most bytes of cells, payloads and rollup keys in a bulk batch, unless it is one write or
    /// fact alone.
    pub const MAX_BULK_BYTES: usize = 4 << 20;

    /// How many entries there are, and how many bytes they carry: what [`Batch::MAX_BULK`] and
    /// [`Batch::MAX_BULK_BYTES`] bound.
    pub fn size(&self) -> (usize, usize) {
        let writes = self.writes.iter().map(|it| (it.entries(), it.bytes()));
        let facts = self.log.iter().map(|it| (it.entries(), it.bytes()));
        let add = |(entries, bytes), (more, wide)| (entries + more, bytes + wide);
        writes.chain(facts).fold((0, 0), add)
    }

    /// How many rows that are written to each of these tables fit into one bulk batch.
    pub fn most_rows(tables: &[&TableDef]) -> usize {
        let each: usize = tables.iter().map(|table| table.entries()).sum();
        Self::MAX_BULK / each.max(1)
    }

    pub(crate) fn fits(&self, (entries, bytes): (usize, usize)) -> bool {
        let alone = self.writes.len() + self.log.len() <= 1;
        entries <= Self::MAX_BULK && (alone || bytes <= Self::MAX_BULK_BYTES)
    }
}

/// Gathers parts that stand each for itself into [bulk](Batch::bulk) batches that fit.
///
/// ```
/// use jooper_core::{Bucket, WorkspaceId};
/// use jooper_storage::{Batch, BulkBatches, tables::CounterRow};
///
/// # let workspace = WorkspaceId::from_uuid(uuid::Uuid::from_u128(7));
/// let mut bulk = BulkBatches::new(Batch::new(workspace));
/// let mut commits = Vec::new();
/// for n in 0..2_000_u32 {
///     let row = CounterRow { key: n.to_be_bytes().to_vec(), count: 1, expires_at: 1 };
///     commits.extend(bulk.add(Batch::new(workspace).put(&row)));
/// }
/// commits.extend(bulk.finish());
/// assert!(commits.len() > 1);
/// assert!(commits.iter().all(|batch| batch.validate().is_ok()));
/// ```
#[derive(Debug)]
pub struct BulkBatches {
    start: Batch,
    batch: Batch,
    size: (usize, usize),
}

impl BulkBatches {
    /// Each batch begins as this one: with its scope and its checks.
    pub fn new(start: Batch) -> Self {
        let start = start.bulk();
        Self {
            size: start.size(),
            batch: start.clone(),
            start,
        }
    }

    /// Adds a part, whose changes stay together. A batch that comes back is full: commit it before
    /// whatever comes back later. A part that no bulk batch holds comes back as a batch of its own
    /// that is none, and others wait for it.
    #[must_use = "a batch that comes back must be committed"]
    pub fn add(&mut self, part: Batch) -> Option<Batch> {
        let (entries, bytes) = part.size();
        let size = (self.size.0 + entries, self.size.1 + bytes);
        let full = size.0 > Batch::MAX_BULK || size.1 > Batch::MAX_BULK_BYTES;
        let full = (full && !self.is_empty()).then(|| self.next());
        self.size = (self.size.0 + entries, self.size.1 + bytes);
        self.batch.checks.extend(part.checks);
        self.batch.writes.extend(part.writes);
        self.batch.log.extend(part.log);
        full
    }

    /// What is left, unless nothing is.
    #[must_use = "a batch that comes back must be committed"]
    pub fn finish(self) -> Option<Batch> {
        (!self.is_empty()).then(|| sized(self.batch))
    }

    fn is_empty(&self) -> bool {
        let (start, batch) = (&self.start, &self.batch);
        (batch.writes.len(), batch.log.len()) == (start.writes.len(), start.log.len())
    }

    fn next(&mut self) -> Batch {
        self.size = self.start.size();
        sized(std::mem::replace(&mut self.batch, self.start.clone()))
    }
}

fn sized(mut batch: Batch) -> Batch {
    batch.bulk = batch.fits(batch.size());
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{COUNTER, NAME, SEND, WORKSPACE_KEY};
    use crate::{Key, Value};
    use jooper_core::WorkspaceId;
    use uuid::Uuid;

    fn workspace() -> WorkspaceId {
        WorkspaceId::from_uuid(Uuid::from_u128(7))
    }

    fn name(n: u128, bytes: usize) -> Batch {
        let key = Value::Id(Uuid::from_u128(n));
        let values = vec![
            key.clone(),
            Value::Int(1),
            Value::Bytes(vec![1]),
            Value::Bytes(vec![7; bytes]),
        ];
        Batch::new(workspace()).write(Write::Put(Key::new(&NAME, vec![key]), values))
    }

    #[test]
    fn a_row_weighs_what_its_indexes_do() {
        assert_eq!(WORKSPACE_KEY.entries(), 2, "the row and its key");
        assert_eq!(COUNTER.entries(), 3, "and one index");
        assert_eq!(SEND.entries(), 7, "four indexes and that of its subject");
        assert_eq!(Batch::most_rows(&[&SEND]), Batch::MAX_BULK / 7);
    }

    #[test]
    fn parts_are_gathered_into_batches_that_fit_and_none_is_lost() {
        let most = Batch::most_rows(&[&NAME]);
        for parts in [0, 1, most - 1, most, most + 1, 3 * most + 1] {
            let mut bulk = BulkBatches::new(Batch::new(workspace()));
            let mut batches = Vec::new();
            for n in 0..parts {
                batches.extend(bulk.add(name(n as u128, 1)));
            }
            batches.extend(bulk.finish());
            assert_eq!(batches.len(), parts.div_ceil(most), "{parts}");
            let written: usize = batches.iter().map(|batch| batch.writes.len()).sum();
            assert_eq!(written, parts);
            for batch in &batches {
                assert!(batch.bulk);
                batch.validate().unwrap();
            }
        }
    }

    #[test]
    fn wide_parts_are_kept_apart_and_every_batch_has_the_checks() {
        let lane = jooper_core::MailboxId::from_uuid(Uuid::from_u128(3));
        let mut bulk = BulkBatches::new(Batch::new(workspace()).fenced(lane, 1));
        let wide = Batch::MAX_BULK_BYTES / 2 + 1;
        let first = bulk.add(name(1, wide));
        assert!(first.is_none());
        let first = bulk.add(name(2, wide)).unwrap();
        // One alone may be wider.
        let second = bulk.add(name(3, 2 * wide)).unwrap();
        let third = bulk.finish().unwrap();
        for batch in [first, second, third] {
            batch.validate().unwrap();
            assert!(batch.bulk);
            assert_eq!((batch.checks.len(), batch.writes.len()), (1, 1));
        }
    }

    #[test]
    fn a_part_that_no_bulk_batch_holds_goes_alone_and_is_none() {
        let most = Batch::most_rows(&[&NAME]);
        let mut bulk = BulkBatches::new(Batch::new(workspace()));
        assert!(bulk.add(name(0, 1)).is_none());
        let mut large = Batch::new(workspace());
        for n in 1..=most + 1 {
            large.writes.extend(name(n as u128, 1).writes);
        }
        let first = bulk.add(large).unwrap();
        assert_eq!((first.bulk, first.writes.len()), (true, 1));
        let second = bulk.add(name(most as u128 + 2, 1)).unwrap();
        assert_eq!((second.bulk, second.writes.len()), (false, most + 1));
        second.validate().unwrap();
        assert!(bulk.finish().unwrap().bulk);
    }
}
