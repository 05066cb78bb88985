//! What an import did, row by row.

use jooper_core::LeadId;

/// How many single rows of a kind a report lists; all are counted.
const LISTED: usize = 1000;

/// What an import did. Every row of the file is counted exactly once.
///
/// Texts name lines and columns, never a value of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// Rows read, without the header and empty lines.
    pub rows: u64,
    /// New leads.
    pub imported: u64,
    /// Known leads that got a new basis.
    pub updated: u64,
    /// Rows whose person is known already.
    pub duplicates: u64,
    /// Rows whose person must not be mailed: counted, never stored, and not told apart.
    pub blocked: u64,
    /// Rows that could not be used.
    pub rejected_rows: u64,
    /// The first 1,000 rows that could not be used, with the reason.
    pub rejected: Vec<Reject>,
    /// The first 1,000 duplicates.
    pub duplicate_rows: Vec<Duplicate>,
    /// The first 1,000 things to know about rows that were read all the same.
    pub remarks: Vec<Remark>,
    /// Rows that could be used and do not say where the data came from, nor does anybody for the whole
    /// file ([`Mapping::with_source`](crate::Mapping::with_source)): no campaign takes these people.
    pub without_source: u64,
    /// Columns without a name: their values were left out (counted from 1).
    pub unnamed_columns: Vec<usize>,
}

/// A row that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reject {
    /// The line of the file where the row begins, from 1.
    pub line: u64,
    /// The column's name in the file, if it is one column's fault.
    pub column: Option<String>,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub remedy: String,
}

/// Something to know about a row that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// The line of the file where the row begins, from 1.
    pub line: u64,
    /// The column's name in the file.
    pub column: Option<String>,
    /// What there is to know.
    pub text: String,
}

/// A row whose person is known already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Duplicate {
    /// The line of the file where the row begins, from 1.
    pub line: u64,
    /// Where the person was first.
    pub first: FirstSeen,
}

/// Where a person was first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirstSeen {
    /// On an earlier line of the same file.
    Line(u64),
    /// In the workspace.
    Lead(LeadId),
}

impl Reject {
    pub(super) fn new(
        line: u64,
        column: Option<&str>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            line,
            column: column.map(str::to_owned),
            reason: reason.into(),
            remedy: remedy.into(),
        }
    }
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column \"{column}\"")?;
        }
        write!(f, ": {}; {}", self.reason, self.remedy)
    }
}

impl ImportReport {
    pub(super) fn reject(&mut self, reject: Reject) {
        self.rejected_rows += 1;
        if self.rejected.len() < LISTED {
            self.rejected.push(reject);
        }
    }

    pub(super) fn remark(&mut self, remark: Remark) {
        if self.remarks.len() < LISTED {
            self.remarks.push(remark);
        }
    }

    pub(super) fn duplicate(&mut self, line: u64, first: FirstSeen) {
        self.duplicates += 1;
        if self.duplicate_rows.len() < LISTED {
            self.duplicate_rows.push(Duplicate { line, first });
        }
    }

    /// The sum of all counts; equals [`ImportReport::rows`] once the import ended.
    pub const fn accounted(&self) -> u64 {
        self.imported + self.updated + self.duplicates + self.blocked + self.rejected_rows
    }
}
