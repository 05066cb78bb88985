use super::*;

/// What must never be in a sanitized text: anything that runs, loads or leaves.
fn assert_harmless(html: &str) {
    let out = sanitize(html).to_lowercase();
    for bad in [
        "<script",
        "onerror",
        "onfocus",
        "javascript:",
        "vbscript:",
        "<svg",
        "<math",
        "<style",
        "@import",
        "<base",
        "<meta",
        "<form",
        "<input",
        "<iframe",
        "srcdoc",
        "background",
        "url(",
        "<img",
        "src=",
        "style=",
        "<link",
        "<object",
    ] {
        assert!(!out.contains(bad), "{bad} survived in {out}");
    }
}

/// B-41 to B-52 behind one paragraph and before another, and what is shown behind the first: as listed, and closed
/// where the list leaves it open. What a browser takes for an element's content to the end of the mail goes with it.
#[rustfmt::skip] // A table is read in rows.
const ACTIVE: [(&str, &str, &str); 18] = [
    ("B-41", "<script>alert(1)</script>", "<p>after</p>"),
    ("B-42", "<img src=x onerror=alert(1)>", "<p>after</p>"),
    ("B-43", "<svg><a><set attributeName=\"href\" to=\"javascript:alert(1)\"></set><text y=\"30\">c</text></a></svg>", "<p>after</p>"),
    ("B-44", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">", ""),
    ("B-44, closed", "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\"></mglyph></table></mtext></math>", "<p>after</p>"),
    ("B-45", "<style>@import url(//x)</style>", "<p>after</p>"),
    ("B-45, open", "<style>@import url(//x)", ""),
    ("B-46", "<base href=//x>", "<p>after</p>"),
    ("B-47", "<meta http-equiv=refresh content=\"0;url=//x\">", "<p>after</p>"),
    ("B-48", "<form action=//x><input name=q>", "<p>after</p>"),
    ("B-48, closed", "<form action=//x><input name=q></form>", "<p>after</p>"),
    ("B-49", "<a href=\"vbscript:x\">", "<a rel=\"noopener noreferrer nofollow\"><p>after</p></a>"),
    ("B-49, closed", "<a href=\"vbscript:x\">l</a>", "<a rel=\"noopener noreferrer nofollow\">l</a><p>after</p>"),
    ("B-50", "<iframe srcdoc=\"&lt;script&gt;\">", ""),
    ("B-50, closed", "<iframe srcdoc=\"&lt;script&gt;\"></iframe>", "<p>after</p>"),
    ("B-51", "<div style=\"background:url(//x)\">x</div>", "<div>x</div><p>after</p>"),
    ("B-52", "<input autofocus onfocus=alert(1)>", "<p>after</p>"),
    ("B-52, in a link", "<a autofocus onfocus=alert(1) href=\"https://x.example\">l</a>", "<a href=\"https://x.example\" rel=\"noopener noreferrer nofollow\">l</a><p>after</p>"),
];

#[test]
fn of_active_and_remote_html_only_what_is_harmless_is_shown_b41_to_b52() {
    for (name, html, shown) in ACTIVE {
        let html = format!("<p>before</p>{html}<p>after</p>");
        assert_harmless(&html);
        assert_eq!(sanitize(&html), format!("<p>before</p>{shown}"), "{name}");
    }
}

#[test]
fn links_stay_and_are_told_to_keep_quiet() {
    let out = sanitize("<p>Hi <a href=\"https://x.example/a\">there</a></p>");
    assert!(out.contains("href=\"https://x.example/a\"") && out.contains("noopener"));
    assert!(!sanitize("<a href=\"data:text/html,x\">l</a>").contains("data:"));
    assert!(!sanitize("<a href=\"/relative\">l</a>").contains("href"));
}

#[test]
fn a_link_with_a_hidden_character_goes_and_its_text_stays() {
    for href in [
        "\u{2}https://x.example",
        "java\u{1}script:x",
        "https://x.ex\nample",
    ] {
        let out = sanitize(&format!("<a href=\"{href}\">l</a>"));
        assert!(!out.contains("href") && out.contains("l</a>"), "{out}");
    }
}

#[test]
fn ten_thousand_nested_elements_are_shown_flat_b53() {
    let html = format!("{}deep{}", "<div>".repeat(10_000), "</div>".repeat(10_000));
    let raw = format!("Content-Type: text/html\n\n{html}");
    let mail = InboundMail::parse(raw.as_bytes());
    let view = view(&mail);
    let shown = view.html.unwrap_or_default();
    assert!(shown.contains("deep") && shown.matches("<div>").count() <= 128);
    assert!(view.truncated && view.text.contains("deep"));
}

#[test]
fn utf7_and_lying_charsets_do_not_smuggle_markup_b54_b55() {
    let utf7 = InboundMail::parse(b"Content-Type: text/html; charset=utf-7\n\n<p>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</p>");
    let shown = view(&utf7).html.unwrap();
    assert_harmless(&shown);
    assert_eq!(shown, "<p></p>", "UTF-7 is read before it is cleaned");
    let lie = InboundMail::parse(
        b"Content-Type: text/html; charset=utf-16\n\n<p>plain</p><script>alert(1)</script>",
    );
    let view = view(&lie);
    assert!(
        view.html
            .as_deref()
            .is_some_and(|html| html.contains("plain") && !html.contains("script")),
        "{:?}",
        view.html
    );
}

#[test]
fn attachment_names_cannot_climb_or_lie_b59() {
    let mail = InboundMail::parse(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*=UTF-8''..%2f..%2fx.exe\n\nMZ\n--b\nContent-Type: application/pdf; name=\"invoice\xe2\x80\xaefdp.exe\"\nContent-Disposition: attachment\n\nx\n--b--\n",
    );
    let names: Vec<_> = view(&mail)
        .attachments
        .into_iter()
        .map(|attachment| attachment.name)
        .collect();
    assert_eq!(names, ["x.exe", "invoicefdp.exe"]);
    assert_eq!(safe_name("..", 3), "attachment-3");
    assert_eq!(safe_name("C:\\a\\b.txt", 1), "b.txt");
}
