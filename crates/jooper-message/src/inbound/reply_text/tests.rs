//! Whole bodies, as clients in many languages write them, and properties of any body.

use proptest::prelude::*;

use super::*;
use crate::inbound::intent::{PhraseClassifier, ReplyClassifier};
use crate::inbound::stop_words::find_stop_request;

const QUOTE: &str =
    "> Hello Jo,\n> would you be interested in a demo?\n>\n> Reply \"unsubscribe\" to stop.";

#[test]
fn an_original_under_a_closed_head_is_cut() {
    let text = "Yes, call me.\n\n>>> Ana Ruiz <ana@x.example> 02.11.2026 10:00 >>>\nold\nunsubscribe here\n";
    assert_eq!(visible_text(text).visible.trim(), "Yes, call me.");
}

/// Outlook of old puts the address in brackets, and people do not.
#[test]
fn an_original_under_a_sender_in_brackets_is_cut() {
    for from in ["Kim [mailto:kim@x.example]", "kim@x.example (Kim)"] {
        let text = format!("Fine.\n\nFrom: {from}\nTo: jo@x.example\n\nunsubscribe me\n");
        assert_eq!(visible_text(&text).visible.trim(), "Fine.", "{from}");
    }
    let moved = "We moved.\n\nFrom: old@x.example\nTo: new@x.example\n\nStop writing.\n";
    assert!(visible_text(moved).visible.contains("Stop writing."));
}

#[test]
fn attributions_of_many_languages_are_cut() {
    for line in [
        "On Fri, Jan 5, 2024 at 10:00 AM Jo Doe <jo@example.com> wrote:",
        "Am Fr., 5. Jan. 2024 um 10:00 Uhr schrieb Jo Doe <jo@example.com>:",
        "Jo Doe <jo@example.com> schrieb am Fr., 5. Jan. 2024,\n10:00:",
        "Le ven. 5 janv. 2024 à 10:00, Jo Doe <jo@example.com> a\nécrit :",
        "El vie, 5 ene 2024 a las 10:00, Jo Doe (<jo@example.com>) escribió:",
        "Em sex., 5 de jan. de 2024 às 10:00, Jo Doe <jo@example.com>\nescreveu:",
        "Il giorno ven 5 gen 2024 alle ore 10:00 Jo Doe <jo@example.com> ha scritto:",
        "Op vr 5 jan 2024 om 10:00 schreef Jo Doe <jo@example.com>:",
        "Den fre 5 jan. 2024 kl 10:00 skrev Jo Doe <jo@example.com>:",
        "fre. 5. jan. 2024 kl. 10.00 skrev Jo Doe <jo@example.com>:",
        "pe 5. tammik. 2024 klo 10.00 Jo Doe (jo@example.com) kirjoitti:",
        "pt., 5 sty 2024 o 10:00 Jo Doe <jo@example.com> napisał(a):",
        "pá 5. 1. 2024 v 10:00 odesílatel Jo Doe <jo@example.com> napsal:",
        "Jo Doe <jo@example.com> ezt írta (időpont: 2024. jan. 5., P, 10:00):",
        "În vin., 5 ian. 2024 la 10:00, Jo Doe <jo@example.com> a scris:",
        "пт, 5 янв. 2024 г. в 10:00, Jo Doe <jo@example.com>:",
        "пт, 5 січ. 2024 р. о 10:00 Jo Doe <jo@example.com> пише:",
        "На пт, 5.01.2024 г. в 10:00 Jo Doe <jo@example.com> написа:",
        "Στις Παρ 5 Ιαν 2024 στις 10:00 π.μ., ο χρήστης Jo Doe <jo@example.com> έγραψε:",
        "Jo Doe <jo@example.com>, 5 Oca 2024 Cum, 10:00 tarihinde şunu yazdı:",
        "\u{202b}בתאריך יום ו׳, 5 בינו׳ 2024 ב-10:00 מאת \u{202a}Jo Doe\u{202c}\u{200f} <\u{202a}jo@example.com\u{202c}\u{200f}>:\u{202c}",
        "في الجمعة، ٥ يناير ٢٠٢٤ في ١٠:٠٠ ص تمت كتابة ما يلي بواسطة Jo Doe <jo@example.com>:",
        "2024年1月5日(金) 10:00 Jo Doe <jo@example.com>:",
        "Jo Doe <jo@example.com> 于2024年1月5日周五 10:00写道：",
        "2024년 1월 5일 (금) 오전 10:00, Jo Doe <jo@example.com>님이 작성:",
        "Vào Th 6, 5 thg 1, 2024 vào lúc 10:00 Jo Doe <jo@example.com>\nđã viết:",
        "ในวันที่ ศ. 5 ม.ค. 2024 เวลา 10:00 Jo Doe <jo@example.com> เขียนว่า:",
        "Pada tanggal Jum, 5 Jan 2024 pukul 10.00 Jo Doe <jo@example.com> menulis:",
        "---- On Fri, 05 Jan 2024 10:00:00 +0100 Jo Doe <jo@example.com> wrote ----",
    ] {
        for gap in ["\n", "\n\n"] {
            let body = format!("My answer.\n\n{line}{gap}{QUOTE}\n");
            assert_eq!(visible_text(&body).visible, "My answer.", "{body}");
            let unmarked = format!("My answer.\n\n{line}{gap}Hello Jo,\nwould you?\n");
            assert_eq!(visible_text(&unmarked).visible, "My answer.", "{unmarked}");
        }
    }
}

#[test]
fn header_blocks_and_dividers_end_the_text() {
    for block in [
        "From: Jo Doe <jo@example.com>\nSent: Friday, January 5, 2024 10:00\nTo: Ana\nSubject: Hi",
        "________________________________\nVon: Jo Doe <jo@example.com>\nGesendet: Freitag, 5. Januar 2024\nAn: Ana\nBetreff: Hi",
        "-----Original Message-----\nFrom: Jo Doe\nSubject: Hi",
        "-----Mensaje original-----\nDe: Jo\nEnviado el: viernes\nPara: Ana\nAsunto: Hola",
        "Fra: Jo Doe\nSendt: 5. januar 2024\nTil: Ana\nEmne: Hej",
        "Lähettäjä: Jo Doe\nLähetetty: perjantai\nVastaanottaja: Ana\nAihe: Hei",
        "差出人: Jo Doe\n送信日時: 2024年1月5日\n宛先: Ana\n件名: Hi",
        "---------- Forwarded message ---------\nFrom: Jo Doe",
    ] {
        let body = format!("My answer.\n\n{block}\n\nHello Jo,\nwould you?\n");
        assert_eq!(visible_text(&body).visible, "My answer.", "{block}");
    }
}

#[test]
fn a_line_to_answer_above_is_cut_with_its_rule_and_hides_nothing_at_the_top() {
    for line in [
        "\u{2014}-\u{2014}-\u{2014}-\u{2014}\nReply above this line.",
        "Reply above this line.",
    ] {
        let top = format!("{line}\n\nWe have your request.");
        assert_eq!(visible_text(&top).visible, "We have your request.");
        let below = format!("My answer.\n\n{line}\n\nOld words.");
        assert_eq!(visible_text(&below).visible, "My answer.");
    }
}

#[test]
fn answers_below_and_between_quotes_stay() {
    assert_eq!(
        visible_text(&format!(
            "On 5 Jan 2024 at 10:00, Jo <jo@example.com> wrote:\n\n{QUOTE}\n\nYes, below."
        ))
        .visible,
        "Yes, below."
    );
    assert_eq!(
        visible_text("Hi\n\n> One?\nYes.\n> Two?\n\nNo.\n").visible,
        "Hi\n\nYes.\n\nNo."
    );
    assert_eq!(
        visible_text("Jo wrote:\n| old\n| words\n\nNew words").visible,
        "New words"
    );
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "I wrote:\n\nplease send the offer",
        "On Tuesday we met, and on Friday too.\nIt was fine.",
        "Agenda:\n- From: us\n- price\n\n1 > 0 and so on",
        "Plan for 12.05.2024 at 10:00:\n\nfirst call, then demo",
        "The parts are 10-20-30 and 4:3.\n\n---\n\nMore below, and this is a sentence that matters to you.\n\nAnd a last one?",
        "To: do\nWe should talk.",
    ] {
        let kept = visible_text(text);
        assert_eq!(kept.with_signature, text, "{text}");
    }
}

#[test]
fn signatures_are_cut_from_the_visible_text_only() {
    let reply = visible_text(
        "Yes, gladly.\n\nBest regards,\nAna Ruiz\nHead of Sales\nT: +34 600 123 456\nwww.example.com\n\nOn 5 Jan 2024, at 10:00, Jo <jo@example.com> wrote:\n> Hi",
    );
    assert_eq!(reply.visible, "Yes, gladly.");
    assert!(reply.with_signature.ends_with("www.example.com"));
    assert_eq!(visible_text("Sure.\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, please delete it.").visible, "Sure.");
    assert_eq!(
        visible_text("CAUTION: This email originated from outside of the organization.\n\nSure.")
            .visible,
        "Sure."
    );
}

#[test]
fn every_line_end_gives_the_same_text() {
    let body = format!(
        "One\n\ntwo\n-- \nAna\n\nOn 5 Jan 2024 at 10:00, Jo <jo@example.com>\nwrote:\n\n{QUOTE}"
    );
    let expected = visible_text(&body);
    assert_eq!(expected.visible, "One\n\ntwo");
    for end in ["\r\n", "\r"] {
        assert_eq!(visible_text(&body.replace('\n', end)), expected, "{end:?}");
    }
}

#[test]
fn html_of_known_clients_is_cut_by_structure() {
    let q = "Hello Jo<br>would you?";
    for (client, tail) in [
        (
            "gmail",
            format!(
                "<br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">Xx yy zz 2024:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0\">{q}</blockquote></div>"
            ),
        ),
        (
            "gmail forward",
            format!(
                "<div class=\"gmail_quote\"><div class=\"gmail_attr\">---------- Yyy zzz ---------<br>Xx: Jo</div>{q}</div>"
            ),
        ),
        (
            "apple",
            format!(
                "<br><div><blockquote type=\"cite\"><div>Xx 5 Yy 2024:</div><br><div>{q}</div></blockquote></div>"
            ),
        ),
        (
            "thunderbird",
            format!(
                "<div class=\"moz-cite-prefix\">Xx 5.1.24 yy Jo:<br></div><blockquote type=\"cite\" cite=\"mid:1\">{q}</blockquote>"
            ),
        ),
        (
            "outlook web",
            format!(
                "<div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>Xx:</b> Jo</div>{q}"
            ),
        ),
        (
            "outlook",
            format!(
                "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p><b>Xx:</b> Jo<br><b>Yy:</b> 5<br><b>Zz:</b> Ana</p></div></div><p>{q}</p>"
            ),
        ),
        (
            "yahoo",
            format!(
                "<div id=\"ydp1yahoo_quoted_9\" class=\"ydp1yahoo_quoted\"><div>Xx</div>{q}</div>"
            ),
        ),
        (
            "proton",
            format!(
                "<div class=\"protonmail_quote\">Xx<blockquote class=\"protonmail_quote\" type=\"cite\">{q}</blockquote></div>"
            ),
        ),
        (
            "zoho",
            format!(
                "<div class=\"zmail_extra\" style=\"border-top:1px\">Xx<blockquote>{q}</blockquote></div>"
            ),
        ),
        (
            "web.de",
            format!("<div name=\"quote\" style=\"margin:10px\"><div>Xx</div>{q}</div>"),
        ),
        (
            "plain block quote",
            format!(
                "<p>On 5 Jan 2024 at 10:00, Jo &lt;jo@example.com&gt; wrote:</p><blockquote>{q}</blockquote>"
            ),
        ),
    ] {
        let html = format!(
            "<html><head><style>p{{}}</style></head><body><div dir=\"ltr\">My &uuml;ber answer.</div>{tail}</body></html>"
        );
        assert_eq!(visible_html(&html).visible, "My über answer.", "{client}");
    }
}

#[test]
fn html_answers_below_quotes_stay_and_signatures_are_marked() {
    let html = "<div class=\"gmail_quote\"><div class=\"gmail_attr\">x</div><blockquote class=\"gmail_quote\">old</blockquote></div><div>new</div>";
    assert_eq!(visible_html(html).visible, "new");
    let reply = visible_html("<p>Yes</p><div class=\"gmail_signature\">Ana<br>CEO</div>");
    assert_eq!(
        (reply.visible.as_str(), reply.with_signature.as_str()),
        ("Yes", "Yes\n\nAna\nCEO")
    );
}

#[test]
fn a_message_of_nothing_but_quotes_has_no_text() {
    assert_eq!(visible_text(QUOTE).visible, "");
    assert_eq!(
        visible_html("<blockquote type=cite>x</blockquote>").visible,
        ""
    );
}

#[test]
fn every_truncation_is_read_without_a_panic() {
    let bodies = [
        format!("Grüße, 日本語!\n\nAm Fr., 5. Jan. 2024 um 10:00 Uhr schrieb Jö <jo@example.com>:\r\n{QUOTE}\n-- \nAna\n+49 30 123456"),
        "<div class=\"gmail_quote\" style='x'>&uuml;&#x1F600;<blockquote type=cite>ä</blockquote><!-- c --><style>ü</style></div>日".to_owned(),
    ];
    for body in bodies {
        for end in (0..=body.len()).filter(|&i| body.is_char_boundary(i)) {
            let _ = visible_text(&body[..end]);
            let _ = visible_html(&body[..end]);
            let _ = html_to_text(&body[end..]);
        }
    }
}

/// Bodies that a careless scan would read again and again. The bound is on memory and on ending at all.
#[test]
fn hostile_bodies_are_read_in_bounded_space() {
    let size = 200_000;
    for unit in [
        "\n",
        "--\n",
        ">",
        "> \n",
        "<a",
        "<a \"",
        "<!--",
        "<blockquote>",
        "&",
        "2024-01-01 1:1 x\n",
        "x,",
        "On 1.1.2024 10:00\n",
        "From: a\n",
        "a@b <\n",
        "\u{1}A\n",
        "__\n\n",
        "a\r",
        "日\n",
    ] {
        let body = unit.repeat(size / unit.len());
        assert!(
            visible_text(&body).with_signature.len() <= body.len(),
            "{unit:?}"
        );
        assert!(
            visible_html(&body).with_signature.len() <= 4 * body.len(),
            "{unit:?}"
        );
    }
}

fn own_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Sounds interesting, tell me more.",
        "Bitte nehmen Sie mich aus dem Verteiler.",
        "Pas intéressé, merci.",
        "Können wir am Dienstag um 10:00 telefonieren?",
        "次の四半期に再度ご連絡ください。",
        "Ok.",
    ])
    .prop_map(str::to_owned)
}

fn quoted_text() -> impl Strategy<Value = String> {
    let any_line = "[ -~äéя日]{0,60}";
    let loud = prop::sample::select(vec![
        "unsubscribe me",
        "not interested",
        "From: x@example.com",
        "-- ",
        "On 1 Jan 2024 at 10:00 Jo <j@example.com> wrote:",
        "Wann passt es Ihnen?",
    ])
    .prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![any_line, loud], 1..8).prop_map(|lines| {
        lines
            .iter()
            .map(|l| format!("> {l}"))
            .collect::<Vec<_>>()
            .join("\n")
    })
}

proptest! {
    #[test]
    fn the_quoted_part_decides_nothing(own in own_text(), one in quoted_text(), other in quoted_text()) {
        let body = |quote: &str| format!("{own}\n\nOn Fri, 5 Jan 2024 at 10:00, Jo <jo@example.com> wrote:\n\n{quote}\n");
        let (a, b) = (visible_text(&body(&one)), visible_text(&body(&other)));
        prop_assert_eq!(&a.visible, &own);
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(find_stop_request(&a.visible), find_stop_request(&b.visible));
        prop_assert_eq!(PhraseClassifier::new().intent(&a.visible), PhraseClassifier::new().intent(&b.visible));
    }

    #[test]
    fn the_quoted_html_decides_nothing(own in own_text(), one in quoted_text(), other in quoted_text()) {
        let body = |quote: &str| format!("<div>{own}</div><div class=\"gmail_attr\">x</div><blockquote class=\"gmail_quote\">{}</blockquote>", quote.replace('<', "&lt;").replace('\n', "<br>"));
        prop_assert_eq!(&visible_html(&body(&one)).visible, &own);
        prop_assert_eq!(visible_html(&body(&one)), visible_html(&body(&other)));
    }

    #[test]
    fn no_input_panics(body in "\\PC{0,300}", lines in prop::collection::vec("[\\x00-\\x7Fäя日\u{1}]{0,40}", 0..12)) {
        let lined = lines.join("\n");
        for text in [&body, &lined] {
            let plain = visible_text(text);
            prop_assert!(plain.visible.len() <= text.len());
            let html = visible_html(text);
            let _ = html_to_text(text);
            let _ = find_stop_request(&plain.visible);
            let _ = PhraseClassifier::new().intent(&html.with_signature);
        }
    }

    #[test]
    fn cutting_twice_cuts_nothing_more_from_plain_words(own in own_text()) {
        let once = visible_text(&own).visible;
        prop_assert_eq!(visible_text(&once).visible, once);
    }
}

#[test]
fn a_bar_is_one_where_two_lines_bear_it() {
    for text in [
        "Fine.\n\nKB> How about noon?\nKB> Kim",
        "Fine.\n\n| How about noon?\n| Kim",
        "Fine.\n\n» How about noon?\n» Kim",
        "Fine.\n\n: How about noon?\n: Kim",
        "Fine.\n\n&gt; How about noon?\n&gt; Kim",
        "KB> How about noon?\n\nFine.\n\nKB> Or one?",
    ] {
        assert_eq!(visible_text(text).visible, "Fine.", "{text}");
    }
    for text in [
        "Prices:\n\n| one | 9 |\n| two | 8 |",
        "We need\n| nine pallets",
        "a -> b\nx > y",
        "Note: x\nAlso: y",
        "A> Yes.\n\nA> No.",
    ] {
        assert_eq!(visible_text(text).visible, text, "{text}");
    }
}

#[test]
fn the_name_of_an_original_above_its_fields_is_none_of_the_answer() {
    let head = "De: Kim\nEnviado: martes\nPara: Jo\nAsunto: hola\n\n¿Qué tal?";
    let text = format!("Vale.\n\nMensaje original\n{head}");
    assert_eq!(visible_text(&text).visible, "Vale.");
    let text = format!("Vale.\n\nEste es mi mensaje original y nada más\n{head}");
    assert!(visible_text(&text).visible.contains("nada más"));
}

#[test]
fn an_attribution_needs_who_in_brackets_and_when_in_any_language() {
    for head in [
        "Bericht van Kim <kim@x.example>, geschickt 3-4-2026 um 9:30:",
        "Kim <kim@x.example> sõnas 3. apr 2026 kell 9:30:",
        "৩ এপ্রিল ২০২৬ ৯:৩০ Kim <kim@x.example> লিখেছেন:",
    ] {
        let text = format!("Fine.\n\n{head}\n\nHow about noon?");
        assert_eq!(visible_text(&text).visible, "Fine.", "{head}");
    }
    for own in [
        "For 2026 write to Kim <kim@x.example> about:\n\nprices",
        "Kim <kim@x.example> is in at 9:30:\n\nask her",
        "See you in 2026 at 9:30:\n\nthe usual place",
    ] {
        assert_eq!(visible_text(own).visible, own, "{own}");
    }
}

#[test]
fn a_header_block_without_a_sender_is_cut_where_its_form_proves_it() {
    for head in [
        "To: Jo <jo@x.example>\nDate: Mon, 2 Nov 2026 10:00\nSubject: hi",
        "To: Jo <jo@x.example>\nSent: Monday, 2 November 2026 10:00",
        "An: jo@x.example\nBetreff: AW: Angebot",
        "From: Kim <kim@x.example>\nTo: Jo <jo@x.example>",
        "________________________________\nTo: jo@x.example\nSubject: hi",
        "Igorlea: Kim\nNoiz: atzo\nTo: jo@x.example\nSubject: hi",
    ] {
        let text = format!("Fine.\n\n{head}\n\nHow about noon?");
        let visible = visible_text(&text).visible;
        assert!(
            visible.starts_with("Fine.") && !visible.contains("noon"),
            "{visible}"
        );
    }
    for own in [
        "Write to:\n\nTo: info@x.example\nCc: sales@x.example\n\nNot to me.",
        "Write to:\n\nAn: info@x.example\nBetreff: Angebote\n\nNot to me.",
        "We moved.\n\nFrom: old@x.example\nTo: new@x.example\n\nCheers",
    ] {
        assert_eq!(visible_text(own).visible, own, "{own}");
    }
}

#[test]
fn a_line_that_names_an_address_is_none_of_the_attribution_below_it() {
    let heads = [
        "On Mon, 3 Mar 2026 at 10:00, Ann Example\n<ann@x.example> wrote:",
        "On Mon, 3 Mar 2026 at 10:00, Ann Example\nwrote:",
        "On Monday, March 3, 2026, 10:00:00 AM GMT+1,\nAnn Example <ann@x.example> wrote:",
        "Am Mo., 3. März 2026 um 10:00 Uhr schrieb Ann Example\n<ann@x.example>:",
        "Ann Example <ann@x.example> schrieb am\n3. März 2026 um 10:00:",
        "Ann Example <ann@x.example> ezt írta (időpont: 2026. márc. 3., K, 10:00):",
        "Ann Example <ann@x.example>, 3 Mar 2026 Sal, 10:00 tarihinde\nşunu yazdı:",
        "Le lun. 3 mars 2026 à 10:00, Ann Example <ann@x.example> a\nécrit :",
    ];
    for own in [
        "Ask bob@acme.example, please.",
        "Ask bob@acme.example (he is in on 4 March)",
        "Fine, and a copy to\nbob@acme.example",
        "Mine is bob@acme.example and\nhis is joe@acme.example.",
    ] {
        for head in heads {
            for quote in ["> hi", "\n> hi"] {
                let text = format!("{own}\n{head}\n{quote}");
                assert_eq!(visible_text(&text).visible, own, "{text}");
            }
        }
    }
}
