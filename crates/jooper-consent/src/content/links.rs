//! Where the links of a text lead.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

use super::ContentRules;
use super::invisible::takes_no_room;

/// The longest host (RFC 1035 section 2.3.4).
const LONGEST: usize = 253;

/// Whether there may be a host in some text at all: many letters look like a dot.
pub(super) fn may_have_one(text: &str) -> bool {
    !text.is_ascii() || text.contains(['.', '%'])
}

/// A host as lists of them have it: in lower case, without the dot of the root, as IDNA writes it
/// (UTS 46). One that is no host stays as it is.
pub(super) fn normal(host: &str) -> String {
    let host = host.trim().trim_matches('.');
    if !host.is_ascii()
        && let Ok(ascii) = idna::domain_to_ascii(host)
    {
        return ascii.trim_matches('.').to_owned();
    }
    host.to_ascii_lowercase()
}

/// The first entry of the list that some text links to.
///
/// A link is a host behind `//`, or one that a mail program makes a link of: at the beginning of a
/// word, with a path behind it. What stands in the query of another link counts as well.
pub(super) fn shortened(rules: &ContentRules, text: &str) -> Option<String> {
    if !may_have_one(text) {
        return None;
    }
    let text = plain(text);
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(dot) = text.get(from..).and_then(|rest| rest.find('.')) {
        let dot = from + dot;
        let (start, end) = host_around(bytes, from, dot);
        from = end.max(dot + 1);
        let found = listed(rules, &text, start, end).or_else(|| {
            wider(&text, start, end).and_then(|(start, end)| listed(rules, &text, start, end))
        });
        if found.is_some() {
            return found;
        }
    }
    None
}

fn listed(rules: &ContentRules, text: &str, start: usize, end: usize) -> Option<String> {
    let host = text[start..end].trim_matches(['.', '-']);
    if !host.contains('.') || !leads(&text[..start], &text[end..]) {
        return None;
    }
    rules.shortener(host).map(str::to_owned)
}

/// The ASCII letters of a host on both sides of a dot: programs that make links often end them where
/// other letters begin.
fn host_around(bytes: &[u8], from: usize, dot: usize) -> (usize, usize) {
    let part_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let before = bytes[from..dot].iter().rev();
    let after = bytes[dot..].iter();
    (
        dot - before.take_while(|byte| part_of_host(byte)).count(),
        dot + after.take_while(|byte| part_of_host(byte)).count(),
    )
}

/// The host with its letters beyond ASCII, if it has any.
fn wider(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let part_of_host = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-');
    let before = text[..start].chars().rev().take(LONGEST);
    let after = text[end..].chars().take(LONGEST);
    let before: usize = before.take_while(part_of_host).map(char::len_utf8).sum();
    let after: usize = after.take_while(part_of_host).map(char::len_utf8).sum();
    (before + after > 0).then_some((start - before, end + after))
}

/// Whether a host between these two is a link's.
fn leads(before: &str, after: &str) -> bool {
    if before.ends_with("//") || before.ends_with("\\\\") {
        return true;
    }
    if let Some(user) = before.strip_suffix('@') {
        // `https://anybody@host/`; without the scheme it is a mail address.
        let apart = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '<');
        let word = user.rsplit(apart).next().unwrap_or_default();
        return user[..user.len() - word.len()].ends_with("//");
    }
    let begins = before
        .chars()
        .next_back()
        .is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '/' | '\\' | '_'));
    let mut path = after.chars();
    begins && path.next() == Some('/') && path.next().is_some_and(char::is_alphanumeric)
}

/// The text as a browser reads its links: with escapes taken away (RFC 3986 section 2.1), without
/// characters of no room, and with wide, circled and other letters of compatibility made plain (NFKC,
/// which UTS 46 maps hosts with).
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = if text.contains('%') {
        Cow::Owned(unescaped(text))
    } else {
        Cow::Borrowed(text)
    };
    if text.is_ascii() {
        return text;
    }
    let seen = text.chars().filter(|c| !takes_no_room(*c)).nfkc();
    let dotted = seen.map(|c| if c == '\u{3002}' { '.' } else { c });
    dotted.collect::<String>().into()
}

/// Escapes of visible characters, each read once.
fn unescaped(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(|code| code.is_ascii_graphic() || !code.is_ascii());
        out.push(code.unwrap_or(b'%'));
        rest = &rest[at + if code.is_some() { 3 } else { 1 }..];
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}
