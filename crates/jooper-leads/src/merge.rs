//! Making one lead of two that are the same person. Nobody is taken off a list (law L5).

use std::collections::BTreeSet;

use jooper_consent::{StopScope, Stops, erased_fact, not_sendable};
use jooper_core::{
    EmailAddress, KeyedIndex, LeadId, Origin, ScopeKind, StopReason, StopSource, WorkspaceId,
};
use jooper_storage::tables::{
    AddressText, EnrollmentRow, LEAD_ADDRESS, LeadAddressRow, LeadRow, SUPPRESSION, ScopeStopRow,
    SuppressionRow,
};
use jooper_storage::{
    Batch, Check, Column, Key, Record, Scan, Scope, Storage, StorageExt, StoreError, Value,
    Versioned, Write,
};
use jooper_vault::{Place, SubjectVault, WorkspaceVault};

use crate::delete::{enrollments, usable};
use crate::error::LeadsError;
use crate::leads::Leads;

/// How often a merge begins anew because rows changed under it.
const ATTEMPTS: usize = 16;

/// One address of a lead, opened.
struct Address {
    row: Versioned<LeadAddressRow>,
    text: AddressText,
    forms: BTreeSet<KeyedIndex>,
}

impl Leads {
    /// Makes one lead of two that are the same person: `keep` gets the addresses of `other`, which is
    /// then deleted. Idempotent: after an error or a crash, call again.
    ///
    /// What the person said under one of the addresses holds for all of them: if any is on the
    /// workspace's list or on the platform's, all are put on the workspace's before anything else is
    /// done, but a bounce, which speaks of one address only. A standing stop of `other` becomes one of `keep`. Profile and bases of
    /// `other` are not taken over: a consent that was given for one address is none for another.
    ///
    /// # Errors
    /// [`LeadsError::NoLead`]; [`LeadsError::Restricted`] for either of them;
    /// [`LeadsError::Enrolled`] when `other` ever was in a campaign: its history names it;
    /// [`LeadsError::Stop`].
    pub async fn merge(
        &self,
        ws: WorkspaceId,
        stops: &Stops,
        keep: LeadId,
        other: LeadId,
    ) -> Result<(), LeadsError> {
        if keep == other {
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let kept = self.row(ws, keep).await?;
            let kept = kept.ok_or(LeadsError::NoLead { lead: keep })?;
            usable(&kept)?;
            let Some(gone) = self.row(ws, other).await? else {
                // Merged before, up to here at least.
                return self.remove_rest(ws, other).await;
            };
            usable(&gone)?;
            self.never_enrolled(ws, other).await?;
            match self.merge_rows(ws, stops, &kept, &gone).await {
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error),
                Ok(()) => return self.remove_rest(ws, other).await,
            }
        }
        Err(StoreError::Busy(None).into())
    }

    async fn merge_rows(
        &self,
        ws: WorkspaceId,
        stops: &Stops,
        kept: &Versioned<LeadRow>,
        gone: &Versioned<LeadRow>,
    ) -> Result<(), LeadsError> {
        let (keep, other) = (kept.record.id, gone.record.id);
        let vault = self.vault.workspace(ws).await?;
        let (ours, theirs) = (vault.subject(keep).await?, vault.subject(other).await?);
        let stay = self.addresses(&vault, &ours, keep).await?;
        let come = self.addresses(&vault, &theirs, other).await?;
        self.stop_all(ws, stops, keep, stay.iter().chain(&come))
            .await?;
        self.stop_as_well(ws, stops, keep, other).await?;
        let key = gone.record.key();
        let mut batch = Batch::new(ws)
            .check(Check::Version(kept.record.key(), kept.version))
            .check(Check::Version(key.clone(), gone.version))
            .write(Write::Delete(key))
            .append(erased_fact(other, self.clock.now()));
        batch.checks.extend(ours.guard());
        for address in come {
            let Versioned { record, version } = address.row;
            let place = Place::of(&record.key(), "address");
            let row = LeadAddressRow {
                lead: keep,
                address: ours.seal(&place, Origin::Customer, &address.text)?,
                ..record
            };
            batch = batch.update(&row, version);
        }
        Ok(self.storage.commit(batch).await?)
    }

    /// What is said of one of the addresses holds for all.
    async fn stop_all<'a>(
        &self,
        ws: WorkspaceId,
        stops: &Stops,
        lead: LeadId,
        addresses: impl Iterator<Item = &'a Address> + Clone,
    ) -> Result<(), LeadsError> {
        let forms = addresses.clone().flat_map(|one| one.forms.iter());
        let forms: BTreeSet<KeyedIndex> = forms.copied().collect();
        let keys: Vec<Key> = forms
            .iter()
            .map(|form| Key::new(&SUPPRESSION, vec![form.to_value()]))
            .collect();
        let found = self.storage.get(Scope::Workspace(ws), &keys).await?;
        let mut said: Option<(StopReason, StopSource)> = None;
        let mut words = None;
        for row in found.into_iter().flatten() {
            let row = SuppressionRow::from_values(row.values)?;
            for reason in [Some(row.reason), row.beside].into_iter().flatten() {
                let weightier = said.is_none_or(|(standing, _)| reason.outranks(standing));
                if reason != StopReason::Bounced && weightier {
                    said = Some((reason, row.source));
                }
                if reason == StopReason::StopWords {
                    words = Some((reason, row.source));
                }
            }
        }
        if said.is_none() && self.is_nobodys(addresses.clone()).await? {
            // The platform's list says nothing but that.
            said = Some((StopReason::Listed, StopSource::System));
        }
        // What they wrote stays beside whatever weighs more.
        let words = words.filter(|words| said.is_some_and(|said| said.0 != words.0));
        for (address, (reason, source)) in addresses.flat_map(|address| {
            let reasons = words.into_iter().chain(said);
            reasons.map(move |reason| (address, reason))
        }) {
            let scope = StopScope::Person {
                contact_index: address.row.record.contact_index,
                variants: address.forms.iter().copied().collect(),
                lead: Some(lead),
            };
            stops.stop(ws, scope, reason, source).await?;
        }
        Ok(())
    }

    /// Whether no workspace may write to one of the addresses.
    async fn is_nobodys(
        &self,
        addresses: impl Iterator<Item = &Address>,
    ) -> Result<bool, LeadsError> {
        let platform = self.vault.platform().await?;
        let people: Vec<_> = addresses
            .filter_map(|address| EmailAddress::parse(&address.text.0).ok())
            .map(|address| platform.variant_indexes(&address))
            .collect();
        let answers = not_sendable(&*self.storage, &people).await?;
        Ok(answers.contains(&true))
    }

    async fn stop_as_well(
        &self,
        ws: WorkspaceId,
        stops: &Stops,
        keep: LeadId,
        other: LeadId,
    ) -> Result<(), LeadsError> {
        let key = vec![ScopeKind::Person.to_value(), Value::Id(other.uuid())];
        if let Some(row) = self.storage.find::<ScopeStopRow>(ws, key).await? {
            for cause in row.record.causes()? {
                let scope = StopScope::Lead(keep);
                stops.stop(ws, scope, cause.reason, cause.source).await?;
            }
        }
        Ok(())
    }

    async fn addresses(
        &self,
        vault: &WorkspaceVault,
        theirs: &SubjectVault,
        lead: LeadId,
    ) -> Result<Vec<Address>, LeadsError> {
        let scan = Scan::table(&LEAD_ADDRESS)
            .by("by_lead")
            .prefix(vec![lead.to_value()]);
        let rows = self
            .storage
            .collect::<LeadAddressRow>(vault.workspace(), scan)
            .await?;
        let open = |row: Versioned<LeadAddressRow>| {
            let place = Place::of(&row.record.key(), "address");
            let text: AddressText = theirs.open(&place, &row.record.address)?;
            let mut forms = BTreeSet::from([row.record.email_index, row.record.contact_index]);
            if let Ok(address) = EmailAddress::parse(&text.0) {
                forms.extend(vault.variant_indexes(&address));
            }
            Ok(Address { row, text, forms })
        };
        rows.into_iter().map(open).collect()
    }

    async fn never_enrolled(&self, ws: WorkspaceId, lead: LeadId) -> Result<(), LeadsError> {
        let scan = enrollments(lead).limit(1);
        let page = self.storage.page::<EnrollmentRow>(ws, scan).await?;
        if page.records.is_empty() {
            return Ok(());
        }
        Err(LeadsError::Enrolled { lead })
    }
}
