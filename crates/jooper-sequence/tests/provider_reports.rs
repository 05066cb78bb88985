//! Reports of our own provider that are not about what we sent: another server's words in them, and those that
//! somebody else was sent.

mod support;

use jooper_core::{InboundKind, ParkReason};
use jooper_storage::Scan;
use jooper_storage::tables::{MAILBOX, MailboxRow};
use support::World;
use support::arrivals::{all, arrive, arrived, listed, written_to};

/// A report of Google's own, as it vouches for it, of the only recipient.
fn report_of_google(world: &World, n: usize, to: &str, machine: &str) {
    let headers = [
        ("From", "mailer-daemon@googlemail.com"),
        ("To", to),
        ("Subject", "Delivery Status Notification (Failure)"),
        ("X-Failed-Recipients", "lead0@person0.example"),
        (
            "Content-Type",
            "multipart/report; report-type=delivery-status; boundary=b",
        ),
        (
            "Authentication-Results",
            "mx.google.com; dkim=pass header.i=@googlemail.com; dmarc=pass header.from=googlemail.com",
        ),
    ];
    let body = format!(
        "--b\r\nContent-Type: text/plain\r\n\r\nYour message was not sent.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; googlemail.com\r\n\r\nFinal-Recipient: rfc822; lead0@person0.example\r\nAction: failed\r\n{machine}\r\n--b--"
    );
    arrive(world, n, &headers, &body);
}

#[tokio::test]
async fn the_server_of_a_lead_holds_no_mailbox_with_words_of_a_limit() {
    let (world, _) = written_to().await;
    let limit = "Status: 5.7.1\r\nDiagnostic-Code: smtp; 550 5.7.1 daily sending quota exceeded";
    let remote = format!("Remote-MTA: dns; mx.person0.example. (192.0.2.9)\r\n{limit}");
    report_of_google(&world, 1, "ada1@sender.example", &remote);
    world.run_for(1).await;
    let parked = async || all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await[0].park_reason;
    assert_eq!(
        arrived(&world).await[0].0.kind,
        Some(InboundKind::SendingLimit)
    );
    assert_eq!(parked().await, None);
    report_of_google(&world, 2, "ada1@sender.example", limit);
    world.run_for(1).await;
    assert_eq!(parked().await, Some(ParkReason::LimitNotice));
}

#[tokio::test]
async fn a_report_that_somebody_else_was_sent_does_nothing_here() {
    let dead = "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user";
    let limit =
        "Status: 5.4.5\r\nDiagnostic-Code: smtp; 550 5.4.5 Daily user sending quota exceeded";
    for to in [
        "eve@evil.example",
        "eve@evil.example\r\nTo: ada1@sender.example",
    ] {
        let (world, _) = written_to().await;
        report_of_google(&world, 1, to, dead);
        report_of_google(&world, 2, to, limit);
        world.run_for(1).await;
        assert!(listed(&world).await.is_empty(), "{to}");
        let accounts = all::<MailboxRow>(&world, Scan::table(&MAILBOX)).await;
        assert_eq!(accounts[0].park_reason, None, "{to}");
        assert_eq!(arrived(&world).await.len(), 2, "both are shown");
        report_of_google(&world, 3, "Ada <ADA1@sender.example>", dead);
        world.run_for(1).await;
        assert!(!listed(&world).await.is_empty(), "{to}");
    }
}
