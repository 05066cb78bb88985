//! Which parts of a mail are its text, and which are files.

use jooper_message::inbound::mail::InboundMail;
use jooper_message::inbound::view::view;
use jooper_message::inbound::{Context, Kind, classify, new_text};

/// A mail of these parts, each a header and a body.
fn mixed(kind: &str, parts: &[(&str, &str)]) -> InboundMail<'static> {
    let parts = parts
        .iter()
        .map(|(head, body)| format!("--b\n{head}\n\n{body}\n"));
    let raw = format!(
        "From: Ada <ada@x.example>\nTo: me@our.example\nSubject: Re: our offer\nIn-Reply-To: <a@b.example>\n\
         MIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n{}--b--\n",
        parts.collect::<String>()
    );
    InboundMail::parse(raw.as_bytes()).into_owned()
}

fn objects(mail: &InboundMail<'_>) -> bool {
    matches!(
        classify(mail, &Context::default()).kind,
        Kind::Unsubscribe(_)
    )
}

const HTML: &str = "Content-Type: text/html; charset=utf-8";
const PLAIN: &str = "Content-Type: text/plain; charset=utf-8";
const OBJECTION: &str = "<p>Please remove me from your list.</p>";

#[test]
fn html_before_a_text_that_is_no_other_form_of_it_is_read() {
    for below in [
        "Content-Type: text/plain; name=\"ATT00001.txt\"\nContent-Disposition: inline; filename=\"ATT00001.txt\"",
        PLAIN,
    ] {
        let mail = mixed("mixed", &[(HTML, OBJECTION), (below, "Scanned by X.")]);
        assert!(objects(&mail), "{below}");
        assert!(mail.text().contains("remove me"), "{below}");
    }
    // What stands below is read as well: a banner may stand above a plain text.
    let mail = mixed(
        "mixed",
        &[
            (HTML, "<p>From outside.</p>"),
            (PLAIN, "Please remove me from your list."),
        ],
    );
    assert!(objects(&mail));
    // An empty text before it hides nothing.
    let mail = mixed("mixed", &[(PLAIN, " "), (HTML, OBJECTION), (PLAIN, "X.")]);
    assert!(objects(&mail));
}

#[test]
fn of_two_forms_the_plain_one_is_read() {
    let both = [(HTML, "<p>in HTML</p>"), (PLAIN, "in words")];
    let mail = mixed("alternative", &both);
    assert_eq!(new_text(&mail).visible, "in words");
    assert_eq!(mail.text().trim(), "in words");
    let mail = mixed("mixed", &[(PLAIN, "in words"), (HTML, "<p>in words</p>")]);
    assert_eq!(new_text(&mail).visible, "in words");
    // What only one of them says is no other form.
    let mail = mixed("mixed", &[(PLAIN, "in words"), (HTML, "<p>in HTML</p>")]);
    assert_eq!(new_text(&mail).visible, "in words\n\nin HTML");
    let inner = "Content-Type: multipart/alternative; boundary=c";
    let forms = format!("--c\n{PLAIN}\n\nin words\n--c\n{HTML}\n\n<p>in HTML</p>\n--c--\n");
    let mail = mixed("mixed", &[(inner, &forms), (PLAIN, "below")]);
    assert_eq!(new_text(&mail).visible, "in words\nbelow");
}

#[test]
fn a_named_part_is_a_file_and_no_text() {
    let file = "Content-Type: text/plain\nContent-Disposition: inline; filename=list.txt";
    let mail = mixed(
        "mixed",
        &[(PLAIN, "The list you asked for."), (file, "unsubscribe me")],
    );
    assert!(!objects(&mail));
    assert_eq!(new_text(&mail).visible, "The list you asked for.");
    assert!(!mail.text().contains("unsubscribe"));
    assert_eq!(view(&mail).attachments.len(), 1);
    // A name on all that there is makes no file of it.
    let raw = "From: ada@x.example\nSubject: Re: our offer\nContent-Type: text/plain; name=\"mail.txt\"\n\n\
               Please remove me from your list.\n";
    assert!(objects(&InboundMail::parse(raw.as_bytes())));
}
