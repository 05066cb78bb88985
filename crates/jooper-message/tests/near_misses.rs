//! Mails that look like one thing and are another: each was once judged wrongly.
//!
//! Both directions are asked: the person who must not be called a machine (or lose an objection),
//! and the machine that must still be known as one.

use jooper_message::inbound::dsn::reason::Class;
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{
    AutoReply, CalendarMethod, Classification, Context, Kind, ReportKind, UnsubscribeBy, classify,
};

fn judged(raw: &str) -> Classification {
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

/// An answer to our offer with `head` among its header fields.
fn answer(head: &str, body: &str) -> Classification {
    let from = if head.contains("From:") {
        ""
    } else {
        "From: Ada <ada@x.example>\n"
    };
    let subject = if head.contains("Subject:") {
        ""
    } else {
        "Subject: Re: our offer\n"
    };
    judged(&format!(
        "{from}{subject}{head}To: me@our.example\nIn-Reply-To: <a@b.example>\n\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    ))
}

fn objects(found: &Classification) -> bool {
    matches!(found.kind, Kind::Unsubscribe(_))
}

#[test]
fn an_objection_in_the_words_of_a_notice_is_heard() {
    for body in [
        "Good morning,\n\nI received this message although I never agreed to anything. Please delete whatever personal data you keep about me and do not write to me again, neither here nor elsewhere.",
        "Buenos días,\n\nHe recibido su correo por error y no les conozco. Les pido que borren mis datos personales de su base y que no me escriban más, ni a esta dirección ni a ninguna otra de la casa.",
        "Bonjour,\n\nCe courriel m'est parvenu par erreur, je ne suis pas le bon destinataire et je n'ai rien demandé. Merci de supprimer mes données et de ne plus m'écrire à l'avenir, ni ici ni ailleurs.",
    ] {
        let found = answer("", body);
        assert!(objects(&found), "{:?} {body}", found.kind);
    }
}

#[test]
fn a_persons_words_beside_legal_ones_stay() {
    for (body, kept) in [
        (
            "Hello Ana,\n\nI received this from a colleague who asked me to answer. Your price list had a virus warning in my mail program, please delete it there and send me another file, then I will have a look at it next week.",
            "next week",
        ),
        ("We use Norton and Avast for that, so no.", "so no"),
        (
            "Our outgoing bills are scanned by a partner in Brno, there is no need.",
            "no need",
        ),
        (
            "We do not click links in e-mails of strangers. What is this about?",
            "about",
        ),
    ] {
        let found = answer("", body);
        assert!(
            found.visible_text.contains(kept),
            "{:?}",
            found.visible_text
        );
    }
}

#[test]
fn notices_and_banners_still_go() {
    for (body, kept, gone) in [
        (
            "Yes, call me.\n\nThis e-mail and any attachments are confidential. If you have received this in error, please notify me and delete it. I accept no liability for viruses.",
            "call me",
            "liability",
        ),
        (
            "CAUTION: This email originated from outside of our organization. Do not click links or open attachments unless you know the sender.\n\nSounds good, call me.",
            "call me",
            "organization",
        ),
        (
            "You don't often get email from ada@x.example. Learn why this is important\n\nSounds good, call me.",
            "call me",
            "often",
        ),
        (
            "Sounds good, call me.\n\nThis e-mail has been scanned by the Example Security Cloud.\n",
            "call me",
            "scanned",
        ),
        (
            "Sounds good, call me.\n\nPlease consider the environment before printing this e-mail.",
            "call me",
            "environment",
        ),
        (
            "Gern, rufen Sie mich an.\n\nVirenfrei. www.avast.com",
            "Gern",
            "avast",
        ),
    ] {
        let found = answer("", body);
        let text = &found.visible_text;
        assert!(text.contains(kept) && !text.contains(gone), "{text:?}");
    }
}

#[test]
fn a_person_who_speaks_of_automatic_mail_is_no_machine() {
    for (head, body) in [
        (
            "",
            "Kindly strike me off your list, and do not reply to this e-mail.",
        ),
        (
            "",
            "Merci de ne plus m'envoyer ce genre de message automatique.",
        ),
        (
            "",
            "Bitte schicken Sie mir keine automatisch generierten Mails mehr.",
        ),
        ("", "No me envíe más este correo automático, gracias."),
        (
            "",
            "Per favore non mi mandi più nessun messaggio automatico.",
        ),
        (
            "",
            "I assume this is an automated message. If a human reads it: what does it cost?",
        ),
        (
            "",
            "Ist das eine automatisch erzeugte Mail? Was kostet es denn?",
        ),
        (
            "Subject: Frage\n",
            "Sind das automatisch generierte Mails, oder schreiben Sie selbst?",
        ),
        (
            "Subject: Bitte\n",
            "Bitte schicken Sie mir keine automatisch generierten Mails mehr.",
        ),
    ] {
        let found = answer(head, body);
        assert!(found.kind.is_human(), "{:?} {body}", found.kind);
    }
    for body in [
        "This is an automatic reply. I will read your mail on Monday.",
        "Dies ist eine automatische Antwort. Ich melde mich.",
        "Réponse automatique\n\nVotre message sera lu lundi.",
        "Ceci est une réponse automatique, merci de votre patience.",
    ] {
        let found = answer("", body);
        assert!(
            matches!(found.kind, Kind::AutoReply(_)),
            "{:?} {body}",
            found.kind
        );
    }
}

#[test]
fn a_person_behind_a_help_desk_stays_one() {
    let agent = "From: \"Jan via Sales\" <sales@x.example>\nSubject: [x.example #4711] our offer\n";
    for (marks, body, stops) in [
        (
            "Precedence: bulk\n",
            "Not for us. Please remove us from your list.",
            true,
        ),
        (
            "Auto-Submitted: auto-generated\n",
            "Thank you for your email. I would need it for our site 4711 as well.",
            false,
        ),
        ("Precedence: bulk\n", "What does the small one cost?", false),
        (
            "Auto-Submitted: auto-generated\n",
            "Jan Novak commented:\n\nWe would need it for 40 people. Can you call on Thursday?",
            false,
        ),
        (
            "Auto-Submitted: auto-generated\nPrecedence: bulk\n",
            "Please take me off your list.",
            true,
        ),
    ] {
        let found = answer(&format!("{agent}{marks}"), body);
        assert!(
            found.kind.is_human() && objects(&found) == stops,
            "{:?} {body}",
            found.kind
        );
    }
    for (marks, body) in [
        (
            "Precedence: bulk\n",
            "Thank you for contacting us. We have received your message.",
        ),
        (
            "Auto-Submitted: auto-generated\n",
            "Your request (4711) has been received and is being reviewed by our staff.",
        ),
        (
            "Auto-Submitted: auto-generated\nReturn-Path: <>\n",
            "qwerty",
        ),
    ] {
        let found = answer(&format!("{agent}{marks}"), body);
        assert!(
            matches!(found.kind, Kind::AutoReply(_)),
            "{:?} {body}",
            found.kind
        );
    }
}

#[test]
fn away_with_a_day_of_return_is_not_gone() {
    for body in [
        "I am on annual leave until 16 November 2026. This mailbox is not monitored during my absence.",
        "I have left for my summer holiday and will be back on 16 November.",
        "I am away until 16 Nov. Jan has left the company, please write to Eva.",
        "Ich bin bis zum 16.11.2026 im Urlaub. Herr Beispiel ist nicht mehr bei uns, bitte wenden Sie sich an Frau Muster.",
        "Jeg er på ferie til 16. november 2026. Postkassen er ikke længere bemandet i uge 46.",
    ] {
        let found = answer("Subject: Automatic reply: our offer\n", body);
        let back = match &found.kind {
            Kind::AutoReply(AutoReply::OutOfOffice { returns }) => {
                returns.map(|back| back.date.to_string())
            }
            other => panic!("{other:?} {body}"),
        };
        assert_eq!(back.as_deref(), Some("2026-11-16"), "{body}");
    }
    for body in [
        "Jan Novak is no longer with the company. Please write to eva@x.example.",
        "I have left Example Ltd. This mailbox is closed and will be removed on 30 November 2026.",
        "Herr Beispiel ist nicht mehr im Unternehmen. Dieses Postfach wird am 30.11.2026 geschlossen.",
        "This mailbox is no longer monitored. Please write to info@x.example.",
        "Jan is no longer with us. Our office is closed on 24 December.",
    ] {
        let found = answer("Subject: Automatic reply: our offer\n", body);
        assert_eq!(
            found.kind,
            Kind::AutoReply(AutoReply::LeftCompany),
            "{body}"
        );
    }
}

#[test]
fn a_person_at_a_system_like_address_is_no_report() {
    for from in [
        "Acme Delivery Systems <info@acme.example>",
        "\"Jan Novak (System Administrator)\" <jan@x.example>",
        "Jan Novak <postmaster@x.example>",
        "Ada Byron <ada@maildelivery-systems.example>",
    ] {
        for (subject, body) in [
            (
                "Re: our offer",
                "Sure, call me.\n\nOn Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> I did not receive an answer, was my last mail undeliverable?\n> <bob@y.example>: 550 5.1.1 user unknown\n",
            ),
            (
                "RE: our offer",
                "Please write to bob@x.example instead.\n\n-----Original Message-----\nFrom: Me <me@our.example>\nSent: Sunday, November 1, 2026 10:00 AM\nTo: ada@x.example\nSubject: our offer\n\nDelivery failed? It could not be delivered.\n",
            ),
            (
                "RE : Delivery problems in your warehouse",
                "Please write to bob@x.example instead, he did not receive it.\n",
            ),
            (
                "Odp: Delivery problems in your warehouse",
                "Zadzwoń do mnie, bob@x.example tez. It could not be delivered by now.\n",
            ),
            (
                "回复：Delivery problems in your warehouse",
                "Call me. bob@x.example did not receive the box.\n",
            ),
        ] {
            let found = answer(&format!("From: {from}\nSubject: {subject}\n"), body);
            assert!(found.kind.is_human(), "{:?} {from} {subject}", found.kind);
        }
    }
}

#[test]
fn reports_in_words_alone_are_still_read() {
    for (from, subject) in [
        ("Mail Delivery System <info@mx.example>", "Undelivered Mail"),
        (
            "Mail Delivery Subsystem <robot@mx.example>",
            "Could not be delivered",
        ),
        ("postmaster@mx.example", "Re: our offer"),
        ("MAILER-DAEMON@mx.example", "RE: our offer"),
    ] {
        let found = judged(&format!(
            "From: {from}\nTo: me@our.example\nSubject: {subject}\n\n\
             Your message could not be delivered.\n\n<ada@x.example>:\n550 5.1.1 User unknown\n"
        ));
        assert_eq!(
            found.kind,
            Kind::DeliveryReport(ReportKind::HardBounce),
            "{from}"
        );
    }
    let named = judged(
        "From: \"Example Mailer Daemon\" <mailer-daemon@mx.example>\nTo: me@our.example\nSubject: Mail delivery failed\n\n\
         A message that you sent could not be delivered. The following address failed:\n\nada@x.example:\n\
         SMTP error from remote server for RCPT TO command, host: mx.x.example reason: 550 Requested action not taken: mailbox unavailable\n",
    );
    assert_eq!(named.kind, Kind::DeliveryReport(ReportKind::HardBounce));
}

#[test]
fn a_stop_word_in_a_short_sentence_is_no_request() {
    for body in [
        "Please cancel Tuesday.",
        "Remove the footer please.",
        "Next stop: Berlin. See you there!",
        "El precio es alto.",
        "Estoy de baja.",
        "Basta una call veloce.",
        "Bitte Position 3 löschen.",
        "Stop by on Friday!",
        "Non-stop flights please.",
        "Supprimer la ligne 3 svp.",
    ] {
        let found = answer("", body);
        assert!(!objects(&found), "{body}");
    }
    for body in [
        "STOP",
        "Hi,\n\nunsubscribe please.\n\nAda",
        "Please unsubscribe.",
        "Remove, please!",
        "Bitte abmelden, danke.",
        "Baja por favor",
        "Merci de désinscrire",
        "Stop. Stop. Stop.",
        "We have a tool for that, not interested, take me off.",
        "We are not interested, please remove me from your list.",
        "Wir haben keinen Bedarf, bitte nehmen Sie mich aus dem Verteiler.",
        "Please unsubscribe\nThanks\nAda",
    ] {
        assert!(objects(&answer("", body)), "{body}");
    }
}

#[test]
fn a_refusal_for_now_is_no_dead_address() {
    let exim = judged(
        "From: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: me@our.example\nX-Failed-Recipients: ada@y.example\n\
         Subject: Mail delivery failed: returning message to sender\n\n\
         This message was created automatically by mail delivery software.\n\n  ada@y.example\n    host mx.y.example [203.0.113.9]\n\
         \x20   SMTP error from remote mail server after RCPT TO:<ada@y.example>:\n\
         \x20   450 <ada@y.example>: Recipient address rejected: User unknown in relay recipient table:\n    retry timeout exceeded\n",
    );
    assert_eq!(
        exim.kind,
        Kind::DeliveryReport(ReportKind::SoftBounce),
        "{:?}",
        exim.recipients
    );
    let vague = |status: &str, code: u16| {
        judged(&format!(
            "From: MAILER-DAEMON@mx.example\nTo: me@our.example\nSubject: Undelivered Mail\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\n\
             Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; ada@y.example\n\
             Action: failed\nStatus: {status}\nDiagnostic-Code: smtp; {code} User unknown\n\n--b--\n"
        ))
    };
    assert_eq!(
        vague("5.0.0", 450).kind,
        Kind::DeliveryReport(ReportKind::SoftBounce)
    );
    assert_ne!(vague("5.0.0", 450).recipients[0].class, Class::Hard);
    assert_eq!(
        vague("5.1.1", 550).kind,
        Kind::DeliveryReport(ReportKind::HardBounce)
    );
}

#[test]
fn only_a_complaint_complains() {
    let arf = |kind: &str| {
        judged(&format!(
            "From: fbl@provider.example\nTo: me@our.example\nSubject: report\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA report.\n--b\n\
             Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nUser-Agent: x/1\nVersion: 1\n\n--b\n\
             Content-Type: message/rfc822\n\nFrom: me@our.example\nTo: ada@x.example\nSubject: hi\n\nhi\n--b--\n"
        ))
    };
    for kind in [
        "abuse",
        "fraud",
        "virus",
        "other",
        "miscategorized",
        "x-new",
    ] {
        let found = arf(kind);
        assert!(matches!(found.kind, Kind::Complaint { .. }), "{kind}");
        assert!(found.kind.complains(), "{kind}");
    }
    for kind in ["not-spam", "auth-failure", "dmarc"] {
        let found = arf(kind);
        assert!(!found.kind.complains() && !found.may_suppress(), "{kind}");
    }
}

#[test]
fn a_request_in_the_subject_alone_is_heard() {
    let mail = |subject: &str, body: &str| {
        judged(&format!(
            "From: ada@x.example\nTo: me@our.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}"
        ))
    };
    for subject in [
        "Please unsubscribe me",
        "Remove me from your list",
        "Bitte nehmen Sie mich aus dem Verteiler",
        "Ne m'écrivez plus",
        "STOP!",
    ] {
        assert!(objects(&mail(subject, "")), "{subject}");
    }
    for subject in [
        "unsubscribe:x7Hq2",
        "unsubscribe",
        "Unsubscribe <x7Hq2@our.example>",
    ] {
        assert_eq!(
            mail(subject, "").kind,
            Kind::Unsubscribe(UnsubscribeBy::Mailto),
            "{subject}"
        );
    }
    for subject in [
        "Stop: call me first",
        "Re: How to stop cold e-mails: remove me from your list",
        "Baja: fuera hasta el lunes",
    ] {
        assert!(!objects(&mail(subject, "Call me on Tuesday.")), "{subject}");
    }
    let away = judged(
        "From: ada@x.example\nTo: me@our.example\nSubject: Baja: fuera hasta el 16/11\nAuto-Submitted: auto-replied\n\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\n\nEstoy de baja.\n",
    );
    assert!(matches!(away.kind, Kind::AutoReply(_)), "{:?}", away.kind);
}

#[test]
fn every_clients_prefix_marks_an_answer() {
    for subject in [
        "Odg: Ponuda",
        "Réf. : Offre",
        "Rép. : Offre",
        "Antw.: Angebot",
        "Ats: Pasiūlymas",
        "Vast: Pakkumine",
        "Svar: Tilbud",
        "Resp: Oferta",
        "ΣΧΕΤ: Προσφορά",
        "Отг: Оферта",
        "RE[2]: Offer",
        "Xyz: Offer",
        "[EXTERNAL] Odg: Ponuda",
        "***SPAM*** AW: Angebot",
        "External: Svar: Tilbud",
        "[Externe] Rép. : Offre",
    ] {
        let found = answer(
            &format!("Subject: {subject}\n"),
            "Do petka sam na godišnjem odmoru, javim se poslije.",
        );
        assert_eq!(found.kind, Kind::Reply, "{subject}");
    }
    for subject in ["OOO: our offer", "Auto: our offer", "Away: our offer"] {
        let found = answer(
            &format!("Subject: {subject}\n"),
            "I am out of the office until Monday.",
        );
        assert!(matches!(found.kind, Kind::AutoReply(_)), "{subject}");
    }
}

#[test]
fn a_read_receipt_is_no_absence() {
    let found = judged(
        "Return-Path: <>\nFrom: Ada <ada@x.example>\nTo: me@our.example\nSubject: Read: hi\nReferences: <a@b.example>\n\
         In-Reply-To: <a@b.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         Your message was read on Monday.\n--b\nContent-Type: message/disposition-notification\n\n\
         Final-Recipient: rfc822; ada@x.example\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
    );
    assert_eq!(found.kind, Kind::System);
}

#[test]
fn times_of_a_meeting_are_no_header_block() {
    for body in [
        "Gern:\nDatum: 12.11.2026\nVon: 10:00 Uhr\nBis: 11:00 Uhr\nRaum 3, bis dann!",
        "Proponuję:\nData: 12.11.2026\nOd: 10:00\nDo: 11:00\nSala 3, do zobaczenia!",
        "Je propose :\nDate : 12/11/2026\nDe : 10h00\nÀ : 11h00\nSalle 3, à bientôt !",
        "How about:\nDate: 12 Nov\nFrom: 10 am\nTo: 11 am\nRoom 3, bye!",
    ] {
        let text = answer("", body).visible_text;
        assert!(text.contains('3') && text.contains("11"), "{text:?}");
    }
    for block in [
        "Von: Me\nGesendet: Sonntag, 1. November 2026 10:00\nAn: Ada\nBetreff: our offer\n\nquoted",
        "From: Me <me@our.example>\nDate: Sun, 1 Nov 2026 10:00\n\nquoted",
        "From: Ana Ruiz\nDate: Sun, 1 Nov 2026 10:00\nTo: Ada\n\nquoted",
    ] {
        assert_eq!(
            answer("", &format!("Gern!\n\n{block}")).visible_text,
            "Gern!",
            "{block}"
        );
    }
}

#[test]
fn thanks_near_the_top_close_nothing() {
    let body = "Hi Ana,\n\nThank you.\n\nThe right person for this is my colleague Jan:\njan@corp.example\n";
    assert!(answer("", body).visible_text.contains("jan@corp.example"));
    let body = "Hallo,\n\nDanke, Merci\n\nVielen Dank\nUnser Einkauf entscheidet das. Bitte schreiben an\neinkauf@corp.example\n";
    assert!(
        answer("", body)
            .visible_text
            .contains("einkauf@corp.example")
    );
    let body = "Thanks\n\nPlease ask Bob, he does it.\n\nbob@corp.example\n";
    assert!(answer("", body).visible_text.contains("bob@corp.example"));
    let body = "Yes, call me.\n\nThank you\nAda Byron\nHead of Purchasing, Central and Eastern Europe\n+34 600 123 456\nada@corp.example\n";
    assert_eq!(answer("", body).visible_text, "Yes, call me.");
}

#[test]
fn an_objection_beside_a_calendar_answer_is_heard() {
    let decline = |text: &str| {
        judged(&format!(
            "From: ada@x.example\nTo: me@our.example\nSubject: Declined: call\nMIME-Version: 1.0\n\
             Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{text}\n--b\n\
             Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\n\
             ATTENDEE;PARTSTAT=DECLINED:mailto:ada@x.example\nEND:VEVENT\nEND:VCALENDAR\n--b--\n"
        ))
    };
    let found = decline("Please remove me from your list and stop writing.");
    assert!(objects(&found), "{:?}", found.kind);
    assert!(
        found
            .evidence
            .iter()
            .any(|one| one.what.contains("method=REPLY"))
    );
    assert_eq!(
        decline("Sorry, no time.").kind,
        Kind::Calendar(CalendarMethod::Declined)
    );
}

#[test]
fn a_footer_below_a_report_gives_no_reason() {
    let found = judged(
        "From: MAILER-DAEMON@mx.example\nTo: me@our.example\nSubject: failure notice\n\nunable to deliver\n\n\
         <ada@x.example>:\n550 5.1.1 User unknown\n\n\
         -- \nThis message was scanned for viruses by the gateway. Spam is blocked. Quota limits apply.\n",
    );
    assert_eq!(
        found.kind,
        Kind::DeliveryReport(ReportKind::HardBounce),
        "{:?}",
        found.recipients
    );
}

/// Fields of Exchange's own answers (MS-OXCMAIL).
const EXCHANGE: &str = "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n";

#[test]
fn an_answer_of_exchange_is_told_by_its_title_in_a_language_that_no_list_has() {
    let title = "Subject: Aŭtomata respondo: our offer\n";
    let rules = "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent\n";
    for (more, words) in [
        ("", "La oficejo malfermos lunde."),
        (rules, "Mi estas for de mia laborejo."),
    ] {
        let found = answer(&format!("{title}{EXCHANGE}{more}"), words);
        assert!(matches!(found.kind, Kind::AutoReply(_)), "{:?}", found.kind);
    }
    // Neither the fields nor the title alone make a machine of anybody.
    for head in [
        title.to_owned(),
        format!("Subject: Re: our offer\n{EXCHANGE}"),
        format!("Subject: [#4411] our offer\n{EXCHANGE}"),
        format!("Subject: Demando pri tio: our offer\n{EXCHANGE}"),
    ] {
        let found = answer(&head, "Kiom tio kostas?");
        assert!(found.kind.is_human(), "{:?} {head}", found.kind);
    }
    for words in [
        "Thank you, I will read it and call you on Friday.",
        "Please send me the price list.",
    ] {
        let head = format!("Subject: Purchasing department: our offer\n{EXCHANGE}");
        let found = answer(&head, words);
        assert!(found.kind.is_human(), "{:?} {words}", found.kind);
    }
}

#[test]
fn whoever_promises_an_answer_is_not_gone() {
    let robot = "From: X Talent <no-reply@x.example>\nSubject: Thank you for contacting X\nAuto-Submitted: auto-generated\n";
    let promised = answer(
        robot,
        "Thank you for contacting X. A member of our team will get back to you shortly.\n\n\
         Please do not reply, this mailbox is not monitored.",
    );
    assert_eq!(promised.kind, Kind::AutoReply(AutoReply::Acknowledgement));
    let closed = answer(
        "Subject: Automatic reply: our offer\nAuto-Submitted: auto-generated\n",
        "This mailbox is no longer being read. Please write to bob@x.example.",
    );
    assert_eq!(closed.kind, Kind::AutoReply(AutoReply::LeftCompany));
}

#[test]
fn a_person_behind_a_mailbox_that_takes_no_answers_is_a_person() {
    let desk = "From: Ada via House Desk <no-reply@x.example>\n";
    let nowhere = "Return-Path: <>\n";
    for head in [desk, nowhere] {
        for body in [
            "Hello,\n\nwe are interested. What would it cost for nine of us?\n\nAda",
            "We are interested and would like to see it.",
            "Could you tell me more about prices?",
            "No thanks, we are not interested.",
            "Thursday at ten works for me, call me then.",
        ] {
            let found = answer(head, body);
            assert_eq!(found.kind, Kind::Reply, "{head}{body}");
        }
        for body in [
            "Thank you for your message. We have received your request and will answer within two days. Is it urgent? Call us.",
            "This is an automatic reply. Do you need help? See our pages.",
            "Ukutumiwa kwa barua pepe yako kumefika.",
        ] {
            let found = answer(head, body);
            assert!(matches!(found.kind, Kind::AutoReply(_)), "{head}{body}");
        }
    }
}

#[test]
fn a_notice_in_plain_words_is_no_persons() {
    let at = |head: &str, body: &str| answer(head, body).kind;
    for (title, body) in [
        (
            "Out of office until 16 November - Re: our offer",
            "I am OOO.",
        ),
        ("Frånvaro", "Jag är ledig till 16 november. Ring växeln."),
        (
            "Your message to us",
            "We have your message. Due to a high volume of mail it may take longer than usual to reply.",
        ),
        ("our offer", "Saya bercuti sehingga 16 November."),
    ] {
        let found = at(&format!("Subject: {title}\n"), body);
        assert!(matches!(found, Kind::AutoReply(_)), "{title}: {found:?}");
    }
    let desk = judged(
        "From: X Desk <desk@x.example>\nTo: me@our.example\nSubject: XD-7 our offer\nAuto-Submitted: auto-generated\n\n\
         Reply above this line.\n\nWe got your request and are on it.\n",
    );
    assert!(matches!(desk.kind, Kind::AutoReply(_)), "{:?}", desk.kind);
    for (title, body) in [
        ("Re: our offer", "I am OOO on Friday, does Monday suit you?"),
        ("Re: our offer", "Jag är ledig på tisdag, ring mig då."),
        (
            "Re: our offer",
            "Due to a high volume of orders we could use your tool.",
        ),
    ] {
        let found = at(&format!("Subject: {title}\n"), body);
        assert_eq!(found, Kind::Reply, "{title}: {body}");
    }
}

#[test]
fn a_complaint_in_a_service_that_writes_text_is_no_answer() {
    let mail = |from: &str| {
        judged(&format!(
            "From: {from}\nTo: me@our.example\nSubject: [SpamCop (203.0.113.9) id:77]our offer\n\n\
             [ SpamCop V5 ]\nEmail from 203.0.113.9\n\n[ Offending message ]\nFrom: Me <me@our.example>\nSubject: our offer\n\nHello\n"
        ))
    };
    let found = mail("SpamCop <77@reports.spamcop.example>");
    assert!(
        matches!(found.kind, Kind::Complaint { .. }),
        "{:?}",
        found.kind
    );
    assert!(!found.may_suppress(), "anybody can write one");
    let found = mail("Ada <ada@x.example>");
    assert!(
        !matches!(found.kind, Kind::Complaint { .. }),
        "{:?}",
        found.kind
    );
}
