//! What a call must look like before any store acts on it.
//!
//! Every backend begins with these, so that a wrong call fails the same way everywhere and no
//! backend meets a value that its own types could not hold.

use crate::batch::{Batch, Check, ColumnOp, Write};
use crate::claim::Claim;
use crate::log::{LogCursor, LogEntry};
use crate::scan::{Scan, Scope};
use crate::table::{ClaimDef, ColumnDef, ColumnKind, Key, TableDef, TableScope};
use crate::{StoreError, Value};

impl Value {
    /// The most bytes that a cell of a key or of an index may have: every backend's index holds it.
    pub const MAX_INDEXED: usize = 1024;

    /// The most bytes that any cell may have.
    pub const MAX_CELL: usize = 16 << 20;

    /// Whether a column may hold this value: its kind fits, and a text has no NUL character
    /// (PostgreSQL's `text` cannot hold one).
    pub fn fits(&self, column: &ColumnDef) -> bool {
        match self {
            Self::Null => column.nullable,
            Self::Int(_) => column.kind == ColumnKind::Int,
            Self::Id(_) => column.kind == ColumnKind::Id,
            Self::Text(text) => {
                column.kind == ColumnKind::Text
                    && text.len() <= Self::MAX_CELL
                    && !text.contains('\0')
            }
            Self::Bytes(bytes) => {
                let holds = matches!(
                    column.kind,
                    ColumnKind::Bytes | ColumnKind::Index | ColumnKind::Sealed
                );
                holds && bytes.len() <= Self::MAX_CELL
            }
        }
    }

    pub(crate) const fn size(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Int(_) => 8,
            Self::Id(_) => 16,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl TableDef {
    /// Requires that this table belongs to the scope.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it does not.
    pub fn in_scope(&self, scope: Scope) -> Result<(), StoreError> {
        let fits = match self.scope {
            TableScope::Tenant => matches!(scope, Scope::Workspace(_)),
            TableScope::Platform => matches!(scope, Scope::Platform),
        };
        if fits {
            return Ok(());
        }
        let name = self.name;
        Err(StoreError::Invalid(format!(
            "table {name} is of the other scope"
        )))
    }

    /// Whether the column is part of the key or of an index.
    pub fn is_indexed(&self, position: usize) -> bool {
        position < self.key_len
            || self
                .indexes
                .iter()
                .flat_map(|index| index.columns)
                .any(|name| self.position(name) == Some(position))
    }

    fn invalid(&self, what: &str) -> StoreError {
        StoreError::Invalid(format!("row of {}: {what}", self.name))
    }

    pub(crate) fn known(&self, column: &str) -> Result<usize, StoreError> {
        self.position(column)
            .ok_or_else(|| StoreError::Invalid(format!("{} has no column {column}", self.name)))
    }

    fn cell(&self, position: usize, value: &Value) -> Result<(), StoreError> {
        let column = &self.columns[position];
        if !value.fits(column) {
            return Err(self.invalid(column.name));
        }
        if value.size() > Value::MAX_INDEXED && self.is_indexed(position) {
            return Err(self.invalid("an indexed cell is too long"));
        }
        Ok(())
    }
}

impl Key {
    /// Requires that the key belongs to the scope and has a value for every key column.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it does not.
    pub fn validate(&self, scope: Scope) -> Result<(), StoreError> {
        let table = self.table();
        table.in_scope(scope)?;
        if self.values().len() != table.key_len {
            return Err(table.invalid("wrong number of key values"));
        }
        for (position, value) in self.values().iter().enumerate() {
            table.cell(position, value)?;
        }
        Ok(())
    }
}

impl Batch {
    /// Requires that every check, write and log entry is well formed and of the batch's scope, and
    /// that a bulk batch is small enough to let others pass.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] names the first thing that is not.
    pub fn validate(&self) -> Result<(), StoreError> {
        if self.bulk && !self.fits(self.size()) {
            let (entries, bytes) = self.size();
            return Err(StoreError::Invalid(format!(
                "a bulk batch of {entries} entries of rows, indexes and facts and of {bytes} bytes; split it \
                 into batches of at most {} entries and {} bytes",
                Self::MAX_BULK,
                Self::MAX_BULK_BYTES
            )));
        }
        for check in &self.checks {
            validate_check(self.scope, check)?;
        }
        for write in &self.writes {
            validate_write(self.scope, write)?;
        }
        if !self.log.is_empty() && self.workspace().is_none() {
            return Err(StoreError::Invalid("the platform has no log".to_owned()));
        }
        self.log.iter().try_for_each(validate_entry)
    }
}

fn validate_check(scope: Scope, check: &Check) -> Result<(), StoreError> {
    match check {
        Check::Absent(key) | Check::Version(key, _) => key.validate(scope),
        Check::Fence(key, _) => {
            key.validate(scope)?;
            key.table().claimable().map(|_| ())
        }
        Check::AtMost(key, column, _) => {
            key.validate(scope)?;
            let position = key.table().known(column)?;
            if key.table().columns[position].kind == ColumnKind::Int {
                Ok(())
            } else {
                Err(key.table().invalid(column))
            }
        }
    }
}

fn validate_write(scope: Scope, write: &Write) -> Result<(), StoreError> {
    let key = write.key();
    let table = key.table();
    key.validate(scope)?;
    if let Write::Put(_, values) | Write::Upsert(_, values, _) = write {
        if values.len() != table.columns.len() {
            return Err(table.invalid("wrong number of values"));
        }
        if values[..table.key_len] != *key.values() {
            return Err(table.invalid("the key differs from the key columns"));
        }
        for (position, value) in values.iter().enumerate() {
            table.cell(position, value)?;
        }
    }
    if let Write::Patch(_, ops) | Write::Upsert(_, _, ops) = write {
        let mut seen = Vec::with_capacity(ops.len());
        for (column, op) in ops {
            let position = table.known(column)?;
            if position < table.key_len {
                return Err(table.invalid("a key column cannot change"));
            }
            if seen.contains(&position) {
                return Err(table.invalid("a column changes twice in one write"));
            }
            seen.push(position);
            match op {
                ColumnOp::Set(value) => table.cell(position, value)?,
                ColumnOp::Add(_) | ColumnOp::Min(_) | ColumnOp::Max(_) => {
                    if table.columns[position].kind != ColumnKind::Int {
                        return Err(table.invalid(column));
                    }
                }
            }
        }
    }
    Ok(())
}

fn validate_entry(entry: &LogEntry) -> Result<(), StoreError> {
    let payload = entry.payload.as_ref().map_or(0, Vec::len);
    let longest = entry.rollups.iter().map(|delta| delta.key.len()).max();
    if payload > Value::MAX_CELL || longest.unwrap_or(0) > Value::MAX_INDEXED {
        return Err(StoreError::Invalid("a log entry is too long".to_owned()));
    }
    Ok(())
}

impl TableDef {
    /// How rows of this table are claimed.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when they are not.
    pub fn claimable(&self) -> Result<ClaimDef, StoreError> {
        self.claim
            .ok_or_else(|| StoreError::Invalid(format!("{} is not claimable", self.name)))
    }
}

impl Claim {
    /// Requires a claimable table, a limit of at most 10,000 and a lease that is not negative.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] says what is wrong.
    pub fn validate(&self) -> Result<ClaimDef, StoreError> {
        if self.limit > Scan::MAX_LIMIT || self.lease_millis < 0 {
            return Err(StoreError::Invalid(
                "a claim takes at most 10,000 rows and a lease that is not negative".to_owned(),
            ));
        }
        self.table.claimable()
    }
}

impl LogCursor {
    /// Requires a limit of 1 to 10,000.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] when it is not.
    pub fn validate(&self) -> Result<(), StoreError> {
        if (1..=Scan::MAX_LIMIT).contains(&self.limit) {
            return Ok(());
        }
        Err(StoreError::Invalid(
            "the limit must be 1 to 10,000".to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use jooper_core::WorkspaceId;
    use uuid::Uuid;

    use super::*;
    use crate::tables::{COUNTER, INSTALLATION, LEAD};

    fn scope() -> Scope {
        Scope::Workspace(WorkspaceId::from_uuid(Uuid::nil()))
    }

    fn counter(name: &[u8]) -> Key {
        Key::new(&COUNTER, vec![Value::Bytes(name.to_vec())])
    }

    fn refused(batch: &Batch) -> bool {
        matches!(batch.validate(), Err(StoreError::Invalid(_)))
    }

    #[test]
    fn calls_that_no_backend_could_keep_are_refused() {
        let one = |write| Batch::new(scope()).write(write);
        let key = counter(b"k");
        assert!(!refused(&one(Write::Delete(key.clone()))));
        assert!(refused(&one(Write::Delete(Key::new(&COUNTER, vec![])))));
        assert!(refused(&one(Write::Delete(counter(&[0; 1025])))));
        assert!(refused(&one(Write::Delete(Key::new(
            &INSTALLATION,
            vec![Value::Int(1)]
        )))));
        let set = |column, op| Write::Patch(key.clone(), vec![(column, op)]);
        assert!(!refused(&one(set("count", ColumnOp::Add(1)))));
        assert!(refused(&one(set("count", ColumnOp::Set(Value::Null)))));
        assert!(refused(&one(set("key", ColumnOp::Set(Value::Int(1))))));
        assert!(refused(&one(set("nothing", ColumnOp::Add(1)))));
        let twice = vec![("count", ColumnOp::Add(1)), ("count", ColumnOp::Add(1))];
        assert!(refused(&one(Write::Patch(key.clone(), twice))));
        let lead = Key::new(&LEAD, vec![Value::Id(Uuid::nil())]);
        let nul = ColumnOp::Set(Value::Text("a\0b".to_owned()));
        assert!(refused(&one(Write::Patch(
            lead.clone(),
            vec![("zone", nul)]
        ))));
        assert!(refused(
            &Batch::new(scope()).check(Check::Fence(lead.clone(), 1))
        ));
        assert!(refused(
            &Batch::new(scope()).check(Check::AtMost(lead, "zone", 1))
        ));
    }
}
