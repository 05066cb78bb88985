//! What looks hidden in a mail and is seen all the same, and what only looks so.

#![allow(clippy::unwrap_used, reason = "a test")]

use jooper_consent::{ContentFinding, ContentRules, Contents, Hiding};
use jooper_core::{EmailAddress, Purpose};

fn found(html: &str) -> Vec<ContentFinding> {
    let from = EmailAddress::parse("ada@sender.example").unwrap();
    let mail = Contents {
        from_name: "Ada",
        from: &from,
        subject: "Hello",
        text: "Hello",
        html: Some(html),
    };
    ContentRules::new().check(Purpose::Outreach, &mail)
}

fn hides(html: &str) -> Option<Hiding> {
    found(html).into_iter().find_map(|found| match found {
        ContentFinding::HiddenText { how, .. } => Some(how),
        _ => None,
    })
}

/// A button as mails draw it for Outlook and, otherwise, for everybody else.
fn button(for_outlook: &str, style: &str, label: &str) -> String {
    format!(
        "<div><!--[if mso]><v:roundrect href=\"https://a.example\" fillcolor=\"#123\"><w:anchorlock/>\
         <center style=\"color:#fff\">{for_outlook}</center></v:roundrect><![endif]-->\
         <a href=\"https://a.example\" style=\"background:#123;color:#fff;{style}\">{label}</a></div>"
    )
}

#[test]
fn a_button_that_outlook_is_shown_in_another_form_is_hidden_from_nobody() {
    let hidden = "mso-hide:all";
    assert_eq!(hides(&button("Book a call", hidden, "Book a call")), None);
    assert_eq!(
        hides(&button("Book\n  a&nbsp;call", hidden, "Book a call")),
        None
    );
    // Behind it as well.
    let behind = "<a style=\"mso-hide:all\">Yes</a><!--[if gte mso 9]><b>Yes</b><![endif]-->";
    assert_eq!(hides(behind), None);
    for html in [
        // Outlook is shown something else, or nothing.
        button("Book a call", hidden, "Win a prize"),
        button("", hidden, "Book a call"),
        "<a style=\"mso-hide:all\">Book a call</a>".to_owned(),
        // A comment that nobody reads.
        "<!-- Book a call --><a style=\"mso-hide:all\">Book a call</a>".to_owned(),
    ] {
        assert_eq!(hides(&html), Some(Hiding::Outlook), "{html}");
    }
    // What everybody else does not see either.
    let nobody = button("Book a call", "mso-hide:all;display:none", "Book a call");
    assert_eq!(hides(&nobody), Some(Hiding::Display));
    let inside = "<!--[if mso]>Yes<![endif]--><p style=\"mso-hide:all\"><b style=\"font-size:0\">Yes</b></p>";
    assert_eq!(hides(inside), Some(Hiding::FontSize));
}

#[test]
fn a_cell_that_cuts_long_text_off_has_room() {
    let cut = "overflow:hidden;text-overflow:ellipsis;white-space:nowrap";
    let of =
        |name: &str, size: &str| format!("<{name} style=\"{size};{cut}\">A long line</{name}>");
    assert_eq!(hides(&of("td", "max-width:0;width:100%")), None);
    assert_eq!(hides(&of("th", "width:60%;max-width:0")), None);
    assert_eq!(
        hides(&of("div", "display:table-cell;max-width:0;width:50%")),
        None
    );
    for (name, size) in [
        ("td", "max-width:0"),
        ("td", "max-width:0;width:0%"),
        ("td", "max-width:0;width:0"),
        ("td", "max-width:0;width:100%;max-height:0"),
        // Elsewhere the greatest width holds.
        ("div", "max-width:0;width:100%"),
    ] {
        assert_eq!(hides(&of(name, size)), Some(Hiding::Size), "{name} {size}");
    }
}

#[test]
fn a_style_sheet_behind_the_body_speaks_for_what_stands_before_it() {
    let white = "<html><body class=\"night\"><p style=\"color:#fff\">Good evening</p></body>";
    let sheet = "<style>.night { background: #000 }</style></html>";
    assert_eq!(hides(&format!("{white}{sheet}")), None);
    let other = "<style>.night { margin: 0 }</style></html>";
    assert_eq!(hides(&format!("{white}{other}")), Some(Hiding::Color));
    // A ground that is stated in place is no question.
    let stated = "<p style=\"color:#fff;background:#fff\">x y</p>";
    assert_eq!(hides(&format!("{stated}{sheet}")), Some(Hiding::Color));
}

#[test]
fn white_letters_over_a_picture_are_told_how_to_be_read() {
    let html =
        "<td style=\"background:#fff url(https://a.example/night.png);color:#fff\">Hello</td>";
    let found = found(html);
    let remedy = found[0].remedy();
    assert!(
        remedy.contains("picture") && remedy.contains("background-color"),
        "{remedy}"
    );
    let other = hides("<p style=\"display:none\">Hello</p>");
    assert_eq!(other, Some(Hiding::Display));
}
