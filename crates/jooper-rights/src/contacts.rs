//! Under which addresses a lead may be known, and who else has them.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{EmailAddress, KeyedIndex, LeadId, Sealed, WorkspaceId};
use jooper_storage::tables::{
    AddressText, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile, LeadRow,
};
use jooper_storage::{Column, Record, Scan, Storage, StorageExt, Versioned};
use jooper_vault::{AnswerRightsRequest, Place, SubjectVault, VaultError, WorkspaceVault};
use serde::de::DeserializeOwned;

use crate::error::RightsError;

/// What is known about how to reach a lead.
#[derive(Debug, Default)]
pub(crate) struct Contacts {
    /// Every form, by the widest form it belongs to.
    pub(crate) forms: BTreeMap<KeyedIndex, BTreeSet<KeyedIndex>>,
    /// The addresses that could be opened.
    pub(crate) addresses: BTreeSet<EmailAddress>,
    /// Other leads with one of these contacts: most likely the same person.
    pub(crate) also: BTreeSet<LeadId>,
}

/// Collects the forms of all addresses of a lead.
///
/// An address that does not open still counts by the indexes of its row: a damaged key must not
/// keep a person on the mailing list.
pub(crate) async fn contacts_of(
    storage: &dyn Storage,
    ours: &WorkspaceVault,
    lead: LeadId,
    purpose: AnswerRightsRequest,
) -> Result<Contacts, RightsError> {
    let ws = ours.workspace();
    let vault = match ours.subject(lead).await {
        Ok(vault) => Some(vault),
        Err(
            VaultError::NoKey { .. } | VaultError::WrongKey { .. } | VaultError::DataOlder { .. },
        ) => None,
        Err(error) => return Err(error.into()),
    };
    let mut contacts = Contacts::default();
    if let Some(Versioned { record, .. }) =
        storage.find::<LeadRow>(ws, vec![lead.to_value()]).await?
    {
        contacts.add_form(record.contact_index, record.contact_index);
        let place = Place::of(&record.key(), "profile");
        let email = opened(
            vault.as_ref(),
            &place,
            &record.profile,
            purpose,
            |profile: &LeadProfile| profile.email.clone(),
        );
        contacts.add_address(ours, email.as_deref());
    }
    let scan = Scan::table(&LEAD_ADDRESS)
        .by("by_lead")
        .prefix(vec![lead.to_value()]);
    for Versioned { record, .. } in storage.collect::<LeadAddressRow>(ws, scan).await? {
        contacts.add_form(record.contact_index, record.email_index);
        let place = Place::of(&record.key(), "address");
        let text = opened(
            vault.as_ref(),
            &place,
            &record.address,
            purpose,
            |text: &AddressText| text.0.clone(),
        );
        contacts.add_address(ours, text.as_deref());
    }
    for contact in contacts.forms.keys() {
        contacts
            .also
            .extend(leads_with(storage, ws, *contact).await?);
    }
    contacts.also.remove(&lead);
    Ok(contacts)
}

/// The leads that have a contact, by their own row or by one of their addresses.
pub(crate) async fn leads_with(
    storage: &dyn Storage,
    ws: WorkspaceId,
    contact: KeyedIndex,
) -> Result<BTreeSet<LeadId>, RightsError> {
    let prefix = vec![contact.to_value()];
    let leads = Scan::table(&LEAD).by("by_contact").prefix(prefix.clone());
    let addresses = Scan::table(&LEAD_ADDRESS).by("by_contact").prefix(prefix);
    let mut found = BTreeSet::new();
    for row in storage.collect::<LeadRow>(ws, leads).await? {
        found.insert(row.record.id);
    }
    for row in storage.collect::<LeadAddressRow>(ws, addresses).await? {
        found.insert(row.record.lead);
    }
    Ok(found)
}

impl Contacts {
    fn add_form(&mut self, contact: KeyedIndex, form: KeyedIndex) {
        self.forms.entry(contact).or_default().insert(form);
    }

    fn add_address(&mut self, ours: &WorkspaceVault, text: Option<&str>) {
        if let Some(Ok(address)) = text.map(EmailAddress::parse) {
            let contact = ours.contact_index(&address);
            for form in ours.variant_indexes(&address) {
                self.add_form(contact, form);
            }
            self.addresses.insert(address);
        }
    }
}

fn opened<T: DeserializeOwned>(
    vault: Option<&SubjectVault>,
    place: &Place,
    sealed: &Sealed<T>,
    purpose: AnswerRightsRequest,
    take: impl FnOnce(&T) -> String,
) -> Option<String> {
    let value = vault?.open_gmail(place, sealed).ok()?;
    Some(take(value.lend(&purpose)))
}
