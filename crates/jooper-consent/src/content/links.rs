//! Where the links of a text lead.

use std::borrow::Cow;

use super::ContentRules;
use super::invisible::takes_no_room;

/// The first entry of the list that some text links to.
///
/// A link is a host behind `//`, or one that a mail program makes a link of: at the beginning of a
/// word, with a path behind it. What stands in the query of another link counts as well.
pub(super) fn shortened(rules: &ContentRules, text: &str) -> Option<String> {
    if !text.contains(['.', '%', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        return None;
    }
    let text = plain(text);
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(dot) = text.get(from..).and_then(|rest| rest.find('.')) {
        let dot = from + dot;
        let (start, end) = host_around(bytes, from, dot);
        from = end.max(dot + 1);
        let host = text[start..end].trim_matches(['.', '-']);
        if host.contains('.')
            && let Some(listed) = rules.shortener(host)
            && leads(&text[..start], &text[end..])
        {
            return Some(listed.to_owned());
        }
    }
    None
}

/// The letters of a host on both sides of a dot.
fn host_around(bytes: &[u8], from: usize, dot: usize) -> (usize, usize) {
    let part_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let before = bytes[from..dot].iter().rev();
    let after = bytes[dot..].iter();
    (
        dot - before.take_while(|byte| part_of_host(byte)).count(),
        dot + after.take_while(|byte| part_of_host(byte)).count(),
    )
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

/// The text as a browser reads its links: without characters of no room, with wide letters made
/// narrow (UTS 46, which maps what hosts are written with) and with escapes (RFC 3986 section 2.1)
/// taken away.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let text = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        let seen = text.chars().filter(|c| !takes_no_room(*c));
        seen.map(narrow).collect::<String>().into()
    };
    if text.contains('%') {
        unescaped(&text).into()
    } else {
        text
    }
}

fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xff01 + u32::from('!')).unwrap_or(c)
        }
        '\u{3002}' | '\u{ff61}' => '.',
        _ => c,
    }
}

/// Escapes of visible ASCII characters, each read once.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(u8::is_ascii_graphic);
        let read = match code {
            Some(code) => {
                out.push(char::from(code));
                3
            }
            None => {
                out.push('%');
                1
            }
        };
        rest = &rest[at + read..];
    }
    out.push_str(rest);
    out
}
