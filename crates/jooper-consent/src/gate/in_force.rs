//! Which policy tables judge stands in the log before the first permit that they let out.

use jooper_core::{Dimensions, EventId, EventKind, WorkspaceId};
use jooper_storage::tables::SettingRow;
use jooper_storage::{Batch, LogEntry, StorageExt, StoreError, Value};

use super::acquire::{ATTEMPTS, Gate};
use super::error::GateError;
use crate::note::Note;

/// The setting that names the tables that were written down last.
const SETTING_POLICIES: &str = "consent.policies";

impl Gate {
    /// Writes down in a workspace's log which policy tables are in force, and who installed them:
    /// whenever they are others than those written down last, the shipped ones included.
    ///
    /// The gate does so by itself before the first permit that this process issues in a workspace.
    ///
    /// # Errors
    /// [`GateError::Store`]; [`GateError::Contended`].
    pub async fn record_policies(&self, ws: WorkspaceId) -> Result<(), GateError> {
        let mark = self.policies.mark();
        for _ in 0..ATTEMPTS {
            let name = SETTING_POLICIES.to_owned();
            let known = self
                .storage
                .find::<SettingRow>(ws, vec![Value::Text(name.clone())])
                .await?;
            if known.as_ref().is_some_and(|row| row.record.number == mark) {
                return Ok(());
            }
            let row = SettingRow {
                name,
                number: mark,
                value: None,
            };
            let version = known.map_or(0, |row| row.version);
            let batch = match version {
                0 => Batch::new(ws).insert(&row),
                _ => Batch::new(ws).update(&row, version),
            };
            match self.storage.commit(self.tell(batch, version)).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return Ok(other?),
            }
        }
        Err(GateError::Contended)
    }

    /// As [`Gate::record_policies`], once for each workspace of this process.
    pub(super) async fn ensure_recorded(&self, ws: WorkspaceId) -> Result<(), GateError> {
        let recorded = || {
            self.recorded
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if !recorded().contains(&ws) {
            self.record_policies(ws).await?;
            recorded().insert(ws);
        }
        Ok(())
    }

    /// Adds an entry for each table. `version` is the setting's before: a table that comes back is
    /// a fact of its own.
    fn tell(&self, mut batch: Batch, version: u64) -> Batch {
        let [countries, transports] = self.policies.digests();
        let tables = [
            (
                "countries",
                self.policies.countries().version(),
                countries,
                self.policies.countries_by(),
            ),
            (
                "transports",
                self.policies.transports().version(),
                transports,
                self.policies.transports_by(),
            ),
        ];
        let at = self.wall.now();
        for (table, of_table, digest, by) in tables {
            let reviewer = by.map(|by| by.reviewer);
            let note = Note::Policy {
                table: table.to_owned(),
                version: of_table.to_owned(),
                digest: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
                reviewer,
            };
            let who = reviewer.map_or([0; 16], |user| *user.uuid().as_bytes());
            batch = batch.append(LogEntry {
                id: EventId::from_source(
                    EventKind::PolicyInstalled,
                    &[table.as_bytes(), &digest, &who, &version.to_be_bytes()],
                ),
                at,
                kind: EventKind::PolicyInstalled,
                dimensions: Dimensions::default(),
                lead: None,
                subject: None,
                payload: Some(note.to_payload()),
                rollups: Vec::new(),
            });
        }
        batch
    }
}
