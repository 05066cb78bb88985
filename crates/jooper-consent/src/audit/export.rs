//! Out of the store, into lines; and the same lines straight into a checker.

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead, Write};
use std::ops::Bound;
use std::sync::Arc;

use jooper_core::WorkspaceId;
use jooper_storage::tables::{AUDIT_HEAD, AUDIT_LEAF, AuditHeadRow, AuditLeafRow, SettingRow};
use jooper_storage::{LogCursor, LogRecord, Scan, Storage, StorageExt, StoreError, Value};
use uuid::Uuid;

use super::chain;
use super::checker::{AuditReport, Checker, is_of_an_erasure};
use super::key::AuditKey;
use super::line::{HeadLine, LeafLine, Line, RecordLine, StartLine, hex};
use super::writer::{AuditWriter, SIZE};

/// Why a chain could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The file failed.
    #[error("the export could not be read or written")]
    Io(#[from] std::io::Error),
    /// A line is none of an export.
    #[error("line {line} is not a line of an export")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// The store's chain is shorter or longer than it says, or a link is no link.
    #[error("the chain in the store is damaged at {0}")]
    Damaged(u64),
}

/// Reads a workspace's chain, page by page.
#[derive(Debug, Clone)]
pub struct Exporter {
    storage: Arc<dyn Storage>,
    key: Arc<AuditKey>,
    writer: Option<AuditWriter>,
}

impl Exporter {
    /// An exporter with the key that made the salts.
    pub fn new(storage: Arc<dyn Storage>, key: Arc<AuditKey>) -> Self {
        Self {
            storage,
            key,
            writer: None,
        }
    }

    /// Has this writer chain what says that somebody was erased, where that happens while the chain is read:
    /// their payloads are gone by then, and without that entry they would be missed. It follows behind what
    /// was read before, as one line [`Line::More`] says. Without a writer that is left to whoever else
    /// chains the log.
    #[must_use]
    pub fn sealed_by(mut self, writer: AuditWriter) -> Self {
        self.writer = Some(writer);
        self
    }

    /// Writes the whole chain, one line of JSON for each leaf and head.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn write<W: Write + Send>(
        &self,
        ws: WorkspaceId,
        out: &mut W,
    ) -> Result<(), AuditError> {
        self.each(ws, |line| {
            serde_json::to_writer(&mut *out, &line).map_err(std::io::Error::from)?;
            Ok(out.write_all(b"\n")?)
        })
        .await
    }

    /// Checks the chain where it lies.
    ///
    /// # Errors
    /// [`AuditError`] when it cannot be read; what is wrong with it is in the report.
    pub async fn check(&self, ws: WorkspaceId) -> Result<AuditReport, AuditError> {
        let mut checker = Checker::new([self.key.public()]);
        self.each(ws, |line| {
            checker.take(&line);
            Ok(())
        })
        .await?;
        Ok(checker.finish())
    }

    /// Hands each line to `take`, in order.
    async fn each(
        &self,
        ws: WorkspaceId,
        mut take: impl FnMut(Line) -> Result<(), AuditError> + Send,
    ) -> Result<(), AuditError> {
        let start = |leaves| StartLine {
            workspace: ws,
            leaves,
        };
        let mut part = Part {
            to: self.size(ws).await?,
            ..Part::default()
        };
        take(Line::Start(start(part.to)))?;
        loop {
            self.leaves(ws, &mut part, &mut take).await?;
            // Whoever erases says so first. Where it is not said up to here it stands further down, or nowhere.
            let missing = std::mem::take(&mut part.missing);
            if missing.is_subset(&part.erased) {
                return Ok(());
            }
            if let Some(writer) = &self.writer {
                writer.seal(ws).await?;
            }
            part.from = part.to;
            part.to = self.size(ws).await?;
            if part.to <= part.from {
                return Ok(());
            }
            take(Line::More(start(part.to)))?;
        }
    }

    async fn size(&self, ws: WorkspaceId) -> Result<u64, StoreError> {
        let name = vec![Value::Text(SIZE.to_owned())];
        let size = self.storage.find::<SettingRow>(ws, name).await?;
        Ok(size.map_or(0, |row| u64::try_from(row.record.number).unwrap_or(0)))
    }

    /// Hands out the leaves of a part, with the heads over them.
    async fn leaves(
        &self,
        ws: WorkspaceId,
        part: &mut Part,
        take: &mut (impl FnMut(Line) -> Result<(), AuditError> + Send),
    ) -> Result<(), AuditError> {
        let ends = [part.from, part.to].map(|seq| i64::try_from(seq).unwrap_or(i64::MAX));
        let heads = self
            .storage
            .collect::<AuditHeadRow>(ws, Scan::table(&AUDIT_HEAD))
            .await?;
        let heads = heads.into_iter().map(|row| row.record);
        let mut heads = heads.filter(|head| head.size > ends[0]).peekable();
        let range = Scan::table(&AUDIT_LEAF).range(
            Bound::Excluded(Value::Int(ends[0])),
            Bound::Included(Value::Int(ends[1])),
        );
        let mut after = None;
        loop {
            let scan = range.clone().after(after);
            let page = self.storage.page::<AuditLeafRow>(ws, scan).await?;
            for row in page.records {
                let row = row.record;
                let seq = u64::try_from(row.seq).unwrap_or(0);
                let salt = self.key.salt(ws, seq);
                let payload = bytes(row.payload, seq)?;
                let record = part.entries.at(&*self.storage, ws, seq).await?;
                if let Some(entry) = record.map(|record| &record.entry) {
                    let gone = entry.payload.is_none() && chain::payload(&salt, None) != payload;
                    let subject = entry.subject.filter(|_| gone);
                    part.missing.extend(subject.map(|subject| subject.uuid()));
                    let lead = entry.lead.filter(|_| is_of_an_erasure(entry));
                    part.erased.extend(lead.map(|lead| lead.uuid()));
                }
                take(Line::Leaf(Box::new(LeafLine {
                    seq,
                    salt,
                    payload,
                    leaf: bytes(row.leaf, seq)?,
                    chain: bytes(row.chain, seq)?,
                    record: record.map(RecordLine::new),
                })))?;
                while let Some(head) = heads.next_if(|head| head.size <= row.seq) {
                    take(Line::Head(head_line(head)?))?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// What is read at a time: the chain as long as it was then, and after that what came meanwhile.
#[derive(Default)]
struct Part {
    from: u64,
    to: u64,
    entries: Entries,
    /// Whose payloads are not there.
    missing: BTreeSet<Uuid>,
    /// Whose data was erased, as all entries so far say.
    erased: BTreeSet<Uuid>,
}

/// The log, read along with the leaves.
#[derive(Default)]
struct Entries {
    page: VecDeque<LogRecord>,
    read_to: u64,
}

impl Entries {
    async fn at(
        &mut self,
        storage: &dyn Storage,
        ws: WorkspaceId,
        seq: u64,
    ) -> Result<Option<&LogRecord>, StoreError> {
        while self.page.front().is_some_and(|record| record.seq < seq) {
            self.page.pop_front();
        }
        if self.page.is_empty() && self.read_to < seq {
            let after = self.read_to.max(seq - 1);
            let page = storage.read_log(ws, LogCursor::after(after)).await?;
            self.read_to = page.next.max(after);
            self.page = page.records.into();
        }
        Ok(self.page.front().filter(|record| record.seq == seq))
    }
}

fn bytes(value: Vec<u8>, seq: u64) -> Result<[u8; 32], AuditError> {
    value.try_into().map_err(|_| AuditError::Damaged(seq))
}

fn head_line(head: AuditHeadRow) -> Result<HeadLine, AuditError> {
    let size = u64::try_from(head.size).unwrap_or(0);
    Ok(HeadLine {
        size,
        chain: bytes(head.chain, size)?,
        signed_at: jooper_core::to_millis(head.signed_at),
        public_key: bytes(head.public_key, size)?,
        signature: hex(&head.signature),
    })
}

/// Checks a workspace's chain where it lies.
///
/// # Errors
/// [`AuditError`] when it cannot be read; what is wrong with it is in the report.
pub async fn verify(
    storage: Arc<dyn Storage>,
    ws: WorkspaceId,
    key: Arc<AuditKey>,
) -> Result<AuditReport, AuditError> {
    Exporter::new(storage, key).check(ws).await
}

/// Checks an export without any store: what a customer or an auditor runs.
///
/// `trusted` are the public keys, which must come from elsewhere than the export.
///
/// # Errors
/// [`AuditError`] when the file cannot be read or a line is none of an export.
pub fn check_export(
    export: impl BufRead,
    trusted: impl IntoIterator<Item = [u8; 32]>,
) -> Result<AuditReport, AuditError> {
    let mut checker = Checker::new(trusted);
    for (at, line) in export.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let line = serde_json::from_str(&line).map_err(|_| AuditError::Line { line: at + 1 })?;
        checker.take(&line);
    }
    Ok(checker.finish())
}
