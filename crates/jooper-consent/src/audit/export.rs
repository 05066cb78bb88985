//! Out of the store, into lines; and the same lines straight into a checker.

use std::io::{BufRead, Write};
use std::sync::Arc;

use jooper_core::WorkspaceId;
use jooper_storage::tables::{AUDIT_HEAD, AUDIT_LEAF, AuditHeadRow, AuditLeafRow, SettingRow};
use jooper_storage::{LogCursor, Scan, Storage, StorageExt, StoreError, Value};

use super::checker::{AuditReport, Checker};
use super::key::AuditKey;
use super::line::{HeadLine, LeafLine, Line, RecordLine, StartLine, hex};
use super::writer::SIZE;

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
}

impl Exporter {
    /// An exporter with the key that made the salts.
    pub fn new(storage: Arc<dyn Storage>, key: Arc<AuditKey>) -> Self {
        Self { storage, key }
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

    /// Hands each line to `take`, in order.
    async fn each(
        &self,
        ws: WorkspaceId,
        mut take: impl FnMut(Line) -> Result<(), AuditError> + Send,
    ) -> Result<(), AuditError> {
        let name = vec![Value::Text(SIZE.to_owned())];
        let size = self.storage.find::<SettingRow>(ws, name).await?;
        let size = size.map_or(0, |row| u64::try_from(row.record.number).unwrap_or(0));
        take(Line::Start(StartLine {
            workspace: ws,
            leaves: size,
        }))?;
        let heads = self
            .storage
            .collect::<AuditHeadRow>(ws, Scan::table(&AUDIT_HEAD))
            .await?;
        let mut heads = heads.into_iter().map(|row| row.record).peekable();
        let mut after = None;
        let mut entries = Entries::default();
        loop {
            let scan = Scan::table(&AUDIT_LEAF).after(after);
            let page = self.storage.page::<AuditLeafRow>(ws, scan).await?;
            for row in page.records {
                let row = row.record;
                let seq = u64::try_from(row.seq).unwrap_or(0);
                if seq > size {
                    break;
                }
                let record = entries.at(&*self.storage, ws, seq).await?;
                take(Line::Leaf(Box::new(LeafLine {
                    seq,
                    salt: self.key.salt(ws, seq),
                    payload: bytes(row.payload, seq)?,
                    leaf: bytes(row.leaf, seq)?,
                    chain: bytes(row.chain, seq)?,
                    record,
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

/// The log, read along with the leaves.
#[derive(Default)]
struct Entries {
    page: std::collections::VecDeque<jooper_storage::LogRecord>,
    read_to: u64,
}

impl Entries {
    async fn at(
        &mut self,
        storage: &dyn Storage,
        ws: WorkspaceId,
        seq: u64,
    ) -> Result<Option<RecordLine>, StoreError> {
        while self.page.front().is_some_and(|record| record.seq < seq) {
            self.page.pop_front();
        }
        if self.page.is_empty() && self.read_to < seq {
            let after = self.read_to.max(seq - 1);
            let page = storage.read_log(ws, LogCursor::after(after)).await?;
            self.read_to = page.next.max(after);
            self.page = page.records.into();
        }
        let found = self.page.front().filter(|record| record.seq == seq);
        Ok(found.map(RecordLine::new))
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
    let mut checker = Checker::new([key.public()]);
    let exporter = Exporter::new(storage, key);
    exporter
        .each(ws, |line| {
            checker.take(&line);
            Ok(())
        })
        .await?;
    Ok(checker.finish())
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
