//! Sealing, opening and refusing, as a caller sees it.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

use std::sync::Arc;

use jooper_core::{
    Code as _, EmailAddress, LeadId, LeadState, Origin, Sealed, SubjectId, UserId, WorkspaceId,
    from_millis,
};
use jooper_storage::tables::{LEAD, LeadProfile, LeadRow, MESSAGE, MessageContent};
use jooper_storage::{Batch, Column, Erase, MemoryStore, Storage, StorageExt as _, Value};
use jooper_vault::{
    DetectReply, GmailDerived, MemoryKms, Place, ShowToOwner, SubjectVault, Vault, VaultError,
};
use uuid::Uuid;

fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(n << 64))
}

fn lead(n: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(n))
}

fn vault(store: &MemoryStore) -> Vault {
    Vault::new(Arc::new(store.clone()), Arc::new(MemoryKms::from_seed(1)))
}

fn profile_of(lead: LeadId) -> Place {
    Place::new(&LEAD, "profile", &[lead.to_value()])
}

#[tokio::test]
async fn a_profile_is_sealed_kept_and_opened_after_a_restart() {
    let store = MemoryStore::new();
    let ours = vault(&store).workspace(workspace(1)).await.unwrap();
    let (ada, key) = ours.new_subject(lead(1)).unwrap();
    let profile = LeadProfile {
        email: "ada@example.com".to_owned(),
        ..LeadProfile::default()
    };
    let sealed = ada
        .seal(&profile_of(lead(1)), Origin::Customer, &profile)
        .unwrap();
    assert!(!sealed.envelope().windows(3).any(|bytes| bytes == b"ada"));
    store
        .commit(key.add_to(Batch::new(workspace(1))))
        .await
        .unwrap();

    let restarted = vault(&store).workspace(workspace(1)).await.unwrap();
    let again = restarted.subject(lead(1)).await.unwrap();
    let opened = again.open(&profile_of(lead(1)), &sealed).unwrap();
    assert!(opened == profile);
}

#[tokio::test]
async fn an_erased_subject_has_no_key_whoever_asks() {
    let store = MemoryStore::new();
    let first = vault(&store);
    let ours = first.workspace(workspace(1)).await.unwrap();
    let (_, key) = ours.new_subject(lead(1)).unwrap();
    let batch = key.add_to(Batch::new(workspace(1)));
    store.commit(batch).await.unwrap();
    let held = ours.subject(lead(1)).await.unwrap();

    let (workspace, subject) = (workspace(1), SubjectId::from(lead(1)));
    let erase = Erase { workspace, subject };
    store.erase(erase).await.unwrap();

    for vault in [first.clone(), vault(&store)] {
        let ours = vault.workspace(workspace).await.unwrap();
        let error = ours.subject(lead(1)).await.unwrap_err();
        assert!(matches!(error, VaultError::NoKey { subject: gone } if gone == subject));
    }
    // A process that still has the key in memory cannot write for the erased person.
    let guarded = Batch::new(workspace).check(held.guard().unwrap());
    assert!(store.commit(guarded).await.unwrap_err().is_conflict());
}

#[tokio::test]
async fn many_subjects_are_read_at_once_and_the_missing_are_left_out() {
    let store = MemoryStore::new();
    let ours = vault(&store).workspace(workspace(1)).await.unwrap();
    let mut batch = Batch::new(workspace(1));
    for n in 0..2500 {
        let (_, key) = ours.new_subject(lead(n)).unwrap();
        batch = key.add_to(batch);
    }
    assert_eq!(batch.checks.len(), 2501, "one guard for all");
    store.commit(batch).await.unwrap();

    let asked: Vec<SubjectId> = (0..2600).map(|n| lead(n).into()).collect();
    let found = ours.subjects(&asked).await.unwrap();
    assert_eq!(found.len(), 2500);
    assert!(found.iter().all(|(id, vault)| vault.subject() == *id));
}

#[tokio::test]
async fn gmail_content_opens_for_a_named_purpose_only() {
    let store = MemoryStore::new();
    let ours = vault(&store).workspace(workspace(1)).await.unwrap();
    let place = Place::new(&MESSAGE, "content", &[Value::Id(Uuid::from_u128(3))]);
    let received = GmailDerived::new(MessageContent {
        subject: "Re: hello".to_owned(),
        ..MessageContent::default()
    });
    let sealed = ours.own().seal_gmail(&place, &received).unwrap();

    let refused = ours.own().open(&place, &sealed).err();
    assert!(matches!(refused, Some(VaultError::FromGmail { .. })));
    let opened = ours.own().open_gmail(&place, &sealed).unwrap();
    assert_eq!(opened.lend(&DetectReply).subject, "Re: hello");
    let user = UserId::from_uuid(Uuid::from_u128(4));
    assert_eq!(opened.lend(&ShowToOwner { user }).subject, "Re: hello");
    // The label is authenticated: relabelled as the customer's it opens for nobody.
    let mut bytes = sealed.into_envelope();
    bytes[4] = 1;
    let relabelled = Sealed::<MessageContent>::from_envelope(bytes);
    let refused = ours.own().open(&place, &relabelled).err();
    assert!(matches!(refused, Some(VaultError::NotAuthentic { .. })));
}

/// What fills templates and the customer's own export opens by `open` alone, and so does every cache
/// behind it.
#[tokio::test]
async fn the_gmail_label_survives_a_store_and_a_restart_and_keeps_content_out_of_templates() {
    let store = MemoryStore::new();
    let ours = vault(&store).workspace(workspace(1)).await.unwrap();
    let (ada, key) = ours.new_subject(lead(1)).unwrap();
    let place = profile_of(lead(1));
    let address = EmailAddress::parse("ada@example.com").unwrap();
    let read_from_a_signature = GmailDerived::new(LeadProfile {
        email: address.to_string(),
        title: Some("CTO".to_owned()),
        ..LeadProfile::default()
    });
    let row = LeadRow {
        id: lead(1),
        state: LeadState::Active,
        country: None,
        zone: None,
        company: None,
        contact_index: ours.contact_index(&address),
        domain_index: ours.domain_index(address.domain()),
        created_at: from_millis(1_795_000_000_000),
        profile: ada.seal_gmail(&place, &read_from_a_signature).unwrap(),
    };
    let batch = key.add_to(Batch::new(workspace(1))).insert(&row);
    store.commit(batch).await.unwrap();

    let again = vault(&store).workspace(workspace(1)).await.unwrap();
    let ada = again.subject(lead(1)).await.unwrap();
    let row = store.find::<LeadRow>(workspace(1), vec![lead(1).to_value()]);
    let row = row.await.unwrap().unwrap().record;
    let kept = SubjectVault::origin(&place, &row.profile).unwrap();
    assert_eq!(kept, Origin::Gmail);
    let refused = ada.open(&place, &row.profile).err();
    assert!(matches!(refused, Some(VaultError::FromGmail { .. })));
    let bytes = ada.open_bytes(&place, row.profile.envelope()).err();
    assert!(matches!(bytes, Some(VaultError::FromGmail { .. })));

    // What is computed from it is as derived, however often it is written anew.
    let title = ada
        .open_gmail(&place, &row.profile)
        .unwrap()
        .map(&DetectReply, |profile| profile.title);
    let anew = ada.seal_gmail(&place, &title).unwrap();
    let refused = ada.open(&place, &anew).err();
    assert!(matches!(refused, Some(VaultError::FromGmail { .. })));
    let opened = ada.open_gmail(&place, &anew).unwrap();
    assert_eq!(opened.lend(&DetectReply).as_deref(), Some("CTO"));
    // No other label opens it: each is authenticated.
    for origin in Origin::all()
        .iter()
        .filter(|origin| **origin != Origin::Gmail)
    {
        let mut bytes = row.profile.envelope().to_vec();
        bytes[4] = u8::try_from(origin.code()).unwrap();
        let relabelled = Sealed::<LeadProfile>::from_envelope(bytes);
        let refused = ada.open(&place, &relabelled).err();
        assert!(
            matches!(refused, Some(VaultError::NotAuthentic { .. })),
            "{origin:?}"
        );
    }
}

#[tokio::test]
async fn address_indexes_of_all_forms_meet_and_those_of_two_workspaces_do_not() {
    let store = MemoryStore::new();
    let vault = vault(&store);
    let ours = vault.workspace(workspace(1)).await.unwrap();
    let theirs = vault.workspace(workspace(2)).await.unwrap();
    let address = EmailAddress::parse("A.da+news@googlemail.com").unwrap();
    let variants = ours.variant_indexes(&address);
    assert_eq!(variants.first(), Some(&ours.email_index(&address)));
    assert_eq!(variants.last(), Some(&ours.contact_index(&address)));
    let plain = EmailAddress::parse("ada@gmail.com").unwrap();
    assert_eq!(ours.email_index(&plain), ours.contact_index(&address));
    assert_ne!(ours.email_index(&plain), theirs.email_index(&plain));
    let platform = vault.platform().await.unwrap();
    assert!(!variants.contains(&platform.variant_indexes(&address)[0]));
    assert_ne!(ours.index("name", "x"), ours.index("message", "x"));
    assert_eq!(
        ours.domain_index("Example.COM"),
        ours.domain_index("example.com")
    );
}

#[tokio::test]
async fn a_tag_proves_its_bytes_and_its_label() {
    let store = MemoryStore::new();
    let ours = vault(&store).workspace(workspace(1)).await.unwrap();
    let tag = ours.tag("unsubscribe", b"lead 1");
    assert!(tag.matches(tag.as_bytes()) && tag.matches(&tag.as_bytes()[..16]));
    assert!(
        !tag.matches(&tag.as_bytes()[..8]),
        "too short to prove anything"
    );
    assert!(!ours.tag("unsubscribe", b"lead 2").matches(tag.as_bytes()));
    assert!(!ours.tag("pixel", b"lead 1").matches(tag.as_bytes()));
}

/// Indexes that the first release kept must be found with every later one.
#[tokio::test]
async fn indexes_of_version_1_are_made_the_same_way() {
    let store = MemoryStore::new();
    let vault = vault(&store);
    let ours = vault.workspace(workspace(1)).await.unwrap();
    let address = EmailAddress::parse("A.da+news@googlemail.com").unwrap();
    let platform = vault.platform().await.unwrap();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let mut made = vec![
        hex(ours.email_index(&address).as_bytes()),
        hex(ours.contact_index(&address).as_bytes()),
        hex(ours.domain_index(address.domain()).as_bytes()),
        hex(ours.index("message", "<1@example.com>").as_bytes()),
        hex(ours.tag("link", b"1").as_bytes()),
        hex(platform.index("sub", "1234567890").as_bytes()),
        hex(platform.tag("link", b"1").as_bytes()),
    ];
    made.push(hex(platform.variant_indexes(&address)[2].as_bytes()));
    assert_eq!(made, GOLDEN);
}

const GOLDEN: [&str; 8] = [
    "04c4216245e60ea4789638a9c68ade8ab75a265a105205b4cf2626a5577f6ca1",
    "e3c4a3a6c0a2048b78172413cc53c1e21c108a8a178c023f7d02a31147baeff9",
    "1792385043c81b752a1259d0a7dbbc99548476b2c0e21e52cfc95c87cb742267",
    "6dde928c9fb393806d128f6e5268d797212fa4899e67274e407bc2a2b17d68fb",
    "c6dd9afba39b393b84bf562f8fdbc44d68d77b452018f7fc52e5c9bfd010154b",
    "7314d015e10836da588a77757d0a99fdab91e9891c817380dd8c94e2c750f19d",
    "e9aa9fb1af3963f4ab35a1550218a905d59f3f52d818f3715646f67c44647d9f",
    "cd74756cf3e1f6654c587b3f1246c3077173e167ba941f287151f162ba158cd4",
];
