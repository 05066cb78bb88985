//! People attach mails, and servers bring them back: which of both, where no delivery status is.

use jooper_message::inbound::{Classification, Context, InboundMail, Kind, classify};

const CARRIERS: &str = "From: Carrier <info@carrier.example>\nTo: Ada <ada@x.example>\nSubject: Parcel 12\n\nNobody was at home.";
const OURS: &str = "From: Me <me@our.example>\nTo: ada@x.example\nMessage-ID: <1@our.example>\nSubject: our offer\n\nHello";
const BOUNCE: &str = "From: MAILER-DAEMON@y.example\nTo: Ada <ada@x.example>\nSubject: failure notice\n\n<bea@x.example>: 550 5.1.1 User unknown";

fn judged(from: &str, title: &str, text: &str, attached: &str) -> Classification {
    let raw = format!(
        "Return-Path: <{from}>\nFrom: Somebody <{from}>\nTo: me@our.example\nSubject: {title}\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\
         --m\nContent-Type: message/rfc822\n\n{attached}\n--m--\n"
    );
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

#[test]
fn a_person_who_attaches_a_mail_is_a_person() {
    for (title, text, attached) in [
        (
            "Undeliverable parcels",
            "Call me Tuesday.\n\nOn Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> it could not be delivered",
            CARRIERS,
        ),
        (
            "Undeliverable parcels",
            "Hello, the parcels could not be delivered, see the carrier's mail attached. Would your tool help?",
            CARRIERS,
        ),
        (
            "Nicht zugestellte Pakete: nicht zugestellt",
            "Guten Tag, die Pakete konnten nicht zugestellt werden, siehe Anhang.",
            CARRIERS,
        ),
        (
            "your mail bounced",
            "Hi, your mail to bea@x.example bounced: 550 5.1.1 User unknown. Write to me instead.",
            BOUNCE,
        ),
        (
            "Returned mail",
            "Your letter has been returned because we moved. I would like a demo though.\n\nAda\nada@x.example",
            OURS,
        ),
        (
            "Delivery problems",
            "I saw this late, it was undeliverable at first. Thursday works for us.",
            OURS,
        ),
    ] {
        let found = judged("ada@x.example", title, text, attached);
        assert!(
            found.kind.is_human(),
            "{title}: {:?} {:?}",
            found.kind,
            found.evidence
        );
        assert!(found.recipients.is_empty(), "{title}");
    }
}

#[test]
fn a_report_that_brings_our_mail_back_is_one_whoever_sends_it() {
    for (title, text, attached) in [
        (
            "Delivery failure",
            "Your message could not be delivered.\n\n<ada@x.example>: 550 5.1.1 User unknown",
            OURS,
        ),
        (
            "Message could not be delivered",
            "Your message could not be delivered to:\n\nada@x.example\nThe mailbox is full.",
            OURS,
        ),
        (
            "Zustellung fehlgeschlagen",
            "Die Nachricht konnte nicht zugestellt werden:\n\n<ada@x.example>: 552 5.2.2 Postfach voll",
            OURS,
        ),
        // Behind a forward of the recipient's.
        (
            "Undeliverable: our offer",
            "It failed:\n\n<ada.private@y.example>: 550 5.1.1 User unknown",
            OURS,
        ),
    ] {
        let found = judged("gate@mx.x.example", title, text, attached);
        let report = matches!(found.kind, Kind::DeliveryReport(_));
        assert!(report, "{title}: {:?} {:?}", found.kind, found.evidence);
        assert_eq!(found.recipients.len(), 1, "{title}");
    }
}

#[test]
fn whoever_writes_from_a_mail_systems_mailbox_reports_in_words_or_not_at_all() {
    let title = "Undeliverable parcels";
    for text in [
        "Sounds good, call me on Tuesday.",
        "What does it cost?",
        "Hello, the parcels could not be delivered, see the carrier's mail attached.",
        "550 parcels were undeliverable last year. Could you call me?",
    ] {
        let found = judged("postmaster@x.example", title, text, CARRIERS);
        assert!(found.kind.is_human(), "{text}: {:?}", found.kind);
    }
    let found = judged("postmaster@x.example", title, "Call me on Tuesday.", OURS);
    assert!(found.kind.is_human(), "{:?}", found.kind);
    for text in [
        "It could not be delivered.",
        "ada@x.example",
        "Barua pepe haikufika: <ada@x.example>: 550 5.1.1 User unknown",
    ] {
        let found = judged("postmaster@x.example", title, text, OURS);
        assert!(
            matches!(found.kind, Kind::DeliveryReport(_)),
            "{text}: {:?}",
            found.kind
        );
    }
}

/// A server may say nothing at all, or in a language that no list has: what only a machine's mail has tells then.
#[test]
fn a_report_without_a_known_word_is_one_by_its_title_and_its_empty_return_path() {
    let judged = |back: &str, from: &str, text: &str| {
        let raw = format!(
            "Return-Path: <{back}>\nFrom: {from}\nTo: me@our.example\nIn-Reply-To: <1@our.example>\n\
             Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n\
             Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain; charset=utf-8\n\n\
             {text}\n--m\nContent-Type: message/rfc822\n\n{OURS}\n--m--\n"
        );
        classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
    };
    for text in ["", "Zure mezua ez da entregatu."] {
        let found = judged("", "MAILER-DAEMON@mx.x.example", text);
        let report = matches!(found.kind, Kind::DeliveryReport(_));
        assert!(report, "{text}: {:?} {:?}", found.kind, found.evidence);
        assert_eq!(found.recipients[0].address, "ada@x.example");
    }
    let person = judged(
        "postmaster@x.example",
        "Ada <postmaster@x.example>",
        "Dienstag passt.",
    );
    assert!(person.kind.is_human(), "{:?}", person.kind);
}
