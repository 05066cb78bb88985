//! A witness that was lost, written again from what the data knows.

use jiff::Timestamp;
use jooper_core::{BasisKind, Code, EventKind, LeadId, ScopeKind, StopReason, WorkspaceId};

use super::{ContinuityError, PAGE, Standing, key};
use crate::tables::{
    BASIS, BasisRow, DO_NOT_CONTACT, DoNotContactRow, REFUSED_BASES, SCOPE_STOP, SUPPRESSION,
    ScopeStopRow, SettingRow, SuppressionRow, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
};
use crate::{
    Batch, ColumnOp, LogCursor, Scan, Scope, Storage, StorageExt, Value, Witness, WitnessEntry,
    Write,
};

impl Standing {
    /// Writes into a witness that was lost ([`Standing::witness_lost`]) what the data knows: its
    /// epoch, whom nobody may mail, what is stopped, who is restricted, which bases are refused or withdrawn, and who was erased as far as the
    /// log tells. A backup from before forgets none of it then. Call [`Standing::settle`] behind it; until then the witness counts
    /// as lost, so that a process that is killed half-way begins again. Returns how many entries it
    /// wrote.
    ///
    /// What only the lost witness knew stays lost: lifts, without which a restored copy mails fewer
    /// people, and stops that this data itself had forgotten.
    ///
    /// # Errors
    /// What store and witness say; call again then.
    pub async fn reseed(
        &self,
        storage: &dyn Storage,
        witness: &dyn Witness,
        at: Timestamp,
    ) -> Result<u64, ContinuityError> {
        // More than any witness has: it stays lost until the standing is settled.
        let lost = vec![("witness_position", ColumnOp::Max(i64::MAX))];
        let write = Write::Patch(key(), lost);
        storage
            .commit(Batch::new(Scope::Platform).write(write))
            .await?;
        let mut told = Told {
            witness,
            at,
            waiting: Vec::new(),
            count: 0,
        };
        if self.epoch > 0 {
            let (installation, epoch) = (self.installation, self.epoch);
            told.tell(WitnessEntry::Epoch {
                installation,
                epoch,
            })
            .await?;
        }
        nobody(storage, &mut told).await?;
        let workspaces = storage
            .collect::<WorkspaceDirectoryRow>(Scope::Platform, Scan::table(&WORKSPACE_DIRECTORY))
            .await?;
        for workspace in workspaces {
            list(storage, &mut told, workspace.record.id).await?;
            stops(storage, &mut told, workspace.record.id).await?;
            erasures(storage, &mut told, workspace.record.id).await?;
            refusals(storage, &mut told, workspace.record.id).await?;
        }
        told.flush().await?;
        Ok(told.count)
    }
}

struct Told<'a> {
    witness: &'a dyn Witness,
    at: Timestamp,
    waiting: Vec<WitnessEntry>,
    count: u64,
}

impl Told<'_> {
    async fn tell(&mut self, entry: WitnessEntry) -> Result<(), ContinuityError> {
        self.waiting.push(entry);
        self.count += 1;
        if self.waiting.len() < PAGE {
            return Ok(());
        }
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), ContinuityError> {
        let entries = std::mem::take(&mut self.waiting);
        self.witness.append(self.at, &entries).await?;
        Ok(())
    }
}

async fn nobody(storage: &dyn Storage, told: &mut Told<'_>) -> Result<(), ContinuityError> {
    let mut scan = Scan::table(&DO_NOT_CONTACT);
    loop {
        let page = storage
            .page::<DoNotContactRow>(Scope::Platform, scan.clone())
            .await?;
        for row in page.records {
            let (index, reason) = (row.record.index, row.record.reason);
            let proof = None;
            told.tell(WitnessEntry::DoNotContact {
                index,
                reason,
                proof,
            })
            .await?;
        }
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return Ok(()),
        }
    }
}

async fn list(
    storage: &dyn Storage,
    told: &mut Told<'_>,
    workspace: WorkspaceId,
) -> Result<(), ContinuityError> {
    let mut scan = Scan::table(&SUPPRESSION);
    loop {
        let page = storage
            .page::<SuppressionRow>(workspace, scan.clone())
            .await?;
        for row in page.records {
            let row = row.record;
            // What stands beside the weightier reason holds of its own.
            for reason in [row.reason].into_iter().chain(row.beside) {
                told.tell(WitnessEntry::Suppressed {
                    workspace,
                    index: row.index,
                    reason,
                    source: row.source,
                })
                .await?;
            }
        }
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return Ok(()),
        }
    }
}

async fn stops(
    storage: &dyn Storage,
    told: &mut Told<'_>,
    workspace: WorkspaceId,
) -> Result<(), ContinuityError> {
    let stops = storage.collect::<ScopeStopRow>(workspace, Scan::table(&SCOPE_STOP));
    for row in stops.await? {
        let stop = row.record;
        for cause in stop.causes()? {
            told.tell(WitnessEntry::Stopped {
                workspace,
                scope: stop.scope,
                id: stop.id,
                reason: cause.reason,
                source: cause.source,
                since: cause.since,
            })
            .await?;
        }
        if stop.scope == ScopeKind::Person && stop.stands_for(StopReason::Restricted)? {
            let subject = LeadId::from_uuid(stop.id).into();
            told.tell(WitnessEntry::Restricted { workspace, subject })
                .await?;
        }
    }
    Ok(())
}

async fn erasures(
    storage: &dyn Storage,
    told: &mut Told<'_>,
    workspace: WorkspaceId,
) -> Result<(), ContinuityError> {
    let mut cursor = LogCursor::start();
    loop {
        let page = storage.read_log(workspace, cursor).await?;
        if page.records.is_empty() {
            return Ok(());
        }
        for record in page.records {
            let erased = record
                .entry
                .lead
                .filter(|_| record.entry.kind == EventKind::Erased);
            if let Some(lead) = erased {
                let subject = lead.into();
                told.tell(WitnessEntry::Erased { workspace, subject })
                    .await?;
            }
        }
        cursor.after = page.next;
    }
}

async fn refusals(
    storage: &dyn Storage,
    told: &mut Told<'_>,
    workspace: WorkspaceId,
) -> Result<(), ContinuityError> {
    let key = vec![Value::Text(REFUSED_BASES.to_owned())];
    if let Some(row) = storage.find::<SettingRow>(workspace, key).await? {
        let refused = |kind: &BasisKind| row.record.number & (1 << kind.code()) != 0;
        let kinds = BasisKind::all().iter().copied().filter(refused).collect();
        told.tell(WitnessEntry::Refused { workspace, kinds })
            .await?;
    }
    let mut scan = Scan::table(&BASIS);
    loop {
        let page = storage.page::<BasisRow>(workspace, scan.clone()).await?;
        for row in page.records {
            let row = row.record;
            let Some(at) = row.withdrawn_at else { continue };
            told.tell(WitnessEntry::Withdrawn {
                workspace,
                subject: row.lead.into(),
                purpose: row.purpose,
                kind: row.kind,
                at,
            })
            .await?;
        }
        match page.next {
            Some(next) => scan.after = Some(next),
            None => return Ok(()),
        }
    }
}
