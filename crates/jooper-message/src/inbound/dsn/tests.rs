use super::reason::{Class, Reason};
use super::*;
use crate::inbound::mail::InboundMail;
use crate::inbound::{Context, Kind, ReportKind, classify};

fn kind(text: &str) -> Kind {
    classify(&InboundMail::parse(text.as_bytes()), &Context::default()).kind
}

fn report(text: &str) -> DeliveryReport {
    read(&InboundMail::parse(text.as_bytes())).expect("a delivery report")
}

fn standard(fields: &str, words: &str) -> String {
    format!(
        "From: Mail Delivery System <MAILER-DAEMON@relay.example>\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"r\"\n\n--r\nContent-Type: text/plain\n\n{words}\n--r\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; relay.example\n\n{fields}\n--r\nContent-Type: message/rfc822\n\nMessage-ID: <wire-1@our.example>\nReferences: <token-1@our.example>\nFrom: me@our.example\nTo: ada@dest.example\nSubject: hi\n\nOut of office unsubscribe\n--r--\n"
    )
}

const GONE: &str = "Final-Recipient: rfc822; ada@dest.example\nAction: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.dest.example\nDiagnostic-Code: smtp; 550 5.1.1 <ada@dest.example>: Recipient address rejected: User unknown";

#[test]
fn a_standard_report_is_read_whole() {
    let found = report(&standard(
        GONE,
        "<ada@dest.example>: host mx said: 550 (in reply to RCPT TO command)",
    ));
    assert_eq!(found.reporting_mta.as_deref(), Some("relay.example"));
    assert_eq!(
        found.original.message_id.as_deref(),
        Some("wire-1@our.example")
    );
    assert_eq!(found.original.references, ["token-1@our.example"]);
    let one = &found.recipients[0];
    assert_eq!(
        (one.address.as_str(), one.code, one.reason, one.class),
        (
            "ada@dest.example",
            Some(550),
            Reason::AddressUnknown,
            Class::Hard
        )
    );
    assert_eq!(
        one.status.map(|status| status.to_string()).as_deref(),
        Some("5.1.1")
    );
    assert_eq!(one.remote_mta.as_deref(), Some("mx.dest.example"));
    assert!(one.is_hard());
}

#[test]
fn a_report_is_never_an_automatic_reply_although_it_is_auto_replied() {
    assert_eq!(
        kind(&standard(GONE, "failed")),
        Kind::DeliveryReport(ReportKind::HardBounce)
    );
}

#[test]
fn delays_deliveries_and_policy_blocks_are_told_apart() {
    let delayed = GONE
        .replace("failed", "delayed")
        .replace("5.1.1", "4.4.1")
        .replace("550 4.4.1", "421 4.4.1");
    assert_eq!(
        kind(&standard(&delayed, "will be retried")),
        Kind::DeliveryReport(ReportKind::Delayed)
    );
    let delivered = "Final-Recipient: rfc822; ada@dest.example\nAction: delivered\nStatus: 2.0.0";
    assert_eq!(
        kind(&standard(delivered, "delivered")),
        Kind::DeliveryReport(ReportKind::Delivered)
    );
    let blocked = "Final-Recipient: rfc822; ada@dest.example\nAction: failed\nStatus: 5.7.26\nDiagnostic-Code: smtp; 550 5.7.26 This mail is unauthenticated: DMARC policy";
    assert_eq!(
        kind(&standard(blocked, "blocked")),
        Kind::DeliveryReport(ReportKind::PolicyBlock)
    );
    let full = "Final-Recipient: rfc822; ada@dest.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full";
    assert_eq!(
        kind(&standard(full, "full")),
        Kind::DeliveryReport(ReportKind::SoftBounce)
    );
}

#[test]
fn gmails_sending_limit_blames_the_mailbox_not_the_recipient() {
    let text = "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nTo: me@our.example\nSubject: Delivery Status Notification (Failure)\nX-Failed-Recipients: ada@dest.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nMessage not delivered\n\nYou have reached a limit for sending mail. Your message was not sent.\n--b\nContent-Type: message/delivery-status\n\n\n--b--\n";
    let found = report(text);
    assert_eq!(found.recipients[0].reason, Reason::SendingLimit);
    assert_eq!(kind(text), Kind::DeliveryReport(ReportKind::SendingLimit));
}

#[test]
fn an_empty_status_part_falls_back_to_the_header_and_the_returned_mail() {
    let text = standard("", "The settings for this account are out of date.");
    assert_eq!(report(&text).recipients[0].address, "ada@dest.example");
}

#[test]
fn text_only_reports_of_any_server_are_read_by_their_shape() {
    let qmail = "From: MAILER-DAEMON@q.example\nTo: me@our.example\nSubject: failure notice\n\nHi. This is the program at q.example.\nI'm afraid I wasn't able to deliver your message.\n\n<ada@dest.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 no such user\nGiving up on 192.0.2.1.\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <me@our.example>\nMessage-ID: <wire-2@our.example>\nTo: <ada@dest.example>\n\nhi\n";
    let found = report(qmail);
    assert_eq!(found.recipients.len(), 1);
    assert!(found.recipients[0].is_hard());
    assert_eq!(
        found.original.message_id.as_deref(),
        Some("wire-2@our.example")
    );
    let german = "From: Postmaster <postmaster@haus.example>\nTo: me@our.example\nSubject: Unzustellbar: Hallo\n\nDiese Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: ada@dest.example\n\n452 4.2.2 Postfach voll\n";
    let found = report(german);
    assert_eq!(
        (
            found.recipients[0].address.as_str(),
            found.recipients[0].reason
        ),
        ("ada@dest.example", Reason::MailboxFull)
    );
}

#[test]
fn two_recipients_keep_their_own_reasons() {
    let two = "From: MAILER-DAEMON@q.example\nTo: me@our.example\nSubject: failure notice\n\nunable to deliver\n\n<ada@dest.example>:\nRemote host said: 550 5.1.1 User unknown\n\n<bob@dest.example>:\nRemote host said: 552 5.2.2 Mailbox full\n";
    let found = report(two);
    assert_eq!(
        found
            .recipients
            .iter()
            .map(|one| one.reason)
            .collect::<Vec<_>>(),
        [Reason::AddressUnknown, Reason::MailboxFull]
    );
    assert_eq!(kind(two), Kind::DeliveryReport(ReportKind::HardBounce));
}

#[test]
fn a_thousand_foreign_recipients_are_bounded_b60() {
    let many: String = (0..1_000)
        .map(|n| {
            format!("Final-Recipient: rfc822; u{n}@else.example\nAction: failed\nStatus: 5.1.1\n\n")
        })
        .collect();
    let found = report(&standard(&many, "failed"));
    assert!(found.recipients.len() <= 200);
}

#[test]
fn a_forged_report_suppresses_nobody_by_itself() {
    let text = standard(GONE, "failed");
    let verdict = classify(&InboundMail::parse(text.as_bytes()), &Context::default());
    assert!(!verdict.may_suppress());
    let may = |from: &str, results: &str| {
        let text = text.replace("MAILER-DAEMON@relay.example", from);
        let text = format!("Authentication-Results: mx.google.com; {results}\n{text}");
        classify(&InboundMail::parse(text.as_bytes()), &Context::default()).may_suppress()
    };
    let daemon = "mailer-daemon@googlemail.com";
    assert!(may(daemon, "dkim=pass header.i=@googlemail.com"));
    let theirs = "MAILER-DAEMON@mx.dest.example";
    assert!(may(theirs, "dmarc=pass header.from=mx.dest.example"));
    // Their own signature says nothing about other people's addresses.
    let wrong = "postmaster@evil.example";
    assert!(!may(wrong, "dkim=pass header.i=@evil.example"));
    assert!(!may(wrong, "dmarc=pass header.from=evil.example"));
    let forged = format!(
        "Authentication-Results: mx.google.com; dmarc=fail header.from=relay.example\n{text}"
    );
    assert!(!classify(&InboundMail::parse(forged.as_bytes()), &Context::default()).may_suppress());
}

#[test]
fn a_person_who_talks_about_a_bounce_is_a_person() {
    let text = "From: ada@dest.example\nTo: me@our.example\nSubject: Re: Undelivered mail\nIn-Reply-To: <x@y>\n\nYour first mail could not be delivered, please send it again.\n";
    assert_eq!(kind(text), Kind::Reply);
}

#[test]
fn a_read_receipt_is_no_report_and_a_refusal_is_one() {
    let receipt = "From: ada@dest.example\nTo: me@our.example\nSubject: Read: hi\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nYour message was read.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ada@dest.example\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n";
    assert_eq!(kind(receipt), Kind::System);
    let refusal = receipt
        .replace(
            "manual-action/MDN-sent-manually; displayed",
            "automatic-action/MDN-sent-automatically; deleted",
        )
        .replace("Read: hi", "Automatically rejected mail")
        .replace(
            "Your message was read.",
            "Your message to <ada@dest.example> was automatically rejected:\nQuota exceeded",
        )
        .replace(
            "From: ada@dest.example",
            "From: Mail Delivery Subsystem <postmaster@dest.example>",
        );
    let found = report(&refusal);
    assert_eq!(
        (
            found.recipients[0].address.as_str(),
            found.recipients[0].reason
        ),
        ("ada@dest.example", Reason::MailboxFull)
    );
}

#[test]
fn truncation_at_any_byte_is_read_without_a_panic() {
    let text = standard(
        GONE,
        "<ada@dest.example>: host said: 550 5.1.1 (in reply to RCPT TO command)",
    );
    for end in 0..=text.len() {
        let _ = classify(
            &InboundMail::parse(&text.as_bytes()[..end]),
            &Context::default(),
        );
    }
}

#[test]
fn mail_without_a_way_back_needs_a_phrase_or_a_refused_entry() {
    let notice = |text: &str| {
        kind(&format!(
            "Return-Path: <>\nFrom: ada@dest.example\nTo: me@our.example\nSubject: hi\n\n{text}\n"
        ))
    };
    let report = |kind: &Kind| matches!(kind, Kind::DeliveryReport(_));
    assert!(!report(&notice(
        "Back on Monday.\nbob@dest.example\nroom: 512"
    )));
    assert!(report(&notice(
        "<bob@dest.example>: 550 5.1.1 \u{4e0d}\u{5b58}\u{5728}"
    )));
    assert!(report(&notice(
        "could not be delivered\n\n<bob@dest.example>:\nunknown"
    )));
}
