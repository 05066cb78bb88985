//! From candidates to one commit: who is blocked, who is known, and the rest sealed and stored.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper_consent::{not_sendable, parent_domains};
use jooper_core::{
    CompanyId, Dimensions, EventKind, KeyedIndex, LeadId, LeadState, Origin, Purpose, SubjectId,
};
use jooper_storage::tables::{
    AddressText, BASIS, BasisRow, COMPANY, CompanyRow, LEAD, LEAD_ADDRESS, LeadAddressRow,
    LeadProfile, LeadRow, Name, SUPPRESSION, SettingRow,
};
use jooper_storage::{Batch, Check, Column, Key, LogEntry, Scan, Scope, StorageExt, Versioned};
use jooper_vault::{Place, SubjectVault, WorkspaceVault};
use uuid::Uuid;

use super::importer::{Importer, Outcome};
use super::report::FirstSeen;
use super::row::Candidate;
use crate::error::LeadsError;
use crate::leads::profile_place;
use crate::names;

/// How often a batch is prepared anew because rows changed under it.
const ATTEMPTS: usize = 16;
/// The row that makes imports of one workspace go one batch after the other, so that none misses a
/// person or a company that another is just writing.
const TURN: &str = "leads.import";

/// A batch in the making, with what it will have taught once it is committed.
struct Draft<'a> {
    batch: Batch,
    vault: &'a WorkspaceVault,
    outcomes: Vec<Outcome>,
    seen: BTreeMap<KeyedIndex, u64>,
    companies: BTreeMap<KeyedIndex, CompanyId>,
    fields: BTreeSet<String>,
    /// The leads that this batch fills something in of.
    filled: BTreeSet<LeadId>,
    imported: i64,
    /// Fresh ids in ascending order, so that leads list in the order of the file.
    ids: std::vec::IntoIter<Uuid>,
    now: Timestamp,
}

impl Importer<'_> {
    /// Stores candidates from the first on, as many as one batch holds beside the names of their
    /// fields, all or nothing, and says what became of each of those.
    pub(super) async fn store_batch(
        &mut self,
        candidates: &[Candidate],
    ) -> Result<Vec<Outcome>, LeadsError> {
        let mut count = candidates.len();
        let mut attempt = 1;
        while attempt <= ATTEMPTS {
            let vault = self.leads.vault.workspace(self.ws).await?;
            let mut draft = self.prepare(&vault, &candidates[..count]).await?;
            let fits = is_small(&draft.batch);
            if !fits && count > 1 {
                count = count.div_ceil(2);
                continue;
            }
            // One person with more new fields than a bulk batch holds: others wait for it, once.
            draft.batch.bulk = fits;
            let Draft {
                batch,
                outcomes,
                seen,
                companies,
                ..
            } = draft;
            let stored = match batch.writes.is_empty() {
                true => Ok(()),
                false => self.leads.storage.commit(batch).await,
            };
            match stored.map_err(LeadsError::from) {
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    self.seen.extend(seen);
                    self.companies.extend(companies);
                    self.batches += 1;
                    return Ok(outcomes);
                }
            }
        }
        Err(jooper_storage::StoreError::Busy(None).into())
    }

    async fn prepare<'v>(
        &self,
        vault: &'v WorkspaceVault,
        candidates: &[Candidate],
    ) -> Result<Draft<'v>, LeadsError> {
        // Read first: whatever another import commits from here on is a conflict.
        let key = vec![TURN.to_owned().to_value()];
        let turn = self.leads.storage.find::<SettingRow>(self.ws, key).await?;
        let blocked = self.blocked(vault, candidates).await?;
        let now = self.leads.clock.now().max(self.now);
        let mut ids: Vec<_> = candidates
            .iter()
            .map(|_| self.leads.ids.uuid(now))
            .collect();
        ids.sort_unstable();
        let mut draft = Draft {
            ids: ids.into_iter(),
            now,
            batch: Batch::new(self.ws).bulk(),
            vault,
            outcomes: Vec::with_capacity(candidates.len()),
            seen: BTreeMap::new(),
            companies: BTreeMap::new(),
            fields: BTreeSet::new(),
            filled: BTreeSet::new(),
            imported: 0,
        };
        for (candidate, blocked) in candidates.iter().zip(blocked) {
            let outcome = if blocked {
                Outcome::Blocked
            } else {
                self.one(&mut draft, candidate).await?
            };
            draft.outcomes.push(outcome);
        }
        self.remember_fields(&mut draft).await?;
        if !draft.batch.writes.is_empty() {
            self.finish(&mut draft, turn);
        }
        Ok(draft)
    }

    /// Who must not be stored: suppressed here (under any form of the address, or the domain), or
    /// on the platform's list.
    async fn blocked(
        &self,
        vault: &WorkspaceVault,
        candidates: &[Candidate],
    ) -> Result<Vec<bool>, LeadsError> {
        let platform = self.leads.vault.platform().await?;
        let mut keys = Vec::new();
        let mut counts = Vec::with_capacity(candidates.len());
        let mut everywhere = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let before = keys.len();
            keys.extend(suppression_keys(vault, candidate));
            counts.push(keys.len() - before);
            everywhere.push(platform.variant_indexes(&candidate.address));
        }
        let rows = self
            .leads
            .storage
            .get(Scope::Workspace(self.ws), &keys)
            .await?;
        let listed = not_sendable(&*self.leads.storage, &everywhere).await?;
        let mut rows = rows.into_iter();
        let here = counts.into_iter().map(|count| {
            // Every row is taken, so that the next candidate's rows come next.
            let mine: Vec<_> = rows.by_ref().take(count).collect();
            mine.iter().any(Option::is_some)
        });
        Ok(here
            .zip(listed)
            .map(|(here, there)| here || there)
            .collect())
    }

    async fn one(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
    ) -> Result<Outcome, LeadsError> {
        let contact = draft.vault.contact_index(&candidate.address);
        let earlier = self.seen.get(&contact).or_else(|| draft.seen.get(&contact));
        if let Some(line) = earlier {
            return Ok(Outcome::Duplicate(FirstSeen::Line(*line)));
        }
        draft.seen.insert(contact, candidate.line);
        let mut known = Vec::new();
        for filed in draft.vault.contact_indexes(&candidate.address) {
            let scan = Scan::table(&LEAD_ADDRESS)
                .by("by_contact")
                .prefix(vec![filed.to_value()]);
            let storage = &self.leads.storage;
            known.extend(storage.collect::<LeadAddressRow>(self.ws, scan).await?);
        }
        let Some(first) = known.first().map(|row| row.record.lead) else {
            self.insert(draft, candidate, contact).await?;
            return Ok(Outcome::Imported);
        };
        let exact = draft.vault.email_index(&candidate.address);
        // Consent holds for the exact form only.
        let same = known.iter().find(|row| row.record.email_index == exact);
        if let Some(same) = same {
            let lead = same.record.lead;
            let basis = self.update_basis(draft, candidate, lead).await?;
            if self.fill_in(draft, candidate, lead).await? || basis {
                return Ok(Outcome::Updated);
            }
        }
        let first = same.map_or(first, |same| same.record.lead);
        Ok(Outcome::Duplicate(FirstSeen::Lead(first)))
    }

    async fn insert(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
        contact_index: KeyedIndex,
    ) -> Result<(), LeadsError> {
        let vault = draft.vault;
        let now = draft.now;
        let fresh = draft.ids.next().unwrap_or_else(|| self.leads.ids.uuid(now));
        let id = LeadId::from_uuid(fresh);
        let (theirs, key) = vault.new_subject(id)?;
        let domain_index = vault.domain_index(candidate.address.domain());
        let email_index = vault.email_index(&candidate.address);
        let company = self.company(draft, candidate).await?;
        let lead = LeadRow {
            id,
            state: LeadState::Active,
            country: candidate.country,
            zone: candidate.zone.clone(),
            company,
            contact_index,
            domain_index,
            created_at: now,
            profile: theirs.seal(&profile_place(id), Origin::Customer, &candidate.profile)?,
        };
        let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
        let text = AddressText(candidate.address.as_str().to_owned());
        let address = LeadAddressRow {
            email_index,
            lead: id,
            contact_index,
            domain_index,
            address: theirs.seal(&place, Origin::Customer, &text)?,
        };
        let mut batch = key
            .add_to(take(&mut draft.batch))
            .insert(&lead)
            .insert(&address);
        // Whoever objects between the look and the commit stays out as well.
        let objections = suppression_keys(vault, candidate);
        batch
            .checks
            .extend(objections.into_iter().map(Check::Absent));
        draft.batch = batch;
        if candidate.basis.is_some() {
            self.add_basis(draft, candidate, id, &theirs)?;
        }
        draft
            .fields
            .extend(candidate.profile.fields.keys().cloned());
        draft.imported += 1;
        Ok(())
    }

    fn add_basis(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
        lead: LeadId,
        theirs: &SubjectVault,
    ) -> Result<(), LeadsError> {
        let Some(basis) = candidate.basis.clone() else {
            return Ok(());
        };
        let key = basis_key(lead, basis.kind);
        let place = Place::of(&key, "evidence");
        let evidence = theirs.seal(&place, Origin::Customer, basis.draft.evidence())?;
        let receipt = basis.draft.receipt(lead, Purpose::Outreach);
        let kept = basis.draft.kept(Purpose::Outreach);
        let kept = theirs.seal(&Place::log(&receipt), Origin::Customer, &kept)?;
        let batch = take(&mut draft.batch);
        draft.batch = basis
            .draft
            .record(batch, lead, Purpose::Outreach, evidence, kept, self.now);
        Ok(())
    }

    /// Records the row's basis for a lead that is known already, if it is news.
    async fn update_basis(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
        lead: LeadId,
    ) -> Result<bool, LeadsError> {
        let Some(basis) = &candidate.basis else {
            return Ok(false);
        };
        let storage = &self.leads.storage;
        let key = Key::new(&LEAD, vec![lead.to_value()]);
        let row = storage
            .find::<LeadRow>(self.ws, key.values().to_vec())
            .await?;
        let Some(row) = row.filter(|row| row.record.state == LeadState::Active) else {
            return Ok(false);
        };
        let subject = SubjectId::from(lead);
        let Some(theirs) = draft.vault.subjects(&[subject]).await?.remove(&subject) else {
            return Ok(false);
        };
        let stands = basis_key(lead, basis.kind);
        let known = storage
            .find::<BasisRow>(self.ws, stands.values().to_vec())
            .await?;
        // A file says what was; it neither repeats nor revives what was withdrawn since.
        let check = match known {
            None => Check::Absent(stands),
            Some(Versioned { record, version }) => {
                let latest = record
                    .withdrawn_at
                    .map_or(record.obtained_at, |end| end.max(record.obtained_at));
                if basis.obtained_at <= latest {
                    return Ok(false);
                }
                Check::Version(stands, version)
            }
        };
        let mut batch = take(&mut draft.batch)
            .check(check)
            .check(Check::Version(key, row.version));
        batch.checks.extend(theirs.guard());
        draft.batch = batch;
        self.add_basis(draft, candidate, lead, &theirs)?;
        Ok(true)
    }

    /// Fills in what a lead was imported without and a file tells now: its country, and where its data came from,
    /// which are what a refusal asks for. What was stated stays.
    async fn fill_in(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
        lead: LeadId,
    ) -> Result<bool, LeadsError> {
        let tells = !candidate.profile.source.is_empty() || candidate.country.is_some();
        // Of two addresses of one lead, the first that a file names fills in.
        if !tells || draft.filled.contains(&lead) {
            return Ok(false);
        }
        let storage = &self.leads.storage;
        let found = storage
            .find::<LeadRow>(self.ws, vec![lead.to_value()])
            .await?;
        let Some(found) = found.filter(|row| row.record.state == LeadState::Active) else {
            return Ok(false);
        };
        let subject = SubjectId::from(lead);
        let Some(theirs) = draft.vault.subjects(&[subject]).await?.remove(&subject) else {
            return Ok(false);
        };
        let Versioned { record, version } = found;
        let place = profile_place(lead);
        let profile: LeadProfile = theirs.open(&place, &record.profile)?;
        let placeless = record.country.is_none() && candidate.country.is_some();
        let untold = profile.source.is_empty() && !candidate.profile.source.is_empty();
        let mut row = record;
        if placeless {
            row.country = candidate.country;
            row.zone = row.zone.or_else(|| candidate.zone.clone());
        }
        if untold {
            let source = candidate.profile.source.clone();
            let profile = LeadProfile { source, ..profile };
            row.profile = theirs.seal(&place, Origin::Customer, &profile)?;
        }
        if placeless || untold {
            let mut batch = take(&mut draft.batch).update(&row, version);
            batch.checks.extend(theirs.guard());
            draft.batch = batch;
            draft.filled.insert(lead);
        }
        Ok(placeless || untold)
    }

    async fn company(
        &self,
        draft: &mut Draft<'_>,
        candidate: &Candidate,
    ) -> Result<Option<CompanyId>, LeadsError> {
        let Some((domain, name)) = &candidate.company else {
            return Ok(None);
        };
        let domain_index = draft.vault.domain_index(domain);
        let known = self.companies.get(&domain_index);
        if let Some(id) = known.or_else(|| draft.companies.get(&domain_index)) {
            return Ok(Some(*id));
        }
        let scan = Scan::table(&COMPANY)
            .by("by_domain")
            .prefix(vec![domain_index.to_value()])
            .limit(1);
        let stored = self.leads.storage.page::<CompanyRow>(self.ws, scan).await?;
        let id = match stored.records.first() {
            Some(row) => row.record.id,
            None => {
                let id = CompanyId::from_uuid(self.leads.ids.uuid(self.now));
                let place = Place::new(&COMPANY, "name", &[id.to_value()]);
                let name = Name(name.clone());
                let row = CompanyRow {
                    id,
                    domain_index,
                    name: draft.vault.own().seal(&place, Origin::Customer, &name)?,
                };
                draft.batch = take(&mut draft.batch).insert(&row);
                id
            }
        };
        draft.companies.insert(domain_index, id);
        Ok(Some(id))
    }

    async fn remember_fields(&self, draft: &mut Draft<'_>) -> Result<(), LeadsError> {
        if draft.fields.is_empty() {
            return Ok(());
        }
        let known = names::custom_fields(&*self.leads.storage, draft.vault, self.ws).await?;
        for field in draft.fields.difference(&known) {
            let id = self.leads.ids.uuid(self.now);
            let row = names::field_row(draft.vault, id, field)?;
            draft.batch = take(&mut draft.batch).insert(&row);
        }
        Ok(())
    }

    /// Adds the turn and the fact.
    fn finish(&self, draft: &mut Draft<'_>, turn: Option<Versioned<SettingRow>>) {
        let row = |number| SettingRow {
            name: TURN.to_owned(),
            number,
            value: None,
        };
        let batch = take(&mut draft.batch);
        let batch = match turn {
            None => batch.insert(&row(1)),
            Some(Versioned { record, version }) => batch.update(&row(record.number + 1), version),
        };
        let dimensions = Dimensions {
            reason: Some(draft.imported),
            ..Dimensions::default()
        };
        let source: &[&[u8]] = &[self.id.as_bytes(), &self.batches.to_be_bytes()];
        let fact = LogEntry::new(EventKind::Imported, self.now, source, dimensions);
        draft.batch = batch.append(fact);
    }
}

/// Whether others need not wait for the batch.
fn is_small(batch: &Batch) -> bool {
    let (entries, bytes) = batch.size();
    entries <= Batch::MAX_BULK && bytes <= Batch::MAX_BULK_BYTES
}

/// Takes the batch out, to be put back grown.
fn take(batch: &mut Batch) -> Batch {
    let empty = Batch::new(batch.scope);
    std::mem::replace(batch, empty)
}

fn basis_key(lead: LeadId, kind: jooper_core::BasisKind) -> Key {
    let purpose = Purpose::Outreach;
    Key::new(
        &BASIS,
        vec![lead.to_value(), purpose.to_value(), kind.to_value()],
    )
}

fn suppression_keys(vault: &WorkspaceVault, candidate: &Candidate) -> Vec<Key> {
    let mut indexes = vault.variant_indexes(&candidate.address);
    let domain = candidate.address.domain();
    let domains = [domain].into_iter().chain(parent_domains(domain));
    indexes.extend(domains.map(|domain| vault.domain_index(domain)));
    indexes
        .into_iter()
        .map(|index| Key::new(&SUPPRESSION, vec![index.to_value()]))
        .collect()
}
