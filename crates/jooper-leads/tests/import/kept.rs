//! What is kept, and that it is sealed.

use jooper_core::{BasisKind, Purpose};
use jooper_leads::{FileBasis, Mapping};
use jooper_storage::tables::{
    AddressText, BASIS, COMPANY, CompanyRow, LEAD, LEAD_ADDRESS, LeadAddressRow, NAME, Name,
    NameRow,
};
use jooper_storage::{LogCursor, Record, Storage, Value};
use jooper_vault::Place;

use crate::support::{World, start};

const FILE: &str = "email,first_name,last_name,title,company,phone,country,source,Größe,\
    basis,basis_source,basis_date,basis_proof,basis_notice\n\
    ada@acme.example,Ada,Lovelace,CTO,Acme,+49 30 1,DE,Fair 2026,1 m,\
    consent,fair booth,2026-03-01,card 7,v2\n";

#[tokio::test]
async fn the_sealed_contents_have_a_fixed_shape() {
    let world = World::new();
    world.import(FILE).await;
    let vault = world.vault.workspace(world.ws).await.unwrap();
    let lead = world
        .leads
        .get(world.ws, world.all().await[0].id)
        .await
        .unwrap()
        .unwrap();
    let theirs = vault.subject(lead.row.id).await.unwrap();
    let address = LeadAddressRow::from_values(world.rows(&LEAD_ADDRESS).await[0].values.clone());
    let address = address.unwrap();
    let place = Place::of(&address.key(), "address");
    let address: AddressText = theirs.open(&place, &address.address).unwrap();
    let company = CompanyRow::from_values(world.rows(&COMPANY).await[0].values.clone()).unwrap();
    let place = Place::of(&company.key(), "name");
    let company: Name = vault.own().open(&place, &company.name).unwrap();
    let field = NameRow::from_values(world.rows(&NAME).await[0].values.clone()).unwrap();
    let place = Place::of(&field.key(), "name");
    let field: Name = vault.own().open(&place, &field.name).unwrap();
    insta::assert_json_snapshot!(serde_json::json!({
        "lead.profile": lead.profile,
        "lead_address.address": address,
        "company.name": company,
        "name.name": field,
        "basis.evidence": lead.bases[0].evidence,
    }));
}

#[tokio::test]
async fn no_cell_holds_a_value_of_the_file_in_the_clear() {
    let world = World::new();
    world.import(FILE).await;
    let words = [
        "ada",
        "Ada",
        "Lovelace",
        "CTO",
        "Acme",
        "acme",
        "+49 30 1",
        "Fair 2026",
        "card 7",
    ];
    for table in [&LEAD, &LEAD_ADDRESS, &COMPANY, &NAME, &BASIS] {
        let rows = world.rows(table).await;
        assert!(!rows.is_empty(), "{}", table.name);
        for value in rows.iter().flat_map(|row| &row.values) {
            let bytes: &[u8] = match value {
                Value::Bytes(bytes) => bytes,
                Value::Text(text) => text.as_bytes(),
                _ => continue,
            };
            for word in words {
                let found = bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes());
                assert!(!found, "{} holds {word}", table.name);
            }
        }
    }
    let lead = world
        .leads
        .get(world.ws, world.all().await[0].id)
        .await
        .unwrap()
        .unwrap();
    let printed = format!("{lead:?} {:?}", world.all().await);
    assert!(
        words.iter().all(|word| !printed.contains(word)),
        "{printed}"
    );
}

#[tokio::test]
async fn a_basis_is_recorded_with_its_evidence_and_its_event() {
    let world = World::new();
    world.import(FILE).await;
    let lead = world
        .leads
        .get(world.ws, world.all().await[0].id)
        .await
        .unwrap()
        .unwrap();
    let basis = &lead.bases[0];
    assert_eq!(
        (basis.kind, basis.purpose),
        (BasisKind::Consent, Purpose::Outreach)
    );
    assert_eq!(basis.obtained_at, "2026-03-01T00:00:00Z".parse().unwrap());
    assert_eq!(basis.evidence.notice_version.as_deref(), Some("v2"));
    let log = world
        .store
        .read_log(world.ws, LogCursor::start())
        .await
        .unwrap();
    let kinds: Vec<_> = log
        .records
        .iter()
        .map(|record| record.entry.kind.name())
        .collect();
    assert_eq!(kinds, ["basis_recorded", "imported"]);
    assert_eq!(log.records[1].entry.dimensions.reason, Some(1));
    assert!(log.records.iter().all(|record| record.entry.at == start()));
}

#[tokio::test]
async fn an_unknown_basis_is_rejected_with_the_list_of_words() {
    let world = World::new();
    let report = world
        .import("email,basis\na@b.example,because\nb@b.example,\n")
        .await;
    assert_eq!((report.imported, report.rejected_rows), (1, 1));
    let reject = &report.rejected[0];
    assert_eq!((reject.line, reject.column.as_deref()), (2, Some("basis")));
    assert!(reject.remedy.contains("consent") && reject.remedy.contains("legitimate_interest"));
}

#[tokio::test]
async fn a_later_file_brings_a_basis_for_a_known_lead_once() {
    let world = World::new();
    world
        .import("email\nada@acme.example\neve@acme.example\n")
        .await;
    let report = world.import(FILE).await;
    assert_eq!((report.updated, report.duplicates), (1, 0));
    let report = world.import(FILE).await;
    assert_eq!((report.updated, report.duplicates), (0, 1));
    let lead = world
        .leads
        .get(world.ws, world.all().await[0].id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(lead.bases.len(), 1);
    assert_eq!(
        lead.profile.first_name, None,
        "the first row stays as it is"
    );
}

#[tokio::test]
async fn a_file_does_not_revive_what_was_withdrawn_since() {
    let world = World::new();
    world.import(FILE).await;
    let lead = world.all().await[0].id;
    let batch = jooper_storage::Batch::new(world.ws);
    world.clock.advance_millis(1000);
    let (purpose, kind) = (Purpose::Outreach, BasisKind::Consent);
    let batch = jooper_consent::withdraw(batch, lead, purpose, kind, start());
    world.store.commit(batch).await.unwrap();
    let report = world.import(FILE).await;
    assert_eq!((report.updated, report.duplicates), (0, 1));
    let lead = world.leads.get(world.ws, lead).await.unwrap().unwrap();
    assert!(lead.bases[0].withdrawn_at.is_some());
}

#[tokio::test]
async fn consent_for_one_address_is_none_for_another_form_of_it() {
    let world = World::new();
    world.import("email\nada+x@acme.example\n").await;
    let report = world.import(FILE).await;
    assert_eq!((report.updated, report.duplicates), (0, 1));
}

#[tokio::test]
async fn what_holds_for_the_whole_file_is_stated_once() {
    let world = World::new();
    let file = "email,basis,basis_source,basis_date,basis_proof\n\
        ada@acme.example,consent,booth,2026-03-01,card 7\n";
    let report = world.import(file).await;
    assert_eq!(report.rejected[0].column.as_deref(), Some("basis"));
    let stated = FileBasis {
        notice_version: Some("v3".to_owned()),
        ..FileBasis::default()
    };
    let mapping = Mapping::guess().with_file_basis(stated);
    let import = world
        .leads
        .import_csv(world.ws, file.as_bytes(), &mapping, "f");
    assert_eq!(import.await.unwrap().imported, 1);
}
