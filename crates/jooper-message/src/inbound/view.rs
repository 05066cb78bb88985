//! A mail made safe to show: HTML without anything active or remote, attachments by name only.
//!
//! The HTML goes through ammonia with a short list of tags; SVG, MathML, styles, forms and
//! everything that loads by itself are not on it. Attachments are listed and never opened.

mod balance;

use std::collections::{HashMap, HashSet};

use ammonia::{Builder, UrlRelative};

use super::mail::{InboundMail, PartKind};

/// A mail as it may be shown.
#[derive(Clone)]
#[non_exhaustive]
pub struct SafeView {
    /// Sanitized HTML; `None` where the mail has no HTML or too much of it.
    pub html: Option<String>,
    /// The mail's text.
    pub text: String,
    /// What is attached.
    pub attachments: Vec<Attachment>,
    /// Whether something was left out because of its size.
    pub truncated: bool,
}

impl std::fmt::Debug for SafeView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SafeView")
            .field("html", &self.html.is_some())
            .field("attachments", &self.attachments.len())
            .field("truncated", &self.truncated)
            .finish_non_exhaustive()
    }
}

/// An attachment, unopened.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// A file name without folders, control characters or tricks; never empty.
    pub name: String,
    /// Media type as the sender states it.
    pub media_type: String,
    /// Size in bytes, as encoded in the mail.
    pub encoded_bytes: usize,
}

impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attachment")
            .field("media_type", &self.media_type)
            .field("encoded_bytes", &self.encoded_bytes)
            .finish_non_exhaustive()
    }
}

/// HTML beyond this is not parsed; the text is shown instead.
const MAX_HTML: usize = 512 * 1024;

/// Tags that are shown.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
];

/// Attributes that may stay on some tag.
const ATTRIBUTES: [&str; 7] = [
    "href", "title", "colspan", "rowspan", "start", "dir", "lang",
];

/// Makes `mail` safe to show.
///
/// Tags that are not closed, or in the wrong order, are closed where they were opened; beyond a
/// depth of 128 only their text is kept. Longer HTML than 512 KiB is not shown.
#[must_use]
pub fn view(mail: &InboundMail<'_>) -> SafeView {
    let html = mail.html();
    let fits = html.as_ref().is_none_or(|html| html.len() <= MAX_HTML);
    let balanced = html.filter(|_| fits).map(|html| balance::balance(&html));
    let is_cut = balanced.as_ref().is_some_and(|(_, is_cut)| *is_cut);
    let truncated = mail.is_truncated() || !fits || is_cut;
    let html = balanced.map(|(html, _)| clean(&html));
    SafeView {
        html,
        text: mail.text(),
        attachments: attachments(mail),
        truncated,
    }
}

#[cfg(test)]
fn sanitize(html: &str) -> String {
    clean(&balance::balance(html).0)
}

/// Sanitizes balanced HTML: a short list of tags, links to `http`, `https` and `mailto` only,
/// nothing that loads from elsewhere, no styles, no ids or classes.
fn clean(html: &str) -> String {
    let attributes: HashMap<&str, HashSet<&str>> = [
        ("a", ["href", "title"].into_iter().collect()),
        ("td", ["colspan", "rowspan"].into_iter().collect()),
        ("th", ["colspan", "rowspan"].into_iter().collect()),
        ("ol", ["start"].into_iter().collect()),
    ]
    .into_iter()
    .collect();
    Builder::empty()
        .tags(TAGS.iter().copied().collect())
        .tag_attributes(attributes)
        .generic_attributes(["dir", "lang"].into_iter().collect())
        .clean_content_tags(
            [
                "script", "style", "svg", "math", "template", "noscript", "iframe", "object",
                "embed", "title", "head", "select", "textarea",
            ]
            .into_iter()
            .collect(),
        )
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .strip_comments(true)
        // URL parsers skip control characters (WHATWG URL, section 4.4); no honest link has one, and
        // other readers of what is shown would see another scheme.
        .attribute_filter(|_, name, value| {
            let hidden = name == "href" && value.chars().any(char::is_control);
            (!hidden).then(|| value.into())
        })
        .clean(html)
        .to_string()
}

fn attachments(mail: &InboundMail<'_>) -> Vec<Attachment> {
    let listed = mail.parts().iter().filter(|part| {
        let body = mail.is_body(part);
        let report = matches!(
            part.kind,
            PartKind::DeliveryStatus | PartKind::FeedbackReport | PartKind::Disposition
        );
        !body && !report
    });
    listed
        .enumerate()
        .map(|(index, part)| Attachment {
            name: safe_name(part.file_name.as_deref().unwrap_or_default(), index + 1),
            media_type: part.media_type.clone(),
            encoded_bytes: mail.counted(part),
        })
        .collect()
}

/// Returns a name that is only a name: no path, no control or direction characters, no dots
/// that hide or climb, at most 120 characters.
#[must_use]
pub fn safe_name(name: &str, number: usize) -> String {
    let last = name.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|c| !c.is_control() && !matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '<' | '>' | '"' | '|' | '?' | '*'))
        .take(120)
        .collect();
    let clean = clean.trim_matches(['.', ' ']).to_owned();
    if clean.is_empty() {
        format!("attachment-{number}")
    } else {
        clean
    }
}

#[cfg(test)]
mod tests;
