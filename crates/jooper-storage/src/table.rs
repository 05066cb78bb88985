//! Tables, columns and indexes as data.
//!
//! Backends build real tables from these declarations; rights, retention and the data map read
//! the same ones. Every column carries a [`Label`], so a new column cannot forget to say whether
//! it holds personal data.

use jooper_core::Purpose;

use crate::Value;

/// A row's version: 1 when it is written first, one more with every write.
pub type Version = u64;

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct TableDef {
    /// The name, `snake_case`, unique in the suite.
    pub name: &'static str,
    /// Whose rows these are.
    pub scope: TableScope,
    /// The columns: the key's first, in key order.
    pub columns: &'static [ColumnDef],
    /// How many of the columns are the key (after bucket and workspace).
    pub key_len: usize,
    /// Indexes beside the primary key.
    pub indexes: &'static [IndexDef],
    /// The column that names the data subject, if rows belong to one.
    pub subject: Option<&'static str>,
    /// What the erasure of that subject does to the row.
    pub on_erase: OnErase,
    /// How rows are claimed, for tables that workers lease from.
    pub claim: Option<ClaimDef>,
}

/// Whose rows a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableScope {
    /// One workspace's; every key begins with its bucket and id.
    Tenant,
    /// The installation's: one short, closed list of tables.
    Platform,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnDef {
    /// The name, `snake_case`, unique in its table.
    pub name: &'static str,
    /// What its cells are.
    pub kind: ColumnKind,
    /// Whether `Null` is allowed. Never for key columns.
    pub nullable: bool,
    /// What it means for privacy.
    pub label: Label,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// [`Value::Int`].
    Int,
    /// [`Value::Id`].
    Id,
    /// [`Value::Text`], clear and machine-made.
    Text,
    /// [`Value::Bytes`] that are no personal data: encoded ids, hashes, wrapped keys.
    Bytes,
    /// [`Value::Bytes`]: a keyed index.
    Index,
    /// [`Value::Bytes`]: a sealed envelope.
    Sealed,
}

/// What a column means for privacy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// Ids, times, states, counts: no personal data by itself.
    Clear,
    /// A pseudonym: a keyed index of something personal.
    Pseudonym,
    /// Key material, wrapped.
    Key,
    /// Personal data, sealed.
    Personal(PersonalData),
}

/// The register entry of a personal column (GDPR Art. 30).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalData {
    /// What kind of data.
    pub category: Category,
    /// What it is processed for.
    pub purpose: Purpose,
    /// How long it is kept.
    pub retention: Retention,
    /// Its name in an export to the person.
    pub export: &'static str,
}

/// Categories of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Category {
    /// Name, address, title, company, fields that a customer typed.
    Contact,
    /// Mails sent and received.
    Correspondence,
    /// What the engine decided about the person and why.
    Decision,
    /// Evidence of consent or of another basis.
    Evidence,
    /// Names and settings that users type and that may name a person.
    Naming,
    /// Credentials of a mailbox.
    Credential,
    /// A user's account.
    Account,
}

/// How long a personal column is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retention {
    /// As long as the lead.
    WithLead,
    /// As long as the mailbox is connected.
    WithMailbox,
    /// As long as the user's account.
    WithUser,
    /// As long as the workspace.
    WithWorkspace,
}

/// What erasing a subject does to a row that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnErase {
    /// The row goes.
    Delete,
    /// Personal and pseudonymous non-key columns become `Null`; ids, states and counts stay, so
    /// that numbers still agree (law L3).
    Scrub,
    /// The row stays: it is what keeps the person from being mailed again (law L5).
    Keep,
}

/// An index: equality on a prefix, range and order on the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexDef {
    /// The name, unique in its table.
    pub name: &'static str,
    /// The columns, in order; bucket and workspace come before them, the key after.
    pub columns: &'static [&'static str],
}

/// How rows of a table are leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimDef {
    /// When the row wants attention (Unix milliseconds).
    pub due: &'static str,
    /// Until when it is held (store time, Unix milliseconds).
    pub lease: &'static str,
    /// The fencing token: grows with every claim.
    pub fence: &'static str,
}

/// Names one row: its table and the key columns' values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    table: TableRef,
    values: Vec<Value>,
}

/// A table by identity, ordered by name.
#[derive(Clone, Copy)]
struct TableRef(&'static TableDef);

impl std::fmt::Debug for TableRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}
impl PartialEq for TableRef {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.name == other.0.name
    }
}
impl Eq for TableRef {}
impl PartialOrd for TableRef {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for TableRef {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        if std::ptr::eq(self.0, other.0) {
            return std::cmp::Ordering::Equal;
        }
        self.0.name.cmp(other.0.name)
    }
}
impl std::hash::Hash for TableRef {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}

impl Key {
    /// Names the row of `table` with these key values, in the order of the declaration.
    pub const fn new(table: &'static TableDef, values: Vec<Value>) -> Self {
        Self {
            table: TableRef(table),
            values,
        }
    }

    /// The table.
    pub const fn table(&self) -> &'static TableDef {
        self.table.0
    }

    /// The key columns' values.
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

impl TableDef {
    /// The position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|def| def.name == column)
    }

    /// The index of this name.
    pub fn index(&self, name: &str) -> Option<&'static IndexDef> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// The columns of the key.
    pub fn key_columns(&self) -> &'static [ColumnDef] {
        &self.columns[..self.key_len]
    }
}
