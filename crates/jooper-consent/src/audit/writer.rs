//! The one writer of a workspace's chain.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{Clock, WorkspaceId, to_millis};
use jooper_storage::tables::{AUDIT_LEAF, AuditHeadRow, AuditLeafRow, SettingRow};
use jooper_storage::{
    Batch, Key, LogCursor, Record, Scope, Storage, StorageExt, StoreError, Value, Versioned,
};

use super::chain::{self, Hash};
use super::key::AuditKey;

/// The setting that holds how long the chain is; its version keeps two writers apart.
pub(super) const SIZE: &str = "audit.size";
/// The setting that holds when the last head was signed (Unix milliseconds).
const SIGNED: &str = "audit.signed_at";
/// The setting that holds how long the chain was then.
const COVERED: &str = "audit.signed_size";

/// A head is signed at least this often while entries come.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// How many entries one commit chains.
const PAGE: usize = 500;

/// Chains a workspace's log. Call [`AuditWriter::follow`] at least every minute.
#[derive(Debug, Clone)]
pub struct AuditWriter {
    storage: Arc<dyn Storage>,
    key: Arc<AuditKey>,
    wall: Arc<dyn Clock>,
}

/// What one call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Chained {
    /// How many entries were chained.
    pub entries: u64,
    /// How long the chain is now.
    pub size: u64,
    /// Whether a head was signed.
    pub signed: bool,
}

/// What the settings say.
struct State {
    size: Option<Versioned<SettingRow>>,
    signed_at: Option<Timestamp>,
    covered: u64,
}

impl AuditWriter {
    /// A writer with its key.
    pub fn new(storage: Arc<dyn Storage>, key: Arc<AuditKey>, wall: Arc<dyn Clock>) -> Self {
        Self { storage, key, wall }
    }

    /// Chains what the log has got since, and signs a head when the last one is a minute old.
    ///
    /// Several processes may call: one commit wins, the others find its links and go on.
    ///
    /// # Errors
    /// As [`Storage::commit`]; call again.
    pub async fn follow(&self, ws: WorkspaceId) -> Result<Chained, StoreError> {
        self.run(ws, false).await
    }

    /// As [`AuditWriter::follow`], and signs a head for whatever is not covered yet: before an
    /// export, a backup or the end of the process.
    ///
    /// # Errors
    /// As [`Storage::commit`]; call again.
    pub async fn seal(&self, ws: WorkspaceId) -> Result<Chained, StoreError> {
        self.run(ws, true).await
    }

    async fn run(&self, ws: WorkspaceId, sign: bool) -> Result<Chained, StoreError> {
        let mut done = Chained::default();
        loop {
            let state = self.state(ws).await?;
            let size = state
                .size
                .as_ref()
                .map_or(0, |row| u64::try_from(row.record.number).unwrap_or(0));
            let cursor = LogCursor {
                after: size,
                limit: PAGE,
            };
            let page = self.storage.read_log(ws, cursor).await?;
            let mut chain = self.chain_at(ws, size).await?;
            let mut batch = Batch::new(ws).bulk();
            let mut last = size;
            for record in &page.records {
                let salt = self.key.salt(ws, record.seq);
                let payload = chain::payload(&salt, record.entry.payload.as_deref());
                let leaf = chain::leaf(&salt, record, &payload);
                chain = chain::link(&chain, &leaf);
                last = record.seq;
                batch = batch.insert(&AuditLeafRow {
                    seq: i64::try_from(record.seq).unwrap_or(i64::MAX),
                    payload: payload.to_vec(),
                    leaf: leaf.to_vec(),
                    chain: chain.to_vec(),
                });
            }
            let more = page.records.len() == PAGE;
            let now = self.wall.now();
            let due = state
                .signed_at
                .is_none_or(|at| now.duration_since(at) >= MINUTE);
            let signs = last > state.covered && !more && (sign || due);
            if page.records.is_empty() && !signs {
                done.size = last;
                return Ok(done);
            }
            batch = number(batch, SIZE, last, state.size.as_ref());
            if signs {
                batch = self.sign(batch, ws, last, &chain, now);
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => continue,
                other => other?,
            }
            done.entries += page.records.len() as u64;
            done.size = last;
            done.signed |= signs;
            if !more {
                return Ok(done);
            }
        }
    }

    fn sign(&self, batch: Batch, ws: WorkspaceId, size: u64, at: &Hash, now: Timestamp) -> Batch {
        let millis = to_millis(now);
        let head = AuditHeadRow {
            size: i64::try_from(size).unwrap_or(i64::MAX),
            chain: at.to_vec(),
            signed_at: now,
            public_key: self.key.public().to_vec(),
            signature: self.key.sign(&chain::head(ws, size, at, millis)),
        };
        let setting = |name: &str, number| SettingRow {
            name: name.to_owned(),
            number,
            value: None,
        };
        batch
            .put(&head)
            .put(&setting(SIGNED, millis))
            .put(&setting(COVERED, head.size))
    }

    async fn state(&self, ws: WorkspaceId) -> Result<State, StoreError> {
        let find = |name: &str| {
            let key = vec![Value::Text(name.to_owned())];
            self.storage.find::<SettingRow>(ws, key)
        };
        let signed = find(SIGNED).await?;
        let covered = find(COVERED).await?;
        Ok(State {
            size: find(SIZE).await?,
            signed_at: signed.map(|row| jooper_core::from_millis(row.record.number)),
            covered: covered.map_or(0, |row| u64::try_from(row.record.number).unwrap_or(0)),
        })
    }

    async fn chain_at(&self, ws: WorkspaceId, size: u64) -> Result<Hash, StoreError> {
        if size == 0 {
            return Ok(chain::start(ws));
        }
        let seq = i64::try_from(size).unwrap_or(i64::MAX);
        let key = Key::new(&AUDIT_LEAF, vec![Value::Int(seq)]);
        let row = self
            .storage
            .get(Scope::Workspace(ws), std::slice::from_ref(&key))
            .await?;
        let leaf = row
            .into_iter()
            .next()
            .flatten()
            .map(|row| AuditLeafRow::from_values(row.values))
            .transpose()?;
        leaf.and_then(|leaf| leaf.chain.try_into().ok())
            .ok_or_else(|| StoreError::Corrupt {
                place: format!("audit_leaf {size}"),
                source: None,
            })
    }
}

/// Writes the chain's new length over the one that was read.
fn number(batch: Batch, name: &str, n: u64, before: Option<&Versioned<SettingRow>>) -> Batch {
    let row = SettingRow {
        name: name.to_owned(),
        number: i64::try_from(n).unwrap_or(i64::MAX),
        value: None,
    };
    match before {
        Some(before) => batch.update(&row, before.version),
        None => batch.insert(&row),
    }
}
