//! What clients mark quotes and signatures with in HTML.
//!
//! Learned from mails of each client; none of these marks depends on a language.

use super::tokenizer::Tag;

/// What an element means for the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    /// A quoted original; the writer may go on behind it.
    Quote,
    /// "On … wrote:" as an element of its own.
    Attribution,
    /// All that follows is the original.
    Rest,
    Signature,
    /// A block quote whose maker is unknown.
    Indented,
    /// Not shown to the reader.
    Hidden,
    /// Its own text has no size, and that of elements in it may have one.
    Sizeless,
}

/// Marks in `class`, `id` and `name`, without the `x_` that Outlook puts before foreign ones.
#[rustfmt::skip]
const QUOTES: &[&str] = &[
    "yahoo_quoted", "yqt", "protonmail_quote", "zmail_extra", "tutanota_quote", "front-blockquote", "missive_quote",
    "spark_quote", "messagereplysection", "airmail_on", "olk_src_body_section",
    "mail-editor-reference-message-container", "ms-outlook-mobile-reference-message", "isreplycontent", "iosymail",
    "original-content", "superhuman-quoted", "sh-quoted-content", "hs_reply_quote", "quoted-text", "zimbra-quoted",
    "moz-email-headers-table", "gmail_quote_inner", "edo-quote", "bloop_original_html", "mailbird-quote",
    "newton-quote", "canary-quote", "quotedtext", "bluemail_quote", "aolmsgpart", "aolreplacedbody", "hmquote",
];
#[rustfmt::skip]
const RESTS: &[&str] = &[
    "divrplyfwdmsg", "appendonsend", "stopspelling", "outlookmessageheader", "zwchr",
    "ms-outlook-mobile-body-separator-line", "mail_android_quote", "replysplit", "reply-intro",
];
#[rustfmt::skip]
const ATTRIBUTIONS: &[&str] = &[
    "gmail_attr", "moz-cite-prefix", "gmail_quote_attribution", "protonmail_quote_header", "zmail_extra_hr",
    "front-reply-attribution", "airmail_ext_on", "mailspring-attribution",
];
#[rustfmt::skip]
const SIGNATURES: &[&str] = &[
    "gmail_signature", "gmail_signature_prefix", "moz-signature", "signature", "ms-outlook-mobile-signature",
    "applemailsignature", "protonmail_signature_block", "yahoo-signature", "ydpsignature", "zmail_signature",
    "bloop_sign", "mb_sig", "spark_signature", "missive_signature", "front-signature", "ms-outlook-ios-signature",
    "applelinksignature", "mobilesignature", "_rp_signature", "divtagdefaultwrapper_signature",
    "linebreakatbeginningofsignature", "signature_block", "email-signature", "email_signature",
];

/// Reads what an opening tag is.
pub(super) fn role(tag: &Tag<'_>, is_blockquote: bool) -> Role {
    let mut found = if is_blockquote {
        Role::Indented
    } else {
        Role::Plain
    };
    for (name, value) in tag.attributes() {
        let role = match name.len() {
            5 if name.eq_ignore_ascii_case("class") => value
                .split_whitespace()
                .find_map(|v| mark(v, is_blockquote)),
            2 if name.eq_ignore_ascii_case("id") => mark(value, is_blockquote),
            4 if name.eq_ignore_ascii_case("name") => (value.eq_ignore_ascii_case("quote"))
                .then_some(Role::Quote)
                .or_else(|| mark(value, is_blockquote)),
            4 if name.eq_ignore_ascii_case("type") => {
                (is_blockquote && value.eq_ignore_ascii_case("cite")).then_some(Role::Quote)
            }
            4 if name.eq_ignore_ascii_case("cite") => is_blockquote.then_some(Role::Quote),
            14 if name.eq_ignore_ascii_case("data-smartmail") => mark(value, is_blockquote),
            5 if name.eq_ignore_ascii_case("style") => style(value, is_blockquote, found),
            6 if name.eq_ignore_ascii_case("hidden") => Some(Role::Hidden),
            _ => None,
        };
        if let Some(role) = role {
            if matches!(role, Role::Hidden | Role::Quote | Role::Rest) {
                return role;
            }
            found = role;
        }
    }
    found
}

fn mark(value: &str, is_blockquote: bool) -> Option<Role> {
    let value = value.trim();
    let mut value = value;
    while let Some(inner) = value.strip_prefix("x_") {
        value = inner;
    }
    if value.len() < 3 || value.len() > 80 {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    let lower = lower.as_str();
    if is_blockquote && (lower == "gmail_quote" || lower.contains("quote")) {
        return Some(Role::Quote);
    }
    if QUOTES.iter().any(|q| lower.starts_with(q))
        || lower.ends_with("yahoo_quoted")
        || lower.contains("yahoo_quoted_")
    {
        return Some(Role::Quote);
    }
    if RESTS.contains(&lower) {
        return Some(Role::Rest);
    }
    if ATTRIBUTIONS.contains(&lower) {
        return Some(Role::Attribution);
    }
    (SIGNATURES.contains(&lower) || lower.ends_with("-signature") || lower.ends_with("_signature"))
        .then_some(Role::Signature)
}

fn style(value: &str, is_blockquote: bool, found: Role) -> Option<Role> {
    // Word writes long styles on every element; few of them can hide it.
    if !is_blockquote && !may_hide(value) {
        return None;
    }
    let flat = flat(value);
    if flat.contains("display:none")
        || flat.contains("mso-hide:all")
        || flat.contains("visibility:hidden")
    {
        return Some(Role::Hidden);
    }
    if sizes(&flat) == Some(false) {
        return Some(Role::Sizeless);
    }
    // Gmail indents text with a block quote that has no border.
    if is_blockquote
        && found == Role::Indented
        && (flat.contains("border:none") || flat.contains("border:0"))
        && flat.contains("margin:00040px")
    {
        return Some(Role::Plain);
    }
    None
}

/// Whether a style has a word of those that hide, or a size that begins with nothing.
fn may_hide(value: &str) -> bool {
    let bytes = value.as_bytes();
    let nothing = |at: usize| {
        let name = match bytes[..at] {
            [.., b':'] => &bytes[..at],
            [.., b':', b' '] => &bytes[..at - 1],
            _ => return false,
        };
        let from = name.len().saturating_sub(b"size:".len());
        name[from..].eq_ignore_ascii_case(b"size:")
    };
    ["none", "hid", "NONE", "None", "HID"]
        .iter()
        .any(|word| value.contains(word))
        || memchr::memchr_iter(b'0', bytes).any(nothing)
}

/// A style without white space, in lower case, as far as it is looked at.
fn flat(value: &str) -> String {
    let kept = value.chars().filter(|c| !c.is_whitespace()).take(400);
    kept.collect::<String>().to_ascii_lowercase()
}

/// Whether a style (flat) gives its text a size; `None` where it says nothing of it.
fn sizes(flat: &str) -> Option<bool> {
    let mut found = None;
    for (name, value) in flat.split(';').filter_map(|one| one.split_once(':')) {
        if name == "font-size" {
            let size = value.split('!').next().unwrap_or_default();
            let figures = size.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            let nothing = !figures.is_empty() && figures.bytes().all(|b| matches!(b, b'0' | b'.'));
            found = Some(!nothing);
        } else if name == "all" || name == "font" && has_a_size(value) {
            found = Some(true);
        }
    }
    found
}

/// Whether the value of `font` may name a size: by a figure or by a word ("medium").
fn has_a_size(value: &str) -> bool {
    value.contains(|c: char| matches!(c, '1'..='9')) || !value.contains('0')
}

/// Whether a tag gives its text a size of its own, or may have one from a style sheet.
///
/// A table begins anew where a mail has no doctype, as most have none.
pub(super) fn gives_size(tag: &Tag<'_>) -> bool {
    let table = tag.name.eq_ignore_ascii_case("table");
    table
        || tag.attributes().any(|(name, value)| match name.len() {
            2 => name.eq_ignore_ascii_case("id"),
            4 => name.eq_ignore_ascii_case("size") && tag.name.eq_ignore_ascii_case("font"),
            5 if name.eq_ignore_ascii_case("style") => sizes(&flat(value)) == Some(true),
            5 => name.eq_ignore_ascii_case("class"),
            _ => false,
        })
}

/// Reports whether a style draws the line that Outlook puts above a quoted header block.
///
/// People draw lines too, so the caller also looks for the block itself.
pub(super) fn draws_outlook_line(tag: &Tag<'_>) -> bool {
    tag.attributes().any(|(name, value)| {
        name.eq_ignore_ascii_case("style") && value.len() < 300 && {
            let flat = value.to_ascii_lowercase();
            flat.contains("border-top:solid") && flat.contains("padding:3.0pt")
                || flat.contains("border-top: 1pt solid") && flat.contains("padding: 3pt")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::tokenizer::{Piece, Tokenizer};
    use super::*;

    fn role_of(html: &str) -> Role {
        let Some(Piece::Open(tag)) = Tokenizer::new(html).next() else {
            panic!("a tag")
        };
        role(&tag, tag.name == "blockquote")
    }

    #[test]
    fn marks_of_clients_are_known() {
        for (html, expected) in [
            ("<blockquote class=\"gmail_quote\">", Role::Quote),
            ("<blockquote type=cite>", Role::Quote),
            ("<div class='x_x_gmail_attr'>", Role::Attribution),
            ("<div dir=ltr class=gmail_attr>", Role::Attribution),
            ("<div id=\"divRplyFwdMsg\" dir=ltr>", Role::Rest),
            ("<div id=appendonsend>", Role::Rest),
            ("<div class=\"moz-cite-prefix\">", Role::Attribution),
            (
                "<div id=\"ydp12ayahoo_quoted_77\" class=\"ydp12ayahoo_quoted\">",
                Role::Quote,
            ),
            ("<div class=\"protonmail_quote\">", Role::Quote),
            ("<div class=\"zmail_extra\">", Role::Quote),
            ("<div name=\"quote\">", Role::Quote),
            ("<div id=\"Signature\">", Role::Signature),
            ("<div class=gmail_signature>", Role::Signature),
            ("<span style=\"display: none\">", Role::Hidden),
            ("<span style=\"Display:None\">", Role::Hidden),
            ("<p style=\"VISIBILITY: hidden\">", Role::Hidden),
            ("<p style=\"mso-hide:all\">", Role::Hidden),
            ("<p style=\"font-size:0\">", Role::Sizeless),
            (
                "<p style=\"color:red; font-size: 0px !important\">",
                Role::Sizeless,
            ),
            ("<p style=\"font-size:0.0em;color:red\">", Role::Sizeless),
            ("<p style=\"font-size:0.9em\">", Role::Plain),
            ("<p style=\"font-size:10pt\">", Role::Plain),
            ("<p style=\"font-size:0;font-size:12px\">", Role::Plain),
            ("<blockquote>", Role::Indented),
            (
                "<blockquote style=\"margin:0 0 0 40px;border:none;padding:0px\">",
                Role::Plain,
            ),
            ("<div class=gmail_quote>", Role::Plain),
            ("<div class=\"quote-price\">", Role::Plain),
        ] {
            assert_eq!(role_of(html), expected, "{html}");
        }
    }
}
