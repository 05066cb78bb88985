//! Delivery status notifications (RFC 3464), the way real servers deviate from them.

use super::super::super::knobs::DAY;
use super::super::super::mime::write::{Draft, date, multipart, text_entity};
use super::super::BounceStyle;
use super::super::context::Context;

const GMAIL_DAEMON: &str = "mailer-daemon@googlemail.com";
const UNKNOWN_USER: &str = "550-5.1.1 No such account here. Check the spelling of the\r\n 550 5.1.1 address and send again.";

/// A failed delivery, as one server writes it.
pub(super) fn bounce(context: &Context, style: BounceStyle) -> Vec<u8> {
    match style {
        BounceStyle::GmailModern => {
            let heading = [
                context.account_words.not_found,
                &context
                    .account_words
                    .not_delivered
                    .replace("{address}", &context.recipient),
            ]
            .join("\r\n\r\n");
            gmail(
                context,
                "Failure",
                &heading,
                Some(&status(context, "failed", "5.1.1", UNKNOWN_USER)),
            )
        }
        BounceStyle::EmptyStatus => gmail(
            context,
            "Failure",
            "Message not delivered\r\n\r\nCustomFromDenied",
            Some(""),
        ),
        BounceStyle::GmailOld => old(context),
        BounceStyle::Postfix => postfix(context, false),
        BounceStyle::Partial => postfix(context, true),
        BounceStyle::Exchange => exchange(context),
    }
}

/// Still being retried; `Action: delayed` and no `X-Failed-Recipients`.
pub(super) fn delay(context: &Context) -> Vec<u8> {
    let heading = [
        context.account_words.delayed,
        &context
            .account_words
            .retrying
            .replace("{address}", &context.recipient),
    ]
    .join("\r\n\r\n");
    if context.plain_delays {
        return plain(context, "Delay", &heading);
    }
    let part = status(
        context,
        "delayed",
        "4.4.1",
        "Connections to the recipient's server are refused.",
    );
    gmail(
        context,
        "Delay",
        &heading,
        Some(&format!(
            "{part}Will-Retry-Until: {}\r\n",
            date(context.now + 2 * DAY)
        )),
    )
}

/// The other side refuses the sender's domain, not the recipient.
pub(super) fn policy_block(context: &Context) -> Vec<u8> {
    let answer = "550-5.7.26 The sending domain's DMARC policy does not admit this\r\n 550 5.7.26 unauthenticated mail.";
    gmail(
        context,
        "Failure",
        "Message blocked",
        Some(&status(context, "failed", "5.7.26", answer)),
    )
}

/// Gmail throws back what went over the sending limit.
pub(super) fn sending_limit(context: &Context) -> Vec<u8> {
    gmail(context, "Failure", context.account_words.over_limit, None)
}

/// Somebody else claims that the recipient does not exist; neither DKIM nor SPF is with them.
pub(super) fn forged(context: &Context) -> Vec<u8> {
    let head = context
        .arriving("", "bounce@attacker.example", false)
        .raw("X-Failed-Recipients", &context.recipient)
        .raw("Auto-Submitted", "auto-replied")
        .raw("From", &format!("Mail Delivery Subsystem <{GMAIL_DAEMON}>"))
        .raw("To", &context.account)
        .raw("Subject", "Delivery Status Notification (Failure)")
        .raw("References", &context.wire_id)
        .raw("In-Reply-To", &context.wire_id)
        .raw(
            "Message-ID",
            &format!("<{}@attacker.example>", context.hex("forged", 20)),
        )
        .raw("Date", &date(context.now));
    report(
        context,
        head,
        context.account_words.not_found,
        Some(&status(context, "failed", "5.1.1", UNKNOWN_USER)),
    )
}

fn gmail(context: &Context, kind: &str, text: &str, status: Option<&str>) -> Vec<u8> {
    let head = context.arriving("", GMAIL_DAEMON, true);
    let head = if kind == "Failure" {
        head.raw("X-Failed-Recipients", &context.recipient)
    } else {
        head
    };
    let head = head
        .raw("Auto-Submitted", "auto-replied")
        .raw("From", &format!("Mail Delivery Subsystem <{GMAIL_DAEMON}>"))
        .raw("To", &context.account)
        // English whatever the language of the text below.
        .raw("Subject", &format!("Delivery Status Notification ({kind})"))
        .raw("References", &context.wire_id)
        .raw("In-Reply-To", &context.wire_id)
        .raw(
            "Message-ID",
            &format!(
                "<{}.{}.GMR@mx.google.com>",
                context.hex("dsn", 24),
                context.hex(kind, 16)
            ),
        )
        .raw("Date", &date(context.now));
    report(context, head, text, status)
}

fn report(context: &Context, head: Draft, text: &str, status: Option<&str>) -> Vec<u8> {
    let inner = context.hex("inner", 28);
    let html = format!(
        "<html><body><h2>{}</h2><p>{}</p></body></html>",
        text.split("\r\n").next().unwrap_or_default(),
        text.replace("\r\n", "<br>")
    );
    let readable = multipart(
        "alternative",
        &format!("a{inner}"),
        &[
            text_entity("text/plain", text),
            text_entity("text/html", &html),
        ],
    );
    let icon = "Content-Type: image/png; name=\"icon.png\"\r\nContent-Disposition: attachment; filename=\"icon.png\"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <icon.png>\r\n\r\niVBORw0KGgo=";
    let mut parts = vec![multipart(
        "related",
        &format!("r{inner}"),
        &[readable, icon.to_owned()],
    )];
    if let Some(status) = status {
        parts.push(format!(
            "Content-Type: message/delivery-status\r\n\r\n{status}"
        ));
    }
    parts.push(original(context));
    head.body(&multipart(
        "report; report-type=delivery-status",
        &format!("m{inner}"),
        &parts,
    ))
}

/// The original's headers, its body cut off.
fn original(context: &Context) -> String {
    let mut copy = context.wire.clone();
    copy.body = b"----- Message truncated -----\r\n".to_vec();
    format!(
        "Content-Type: message/rfc822\r\n\r\n{}",
        String::from_utf8_lossy(&copy.to_bytes())
    )
}

fn status(context: &Context, action: &str, code: &str, diagnostic: &str) -> String {
    format!(
        "Reporting-MTA: dns; googlemail.com\r\nArrival-Date: {}\r\nX-Original-Message-ID: {}\r\n\r\nFinal-Recipient: rfc822; {}\r\nAction: {action}\r\nStatus: {code}\r\nRemote-MTA: dns; mail.{}. (192.0.2.25, the server for the domain {}.)\r\nDiagnostic-Code: smtp; {diagnostic}\r\nLast-Attempt-Date: {}\r\n",
        date(context.sent_at),
        context.wire_id,
        context.recipient,
        context.domain(),
        context.domain(),
        date(context.now)
    )
}

/// Plain text, no report, no reference.
fn old(context: &Context) -> Vec<u8> {
    let original = String::from_utf8_lossy(&context.wire.to_bytes()).into_owned();
    let text = format!(
        "This recipient will never get your message:\r\n\r\n     {}\r\n\r\nWhy it failed for good: \r\nthe server of {}, mail.{} [192.0.2.25], turned it away with these words:\r\n550 5.1.1 User unknown\r\n\r\n----- Original message -----\r\n\r\n{original}",
        context.recipient,
        context.domain(),
        context.domain()
    );
    plain(context, "Failure", &text)
}

fn plain(context: &Context, kind: &str, text: &str) -> Vec<u8> {
    let head = context.arriving("", GMAIL_DAEMON, true);
    // Delay notices of that age named nobody in the headers.
    let head = if kind == "Failure" {
        head.raw("X-Failed-Recipients", &context.recipient)
    } else {
        head
    };
    head.raw("Auto-Submitted", "auto-replied")
        .raw("From", &format!("Mail Delivery Subsystem <{GMAIL_DAEMON}>"))
        .raw("To", &context.account)
        .raw("Subject", &format!("Delivery Status Notification ({kind})"))
        .raw(
            "Message-ID",
            &format!("<{}@google.com>", context.hex(&format!("old-{kind}"), 24)),
        )
        .raw("Date", &date(context.now))
        .body(&text_entity("text/plain", text))
}

fn postfix(context: &Context, partial: bool) -> Vec<u8> {
    let host = format!("mail.{}", context.domain());
    let text = format!(
        "The mail server {host} writes to you.\r\n\r\nOne or more recipients of your message could not be reached.\r\nYou find it below.\r\n\r\n<{}>: host {host}[192.0.2.25] said: 550 5.1.1 User unknown (in reply to RCPT TO)\r\n",
        context.recipient
    );
    let mut status = format!(
        "Reporting-MTA: dns; {host}\r\nX-Postfix-Queue-ID: {}\r\nArrival-Date: {}\r\n\r\nFinal-Recipient: rfc822; {}\r\nOriginal-Recipient: rfc822;{}\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; {host}\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n",
        context.hex("queue", 10).to_uppercase(),
        date(context.sent_at),
        context.recipient,
        context.recipient
    );
    if partial {
        status.push_str(&format!(
            "\r\nFinal-Recipient: rfc822; assistant@{}\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
            context.domain()
        ));
    }
    let daemon = format!("MAILER-DAEMON@{host}");
    let parts = [
        format!(
            "Content-Description: Notification\r\n{}",
            text_entity("text/plain", &text)
        ),
        format!(
            "Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n{status}"
        ),
        original(context),
    ];
    context
        .arriving("", &daemon.to_lowercase(), true)
        .raw("From", &format!("Mail Delivery System <{daemon}>"))
        .raw("To", &context.account)
        .raw("Subject", "Undelivered Mail Returned to Sender")
        .raw("Auto-Submitted", "auto-replied")
        .raw(
            "Message-ID",
            &format!("<{}@{host}>", context.hex("postfix", 16)),
        )
        .raw("Date", &date(context.now))
        .body(&multipart(
            "report; report-type=delivery-status",
            &context.hex("boundary", 20),
            &parts,
        ))
}

fn exchange(context: &Context) -> Vec<u8> {
    let host = format!("exchange.{}", context.domain());
    let text = format!(
        "Not delivered to:\r\n\r\n{} ({})\r\nThis address does not exist. Check it and send your message once more.\r\n\r\nFor administrators:\r\n\r\nGenerating server: {host}\r\n\r\n{}\r\nThe remote server said '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\r\n",
        context.recipient_name, context.recipient, context.recipient
    );
    let status = format!(
        "Reporting-MTA: dns;{host}\r\nArrival-Date: {}\r\n\r\nFinal-Recipient: rfc822;{}\r\nAction: failed\r\nStatus: 5.1.10\r\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound\r\n",
        date(context.sent_at),
        context.recipient
    );
    let postmaster = format!("postmaster@{}", context.domain());
    let parts = [
        text_entity("text/plain", &text),
        format!("Content-Type: message/delivery-status\r\n\r\n{status}"),
        original(context),
    ];
    context
        .arriving("", &postmaster, true)
        .raw("From", &format!("Microsoft Outlook <{postmaster}>"))
        .raw("To", &context.account)
        .text("Subject", &format!("Undeliverable: {}", context.subject))
        .raw("Auto-Submitted", "auto-replied")
        .raw("X-MS-Exchange-Message-Is-Ndr", "")
        .raw("In-Reply-To", &context.wire_id)
        .raw("References", &context.wire_id)
        .raw(
            "Message-ID",
            &format!("<{}@{host}>", context.hex("exchange", 32)),
        )
        .raw("Date", &date(context.now))
        .body(&multipart(
            "report; report-type=delivery-status",
            &context.hex("boundary", 20),
            &parts,
        ))
}
