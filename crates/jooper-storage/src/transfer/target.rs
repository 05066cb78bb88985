//! The store that a workspace moves into.

use jooper_core::WorkspaceId;

use super::{TransferError, Transferred, platform};
use crate::tables::{DO_NOT_CONTACT, SUPPRESSION, SuppressionRow, WorkspaceDirectoryRow};
use crate::{
    Batch, BulkBatches, Check, Key, LogEntry, Record, Scan, Scope, Storage, StorageExt, TableDef,
    TableScope, Value, Versioned, Write,
};

pub(super) struct Target<'a, S: ?Sized> {
    store: &'a S,
    workspace: WorkspaceId,
    batches: BulkBatches,
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
            batches: BulkBatches::new(Batch::new(workspace)),
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
        let part = Batch::new(self.workspace);
        let part = match table.name == SUPPRESSION.name && self.listed {
            true => self.raised(part, values).await?,
            false => part.write(Write::Put(key, values)),
        };
        self.add(part).await
    }

    pub(super) async fn fact(&mut self, entry: LogEntry) -> Result<(), TransferError> {
        self.done.facts += 1;
        self.add(Batch::new(self.workspace).append(entry)).await
    }

    pub(super) async fn finish(mut self) -> Result<Transferred, TransferError> {
        self.register().await?;
        if let Some(batch) = self.batches.finish() {
            self.store.commit(batch).await?;
        }
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

    async fn raised(&self, part: Batch, values: Vec<Value>) -> Result<Batch, TransferError> {
        let new = SuppressionRow::from_values(values)?;
        let key = new.key();
        let standing = self
            .store
            .find::<SuppressionRow>(self.workspace, key.values().to_vec())
            .await?;
        Ok(match standing {
            None => part.insert(&new),
            Some(Versioned { record, version }) => part.update(&record.raised_by(&new), version),
        })
    }

    async fn add(&mut self, part: Batch) -> Result<(), TransferError> {
        if let Some(full) = self.batches.add(part) {
            self.register().await?;
            self.store.commit(full).await?;
        }
        Ok(())
    }

    /// An export of a store that never gave the workspace keys has no line for it.
    async fn register(&mut self) -> Result<(), TransferError> {
        if !self.registered {
            let row = WorkspaceDirectoryRow {
                id: self.workspace,
                created_at: self.store.now().await?,
            };
            let write = Write::Upsert(row.key(), row.to_values(), Vec::new());
            let batch = Batch::new(Scope::Platform).write(write);
            self.store.commit(batch).await?;
            self.registered = true;
        }
        Ok(())
    }
}
