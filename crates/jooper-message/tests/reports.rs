//! Delivery reports and people who write about deliveries: what is no language tells them apart.

use jooper_message::inbound::dsn::reason::{Class, Reason};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{Classification, Context, Kind, ReportKind, classify, may_report};

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

/// A report by the standard that the server at ada@x.example refused her address, in these words.
fn refused_rcpt(status: &str, said: &str) -> Classification {
    judged(&format!(
        "From: MAILER-DAEMON@mx.x.example\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
         <ada@x.example>: host mx.x.example[203.0.113.5] said: {said} (in reply to RCPT TO command)\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\n\
         Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n--b--\n"
    ))
}

fn is_hard(found: &Classification) -> bool {
    found.kind == Kind::DeliveryReport(ReportKind::HardBounce)
}

const FORMER: &str = "Return-Path: <ada@x.example>\nFrom: Ada <ada@x.example>\n";

#[test]
fn a_person_who_writes_about_deliveries_is_a_person() {
    for (title, body) in [
        (
            "Undelivered pallets",
            "Hello, nine pallets could not be delivered on Friday. Would your tool have told us?",
        ),
        (
            "Rückläufer",
            "Die Pakete konnten nicht zugestellt werden, die Ware konnte nicht zugestellt werden. Was kostet das bei Ihnen?",
        ),
        (
            "Commande: colis non remis",
            "Bonjour, le colis n'a pas pu être livré. Appelez-moi au bureau.",
        ),
        (
            "Bounced invoice",
            "We were unable to deliver the goods, so the invoice bounced. Write to bea@x.example please.",
        ),
        (
            "Not delivered",
            "The sample was not delivered. Is it delayed?\n\nAda\nada@x.example",
        ),
        (
            "Returned mail",
            "Your letter has been returned because we moved. I would like a demo though.",
        ),
        (
            "Delivery failure",
            "I tried to answer and got\n\n<me@our.example>: 550 5.1.1 User unknown\n\nIs that address right?",
        ),
        (
            "your mail bounced",
            "Hi, your mail to bea@x.example bounced: 550 5.1.1 User unknown. Write to me instead.",
        ),
        (
            "Falha na entrega do pedido",
            "Bom dia, não foi possível entregar o pedido. Liguem-me.",
        ),
    ] {
        let found = mail(&format!("{FORMER}Subject: {title}\n"), body);
        assert!(
            found.kind.is_human(),
            "{title}: {:?} {:?}",
            found.kind,
            found.evidence
        );
    }
}

#[test]
fn a_report_that_its_sender_shows_to_be_one_needs_no_mime() {
    for (head, body) in [
        // A gateway under a name and mailbox of its own, whose address takes no answers.
        (
            "Return-Path: <noreply@gate.example>\nFrom: Mail Gate <no-reply@gate.example>\nSubject: Delivery failure\n",
            "Your message could not be delivered.\n\n<ada@x.example>: 550 5.1.1 User unknown",
        ),
        (
            "From: Relay <do-not-reply@gate.example>\nSubject: Email could not be sent\n",
            "Your email to ada@x.example could not be delivered.\n\n550 failure for one recipient (ada@x.example:550 5.1.1 User unknown)",
        ),
        // A list server answers from the list's own mailbox (RFC 2142 section 6, RFC 2369).
        (
            "From: news-owner@x.example\nList-Help: <mailto:news-request@x.example>\nSubject: Your message was not delivered\n",
            "Your message to <ada@x.example> was not delivered:\n\nada@x.example\n550 5.1.1 User unknown",
        ),
        (
            "From: \nSubject: Mail delivery failed\n",
            "It could not be delivered:\n\n<ada@x.example>: 550 5.1.1 User unknown",
        ),
    ] {
        let found = mail(head, body);
        assert!(
            is_hard(&found),
            "{head}: {:?} {:?}",
            found.kind,
            found.evidence
        );
        assert_eq!(found.recipients[0].address, "ada@x.example");
    }
}

#[test]
fn an_empty_return_path_and_a_refused_recipient_are_a_report_in_any_language() {
    for (title, body) in [
        (
            "Ekki tókst að koma póstinum til skila",
            "Pósturinn komst ekki á leiðarenda:\n\n<ada@x.example>: 550 5.1.1 User unknown",
        ),
        (
            "संदेश वापस",
            "यह संदेश नहीं पहुँचा:\n\nada@x.example\n\n550 5.1.1 RESOLVER.ADR.RecipNotFound; not found",
        ),
        (
            "Re: our offer",
            "Barua pepe haikufika:\n\n<ada@x.example>: 550 5.1.1 User unknown",
        ),
        (
            "Vest iz vozlišča",
            "Sporočilo ni prispelo.\n\n<ada@x.example>: 550 no such user here",
        ),
    ] {
        let head =
            format!("Return-Path: <>\nFrom: Mail <mailserver@x.example>\nSubject: {title}\n");
        let found = mail(&head, body);
        let one = found.recipients.first().map(|one| one.address.as_str());
        assert_eq!(one, Some("ada@x.example"), "{title}: {:?}", found.kind);
        assert!(
            matches!(found.kind, Kind::DeliveryReport(_)),
            "{title}: {:?} {:?}",
            found.kind,
            found.evidence
        );
    }
    // Notices of absence have an empty Return-Path as well, and name deputies with numbers.
    for body in [
        "I am away until 16 November 2026. In urgent matters:\n\nbea@x.example\n555 Main Street\n\nAda",
        "Ich bin bis 16. November 2026 nicht im Haus. Bitte wenden Sie sich an\n\nbea@x.example: 550 1234",
        "I am on leave until 16 November 2026.\n\nOn Sun, 1 Nov 2026, Me <me@our.example> wrote:\n> <bea@x.example>: 550 5.1.1 User unknown",
    ] {
        for title in ["Re: our offer", "Automatic reply: our offer", "Away"] {
            let head = format!(
                "Return-Path: <>\nFrom: Ada <ada@x.example>\nSubject: {title}\nIn-Reply-To: <a@b.example>\nAuto-Submitted: auto-replied\n"
            );
            let found = mail(&head, body);
            assert!(
                matches!(found.kind, Kind::AutoReply(_)),
                "{title} {body}: {:?}",
                found.kind
            );
        }
    }
}

const DEAD: &str = "Content-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nnotice\n\n--r\n\
     Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\nFinal-Recipient: rfc822; ada@x.example\n\
     Action: failed\nStatus: 5.1.1\n\n--r\nContent-Type: text/rfc822-headers\n\nTo: ada@x.example\n\n--r--\n";

const SPAM: &str = "Content-Type: multipart/report; report-type=feedback-report; boundary=r\n\n--r\n\nnotice\n\n--r\n\
     Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <ada@x.example>\n\n--r\n\
     Content-Type: message/rfc822\n\nTo: ada@x.example\n\n--r--\n";

#[test]
fn a_report_that_a_person_hands_on_is_the_persons_mail() {
    let feedback = "Content-Type: message/feedback-report\nContent-Disposition: attachment; filename=a.txt\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <ada@x.example>\n";
    for (title, part) in [
        ("Fwd: Undelivered Mail Returned to Sender", DEAD),
        ("Re: our offer", DEAD),
        ("WG: Beschwerde", SPAM),
        ("Re: our offer", SPAM),
        ("Re: our offer", feedback),
        ("Question", feedback),
    ] {
        let found = judged(&format!(
            "{FORMER}To: me@our.example\nSubject: {title}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n\
             --m\nContent-Type: text/plain\n\nHi, I got this today. Which address shall I use?\n--m\n{part}\n--m--\n"
        ));
        assert!(
            found.kind.is_human(),
            "{title}: {:?} {:?}",
            found.kind,
            found.evidence
        );
        assert!(found.recipients.is_empty());
    }
    // What gateways wrap in footers, sign, or write under the title of the mail, stays one.
    for (from, title, part) in [
        (
            "MAILER-DAEMON@mx.x.example",
            "Undelivered Mail Returned to Sender",
            DEAD,
        ),
        ("MAILER-DAEMON@mx.x.example", "Re: our offer", DEAD),
        ("feedback@x.example", "complaint", SPAM),
    ] {
        let found = judged(&format!(
            "From: {from}\nTo: me@our.example\nSubject: {title}\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=m\n\n\
             --m\n{part}\n--m\nContent-Type: text/plain\n\nScanned by the gateway.\n--m--\n"
        ));
        let report = is_hard(&found) || matches!(found.kind, Kind::Complaint { .. });
        assert!(report, "{title}: {:?}", found.kind);
    }
    // RFC 5965 section 2: the title is the mail's own, with `FW:` at most.
    let found = judged(&format!(
        "From: feedback@x.example\nTo: me@our.example\nSubject: FW: our offer\n{SPAM}"
    ));
    assert!(
        matches!(found.kind, Kind::Complaint { .. }),
        "{:?}",
        found.kind
    );
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
            "ZUSTELLUNGSFEHLER: Hallo",
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

#[test]
fn a_header_alone_tells_what_may_be_a_report() {
    for (from, subject) in [
        ("MDaemon <mdaemon@x.example>", "hello"),
        ("imss@gate.example", "A notice"),
        ("\"Jetmail System\" <>", "x"),
        ("post_master@x.example", "x"),
        ("<>", "x"),
        ("", "x"),
        (
            "Gate Postmaster <noreply@gate.example>",
            "[Postmaster] Email Delivery Failure",
        ),
        ("do-not-reply@gate.example", "Email could not be sent"),
        ("=?utf-8?q?Mail_Delivery_Subsystem?= <x@x.example>", "x"),
        ("x@x.example", "=?utf-8?q?Zustellung_fehlgeschlagen?="),
    ] {
        assert!(may_report(from, subject), "{from} {subject}");
    }
    for (from, subject) in [
        ("Ada <ada@x.example>", "Re: Undelivered mail"),
        ("Ada <ada@x.example>", "lunch"),
        ("Acme Delivery Systems <info@x.example>", "our offer"),
        ("Ada <ada@x.example>\nSubject: failure notice", "lunch"),
    ] {
        assert!(!may_report(from, subject), "{from} {subject}");
    }
}

#[test]
fn a_server_that_speaks_of_the_sender_says_nothing_of_the_address() {
    // What servers say in answer to RCPT; none of it is about ada@x.example.
    for (status, said) in [
        ("5.0.0", "550 The return address is unknown or invalid"),
        ("5.0.0", "550 Return-Path does not exist"),
        ("5.0.0", "550 reverse-path: no such user"),
        ("5.0.0", "550 HELO name not found"),
        ("5.0.0", "550 Your mail server does not exist in DNS"),
        (
            "5.0.0",
            "550 The domain of your From header could not be found",
        ),
        (
            "5.0.0",
            "550 Unknown host: reverse lookup of 203.0.113.9 failed",
        ),
        ("5.0.0", "550 host unknown: 203.0.113.9"),
        (
            "5.0.0",
            "550 Domain our.example does not exist, mail refused",
        ),
        ("5.0.0", "550 our.example cannot be resolved"),
        ("5.0.0", "550 Unknown client, go away"),
        ("5.0.0", "550 nothing is taken from your machine"),
        ("5.7.1", "554 5.7.1 Mail from unknown host, go away"),
        ("5.1.0", "550 5.1.0 203.0.113.9 blocked, AUP#17"),
        (
            "5.1.0",
            "550 5.1.0 Your message was not taken. Ask postmaster@x.example",
        ),
        ("5.1.0", "550 5.1.0 Mail rejected: please sign with DKIM"),
        ("5.1.1", "550 5.1.1 <me@our.example>: not a welcome writer"),
        ("5.1.1", "550 5.1.1 Sender refused by house rule"),
        (
            "5.0.0",
            "550-Action not taken: mailbox unavailable 550-Sender address has a null MX 550 bye",
        ),
        (
            "5.0.0",
            "554-x.example (mx1) ESMTP Service not available 554-No SMTP service 554-Bad DNS PTR resource record.",
        ),
        ("5.0.0", "554 too many unknown users from this place"),
        ("5.5.3", "550 5.5.3 Too many invalid recipients, try later"),
        ("5.0.0", "550 Адрес отправителя не найден"),
        ("5.0.0", "550 Такого отправителя не существует"),
        ("5.0.0", "550 该发件人不存在"),
        ("5.0.0", "550 送信者アドレスが存在しません"),
        ("5.0.0", "550 Nadawca nie istnieje"),
        ("5.0.0", "550 Remetente inexistente"),
        ("5.0.0", "550 Mittente inesistente"),
        ("5.0.0", "550 Gönderen adresi bulunamadı"),
        ("5.0.0", "550 Onbekende afzender"),
        ("5.0.0", "550 Okänd avsändare"),
        ("5.0.0", "550 Neznámý odesílatel"),
        ("5.0.0", "550 Ismeretlen feladó"),
        (
            "5.7.1",
            "550 5.7.1 This mailbox only accepts mail from internal senders",
        ),
    ] {
        let found = refused_rcpt(status, said);
        let class = found.recipients.first().map(|one| one.class);
        assert_eq!(class, Some(Class::Policy), "{said}: {:?}", found.recipients);
    }
    // Nearly the same words, about the address.
    for (status, said) in [
        ("5.0.0", "550 No such user"),
        ("5.0.0", "550 x.example: unknown domain"),
        ("5.1.2", "550 5.1.2 Host unknown"),
        ("5.1.0", "550 5.1.0 Address rejected"),
        ("5.1.1", "550 5.1.1 Your message went nowhere, ada left"),
        (
            "5.1.1",
            "550 5.1.1 Recipient unknown, please inform the sender",
        ),
        ("5.1.1", "550 5.1.1 收件人不存在，请通知发件人"),
        (
            "5.4.4",
            "Your message to ada wasn't taken because the domain x.example couldn't be found: unknown host",
        ),
        ("5.0.0", "550 Получатель не найден"),
        (
            "5.7.1",
            "554 5.7.1 Odbiorca nie istnieje lub konto jest zamknięte",
        ),
    ] {
        assert!(is_hard(&refused_rcpt(status, said)), "{said}");
    }
    // Trouble of name servers and of a mailbox's file is nobody's address.
    for (status, said) in [
        ("5.4.4", "554 5.4.4 cannot look up x.example: SERVFAIL"),
        ("5.4.4", "554 5.4.4 look-up failed, query REFUSED"),
        ("5.4.4", "554 5.4.4 look-up: timeout"),
        (
            "5.3.0",
            "550 5.3.0 opening mailbox /var/spool/ada: permission denied",
        ),
    ] {
        let found = refused_rcpt(status, said);
        let class = found.recipients.first().map(|one| one.class);
        assert_eq!(class, Some(Class::Soft), "{said}: {:?}", found.recipients);
    }
}

#[test]
fn the_command_that_a_server_answered_is_no_word_of_its_answer() {
    let exim = |said: &str| {
        mail(
            "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.x.example>\nSubject: Mail delivery failed\n",
            &format!(
                "A message that you sent could not be delivered to all of its recipients. The following address failed:\n\n  \
                 ada@x.example\n    host mx.x.example [203.0.113.5]\n    SMTP error from remote mail server after RCPT TO:<ada@x.example>:\n    {said}\n"
            ),
        )
    };
    for said in [
        "550 5.7.1 Sender me@our.example does not exist or may not send",
        "550 Domain our.example does not exist or has no MX",
        "550 5.1.0 Mail from 203.0.113.9 refused",
    ] {
        let found = exim(said);
        let class = found.recipients.first().map(|one| one.class);
        assert_eq!(class, Some(Class::Policy), "{said}: {:?}", found.recipients);
    }
    for said in ["550 No such user", "550 5.1.0 ada is gone", "550 gone"] {
        assert!(is_hard(&exim(said)), "{said}");
    }
}
