//! What a workspace refuses beyond the policy tables, and what is withdrawn. It can only ever be more.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_core::{
    BasisKind, Code, Dimensions, EventId, EventKind, LeadId, Purpose, UserId, WorkspaceId,
    to_millis,
};
use jooper_storage::tables::{BasisRow, REFUSED_BASES, SettingRow};
use jooper_storage::{
    Batch, Check, Column, LogEntry, Record, Storage, StorageExt, StoreError, Value, Versioned,
    WitnessEntry, WitnessError, WitnessRecord,
};
use uuid::Uuid;

use crate::basis::withdraw;
use crate::note::Note;
use crate::stop::Stops;

/// Why a workspace's own rules stay as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TightenError {
    /// It would rely again on what it refuses: a workspace only tightens.
    #[error("a workspace can only refuse more, and this would let {} count again", names(.0))]
    Loosens(BTreeSet<BasisKind>),
    /// The store failed, or somebody else changed the rules meanwhile: look, and ask again.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// The witness failed. It holds, but a backup that is put back may not know it: ask again.
    #[error(
        "it holds here, but the witness that keeps it for a restore could not be written; ask again"
    )]
    Witness(#[from] WitnessError),
}

fn names(kinds: &BTreeSet<BasisKind>) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

pub(crate) fn is_refused(mask: i64, kind: BasisKind) -> bool {
    mask & (1 << kind.code()) != 0
}

fn kinds_of(mask: i64) -> BTreeSet<BasisKind> {
    let all = BasisKind::all().iter().copied();
    all.filter(|kind| is_refused(mask, *kind)).collect()
}

async fn standing(
    storage: &dyn Storage,
    ws: WorkspaceId,
) -> Result<Option<Versioned<SettingRow>>, StoreError> {
    let key = vec![Value::Text(REFUSED_BASES.to_owned())];
    storage.find::<SettingRow>(ws, key).await
}

/// The bases that a workspace does not use, whatever the policy tables admit.
///
/// # Errors
/// As [`Storage::get`].
pub async fn refused_bases(
    storage: &dyn Storage,
    ws: WorkspaceId,
) -> Result<BTreeSet<BasisKind>, StoreError> {
    Ok(refused_by(standing(storage, ws).await?.as_ref()))
}

impl Stops {
    /// Makes a workspace refuse these bases, and no others than it refused before: what it refuses once, it
    /// refuses for good. The audit chain has who said so, and the witness keeps it from being forgotten by a
    /// restore. It can refuse what the tables admit, and nothing else: there is no setting that admits.
    ///
    /// # Errors
    /// [`TightenError::Loosens`] names what the workspace refuses already and `kinds` leaves out; nothing
    /// changes then. [`TightenError::Store`]. [`TightenError::Witness`]: call again.
    pub async fn refuse_bases(
        &self,
        ws: WorkspaceId,
        kinds: &BTreeSet<BasisKind>,
        by: UserId,
    ) -> Result<(), TightenError> {
        let known = standing(&*self.storage, ws).await?;
        let refused = refused_by(known.as_ref());
        let back: BTreeSet<_> = refused.difference(kinds).copied().collect();
        if !back.is_empty() {
            return Err(TightenError::Loosens(back));
        }
        let now = self.wall.now();
        if refused != *kinds {
            let batch = tightened(ws, known, kinds, by, now);
            self.storage.commit(batch).await?;
        }
        // Of what stands already the witness may have failed to hear.
        let entry = WitnessEntry::Refused {
            workspace: ws,
            kinds: kinds.clone(),
        };
        self.witness.append(now, &[entry]).await?;
        Ok(())
    }

    /// Withdraws a basis of a lead. Idempotent; an absent basis stays absent. No restore of a backup brings
    /// it back.
    ///
    /// Withdrawing is no suppression: other bases of the lead stay. Who objects is stopped instead.
    ///
    /// # Errors
    /// [`TightenError::Store`] and [`TightenError::Witness`]: call again.
    pub async fn withdraw(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        purpose: Purpose,
        kind: BasisKind,
    ) -> Result<(), TightenError> {
        let at = self.wall.now();
        let batch = withdraw(Batch::new(ws), lead, purpose, kind, at);
        self.storage.commit(batch).await?;
        let entry = WitnessEntry::Withdrawn {
            workspace: ws,
            subject: lead.into(),
            purpose,
            kind,
            at,
        };
        self.witness.append(at, &[entry]).await?;
        Ok(())
    }
}

/// Has data that may have forgotten it refuse what the witness knows that it refused, and withdraws what
/// was withdrawn. Who it was went with the data that was lost. Idempotent.
pub(crate) async fn recall(
    storage: &dyn Storage,
    record: &WitnessRecord,
) -> Result<(), StoreError> {
    match &record.entry {
        WitnessEntry::Refused { workspace, kinds } => {
            let known = standing(storage, *workspace).await?;
            let refused = refused_by(known.as_ref());
            if refused.is_superset(kinds) {
                return Ok(());
            }
            let (all, nobody) = (&refused | kinds, UserId::from_uuid(Uuid::nil()));
            let batch = tightened(*workspace, known, &all, nobody, record.at);
            storage.commit(batch).await
        }
        WitnessEntry::Withdrawn {
            workspace,
            subject,
            purpose,
            kind,
            at,
        } => {
            let lead = LeadId::from_uuid(subject.uuid());
            let key = vec![lead.to_value(), purpose.to_value(), kind.to_value()];
            let found = storage.find::<BasisRow>(*workspace, key).await?;
            let forgotten = |row: &Versioned<BasisRow>| {
                row.record.withdrawn_at.is_none() && row.record.obtained_at <= *at
            };
            let Some(row) = found.filter(forgotten) else {
                return Ok(());
            };
            let check = Check::Version(row.record.key(), row.version);
            let batch = Batch::new(*workspace).check(check);
            storage
                .commit(withdraw(batch, lead, *purpose, *kind, *at))
                .await
        }
        _ => Ok(()),
    }
}

fn refused_by(known: Option<&Versioned<SettingRow>>) -> BTreeSet<BasisKind> {
    known.map_or_else(BTreeSet::new, |row| kinds_of(row.record.number))
}

/// The write of what a workspace refuses, over what was read, and its fact.
fn tightened(
    ws: WorkspaceId,
    known: Option<Versioned<SettingRow>>,
    kinds: &BTreeSet<BasisKind>,
    by: UserId,
    now: Timestamp,
) -> Batch {
    let row = SettingRow {
        name: REFUSED_BASES.to_owned(),
        number: kinds.iter().fold(0, |mask, kind| mask | (1 << kind.code())),
        value: None,
    };
    let batch = match known {
        Some(known) => Batch::new(ws).update(&row, known.version),
        None => Batch::new(ws).insert(&row),
    };
    let fact = fact(&row, kinds, by, now);
    batch.append(fact)
}

fn fact(row: &SettingRow, kinds: &BTreeSet<BasisKind>, by: UserId, now: Timestamp) -> LogEntry {
    let note = Note::Tightened {
        refused: kinds.iter().copied().collect(),
        by,
    };
    LogEntry {
        id: EventId::from_source(
            EventKind::PolicyInstalled,
            &[
                REFUSED_BASES.as_bytes(),
                &row.number.to_be_bytes(),
                &to_millis(now).to_be_bytes(),
            ],
        ),
        at: now,
        kind: EventKind::PolicyInstalled,
        dimensions: Dimensions::default(),
        lead: None,
        subject: None,
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    }
}
