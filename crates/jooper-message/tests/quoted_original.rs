//! Quoted text counts for no verdict: replacing the quoted original by any other changes nothing.
//!
//! What is quoted is drawn from words that the rules know and from any text without a mark of quotes.

use std::path::Path;
use std::{fs, io};

use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::{Context, Kind, classify};
use proptest::prelude::*;

/// New texts of people, each of another intent.
const NEW_TEXTS: &[&str] = &[
    "Sounds good, call me on Tuesday.",
    "Please take me off your list.",
    "No thanks.",
    "What does it cost?",
    "Wrong person, please ask Ana.",
    "Danke, gerne nächste Woche.",
];

/// Senders: people, some of them under names and at addresses that resemble a mail system's.
const SENDERS: &[&str] = &[
    "Ada <ada@x.example>",
    "Acme Delivery Systems <info@acme.example>",
    "\"Jan Novak (System Administrator)\" <jan@x.example>",
    "Jan Novak <postmaster@x.example>",
    "Mail Delivery Experts <sales@maildelivery.example>",
    "Out of Office GmbH <info@outofoffice.example>",
];

/// Titles of answers, of campaigns that sound like reports too.
const TITLES: &[&str] = &[
    "Re: our offer",
    "RE : Delivery problems in your warehouse",
    "Odp: Undeliverable parcels",
    "Antw.: Returned mail, and what it costs you",
    "回复：our offer",
    "Automatische Mails: Re: our offer",
    "[EXTERNAL] Re: our offer",
    "***SPAM*** AW: our offer",
];

/// Titles of people that sound like reports and are no answers'.
const REPORT_TITLES: &[&str] = &[
    "Undeliverable parcels",
    "Delivery problems in your warehouse",
    "[EXT] Returned mail, and what it costs you",
    "Nicht zugestellte Pakete: nicht zugestellt, und nun?",
    "Bounced cheques",
];

/// Titles of ours that sound like somebody's request, as they stand in an answer.
const OUR_TITLES: &[&str] = &[
    "our offer",
    "Stop emailing people who never answer",
    "Stop sending cold emails nobody reads",
    "Unsubscribe me, they said",
    "Please remove me from your list: what people answer",
    "Bitte nehmen Sie mich aus dem Verteiler, sagen Ihre Kunden",
    "Ne m'écrivez plus : ce que disent vos clients",
];

/// What stands before them: nothing where a help desk hands a mail on.
const BEFORE: &[&str] = &[
    "",
    "Re: ",
    "[EXT] Re: ",
    "[EXT] ",
    "***SPAM*** ",
    "EXTERNAL: AW: ",
];

/// What begins a quotation, in some clients' words.
const ATTRIBUTIONS: &[&str] = &[
    "On Sun, 1 Nov 2026 at 10:00, Me <me@our.example> wrote:\n",
    "Am So., 1. Nov. 2026 um 10:00 Uhr schrieb Me <me@our.example>:\n",
    "Le dim. 1 nov. 2026 à 10:00, Me <me@our.example> a écrit :\n",
    "El dom, 1 nov 2026 a las 10:00, Me (<me@our.example>) escribió:\n",
    "2026年11月1日(日) 10:00 Me <me@our.example>:\n",
];

/// The same in languages and clients that no list of verbs knows; what follows is not marked.
const UNMARKED: &[&str] = &[
    "Wiadomość napisana przez Me <me@our.example> w dniu 1.11.2026, o godz. 10:00:\n\n",
    "Missatge de Me <me@our.example> del dia dg., 1 de nov. 2026 a les 10:00:\n\n",
    "нед, 1. нов 2026. у 10:00 Me <me@our.example> је написао/ла:\n\n",
    "রবি, ১ নভেম্বর ২০২৬ তারিখে ১০:০০ AM টায় Me <me@our.example> লিখেছেন:\n\n",
    "კვი, 1 ნოე. 2026, 10:00 Me <me@our.example> წერს:\n\n",
    ">>> \"Me\" <me@our.example> schrieb am Sonntag, 1. November 2026 um 10:00 in\nNachricht <1@our.example>:\n",
    "Me <me@our.example>\n01.11.2026 10:00\n\nAn\nada@x.example\nKopie\n\nThema\nour offer\n\n\n",
];

/// Attributions that a client wrapped, or that open with whoever wrote.
const WRAPPED: &[&str] = &[
    "On Sun, 1 Nov 2026 at 10:00, Me\n<me@our.example> wrote:\n",
    "Am So., 1. Nov. 2026 um 10:00 Uhr schrieb Me\n<me@our.example>:\n",
    "Me <me@our.example> schrieb am So., 1. Nov. 2026 um 10:00:\n",
    "Me <me@our.example> ezt írta (időpont: 2026. nov. 1., V, 10:00):\n",
    "Me <me@our.example>, 1 Kas 2026 Paz, 10:00 tarihinde\nşunu yazdı:\n",
];

/// New texts whose last line names an address.
const ADDRESSES: &[&str] = &[
    "Please take bob@acme.example off your list.",
    "Wrong person, please ask ana@acme.example",
    "Thanks! The bill goes to\nbilling@acme.example, as on 3 March",
    "Gern, in Kopie an <bob@acme.example>",
];

/// Bars that clients put before each line in place of `>`.
const BARS: &[&str] = &["AO> ", "Me> ", "| ", " » ", ": ", "&gt; "];

/// What Outlook puts above an original.
const BLOCKS: &[&str] = &[
    "-----Original Message-----\nFrom: Me <me@our.example>\nSent: Sunday, November 1, 2026 10:00 AM\nTo: Ada <ada@x.example>\nSubject: our offer\n",
    "________________________________\nFrom: Me <me@our.example>\nSent: Sunday, November 1, 2026 10:00 AM\nTo: Ada <ada@x.example>\nSubject: our offer\n",
    "Von: Me <me@our.example>\nGesendet: Sonntag, 1. November 2026 10:00\nAn: Ada <ada@x.example>\nBetreff: our offer\n",
    "De : Me <me@our.example>\nEnvoyé : dimanche 1 novembre 2026 10:00\nÀ : Ada <ada@x.example>\nObjet : our offer\n",
];

/// What would be a verdict of its own outside a quotation.
const LOADED: [&str; 28] = [
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
    "let us meet on Friday",
    "not the right person, write to bob@y.example",
    "Final-Recipient: rfc822; ada@x.example",
    "ticket #12 received",
    "hello",
    "see you",
    "Begin",
    "I did not receive an answer",
    "was undeliverable",
    "RCPT TO:<bob@y.example>",
    "Delivery to the following recipient failed permanently: bob@y.example",
    "Your message wasn't delivered",
    "X-Failed-Recipients: bob@y.example",
    "CAUTION: external email",
    "Von: Ana",
    "stop",
    "i am on leave, back on 16 November 2026",
];

fn quoted() -> impl Strategy<Value = String> {
    let words = prop::sample::select(LOADED.to_vec());
    // What the rules know, and what nobody has thought of.
    let words = prop_oneof![4 => words.prop_map(str::to_owned), 1 => "[\\PC&&[^>|:»&]]{1,30}"];
    prop::collection::vec(
        prop::collection::vec(words, 1..5).prop_map(|line| line.join(" ")),
        1..12,
    )
    .prop_map(|lines| lines.iter().map(|line| format!("> {line}\n")).collect())
}

/// Everything a verdict says: kind, recipients, origin, visible text, and the intent of a person.
fn judged(mail: &str) -> (String, bool) {
    judged_raw(mail.as_bytes())
}

fn judged_raw(mail: &[u8]) -> (String, bool) {
    let verdict = classify(&InboundMail::parse(mail), &Context::default());
    let intent = PhraseClassifier::new().intent(&verdict.visible_text);
    let text = &verdict.visible_text;
    let failed: Vec<_> = verdict
        .recipients
        .iter()
        .map(|one| (&one.address, one.status, one.code, one.reason, one.action))
        .collect();
    let said = format!(
        "{:?} {:?} {:?} {failed:?} {:?} {text:?} {intent:?}",
        verdict.kind, verdict.confidence, verdict.evidence, verdict.trust
    );
    (said, verdict.kind.is_human())
}

fn reply(new: &str, attribution: &str, quote: &str) -> (String, bool) {
    judged(&format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@b.example>\n\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n{new}\n\n{attribution}{quote}"
    ))
}

/// An answer under another name and title.
fn titled_mail(from: &str, title: &str, new: &str, quote: &str) -> String {
    format!(
        "From: {from}\nTo: me@our.example\nSubject: {title}\nIn-Reply-To: <a@b.example>\n\
         Content-Type: text/plain; charset=utf-8\n\n{new}\n\n{quote}"
    )
}

fn titled_reply(from: &str, title: &str, new: &str, quote: &str) -> (String, bool) {
    judged(&titled_mail(from, title, new, quote))
}

/// Mails that people attach: somebody else's, and ours to them.
const ATTACHED: &[&str] = &[
    "From: Carrier <info@carrier.example>\nTo: Ada <ada@x.example>\nSubject: Parcel 12\n\nNobody was at home.",
    "From: Me <me@our.example>\nTo: Ada <ada@x.example>\nMessage-ID: <1@our.example>\nSubject: our offer\n\nHello",
];

/// The same with a mail attached.
fn carrying(from: &str, title: &str, new: &str, quote: &str, attached: &str) -> (String, bool) {
    judged(&format!(
        "From: {from}\nTo: me@our.example\nSubject: {title}\nIn-Reply-To: <a@b.example>\nMIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: text/plain; charset=utf-8\n\n\
         {new}\n\n{quote}\n--m\nContent-Type: message/rfc822\n\n{attached}\n--m--\n"
    ))
}

fn kind(mail: &str) -> Kind {
    classify(&InboundMail::parse(mail.as_bytes()), &Context::default()).kind
}

/// The same where nothing in the header says that it is an answer: the quote alone does.
fn new_thread(new: &str, attribution: &str, quote: &str) -> (String, bool) {
    judged(&format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: hello\n\
         Content-Type: text/plain; charset=utf-8\n\n{new}\n\n{attribution}{quote}"
    ))
}

/// Outlook and Exchange put a header block above the original and mark none of its lines.
fn header_block(new: &str, block: &str, quote: &str) -> (String, bool) {
    judged(&format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: hello\n\
         Content-Type: text/plain; charset=utf-8\n\n{new}\n\n{block}\n{}",
        quote.replace("> ", "")
    ))
}

/// The same in two forms.
fn alternative(new: &str, block: &str, quote: &str) -> (String, bool) {
    let quote = quote.replace("> ", "");
    judged(&format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: hello\nMIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         {new}\n\n{block}\n{quote}\n--b\nContent-Type: text/html; charset=utf-8\n\n\
         <p>{new}</p><div style=\"border-top:solid #E1E1E1 1.0pt\"><p>{}</p></div><p>{}</p>\n--b--\n",
        html(block),
        html(&quote)
    ))
}

fn html(quote: &str) -> String {
    quote
        .replace("> ", "")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('\n', "<br>")
}

fn html_reply(new: &str, attribution: &str, quote: &str) -> (String, bool) {
    let (head, quote) = (html(attribution), html(quote));
    judged(&format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@b.example>\n\
         Content-Type: text/html; charset=utf-8\n\n<div>{new}</div><div class=\"gmail_quote\"><div class=\"gmail_attr\">\
         {head}</div><blockquote class=\"gmail_quote\">{quote}</blockquote></div>"
    ))
}

/// Who has a notice sent: people, and mail systems' own mailboxes without a way back.
const HEADS: &[&str] = &[
    "From: Ada <ada@x.example>\n",
    "Return-Path: <>\nFrom: postmaster@x.example\n",
    "Return-Path: <>\nFrom: MAILER-DAEMON@x.example\n",
];

/// An away notice that quotes what it answers.
fn away(head: &str, attribution: &str, quote: &str) -> (String, bool) {
    judged(&format!(
        "{head}To: me@our.example\nSubject: Automatic reply: our offer\nAuto-Submitted: auto-replied\n\
         Date: Mon, 02 Nov 2026 10:00:00 +0000\nContent-Type: text/plain; charset=utf-8\n\n\
         I am away and back on 9 November 2026.\n\n{attribution}{quote}"
    ))
}

/// A report in words whose returned mail is `quote`.
fn report(quote: &str) -> (String, bool) {
    judged(&format!(
        "From: MAILER-DAEMON@q.example\nTo: me@our.example\nSubject: failure notice\n\nunable to deliver\n\n\
         <ada@x.example>:\nRemote host said: 552 5.2.2 Mailbox full\n\n--- Below this line is a copy of the message.\n\n\
         Return-Path: <me@our.example>\nTo: <ada@x.example>\n\n{}",
        quote.replace("> ", "")
    ))
}

/// A report by the standard whose attached mail is `quote`.
fn standard_report(quote: &str) -> (String, bool) {
    judged(&format!(
        "From: MAILER-DAEMON@q.example\nTo: me@our.example\nSubject: Undelivered Mail Returned to Sender\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt could not be delivered.\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; q.example\n\n\
         Final-Recipient: rfc822; ada@x.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 full\n\n\
         --b\nContent-Type: message/rfc822\n\nTo: <ada@x.example>\nSubject: our offer\n\n{}\n--b--\n",
        quote.replace("> ", "")
    ))
}

/// Objections of whoever writes, as they may stand below a footer or a notice.
const OBJECTIONS: &[&str] = &[
    "Please remove me from your list.",
    "PS: please stop emailing me",
    "Do not contact me again.",
    "Bitte nehmen Sie mich aus dem Verteiler.",
    "Merci de me retirer de votre liste.",
    "Haal mij van uw lijst.",
];

/// What clients and servers put below a text.
const BELOW: &[&str] = &[
    "Sent from my iPhone",
    "Get Outlook for iOS<https://aka.ms/x>",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "-- \nAnna Berg\nHead of Sales",
    "---",
    "________________________________",
    "Best regards,\nAnna Berg\n+49 30 123456",
    "This e-mail and any attachments are confidential and intended only for the intended recipient. If you are not the intended recipient, please delete it.",
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender und löschen Sie diese E-Mail.",
    "CAUTION: This email originated from outside of the organization.",
    "To unsubscribe from our newsletter click here.",
    "Unsubscribe | Privacy policy",
];

/// Texts that ask for nothing.
const FRIENDLY: &[&str] = &[
    "Thursday works for us, call me.",
    "No interest, we have a supplier.",
    "Danke, gerne nächste Woche.",
];

proptest! {
    #[test]
    fn what_is_written_below_footers_and_notices_still_counts(
        above in prop::sample::select(FRIENDLY.to_vec()),
        below in prop::collection::vec(prop::sample::select(BELOW.to_vec()), 1..4),
        objection in prop::sample::select(OBJECTIONS.to_vec()),
        place in 0_usize..4,
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let place = place.min(below.len());
        let mut paragraphs = vec![above];
        paragraphs.extend(&below[..place]);
        let mut without = paragraphs.clone();
        paragraphs.push(objection);
        paragraphs.extend(&below[place..]);
        without.extend(&below[place..]);
        let (with, without) = (paragraphs.join("\n\n"), without.join("\n\n"));
        let kind = |new: &str, quote: &str| kind(&titled_mail("Ada <ada@x.example>", "Re: our offer", new, &format!("{head}{quote}")));
        prop_assert!(matches!(kind(&with, &one), Kind::Unsubscribe(_)), "{with}");
        prop_assert_eq!(kind(&without, &one), Kind::Reply, "{}", without);
        // Neither changes with the original.
        prop_assert_eq!(reply(&with, head, &one), reply(&with, head, &other));
        prop_assert_eq!(reply(&without, head, &one), reply(&without, head, &other));
        prop_assert_eq!(html_reply(&html(&with), head, &one), html_reply(&html(&with), head, &other));
    }

    #[test]
    fn a_letters_head_and_a_lists_header_let_no_quote_change_a_verdict(
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        block in prop::sample::select(BLOCKS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let letter = |quote: &str| {
            let quote = format!("{head}{quote}");
            let text = format!("From: Ada\nTo: Me\nSubject: a letter\n\n{new}");
            new_thread(&text, "", &quote)
        };
        prop_assert_eq!(letter(&one), letter(&other));
        // Nothing but an original under its head is none.
        let alone = |quote: &str| header_block("", block, quote);
        prop_assert_eq!(alone(&one), alone(&other));
        let listed = |quote: &str| {
            let mail = titled_mail("Ada <ada@x.example>", "a letter", new, &format!("{head}{quote}"));
            let mail = mail.replace("In-Reply-To: <a@b.example>", "List-Id: <all.x.example>\nAuto-Submitted: auto-generated");
            let found = classify(&InboundMail::parse(mail.as_bytes()), &Context::default());
            (found.kind, found.also_asks, found.visible_text)
        };
        prop_assert_eq!(listed(&one), listed(&other));
    }
}

proptest! {
    #[test]
    fn a_replys_quote_changes_no_verdict(
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        prop_assert_eq!(reply(new, head, &one), reply(new, head, &other));
        prop_assert_eq!(html_reply(new, head, &one), html_reply(new, head, &other));
        prop_assert!(reply(new, head, &one).1 && html_reply(new, head, &one).1, "a person stays one");
    }

    #[test]
    fn an_original_directly_below_takes_no_line_of_the_answer(
        new in prop::sample::select([NEW_TEXTS, ADDRESSES].concat()),
        head in prop::sample::select([ATTRIBUTIONS, WRAPPED].concat()),
        gap in prop::sample::select(vec!["", "\n"]),
        one in quoted(),
        other in quoted(),
    ) {
        let answered = |quote: &str| {
            let quote = format!("{head}{gap}{quote}");
            let mail = titled_mail("Ada <ada@x.example>", "Re: our offer", "", &quote);
            let mail = mail.replacen("\n\n\n\n", &format!("\n\n{new}\n"), 1);
            let text = classify(&InboundMail::parse(mail.as_bytes()), &Context::default()).visible_text;
            (judged(&mail), text)
        };
        prop_assert_eq!(answered(&one), answered(&other));
        prop_assert_eq!(answered(&one).1, new);
        let bare = |quote: &str| answered(&format!("\n{}", quote.replace("> ", "")));
        prop_assert_eq!(bare(&one), bare(&other));
        prop_assert_eq!(bare(&one).1, new);
    }

    #[test]
    fn no_bar_and_no_language_lets_a_quote_change_a_verdict(
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(UNMARKED.to_vec()),
        bar in prop::sample::select(BARS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let below = |quote: &str| reply(new, head, &quote.replace("> ", ""));
        prop_assert_eq!(below(&one), below(&other));
        // One line alone may be anybody's.
        let barred = |quote: &str| reply(new, "", &format!("{quote}> Me\n").replace("> ", bar));
        prop_assert_eq!(barred(&one), barred(&other));
        prop_assert!(below(&one).1 && barred(&one).1, "a person stays one");
    }

    #[test]
    fn no_name_or_title_lets_a_quote_change_a_verdict(
        from in prop::sample::select(SENDERS.to_vec()),
        title in prop::sample::select(TITLES.to_vec()),
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        block in prop::sample::select(BLOCKS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let marked = |quote: &str| titled_reply(from, title, new, &format!("{head}{quote}"));
        prop_assert_eq!(marked(&one), marked(&other));
        let bare = |quote: &str| titled_reply(from, title, new, &format!("{block}\n{}", quote.replace("> ", "")));
        prop_assert_eq!(bare(&one), bare(&other));
        prop_assert!(marked(&one).1 && bare(&one).1, "a person stays one");
    }

    #[test]
    fn no_title_like_a_reports_lets_a_quote_change_a_verdict(
        from in prop::sample::select(SENDERS.to_vec()),
        title in prop::sample::select(REPORT_TITLES.to_vec()),
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        block in prop::sample::select(BLOCKS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let marked = |quote: &str| titled_reply(from, title, new, &format!("{head}{quote}"));
        prop_assert_eq!(marked(&one), marked(&other));
        let bare = |quote: &str| titled_reply(from, title, new, &format!("{block}\n{}", quote.replace("> ", "")));
        prop_assert_eq!(bare(&one), bare(&other));
        prop_assert!(marked(&one).1 && bare(&one).1, "a person stays one");
    }

    #[test]
    fn no_attached_mail_lets_a_quote_change_a_verdict(
        from in prop::sample::select(SENDERS.to_vec()),
        title in prop::sample::select(REPORT_TITLES.iter().chain(TITLES).copied().collect::<Vec<_>>()),
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        block in prop::sample::select(BLOCKS.to_vec()),
        attached in prop::sample::select(ATTACHED.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        let marked = |quote: &str| carrying(from, title, new, &format!("{head}{quote}"), attached);
        prop_assert_eq!(marked(&one), marked(&other));
        let bare = |quote: &str| carrying(from, title, new, &format!("{block}\n{}", quote.replace("> ", "")), attached);
        prop_assert_eq!(bare(&one), bare(&other));
        prop_assert!(marked(&one).1 && bare(&one).1, "a person stays one");
    }

    #[test]
    fn no_title_of_ours_changes_what_its_answer_is(
        ours in prop::sample::select(OUR_TITLES.to_vec()),
        before in prop::sample::select(BEFORE.to_vec()),
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        one in quoted(),
    ) {
        let quote = format!("{head}{one}");
        let (ours, plain) = (format!("{before}{ours}"), "Re: our offer");
        let answer = |title: &str| kind(&titled_mail("Ada <ada@x.example>", title, new, &quote));
        prop_assert_eq!(answer(&ours), answer(plain));
        // A quote alone makes an answer of it as well.
        let quoting = |title: &str| {
            let mail = titled_mail("Ada <ada@x.example>", title, new, &quote);
            kind(&mail.replace("In-Reply-To: <a@b.example>\n", ""))
        };
        prop_assert_eq!(quoting(&ours), quoting(plain));
    }

    #[test]
    fn a_quote_that_alone_makes_it_an_answer_changes_no_verdict(
        new in prop::sample::select(NEW_TEXTS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        block in prop::sample::select(BLOCKS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        prop_assert_eq!(new_thread(new, head, &one), new_thread(new, head, &other));
        prop_assert_eq!(new_thread(new, "", &one), new_thread(new, "", &other));
        prop_assert_eq!(header_block(new, block, &one), header_block(new, block, &other));
        prop_assert_eq!(alternative(new, block, &one), alternative(new, block, &other));
    }

    #[test]
    fn an_away_notices_quote_changes_no_verdict(
        from in prop::sample::select(HEADS.to_vec()),
        head in prop::sample::select(ATTRIBUTIONS.to_vec()),
        one in quoted(),
        other in quoted(),
    ) {
        prop_assert_eq!(away(from, head, &one), away(from, head, &other));
    }

    #[test]
    fn a_reports_returned_mail_changes_no_verdict(one in quoted(), other in quoted()) {
        prop_assert_eq!(report(&one), report(&other));
        prop_assert_eq!(standard_report(&one), standard_report(&other));
    }

    #[test]
    fn any_bytes_are_classified_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = classify(&InboundMail::parse(&bytes), &Context::default());
    }
}

/// Writes other words into every line of `raw` that is marked as quoted, in place of all that quoted-printable goes
/// on with (RFC 2045 section 6.7). Returns how many there were, too.
fn requoted(raw: &[u8], round: usize) -> (Vec<u8>, usize) {
    let (mut out, mut quoted, mut goes_on) = (Vec::new(), 0, false);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let belongs = goes_on || line.starts_with(b">");
        if belongs && !goes_on {
            let words = LOADED[(quoted * 7 + round * 11) % LOADED.len()];
            out.extend_from_slice(format!("> {words}\r\n").as_bytes());
            quoted += 1;
        } else if !belongs {
            out.extend_from_slice(line);
        }
        goes_on = belongs && line.trim_ascii_end().ends_with(b"=");
    }
    (out, quoted)
}

#[test]
fn the_marked_lines_of_the_test_replies_may_say_anything() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/replies");
    let (mut mails, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let raw = fs::read(&path)?;
        let expected = judged_raw(&raw);
        for round in 0..8 {
            let (other, quoted) = requoted(&raw, round);
            mails += usize::from(round == 0 && quoted > 0);
            let found = judged_raw(&other);
            if found != expected {
                wrong.push(format!(
                    "{} {round}: {found:?}, not {expected:?}",
                    path.display()
                ));
            }
        }
    }
    assert!(mails >= 150, "{mails} mails with such lines");
    assert!(wrong.is_empty(), "{} wrong: {wrong:#?}", wrong.len());
    Ok(())
}
