use proptest::prelude::*;

use super::*;

const MAIL: &str = "From: =?utf-8?B?w4FkYQ==?= <Ada@Example.com>\nTo: me@our.example\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\nDate: Tue, 03 Nov 2026 23:30:00 -0800\nReferences: <a@x>\n <b@y>\nContent-Type: multipart/alternative; boundary=\"q\"\n\npreamble\n--q\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe\n--q\nContent-Type: text/html\n\n<p>html</p>\n--q--\nepilogue\n";

#[test]
fn headers_and_texts_are_decoded() {
    let mail = InboundMail::parse(MAIL.as_bytes());
    assert_eq!(mail.subject(), "Grüße");
    assert_eq!(mail.addresses("from")[0].name, "Áda");
    assert_eq!(mail.from_address().as_deref(), Some("ada@example.com"));
    assert_eq!(mail.message_ids("references"), ["a@x", "b@y"]);
    assert_eq!(mail.text().trim(), "Grüße");
    assert_eq!(mail.html().as_deref().map(str::trim), Some("<p>html</p>"));
    assert_eq!(mail.civil_date(), jiff::civil::Date::new(2026, 11, 3).ok());
}

#[test]
fn line_ends_and_mbox_lines_change_nothing() {
    let plain = InboundMail::parse(MAIL.as_bytes());
    for variant in [
        MAIL.replace('\n', "\r\n"),
        MAIL.replace('\n', "\r"),
        format!("From ada Tue Nov  3 2026\n{MAIL}"),
        format!("\n\r\n{MAIL}"),
    ] {
        let other = InboundMail::parse(variant.as_bytes());
        assert_eq!(other.subject(), plain.subject());
        assert_eq!(other.text(), plain.text());
        assert_eq!(other.parts().len(), plain.parts().len());
    }
}

#[test]
fn truncation_at_any_byte_is_read_without_a_panic() {
    for end in 0..=MAIL.len() {
        let mail = InboundMail::parse(&MAIL.as_bytes()[..end]);
        let _ = (
            mail.subject(),
            mail.text(),
            mail.addresses("from"),
            mail.civil_date(),
        );
    }
}

#[test]
fn a_wrong_or_missing_boundary_is_guessed() {
    let lost = MAIL
        .replace("; boundary=\"q\"", "")
        .replace("--q", "--==part_1");
    assert_eq!(InboundMail::parse(lost.as_bytes()).text().trim(), "Grüße");
}

#[test]
fn unlabelled_bytes_are_windows_1252_and_valid_utf8_wins_over_a_lying_label() {
    let latin = InboundMail::parse(b"Subject: x\n\nGr\xfc\xdfe aus K\xf6ln");
    assert_eq!(latin.text(), "Grüße aus Köln");
    let lie = InboundMail::parse("Content-Type: text/plain; charset=us-ascii\n\nGrüße".as_bytes());
    assert_eq!(lie.text(), "Grüße");
    let unknown = InboundMail::parse(b"Content-Type: text/plain; charset=x-no-such\n\nplain");
    assert_eq!(unknown.text(), "plain");
}

#[test]
fn a_thousand_nested_multiparts_stop_at_the_limit_b56() {
    let mut bomb = String::from("Subject: x\n");
    for level in 0..1_000 {
        bomb.push_str(&format!(
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        ));
    }
    bomb.push_str("Content-Type: text/plain\n\ndeep\n");
    let mail = InboundMail::parse(bomb.as_bytes());
    assert!(mail.is_truncated());
    assert!(mail.parts().len() <= Limits::default().max_parts);
}

#[test]
fn a_hundred_thousand_parts_stop_at_the_limit_b57() {
    let mut bomb = String::from("Content-Type: multipart/mixed; boundary=b\n\n");
    bomb.push_str(&"--b\nContent-Type: text/plain\n\nx\n".repeat(100_000));
    let mail = InboundMail::parse(bomb.as_bytes());
    assert!(mail.is_truncated());
    assert_eq!(mail.parts().len(), Limits::default().max_parts);
}

#[test]
fn a_header_line_of_a_megabyte_is_cut_b58() {
    let mail = InboundMail::parse(
        format!(
            "Subject: {}\nFrom: a@x.example\n\nhi",
            "s".repeat(1_000_000)
        )
        .as_bytes(),
    )
    .into_owned();
    assert!(mail.is_truncated());
    assert!(mail.subject().len() <= Limits::default().max_header_value);
    assert_eq!(mail.from_address().as_deref(), Some("a@x.example"));
    assert_eq!(mail.text(), "hi");
}

#[test]
fn ten_thousand_headers_are_read_up_to_the_limit() {
    let raw = format!("{}\n\nbody", "X-H: v\n".repeat(10_000).trim_end());
    let mail = InboundMail::parse(raw.as_bytes());
    assert!(mail.is_truncated());
    assert_eq!(mail.header_names().count(), Limits::default().max_headers);
}

#[test]
fn nested_mails_are_read_for_their_header_only() {
    let deep = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n{}\n--b--\n",
        "Content-Type: message/rfc822\n\n".repeat(50_000)
    );
    let mail = InboundMail::parse(deep.as_bytes());
    assert_eq!(mail.parts().len(), 1);
    assert_eq!(mail.embedded().count(), 1);
}

#[test]
fn debug_shows_no_personal_data() {
    let mail = InboundMail::parse(MAIL.as_bytes());
    let shown = format!("{mail:?} {:?} {:?}", mail.parts(), mail.addresses("from"));
    assert!(
        !shown.to_lowercase().contains("ada") && !shown.contains("Gr"),
        "{shown}"
    );
}

#[test]
fn rfc2231_names_and_odd_content_types_are_read() {
    assert_eq!(
        params::param(
            "attachment; filename*0*=utf-8''a%20; filename*1=b.txt",
            "filename"
        )
        .as_deref(),
        Some("a b.txt")
    );
    assert_eq!(
        params::param("text/plain; name=\"a\\\"b;c\"; charset=x", "name").as_deref(),
        Some("a\"b;c")
    );
    assert_eq!(params::media_type("text/plain charset=x"), "text/plain");
    assert_eq!(
        params::param("text/plain charset=x", "charset").as_deref(),
        Some("x")
    );
    assert_eq!(params::media_type("nonsense"), "text/plain");
}

#[test]
fn a_mail_outlives_its_bytes_where_it_owns_them() {
    for raw in [
        "Subject: x\n\nGrüße".as_bytes(),
        b"Subject: x\r\n\r\nGr\xfc\xdfe",
    ] {
        let bytes = raw.to_vec();
        let mail = InboundMail::parse(&bytes).into_owned();
        drop(bytes);
        assert_eq!((mail.subject(), mail.text()), ("x".into(), "Grüße".into()));
    }
}

/// All that is read of a mail, whatever ends its lines.
fn all_of(raw: &str) -> String {
    let mail = InboundMail::parse(raw.as_bytes());
    let names: Vec<String> = mail.header_names().collect();
    let of = |name: &String| (mail.headers_raw(name), mail.header(name));
    let fields: Vec<_> = names.iter().map(of).collect();
    let from = mail.addresses("a").into_iter().map(|one| one.address);
    let parts: Vec<String> = mail.parts().iter().map(|part| mail.decode(part)).collect();
    let (from, truncated) = (from.collect::<Vec<_>>(), mail.is_truncated());
    format!("{names:?} {fields:?} {from:?} {parts:?} {truncated}")
}

#[test]
fn a_value_is_cut_at_the_same_word_whatever_ends_its_lines() {
    // Folded, and with lines that lost the space of their fold.
    for line in [" word\n", "name=x\n"] {
        let long = "Subject: a\n".to_owned() + &line.repeat(8_000) + "A: b\n\nbody\n";
        let plain = all_of(&long);
        assert!(plain.ends_with("true"));
        for end in ["\r\n", "\r"] {
            assert!(
                all_of(&long.replace('\n', end)) == plain,
                "{line:?} {end:?}"
            );
        }
    }
}

#[test]
fn a_header_is_read_where_it_stands() {
    let crlf = MAIL.replace('\n', "\r\n");
    let mail = InboundMail::parse(crlf.as_bytes());
    let Some(Cow::Borrowed(to)) = mail.value("to") else {
        panic!("a value on one line is not copied");
    };
    let at = crlf.find("me@our.example").expect("it stands there");
    assert!(std::ptr::eq(to, &crlf[at..at + to.len()]));
}

proptest! {
    #[test]
    fn whatever_ends_its_lines_a_mail_is_the_same(raw in "([abA]{1,2}:|[ \t]{0,3}|=\\?utf-8\\?q\\?a\\?=|[ab<@>,;=\"\u{e9}]{1,3}|\n{1,2}){0,40}") {
        let plain = all_of(&raw);
        prop_assert_eq!(all_of(&raw.replace('\n', "\r\n")), plain.clone());
        prop_assert_eq!(all_of(&raw.replace('\n', "\r")), plain);
    }
}
