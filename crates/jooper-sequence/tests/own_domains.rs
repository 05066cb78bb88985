//! A workspace names domains as its own: the names of its senders may show them, and nobody else's.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_consent::{Note, OtherName, OwnDomains};
use jooper_core::{EmailAddress, MailboxState, UserId};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{ConnectMailbox, EngineError, NewCampaign, VaultCredentials};
use jooper_storage::LogCursor;
use jooper_storage::tables::WorkspaceIdentity;
use jooper_transport::Credentials;
use support::{SEQUENCE, World};
use uuid::Uuid;

fn by() -> UserId {
    UserId::from_uuid(Uuid::from_u128(9))
}

/// Has the world's account show this name.
async fn shows(world: &World, name: &str) {
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let credentials = VaultCredentials::new(store, vault, world.clock.clone());
    let new = ConnectMailbox {
        owner: UserId::from_uuid(Uuid::from_u128(1)),
        sub: "sub-1".to_owned(),
        email: EmailAddress::parse("ada1@sender.example").unwrap(),
        display_name: name.to_owned(),
        aliases: Vec::new(),
        state: MailboxState::Connected,
        credentials: Credentials {
            refresh_token: "r".into(),
            access_token: None,
            scopes: Vec::new(),
        },
    };
    let mailboxes = world.engine.mailboxes(world.workspace);
    assert_eq!(
        mailboxes.connect(&credentials, new).await.unwrap(),
        world.mailbox
    );
}

async fn activate(world: &World) -> Result<(), EngineError> {
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Test".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence: Sequence::from_toml(SEQUENCE).unwrap(),
        seed: 7,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns.create(&new).await?;
    campaigns.activate(id, &world.leads).await.map(|_| ())
}

fn refused(done: Result<(), EngineError>) -> bool {
    let Err(EngineError::SenderName(found)) = done else {
        return false;
    };
    found.to_string().contains("domain")
        && matches!(
            found,
            jooper_consent::ContentFinding::FromName {
                shows: OtherName::Domain
            }
        )
}

async fn notes(world: &World) -> Vec<Note> {
    let mut cursor = LogCursor::start();
    let mut notes = Vec::new();
    loop {
        let page = world.store.read_log(world.workspace, cursor).await.unwrap();
        if page.records.is_empty() {
            return notes;
        }
        cursor = LogCursor::after(page.next);
        let payloads = page.records.iter();
        let payloads = payloads.filter_map(|record| record.entry.payload.as_deref());
        notes.extend(payloads.filter_map(Note::from_payload));
    }
}

#[tokio::test]
async fn a_senders_name_shows_what_its_workspace_named_and_nothing_else() {
    let world = World::new(1).await;
    shows(&world, "Ada from brand.com").await;
    assert!(refused(activate(&world).await));
    let engine = &world.engine;
    let named = OwnDomains::parse(["Brand.com"]).unwrap();
    let set = engine.set_own_domains(world.workspace, &named, by());
    set.await.unwrap();
    assert_eq!(engine.own_domains(world.workspace).await.unwrap(), named);
    activate(&world).await.unwrap();
    world.run_for(24).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 1);
    let raw = String::from_utf8_lossy(accepted[0].2.raw()).into_owned();
    assert!(raw.contains("brand.com"), "{raw}");
    // The chain has who named what, and no name.
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let said = notes(&world).await;
    let said: Vec<_> = said
        .into_iter()
        .filter(|note| matches!(note, Note::OwnDomains { .. }))
        .collect();
    let domains = vec![vault.domain_index("brand.com")];
    assert_eq!(said, [Note::OwnDomains { domains, by: by() }]);
    // Who says anew who they are keeps them; others' stay others'.
    let identity = WorkspaceIdentity {
        own_domains: vec!["other.com".to_owned()],
        ..engine.identity(world.workspace).await.unwrap()
    };
    let set = engine.set_identity(world.workspace, &identity);
    set.await.unwrap();
    assert_eq!(engine.own_domains(world.workspace).await.unwrap(), named);
    let identity = WorkspaceIdentity::default();
    let another = engine.create_workspace(&identity);
    let another = another.await.unwrap();
    assert!(engine.own_domains(another).await.unwrap().is_empty());
    shows(&world, "Ada from other.com").await;
    assert!(refused(activate(&world).await));
}

#[tokio::test]
async fn a_domain_that_is_not_named_any_more_is_shown_in_no_further_mail() {
    let world = World::new(1).await;
    let engine = &world.engine;
    let named = OwnDomains::parse(["brand.com"]).unwrap();
    let set = engine.set_own_domains(world.workspace, &named, by());
    set.await.unwrap();
    shows(&world, "Ada from brand.com").await;
    activate(&world).await.unwrap();
    let nothing = OwnDomains::default();
    let none = engine.set_own_domains(world.workspace, &nothing, by());
    none.await.unwrap();
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 0);
}
