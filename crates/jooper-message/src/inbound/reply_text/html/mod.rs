//! HTML bodies as text, with the quote containers of known clients cut by structure.
//!
//! A tolerant tokenizer instead of a full HTML parser: reading text needs no tree, and mail is read
//! far more often than it is shown. What is shown goes through the sanitizer instead.

mod containers;
mod entities;
mod render;
mod sizes;
mod tokenizer;

pub(in crate::inbound) use tokenizer::{Piece, Tag, Tokenizer};

use super::header_block::Head;
use super::{ReplyText, cut};

/// Renders HTML as plain text: paragraphs, lists and links' texts, quoted blocks marked with `>`.
///
/// Hidden elements, styles, scripts and comments are left out. Takes linear time and never fails.
#[must_use]
pub fn html_to_text(html: &str) -> String {
    let mut out = read(
        html,
        |sized| render::render(html, false, sized),
        |out| says_no_word(out),
    );
    out.truncate(out.trim_end().len());
    out
}

/// Cuts quoted history, signature and footers from an HTML body.
///
/// Known containers (Gmail, Outlook, Apple Mail, Yahoo, Thunderbird, Proton, Zoho and others) are cut
/// by their marks, in any language; the rest is read like plain text.
#[must_use]
pub fn visible_html(html: &str) -> ReplyText {
    read(
        html,
        |sized| {
            let (text, hid) = render::render(html, true, sized);
            (cut::cut(&text, true), hid)
        },
        |new| says_no_word(&new.with_signature),
    )
}

/// Whether there is nothing but the signs of lists and rules.
fn says_no_word(text: &str) -> bool {
    !text.contains(char::is_alphanumeric)
}

/// Whether a style sheet in the mail has anything of fonts.
fn styles_fonts(html: &str) -> bool {
    let mut rest = html;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        let is_style = rest
            .get(..5)
            .is_some_and(|name| name.eq_ignore_ascii_case("style"));
        if is_style {
            let (sheet, behind) = rest.split_once("</").unwrap_or((rest, ""));
            if sheet.to_ascii_lowercase().contains("font") {
                return true;
            }
            rest = behind;
        }
    }
    false
}

/// Reads HTML without the text that has no size, and with it where a style sheet may give it one or nothing else that is
/// new is left.
fn read<T>(html: &str, render: impl Fn(bool) -> (T, bool), is_nothing: impl Fn(&T) -> bool) -> T {
    let (read, hid) = render(true);
    if hid && (is_nothing(&read) || styles_fonts(html)) {
        return render(false).0;
    }
    read
}

/// Cuts an HTML body that opens with a header block, which is its writer's own where `owns` says so.
pub(in crate::inbound) fn letter_html(
    html: &str,
    owns: impl FnOnce(Head<'_>, &[&str]) -> bool,
) -> Option<ReplyText> {
    cut::cut_letter(&render::render(html, true, true).0, true, owns)
}
