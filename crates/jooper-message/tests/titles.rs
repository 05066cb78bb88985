//! Whose words a title is: ours, a gateway's, a machine's, or those of whoever writes.

use jooper_message::inbound::auto_reply::is_answer_title;
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{
    AutoReply, Classification, Context, Kind, UnsubscribeBy, classify, may_object,
};

/// A mail under `subject`, which answers ours where `answers` says so.
fn titled(subject: &str, answers: bool, body: &str) -> Classification {
    let refers = if answers {
        "In-Reply-To: <a@b.example>\n"
    } else {
        ""
    };
    let raw = format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: {subject}\n{refers}\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"
    );
    classify(&InboundMail::parse(raw.as_bytes()), &Context::default())
}

/// What gateways, filters and lists put before a title.
const MARKS: &[&str] = &[
    "[EXTERNAL] ",
    "[EXT]",
    "[External Email] ",
    "[EXTERN] ",
    "[Externe] ",
    "[社外] ",
    "【外部邮件】",
    "{Spam?} ",
    "(External) ",
    "***SPAM*** ",
    "*EXT* ",
    "*****SPAM***** ",
    "EXTERNAL: ",
    "EXT: ",
    "External Email - ",
    "EXTERN: ",
    "Externe E-Mail: ",
    "Externo: ",
    "Esterno: ",
    "Внешнее письмо: ",
    "外部：",
    "[EXTERNAL] ***SPAM*** ",
    "[sales-team] ",
];

#[test]
fn a_gateways_mark_hides_no_answer() {
    for mark in MARKS {
        for prefix in ["Re: ", "AW: ", "RE : ", "回复："] {
            let title = format!("{mark}{prefix}Quick question");
            assert!(is_answer_title(&title), "{title}");
            let found = titled(
                &title,
                true,
                "Sounds good. I'm on vacation next week, can we talk the week after?",
            );
            assert_eq!(found.kind, Kind::Reply, "{title}");
        }
        assert!(!is_answer_title(&format!("{mark}Quick question")), "{mark}");
        let title = format!("{mark}Out of office: Quick question");
        let found = titled(&title, true, "I am away until 16 November 2026.");
        assert!(
            matches!(found.kind, Kind::AutoReply(AutoReply::OutOfOffice { .. })),
            "{:?} {title}",
            found.kind
        );
    }
    // What a help desk or a machine writes before a title is no mark.
    for title in [
        "[#4711] Re: our offer",
        "[Ticket 12] Re: our offer",
        "[Request received] Re: our offer",
        "[Auto-Reply] Re: our offer",
    ] {
        assert!(!is_answer_title(title), "{title}");
    }
}

#[test]
fn whoever_asks_or_agrees_is_a_person_under_any_title() {
    for (title, body) in [
        (
            "Monday?",
            "Great! I am out of the office until Friday, Monday at 10?",
        ),
        (
            "Quick question",
            "Sounds good, I am interested. I'm out of the office this week, call me on Monday.",
        ),
        (
            "Termin",
            "Gerne! Ich bin bis Freitag im Urlaub, passt Montag um 10 Uhr?",
        ),
        (
            "[#4711] Re: Quick question",
            "Yes, I am interested. I am on vacation until Friday, please send me the price list.",
        ),
    ] {
        let found = titled(title, true, body);
        assert_eq!(found.kind, Kind::Reply, "{title}");
    }
    for (title, body) in [
        ("Away", "I am out of the office until Friday."),
        (
            "Holidays",
            "I am on vacation until 16 November. In urgent cases please write to bob@x.example.",
        ),
        (
            "Thank you for your mail",
            "I am on parental leave. Please contact my colleague Bob instead of me.",
        ),
    ] {
        let found = titled(title, true, body);
        assert!(
            matches!(found.kind, Kind::AutoReply(_)),
            "{:?} {title}",
            found.kind
        );
    }
}

#[test]
fn our_own_title_is_no_objection_of_whoever_answers() {
    for ours in [
        "Stop emailing people who never answer",
        "Stop sending cold emails nobody reads",
        "Please remove me from your list: what people answer",
        "Unsubscribe me, they said",
    ] {
        for title in [
            ours.to_owned(),
            format!("Re: {ours}"),
            format!("[EXT] Re: {ours}"),
            format!("EXTERNAL: {ours}"),
            format!("[#4711] {ours}"),
        ] {
            let found = titled(&title, true, "Yes, call me.");
            assert_eq!(found.kind, Kind::Reply, "{title}");
            let quote =
                "Yes, call me.\n\nOn Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n> Hello";
            let found = titled(&title, false, quote);
            assert_eq!(found.kind, Kind::Reply, "{title}");
        }
    }
}

#[test]
fn a_title_that_was_changed_into_a_request_is_heard() {
    for (title, body) in [
        ("unsubscribe", "Thanks, Ada"),
        ("STOP", "I am serious."),
        ("[EXTERNAL] unsubscribe", ""),
        ("Re: unsubscribe", ""),
        ("Please unsubscribe me", ""),
        ("Remove me from your list", ""),
        ("Bitte nehmen Sie mich aus dem Verteiler", ""),
    ] {
        let found = titled(title, true, body);
        assert!(
            matches!(found.kind, Kind::Unsubscribe(_)),
            "{:?} {title}",
            found.kind
        );
    }
    let long = "word ".repeat(60);
    let found = titled("STOP", true, &long);
    assert!(
        matches!(found.kind, Kind::Unsubscribe(_)),
        "{:?}",
        found.kind
    );
}

#[test]
fn only_what_a_button_writes_is_more_than_provisional() {
    for (title, body) in [
        ("unsubscribe", ""),
        ("Stop", "unsubscribe"),
        ("unsubscribe", "x7Hq2-Kd81"),
        ("Unsubscribe <x7Hq2@our.example>", "x7Hq2@our.example"),
    ] {
        for answers in [true, false] {
            let found = titled(title, answers, body);
            assert_eq!(
                found.kind,
                Kind::Unsubscribe(UnsubscribeBy::Mailto),
                "{title}"
            );
        }
    }
    for (title, body) in [
        ("Baja", "Hola Ana, estoy de baja hasta el lunes, te llamo."),
        ("Stop", "Call me first please"),
        ("Stop", "Wait"),
        ("unsubscribe", "Please remove me from your list."),
    ] {
        for answers in [true, false] {
            let found = titled(title, answers, body);
            assert!(
                matches!(found.kind, Kind::Unsubscribe(UnsubscribeBy::Words { .. })),
                "{:?} {title}",
                found.kind
            );
        }
    }
}

#[test]
fn a_request_before_our_title_is_heard() {
    for title in [
        "UNSUBSCRIBE Re: Quick question",
        "STOP! Re: Quick question",
        "unsubscribe - RE: Quick question",
        "Please remove me from your list. AW: Quick question",
        "[EXTERNAL] Unsubscribe Re: Quick question",
        "Abmelden AW: Kurze Frage",
    ] {
        for body in ["", "Thanks, Ada", "Sent from my iPhone"] {
            let found = titled(title, true, body);
            assert!(
                matches!(found.kind, Kind::Unsubscribe(UnsubscribeBy::Words { .. })),
                "{:?} {title} / {body}",
                found.kind
            );
        }
        assert_eq!(
            titled(title, true, "Yes, call me.").kind,
            Kind::Reply,
            "{title}"
        );
    }
    for title in [
        "Re: Stop Re: Quick question",
        "Stop losing leads Re: Quick question",
        "Quick question Re: unsubscribe rates",
        "Reminder Re: Quick question",
        "Re: Unsubscribe rates and how to lower them",
    ] {
        assert_eq!(titled(title, true, "").kind, Kind::Reply, "{title}");
    }
}

#[test]
fn who_answers_an_automatic_answer_under_its_title_is_a_person() {
    const ANSWERS: &[&str] = &[
        "Thanks, I am back. Could you send me a price?",
        "Sounds good, call me on Tuesday.",
        "No thanks, we have a supplier.",
        "Gerne, rufen Sie mich am Dienstag an.",
        "Was kostet das denn?",
    ];
    for title in [
        "Automatic reply: our offer",
        "Automatische Antwort: Angebot",
        "Out of office: our offer",
        "Réponse automatique : notre offre",
    ] {
        for body in ANSWERS {
            for before in ["", "Re: ", "AW: "] {
                let found = titled(&format!("{before}{title}"), true, body);
                assert_eq!(found.kind, Kind::Reply, "{before}{title} {body}");
            }
            // With a header of automatic mail it is one, whatever it says.
            let raw = format!(
                "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: {title}\nAuto-Submitted: auto-replied\n\
                 Content-Type: text/plain; charset=utf-8\n\n{body}\n"
            );
            let found = classify(&InboundMail::parse(raw.as_bytes()), &Context::default());
            assert!(matches!(found.kind, Kind::AutoReply(_)), "{title} {body}");
        }
        for body in [
            "I am away until 9 November. Please call Bob in urgent cases.",
            "Thank you for your mail. We will get back to you.",
            "Ich bin bis 9. November nicht im Büro.",
            "Any questions? We have received your mail and answer soon.",
            "This is an automatic reply. Sounds good? Call us.",
            "Je suis absente jusqu'au 9 novembre.",
            "Ben je haast? Bel mijn collega Jan.",
            "",
        ] {
            let found = titled(title, true, body);
            assert!(
                matches!(found.kind, Kind::AutoReply(_)),
                "{:?} {title} {body}",
                found.kind
            );
        }
    }
}

#[test]
fn a_title_that_is_a_request_by_itself_may_object() {
    const REQUESTS: &[&str] = &[
        "Stop",
        "STOP!",
        "Unsubscribe",
        "unsubscribe:abc123",
        "Please unsubscribe me",
        "Opt out please",
        "Please remove me from your mailing list",
        "No more emails",
        "Do not contact me again",
        "Abmelden",
        "Bitte austragen",
        "Bitte nehmen Sie mich aus dem Verteiler",
        "Désinscription",
        "Merci de me retirer de votre liste",
        "Darse de baja",
        "Elimínenme de su lista",
        "Cancellami",
        "Uitschrijven",
        "Avregistrera",
        "Wypisz",
        "Отписаться",
        "配信停止",
        "退订",
    ];
    let mut heard = 0;
    for request in REQUESTS {
        for title in [
            (*request).to_owned(),
            format!("{request} Re: our offer"),
            format!("{request} - AW: our offer"),
            format!("{request} | RE: our offer"),
            format!("Re: {request}"),
            format!("AW: {request}"),
            format!("[EXTERNAL] {request}"),
            format!("[EXTERNAL] {request} Re: our offer"),
            format!("{request}: our offer"),
        ] {
            for answers in [false, true] {
                for body in ["", "Best\nAda"] {
                    if !matches!(titled(&title, answers, body).kind, Kind::Unsubscribe(_)) {
                        continue;
                    }
                    heard += 1;
                    assert!(may_object(&title), "{title}");
                }
            }
        }
        assert!(may_object(request), "{request}");
    }
    assert!(heard > REQUESTS.len() * 16, "{heard}");
    for title in [
        "",
        "our offer",
        "Re: our offer",
        "Quick question Re: our offer",
        "AW: How people unsubscribe: our offer",
        "Non-stop Re: our offer",
        "Our unsubscribe rate",
    ] {
        assert!(!may_object(title), "{title}");
    }
}

#[test]
fn an_absence_in_the_brackets_of_a_title_is_one_without_any_reference() {
    for (title, body) in [
        ("[부재중] 제안서", "11월 16일까지 휴가입니다."),
        ("[부재중 알림] 제안서", "11월 16일까지 휴가입니다."),
        (
            "[Out of Office] our offer",
            "I am on vacation until 16 November.",
        ),
        (
            "[EXT] [Out of Office] our offer",
            "I am on vacation until 16 November.",
        ),
        (
            "【不在通知】ご提案の件",
            "11月16日まで休暇をいただいております。",
        ),
        (
            "[Vacation] our offer",
            "I am on vacation until 16 November.",
        ),
        ("[휴가] 제안서", "11월 16일까지 휴가입니다."),
        ("[Отпуск] Предложение", "Я в отпуске до 16 ноября."),
        (
            "【不在のお知らせ】ご提案の件",
            "11月16日まで休暇をいただいております。",
        ),
        (
            "[Abwesenheit] Unser Angebot",
            "Ich bin bis zum 16. November im Urlaub.",
        ),
        (
            "[Abwesenheitsnotiz] Unser Angebot",
            "Ich bin bis zum 16. November im Urlaub.",
        ),
        (
            "[Urlaub] Unser Angebot",
            "Ich bin bis zum 16. November im Urlaub.",
        ),
        ("[퇴사 안내] 제안서", "저는 10월 31일자로 퇴사하였습니다."),
        (
            "【退職のお知らせ】ご提案の件",
            "10月31日をもって退職いたしました。",
        ),
        (
            "(Absence) Notre offre",
            "Je suis en congés jusqu'au 16 novembre.",
        ),
        (
            "[Automatische Antwort] Unser Angebot",
            "Ich melde mich bald.",
        ),
    ] {
        let found = titled(title, false, body).kind;
        assert!(matches!(found, Kind::AutoReply(_)), "{title}: {found:?}");
    }
    for (title, body) in [
        ("[퇴사] 문의", "가격표를 보내 주세요."),
        ("[휴가] 문의", "가격표를 보내 주세요."),
        (
            "[Vacation] offers",
            "We are off on vacation in May. What does a week cost?",
        ),
        ("[acme-list] our offer", "Could you send us the price list?"),
        (
            "[acme-list] our offer",
            "I am on vacation until 16 November, but we would like a demo.",
        ),
        (
            "[Vacation rentals] offers",
            "We manage forty cottages and would like to see your price list.",
        ),
        (
            "[Vacation rentals] offers",
            "I am on vacation until Monday and write to you after that.",
        ),
        (
            "[Out of office bags] offers",
            "We would like to see your price list.",
        ),
        (
            "[Urlaub auf Sylt] Angebote",
            "Ich bin bis Montag im Urlaub. Schicken Sie mir gern ein Angebot.",
        ),
        ("[휴가철 숙소] 문의", "가격표를 보내 주세요."),
        ("[Urlaub] Angebote", "Schicken Sie mir gern ein Angebot."),
    ] {
        let found = titled(title, false, body).kind;
        assert!(found.is_human(), "{title}: {found:?}");
    }
}
