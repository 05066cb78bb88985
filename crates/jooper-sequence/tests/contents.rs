//! What no mail may hold is found before anybody is enrolled, and once more in every finished mail.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{EmailAddress, EnrollmentState, LeadId, MailboxState, Origin, UserId};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{ConnectMailbox, EngineError, NewCampaign, VaultCredentials};
use jooper_storage::tables::{LEAD, LeadProfile, LeadRow};
use jooper_storage::{Batch, Column, StorageExt};
use jooper_transport::Credentials;
use jooper_vault::Place;
use support::World;
use uuid::Uuid;

const VARIANTS: &str = r#"
    name = "One mail"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Our offer: https://sender.example/offer"
    [[step.variant]]
    subject = "Hello {{ first_name }}"
    body = "Our offer: https://sender.example/offer"
"#;

fn new_campaign(world: &World, sequence: Sequence) -> NewCampaign {
    NewCampaign {
        settings: CampaignSettings {
            name: "Test".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence,
        seed: 7,
    }
}

/// Changes a lead's first name behind the campaign's back, as an import does.
async fn rename(world: &World, lead: LeadId, name: &str) {
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let subject = vault.subject(lead).await.unwrap();
    let key = vec![lead.to_value()];
    let place = Place::new(&LEAD, "profile", &key);
    let found = world.store.find::<LeadRow>(world.workspace, key);
    let found = found.await.unwrap().unwrap();
    let profile = LeadProfile {
        first_name: Some(name.to_owned()),
        ..subject.open(&place, &found.record.profile).unwrap()
    };
    let next = LeadRow {
        profile: subject.seal(&place, Origin::Customer, &profile).unwrap(),
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&next, found.version);
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn a_sequence_with_a_shortened_link_is_no_sequence() {
    let (head, tail) = VARIANTS.rsplit_once("sender.example").unwrap();
    let text = format!("{head}bit.ly{tail}");
    let error = Sequence::from_toml(&text).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: step 1, variant 2: the text has a link of bit.ly, which hides where it leads. \
         Write the address that the link leads to."
    );
    let world = World::new(1).await;
    let mut sequence = Sequence::from_toml(VARIANTS).unwrap();
    sequence.steps[0].variants[1].body.push_str("\nt.co/1");
    let campaigns = world.engine.campaigns(world.workspace);
    let refused = campaigns.create(&new_campaign(&world, sequence)).await;
    assert!(
        matches!(refused, Err(EngineError::Sequence(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn whose_fields_bring_a_shortened_link_is_not_enrolled() {
    let mut world = World::new(1).await;
    let lead = world.add_person(1, "jo@firm.example", "bit.ly/jo").await;
    let sequence = Sequence::from_toml(VARIANTS).unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns
        .create(&new_campaign(&world, sequence))
        .await
        .unwrap();
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, 1);
    assert_eq!(report.refused.len(), 1);
    assert_eq!(report.refused[0].lead, lead);
    assert_eq!(
        report.refused[0].reason,
        "step 1: with this lead's fields the subject has a link of bit.ly, which hides where it leads. \
         Write the address that the link leads to."
    );
}

#[tokio::test]
async fn a_finished_mail_is_looked_at_and_goes_once_it_is_mended() {
    let world = World::new(2).await;
    world.campaign_of(VARIANTS, Schedule::default()).await;
    let lead = world.leads[0];
    rename(&world, lead, "https://bit.ly/jo").await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1, "the other one's");
    let campaigns = world.engine.campaigns(world.workspace);
    let view = campaigns.explain(lead).await.unwrap().remove(0);
    assert_eq!(view.enrollment.state, EnrollmentState::Active);
    let told: Vec<_> = view.decisions.iter().map(|(_, told)| told).collect();
    let waits = told.last().unwrap();
    assert_eq!(
        waits.summary,
        "Mail 1 waits. The subject has a link of bit.ly, which hides where it leads. Write the \
         address that the link leads to."
    );
    let line = waits
        .lines
        .iter()
        .find(|line| line.rule == "what the mail holds");
    assert_eq!(line.unwrap().verdict, "no");
    rename(&world, lead, "Jo").await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
    let view = campaigns.explain(lead).await.unwrap().remove(0);
    let (_, sent) = view.decisions.last().unwrap();
    let line = sent
        .lines
        .iter()
        .find(|line| line.rule == "what the mail holds");
    assert_eq!(line.unwrap().verdict, "fine");
}

#[tokio::test]
async fn a_mailbox_that_shows_somebody_else_sends_nothing() {
    let world = World::new(1).await;
    let (store, vault) = (world.store.clone(), world.vault.clone());
    let credentials = VaultCredentials::new(store, vault, world.clock.clone());
    let new = ConnectMailbox {
        owner: UserId::from_uuid(Uuid::from_u128(1)),
        sub: "sub-1".to_owned(),
        email: EmailAddress::parse("ada1@sender.example").unwrap(),
        display_name: "Ada at paypal.com".to_owned(),
        aliases: Vec::new(),
        state: MailboxState::Connected,
        credentials: Credentials {
            refresh_token: "r".into(),
            access_token: None,
            scopes: Vec::new(),
        },
    };
    let mailboxes = world.engine.mailboxes(world.workspace);
    let sequence = Sequence::from_toml(VARIANTS).unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    let id = campaigns
        .create(&new_campaign(&world, sequence))
        .await
        .unwrap();
    mailboxes.connect(&credentials, new.clone()).await.unwrap();
    let refused = campaigns.activate(id, &world.leads).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the sender's name shows another domain than the mail comes from. Change the account's name \
         to the person's or company's own, and connect it again; a domain that is the workspace's own \
         can be named as such."
    );
    let renamed = ConnectMailbox {
        display_name: "Ada (sender.example)".to_owned(),
        ..new.clone()
    };
    mailboxes.connect(&credentials, renamed).await.unwrap();
    campaigns.activate(id, &world.leads).await.unwrap();
    // Somebody renames it later: the gate looks at every mail.
    mailboxes.connect(&credentials, new).await.unwrap();
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 0);
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    let (_, told) = view.decisions.last().unwrap();
    assert!(
        told.summary
            .contains("The sender's name shows another domain"),
        "{}",
        told.summary
    );
}
