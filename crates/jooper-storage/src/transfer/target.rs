//! The store that a workspace moves into.

use jooper_core::WorkspaceId;

use super::{TransferError, Transferred, platform};
use crate::tables::{DO_NOT_CONTACT, SUPPRESSION, SuppressionRow, WorkspaceDirectoryRow};
use crate::{
    Batch, Check, Key, LogEntry, Record, Scan, Scope, Storage, StorageExt, TableDef, TableScope,
    Value, Versioned, Write,
};

/// Rows and facts of one batch of an import, and their bytes; a larger row goes alone.
const BATCH: usize = 500;
const BYTES: usize = 1 << 20;

pub(super) struct Target<'a, S: ?Sized> {
    store: &'a S,
    workspace: WorkspaceId,
    batch: Batch,
    /// Of the batch.
    bytes: usize,
    /// Whether the workspace is in the directory.
    registered: bool,
    /// Whether the list there had entries before.
    listed: bool,
    pub(super) done: Transferred,
}

impl<'a, S: Storage + ?Sized> Target<'a, S> {
    pub(super) async fn new(store: &'a S, workspace: WorkspaceId) -> Result<Self, TransferError> {
        let scan = Scan::table(&SUPPRESSION).limit(1);
        let listed = store.scan(workspace.into(), scan).await?;
        Ok(Self {
            store,
            workspace,
            batch: Batch::new(workspace).bulk(),
            bytes: 0,
            registered: false,
            listed: !listed.rows.is_empty(),
            done: Transferred::default(),
        })
    }

    pub(super) async fn row(
        &mut self,
        table: &'static TableDef,
        values: Vec<Value>,
    ) -> Result<(), TransferError> {
        self.done.rows += 1;
        let key = Key::new(table, values[..table.key_len].to_vec());
        if table.scope == TableScope::Platform {
            return self.platform_row(key, values).await;
        }
        self.make_room(values.iter().map(Value::size).sum()).await?;
        if table.name == SUPPRESSION.name && self.listed {
            return self.raise(values).await;
        }
        self.batch.writes.push(Write::Put(key, values));
        Ok(())
    }

    pub(super) async fn fact(&mut self, entry: LogEntry) -> Result<(), TransferError> {
        self.done.facts += 1;
        self.make_room(entry.bytes()).await?;
        self.batch.log.push(entry);
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<Transferred, TransferError> {
        self.flush().await?;
        Ok(self.done)
    }

    /// What stands there stays. Where it says something else about an account, the workspace is
    /// not let in: one account is one mailbox of an installation (law L12).
    async fn platform_row(&mut self, key: Key, values: Vec<Value>) -> Result<(), TransferError> {
        let table = key.table();
        if !platform::concerns(table, &values, self.workspace) {
            return Err(TransferError::Taken(table.name));
        }
        let insert = Batch::new(Scope::Platform)
            .check(Check::Absent(key.clone()))
            .write(Write::Put(key.clone(), values.clone()));
        match self.store.commit(insert).await {
            Err(error) if error.is_conflict() => {}
            other => return Ok(other?),
        }
        let keys = [key];
        let standing = self.store.get(Scope::Platform, &keys).await?.remove(0);
        let agrees = table.name == DO_NOT_CONTACT.name
            || standing.is_some_and(|row| platform::concerns(table, &row.values, self.workspace));
        if agrees {
            Ok(())
        } else {
            Err(TransferError::Taken(table.name))
        }
    }

    async fn raise(&mut self, values: Vec<Value>) -> Result<(), TransferError> {
        let new = SuppressionRow::from_values(values)?;
        let key = new.key();
        let standing = self
            .store
            .find::<SuppressionRow>(self.workspace, key.values().to_vec())
            .await?;
        let batch = std::mem::replace(&mut self.batch, Batch::new(self.workspace));
        self.batch = match standing {
            None => batch.insert(&new),
            Some(Versioned { record, version }) => batch.update(&record.raised_by(&new), version),
        };
        Ok(())
    }

    async fn make_room(&mut self, bytes: usize) -> Result<(), TransferError> {
        let count = self.batch.writes.len() + self.batch.log.len();
        if count >= BATCH || (count > 0 && self.bytes + bytes > BYTES) {
            self.flush().await?;
            self.bytes = 0;
        }
        self.bytes += bytes;
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), TransferError> {
        if !self.registered {
            // An export of a store that never gave the workspace keys has no line for it.
            let row = WorkspaceDirectoryRow {
                id: self.workspace,
                created_at: self.store.now().await?,
            };
            let write = Write::Upsert(row.key(), row.to_values(), Vec::new());
            let batch = Batch::new(Scope::Platform).write(write);
            self.store.commit(batch).await?;
            self.registered = true;
        }
        let next = Batch::new(self.workspace).bulk();
        let batch = std::mem::replace(&mut self.batch, next);
        Ok(self.store.commit(batch).await?)
    }
}
