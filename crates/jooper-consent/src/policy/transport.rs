//! Which bases a transport's own policy admits.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jooper_core::BasisKind;
use serde::Deserialize;

use super::error::PolicyError;
use super::file::{self, Bases, Classes};

/// One transport's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportRow {
    /// The transport's policy name; empty for an unknown one.
    pub name: String,
    /// Bases that its policy admits for outreach.
    pub admits: BTreeSet<BasisKind>,
    /// Where the rule is from.
    pub source: String,
    /// When that source was read.
    pub date: Date,
    /// Who answers for the row.
    pub reviewer: String,
    /// The version of the table that states it.
    pub version: String,
}

/// The table of transports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportTable {
    version: String,
    rows: BTreeMap<String, TransportRow>,
    unknown: TransportRow,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    reviewer: String,
    class: Classes,
    row: Vec<RowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowFile {
    name: String,
    admits: Bases,
    source: String,
    date: String,
    reviewer: Option<String>,
}

impl TransportTable {
    /// Reads a table.
    ///
    /// # Errors
    /// [`PolicyError`] when the text is no such table, a transport stands twice, or a row lacks
    /// its source, date or reviewer.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: File = file::parse(text)?;
        let mut rows: BTreeMap<String, TransportRow> = BTreeMap::new();
        for row in file.row {
            let name = row.name.clone();
            let reviewer = row.reviewer.unwrap_or_else(|| file.reviewer.clone());
            file::stated(&name, "source", &row.source)?;
            file::stated(&name, "reviewer", &reviewer)?;
            let row = TransportRow {
                admits: row.admits.resolve(&name, &file.class)?,
                source: row.source,
                date: file::date(&name, &row.date)?,
                reviewer,
                version: file.version.clone(),
                name: row.name,
            };
            if rows.insert(name.clone(), row).is_some() {
                return Err(PolicyError::Twice(name));
            }
        }
        let unknown = strictest(rows.values()).ok_or_else(|| PolicyError::Row {
            row: "-".to_owned(),
            what: "the table has no row".to_owned(),
        })?;
        Ok(Self {
            version: file.version,
            rows,
            unknown,
        })
    }

    /// This table, with the rows of a base for the transports that it does not mention. Unknown ones
    /// get the strictest of both tables, so that a row for one transport loosens no other.
    #[must_use]
    pub(super) fn over(mut self, base: &Self) -> Self {
        let version = self.version.clone();
        if let Some(unknown) = strictest([&self.unknown, &base.unknown]) {
            self.unknown = TransportRow { version, ..unknown };
        }
        for (name, row) in &base.rows {
            self.rows.entry(name.clone()).or_insert_with(|| row.clone());
        }
        self
    }

    /// The table's version, as its file states it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The row of this name; a transport without a row gets the strictest one.
    pub fn row(&self, name: &str) -> &TransportRow {
        self.rows.get(name).unwrap_or(&self.unknown)
    }

    /// Every row, also those of a base, in the order of names.
    pub fn rows(&self) -> impl Iterator<Item = &TransportRow> {
        self.rows.values()
    }
}

/// What all rows admit.
fn strictest<'a>(rows: impl IntoIterator<Item = &'a TransportRow>) -> Option<TransportRow> {
    let mut rows = rows.into_iter();
    let mut strict = rows.next()?.clone();
    for row in rows {
        strict.admits.retain(|kind| row.admits.contains(kind));
        strict.date = strict.date.min(row.date);
    }
    strict.name.clear();
    strict.source = "the strictest of all rows".to_owned();
    Some(strict)
}
