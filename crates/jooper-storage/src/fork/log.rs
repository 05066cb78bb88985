//! The log of a fork: the one beneath, and what was appended here.

use std::collections::{BTreeSet, VecDeque};

use crate::{Batch, Key, LogCursor, LogEntry, LogPage, LogRecord, Value, tables};

#[derive(Debug, Default)]
pub(super) struct Log {
    /// The last place of the log beneath, once it was looked for.
    pub(super) base: Option<u64>,
    /// How many of the first records were forgotten.
    forgotten: u64,
    records: VecDeque<LogRecord>,
    known: BTreeSet<(i64, [u8; 16])>,
}

impl Log {
    /// The rollup rows that a batch's entries may change.
    pub(super) fn rollups(batch: &Batch) -> impl Iterator<Item = Key> + '_ {
        let rollups = batch.log.iter().flat_map(|entry| &entry.rollups);
        rollups.map(|delta| Key::new(&tables::ROLLUP, vec![Value::Bytes(delta.key.clone())]))
    }

    pub(super) fn is_new(&mut self, entry: &LogEntry) -> bool {
        let identity = (entry.at.as_millisecond(), *entry.id.as_bytes());
        self.known.insert(identity)
    }

    fn first(&self) -> u64 {
        self.base.unwrap_or(0) + self.forgotten
    }

    pub(super) fn append(&mut self, entry: LogEntry) {
        let seq = self.first() + self.records.len() as u64 + 1;
        self.records.push_back(LogRecord { seq, entry });
    }

    pub(super) fn forget(&mut self, until: u64) {
        while self
            .records
            .front()
            .is_some_and(|record| record.seq <= until)
        {
            self.records.pop_front();
            self.forgotten += 1;
        }
        if self.records.is_empty() {
            self.known.clear();
        }
    }

    pub(super) fn read(&self, cursor: LogCursor) -> LogPage {
        let skip = usize::try_from(cursor.after.saturating_sub(self.first())).unwrap_or(usize::MAX);
        let records = self.records.iter().skip(skip).take(cursor.limit);
        let records: Vec<_> = records.cloned().collect();
        let next = records.last().map_or(cursor.after, |record| record.seq);
        LogPage { records, next }
    }

    /// Takes a subject's payloads away.
    pub(super) fn erase(&mut self, subject: jooper_core::SubjectId) -> u64 {
        let of = |record: &&mut LogRecord| record.entry.subject == Some(subject);
        let payloads = self.records.iter_mut().filter(of);
        payloads
            .filter_map(|record| record.entry.payload.take())
            .count() as u64
    }
}
