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
                name: row.name,
            };
            if rows.insert(name.clone(), row).is_some() {
                return Err(PolicyError::Twice(name));
            }
        }
        let mut all = rows.values();
        let mut unknown = all.next().cloned().ok_or_else(|| PolicyError::Row {
            row: "-".to_owned(),
            what: "the table has no row".to_owned(),
        })?;
        for row in all {
            unknown.admits.retain(|kind| row.admits.contains(kind));
        }
        unknown.name.clear();
        unknown.source = "the strictest of all rows".to_owned();
        Ok(Self {
            version: file.version,
            rows,
            unknown,
        })
    }

    /// The table's version, as its file states it.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The row of this name; a transport without a row gets the strictest one.
    pub fn row(&self, name: &str) -> &TransportRow {
        self.rows.get(name).unwrap_or(&self.unknown)
    }

    /// Every row, in the order of names.
    pub fn rows(&self) -> impl Iterator<Item = &TransportRow> {
        self.rows.values()
    }
}
