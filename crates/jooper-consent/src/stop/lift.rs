//! The one way off the list: an attributed act of the person (law L5).

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    ActProof, Dimensions, EventId, EventKind, KeyedIndex, LeadId, LiftedBy, StopReason, UserId,
    WorkspaceId, to_millis,
};
use jooper_storage::tables::{ContactFenceRow, LEAD_ADDRESS, LeadAddressRow, SuppressionRow};
use jooper_storage::{
    Batch, Check, Column, LogEntry, Record, Scan, Storage, StorageExt, StoreError, Version,
    Versioned, WitnessEntry, Write,
};

use super::error::StopError;
use super::scope::StopScope;
use super::stops::Stops;
use crate::gate::rows::suppression_key;
use crate::note::Note;

/// An act of the person, with where its proof is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalAct {
    /// How, and what proves it.
    pub proof: ActProof,
    /// When the person acted (wall clock). Only entries older than this are lifted; an entry on the
    /// platform's list stands since then.
    pub at: Timestamp,
}

/// What a lift did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiftAck {
    /// How many entries went.
    pub lifted: usize,
}

/// The provisional entries of somebody, as they stood when a person looked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenEntries(BTreeMap<KeyedIndex, (Version, Timestamp)>);

impl SeenEntries {
    /// Adds what was seen of another address.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Takes those of an address out: they were judged.
    pub fn judged(&mut self, contact_index: KeyedIndex, variants: &[KeyedIndex]) {
        let person = StopScope::person(contact_index, variants.to_vec());
        for index in person.listed() {
            self.0.remove(&index);
        }
    }

    /// What names exactly these entries as they stand: differs once one was made anew, renewed or taken
    /// away.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, (version, last)) in &self.0 {
            bytes.extend_from_slice(index.as_bytes());
            bytes.extend_from_slice(&version.to_be_bytes());
            bytes.extend_from_slice(&to_millis(*last).to_be_bytes());
        }
        bytes
    }

    /// By its time as well: a row that was taken away and made anew counts its versions anew.
    fn has(&self, row: &SuppressionRow, version: Version) -> bool {
        self.0.get(&row.index) == Some(&(version, row.last_stopped()))
    }
}

impl PersonalAct {
    /// A dead address or a provider's complaint needs proof from the address itself; a domain's or
    /// the platform's entry is nobody's own.
    const fn lifts(self, reason: StopReason) -> bool {
        if matches!(reason, StopReason::WholeDomain) {
            return false;
        }
        !reason.is_of_the_address() || matches!(self.proof, ActProof::ConfirmedOptIn { .. })
    }

    /// Whether a person says by such an act that nobody may mail them. Words that a machine read,
    /// bounces and lists of customers say nothing about other senders.
    pub(super) const fn objects(self, reason: StopReason) -> bool {
        matches!(
            self.proof,
            ActProof::PreferencePage { .. } | ActProof::WrittenRequest { .. }
        ) && matches!(
            reason,
            StopReason::Unsubscribed | StopReason::Objected | StopReason::Erased
        )
    }
}

impl Stops {
    /// Takes a person off the workspace's list, because they asked for it.
    ///
    /// The data forgets first and the witness hears of it last, so that a crash in between leaves
    /// more blocked, never less. Entries made or renewed after the act stay: the person
    /// objected again.
    ///
    /// # Errors
    /// [`StopError::NotLiftable`] when such an act does not lift such an entry, as nobody's lifts that
    /// of a whole domain, and
    /// [`StopError::NotYet`] when it is said to be of the future: nothing is lifted.
    pub async fn lift(
        &self,
        ws: WorkspaceId,
        contact_index: KeyedIndex,
        variants: &[KeyedIndex],
        act: PersonalAct,
    ) -> Result<LiftAck, StopError> {
        // It would take away what the person says between now and then.
        if act.at > self.wall.now() {
            return Err(StopError::NotYet);
        }
        let liftable = |row: &SuppressionRow, _| {
            if row.last_stopped() >= act.at {
                return Ok(false);
            }
            let mut reasons = row.beside.into_iter().chain([row.reason]);
            match reasons.find(|reason| !act.lifts(*reason)) {
                None => Ok(true),
                Some(reason) => Err(StopError::NotLiftable(reason)),
            }
        };
        let by = LiftedBy::Person(act.proof);
        self.remove(ws, contact_index, variants, Some(act.at), by, liftable)
            .await
    }

    /// Takes provisional entries away that a user has looked at: the reply was no objection.
    ///
    /// Reaches entries that stop words made and nobody confirmed, and no others, as they stood when the user
    /// looked ([`Stops::provisional`]): whatever the person said since stands. Of what the witness
    /// knows only as much is taken away as the user looked at: a stop of the person that is in the
    /// witness already, and not committed yet, stands in a backup that is restored.
    ///
    /// # Errors
    /// [`StopError::NotAsSeen`] where the entries are not those that were seen: somebody looks again.
    /// [`StopError::Store`] and [`StopError::Witness`]: call again.
    pub async fn dismiss(
        &self,
        ws: WorkspaceId,
        contact_index: KeyedIndex,
        variants: &[KeyedIndex],
        by: UserId,
        seen: &SeenEntries,
    ) -> Result<LiftAck, StopError> {
        let person = StopScope::person(contact_index, variants.to_vec());
        let now = self.provisional(ws, contact_index, variants).await?;
        let theirs = |index| now.0.get(index) != seen.0.get(index);
        if person.listed().iter().any(theirs) {
            return Err(StopError::NotAsSeen);
        }
        let as_seen =
            |row: &SuppressionRow, version| Ok(is_provisional(row) && now.has(row, version));
        let by = LiftedBy::User(by);
        let ack = self
            .remove(ws, contact_index, variants, None, by, as_seen)
            .await?;
        if ack.lifted < now.0.len() {
            return Err(StopError::NotAsSeen);
        }
        Ok(ack)
    }

    /// The entries of a person that stop words made and nobody confirmed, as they stand: what
    /// [`Stops::dismiss`] takes away, once somebody has looked at it.
    ///
    /// # Errors
    /// [`StopError::Store`].
    pub async fn provisional(
        &self,
        ws: WorkspaceId,
        contact_index: KeyedIndex,
        variants: &[KeyedIndex],
    ) -> Result<SeenEntries, StopError> {
        let person = StopScope::person(contact_index, variants.to_vec());
        let mut seen = SeenEntries::default();
        for index in person.listed() {
            let key = suppression_key(index).values().to_vec();
            let row = self.storage.find::<SuppressionRow>(ws, key).await?;
            if let Some(Versioned { record, version }) =
                row.filter(|row| is_provisional(&row.record))
            {
                seen.0.insert(index, (version, record.last_stopped()));
            }
        }
        Ok(seen)
    }

    /// Without a time of the act, each entry is taken away as of its own last stop.
    async fn remove(
        &self,
        ws: WorkspaceId,
        contact_index: KeyedIndex,
        variants: &[KeyedIndex],
        acted_at: Option<Timestamp>,
        by: LiftedBy,
        goes: impl Fn(&SuppressionRow, Version) -> Result<bool, StopError>,
    ) -> Result<LiftAck, StopError> {
        let person = StopScope::person(contact_index, variants.to_vec());
        let fence = ContactFenceRow::of(contact_index);
        let mut batch =
            Batch::new(ws).write(Write::Upsert(fence.key(), fence.to_values(), Vec::new()));
        let mut lifted = Vec::new();
        for index in person.listed() {
            let key = suppression_key(index);
            let row = self
                .storage
                .find::<SuppressionRow>(ws, key.values().to_vec())
                .await?;
            let Some(Versioned { record, version }) = row else {
                continue;
            };
            if goes(&record, version)? {
                lifted.push((index, acted_at.unwrap_or_else(|| behind(&record))));
                batch = batch
                    .check(Check::Version(key.clone(), version))
                    .write(Write::Delete(key));
            }
        }
        if lifted.is_empty() {
            return Ok(LiftAck { lifted: 0 });
        }
        let at = self.wall.now();
        let note = Note::Lift {
            indexes: lifted.iter().map(|(index, _)| *index).collect(),
            by: Some(by),
            acted_at: acted_at.unwrap_or(at),
        };
        let said = note.to_payload();
        for lead in known_as(&*self.storage, ws, contact_index).await? {
            batch = batch.append(taken_back(contact_index, lead, at, said.clone()));
        }
        match self.storage.commit(batch).await {
            Err(StoreError::Conflict { .. }) => return Err(StopError::Contended),
            other => other?,
        }
        let entries: Vec<_> = lifted
            .iter()
            .map(|(index, acted_at)| WitnessEntry::Lifted {
                workspace: ws,
                index: *index,
                acted_at: Some(*acted_at),
                by: Some(by),
            })
            .collect();
        self.witness.append(at, &entries).await?;
        Ok(LiftAck {
            lifted: lifted.len(),
        })
    }
}

fn is_provisional(row: &SuppressionRow) -> bool {
    let stop_words = row.provisional && row.reason == StopReason::StopWords;
    stop_words && row.beside != Some(StopReason::WholeDomain)
}

/// Right behind the last stop of an entry. Stores keep milliseconds, and the witness may know the same
/// stop a little more finely.
fn behind(row: &SuppressionRow) -> Timestamp {
    let moment = SignedDuration::from_millis(1);
    let last = row.last_stopped();
    last.checked_add(moment).unwrap_or(last)
}

/// Whose entry it is, so that erasing them takes its indexes away too, and an auditor still knows
/// whose stop may have come or gone: every lead of the address, or nobody.
pub(super) async fn known_as(
    storage: &dyn Storage,
    ws: WorkspaceId,
    contact: KeyedIndex,
) -> Result<BTreeSet<Option<LeadId>>, StoreError> {
    let scan = Scan::table(&LEAD_ADDRESS)
        .by("by_contact")
        .prefix(vec![contact.to_value()]);
    let rows = storage.collect::<LeadAddressRow>(ws, scan).await?;
    let mut leads: BTreeSet<_> = rows.iter().map(|row| Some(row.record.lead)).collect();
    if leads.is_empty() {
        leads.insert(None);
    }
    Ok(leads)
}

/// The fact that a person was taken off the list.
pub(super) fn taken_back(
    contact: KeyedIndex,
    lead: Option<LeadId>,
    at: Timestamp,
    said: Vec<u8>,
) -> LogEntry {
    let whose = lead.map(|lead| lead.uuid());
    let whose: &[u8] = whose.as_ref().map_or(&[], |id| id.as_bytes());
    LogEntry {
        id: EventId::from_source(
            EventKind::Resumed,
            &[contact.as_bytes(), &to_millis(at).to_be_bytes(), whose],
        ),
        at,
        kind: EventKind::Resumed,
        dimensions: Dimensions::default(),
        lead,
        subject: lead.map(Into::into),
        payload: Some(said),
        rollups: Vec::new(),
    }
}
