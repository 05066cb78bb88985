//! Leads, their addresses and companies.

use jiff::Timestamp;
use jooper_core::{CompanyId, Country, KeyedIndex, LeadId, LeadState, Sealed};
use uuid::Uuid;

use super::contents::{AddressText, LeadProfile, Name};
use crate::record::table;

table! {
    /// A prospect.
    pub struct LeadRow / LEAD "lead" tenant key 1 subject "id" on_erase Delete {
        /// The lead.
        id: LeadId = clear,
        /// What may be done with it.
        state: LeadState = clear,
        /// Country of residence, if known. Unknown is the strictest.
        country: Option<Country> = clear,
        /// IANA time zone, if known.
        zone: Option<String> = clear,
        /// The company, if known.
        company: Option<CompanyId> = clear,
        /// The widest form of the primary address.
        contact_index: KeyedIndex = pseudonym,
        /// The domain of the primary address.
        domain_index: KeyedIndex = pseudonym,
        /// When it was imported.
        created_at: Timestamp = clear,
        /// Name, title, fields and where they came from.
        profile: Sealed<LeadProfile> = personal(Contact, Outreach, WithLead, "profile"),
    }
    index "by_created" ["created_at"]
    index "by_company" ["company"]
    index "by_contact" ["contact_index"]
}

table! {
    /// An address of a lead; unique in its workspace.
    pub struct LeadAddressRow / LEAD_ADDRESS "lead_address" tenant key 1
        subject "lead" on_erase Delete
    {
        /// The exact address.
        email_index: KeyedIndex = pseudonym,
        /// Whose.
        lead: LeadId = clear,
        /// Its widest form.
        contact_index: KeyedIndex = pseudonym,
        /// Its domain.
        domain_index: KeyedIndex = pseudonym,
        /// The address.
        address: Sealed<AddressText> = personal(Contact, Outreach, WithLead, "address"),
    }
    index "by_lead" ["lead"]
    index "by_contact" ["contact_index"]
    index "by_domain" ["domain_index"]
}

table! {
    /// An organization.
    pub struct CompanyRow / COMPANY "company" tenant key 1 {
        /// The company.
        id: CompanyId = clear,
        /// Its domain.
        domain_index: KeyedIndex = pseudonym,
        /// Its name.
        name: Sealed<Name> = personal(Naming, Outreach, WithWorkspace, "company"),
    }
    index "by_domain" ["domain_index"]
}

table! {
    /// A name that users typed: a tag, a segment, a file. They may name a person.
    pub struct NameRow / NAME "name" tenant key 1 {
        /// The thing that is named.
        id: Uuid = clear,
        /// What kind of thing, by its owner's own numbers.
        kind: i64 = clear,
        /// The name, for equality.
        name_index: KeyedIndex = pseudonym,
        /// The name.
        name: Sealed<Name> = personal(Naming, Outreach, WithWorkspace, "name"),
    }
    index "by_name" ["kind", "name_index"]
}
