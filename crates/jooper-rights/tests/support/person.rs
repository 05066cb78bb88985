//! A person with data in every table that can hold some, found by the declarations themselves.

use jooper_core::{
    EmailAddress, EnrollmentId, EventId, EventKind, LeadId, Origin, Sealed, SendKey, StepIndex,
};
use jooper_storage::tables::{AddressText, LeadAddressRow, LeadProfile, LeadRow};
use jooper_storage::{
    Batch, Column, ColumnKind, Key, Label, LogEntry, Record, TableDef, TableScope, Value, Write,
    tables,
};
use jooper_vault::{Place, SubjectVault};
use uuid::Uuid;

use super::{World, start, ws};

/// Tables whose subject is somebody else: a user, a mailbox, the workspace. And the key itself.
const OTHERS: [&str; 5] = [
    "workspace",
    "account",
    "mailbox",
    "credential",
    "subject_key",
];

/// A planted person, and every secret word that was planted.
pub(crate) struct Person {
    pub(crate) lead: LeadId,
    pub(crate) address: EmailAddress,
    pub(crate) canaries: Vec<String>,
}

/// The tables with rows of a lead.
pub(crate) fn tables_of_leads() -> Vec<&'static TableDef> {
    let of_lead = |table: &&&TableDef| {
        let names_lead =
            table.subject.is_some() || table.columns.iter().any(|column| column.name == "lead");
        table.scope == TableScope::Tenant && names_lead && !OTHERS.contains(&table.name)
    };
    tables::all().iter().filter(of_lead).copied().collect()
}

impl World {
    /// Plants a person: a typed lead with its address, then one row in every other table with a
    /// column for leads, each personal column with a word of its own, and a sealed log payload.
    pub(crate) async fn plant(&self, lead: LeadId, email: &str) -> Person {
        let ours = self.vault.workspace(ws()).await.unwrap();
        let (theirs, key) = ours.new_subject(lead).unwrap();
        let address = EmailAddress::parse(email).unwrap();
        let mut person = Person {
            lead,
            canaries: vec![address.to_string()],
            address,
        };
        let mut batch = key.add_to(Batch::new(ws()));
        let profile = LeadProfile {
            email: email.to_owned(),
            first_name: Some(person.word("first")),
            source: person.word("source"),
            fields: [("note".to_owned(), person.word("field"))].into(),
            ..LeadProfile::default()
        };
        let place = Place::new(&tables::LEAD, "profile", &[lead.to_value()]);
        let row = LeadRow {
            id: lead,
            state: jooper_core::LeadState::Active,
            country: Some("DE".parse().unwrap()),
            zone: Some("Europe/Berlin".to_owned()),
            company: None,
            contact_index: ours.contact_index(&person.address),
            domain_index: ours.domain_index(person.address.domain()),
            created_at: start(),
            profile: theirs.seal(&place, Origin::Customer, &profile).unwrap(),
        };
        batch = batch.insert(&row);
        let email_index = ours.email_index(&person.address);
        let place = Place::new(&tables::LEAD_ADDRESS, "address", &[email_index.to_value()]);
        let text = AddressText(email.to_owned());
        let row = LeadAddressRow {
            email_index,
            lead,
            contact_index: row.contact_index,
            domain_index: row.domain_index,
            address: theirs.seal(&place, Origin::Customer, &text).unwrap(),
        };
        batch = batch.insert(&row);
        for table in tables_of_leads() {
            if !["lead", "lead_address"].contains(&table.name) {
                let row = person.row(table, &theirs, email_index.to_value());
                let key = Key::new(table, row[..table.key_len].to_vec());
                batch = batch.write(Write::Put(key, row));
            }
        }
        let id = EventId::from_source(EventKind::Replied, &[lead.uuid().as_bytes()]);
        let word = person.word("log");
        let place = Place::log(&id);
        let payload = theirs.seal_bytes(&place, Origin::Gmail, format!("\"{word}\"").as_bytes());
        batch = batch.append(LogEntry {
            id,
            at: start(),
            kind: EventKind::Replied,
            dimensions: jooper_core::Dimensions::default(),
            lead: Some(lead),
            subject: Some(lead.into()),
            payload: Some(payload.unwrap()),
            rollups: Vec::new(),
        });
        self.commit(batch).await;
        person
    }
}

impl Person {
    /// A word that stands nowhere else.
    fn word(&mut self, what: &str) -> String {
        let number = self.lead.uuid().as_u128();
        let word = format!("zq7k{what}x{number}x{}", self.canaries.len());
        self.canaries.push(word.clone());
        word
    }

    fn row(&mut self, table: &'static TableDef, theirs: &SubjectVault, index: Value) -> Vec<Value> {
        let number = self.lead.uuid().as_u128();
        let enrollment = EnrollmentId::from_uuid(Uuid::from_u128(5_000 + number));
        let subject = table.subject.unwrap_or("lead");
        let mut row: Vec<Value> = table
            .columns
            .iter()
            .map(|column| match column.kind {
                _ if column.name == subject => self.lead.to_value(),
                ColumnKind::Int => Value::Int(1),
                ColumnKind::Id => enrollment.to_value(),
                ColumnKind::Text => Value::Text("DE".to_owned()),
                ColumnKind::Bytes => {
                    let step = StepIndex(0);
                    SendKey::Step { enrollment, step }.to_value()
                }
                ColumnKind::Index => index.clone(),
                _ => Value::Null,
            })
            .collect();
        let key = row[..table.key_len].to_vec();
        for (at, column) in table.columns.iter().enumerate() {
            if let Label::Personal(_) = column.label {
                let word = self.word(&format!("{}x{}", table.name, column.name));
                let place = Place::new(table, column.name, &key);
                let sealed: Sealed<String> = theirs.seal(&place, Origin::Gmail, &word).unwrap();
                row[at] = Value::Bytes(sealed.into_envelope());
            }
        }
        row
    }
}

/// The key of a lead's row.
pub(crate) fn lead_key(lead: LeadId) -> Key {
    Key::new(LeadRow::TABLE, vec![lead.to_value()])
}
