//! What reports claim of a person: by forged fields, and by the mail that they bring back.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{EventKind, FinishReason, InboundKind, StopReason};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper_storage::{LogCursor, Scan, Storage as _};
use support::World;
use support::arrivals::{DAYS, VOUCHED, all, arrive, arrived, listed, token, written_to};

const FAILED: (&str, &str) = ("X-Failed-Recipients", "lead0@person0.example");
const EVIL: (&str, &str) = (
    "Authentication-Results",
    "mx.google.com; dkim=pass header.i=@evil.example; spf=pass smtp.mailfrom=x@evil.example",
);

async fn finish(world: &World) -> Option<FinishReason> {
    let rows = all::<EnrollmentRow>(world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(rows.len(), 1, "these worlds have one lead");
    rows[0].finish
}

async fn logged(world: &World) -> Vec<EventKind> {
    let cursor = LogCursor {
        after: 0,
        limit: 10_000,
    };
    let log = world.store.read_log(world.workspace, cursor).await.unwrap();
    log.records.iter().map(|fact| fact.entry.kind).collect()
}

/// A delivery report of one recipient.
fn report(world: &World, n: usize, headers: &[(&str, &str)], fields: &str, returned: &str) {
    let content = "multipart/report; report-type=delivery-status; boundary=b";
    let mut all = vec![
        ("Subject", "Undelivered Mail Returned to Sender"),
        ("Content-Type", content),
    ];
    all.extend_from_slice(headers);
    let body = format!(
        "--b\r\n\r\nA report.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example\r\n\r\n{fields}\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{returned}\r\n\r\nx\r\n--b--"
    );
    arrive(world, n, &all, &body);
}

const DEAD: &str =
    "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown";

#[tokio::test]
async fn a_report_of_ones_own_address_stops_nobody_whom_it_says_to_be_the_first_recipient() {
    let (world, _) = written_to().await;
    let from = ("From", "postmaster@evil.example");
    let fields = format!(
        "Final-Recipient: rfc822; x@evil.example\r\n\
         Original-Recipient: rfc822; lead0@person0.example\r\n{DEAD}"
    );
    report(
        &world,
        1,
        &[from, EVIL, FAILED],
        &fields,
        "Subject: guessed",
    );
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails[0].0.kind, Some(InboundKind::HardBounce), "shown");
    assert_eq!(mails[0].1.verdict["proven"], false);
    assert_eq!(listed(&world).await, []);
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn the_persons_own_organization_may_name_both_addresses() {
    let (world, _) = written_to().await;
    let from = ("From", "postmaster@mail.person0.example");
    let fields = format!(
        "Final-Recipient: rfc822; jo@person0.example\r\n\
         Original-Recipient: rfc822; lead0@person0.example\r\n{DEAD}"
    );
    report(&world, 1, &[from, VOUCHED, FAILED], &fields, "Subject: x");
    world.run_for(20 * DAYS).await;
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.reason == StopReason::Bounced));
}

#[tokio::test]
async fn a_report_that_brings_our_mail_back_is_about_it_whatever_its_header_names() {
    let (world, mail) = written_to().await;
    let headers = [
        (
            "From",
            "Mail Delivery System <Mailer-Daemon@host.hosting.example>",
        ),
        (
            "Subject",
            "Mail delivery failed: returning message to sender",
        ),
        ("Content-Type", "multipart/mixed; boundary=b"),
        ("Auto-Submitted", "auto-replied"),
        FAILED,
    ];
    let body = format!(
        "--b\r\n\r\nThis message was created automatically by mail delivery software.\r\n\r\n\
         A message that you sent could not be delivered to one or more of its\r\n\
         recipients. This is a permanent error. The following address(es) failed:\r\n\r\n  \
         lead0@person0.example\r\n    host mx.person0.example [192.0.2.1]\r\n    \
         SMTP error from remote mail server after RCPT TO:<lead0@person0.example>:\r\n    \
         550 5.1.1 User unknown\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
         To: lead0@person0.example\r\nReferences: {}\r\nSubject: Hello\r\n\r\nx\r\n--b--",
        token(&mail)
    );
    arrive(&world, 1, &headers, &body);
    world.run_for(20 * DAYS).await;
    let (row, content) = arrived(&world).await.remove(0);
    assert_eq!(row.kind, Some(InboundKind::HardBounce));
    assert_eq!(content.verdict["matched_by"], "token");
    assert_eq!(content.verdict["proven"], true, "{}", content.verdict);
    assert_eq!(finish(&world).await, Some(FinishReason::Bounced));
    assert_eq!(world.transport.accepted().len(), 1);
    assert_eq!(listed(&world).await, [], "nobody vouches for it");
}

#[tokio::test]
async fn what_is_passed_on_noticed_or_delivered_is_shown_and_counts_as_nothing() {
    let (world, mail) = written_to().await;
    let token = token(&mail);
    let forward = [
        ("From", "lead0@person0.example"),
        ("Subject", "Fwd: Hello Jo0"),
        ("References", &token),
    ];
    arrive(&world, 1, &forward, "FYI");
    let delivered =
        "Final-Recipient: rfc822; lead0@person0.example\r\nAction: delivered\r\nStatus: 2.1.5";
    let from = ("From", "mailer-daemon@person0.example");
    let returned = format!("References: {token}");
    report(&world, 2, &[from, VOUCHED], delivered, &returned);
    world.run_for(1).await;
    let mails = arrived(&world).await;
    let kinds: Vec<_> = mails.iter().filter_map(|(row, _)| row.kind).collect();
    assert_eq!(kinds, [InboundKind::Noise, InboundKind::Delivered]);
    let miscounted = [EventKind::AutoReplied, EventKind::Delayed];
    let log = logged(&world).await;
    assert!(log.contains(&EventKind::Sent));
    assert!(!log.iter().any(|kind| miscounted.contains(kind)), "{log:?}");

    // A notice of absence and one of delay still count.
    let away = [
        ("From", "lead0@person0.example"),
        ("Subject", "Automatic reply: Hello Jo0"),
        ("Auto-Submitted", "auto-replied"),
        ("References", &token),
    ];
    arrive(&world, 3, &away, "I am away.");
    let delayed =
        "Final-Recipient: rfc822; lead0@person0.example\r\nAction: delayed\r\nStatus: 4.4.1";
    report(&world, 4, &[from, VOUCHED], delayed, &returned);
    world.run_for(1).await;
    let log = logged(&world).await;
    assert!(miscounted.iter().all(|kind| log.contains(kind)), "{log:?}");
}
