//! Whether the people of a campaign are fit to be written to, taken together.

use jooper_consent::{ListQuality, MailDomain, QualityFinding, QualityReport};
use jooper_core::{CampaignId, Country, EmailAddress, WorkspaceId};
use jooper_storage::tables::{COUNTER, CounterRow, LeadProfile};
use jooper_storage::{Batch, Column, ColumnOp, Key, Record, Write};
use jooper_vault::WorkspaceVault;

use crate::campaigns::Campaigns;
use crate::engine::Engine;
use crate::error::EngineError;

/// The figures that count for a list, each in a row of its own.
const CELLS: usize = 10;

const fn cells(report: &QualityReport) -> [usize; CELLS] {
    [
        report.people,
        report.invalid,
        report.generic,
        report.blocked,
        report.disposable,
        report.typos,
        report.unreachable,
        report.traps,
        // Judged by nobody but the person who looks at the first mails.
        report.free_mail,
        report.without_country,
    ]
}

fn key(campaign: CampaignId, cell: usize) -> Vec<u8> {
    let mut key = b"list.quality.".to_vec();
    key.extend_from_slice(campaign.uuid().as_bytes());
    key.extend(u8::try_from(cell));
    key
}

async fn counted(
    engine: &Engine,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<QualityReport, EngineError> {
    let keys: Vec<Key> = (0..CELLS)
        .map(|cell| Key::new(&COUNTER, vec![key(campaign, cell).to_value()]))
        .collect();
    let rows = engine.storage().get(workspace.into(), &keys).await?;
    let mut found = [0; CELLS];
    for (cell, row) in found.iter_mut().zip(rows) {
        if let Some(row) = row {
            let count = CounterRow::from_values(row.values)?.count;
            *cell = usize::try_from(count).unwrap_or(0);
        }
    }
    let mut before = QualityReport::default();
    [
        before.people,
        before.invalid,
        before.generic,
        before.blocked,
        before.disposable,
        before.typos,
        before.unreachable,
        before.traps,
        before.free_mail,
        before.without_country,
    ] = found;
    Ok(before)
}

impl Campaigns {
    /// What the people are whom a campaign has, taken together. Who was enrolled by an earlier version
    /// counts as neither a private address nor one without country.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn list_quality(&self, campaign: CampaignId) -> Result<QualityReport, EngineError> {
        counted(&self.engine, self.workspace, campaign).await
    }
}

/// The people whom a campaign has, and those who come.
pub(crate) struct List {
    campaign: CampaignId,
    all: ListQuality,
    new: ListQuality,
}

impl List {
    /// What the campaign has already: else a poor list would pass in small pieces.
    pub(crate) async fn of(
        engine: &Engine,
        vault: &WorkspaceVault,
        campaign: CampaignId,
    ) -> Result<Self, EngineError> {
        let before = counted(engine, vault.workspace(), campaign).await?;
        Ok(Self {
            campaign,
            all: ListQuality::beside(before),
            new: ListQuality::new(),
        })
    }

    /// Looks at somebody who comes.
    pub(crate) fn add(
        &mut self,
        vault: &WorkspaceVault,
        profile: &LeadProfile,
        country: Option<Country>,
    ) {
        let address = EmailAddress::parse(&profile.email).ok();
        let address = address.map(|address| (vault.contact_index(&address), address));
        for quality in [&mut self.all, &mut self.new] {
            match &address {
                Some((contact, address)) => quality.add(address, *contact, country, true),
                None => quality.add_invalid(),
            }
        }
    }

    /// Looks at somebody who would come, if their domain took mail.
    pub(crate) const fn add_closed(&mut self, domain: MailDomain) {
        self.all.add_closed(domain);
        self.new.add_closed(domain);
    }

    /// What must be mended first: about all of them, or about those who come, whom a long list of
    /// before would hide.
    pub(crate) fn check(&self) -> Result<(), EngineError> {
        let mut findings = self.all.report().findings();
        let new = self.new.report().findings().into_iter();
        let more: Vec<_> = new.filter(|new| !findings.contains(new)).collect();
        findings.extend(more);
        // A campaign whose leads are all refused says so lead by lead.
        findings.retain(|finding| *finding != QualityFinding::Empty);
        if findings.is_empty() {
            return Ok(());
        }
        Err(EngineError::List(findings))
    }

    /// Remembers who has come, in the batch that enrolls them.
    pub(crate) fn remember(&self, mut batch: Batch) -> Batch {
        for (cell, count) in cells(self.new.report()).into_iter().enumerate() {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            if count == 0 {
                continue;
            }
            let row = CounterRow {
                key: key(self.campaign, cell),
                count,
                expires_at: i64::MAX,
            };
            let more = vec![("count", ColumnOp::Add(count))];
            batch = batch.write(Write::Upsert(row.key(), row.to_values(), more));
        }
        batch
    }
}
