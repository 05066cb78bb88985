//! The run over one file.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::Timestamp;
use jooper_core::{CompanyId, KeyedIndex, WorkspaceId};
use jooper_storage::Batch;
use jooper_storage::tables::{BASIS, COMPANY, LEAD, LEAD_ADDRESS, SUBJECT_KEY};
use uuid::Uuid;

use super::error::ImportError;
use super::mapping::Mapping;
use super::report::{FirstSeen, ImportReport};
use super::row::{self, Candidate, Reading};
use super::structure;
use crate::clean;
use crate::error::LeadsError;
use crate::leads::Leads;

/// How many bytes of the file one commit stores at most.
const BYTES: usize = 1 << 20;

/// How many rows of the file one commit stores: each may become one of each of these tables. A fifth
/// of the batch is left to the names of new fields.
fn rows_of_a_batch() -> usize {
    let most = Batch::most_rows(&[&SUBJECT_KEY, &LEAD, &LEAD_ADDRESS, &BASIS, &COMPANY]);
    most * 4 / 5
}

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
        let mut rows = structure::open(reader)?;
        let (columns, unnamed) = structure::header(&mut rows, mapping)?;
        self.report.unnamed_columns = unnamed;
        let source_name = self.source_name.clone();
        let policies = self.leads.policies.clone();
        let reading = Reading {
            columns: &columns,
            file_basis: &mapping.file_basis,
            countries: policies.countries(),
            source_name: &source_name,
            file_source: mapping.file_source.as_deref(),
            now: self.now,
        };
        let most = rows_of_a_batch();
        let mut waiting: Vec<Candidate> = Vec::with_capacity(most);
        let mut bytes = 0;
        loop {
            let raw = match rows.next() {
                Ok(Some(raw)) => raw,
                Ok(None) => break,
                // What waits is not stored: it may belong to what is broken.
                Err(broken) => return Err(structure::broken(broken, self.taken())),
            };
            self.report.rows += 1;
            bytes += raw.fields.iter().map(Vec::len).sum::<usize>();
            match row::read(&reading, &raw) {
                Ok((candidate, remarks)) => {
                    self.report.without_source += u64::from(candidate.profile.source.is_empty());
                    remarks
                        .into_iter()
                        .for_each(|remark| self.report.remark(remark));
                    waiting.push(candidate);
                }
                Err(reject) => self.report.reject(reject),
            }
            if waiting.len() == most || bytes >= BYTES {
                self.store(std::mem::take(&mut waiting)).await?;
                bytes = 0;
            }
        }
        self.store(waiting).await?;
        Ok(self.report)
    }

    async fn store(&mut self, candidates: Vec<Candidate>) -> Result<(), ImportError> {
        let mut left = candidates.as_slice();
        while !left.is_empty() {
            let outcomes = match self.store_batch(left).await {
                Ok(outcomes) => outcomes,
                Err(source) => return Err(self.stopped(source)),
            };
            let (stored, rest) = left.split_at(outcomes.len());
            for (candidate, outcome) in stored.iter().zip(outcomes) {
                match outcome {
                    Outcome::Imported => self.report.imported += 1,
                    Outcome::Updated => self.report.updated += 1,
                    Outcome::Blocked => self.report.blocked += 1,
                    Outcome::Duplicate(first) => self.report.duplicate(candidate.line, first),
                }
            }
            left = rest;
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
}
