//! The run over one file.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::Timestamp;
use jooper_core::{CompanyId, KeyedIndex, WorkspaceId};
use uuid::Uuid;

use super::error::ImportError;
use super::mapping::{Columns, Mapping};
use super::report::{FirstSeen, ImportReport};
use super::row::{self, Candidate, Reading};
use super::rows::{Broken, NotCsv, Rows};
use crate::clean;
use crate::error::LeadsError;
use crate::leads::Leads;

/// How many rows one commit stores.
const BATCH: usize = 500;

/// One import: what it has learned so far, and its report.
pub(crate) struct Importer<'a> {
    pub(super) leads: &'a Leads,
    pub(super) ws: WorkspaceId,
    pub(super) id: Uuid,
    pub(super) now: Timestamp,
    source_name: String,
    pub(super) batches: u64,
    /// On which line a person of this file was first, by the widest form of the address.
    pub(super) seen: BTreeMap<KeyedIndex, u64>,
    /// Companies that are in the store.
    pub(super) companies: BTreeMap<KeyedIndex, CompanyId>,
    report: ImportReport,
}

/// What became of a candidate.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Imported,
    Updated,
    Duplicate(FirstSeen),
    Blocked,
}

impl<'a> Importer<'a> {
    pub(crate) fn new(leads: &'a Leads, ws: WorkspaceId, source_name: &str) -> Self {
        let now = leads.clock.now();
        Self {
            leads,
            ws,
            id: leads.ids.uuid(now),
            now,
            source_name: clean::line(source_name).unwrap_or_else(|| "unnamed file".to_owned()),
            batches: 0,
            seen: BTreeMap::new(),
            companies: BTreeMap::new(),
            report: ImportReport::default(),
        }
    }

    pub(crate) async fn run(
        mut self,
        reader: impl Read + Send,
        mapping: &Mapping,
    ) -> Result<ImportReport, ImportError> {
        let mut rows = Rows::open(reader).map_err(|error| self.not_csv(error))?;
        let columns = self.header(&mut rows, mapping)?;
        let source_name = self.source_name.clone();
        let policies = self.leads.policies.clone();
        let reading = Reading {
            columns: &columns,
            file_basis: &mapping.file_basis,
            countries: policies.countries(),
            source_name: &source_name,
            now: self.now,
        };
        let mut waiting: Vec<Candidate> = Vec::with_capacity(BATCH);
        loop {
            let raw = match rows.next() {
                Ok(Some(raw)) => raw,
                Ok(None) => break,
                // What waits is not stored: it may belong to what is broken.
                Err(broken) => return Err(self.broken(broken)),
            };
            self.report.rows += 1;
            match row::read(&reading, &raw) {
                Ok((candidate, remarks)) => {
                    remarks
                        .into_iter()
                        .for_each(|remark| self.report.remark(remark));
                    waiting.push(candidate);
                }
                Err(reject) => self.report.reject(reject),
            }
            if waiting.len() == BATCH {
                self.store(std::mem::take(&mut waiting)).await?;
            }
        }
        self.store(waiting).await?;
        Ok(self.report)
    }

    fn header<R: Read>(
        &mut self,
        rows: &mut Rows<R>,
        mapping: &Mapping,
    ) -> Result<Columns, ImportError> {
        let first = match rows.next() {
            Ok(Some(first)) => first,
            Ok(None) => return Err(ImportError::Empty),
            Err(broken) => return Err(self.broken(broken)),
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
            .filter(|(header, _)| header.is_empty());
        self.report.unnamed_columns = unnamed.map(|(_, column)| column).collect();
        mapping.resolve(headers)
    }

    async fn store(&mut self, candidates: Vec<Candidate>) -> Result<(), ImportError> {
        if candidates.is_empty() {
            return Ok(());
        }
        let outcomes = match self.store_batch(&candidates).await {
            Ok(outcomes) => outcomes,
            Err(source) => return Err(self.stopped(source)),
        };
        for (candidate, outcome) in candidates.iter().zip(outcomes) {
            match outcome {
                Outcome::Imported => self.report.imported += 1,
                Outcome::Updated => self.report.updated += 1,
                Outcome::Blocked => self.report.blocked += 1,
                Outcome::Duplicate(first) => self.report.duplicate(candidate.line, first),
            }
        }
        Ok(())
    }

    fn taken(&mut self) -> Box<ImportReport> {
        Box::new(std::mem::take(&mut self.report))
    }

    fn stopped(&mut self, source: LeadsError) -> ImportError {
        ImportError::Stopped {
            source,
            report: self.taken(),
        }
    }

    fn not_csv(&mut self, error: NotCsv) -> ImportError {
        match error {
            NotCsv::Empty => ImportError::Empty,
            NotCsv::Utf16 => ImportError::Utf16,
            NotCsv::Workbook => ImportError::Workbook,
            NotCsv::Io(source) => ImportError::Read {
                line: 0,
                source,
                report: self.taken(),
            },
        }
    }

    fn broken(&mut self, broken: Broken) -> ImportError {
        let report = self.taken();
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
}
