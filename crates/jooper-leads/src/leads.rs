//! The leads of an installation.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use jooper_consent::{AddressClass, PolicySet, classify};
use jooper_core::{Clock, EmailAddress, IdSource, LeadId, SubjectId, WorkspaceId};
use jooper_storage::tables::{
    BASIS, BasisRow, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile, LeadRow,
};
use jooper_storage::{Column, Record, Scan, Storage, StorageExt};
use jooper_vault::{Place, SubjectVault, Vault};

use crate::error::LeadsError;
use crate::import::{ImportError, ImportReport, Importer, Mapping};
use crate::lead::{Lead, LeadBasis, LeadCursor, LeadList, LeadPage, LeadSummary};
use crate::names;

/// Imports leads and reads them back. One per process; cheap to clone.
#[derive(Debug, Clone)]
pub struct Leads {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) policies: PolicySet,
}

pub(crate) fn profile_place(lead: LeadId) -> Place {
    Place::new(&LEAD, "profile", &[lead.to_value()])
}

fn is_role(email: &str) -> bool {
    EmailAddress::parse(email).is_ok_and(|address| classify(&address) != AddressClass::Named)
}

impl Leads {
    /// Leads over a store and a vault, under the shipped policy tables.
    pub fn new(
        storage: Arc<dyn Storage>,
        vault: Vault,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self {
            storage,
            vault,
            clock,
            ids,
            policies: PolicySet::shipped(),
        }
    }

    /// Checks bases of imported leads against these tables instead.
    #[must_use]
    pub fn with_policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        self
    }

    /// Imports a CSV file.
    ///
    /// Rows are stored in batches of at most 500, each all or nothing. A row whose person is known
    /// already, in the file or in the workspace, under any form of the address, is a duplicate:
    /// the first one stays as it is, except that a new basis for the same address is recorded.
    /// Importing the same file again therefore changes nothing.
    ///
    /// The file is read once, so what stands before a broken row is stored when it is found; look with
    /// [`check_csv`](crate::check_csv) first where the file can be read twice.
    ///
    /// `source_name` is what the file is called; it becomes part of each lead's provenance.
    ///
    /// # Errors
    /// [`ImportError`]: when the file as a whole cannot be read (nothing was stored), or when it
    /// breaks in the middle ([`ImportError::report`] tells what was stored before).
    pub async fn import_csv(
        &self,
        ws: WorkspaceId,
        reader: impl Read + Send,
        mapping: &Mapping,
        source_name: &str,
    ) -> Result<ImportReport, ImportError> {
        Importer::new(self, ws, source_name)
            .run(reader, mapping)
            .await
    }

    /// Reads one lead; `None` when there is none, or when it was erased.
    ///
    /// # Errors
    /// [`LeadsError`].
    pub async fn get(&self, ws: WorkspaceId, lead: LeadId) -> Result<Option<Lead>, LeadsError> {
        let key = vec![lead.to_value()];
        let Some(row) = self.storage.find::<LeadRow>(ws, key).await? else {
            return Ok(None);
        };
        let vault = self.vault.workspace(ws).await?;
        let subject = SubjectId::from(lead);
        let Some(theirs) = vault.subjects(&[subject]).await?.remove(&subject) else {
            return Ok(None);
        };
        let row = row.record;
        let profile = theirs.open(&profile_place(lead), &row.profile)?;
        Ok(Some(Lead {
            bases: self.bases(ws, lead, &theirs).await?,
            role_address: is_role(&profile.email),
            row,
            profile,
        }))
    }

    async fn bases(
        &self,
        ws: WorkspaceId,
        lead: LeadId,
        theirs: &SubjectVault,
    ) -> Result<Vec<LeadBasis>, LeadsError> {
        let scan = Scan::table(&BASIS).prefix(vec![lead.to_value()]);
        let rows = self.storage.collect::<BasisRow>(ws, scan).await?;
        let open = |row: BasisRow| {
            Ok(LeadBasis {
                evidence: theirs.open(&Place::of(&row.key(), "evidence"), &row.evidence)?,
                purpose: row.purpose,
                kind: row.kind,
                country: row.country,
                obtained_at: row.obtained_at,
                expires_at: row.expires_at,
                withdrawn_at: row.withdrawn_at,
            })
        };
        rows.into_iter().map(|row| open(row.record)).collect()
    }

    /// Lists leads in the order in which they were imported. Erased ones are absent.
    ///
    /// # Errors
    /// [`LeadsError`]; [`StoreError::Invalid`](jooper_storage::StoreError::Invalid) for a limit
    /// out of range.
    pub async fn list(&self, ws: WorkspaceId, page: LeadPage) -> Result<LeadList, LeadsError> {
        let scan = Scan::table(&LEAD)
            .by("by_created")
            .limit(page.limit.min(1000))
            .after(page.after.map(|cursor| cursor.0));
        let found = self.storage.page::<LeadRow>(ws, scan).await?;
        let vault = self.vault.workspace(ws).await?;
        let subjects: Vec<SubjectId> = found
            .records
            .iter()
            .map(|row| row.record.id.into())
            .collect();
        let keys = vault.subjects(&subjects).await?;
        let mut leads = Vec::with_capacity(found.records.len());
        for row in found.records.into_iter().map(|row| row.record) {
            let Some(theirs) = keys.get(&row.id.into()) else {
                continue;
            };
            let profile = theirs.open(&profile_place(row.id), &row.profile)?;
            leads.push(summary(row, profile));
        }
        Ok(LeadList {
            leads,
            next: found.next.map(LeadCursor),
        })
    }

    /// Finds the lead with this address: the exact form first, else any form of it.
    ///
    /// # Errors
    /// [`LeadsError`].
    pub async fn find_by_email(
        &self,
        ws: WorkspaceId,
        address: &EmailAddress,
    ) -> Result<Option<LeadId>, LeadsError> {
        let vault = self.vault.workspace(ws).await?;
        let exact = vec![vault.email_index(address).to_value()];
        if let Some(row) = self.storage.find::<LeadAddressRow>(ws, exact).await? {
            return Ok(Some(row.record.lead));
        }
        for contact in vault.contact_indexes(address) {
            let scan = Scan::table(&LEAD_ADDRESS)
                .by("by_contact")
                .prefix(vec![contact.to_value()])
                .limit(1);
            let found = self.storage.page::<LeadAddressRow>(ws, scan).await?;
            if let Some(row) = found.records.first() {
                return Ok(Some(row.record.lead));
            }
        }
        Ok(None)
    }

    /// The names of fields that a template may use: the standard ones, and every custom field that
    /// any lead of the workspace has or had.
    ///
    /// # Errors
    /// [`LeadsError`].
    pub async fn fields(&self, ws: WorkspaceId) -> Result<BTreeSet<String>, LeadsError> {
        let vault = self.vault.workspace(ws).await?;
        let mut fields = names::custom_fields(&*self.storage, &vault, ws).await?;
        fields.extend(names::STANDARD.iter().map(|name| (*name).to_owned()));
        Ok(fields)
    }
}

fn summary(row: LeadRow, profile: LeadProfile) -> LeadSummary {
    LeadSummary {
        id: row.id,
        state: row.state,
        country: row.country,
        zone: row.zone,
        company: row.company,
        created_at: row.created_at,
        role_address: is_role(&profile.email),
        email: profile.email,
        first_name: profile.first_name,
        last_name: profile.last_name,
        title: profile.title,
        company_name: profile.company,
    }
}
