//! Delivery reports and people who write about deliveries: what is no language tells them apart.

use jooper_message::inbound::dsn::reason::{Class, Reason};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{Classification, Context, Kind, ReportKind, classify};

fn judged(raw: &str) -> Classification {
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

/// A mail to us with `head` before its text.
fn mail(head: &str, body: &str) -> Classification {
    judged(&format!(
        "{head}To: Me <me@our.example>\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ))
}

/// A report by the standard about ada@x.example, with what the refusing server said.
fn refusal(status: &str, said: &str) -> Classification {
    judged(&format!(
        "From: MAILER-DAEMON@mx.x.example\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\n\
         Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n--b--\n"
    ))
}

fn is_hard(found: &Classification) -> bool {
    found.kind == Kind::DeliveryReport(ReportKind::HardBounce)
}

#[test]
fn a_refused_sender_says_nothing_of_the_recipient() {
    for (status, said) in [
        ("5.1.7", "550 5.1.7 This mailbox does not exist"),
        ("5.1.7", "553 5.1.7 No such user at the originating host"),
        ("5.1.8", "553 5.1.8 Domain not found"),
        (
            "5.1.0",
            "550 5.1.0 Sender <me@our.example> address does not exist",
        ),
        ("5.7.1", "550 5.7.1 From domain does not exist"),
        (
            "5.1.1",
            "550 5.1.1 User unknown; rejecting because the sender address me@our.example could not be verified",
        ),
        (
            "5.0.0",
            "550 Callback failed: 550 5.1.1 User unknown (sender <me@our.example>)",
        ),
        ("5.1.1", "550 5.1.1 Invalid originator: no such user"),
        ("5.1.1", "550 5.1.1 me@our.example: no such user"),
    ] {
        let one = refusal(status, said).recipients.remove(0);
        assert_eq!(
            one.class,
            Class::Policy,
            "{said}: {:?} {}",
            one.reason,
            one.settled_by
        );
        assert!(!one.is_hard());
    }
    for (status, said) in [
        ("5.1.1", "550 5.1.1 User unknown, returned to sender"),
        (
            "5.1.1",
            "550 5.1.1 No such user. The sender should check the address",
        ),
        (
            "5.1.1",
            "550 5.1.1 <ada@x.example> no such user, refused mail from me@our.example",
        ),
        (
            "5.1.1",
            "550 5.1.1 Recipient unknown (sender me@our.example, recipient ada@x.example)",
        ),
        ("5.1.2", "550 5.1.2 Domain not found"),
        // What Exim says of a recipient that it asked another host about (its `verify.c`).
        (
            "5.0.0",
            "550-Callout verification failed: 550 5.1.1 User unknown",
        ),
    ] {
        let one = refusal(status, said).recipients.remove(0);
        assert!(one.is_hard(), "{said}: {:?} {}", one.reason, one.settled_by);
    }
}

#[test]
fn a_name_server_that_says_try_again_knows_nothing_yet() {
    for (status, said) in [
        ("5.4.4", "Host not found, try again"),
        ("5.0.0", "550 Host not found; please try again"),
        (
            "5.4.4",
            "X-Postfix; Name service error for name=x.example type=MX: Host not found, try again",
        ),
    ] {
        let one = refusal(status, said).recipients.remove(0);
        assert_eq!(one.reason, Reason::Network, "{said}: {}", one.settled_by);
        assert!(!one.is_hard());
    }
    for said in [
        "550 Host not found",
        "550 Domain not found. Check the spelling and try again",
        "550 5.1.2 Unknown host, check the address and try again",
    ] {
        let one = refusal("5.1.2", said).recipients.remove(0);
        assert!(one.is_hard(), "{said}: {:?}", one.reason);
    }
}

#[test]
fn what_is_glued_to_an_address_is_read() {
    for (said, reason) in [
        (
            "550 错误：收件人地址（ada@x.example）不存在",
            Reason::AddressUnknown,
        ),
        ("550 邮箱用户<ada@x.example>不存在", Reason::AddressUnknown),
        ("552 mailbox full:<ada@x.example>", Reason::MailboxFull),
    ] {
        let one = refusal("5.0.0", said).recipients.remove(0);
        assert_eq!(one.reason, reason, "{said}: {}", one.settled_by);
    }
}

#[test]
fn domino_says_in_many_languages_that_nobody_is_in_its_directory() {
    let head =
        |title: &str| format!("Return-Path: <>\nFrom: Post <post@x.example>\nSubject: {title}\n");
    for (title, said) in [
        (
            "DELIVERY FAILURE: Hallo",
            "Benutzer Ada (ada@x.example) ist nicht im Domino-Verzeichnis aufgeführt",
        ),
        (
            "DELIVERY FAILURE: hello",
            "L'utilisateur Ada (ada@x.example) ne figure pas dans l'annuaire Domino",
        ),
        (
            "DELIVERY FAILURE: hello",
            "El usuario Ada (ada@x.example) no figura en el directorio de Domino",
        ),
        (
            "DELIVERY FAILURE: hello",
            "L'utente Ada (ada@x.example) non compare nell'elenco Domino",
        ),
        (
            "DELIVERY FAILURE: hello",
            "User Ada (ada@x.example) not listed in Domino Directory",
        ),
    ] {
        let found = mail(
            &head(title),
            &format!(
                "Your message was not delivered to:\n\n  ada@x.example\n\nbecause:\n\n  {said}"
            ),
        );
        assert!(
            is_hard(&found),
            "{said}: {:?} {:?}",
            found.kind,
            found.recipients
        );
    }
    let twice = "User Ada (ada@x.example) is not unique. Several matches found in Domino Directory";
    let found = mail(
        &head("DELIVERY FAILURE: hello"),
        &format!("Your message was not delivered to:\n\n  ada@x.example\n\nbecause:\n\n  {twice}"),
    );
    assert!(!is_hard(&found), "{:?}", found.recipients);
}
