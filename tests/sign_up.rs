//! From the hosted sign-up page to a mail that may go: over real HTTP, the simulator as the judge.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use jooper::consent::StopScope;
use jooper::core::{
    BasisKind, EmailAddress, SendKey, SendKind, SendState, StopReason, StopSource, UserId,
};
use jooper::sequence::model::Limits;
use jooper::storage::tables::{
    BASIS, BasisRow, MESSAGE, MessageRow, SEND, SendRow, SuppressionRow,
};
use jooper::storage::{Column, Scan, StorageExt};
use jooper_testkit::google::{Canned, Fault, FaultRule};
use world::World;

async fn ask(world: &World, method: Method, url: &str, body: &str) -> StatusCode {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    world.jooper.tracking().handle(&request).await.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_signs_up_gets_one_mail_and_consents_by_its_link() {
    let world = World::new(&["ada@sender.example"]).await;
    let page = world
        .jooper
        .tracking()
        .sign_up_url(world.workspace)
        .await
        .unwrap();
    for _ in 0..5 {
        let typed = ask(
            &world,
            Method::POST,
            page.as_str(),
            "email=eve%40people.example",
        )
        .await;
        assert_eq!(typed, StatusCode::OK);
        world.work().await;
    }
    let ledger = world.google.ledger();
    let accepted = ledger.accepted();
    assert_eq!(accepted.len(), 1, "one mail, however often somebody types");
    let sends = world
        .jooper
        .storage()
        .collect::<SendRow>(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    let send = &sends[0].record;
    assert_eq!(
        (send.kind, send.state),
        (SendKind::Service, SendState::Sent)
    );

    assert_eq!(accepted[0].subject, "Please confirm: mail from Sender GmbH");
    let SendKey::Service { request, .. } = send.key else {
        panic!("{:?}", send.key);
    };
    let tracking = world.jooper.tracking();
    let request = tracking.opt_in_request(world.workspace, request).await;
    let confirm = request.unwrap().unwrap().confirm_url.to_string();
    assert_eq!(ask(&world, Method::GET, &confirm, "").await, StatusCode::OK);
    let bases = || {
        world
            .jooper
            .storage()
            .collect::<BasisRow>(world.workspace, Scan::table(&BASIS))
    };
    assert_eq!(bases().await.unwrap().len(), 0, "looking is no consent");
    assert_eq!(
        ask(&world, Method::POST, &confirm, "choice=yes").await,
        StatusCode::OK
    );
    let bases = bases().await.unwrap();
    assert_eq!(bases[0].record.kind, BasisKind::ConfirmedOptIn);

    // The consent carries a campaign, and the chain tells it all.
    let leads = world.import(1, "other.example").await;
    assert!(leads.contains(&bases[0].record.lead) && leads.len() == 2);
    world.campaign(&leads).await;
    world.pass(24).await;
    assert_eq!(world.google.ledger().accepted().len(), 3);
    let report = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!((report.findings, report.permits), (vec![], 3));
}

/// Somebody types an address into the hosted page.
async fn signs_up(world: &World, name: &str) {
    let tracking = world.jooper.tracking();
    let page = tracking.sign_up_url(world.workspace).await.unwrap();
    let form = format!("email={name}%40people.example");
    let typed = ask(world, Method::POST, page.as_str(), &form).await;
    assert_eq!(typed, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_is_answered_late_when_it_cannot_be_answered_at_once() {
    let world = World::new(&["ada@sender.example"]).await;
    let accepted = || world.google.ledger().accepted().len();
    // A person paused everything, and then the provider takes no mail for a while.
    let engine = world.jooper.engine();
    engine.pause_workspace(world.workspace).await.unwrap();
    signs_up(&world, "eve").await;
    world.pass(2).await;
    assert_eq!(accepted(), 0);
    let busy = FaultRule::new(Fault::Answer(Canned::TooMany429(None))).on_send();
    world.google.add_fault(busy.times(1));
    let by = UserId::from_uuid(uuid::Uuid::from_u128(1));
    let resumed = engine.resume_workspace(world.workspace, by);
    resumed.await.unwrap();
    world.pass(4).await;
    assert_eq!(accepted(), 1, "once, and not never");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_to_sign_ups_keep_the_gaps_and_the_budget_of_their_mailbox() {
    let world = World::new(&["ada@sender.example"]).await;
    for number in 0..45 {
        signs_up(&world, &format!("eve{number}")).await;
    }
    world.work().await;
    let accepted = || world.google.ledger().accepted().len();
    assert_eq!(accepted(), 1, "the next one waits for the gap");
    for _ in 0..100 {
        world.work().await;
        world.clock.0.advance_millis(6 * 60_000);
    }
    assert_eq!(accepted(), 40, "as many as a day allows");
    world.pass(24).await;
    assert_eq!(accepted(), 45);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_is_answered_from_another_account_where_the_first_is_stopped() {
    let world = World::new(&["ada@sender.example", "bea@sender.example"]).await;
    let scope = |at: usize| StopScope::Mailbox(world.mailboxes[at]);
    let stops = world.jooper.stops();
    let (why, who) = (StopReason::Unauthenticated, StopSource::System);
    for (at, name) in [(0, "eve"), (1, "sue")] {
        let stopped = stops.stop(world.workspace, scope(at), why, who);
        let _ = stopped.await.unwrap();
        signs_up(&world, name).await;
        world.pass(2).await;
        assert_eq!(world.google.ledger().accepted().len(), at + 1, "{name}");
        let ended = stops.ended(world.workspace, scope(at), why);
        ended.await.unwrap();
    }
    let sends = world
        .jooper
        .storage()
        .collect::<SendRow>(world.workspace, Scan::table(&SEND));
    let from: Vec<_> = sends.await.unwrap();
    let from = from.iter().map(|send| send.record.mailbox);
    let mut from: Vec<_> = from.collect();
    from.sort();
    let mut both = world.mailboxes.clone();
    both.sort();
    assert_eq!(from, both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_a_sign_up_takes_from_what_mailboxes_share() {
    let none = Limits::default();
    let two = [
        Limits {
            workspace: Some(2),
            ..none
        },
        Limits {
            sender_domain: Some(2),
            ..none
        },
        Limits {
            recipient_domain: Some(2),
            ..none
        },
    ];
    for limits in two {
        let world = World::new(&["ada@sender.example"]).await;
        // One that did not go takes nothing.
        let busy = FaultRule::new(Fault::Answer(Canned::TooMany429(None))).on_send();
        world.google.add_fault(busy.times(1));
        signs_up(&world, "eve").await;
        world.pass(3).await;
        let accepted = || world.google.ledger().accepted().len();
        assert_eq!(accepted(), 1);
        let leads = world.import(3, "people.example").await;
        world.campaign_within(&leads, 400, limits).await;
        world.pass(12).await;
        assert_eq!(accepted(), 2, "one of the campaign's: {limits:?}");
    }
}

/// Why this address is on the workspace's list.
async fn listed(world: &World, address: &str) -> Option<StopReason> {
    let vault = world.jooper.vault().workspace(world.workspace).await;
    let address = EmailAddress::parse(address).unwrap();
    let contact = vault.unwrap().contact_index(&address).to_value();
    let storage = world.jooper.storage();
    let found = storage.find::<SuppressionRow>(world.workspace, vec![contact]);
    found.await.unwrap().map(|row| row.record.reason)
}

/// The questions that went out, by the ids under which they travelled.
fn asked(world: &World) -> Vec<String> {
    let ledger = world.google.ledger();
    let questions = ledger.accepted().iter();
    let questions = questions.filter(|mail| mail.subject.starts_with("Please confirm"));
    questions.map(|mail| mail.wire_id.clone()).collect()
}

fn answer(from: &str, words: &str) -> String {
    format!(
        "From: {from}@people.example\nSubject: Re: Please confirm: mail from Sender GmbH\n\
         In-Reply-To: <ID>\nReferences: <ID>\n\n{words}\n"
    )
}

fn report(from: &str, results: &str) -> String {
    format!(
        "From: Mail Delivery Subsystem <{from}>\n{results}\
         Subject: Delivery Status Notification (Failure)\nReferences: <ID>\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; people.example\n\n\
         Final-Recipient: rfc822; EVE@people.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    )
}

/// Nobody who is asked must be a lead: what they answer, and what comes back, is heard all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_answers_a_sign_up_that_they_want_nothing_is_asked_no_more() {
    const OWNER: &str = "ada@sender.example";
    let world = World::new(&[OWNER]).await;
    // A colleague of theirs is a lead; their answer is no mail of his.
    let tom = world.import(1, "people.example").await;
    world.campaign(&tom).await;
    world.pass(24).await;
    let google = "Authentication-Results: mx.google.com; dmarc=pass header.from=googlemail.com\n";
    let stop = "Stop. Never write to me again.";
    let answers = [
        (answer("EVE", stop), Some(StopReason::Objected)),
        (
            report("mailer-daemon@googlemail.com", google),
            Some(StopReason::Bounced),
        ),
        // Whoever has the mail may object for whom it went to, and for nobody else.
        (answer("victim", stop), Some(StopReason::Objected)),
        // A report that nothing vouches for, and a question, stop nobody.
        (report("postmaster@elsewhere.example", ""), None),
        (answer("EVE", "Who are you, and what do you offer?"), None),
    ];
    for (n, (answer, expected)) in answers.into_iter().enumerate() {
        let eve = format!("eve{n}");
        signs_up(&world, &eve).await;
        world.pass(2).await;
        let before = asked(&world);
        let id = before.last().unwrap().trim_matches(['<', '>']);
        let answer = answer.replace("ID", id).replace("EVE", &eve);
        let answer = format!("To: {OWNER}\nMessage-ID: <{n}@people.example>\n{answer}");
        world
            .google
            .deliver(OWNER, answer.as_bytes(), false)
            .unwrap();
        world.google.settle().await;
        world.pass(2).await;
        let address = format!("{eve}@people.example");
        assert_eq!(listed(&world, &address).await, expected, "{answer}");
        assert_eq!(listed(&world, "victim@people.example").await, None);
        let kept = world
            .jooper
            .storage()
            .collect::<MessageRow>(world.workspace, Scan::table(&MESSAGE));
        let kept = kept.await.unwrap();
        let arrived = kept.iter().filter(|row| row.record.kind.is_some());
        assert_eq!(arrived.count(), 0, "nothing of it is stored: {answer}");
        // Typed once more, when the link is dead.
        world.pass(24 * 15).await;
        signs_up(&world, &eve).await;
        world.pass(2).await;
        let more = asked(&world).len() - before.len();
        assert_eq!(more, usize::from(expected.is_none()), "{answer}");
    }
}
