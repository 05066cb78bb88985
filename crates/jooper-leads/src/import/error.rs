//! Why a file was not imported, or not to its end.

use jooper_core::Retry;

use super::report::ImportReport;
use crate::error::LeadsError;

/// Why a file was not imported, or not to its end.
///
/// The texts name the place and the remedy, and may be shown to whoever brought the file. They
/// repeat names of columns, never a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is nothing in it.
    #[error("the file is empty; the first line must name the columns, such as `email`")]
    Empty,
    /// It is UTF-16.
    #[error(
        "the file is UTF-16 text; save it as UTF-8 (in Excel: \"CSV UTF-8 (comma delimited)\") and import it again"
    )]
    Utf16,
    /// It is a workbook, not a text.
    #[error("the file is a spreadsheet workbook, not a CSV file; export it as CSV (UTF-8)")]
    Workbook,
    /// The header is not UTF-8.
    #[error("line {line}: the names of the columns are not UTF-8 text; save the file as UTF-8")]
    HeaderEncoding {
        /// The line of the header.
        line: u64,
    },
    /// The first line holds data.
    #[error(
        "line {line} holds an e-mail address instead of names of columns; put a line with names above it, such as `email`"
    )]
    NoHeader {
        /// The line where names should be.
        line: u64,
    },
    /// Two columns have one name.
    #[error(
        "columns {first} and {second} are both named \"{name}\" (the second as \"{other}\"); rename one of them"
    )]
    DuplicateColumn {
        /// The first of them, from 1.
        first: usize,
        /// The other, from 1.
        second: usize,
        /// The first one's name.
        name: String,
        /// The other one's name.
        other: String,
    },
    /// Two columns would fill the same thing.
    #[error(
        "columns \"{first}\" and \"{second}\" both look like the {target}; say in the mapping which one it is"
    )]
    Ambiguous {
        /// What both would fill.
        target: &'static str,
        /// One column.
        first: String,
        /// The other.
        second: String,
    },
    /// No column holds addresses.
    #[error(
        "no column holds e-mail addresses; found {}; name one `email`, or map one of them to the e-mail address",
        list(found)
    )]
    NoEmailColumn {
        /// The names of the columns.
        found: Vec<String>,
    },
    /// The mapping names a column that is not there.
    #[error(
        "the mapping names a column \"{column}\", the file has {}",
        list(found)
    )]
    UnknownColumn {
        /// The column that the mapping names.
        column: String,
        /// The names of the columns.
        found: Vec<String>,
    },
    /// The mapping names a field that no template could use.
    #[error(
        "\"{field}\" cannot be the name of a field; use letters a-z, digits and _, beginning with a letter"
    )]
    FieldName {
        /// The field.
        field: String,
    },
    /// The file breaks in the middle.
    #[error(
        "line {line}: {reason}; {remedy}. {} leads from the lines before were stored; importing the corrected file again does not double them",
        report.imported
    )]
    Broken {
        /// The line where the broken row begins, from 1.
        line: u64,
        /// What is wrong.
        reason: &'static str,
        /// What to do about it.
        remedy: &'static str,
        /// What was stored before.
        report: Box<ImportReport>,
    },
    /// The file could not be read further.
    #[error("reading the file failed after line {line}; import it again, nothing is doubled")]
    Read {
        /// The last line read.
        line: u64,
        /// What the system said.
        #[source]
        source: std::io::Error,
        /// What was stored before.
        report: Box<ImportReport>,
    },
    /// The store or the vault failed.
    #[error("the import stopped: {source}; import the file again, nothing is doubled")]
    Stopped {
        /// Why.
        #[source]
        source: LeadsError,
        /// What was stored before.
        report: Box<ImportReport>,
    },
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let quoted: Vec<_> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("\"{name}\""))
        .collect();
    let more = names.len().saturating_sub(SHOWN);
    match (quoted.is_empty(), more) {
        (true, _) => "no named columns".to_owned(),
        (false, 0) => format!("the columns {}", quoted.join(", ")),
        (false, more) => format!("the columns {} and {more} more", quoted.join(", ")),
    }
}

impl ImportError {
    /// What was stored before the import stopped; `None` when nothing was.
    pub fn report(&self) -> Option<&ImportReport> {
        match self {
            Self::Broken { report, .. }
            | Self::Read { report, .. }
            | Self::Stopped { report, .. } => Some(report),
            _ => None,
        }
    }

    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Stopped { source, .. } => source.retry(),
            Self::Read { .. } => Retry::Backoff,
            _ => Retry::Never,
        }
    }
}
