//! What makes a file a table: its form, the names of its columns, and rows that end.

use std::collections::BTreeSet;
use std::io::Read;

use super::error::ImportError;
use super::mapping::{Columns, Mapping, Target};
use super::report::ImportReport;
use super::rows::{Broken, NotCsv, Rows};
use crate::clean;
use crate::names::STANDARD;

/// Reads a CSV file to its end and stores nothing: `Ok` with the number of its rows when an import
/// with this mapping would not stop at the file's form.
///
/// An import stores its rows in batches while it reads, so that a file may be larger than memory.
/// Whoever can read a file twice looks first, and then nothing of a broken file is stored. Rows that
/// would be rejected one by one are no matter of form and count.
///
/// # Errors
/// [`ImportError`], as the import would; its report is empty.
pub fn check_csv(reader: impl Read, mapping: &Mapping) -> Result<u64, ImportError> {
    let mut rows = open(reader)?;
    header(&mut rows, mapping)?;
    let mut count = 0;
    while rows
        .next()
        .map_err(|error| broken(error, Box::default()))?
        .is_some()
    {
        count += 1;
    }
    Ok(count)
}

/// The fields that a template may name for the leads of a CSV file: the standard ones, and one for
/// every column that the mapping keeps as a field. Reads the header only.
///
/// # Errors
/// [`ImportError`], as the import would for the header; its report is empty.
pub fn csv_fields(reader: impl Read, mapping: &Mapping) -> Result<BTreeSet<String>, ImportError> {
    let (columns, _) = header(&mut open(reader)?, mapping)?;
    let own = columns
        .targets
        .into_iter()
        .filter_map(|target| match target {
            Target::Field(field) => Some(field),
            _ => None,
        });
    Ok(own
        .chain(STANDARD.iter().map(|name| (*name).to_owned()))
        .collect())
}

pub(super) fn open<R: Read>(reader: R) -> Result<Rows<R>, ImportError> {
    Rows::open(reader).map_err(|error| match error {
        NotCsv::Empty => ImportError::Empty,
        NotCsv::Utf16 => ImportError::Utf16,
        NotCsv::Workbook => ImportError::Workbook,
        NotCsv::Io(source) => ImportError::Read {
            line: 0,
            source,
            report: Box::default(),
        },
    })
}

/// The columns, and which of them have no name, counted from 1.
pub(super) fn header<R: Read>(
    rows: &mut Rows<R>,
    mapping: &Mapping,
) -> Result<(Columns, Vec<usize>), ImportError> {
    let first = match rows.next() {
        Ok(Some(first)) => first,
        Ok(None) => return Err(ImportError::Empty),
        Err(error) => return Err(broken(error, Box::default())),
    };
    let line = first.line;
    let mut headers = Vec::with_capacity(first.fields.len());
    for field in &first.fields {
        let text = clean::value(field).map_err(|_| ImportError::HeaderEncoding { line })?;
        headers.push(clean::line(&text).unwrap_or_default());
    }
    if headers.iter().any(|header| header.contains('@')) {
        return Err(ImportError::NoHeader { line });
    }
    let unnamed = headers
        .iter()
        .zip(1..)
        .filter(|(header, _)| header.is_empty())
        .map(|(_, column)| column)
        .collect();
    Ok((mapping.resolve(headers)?, unnamed))
}

/// The error for a row that cannot be read, with what was stored before it.
pub(super) fn broken(broken: Broken, report: Box<ImportReport>) -> ImportError {
    let (line, reason, remedy) = match broken {
        Broken::Io { line, source } => {
            return ImportError::Read {
                line,
                source,
                report,
            };
        }
        Broken::TooLong { line } => (
            line,
            "the row is longer than 1 MiB",
            "most likely a quote in it is never closed: close it, or double it",
        ),
        Broken::TooWide { line } => (
            line,
            "the row has more than 1,000 columns",
            "check the separator, or leave columns out",
        ),
        Broken::Unclosed { line } => (
            line,
            "a quote in this row is never closed",
            "close it, or double it if it belongs to the value",
        ),
    };
    ImportError::Broken {
        line,
        reason,
        remedy,
        report,
    }
}
