//! What becomes of a mailbox when Google takes back part of what was granted, or pauses it.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use jooper::core::{Clock, MailboxState, ParkReason};
use jooper::gmail::{GMAIL_READONLY, GMAIL_SEND};
use jooper::storage::tables::{MAILBOX, MailboxRow};
use jooper::storage::{Scan, StorageExt};
use jooper_testkit::google::{Canned, ConsentScript, Fault, FaultRule, Mix, UserSpec};
use world::World;

const OWNER: &str = "ada@sender.example";
const HOUR: i64 = 3_600_000;

async fn account(world: &World) -> MailboxRow {
    let storage = world.jooper.storage();
    let scan = Scan::table(&MAILBOX);
    let rows = storage.collect::<MailboxRow>(world.workspace, scan).await;
    rows.unwrap().remove(0).record
}

fn accepted(world: &World) -> usize {
    world.google.ledger().accepted().len()
}

/// A campaign to so many people, before its first mail.
async fn begun(people: usize) -> World {
    let world = World::new(&[OWNER]).await;
    let leads = world.import(people, "people.example").await;
    world.campaign(&leads).await;
    world
}

#[tokio::test]
async fn a_token_refused_once_costs_an_attempt_and_no_connection() {
    let world = begun(2).await;
    let refusal = FaultRule::new(Fault::Answer(Canned::Credentials401)).on_send();
    world.google.add_fault(refusal.times(1));
    world.pass(24).await;
    assert_eq!(account(&world).await.state, MailboxState::Connected);
    assert_eq!(accepted(&world), 2, "planned again, with a new token");
}

#[tokio::test]
async fn tokens_refused_again_and_again_end_the_connection_until_it_is_made_anew() {
    let world = begun(2).await;
    let refusal = FaultRule::new(Fault::Answer(Canned::Credentials401)).on_send();
    world.google.add_fault(refusal);
    world.pass(24).await;
    assert_eq!(account(&world).await.state, MailboxState::NeedsReauth);
    assert_eq!(accepted(&world), 0);
    world.google.clear_faults();
    world.pass(24).await;
    assert_eq!(accepted(&world), 0, "only its owner brings it back");
    world.connect(OWNER).await;
    world.pass(24).await;
    assert_eq!(account(&world).await.state, MailboxState::Connected);
    assert_eq!(accepted(&world), 2);
}

#[tokio::test]
async fn a_grant_that_loses_reading_shows_it_and_follows_up_on_nobody() {
    let world = begun(1).await;
    world.pass(24).await;
    assert_eq!(accepted(&world), 1);
    let shrink = Fault::ShrinkScope(GMAIL_READONLY.to_owned());
    let shrink = FaultRule::new(shrink).on("POST", "/token");
    world.google.add_fault(shrink);
    world.pass(24 * 14).await;
    assert_eq!(account(&world).await.state, MailboxState::SendOnly);
    assert_eq!(accepted(&world), 1, "an answer would not be seen");
    world.google.clear_faults();
    world.connect(OWNER).await;
    world.pass(24 * 21).await;
    assert_eq!(account(&world).await.state, MailboxState::Connected);
    assert_eq!(accepted(&world), 3);
}

#[tokio::test]
async fn a_grant_that_loses_sending_shows_it_and_reads_on() {
    let world = begun(1).await;
    let shrink = Fault::ShrinkScope(GMAIL_SEND.to_owned());
    let shrink = FaultRule::new(shrink).on("POST", "/token");
    world.google.add_fault(shrink);
    world.pass(24).await;
    let row = account(&world).await;
    assert_eq!(row.state, MailboxState::ReadOnly);
    assert_eq!(accepted(&world), 0);
    world.pass(3).await;
    assert!(account(&world).await.synced_at > row.synced_at, "read on");
}

#[tokio::test]
async fn a_mailbox_whose_mails_are_refused_for_the_grant_s_sake_reads_on() {
    let world = begun(2).await;
    let refusal = FaultRule::new(Fault::Answer(Canned::Scope403)).on_send();
    world.google.add_fault(refusal);
    world.pass(24).await;
    let row = account(&world).await;
    assert_eq!(row.state, MailboxState::ReadOnly);
    assert_eq!(accepted(&world), 0);
    world.pass(3).await;
    assert!(account(&world).await.synced_at > row.synced_at, "read on");
    world.google.clear_faults();
    world.connect(OWNER).await;
    world.pass(24).await;
    assert_eq!(accepted(&world), 2, "connected again, it sends");
}

#[tokio::test]
async fn a_grant_that_loses_both_and_an_administrators_no_need_a_person() {
    for faults in [
        vec![
            Fault::ShrinkScope(GMAIL_SEND.to_owned()),
            Fault::ShrinkScope(GMAIL_READONLY.to_owned()),
        ],
        vec![Fault::Answer(Canned::DomainPolicy403)],
    ] {
        let world = begun(1).await;
        for fault in &faults {
            let rule = FaultRule::new(fault.clone());
            world.google.add_fault(match fault {
                Fault::ShrinkScope(_) => rule.on("POST", "/token"),
                _ => rule.on("GET", "*/users/me/*"),
            });
        }
        world.pass(24).await;
        let state = account(&world).await.state;
        assert_eq!(state, MailboxState::NeedsReauth, "{faults:?}");
        assert_eq!(accepted(&world), 0, "{faults:?}");
    }
}

#[tokio::test]
async fn a_sending_limit_leaves_the_state_alone_and_ends_by_itself() {
    let world = World::new(&[]).await;
    world.google.add_user(UserSpec::new(OWNER));
    world.google.set_mix(Mix::silent());
    let unticked = ConsentScript::Untick(vec![GMAIL_READONLY.to_owned()]);
    world.google.script_consent(OWNER, unticked).unwrap();
    let mut world = world;
    let again = world.connect(OWNER).await;
    world.mailboxes.push(again);
    assert_eq!(account(&world).await.state, MailboxState::SendOnly);
    let leads = world.import(2, "people.example").await;
    world.campaign(&leads).await;
    let limit = Fault::Answer(Canned::SendingLimit429(Some(20 * HOUR)));
    world
        .google
        .add_fault(FaultRule::new(limit).on_send().times(1));
    world.pass(16).await;
    let row = account(&world).await;
    assert_eq!(row.state, MailboxState::SendOnly, "what it may do");
    assert!(row.parked_until.unwrap() > world.clock.now());
    assert_eq!(row.park_reason, Some(ParkReason::SendingLimit));
    assert_eq!(accepted(&world), 0);
    world.pass(48).await;
    assert_eq!(account(&world).await.state, MailboxState::SendOnly);
    assert_eq!(accepted(&world), 2, "it went on by itself");
}

#[tokio::test]
async fn a_pause_that_reading_is_asked_for_parks_no_sending() {
    let world = begun(2).await;
    let pause = Fault::Answer(Canned::UserRate403(Some(20 * HOUR)));
    world
        .google
        .add_fault(FaultRule::new(pause).on("GET", "*/history"));
    world.pass(14).await;
    let row = account(&world).await;
    assert_eq!(row.state, MailboxState::Connected);
    assert_eq!(row.parked_until, None);
    assert_eq!(accepted(&world), 2, "first mails go; follow-ups would wait");
}
