//! What arrives and what people do about it: answers by hand, objections, forged reports, own mail.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_consent::{BreakerScope, Breakers, Ceilings, Line};
use jooper_core::{
    Clock, EmailAddress, EnrollmentState, FinishReason, InboundKind, MailboxState, NotSentReason,
    ParkReason, SendKey, SendState, StopReason, ThreadId,
};
use jooper_sequence::EngineError;
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LEAD, MAILBOX, MESSAGE, MailboxRow, MessageContent, MessageRow,
    SEND, SendRow, SuppressionRow, THREAD, ThreadRow,
};
use jooper_storage::{Batch, Column, ColumnOp, Erase, Key, Scan, Storage as _, Write};
use jooper_transport::{Outcome, UnknownCause};
use support::World;
use support::arrivals::{
    DAYS, VOUCHED, all, arrive, arrived, dismissed, listed, me, token, written_to,
};
use uuid::Uuid;

fn key(n: u128) -> Uuid {
    Uuid::from_u128(0xfeed_0000 + n)
}

async fn enrollment(world: &World) -> EnrollmentRow {
    let mut rows = all::<EnrollmentRow>(world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(rows.len(), 1, "these worlds have one lead");
    rows.remove(0)
}

/// One lead who got the first mail and answered it with `words`.
async fn answered(words: &str) -> (World, ThreadId) {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "Jo <lead0@person0.example>"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, words);
    world.run_for(2).await;
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let thread = threads
        .into_iter()
        .find(|thread| thread.provider_thread == "their-thread-1")
        .unwrap();
    (world, thread.id)
}

#[tokio::test]
async fn an_answer_by_hand_goes_once_in_the_thread_and_from_its_mailbox() {
    let (world, thread) = answered("Sounds good. What does it cost?").await;
    let desk = world.engine.conversations(world.workspace);
    let sent = desk
        .reply(thread, key(1), "It is free.", me())
        .await
        .unwrap();
    let again = desk
        .reply(thread, key(1), "It is free.", me())
        .await
        .unwrap();
    assert_eq!(sent, again);
    world.run_for(2).await;
    desk.reply(thread, key(1), "It is free.", me())
        .await
        .unwrap();
    world.run_for(20 * DAYS).await;

    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 2, "the first mail and one answer");
    let (mailbox, used, mail) = &accepted[1];
    assert_eq!((mailbox.mailbox, *used), (world.mailbox, sent));
    assert_eq!(mail.to().as_str(), "lead0@person0.example");
    assert_eq!(mail.from().as_str(), "ada1@sender.example");
    assert_eq!(mail.thread(), Some("their-thread-1"));
    let raw = String::from_utf8_lossy(mail.raw()).into_owned();
    assert!(raw.contains("In-Reply-To: <in1@person.example>"), "{raw}");
    assert!(raw.contains("Subject: Re: Hello Jo0"), "{raw}");
    assert!(raw.contains("It is free."), "{raw}");
    assert!(!raw.contains("List-Unsubscribe"), "no campaign mail: {raw}");

    assert_eq!(desk.state(&sent).await.unwrap(), Some(SendState::Sent));
    let ours: Vec<_> = all::<MessageRow>(&world, Scan::table(&MESSAGE))
        .await
        .into_iter()
        .filter(|row| row.send_key == Some(sent))
        .collect();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].provider_id, "m2", "known under the provider's id");
    let steps = enrollment(&world).await;
    assert_eq!((steps.sent, steps.finish), (1, Some(FinishReason::Replied)));
}

#[tokio::test]
async fn an_answer_of_unknown_outcome_is_found_and_never_sent_again() {
    let (world, thread) = answered("Tell me more.").await;
    let unknown = Outcome::Unknown(UnknownCause::Timeout);
    world.transport.script(unknown);
    let desk = world.engine.conversations(world.workspace);
    // A person may link to what they like.
    let gladly = "Gladly: bit.ly/agenda";
    let sent = desk.reply(thread, key(1), gladly, me()).await.unwrap();
    world.run_for(1).await;
    desk.reply(thread, key(1), gladly, me()).await.unwrap();
    world.run_for(3 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 2);
    assert_eq!(desk.state(&sent).await.unwrap(), Some(SendState::Sent));
}

#[tokio::test]
async fn an_answer_that_did_not_go_waits_until_a_person_tries_again() {
    let (world, thread) = answered("Tell me more.").await;
    world.transport.script(Outcome::NotSent {
        reason: jooper_core::NotSentReason::Unreachable,
        retry_at: None,
    });
    let desk = world.engine.conversations(world.workspace);
    let sent = desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(DAYS).await;
    assert_eq!(desk.state(&sent).await.unwrap(), Some(SendState::NotSent));
    assert_eq!(world.transport.accepted().len(), 1);
    let other = desk.reply(thread, key(1), "other words", me()).await;
    assert!(matches!(other, Err(EngineError::OtherAnswer)), "{other:?}");
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 1);
    desk.reply(thread, key(1), "Gladly.\r\n", me())
        .await
        .unwrap();
    world.run_for(1).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 2);
    let raw = String::from_utf8_lossy(accepted[1].2.raw()).into_owned();
    assert!(
        raw.contains("Gladly.") && !raw.contains("other words"),
        "{raw}"
    );
}

#[tokio::test]
async fn an_answer_that_no_permit_has_time_for_is_refused_before_anything_is_claimed() {
    let (world, thread) = answered("Tell me more.").await;
    world.transport.take_at_most(8_000);
    let desk = world.engine.conversations(world.workspace);
    let long = "Gladly, and at length. ".repeat(1_000);
    for (n, text, tries, state) in [
        (1, long.as_str(), 0, SendState::NotSent),
        (2, "Gladly.", 1, SendState::Sent),
    ] {
        let sent = desk.reply(thread, key(n), text, me()).await.unwrap();
        world.run_for(1).await;
        let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
        let row = rows.into_iter().find(|row| row.key == sent).unwrap();
        assert_eq!((row.attempt, row.state), (tries, state), "{n}");
        let refused = (state == SendState::NotSent).then_some(NotSentReason::TooLarge);
        assert_eq!(row.not_sent, refused, "{n}");
    }
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn an_answer_into_a_deleted_conversation_goes_in_a_new_one_when_it_is_tried_again() {
    let (world, thread) = answered("Tell me more.").await;
    world.transport.script(Outcome::NotSent {
        reason: jooper_core::NotSentReason::ThreadGone,
        retry_at: None,
    });
    let desk = world.engine.conversations(world.workspace);
    for mails in [1, 2] {
        desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
        world.run_for(1).await;
        assert_eq!(world.transport.accepted().len(), mails);
    }
    assert_eq!(world.transport.accepted()[1].2.thread(), None);
}

#[tokio::test]
async fn an_answer_needs_words_and_a_mail_to_answer() {
    let (world, thread) = answered("Tell me more.").await;
    let desk = world.engine.conversations(world.workspace);
    let empty = desk.reply(thread, key(1), "  \n", me()).await;
    assert!(matches!(empty, Err(EngineError::State(_))), "{empty:?}");
    let nowhere = ThreadId::from_uuid(key(9));
    let unknown = desk.reply(nowhere, key(1), "Hi", me()).await;
    assert!(matches!(unknown, Err(EngineError::NotFound(_))));

    let (world, _) = written_to().await;
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let desk = world.engine.conversations(world.workspace);
    let silent = desk.reply(threads[0].id, key(1), "Hi", me()).await;
    assert!(matches!(silent, Err(EngineError::State(_))), "{silent:?}");
}

#[tokio::test]
async fn what_answers_our_answer_belongs_to_the_same_conversation() {
    let (world, thread) = answered("Tell me more.").await;
    let desk = world.engine.conversations(world.workspace);
    desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(1).await;
    let from_elsewhere = [
        ("From", "jo.private@mail.example"),
        ("Subject", "Re: Hello Jo0"),
        ("In-Reply-To", "<m2@recording.invalid>"),
    ];
    arrive(&world, 2, &from_elsewhere, "Thanks, call me.");
    world.run_for(1).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 2);
    let (row, content) = &mails[1];
    assert!(matches!(row.send_key, Some(SendKey::Reply { .. })));
    assert_eq!(content.verdict["matched_by"], "message id");
}

#[tokio::test]
async fn words_that_ask_to_stop_are_provisional_until_a_person_looks() {
    let (world, thread) = answered("Please take me off your list.").await;
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    let provisional = |row: &SuppressionRow| row.provisional && row.reason == StopReason::StopWords;
    assert!(rows.iter().all(provisional), "{rows:?}");
    let desk = world.engine.conversations(world.workspace);

    // Provisional or not, nothing is sent to them, by hand neither.
    let answer = desk.reply(thread, key(1), "Sorry!", me()).await.unwrap();
    world.run_for(20 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let waits = desk.state(&answer).await.unwrap();
    assert_eq!(waits, Some(SendState::Planned), "it waits for a person");

    assert!(dismissed(&desk, thread).await.unwrap() > 0);
    assert!(listed(&world).await.is_empty());
    desk.reply(thread, key(1), "Sorry!", me()).await.unwrap();
    world.run_for(1).await;
    assert_eq!(desk.state(&answer).await.unwrap(), Some(SendState::Sent));
}

#[tokio::test]
async fn an_objection_of_somebody_whose_lead_was_deleted_meanwhile_is_heard() {
    let (world, mail) = written_to().await;
    let lead = enrollment(&world).await.lead;
    let gone = Key::new(&LEAD, vec![lead.to_value()]);
    let batch = Batch::new(world.workspace).write(Write::Delete(gone));
    world.store.commit(batch).await.unwrap();
    let (workspace, subject) = (world.workspace, lead.into());
    let erase = Erase { workspace, subject };
    world.store.erase(erase).await.unwrap();
    for (n, words) in [(1, "Who are you?"), (2, "Please stop writing to me.")] {
        assert_eq!(listed(&world).await, [], "nobody has objected yet");
        let headers = [
            ("From", "Jo <lead0@person0.example>"),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token(&mail)),
        ];
        arrive(&world, n, &headers, words);
        world.run_for(2).await;
    }
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let address = EmailAddress::parse("lead0@person0.example").unwrap();
    let contact = vault.contact_index(&address);
    assert!(listed(&world).await.iter().any(|row| row.index == contact));
}

#[tokio::test]
async fn a_confirmed_objection_is_no_longer_anybodys_to_undo() {
    let (world, thread) = answered("Unsubscribe me please").await;
    let desk = world.engine.conversations(world.workspace);
    desk.confirm_objection(thread, me()).await.unwrap();
    let rows = listed(&world).await;
    assert!(!rows.is_empty() && rows.iter().all(|row| !row.provisional));
    assert_eq!(dismissed(&desk, thread).await.unwrap(), 0);
    assert_eq!(listed(&world).await.len(), rows.len());
    let answer = desk.reply(thread, key(1), "But why?", me()).await.unwrap();
    world.run_for(DAYS).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let dropped = desk.state(&answer).await.unwrap();
    assert_eq!(dropped, Some(SendState::Skipped));
}

#[tokio::test]
async fn answers_that_ask_to_stop_reach_the_breakers() {
    let world = World::new(4).await;
    let campaign = world.campaign().await;
    world.run_for(DAYS).await;
    let breakers = Breakers::new(
        world.store.clone(),
        world.stops(),
        world.clock.clone(),
        Ceilings::new(),
    );
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 4);
    let answer = |n: usize, words: &str| {
        let (_, _, mail) = &accepted[n];
        let headers = [
            ("From", mail.to().as_str()),
            ("Subject", "Re: Hello"),
            ("References", &token(mail)),
        ];
        arrive(&world, n, &headers, words);
    };
    answer(0, "Please take me off your list.");
    answer(1, "Stop writing to me, please.");
    answer(2, "Sounds good. What does it cost?");
    world.run_for(1).await;
    let two = breakers.follow(world.workspace).await.unwrap();
    assert_eq!(two, [], "two of few are no rate");
    answer(3, "Unsubscribe me please");
    world.run_for(1).await;
    let tripped = breakers.follow(world.workspace).await.unwrap();
    let scopes: Vec<BreakerScope> = tripped.iter().map(|one| one.scope).collect();
    let both = [
        BreakerScope::Mailbox(world.mailbox),
        BreakerScope::Campaign(campaign),
    ];
    assert_eq!(scopes, both, "{tripped:?}");
    let counted =
        |one: &jooper_consent::Tripped| (one.line, one.figures.complained) == (Line::Complaints, 3);
    assert!(tripped.iter().all(counted), "{tripped:?}");
}

/// A report that the address of lead 0 does not exist, as somebody may write it.
fn bounce(world: &World, n: usize, origin: &[(&str, &str)], returned: &str) {
    let mut headers = vec![
        ("Subject", "Undelivered Mail Returned to Sender"),
        (
            "Content-Type",
            "multipart/report; report-type=delivery-status; boundary=b",
        ),
    ];
    headers.extend_from_slice(origin);
    let body = format!(
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.person0.example\r\n\r\n\
         Final-Recipient: rfc822; lead0@person0.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Remote-MTA: dns; mx2.person0.example\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nx\r\n--b--"
    );
    arrive(world, n, &headers, &body);
}

const REFUTED: (&str, &str) = (
    "Authentication-Results",
    "mx.google.com; dkim=none; spf=fail smtp.mailfrom=x@evil.example; dmarc=fail header.from=person0.example",
);
const DAEMON: (&str, &str) = ("From", "MAILER-DAEMON@person0.example");

#[tokio::test]
async fn a_forged_bounce_suppresses_nobody_and_ends_nothing() {
    let (world, mail) = written_to().await;
    bounce(
        &world,
        1,
        &[DAEMON],
        "To: lead0@person0.example\r\nSubject: guessed",
    );
    // Whoever intercepted our mail knows its token; a failed check speaks against them.
    let stolen = format!("References: {}\r\nSubject: Hello", token(&mail));
    bounce(&world, 2, &[DAEMON, REFUTED], &stolen);
    // Whoever signs with a domain of their own says nothing about other people's addresses.
    let from = ("From", "postmaster@evil.example");
    let signed = (
        "Authentication-Results",
        "mx.google.com; dkim=pass header.i=@evil.example; dmarc=pass header.from=evil.example",
    );
    let guessed = "To: lead0@person0.example\r\nSubject: guessed";
    bounce(&world, 3, &[from, signed], guessed);
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    let kinds: Vec<_> = mails.iter().filter_map(|(row, _)| row.kind).collect();
    assert_eq!(kinds, [InboundKind::HardBounce; 3], "shown, and no more");
    let shown = |(_, mail): &(MessageRow, MessageContent)| mail.text.contains("It failed.");
    assert!(
        mails.iter().all(shown),
        "a person reads what the server said"
    );
    assert!(
        mails
            .iter()
            .all(|(_, mail)| mail.verdict["proven"] == false)
    );
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 3);
    assert_eq!(
        enrollment(&world).await.finish,
        Some(FinishReason::Completed)
    );
}

#[tokio::test]
async fn a_bounce_that_the_provider_vouches_for_suppresses_the_address() {
    let (world, mail) = written_to().await;
    let returned = format!("References: {}\r\nSubject: Hello", token(&mail));
    bounce(&world, 1, &[DAEMON, VOUCHED], &returned);
    world.run_for(20 * DAYS).await;
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.reason == StopReason::Bounced));
    assert_eq!(world.transport.accepted().len(), 1);
    assert_eq!(enrollment(&world).await.finish, Some(FinishReason::Bounced));
    let (_, content) = &arrived(&world).await[0];
    let failure = &content.verdict["failures"][0];
    assert_eq!(failure["status"], "5.1.1");
    assert_eq!(failure["code"], 550);
    assert_eq!(failure["refused_by"], "mx2.person0.example");
    assert_eq!(content.verdict["reported_by"], "mx.person0.example");
}

/// A report of Google's own about an address that is not lead 0's.
fn bounce_of_another(world: &World, n: usize, returned: &str) {
    let headers = [
        (
            "From",
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        ),
        ("Subject", "Delivery Status Notification (Failure)"),
        (
            "Authentication-Results",
            "mx.google.com; dkim=pass header.i=@googlemail.com",
        ),
        (
            "Content-Type",
            "multipart/report; report-type=delivery-status; boundary=b",
        ),
    ];
    let body = format!(
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; googlemail.com\r\n\r\n\
         Final-Recipient: rfc822; dead@other.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nx\r\n--b--"
    );
    arrive(world, n, &headers, &body);
}

#[tokio::test]
async fn a_bounce_of_somebody_else_suppresses_no_lead() {
    let (world, mail) = written_to().await;
    // Its owner wrote to both by hand, or answered in the conversation with a copy to the dead one.
    bounce_of_another(
        &world,
        1,
        "To: dead@other.example, lead0@person0.example\r\nSubject: by hand",
    );
    let token = token(&mail);
    let answer = format!(
        "To: lead0@person0.example\r\nCc: dead@other.example\r\nReferences: {token} <x@y.example>"
    );
    bounce_of_another(&world, 2, &answer);
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1, "the first is nobody's of ours");
    assert_eq!(mails[0].1.verdict["about_them"], false);
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn a_bounce_behind_the_persons_own_forward_ends_their_sequence() {
    let (world, mail) = written_to().await;
    let returned = format!("To: lead0@person0.example\r\nReferences: {}", token(&mail));
    bounce_of_another(&world, 1, &returned);
    world.run_for(20 * DAYS).await;
    assert_eq!(enrollment(&world).await.finish, Some(FinishReason::Bounced));
    assert_eq!(world.transport.accepted().len(), 1);
}

const LIMIT: &str = "You have reached a limit for sending mail. Your message was not sent.";

#[tokio::test]
async fn only_our_own_provider_says_that_the_account_may_send_no_more() {
    let (world, _) = written_to().await;
    let failed = ("X-Failed-Recipients", "lead0@person0.example");
    let subject = ("Subject", "Delivery Status Notification (Failure)");
    let daemon = ("From", "mailer-daemon@googlemail.com");
    let evil = ("From", "mailer-daemon@evil.example");
    let signed = (
        "Authentication-Results",
        "mx.google.com; dkim=pass header.i=@evil.example",
    );
    arrive(&world, 1, &[daemon, subject, failed], LIMIT);
    arrive(&world, 2, &[evil, subject, failed, signed], LIMIT);
    world.run_for(1).await;
    let accounts = all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await;
    assert_eq!(accounts[0].state, MailboxState::Connected);
    let google = (
        "Authentication-Results",
        "mx.google.com; dkim=pass header.i=@googlemail.com",
    );
    arrive(&world, 3, &[daemon, subject, failed, google], LIMIT);
    world.run_for(1).await;
    let kinds = arrived(&world).await;
    let limits = kinds
        .iter()
        .filter(|(row, _)| row.kind == Some(InboundKind::SendingLimit));
    assert_eq!(limits.count(), 3);
    let accounts = all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await;
    assert_eq!(accounts[0].state, MailboxState::Connected);
    let until = accounts[0].parked_until.expect("parked");
    assert!(until > world.clock.now());
    assert_eq!(accounts[0].park_reason, Some(ParkReason::LimitNotice));
}

#[tokio::test]
async fn a_limit_notice_leaves_a_paused_or_half_granted_account_as_it_is() {
    for state in [MailboxState::Paused, MailboxState::ReadOnly] {
        let (world, _) = written_to().await;
        let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
        let patch = Write::Patch(key, vec![("state", ColumnOp::Set(state.to_value()))]);
        let batch = Batch::new(world.workspace).write(patch);
        world.store.commit(batch).await.unwrap();
        let headers = [
            ("From", "mailer-daemon@googlemail.com"),
            ("Subject", "Delivery Status Notification (Failure)"),
            ("X-Failed-Recipients", "lead0@person0.example"),
            (
                "Authentication-Results",
                "mx.google.com; dkim=pass header.i=@googlemail.com",
            ),
        ];
        arrive(&world, 1, &headers, LIMIT);
        world.run_for(1).await;
        let accounts = all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await;
        assert_eq!(accounts[0].state, state, "a person or a grant decides it");
        assert_eq!(accounts[0].park_reason, Some(ParkReason::LimitNotice));
        assert!(accounts[0].parked_until > Some(world.clock.now()));
        world.run_for(20 * DAYS).await;
        let accounts = all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await;
        assert_eq!(accounts[0].state, state, "nor when the pause is over");
        assert_eq!(world.transport.accepted().len(), 1, "nothing leaves it");
    }
}

#[tokio::test]
async fn an_objection_that_came_through_a_list_is_heard() {
    let (world, _) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("List-Id", "<team.person0.example>"),
        ("Precedence", "list"),
    ];
    arrive(&world, 1, &headers, "Please take me off your list.");
    world.run_for(20 * DAYS).await;
    assert!(!listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn a_forwarded_invitation_is_no_answer() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Fwd: Invitation: lunch"),
        ("References", &token(&mail)),
        ("Content-Type", "text/calendar; method=REQUEST"),
    ];
    let invitation =
        "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR";
    arrive(&world, 1, &headers, invitation);
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails[0].0.kind, Some(InboundKind::Noise));
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn a_judge_of_the_embedders_own_is_asked_what_a_reply_means() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "xyzzy");
    world.run_for(1).await;
    let (_, content) = arrived(&world).await.remove(0);
    assert_eq!(content.verdict["intent"]["name"], "meeting");
}

#[tokio::test]
async fn own_follow_ups_aliases_colleagues_and_forwards_are_no_answers() {
    let (world, mail) = written_to().await;
    let token = token(&mail);
    let from = [
        "ada1@sender.example",
        "Ada <ada.alias@other.example>",
        "Ben <ben@sender.example>",
    ];
    for (n, from) in from.into_iter().enumerate() {
        let headers = [
            ("From", from),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token),
        ];
        arrive(&world, n, &headers, "Did you see this? Please stop me.");
    }
    world.run_for(1).await;
    assert!(
        arrived(&world).await.is_empty(),
        "our own is nobody's answer"
    );
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Fwd: Hello Jo0"),
        ("References", &token),
    ];
    arrive(&world, 7, &headers, "FYI");
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].0.kind, Some(InboundKind::Noise));
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 3);
    assert_eq!(
        enrollment(&world).await.finish,
        Some(FinishReason::Completed)
    );
}

#[tokio::test]
async fn somebody_else_of_the_company_is_shown_as_a_weak_match_and_stops_nothing() {
    let (world, _) = written_to().await;
    let from = ("From", "boss@person0.example");
    arrive(&world, 1, &[from, ("Subject", "Re: Hello Jo0")], "Not us.");
    // A new mail of theirs is none of our business.
    arrive(&world, 2, &[from, ("Subject", "Invoice 7")], "Please pay.");
    world.run_for(1).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].1.verdict["weak"], true);
    // That it came is kept, and not what it says: it is no mail of the conversation.
    assert_eq!(mails[0].1.subject.as_str(), "Re: Hello Jo0");
    assert_eq!((mails[0].1.text.as_str(), &mails[0].1.html), ("", &None));
    // Their mail is no mail of the person: nobody answers it to the person.
    let desk = world.engine.conversations(world.workspace);
    let answer = desk.reply(mails[0].0.thread, key(1), "Hello", me()).await;
    assert!(answer.is_err());
    assert_eq!(enrollment(&world).await.state, EnrollmentState::Active);
}

#[tokio::test]
async fn a_reply_keeps_its_intent_its_evidence_and_a_safe_view() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
        ("Content-Type", "multipart/mixed; boundary=b"),
    ];
    let body = "--b\r\nContent-Type: text/html\r\n\r\n<p>Not the right person, write to \
        <a href=\"https://x.example\">ana@person0.example</a>.</p><img src=\"https://t.example/p.gif\">\
        <script>x()</script>\r\n--b\r\nContent-Type: application/pdf; name=\"../a.pdf\"\r\n\
        Content-Disposition: attachment; filename=\"../a.pdf\"\r\n\r\n%PDF\r\n--b--";
    arrive(&world, 1, &headers, body);
    world.run_for(1).await;
    let (row, content) = arrived(&world).await.remove(0);
    assert_eq!(row.kind, Some(InboundKind::Reply));
    let verdict = &content.verdict;
    assert_eq!(verdict["intent"]["name"], "wrong_person", "{verdict}");
    assert_eq!(verdict["intent"]["refers_to"], "ana@person0.example");
    assert!(!verdict["evidence"].as_array().unwrap().is_empty());
    let html = content.html.unwrap();
    assert!(html.contains("Not the right person"), "{html}");
    assert!(!html.contains("<img") && !html.contains("script"), "{html}");
    assert_eq!(content.attachments.len(), 1);
    assert_eq!(content.attachments[0].0, "a.pdf");
    let address = EmailAddress::parse("lead0@person0.example").unwrap();
    assert_eq!(content.from, address.as_str());
}

#[tokio::test]
async fn a_mail_of_somebody_long_written_to_is_nobodys_answer_unless_it_says_so() {
    let (world, _) = written_to().await;
    world.run_for(20 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 3);
    let from = ("From", "Jo <lead0@person0.example>");
    let failed = ("X-Failed-Recipients", "lead0@person0.example");
    let daemon = ("From", "mailer-daemon@googlemail.com");
    world.clock.advance_millis(2 * 365 * DAYS * 3_600_000);
    arrive(&world, 1, &[from, ("Subject", "Invoice 7")], "Please pay.");
    arrive(&world, 2, &[daemon, ("Subject", "Failure"), failed], LIMIT);
    world.run_for(1).await;
    assert!(arrived(&world).await.is_empty(), "their owner's business");
    arrive(&world, 3, &[from, ("Subject", "Re: Hello Jo0")], "Later.");
    world.run_for(1).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].1.verdict["matched_by"], "sender");
}

#[tokio::test]
async fn an_objection_under_its_own_title_is_heard_however_late_it_comes() {
    let (world, _) = written_to().await;
    world.run_for(20 * DAYS).await;
    world.clock.advance_millis(120 * DAYS * 3_600_000);
    let asks = ("Subject", "Please remove me from your list");
    let from = ("From", "Jo <lead0@person0.example>");
    // Neither whom nobody wrote to, nor a title that says something else, nor a text that does.
    let foreign = ("From", "eve@else.example");
    arrive(&world, 1, &[foreign, asks], "Now.");
    let long =
        "The bus stop at our gate has moved to the other side of the road, as the plan says. "
            .repeat(3);
    arrive(
        &world,
        2,
        &[
            from,
            ("Subject", "Stop"),
            ("List-Id", "<news.person0.example>"),
        ],
        &long,
    );
    arrive(
        &world,
        3,
        &[from, ("Subject", "Your offer")],
        "Please remove me from your list.",
    );
    let colleague = ("From", "info@person0.example");
    arrive(&world, 4, &[colleague, asks], "Now.");
    world.run_for(1).await;
    assert!(arrived(&world).await.is_empty(), "their owner's business");
    assert!(listed(&world).await.is_empty());
    arrive(&world, 5, &[from, asks], "Thanks, Jo");
    world.run_for(1).await;
    assert_eq!(arrived(&world).await.len(), 1);
    let rows = listed(&world).await;
    let provisional = |row: &SuppressionRow| row.provisional && row.reason == StopReason::StopWords;
    assert!(!rows.is_empty() && rows.iter().all(provisional), "{rows:?}");
}

#[tokio::test]
async fn an_objection_of_a_colleague_under_its_own_title_is_a_hint_and_stops_nobody() {
    let (world, _) = written_to().await;
    let asks = ("Subject", "Please remove us from your list");
    arrive(&world, 1, &[("From", "info@person0.example"), asks], "Now.");
    arrive(&world, 2, &[("From", "info@else.example"), asks], "Now.");
    let other = ("Subject", "Your invoice");
    arrive(
        &world,
        3,
        &[("From", "info@person0.example"), other],
        "Please pay.",
    );
    world.run_for(1).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].1.verdict["weak"], true);
    assert!(listed(&world).await.is_empty());
}

#[tokio::test]
async fn a_new_mail_of_somebody_lately_written_to_is_an_answer() {
    for (days, answers) in [(70, 1), (100, 0)] {
        let (world, _) = written_to().await;
        world.run_for(20 * DAYS).await;
        world.clock.advance_millis(days * DAYS * 3_600_000);
        let from = ("From", "Jo <lead0@person0.example>");
        arrive(&world, 1, &[from, ("Subject", "Your offer")], "Call me.");
        world.run_for(1).await;
        assert_eq!(arrived(&world).await.len(), answers, "{days} days later");
    }
}
