use crate::inbound::mail::InboundMail;
use crate::inbound::{AutoReply, Context, Kind, classify};

fn kind(text: &str) -> Kind {
    classify(&InboundMail::parse(text.as_bytes()), &Context::default()).kind
}

fn auto(text: &str) -> AutoReply {
    match kind(text) {
        Kind::AutoReply(found) => found,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc3834_decides_without_any_words() {
    let text =
        "From: ada@dest.example\nSubject: hi\nAuto-Submitted: auto-replied (vacation)\n\nzzz";
    assert!(matches!(
        auto(text),
        AutoReply::OutOfOffice { returns: None }
    ));
    assert_eq!(
        kind(&text.replace("auto-replied (vacation)", "no")),
        Kind::Personal
    );
}

#[test]
fn the_kinds_are_told_in_several_languages() {
    let mail = |body: &str| {
        format!(
            "From: ada@dest.example\nDate: Mon, 02 Nov 2026 10:00:00 +0000\nSubject: hi\nAuto-Submitted: auto-replied\nContent-Type: text/plain; charset=utf-8\n\n{body}"
        )
    };
    assert_eq!(
        auto(&mail("Frau Byron ist nicht mehr bei uns tätig.")),
        AutoReply::LeftCompany
    );
    assert_eq!(
        auto(&mail("Nous avons bien reçu votre demande.")),
        AutoReply::Acknowledgement
    );
    assert_eq!(
        auto(&mail(
            "Please confirm that you are a human to release your message."
        )),
        AutoReply::ChallengeResponse
    );
    assert!(matches!(
        auto(&mail("Sono in ferie, rientrerò il 16 novembre.")),
        AutoReply::OutOfOffice { returns: Some(_) }
    ));
}

#[test]
fn a_persons_absence_in_an_answer_stays_a_persons() {
    let text = "From: ada@dest.example\nSubject: Re: hi\nIn-Reply-To: <x@y>\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\n\nI am on vacation until Monday, but send me the price list.";
    assert_eq!(kind(text), Kind::Reply);
}

#[test]
fn a_title_of_its_own_with_telling_words_is_a_machines() {
    let text = "From: ada@dest.example\nSubject: I am away\nIn-Reply-To: <x@y>\n\nOut of the office this week.";
    assert!(matches!(auto(text), AutoReply::OutOfOffice { .. }));
    assert_eq!(
        kind(
            &text
                .replace("I am away", "New number")
                .replace("Out of the office this week.", "Please call 555-0100.")
        ),
        Kind::Reply
    );
}

#[test]
fn quoted_words_never_make_an_automatic_answer() {
    let text = "From: ada@dest.example\nSubject: Thoughts\nIn-Reply-To: <x@y>\n\nSounds good.\n\nOn Mon, 2 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> This is an automated message. I am out of the office. Unsubscribe here.\n";
    assert_eq!(kind(text), Kind::Reply);
}

#[test]
fn a_machines_answer_without_known_words_is_told_by_its_structure() {
    let text =
        "From: ada@dest.example\nReturn-Path: <>\nSubject: Re: hi\nIn-Reply-To: <x@y>\n\nqwerty";
    assert!(matches!(kind(text), Kind::AutoReply(_)));
}

#[test]
fn mail_that_waits_for_its_sender_is_a_challenge() {
    let held = [
        "Mensaje automático. Su mensaje ha quedado retenido: escriba los caracteres de la imagen.",
        "I only take mail from senders I have approved. Yours waits in my suspect email folder.",
        "Ihre Mail wird erst zugestellt, wenn Sie die Zeichen aus dem Bild eingeben.",
    ];
    for text in held {
        let raw = format!(
            "From: a@x.example\r\nSubject: Re: Offer\r\nAuto-Submitted: auto-replied\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        assert_eq!(auto(&raw), AutoReply::ChallengeResponse, "{text}");
    }
}

/// A mail under a title of its own.
fn under(title: &str, head: &str, body: &str) -> String {
    format!(
        "From: ada@dest.example\nSubject: {title}\nIn-Reply-To: <x@y>\n{head}Date: Mon, 02 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    )
}

#[test]
fn a_title_like_an_absence_makes_no_machine_of_whoever_is_interested() {
    for (title, body) in [
        ("Leave planner", "Yes, we would like the price list."),
        (
            "Annual leave software",
            "Yes, we would like the price list.",
        ),
        ("Vacation", "Sounds good, send me an offer please."),
        ("Abwesenheiten planen", "Wir hätten gern ein Angebot."),
        ("Urlaub", "Wir haben Interesse an einer Vorführung."),
        (
            "Absence",
            "Nous sommes intéressés, envoyez-nous vos tarifs.",
        ),
        ("Vacaciones", "Nos interesa, mándenos precios."),
        ("De vacaciones", "Nos interesa, mándenos precios."),
        ("Férias", "Temos interesse na demonstração."),
        ("In ferie", "Ci interessa, mandateci il listino."),
        ("Afwezig", "Wij hebben interesse, stuur een offerte."),
        ("外出時の連絡", "興味があります。資料をお送りください。"),
        ("休假系统", "我们有兴趣，请发报价。"),
        ("Out of the office, but curious", "Send me the price list."),
        ("Verification required", "We are interested, call me."),
        ("Auto response times", "We are interested, call me."),
        (
            "Your request",
            "We got your message and talked about it. We would like a demo.",
        ),
        ("Out of office", "I am away a lot. What does it cost?"),
    ] {
        assert_eq!(kind(&under(title, "", body)), Kind::Reply, "{title}");
    }
    for (title, body) in [
        (
            "Out of office",
            "I am on holiday until Friday and read no mail.",
        ),
        ("Abwesend bis 20.11.", "Ich bin bis 20.11. im Urlaub."),
        ("Automatic reply: Offer", "qwerty"),
        ("Automatic reply", "qwerty"),
        ("Sender verification", "Please confirm that you are human."),
    ] {
        let found = kind(&under(title, "", body));
        assert!(matches!(found, Kind::AutoReply(_)), "{title}: {found:?}");
    }
}

#[test]
fn an_objection_is_heard_beside_an_absence() {
    let objection = "Please remove me from your list.";
    let bare = under("Out of office", "", objection);
    assert!(matches!(kind(&bare), Kind::Unsubscribe(_)));
    for raw in [
        under(
            "Automatic reply: Offer",
            "",
            &format!("I am on holiday. {objection}"),
        ),
        under(
            "Offer",
            "Auto-Submitted: auto-replied\n",
            &format!("I am on holiday. {objection}"),
        ),
    ] {
        let found = classify(&InboundMail::parse(raw.as_bytes()), &Context::default());
        assert!(matches!(found.kind, Kind::AutoReply(_)), "{:?}", found.kind);
        assert!(found.also_asks.is_some() && found.may_suppress(), "{raw}");
    }
    let away = under("Automatic reply: Offer", "", "I am on holiday.");
    let found = classify(&InboundMail::parse(away.as_bytes()), &Context::default());
    assert!(found.also_asks.is_none() && !found.may_suppress());
}

#[test]
fn who_has_left_since_a_day_is_gone() {
    for body in [
        "01.11.2026 tarihinden itibaren burada çalışmıyorum.",
        "30 Ekim itibarıyla işten ayrıldım.",
        "A partir del 31 de octubre ya no trabajo aquí.",
        "Olen jäänyt eläkkeelle 1.11.2026.",
        "Am plecat din firma la 30 octombrie.",
        "Από 31/10/2026 αποχώρησα από την επιχείρηση.",
        "November 1-től már nem dolgozom itt.",
        "Od 1. 11. 2026 ve firmě nepracuji.",
        "لم أعد أعمل هنا.",
        "Seit dem 1.11.2026 arbeite ich nicht bei der Firma.",
    ] {
        assert_eq!(
            auto(&under("Automatic reply: Offer", "", body)),
            AutoReply::LeftCompany,
            "{body}"
        );
    }
    let off = "V pátek nepracuji, vrátím se 9. 11. 2026.";
    assert!(matches!(
        auto(&under("Automatic reply: Offer", "", off)),
        AutoReply::OutOfOffice { returns: Some(_) }
    ));
}

#[test]
fn a_field_without_a_value_marks_nothing() {
    for (value, marked) in [("", false), (" ", false), ("no", false), ("yes", true)] {
        let raw = under(
            "Re: Offer",
            &format!("X-Autoreply:{value}\n"),
            "Sounds good.",
        );
        assert_eq!(
            matches!(kind(&raw), Kind::AutoReply(_)),
            marked,
            "{value:?}"
        );
    }
}

#[test]
fn a_mail_that_is_taken_back_is_a_systems() {
    for (title, body) in [
        (
            "Recall: Price list",
            "Ada Byron would like to recall the message, \"Price list\".",
        ),
        (
            "Rückruf: Preisliste",
            "Ada Byron möchte die Nachricht \"Preisliste\" zurückrufen.",
        ),
        (
            "Rappel : Tarifs",
            "Ada Byron souhaite rappeler le message « Tarifs ».",
        ),
    ] {
        assert_eq!(kind(&under(title, "", body)), Kind::System, "{title}");
    }
    for (title, body) in [
        ("Rückruf: Preisliste", "Bitte rufen Sie mich an."),
        (
            "Recall: Price list",
            "I recall the price list. Is it still valid, and for how long? We would order ten this week.",
        ),
    ] {
        assert_eq!(kind(&under(title, "", body)), Kind::Reply, "{title}");
    }
}

#[test]
fn a_notices_housekeeping_is_no_objection() {
    let asks = |body: &str| {
        let raw = under("Automatic reply: Offer", "", body);
        let found = classify(&InboundMail::parse(raw.as_bytes()), &Context::default());
        assert!(matches!(found.kind, Kind::AutoReply(_)), "{:?}", found.kind);
        found.also_asks
    };
    for body in [
        "I am on parental leave. Please don't email me, contact bob@x.example instead.",
        "I am away. During this time please do not send me any urgent requests.",
        "Ich bin im Urlaub. Bitte senden Sie mir keine vertraulichen Unterlagen.",
        "Je suis absent. Merci de ne pas m'envoyer de documents urgents.",
        "We have received your request. Please do not send us any attachments.",
        "We have received your request. Please do not send any more emails about it.",
        "We have received your mail. You have the right to erasure and the right to be forgotten.",
        "Wir haben Ihre Anfrage erhalten. Sie haben das Recht auf Löschung Ihrer Daten.",
        "Nous avons bien reçu votre message. Vous disposez d'un droit d'opposition et d'un droit à l'effacement.",
        "Hemos recibido su mensaje. Puede ejercer el derecho de supresión.",
        "We have received your mail. You can request to be removed from our list.",
        "Ich bin im Urlaub. Bitte keine weiteren Mails zu diesem Vorgang.",
    ] {
        assert_eq!(asks(body), None, "{body}");
    }
    for body in [
        "I am away. Please unsubscribe me.",
        "I am on holiday, and please delete my data.",
        "Ich bin im Urlaub. Bitte nehmen Sie mich aus Ihrem Verteiler.",
        "Ich bin im Urlaub. Bitte löschen Sie meine Daten.",
        "Je suis absent. Merci de me désinscrire de votre liste.",
        "Estoy de vacaciones. Por favor, elimínenme de su lista.",
        "Sono in ferie. Cancellatemi dalla vostra lista.",
        "Ik ben afwezig. Haal mij van uw lijst.",
        "Я в отпуске. Удалите мой адрес из вашей рассылки.",
    ] {
        assert!(asks(body).is_some(), "{body}");
    }
}

#[test]
fn a_persons_acceptance_is_no_absence() {
    let bulk = "Precedence: bulk\n";
    let generated = "Auto-Submitted: auto-generated\n";
    let person = |found: &Kind| matches!(found, Kind::Reply);
    for (title, marks, body) in [
        ("Re: Offer", bulk, "Quanto custam 10 licenças?"),
        (
            "Re: Offer",
            generated,
            "Our office is closed on Friday, but yes, book the demo.",
        ),
        (
            "Re: Offer",
            generated,
            "I am on leave next week. What does it cost?",
        ),
        ("Vertrag", "", "Der Vertrag ist geschlossen, siehe Anhang."),
        ("Avtal", "", "Hej! Skickar tillbaka avtalet underskrivet."),
        ("Avtale", "", "Sender avtalen tilbake i dag."),
        ("Contrato", "", "Trato cerrado, adelante con el contrato."),
        ("Pedido", "", "Precisamos de 10 licenças."),
        (
            "Contract",
            "",
            "I left the signed contract in the attachment.",
        ),
        ("Contratto", "", "Contratto chiuso, procediamo."),
        ("Deal", "", "The deal is closed, please go ahead."),
    ] {
        let found = kind(&under(title, marks, body));
        assert!(person(&found), "{body}: {found:?}");
    }
    for (title, marks, body) in [
        (
            "Info",
            "",
            "Unser Büro ist bis zum 16. November geschlossen.",
        ),
        ("Info", "", "Jag är tillbaka den 16 november."),
        ("Info", "", "Estamos cerrados hasta el 16 de noviembre."),
        ("Info", "", "Estou de licença até 16 de novembro."),
        ("Info", "", "I left for my holiday and am out of office."),
        ("Re: Offer", bulk, "I am on annual leave until 16 November."),
        (
            "Re: Offer",
            generated,
            "Thank you for contacting us. We have received your message.",
        ),
    ] {
        let found = kind(&under(title, marks, body));
        assert!(matches!(found, Kind::AutoReply(_)), "{body}: {found:?}");
    }
}

#[test]
fn days_hours_and_numbers_of_a_notice_are_no_proposal() {
    for (title, head, body) in [
        (
            "Urlaub",
            "",
            "Ich bin im Urlaub und am Montag wieder im Büro.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "Ich bin im Urlaub und am Montag wieder im Büro.",
        ),
        (
            "Re: our offer",
            "Return-Path: <>\n",
            "Ich bin im Urlaub. Am Montag bin ich wieder im Büro.",
        ),
        (
            "Out of office",
            "",
            "I am on vacation, back on Monday at 9:00.",
        ),
        (
            "Out of office",
            "",
            "I am on vacation until Friday.\n\n-- \nAda Byron\nMon-Fri 9:00-17:00",
        ),
        (
            "Out of office",
            "",
            "I am on vacation until Friday.\n\n-- \nAda Byron\nhttps://calendly.com/ada/30min",
        ),
        (
            "Ada Byron is out of the office.",
            "",
            "I am out of the office until 16 November. In urgent cases please call me on +49 30 5550100.",
        ),
        (
            "Out of office",
            "",
            "I am on vacation. I will be available on Monday.",
        ),
        (
            "Out of office",
            "",
            "I am on vacation and available next week.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until 16 November.\n\n-- \nAda\nhttps://acme.example/?utm_source=sig",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until 16 November, see https://acme.example/team?id=7 for whom to ask.",
        ),
        (
            "Out of office",
            "",
            "I am on vacation until 16 November. Urgent? Call the switchboard.",
        ),
        (
            "Absent",
            "",
            "Je suis absente jusqu'au 16 novembre. Une urgence ? Appelez le standard au 01 99 00 12 34.",
        ),
        (
            "Semester",
            "Precedence: bulk\n",
            "Jag har semester och är tillbaka den 9 november. Är det bråttom? Ring mig på 08-555 01 00.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "Jestem na urlopie do poniedziałku. W pilnych sprawach proszę dzwonić: 22 555 01 00.",
        ),
        (
            "Notice",
            "",
            "I am on annual leave. You can book a slot in my calendar: https://calendly.com/ada",
        ),
        (
            "Notice",
            "",
            "我正在休假，周一9:00返回。如有急事，请打电话给我：010-5550-0100。",
        ),
    ] {
        let found = kind(&under(title, head, body));
        assert!(
            matches!(found, Kind::AutoReply(AutoReply::OutOfOffice { .. })),
            "{title}: {body}: {found:?}"
        );
    }
}

#[test]
fn the_hours_of_a_desk_are_no_proposal() {
    for (title, body) in [
        (
            "We received your message",
            "We have received your message and will get back to you within two business days. We are available Monday to Friday, 9:00-17:00.",
        ),
        (
            "Wir haben Ihre Nachricht erhalten",
            "Wir haben Ihre Nachricht erhalten und melden uns innerhalb von zwei Werktagen. Sie erreichen uns Montag bis Freitag von 9:00 bis 17:00 Uhr.",
        ),
        (
            "Votre message",
            "Nous avons bien reçu votre message et nous vous répondrons dans les meilleurs délais, du lundi au vendredi de 9h00 à 18h00.",
        ),
    ] {
        let found = kind(&under(title, "", body));
        assert_eq!(
            found,
            Kind::AutoReply(AutoReply::Acknowledgement),
            "{title}"
        );
    }
}

#[test]
fn a_person_who_is_away_and_wants_to_talk_stays_a_person() {
    for (title, head, body) in [
        (
            "Out of office",
            "",
            "I am away until Monday, shall we talk on Tuesday at 10?",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until Monday, shall we talk on Tuesday at 10?",
        ),
        (
            "Re: our offer",
            "Return-Path: <>\n",
            "I am on vacation until Monday, let's talk on Tuesday at 10.",
        ),
        (
            "Urlaub",
            "",
            "Ich bin bis Montag im Urlaub, am Dienstag um 10 Uhr passt es mir gut.",
        ),
        (
            "Urlaub",
            "",
            "Ich bin bis Montag im Urlaub. Lassen Sie uns danach telefonieren.",
        ),
        (
            "Vacaciones",
            "",
            "Estoy de vacaciones hasta el lunes, pero la propuesta nos interesa.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until Monday. Call me on Tuesday at 10.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until Monday.\n\n-- \nTom\n\nWhat does it cost?",
        ),
        (
            "Your offer",
            "",
            "We have received your offer. Call me on Tuesday at 10:00, please.",
        ),
        (
            "Automatic reply: our offer",
            "",
            "Sounds good, call me on Tuesday. We would like the price list.",
        ),
        (
            "Re: our offer",
            "Precedence: bulk\n",
            "I am on vacation until Monday. Is the price at https://our.example/prices?",
        ),
    ] {
        let found = kind(&under(title, head, body));
        assert_eq!(found, Kind::Reply, "{title}: {body}");
    }
}

/// A person answers through a help desk, which puts a number before the title.
#[test]
fn a_question_behind_the_number_of_a_ticket_is_a_persons() {
    let mail = |body: &str| {
        format!(
            "From: ada@dest.example\nIn-Reply-To: <1@our.example>\nSubject: [#5540] Re: our offer\n\n{body}\n"
        )
    };
    for body in [
        "Thanks, we have received your offer #5540. What does it cost? Could we talk on Tuesday at 10?",
        "About your ticket #5540: what does it cost?",
    ] {
        assert_eq!(kind(&mail(body)), Kind::Reply, "{body}");
    }
    let notice = "We have received your request #5540. Our team will answer within two days.";
    assert_eq!(auto(&mail(notice)), AutoReply::Acknowledgement);
}

#[test]
fn an_answer_under_an_automatic_title_stays_a_persons_whatever_a_gateway_puts_before_it() {
    for title in [
        "Re: Automatic reply: offer",
        "[EXTERNAL] Re: Automatic reply: offer",
        "External: AW: Automatic reply: offer",
    ] {
        let text = format!(
            "From: ada@dest.example\nSubject: {title}\nIn-Reply-To: <x@y>\n\nThanks, noted."
        );
        assert_eq!(kind(&text), Kind::Reply, "{title}");
    }
}

#[test]
fn who_demands_a_proof_by_a_link_may_keep_our_title() {
    let mail = |text: &str| {
        format!(
            "From: bill@x.example\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@our.example>\n\n{text}\n"
        )
    };
    let held = "Your message is being held because you are not on my list of approved senders. Click the link \
                below to complete the verification: https://x.example/1";
    assert_eq!(auto(&mail(held)), AutoReply::ChallengeResponse);
    for person in [
        // One phrase, no link, and a question.
        "We only work with approved senders, see https://x.example/list",
        "Your message is being held, and you are not among the approved senders.",
        "Your message is being held for approved senders at https://x.example/1, did you know?",
        // The same words twice, and words of guests, orders and budgets.
        "Your name is on the guest list. The guest list closes on Friday.\n\nhttps://x.example",
        "The project was put on hold and the budget put on hold as well. https://x.example",
        "The order is held until you sign; we are awaiting your confirmation. https://x.example",
        "Die Lieferung wurde zurückgehalten, siehe https://x.example",
        "I've added you to our approved senders, since IT keeps allowed senders in a list: https://x.example",
    ] {
        assert_eq!(kind(&mail(person)), Kind::Reply, "{person}");
    }
}

#[test]
fn a_ticket_in_title_and_text_is_a_desks_receipt_without_any_mark() {
    let mail = |text: &str| {
        format!(
            "From: Desk <desk@x.example>\nTo: me@our.example\nSubject: Street lights [#204418]\n\n{text}\n"
        )
    };
    let receipt = "A request for support has been created and assigned ticket #204418. A representative will \
                   follow up with you as soon as possible.";
    assert_eq!(auto(&mail(receipt)), AutoReply::Acknowledgement);
    for person in [
        "I have looked at ticket #204418 and would like to meet on Friday.",
        "A request for support has been created and assigned ticket #99.",
        "Ticket 204418 is still open. Please have it processed this week.",
        "What about ticket #204418, which has been created in May?",
    ] {
        assert_eq!(kind(&mail(person)), Kind::Personal, "{person}");
    }
}

#[test]
fn tmda_asks_for_a_proof_and_reports_nothing() {
    let text = "Return-Path: <>\nFrom: ada@x.example\nTo: me@our.example\nSubject: Please confirm your message\n\
                Auto-Submitted: auto-replied\nX-TMDA-Fingerprint: Mi\n\n\
                This message was created automatically by mail delivery software (TMDA).\n\n\
                Your message is being held because the address has not been verified.\n\n   ada-confirm-1@x.example\n";
    assert_eq!(auto(text), AutoReply::ChallengeResponse);
}

#[test]
fn a_notice_that_opens_by_saying_that_it_confirms_needs_no_reference() {
    let mail = |text: &str| {
        format!(
            "From: desk@x.example\nTo: me@our.example\nSubject: Your mail\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n"
        )
    };
    for text in [
        "This is an automatic confirmation that we received your e-mail.",
        "Dette er en automatisk bekreftelse på at vi har mottatt e-posten din.",
    ] {
        assert_eq!(auto(&mail(text)), AutoReply::Acknowledgement, "{text}");
    }
    for text in [
        // Newsletters and shops say so of all that they send.
        "This is an automated message. Your parcel is on its way.",
        "This is an automatic confirmation of your order 123. Have a nice day.",
        "This is an automatic confirmation feature that we built. I would love to show it to you.",
        "We build software. One day I wrote a bot. This is an automatic reply, it says, and people believe it.",
    ] {
        assert_eq!(kind(&mail(text)), Kind::Personal, "{text}");
    }
    // The key of a queue stands before a ticket's number.
    let ticket = "From: desk@x.example\nSubject: [#INC-20931] our offer\n\n\
                  Your request has been received under reference number INC-20931. We will be in touch.";
    assert_eq!(auto(ticket), AutoReply::Acknowledgement);
}
