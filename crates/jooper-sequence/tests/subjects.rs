//! The subject of a follow-up: that of the mail which the person got, whatever was changed since.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{CampaignId, EnrollmentState, WaitReason};
use jooper_message::inbound::InboundMail;
use jooper_sequence::model::{Edit, Schedule, Sequence};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, MESSAGE, MessageRow, WorkspaceIdentity};
use jooper_storage::{Batch, Record, Scan, Storage as _, Write};
use support::World;
use support::arrivals::all;
use support::people::rename;

const FIRST: &str = r#"
    name = "A visit"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "Your visit, {{ first_name }}"
    body = "Hello."
    [[step]]
    id = "b"
    wait = "2 days"
    [[step.variant]]
    body = "Did you see this?"
"#;

/// Other words for the mail that began the thread.
const NEW_PRICES: &str = r#"
    name = "A visit"
    [[step]]
    id = "hello"
    [[step.variant]]
    subject = "New prices"
    body = "Hello."
    [[step]]
    id = "b"
    wait = "2 days"
    [[step.variant]]
    body = "Did you see this?"
"#;

/// Another mail in its place, behind a task.
const REPLACED: &str = r#"
    name = "A visit"
    [[step]]
    id = "call"
    task = { title = "Call them" }
    [[step]]
    id = "hello2"
    wait = "2 days"
    [[step.variant]]
    subject = "New prices"
    body = "Hello."
    [[step]]
    id = "b"
    wait = "2 days"
    [[step.variant]]
    body = "Did you see this?"
"#;

async fn begun() -> (World, CampaignId) {
    let world = World::new(1).await;
    let campaign = world.campaign_of(FIRST, Schedule::default()).await;
    world.run_for(24).await;
    assert_eq!(subjects(&world), ["Your visit, Jo0"]);
    (world, campaign)
}

fn subjects(world: &World) -> Vec<String> {
    let accepted = world.transport.accepted();
    let mails = accepted.iter().map(|(_, _, mail)| mail.raw());
    let subject = |raw: &[u8]| InboundMail::parse(raw).subject();
    mails.map(subject).collect()
}

async fn edited(world: &World, campaign: CampaignId, text: &str) {
    let campaigns = world.engine.campaigns(world.workspace);
    let next = Sequence::from_toml(text).unwrap();
    let all = Edit::move_all();
    campaigns.edit(campaign, &next, &all).await.unwrap();
}

#[tokio::test]
async fn a_follow_up_answers_the_mail_that_went_whatever_was_changed_since() {
    for text in [None, Some(NEW_PRICES), Some(REPLACED)] {
        let (world, campaign) = begun().await;
        rename(&world, world.leads[0], "Joanna").await;
        if let Some(text) = text {
            edited(&world, campaign, text).await;
        }
        world.run_for(24 * 7).await;
        let expected = ["Your visit, Jo0", "Re: Your visit, Jo0"];
        assert_eq!(subjects(&world), expected, "{text:?}");
    }
}

/// As when a retention period is over.
async fn forget_mails(world: &World) {
    let rows = all::<MessageRow>(world, Scan::table(&MESSAGE)).await;
    assert_eq!(rows.len(), 1);
    let batch = Batch::new(world.workspace).write(Write::Delete(rows[0].key()));
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn a_subject_that_was_not_kept_is_written_anew_or_waits_for_a_person() {
    let (world, _) = begun().await;
    forget_mails(&world).await;
    world.run_for(24 * 7).await;
    assert_eq!(subjects(&world)[1..], ["Re: Your visit, Jo0"]);

    let (world, campaign) = begun().await;
    forget_mails(&world).await;
    edited(&world, campaign, REPLACED).await;
    world.run_for(24 * 7).await;
    assert_eq!(subjects(&world).len(), 1);
    let rows = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    let waits = (EnrollmentState::Parked, Some(WaitReason::Unreadable));
    assert_eq!((rows[0].state, rows[0].wait), waits);
    let campaigns = world.engine.campaigns(world.workspace);
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    assert_eq!(
        view.decisions.last().unwrap().1.summary,
        "Mail 2 waits for a person: the stored subject of their conversation cannot be read."
    );
}

#[tokio::test]
async fn what_no_mail_can_be_made_of_is_told_as_it_is() {
    let world = World::new(1).await;
    world.campaign_of(FIRST, Schedule::default()).await;
    rename(&world, world.leads[0], &"x".repeat(990)).await;
    world.run_for(24).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let view = campaigns.explain(world.leads[0]).await.unwrap().remove(0);
    assert_eq!(
        view.decisions.last().unwrap().1.summary,
        "Mail 1 cannot be written for this lead: its subject or its text is empty, too long or \
         holds a control character."
    );
}

#[tokio::test]
async fn a_workspace_that_does_not_say_who_it_is_ends_nobodys_sequence() {
    let world = World::new(1).await;
    world.campaign_of(FIRST, Schedule::default()).await;
    let known = world.engine.identity(world.workspace).await.unwrap();
    let silent = WorkspaceIdentity {
        privacy_url: String::new(),
        ..known.clone()
    };
    for (identity, mails) in [(silent, 0), (known, 1)] {
        let told = world.engine.set_identity(world.workspace, &identity);
        told.await.unwrap();
        world.run_for(24).await;
        assert_eq!(subjects(&world).len(), mails);
    }
}
