//! Quoted text counts for no verdict: replacing the quoted original by any other changes nothing.

use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{Context, Kind, classify};
use proptest::prelude::*;

/// New texts with the verdict they must keep.
const NEW_TEXTS: &[&str] = &[
    "Sounds good, call me on Tuesday.",
    "Please take me off your list.",
    "No thanks.",
    "What does it cost?",
];

fn quoted() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "unsubscribe",
        "out of office until Monday",
        "this is an automated reply",
        "550 5.1.1 user unknown",
        "could not be delivered",
        "<ada@x.example>: mailbox full",
        "Abwesenheitsnotiz",
        "spam complaint",
        "no longer with the company",
        "Please remove me from your list",
        "interested",
        "Final-Recipient: rfc822; ada@x.example",
        "ticket #12 received",
        "hello",
        "see you",
        "Begin",
    ]);
    prop::collection::vec(
        prop::collection::vec(words, 1..5).prop_map(|line| line.join(" ")),
        1..12,
    )
    .prop_map(|lines| lines.iter().map(|line| format!("> {line}\n")).collect())
}

fn verdict(new: &str, quote: &str) -> Kind {
    let mail = format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@b.example>\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\n{new}\n\nOn Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n{quote}"
    );
    classify(&InboundMail::parse(mail.as_bytes()), &Context::default()).kind
}

fn html_verdict(new: &str, quote: &str) -> Kind {
    let mail = format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@b.example>\nContent-Type: text/html; charset=utf-8\n\n<div>{new}</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Sun, 1 Nov 2026 at 10:00, Me wrote:<br></div><blockquote class=\"gmail_quote\">{}</blockquote></div>",
        quote
            .replace("> ", "")
            .replace('<', "&lt;")
            .replace('\n', "<br>")
    );
    classify(&InboundMail::parse(mail.as_bytes()), &Context::default()).kind
}

/// A report whose returned mail is `quote`.
fn report_verdict(quote: &str) -> Kind {
    let mail = format!(
        "From: MAILER-DAEMON@q.example\nTo: me@our.example\nSubject: failure notice\n\nunable to deliver\n\n<ada@x.example>:\nRemote host said: 552 5.2.2 Mailbox full\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <me@our.example>\nTo: <ada@x.example>\n\n{}",
        quote.replace("> ", "")
    );
    classify(&InboundMail::parse(mail.as_bytes()), &Context::default()).kind
}

proptest! {
    #[test]
    fn a_replys_quote_changes_no_verdict(index in 0..NEW_TEXTS.len(), one in quoted(), other in quoted()) {
        let new = NEW_TEXTS[index];
        prop_assert_eq!(verdict(new, &one), verdict(new, &other));
        prop_assert_eq!(html_verdict(new, &one), html_verdict(new, &other));
        prop_assert!(verdict(new, &one).is_human());
    }

    #[test]
    fn a_reports_returned_mail_changes_no_verdict(one in quoted(), other in quoted()) {
        prop_assert_eq!(report_verdict(&one), report_verdict(&other));
    }

    #[test]
    fn any_bytes_are_classified_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = classify(&InboundMail::parse(&bytes), &Context::default());
    }
}
