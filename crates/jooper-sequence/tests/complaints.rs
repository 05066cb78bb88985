//! Feedback reports (RFC 5965): what a provider says of a person, and what anybody may claim of one.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_core::{EmailAddress, FinishReason, InboundKind, StopReason};
use jooper_storage::Scan;
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, MessageContent, MessageRow, SuppressionRow,
};
use support::World;
use support::arrivals::{DAYS, VOUCHED, all, arrive, arrived, listed, token, written_to};

/// A feedback report about lead 0, as somebody may write it.
fn feedback(world: &World, n: usize, origin: &[(&str, &str)], kind: &str) {
    let content = "multipart/report; report-type=feedback-report; boundary=b";
    // It goes to whom the provider has on record.
    let to = ("To", "fbl@sender.example");
    let mut headers = vec![("Subject", "Fw: Hello"), to, ("Content-Type", content)];
    headers.extend_from_slice(origin);
    let body = format!(
        "--b\r\n\r\nA report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n\
         Feedback-Type: {kind}\r\nVersion: 1\r\nOriginal-Rcpt-To: lead0@person0.example\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: guessed\r\n\r\nx\r\n--b--"
    );
    arrive(world, n, &headers, &body);
}

#[tokio::test]
async fn an_objection_in_a_report_of_unproven_origin_stops_nobody() {
    let (world, _) = written_to().await;
    let from = ("From", "fbl@evil.example");
    let signed = (
        "Authentication-Results",
        "mx.google.com; dmarc=pass header.from=evil.example",
    );
    feedback(&world, 1, &[from], "opt-out");
    feedback(&world, 2, &[from, signed], "opt-out");
    feedback(&world, 3, &[from, signed], "abuse");
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 3);
    let unproven = |(_, mail): &(MessageRow, MessageContent)| mail.verdict["proven"] == false;
    assert!(mails.iter().all(unproven));
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn a_report_of_somebody_elses_mail_stops_no_lead_that_its_header_names() {
    let (world, _) = written_to().await;
    let content = "multipart/report; report-type=feedback-report; boundary=b";
    for (n, kind) in [(1, "abuse"), (2, "opt-out")] {
        let headers = [
            ("From", "fbl@evil.example"),
            ("Subject", "Fw: Hello"),
            ("Content-Type", content),
            ("X-Failed-Recipients", "lead0@person0.example"),
            (
                "Authentication-Results",
                "mx.google.com; dkim=pass header.i=@evil.example",
            ),
        ];
        let body = format!(
            "--b\r\n\r\nA report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n\
             Feedback-Type: {kind}\r\nVersion: 1\r\nOriginal-Rcpt-To: x@evil.example\r\n\r\n--b--"
        );
        arrive(&world, n, &headers, &body);
    }
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 2, "shown");
    let about_them = |(_, mail): &(MessageRow, MessageContent)| mail.verdict["about_them"] == true;
    assert!(!mails.iter().any(about_them));
    assert_eq!(listed(&world).await, []);
    assert_eq!(world.transport.accepted().len(), 3);
}

#[tokio::test]
async fn a_complaint_in_a_providers_own_form_is_read() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "staff@hotmail.com"),
        ("Subject", "complaint about message from 192.0.2.1"),
        ("Content-Type", "multipart/mixed; boundary=b"),
        (
            "Authentication-Results",
            "mx.google.com; dkim=pass header.i=@hotmail.com; dmarc=pass header.from=hotmail.com",
        ),
    ];
    let returned = |mail: &str| {
        format!(
            "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Hello\r\n{mail}\r\n\r\nx\r\n--b--"
        )
    };
    arrive(&world, 1, &headers, &returned("References: <a@b.example>"));
    let ours = format!("References: {}", token(&mail));
    arrive(&world, 2, &headers, &returned(&ours));
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails.len(), 1, "the first is about nothing of ours");
    assert_eq!(mails[0].0.kind, Some(InboundKind::Complaint));
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.reason == StopReason::Complained));
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn an_objection_that_the_persons_provider_reports_holds() {
    let (world, _) = written_to().await;
    feedback(
        &world,
        1,
        &[("From", "fbl@person0.example"), VOUCHED],
        "opt-out",
    );
    world.run_for(20 * DAYS).await;
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    let asked = |row: &SuppressionRow| row.reason == StopReason::Unsubscribed;
    assert!(rows.iter().all(asked));
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let reporter = EmailAddress::parse("fbl@person0.example").unwrap();
    let reporter = vault.contact_index(&reporter);
    assert!(
        rows.iter().all(|row| row.index != reporter),
        "who reports is nobody who asked"
    );
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn not_spam_after_all_is_shown_and_stops_nobody_whoever_vouches_for_it() {
    let (world, _) = written_to().await;
    let fbl = ("From", "fbl@person0.example");
    feedback(&world, 1, &[fbl, VOUCHED], "not-spam");
    feedback(&world, 2, &[fbl, VOUCHED], "Not-Spam");
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    let kinds: Vec<_> = mails.iter().filter_map(|(row, _)| row.kind).collect();
    assert_eq!(kinds, [InboundKind::Noise; 2], "shown");
    assert!(listed(&world).await.is_empty());
    assert_eq!(world.transport.accepted().len(), 3);
    let enrollments = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(enrollments[0].finish, Some(FinishReason::Completed));
}

#[tokio::test]
async fn a_complaint_that_the_persons_provider_reports_ends_their_sequence() {
    let (world, _) = written_to().await;
    let fbl = ("From", "fbl@person0.example");
    feedback(&world, 1, &[fbl, VOUCHED], "abuse");
    world.run_for(20 * DAYS).await;
    let mails = arrived(&world).await;
    assert_eq!(mails[0].0.kind, Some(InboundKind::Complaint));
    let rows = listed(&world).await;
    assert!(!rows.is_empty());
    let complained = |row: &SuppressionRow| row.reason == StopReason::Complained;
    assert!(rows.iter().all(complained));
    assert_eq!(world.transport.accepted().len(), 1);
}
