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
        |sized| render::render(html, false, sized),
        |out| out.trim().is_empty(),
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
        |sized| {
            let (text, hid) = render::render(html, true, sized);
            (cut::cut(&text, true), hid)
        },
        |new| new.with_signature.is_empty(),
    )
}

/// Reads HTML without the text that has no size, and with it where nothing else is left: a style sheet may give it one.
fn read<T>(render: impl Fn(bool) -> (T, bool), is_nothing: impl Fn(&T) -> bool) -> T {
    let (read, hid) = render(true);
    if hid && is_nothing(&read) {
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
