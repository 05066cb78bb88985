//! Objections that stand where a mail hides them: below a signature, behind a date, in a second part or
//! in a title, each beside its twin that asks for nothing.

use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{Classification, Confidence, Context, Kind, UnsubscribeBy, classify};

fn judged(head: &str, body: &str) -> Classification {
    let raw = format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nDate: Mon, 02 Nov 2026 10:00:00 +0000\n{head}\n\n{body}\n"
    );
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

const ANSWER: &str = "Subject: Re: our offer\nIn-Reply-To: <a@b.example>";

/// An answer to our offer in plain text.
fn answer(body: &str) -> Classification {
    judged(
        &format!("{ANSWER}\nContent-Type: text/plain; charset=utf-8"),
        body,
    )
}

/// An answer to our offer in HTML.
fn answer_in_html(body: &str) -> Classification {
    judged(
        &format!("{ANSWER}\nContent-Type: text/html; charset=utf-8"),
        body,
    )
}

fn objects(found: &Classification) -> bool {
    matches!(found.kind, Kind::Unsubscribe(_))
}

const NOTICE: &str = "This e-mail and any attachments are confidential and intended only for the intended recipient. If you are not the intended recipient, please delete this email and do not forward it.";

#[test]
fn an_objection_below_a_signature_is_heard() {
    let below_a_notice = format!("No interest.\n\n{NOTICE}\n\nPlease do not contact me again.\n");
    for body in [
        "Not interested.\n\nBest,\nAnna Berg\n+49 30 123456\nPS: please remove me from your mailing list",
        "No thanks\n\nSent from my iPhone\n\nPS stop emailing me",
        "No thanks.\n---\nPlease stop emailing me.",
        "No thanks.\n-- \nAnna Berg\nPlease take me off your list.",
        below_a_notice.as_str(),
        "Kein Interesse.\n\nMit freundlichen Grüßen\nJan Beispiel\nTel.: 030 1234567\n\nPS: Bitte nehmen Sie mich aus dem Verteiler.",
        "Pas intéressée.\n\nEnvoyé de mon iPhone\n\nMerci de ne plus m'écrire.",
        "No me interesa.\n--\nElimínenme de su lista, por favor.",
        "Geen interesse.\n\nVerstuurd vanaf mijn iPhone\n\nHaal mij van uw lijst.",
        "Not for us.\n--\nAnna\nPlease do not contact us again.",
    ] {
        let found = answer(body);
        assert!(objects(&found), "{:?} {body}", found.kind);
        assert_eq!(found.confidence, Confidence::Low, "{body}");
    }
    let html = "<div>No thanks.</div><div class=\"gmail_signature\">Anna Berg<br>Please remove me from your list.</div>";
    assert!(objects(&answer_in_html(html)));
}

#[test]
fn what_a_signature_says_to_its_readers_is_no_objection() {
    for below in [
        "To unsubscribe from our newsletter click here",
        "If you no longer wish to receive our emails reply STOP",
        "If you no longer wish to receive my emails, please let me know.",
        "If you don't want to hear from me again, just reply \"stop emailing me\".",
        "Reply \"remove me\" and you will not hear from me again.",
        "To opt out reply REMOVE ME to this mail.",
        "If you want me to stop emailing you, tell me.",
        "Tell me and I will stop emailing you.",
        "Möchten Sie keine Mails mehr von mir? Schreiben Sie mir.",
        "Don't want any more of my emails? Just tell me.",
        "Unsubscribe",
        "Stop",
        "You can unsubscribe at any time from our mails.",
        "Did a colleague forward this? Subscribe to my newsletter, no more emails than one a week.",
        "Please do not contact us by phone, our lines are busy.",
        NOTICE,
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie mich bitte und löschen Sie diese E-Mail. Bitte leiten Sie sie nicht weiter.",
        "Ce message et ses pièces jointes sont confidentiels. Si vous n'êtes pas le destinataire, merci de m'avertir et de supprimer ce message sans le transférer.",
        "Este mensaje es confidencial. Si ha recibido este correo por error, le ruego que me lo comunique y lo elimine sin reenviarlo.",
        "Questo messaggio è riservato. Se ha ricevuto questo messaggio per errore, La prego di avvisarmi e di cancellarlo, senza inoltrarlo ad altri.",
        "Dit bericht is vertrouwelijk. Als u niet de geadresseerde bent, verwijder dit bericht en laat het mij weten.",
        "Ta wiadomość jest poufna. Jeśli nie są Państwo jej adresatem, proszę mnie powiadomić i usunąć tę wiadomość.",
    ] {
        for delimiter in ["-- \nAnna Berg\n", "Sent from my iPhone\n\n", "-- \n"] {
            let body = format!("Thursday works for us, call me.\n\n{delimiter}{below}\n");
            let found = answer(&body);
            assert_eq!(found.kind, Kind::Reply, "{body}");
        }
    }
    let html = "<div>Yes, call me.</div><div class=\"gmail_signature\">Anna Berg<br><a href=\"https://x.example\">Unsubscribe</a></div>";
    assert_eq!(answer_in_html(html).kind, Kind::Reply);
}

#[test]
fn a_sentence_with_a_date_hides_nothing_below_it() {
    for (dated, request) in [
        (
            "I wrote to you on 3 March 2026 at 10:00:",
            "Please remove me from your list.",
        ),
        (
            "On 3 March 2026 at 10:00 I wrote to you:",
            "Please remove me from your list.",
        ),
        (
            "On 3 March 2026 at 10:00 you wrote that this was the last mail:",
            "Stop emailing me.",
        ),
        (
            "Am 3. März 2026 um 10:00 habe ich Ihnen geschrieben:",
            "Bitte nehmen Sie mich aus dem Verteiler.",
        ),
        (
            "Am 3. März 2026 um 10:00 schrieb ich Ihnen:",
            "Bitte nehmen Sie mich aus dem Verteiler.",
        ),
        (
            "Le 3 mars 2026 à 10:00 je vous ai écrit :",
            "Veuillez me retirer de votre liste.",
        ),
        (
            "El 3 de marzo de 2026 a las 10:00 le escribí y usted no escribió nada:",
            "Elimínenme de su lista.",
        ),
        (
            "Il 3 marzo 2026 alle 10:00 Le ho scritto:",
            "Cancellatemi dalla lista.",
        ),
        (
            "Op 3 maart 2026 om 10:00 heb ik u geschreven:",
            "Haal mij van uw lijst.",
        ),
    ] {
        let found = answer(&format!("Hello,\n\n{dated}\n\n{request}\n"));
        assert!(objects(&found), "{:?} {dated}", found.kind);
        assert!(found.visible_text.contains(request), "{dated}");
        let found = answer(&format!("{dated}\n{request}\n"));
        assert!(objects(&found), "{:?} {dated}", found.kind);
    }
}

#[test]
fn a_clients_attribution_still_ends_the_text() {
    for line in [
        "On 3 March 2026 at 10:00, Me <me@our.example> wrote:",
        "On Tue, 3 Mar 2026 at 10:00, you wrote:",
        "On 3 March 2026 at 10:00 you wrote:",
        "Am 3. März 2026 um 10:00 schrieb Me <me@our.example>:",
        "Le 3 mars 2026 à 10:00, Me <me@our.example> a écrit :",
        "Le 3 mars 2026 à 10:00, vous avez écrit :",
        "El 3 mar 2026, a las 10:00, Me <me@our.example> escribió:",
        "Il giorno 3 mar 2026, alle ore 10:00, Me I. Ruiz <me@our.example> ha scritto:",
        "Op 3 mrt. 2026 om 10:00 schreef Me <me@our.example>:",
    ] {
        let found = answer(&format!(
            "Yes, call me.\n\n{line}\n\nStop emailing me, they say. Please remove me from your list.\n"
        ));
        assert_eq!(found.kind, Kind::Reply, "{line}");
        assert_eq!(found.visible_text, "Yes, call me.", "{line}");
    }
    let quoted =
        "Yes.\n\nI wrote to you on 3 March 2026 at 10:00:\n> Please remove me from your list.\n";
    assert_eq!(answer(quoted).visible_text, "Yes.");
}

/// A mail of two parts, each a type and a body.
fn two_parts(kind: &str, parts: [(&str, &str); 2]) -> Classification {
    let parts = parts
        .map(|(kind, body)| format!("--b\nContent-Type: {kind}; charset=utf-8\n\n{body}\n"))
        .concat();
    let head = format!("{ANSWER}\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b");
    judged(&head, &format!("{parts}--b--"))
}

#[test]
fn html_behind_a_plain_part_is_read() {
    const REQUEST: &str = "<p>Please remove me from your list.</p>";
    for above in [
        "[EXTERNAL] This mail comes from outside.",
        "Hello",
        "CAUTION: This email originated from outside of the organization.",
    ] {
        let found = two_parts("mixed", [("text/plain", above), ("text/html", REQUEST)]);
        assert!(objects(&found), "{:?} {above}", found.kind);
    }
    // Of two forms of one text the plain one is read, and what is quoted counts in neither.
    let found = two_parts(
        "alternative",
        [("text/plain", "Hello"), ("text/html", REQUEST)],
    );
    assert_eq!(found.kind, Kind::Reply);
    let quoted = "<blockquote type=cite>Please remove me from your list.</blockquote>";
    let found = two_parts("mixed", [("text/plain", "Hello"), ("text/html", quoted)]);
    assert_eq!(found.kind, Kind::Reply);
    assert_eq!(found.visible_text, "Hello");
    // A form of the plain text that stands beside it, whatever the mail calls them, is read once.
    let found = two_parts(
        "mixed",
        [
            ("text/plain", "Yes, call me."),
            ("text/html", "<p>Yes, call me.</p>"),
        ],
    );
    assert_eq!(found.visible_text, "Yes, call me.");
}

/// An answer under a title that its writer changed.
fn retitled(subject: &str, body: &str) -> Classification {
    judged(
        &format!(
            "Subject: {subject}\nIn-Reply-To: <a@b.example>\nContent-Type: text/plain; charset=utf-8"
        ),
        body,
    )
}

#[test]
fn a_title_that_is_the_request_is_heard_above_a_signature() {
    for body in [
        "",
        "Best regards,\nAnna",
        "Thanks!",
        "Thanks, Anna Berg",
        "Sent from my iPhone",
        "See subject line.",
        "see subject",
        "siehe Betreff",
        "Siehe Betreff!\n\nGruß\nJan",
        "Voir objet.",
        "Ver asunto",
        "Vedi oggetto",
        "Zie onderwerp",
        "Se ämnesraden",
        "Patrz temat",
        "Viz předmět",
        "Смотрите тему",
        "Hello,\n\nplease see the subject line.\n\nKind regards\nAnna Berg\nanna@x.example\n+49 30 123456",
    ] {
        for title in [
            "Please remove me from your mailing list",
            "Bitte nehmen Sie mich aus dem Verteiler",
        ] {
            let found = retitled(title, body);
            assert!(objects(&found), "{:?} {title} / {body}", found.kind);
        }
        // Our own title is nobody's request.
        for title in [
            "Re: Please remove me from your list: what people say",
            "Quick question",
        ] {
            let found = retitled(title, body);
            assert!(!objects(&found), "{title} / {body}");
        }
    }
    for body in [
        "Yes, call me.",
        "Thanks, sounds great!",
        "Thanks, Anna and I will call",
        "Monday at 10?",
        "Sure",
        "Good idea, call me",
        "Hi, call me",
        "Hello Ana,\n\nyes please.",
        "Best regards,\nAnna, who will call you",
        "Interested. Best regards, Anna",
        "See the subject of my last mail, we need a price.",
        "What is the subject?",
    ] {
        let found = retitled("Please remove me from your mailing list", body);
        assert_eq!(found.kind, Kind::Reply, "{body}");
    }
}

const LETTERS: &[&str] = &[
    "From: Anna\nTo: Acme Sales\nSubject: your mails\n\nPlease remove me from your list.",
    "From: Ada <ada@x.example>\nTo: me@our.example\nDate: 2 November 2026, 10:00\nSubject: your mails\n\nDear Sir,\n\nPlease remove me from your list.",
    "Von: Anna Berg\nAn: Acme\nBetreff: Ihre Mails\n\nBitte nehmen Sie mich aus dem Verteiler.",
    "De : Anna\nÀ : Acme\nObjet : vos mails\n\nVeuillez me retirer de votre liste.",
    "\n*From:* Anna\n*To:* Acme\n*Subject:* your mails\n\nPlease remove me from your list.\n\nOn Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> our offer",
];

#[test]
fn a_letter_with_a_head_of_its_own_is_no_quote() {
    for letter in LETTERS {
        let plain = judged(
            "Subject: your mails\nContent-Type: text/plain; charset=utf-8",
            letter,
        );
        assert!(objects(&plain), "{:?} {letter}", plain.kind);
        assert!(plain.visible_text.contains("Anna") || plain.visible_text.contains("Ada"));
        assert!(!plain.visible_text.contains("our offer"));
        let html = letter.replace('<', "&lt;").replace('\n', "<br>\n");
        let html = judged(
            "Subject: your mails\nContent-Type: text/html; charset=utf-8",
            &html,
        );
        assert!(objects(&html), "{:?} {letter}", html.kind);
    }
    // Whoever writes is named in it: it is theirs under the title of an answer, too.
    let found =
        answer("From: Ada\nTo: Acme\nSubject: your mails\n\nPlease remove me from your list.");
    assert!(objects(&found), "{:?}", found.kind);
}

#[test]
fn a_quoted_original_under_its_head_stays_one() {
    const ORIGINALS: &[&str] = &[
        "From: Me <me@our.example>\nSent: Sunday, November 1, 2026 10:00 AM\nTo: Ada <ada@x.example>\nSubject: our offer\n\nPlease remove me from your list.",
        "From: Me\nTo: Ada\nSubject: our offer\n\nPlease remove me from your list.",
        "Von: Me <me@our.example>\nAn: Ada <ada@x.example>\nBetreff: our offer\n\nBitte nehmen Sie mich aus dem Verteiler.",
    ];
    const TEXT: &str = "Content-Type: text/plain; charset=utf-8";
    for original in ORIGINALS {
        for title in [ANSWER, "Subject: Fwd: our offer", "Subject: our offer"] {
            let alone = judged(&format!("{title}\n{TEXT}"), original);
            assert!(!objects(&alone), "{title} {original}");
            assert_eq!(alone.visible_text, "", "{title} {original}");
        }
        let above = answer(&format!("Yes, call me.\n\n{original}"));
        assert_eq!(above.kind, Kind::Reply);
        assert_eq!(above.visible_text, "Yes, call me.");
    }
    // A letter of somebody else that is passed on, or that a client has stamped.
    for title in [
        "Subject: Fwd: your mails",
        "Subject: WG: your mails",
        ANSWER,
    ] {
        let found = judged(&format!("{title}\n{TEXT}"), LETTERS[0]);
        assert_eq!(found.visible_text, "", "{title}");
    }
    let stamped = "From: Bob <bob@y.example>\nSent: Sunday, November 1, 2026 10:00 AM\nTo: Eve <eve@x.example>\nSubject: news\n\nPlease remove me from your list.";
    let found = judged(&format!("Subject: look\n{TEXT}"), stamped);
    assert_eq!(found.visible_text, "");
    // Its writer's own mail, passed on, is no letter to us.
    let own =
        "From: Ada <ada@x.example>\nTo: Bob\nSubject: news\n\nPlease remove me from your list.";
    let found = judged(&format!("Subject: Fwd: news\n{TEXT}"), own);
    assert_eq!(found.visible_text, "");
}

#[test]
fn our_own_mail_is_no_letter_of_whoever_got_it() {
    const OURS: &str = "Dear Ada,\n\nmay I show you our tool?\n\nPlease remove me from your list: https://ours.example/u";
    let passed_on = |from: &str, to: &str, head: &str| {
        let raw = format!(
            "From: {from}\nTo: {to}\nSubject: our offer\nContent-Type: text/plain; charset=utf-8\n\n{head}\n\n{OURS}\n"
        );
        classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
    };
    const ADA: &str = "Ada <ada@x.example>";
    for (from, to, head) in [
        (
            ADA,
            "me@our.example",
            "From: Sales <sales@ours.example>\nTo: Ada <ada@x.example>\nSubject: our offer",
        ),
        (
            ADA,
            "me@our.example",
            "From: Sales Team\nTo: Ada\nSubject: our offer",
        ),
        (
            ADA,
            "me@our.example",
            "From: Sales Team\nTo: Bob; Ada Berg\nSubject: our offer",
        ),
        (
            ADA,
            "me@our.example",
            "From: Sales Team\nTo: Bob;\n Ada\nSubject: our offer",
        ),
        (
            ADA,
            "me@our.example",
            "From: Sales Team\nTo: Bob\nCc: Ada\nSubject: our offer",
        ),
        (
            "ada@x.example",
            "me@our.example",
            "Von: Vertrieb\nAn: Ada Berg\nBetreff: our offer",
        ),
        (
            "Ada Berg <info@x.example>",
            "me@our.example",
            "De : Ventes\nÀ : Berg, Ada\nObjet : our offer",
        ),
        (
            ADA,
            "\"M. Smith\" <sales@our.example>",
            "From: Max Smith\nTo: A. Berg\nSubject: our offer",
        ),
        (
            "Ada Berg <ada@x.example>",
            "me@our.example",
            "From: Sales Team\nTo: Mrs. Berg\nSubject: our offer",
        ),
        (
            "Ada Berg <ada@x.example>",
            "me@our.example",
            "Von: Vertrieb\nAn: Frau Dr. Ada Berg\nBetreff: our offer",
        ),
        (
            "Ada Berg <ada@x.example>",
            "me@our.example",
            "From: Sales Team\nTo: ada-berg@old.example\nSubject: our offer",
        ),
        (
            ADA,
            "undisclosed-recipients:;",
            "From: Max Smith\nTo: Ada\nSubject: our offer",
        ),
        (
            ADA,
            "undisclosed-recipients:;",
            "From: Max Smith\nTo: our friends\nSubject: our offer",
        ),
    ] {
        let found = passed_on(from, to, head);
        assert_eq!(found.visible_text, "", "{to} {head}");
        assert!(!objects(&found), "{:?} {to} {head}", found.kind);
    }
    // Whoever writes is no reader of their own letter.
    for head in [
        "From: Ada\nTo: Acme Sales\nSubject: your mails",
        "From: A. Berg\nTo: Acme, Adam\nSubject: your mails",
        "From: Ada Berg\nTo: Ada, Bob\nSubject: your mails",
        "From: Bob\nTo: Acme\nSubject: your mails",
        "From: Bob\nTo: canada@x.example\nSubject: your mails",
    ] {
        let raw = format!(
            "From: Ada Berg <ada@x.example>\nTo: me@our.example\nSubject: your mails\n\n{head}\n\nPlease remove me from your list.\n"
        );
        let found = classify(&InboundMail::parse(raw.as_bytes()), &Context::default());
        assert!(objects(&found), "{:?} {head}", found.kind);
    }
}

/// Heads of mail that looks like a list's and a system's.
const MASS_MAIL: &[&str] = &[
    "Subject: Your mails\nList-Id: <all.x.example>\nList-Unsubscribe: <mailto:leave@x.example>",
    "Subject: Your mails\nPrecedence: bulk",
    "Subject: Your mails\nAuto-Submitted: auto-generated",
    "Subject: Your mails\nReply-To: ada@x.example\nX-From: no-reply",
];

fn mass_mail(head: &str, body: &str) -> Classification {
    let (from, head) = match head.strip_suffix("\nX-From: no-reply") {
        Some(head) => ("Ada <no-reply@x.example>", head),
        None => ("Ada <ada@x.example>", head),
    };
    let raw = format!(
        "From: {from}\nTo: me@our.example\n{head}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    );
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

#[test]
fn an_objection_in_what_looks_like_a_lists_mail_is_told_beside_it() {
    for head in MASS_MAIL {
        for body in [
            "Please remove me from your list.",
            "Hello,\n\nplease stop emailing me.\n\nAda",
            "Unsubscribe",
            "Hi,\n\nunsubscribe\n\nAda",
            "Bitte nehmen Sie mich aus dem Verteiler.",
            "Hello,\n\nI never asked for this. Take me off your list.\n\nBest\nAda\n\n_______________\nall mailing list\nTo unsubscribe: https://x.example/u",
        ] {
            let found = mass_mail(head, body);
            assert!(
                matches!(found.kind, Kind::List | Kind::System),
                "{head} {body}"
            );
            assert!(found.also_asks.is_some(), "{head} {body}");
            assert!(found.may_suppress(), "{head} {body}");
        }
        let titled = head.replace("Your mails", "Please remove me from your list");
        assert!(mass_mail(&titled, "Ada").also_asks.is_some(), "{titled}");
    }
}

#[test]
fn a_newsletters_footer_asks_for_nothing() {
    const NEWS: &str = "Our news of this week: we have opened a second office, and the price of the blue one is lower than that of \
        the red one. Read on our page how our customers save time with both, what they say about them and where we are to be met in May. \
        There will be coffee, and a talk about what has become of the green one since we told you about it in March.";
    for head in MASS_MAIL {
        for footer in [
            "Unsubscribe",
            "Unsubscribe here",
            "To unsubscribe click here.",
            "Unsubscribe: https://x.example/u",
            "View in browser | Unsubscribe me | Privacy",
            "Remove me from this list",
            "Please remove me from this list\nhttps://x.example/u",
            "Remove me from your list: https://x.example/u",
            "If you no longer wish to receive our emails, reply \"remove me\".",
            "If you want to stop emails from us, tell us.",
            "Do not want any more emails from us? Unsubscribe here.",
            "Abmelden",
            "Hier können Sie sich vom Newsletter abmelden.",
            "Se désabonner",
            "Please do not reply to this email, and do not contact us by phone.",
        ] {
            for body in [
                format!("{NEWS}\n\n{footer}"),
                format!("{footer}\n\n{NEWS}"),
                format!("Your invoice is ready.\n\nAcme\n\n{footer}"),
            ] {
                if body.starts_with("Your") && footer.starts_with("Remove me from this") {
                    continue; // So short it may be a person's.
                }
                let found = mass_mail(head, &body);
                assert!(!objects(&found), "{head} {body}");
                assert_eq!(found.also_asks, None, "{head} {body}");
                assert!(!found.may_suppress(), "{head} {body}");
            }
        }
        // A title of one word may be a newsletter's.
        let found = mass_mail(&head.replace("Your mails", "Stop"), NEWS);
        assert!(!found.may_suppress(), "{head} {:?}", found.kind);
    }
}

#[test]
fn a_menu_below_a_text_asks_for_nothing() {
    for body in [
        "Thursday works.\n\nAnna Berg\nHead of Sales\n\nUnsubscribe | Privacy policy",
        "Gerne am Donnerstag.\n\nMit freundlichen Grüßen\nAnna Berg\n\nImpressum • Abmelden",
        "Volontiers jeudi.\n\nCordialement\nAnna Berg\n\nConfidentialité · Se désabonner",
        "Thursday works.\n\nUnsubscribe | Privacy | Legal",
    ] {
        assert_eq!(answer(body).kind, Kind::Reply, "{body}");
        let html = body.replace(
            "Unsubscribe",
            "<a href='https://x.example/u'>Unsubscribe</a>",
        );
        let html = html.replace('\n', "<br>\n");
        assert_eq!(answer_in_html(&html).kind, Kind::Reply, "{body}");
    }
    for body in [
        "Unsubscribe",
        "Abmelden",
        "Unsubscribe\n\nBest\nAnna",
        "Hi Jo,\n\nUnsubscribe\n\nBest\nAnna Berg",
        "Thank you for the offer.\n\nUnsubscribe\n\nBest\nAnna",
        "Thanks\nAnna\n\nUnsubscribe",
        "Dear Jo Smith\n\nUnsubscribe",
        "Not interested.\n\nBest\nAnna\n\nUnsubscribe",
        "Kein Interesse.\n\nGruß\nAnna\n\nAbmelden",
        "No thanks.\n\nBest\nAnna\n\nUnsubscribe",
        "We have a supplier.\n\nBest\nAnna\n\nUnsubscribe please",
        "We have a supplier.\n\nBest\nAnna\n\nPS: unsubscribe",
        "We have a supplier.\n\nBest\nAnna\n\nPlease remove me from your list.",
    ] {
        let found = answer(body);
        assert!(objects(&found), "{:?} {body}", found.kind);
    }
}

#[test]
fn a_bare_word_below_a_signature_is_its_writers() {
    for body in [
        "This is spam.\n\nThank you\n\nUnsubscribe",
        "I get far too many of these.\n\nAnna Berg\n\nUnsubscribe",
        "We already have a provider.\nThanks\nUnsubscribe",
        "Enough!\n\nBob Stone\n\nOpt out",
        "Not needed here.\n\nBest\nAnna\n\nUnsubscribe.",
        "My predecessor may have liked these letters.\n\nRegards\nBob\n\nUnsubscribe",
        "Who gave you this address?\n\nBob Stone\n\nUnsubscribe",
        "How many times must I say it?\n\nBob Stone\n\nUnsubscribe",
        "You have been at it since Monday at 9 am.\n\nBob Stone\n\nUnsubscribe",
        "Das ist nun der vierte Brief in einer Woche.\n\nGruß\nJan\n\nAbmelden",
        "Ich habe Ihnen das schon dreimal geschrieben.\n\nGruß\nJan\n\nAbmelden!",
        "Nous avons déjà un fournisseur.\n\nCordialement\nMarie Dupont\n\nDésinscription",
        "Ya les dije que no el lunes.\n\nSaludos\nAna Ruiz\n\nDarse de baja",
        "Ya trabajamos con otra empresa.\n\nSaludos\nAna Ruiz\n\nDarse de baja",
        "Abbiamo già chi ci segue.\n\nCordiali saluti\nMarco Rossi\n\nDisiscrivimi",
        "Wij doen dit al jaren zelf.\n\nGroet\nPiet Bakker\n\nUitschrijven",
        "Vi har redan en leverantör.\n\nHälsningar\nEva Lund\n\nAvregistrera",
        "Mamy już dostawcę.\n\nPozdrawiam\nJan Nowak\n\nWypisz mnie",
        "Нам это не нужно.\n\nС уважением\nИван\n\nОтписаться",
        "弊社では不要です。\n\n田中 太郎\n\n配信停止",
        // Perhaps a footer, and a stop that a person dismisses is the lesser error.
        "Yes, sounds good. Please send me the price list.\n\nBest\nAnna\n\nUnsubscribe",
        "Jeden Montag!\n\nGruß\nJan\n\nAbmelden",
        "Où avez-vous pris mon adresse ?\n\nCordialement\nMarie Dupont\n\nDésinscription",
        "Why do you call me every week?\n\nBob Stone\n\nUnsubscribe",
        "Thursday works for us, call me.\n\nBest\nAnna\n\nUNSUBSCRIBE",
        "Thursday works for us, call me.\n\nBest\nAnna\n\nUnsubscribe!",
        "Gerne am Donnerstag.\n\nMit freundlichen Grüßen\nAnna Berg\n\nAbmelden.",
        "Hi, you have the wrong guy.\n\nBob Stone\n\nStop",
        "I retired last year.\n\nRegards\nBob\n\nSTOP",
        "Yes, I got it.\n\nRegards\nBob\n\nStop",
    ] {
        let found = answer(body);
        assert!(
            matches!(found.kind, Kind::Unsubscribe(UnsubscribeBy::Words { .. })),
            "{:?} {body}",
            found.kind
        );
    }
}

#[test]
fn what_html_does_not_show_asks_for_nothing() {
    for hidden in [
        "display:none",
        "Display: None",
        "visibility:hidden",
        "VISIBILITY: HIDDEN",
        "mso-hide:all",
        "font-size:0",
        "color:#fff; FONT-SIZE: 0px",
    ] {
        let body = format!(
            "<div>Yes, call me.</div><div style=\"{hidden}\">Please remove me from your list.</div>"
        );
        let found = answer_in_html(&body);
        assert_eq!(found.kind, Kind::Reply, "{hidden}");
        assert_eq!(found.visible_text, "Yes, call me.", "{hidden}");
    }
    for shown in [
        "font-size:0.8em",
        "font-size:10px",
        "font-size:0;font-size:12px",
    ] {
        let body =
            format!("<div>No.</div><div style=\"{shown}\">Please remove me from your list.</div>");
        assert!(objects(&answer_in_html(&body)), "{shown}");
    }
    let body = "<div style=\"font-size:0\"><span style=\"font-size:12px\">Please remove me from your list.</span></div>";
    assert!(objects(&answer_in_html(body)));
}

#[test]
fn what_a_reader_sees_within_an_element_without_a_size_is_heard() {
    const ASKED: &str = "Please remove me from your list.";
    for body in [
        format!("<table><tr><td style=\"font-size:0\"><font size=\"3\">{ASKED}</font></table>"),
        format!("<div style=\"font-size:0\"><p style=\"font:14px/1.5 Arial\">{ASKED}</p></div>"),
        format!(
            "<style>.t{{font-size:14px}}</style><div style=\"font-size:0\"><p class=\"t\">{ASKED}</p></div>"
        ),
        format!("<table><tr><td style=\"font-size:0;line-height:0\">&nbsp;<tr><td>{ASKED}</table>"),
        format!(
            "<table><tr><td style=\"font-size:0;line-height:0\">&nbsp;</tr></table><p>{ASKED}</p>"
        ),
        format!("<p style=\"font-size:0\"><b>&nbsp;</b><div>{ASKED}</div>"),
        format!("<div style=\"font-size:0\"><table><tr><td>{ASKED}</table></div>"),
        format!("<div style=\"font-size:0\"><p style=\"font:medium Arial\">{ASKED}</p></div>"),
        format!(
            "<style>a{{color:red}}</style><STYLE>p{{font-size:14px}}</STYLE><div style=\"font-size:0\"><p>{ASKED}</p></div>"
        ),
    ] {
        let found = answer_in_html(&format!("<div>No.</div>{body}"));
        assert!(objects(&found), "{:?} {body}", found.kind);
        assert!(found.visible_text.ends_with(ASKED), "{body}");
    }
    // Where it is all there is, a style sheet gives it a size.
    let alone = answer_in_html(&format!(
        "<style>div{{font-size:14px!important}}</style><div style=\"font-size:0\">{ASKED}</div>"
    ));
    assert!(objects(&alone), "{:?}", alone.kind);
    for body in [
        format!("<div style=\"font-size:0\"><span>{ASKED}</span></div>"),
        format!("<table><tr><td style=\"font-size:0\"><b>{ASKED}</b></td></tr></table>"),
        format!("<p style=\"font-size:0\"><b>{ASKED}</b></p><div>Anna</div>"),
    ] {
        let found = answer_in_html(&format!("<div>Yes, call me.</div>{body}"));
        assert_eq!(found.kind, Kind::Reply, "{body}");
        assert!(!found.visible_text.contains(ASKED), "{body}");
    }
}

#[test]
fn a_rule_above_a_quote_is_no_text_and_one_within_a_text_is() {
    const HEAD: &str = "<div id=\"divRplyFwdMsg\"><b>From:</b> Me</div>";
    const RULE: &str = "<hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">";
    for body in [
        format!("<div>Yes, call me.</div>{RULE}{HEAD}"),
        format!(
            "<div>Yes, call me.</div><div id=\"ms-outlook-mobile-signature\">Get Outlook for iOS</div>{RULE}{HEAD}"
        ),
        format!(
            "<div>Yes, call me.</div>{RULE}<div>On Sun, 1 Nov 2026 at 10:00, Me &lt;me@our.example&gt; wrote:</div>our offer"
        ),
        format!("<div>Yes, call me.</div>{RULE}<blockquote type=cite>our offer</blockquote>"),
        format!("<div>Yes, call me.</div>{RULE}"),
    ] {
        assert_eq!(
            answer_in_html(&body).visible_text,
            "Yes, call me.",
            "{body}"
        );
    }
    let within = answer_in_html(&format!("<div>One</div>{RULE}<div>Two</div>{RULE}{HEAD}"));
    assert_eq!(
        within.visible_text,
        "One\n------------------------------\nTwo"
    );
    // A rule alone makes no answer of a mail.
    let head = "Subject: hello\nContent-Type: text/html";
    assert_eq!(
        judged(head, "<div>Hello there</div><hr>").kind,
        Kind::Personal
    );
}

#[test]
fn an_address_to_write_to_heads_no_original() {
    for (address, objection) in [
        (
            "Bitte schreiben Sie nur noch an:\n\nAn: einkauf@acme.example\nBetreff: Angebote",
            "Mich nehmen Sie bitte aus dem Verteiler.",
        ),
        (
            "Please write to these instead.\n\nTo: info@x.example\nCc: sales@x.example",
            "And please remove my own address from your list.",
        ),
        (
            "Please write to these instead.\n\nTo: info@x.example\nCc: sales@x.example\nSubject: Offers",
            "And please remove my own address from your list.",
        ),
        (
            "Our addresses have changed.\n\nFrom: old@x.example\nTo: new@x.example",
            "And please remove me from your list.",
        ),
        (
            "Écrivez plutôt à :\n\nÀ : achats@x.example\nObjet : offres",
            "Merci de me retirer de votre liste.",
        ),
    ] {
        let found = answer(&format!("{address}\n\n{objection}"));
        assert!(objects(&found), "{:?} {address}", found.kind);
        assert_eq!(answer(address).kind, Kind::Reply, "{address}");
    }
}

#[test]
fn an_objection_that_names_an_address_is_heard_directly_above_an_attribution() {
    for head in [
        "On Mon, 3 Mar 2026 at 10:00, Ann Example\n<ann@x.example> wrote:",
        "On Mon, 3 Mar 2026 at 10:00, Ann Example <ann@x.example> wrote:",
        "Ann Example <ann@x.example> schrieb am 3. März 2026 um 10:00:",
        "Ann Example <ann@x.example> ezt írta (időpont: 2026. márc. 3., K, 10:00):",
        "Ann Example <ann@x.example>, 3 Mar 2026 Sal, 10:00 tarihinde şunu yazdı:",
    ] {
        let objection = "Please take bob@acme.example off your list.";
        let found = answer(&format!("{objection}\n{head}\n> hi"));
        assert!(objects(&found), "{:?} {head}", found.kind);
        assert_eq!(found.visible_text, objection, "{head}");
    }
}
