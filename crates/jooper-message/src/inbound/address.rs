//! Finds mail addresses in running text.

use std::ops::Range;

/// An address and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The address as written.
    pub(super) text: String,
    /// Its position, without any brackets around it.
    pub(super) at: Range<usize>,
}

/// Returns the addresses of `line` in order (RFC 5321 mailbox, quoted local parts included).
pub(super) fn addresses(line: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for at in memchr::memchr_iter(b'@', line.as_bytes()) {
        let start = local_start(line, at);
        let end = domain_end(line, at + 1);
        if start < at && end > at + 1 && found.last().is_none_or(|last| last.at.end <= start) {
            let text = line[start..end].trim_end_matches(['.', '-']).to_owned();
            let end = start + text.len();
            if end > at + 1 {
                found.push(Found {
                    text,
                    at: start..end,
                });
            }
        }
        if found.len() >= 200 {
            break;
        }
    }
    found
}

fn local_start(line: &str, at: usize) -> usize {
    let bytes = line.as_bytes();
    if at > 1 && bytes[at - 1] == b'"' {
        let open = bytes[..at - 1].iter().rposition(|&b| b == b'"');
        return open
            .filter(|open| at - open < 66 && !bytes[*open..at].contains(&b' '))
            .unwrap_or(at);
    }
    let head = line.get(..at).unwrap_or_default();
    let run: usize = head
        .chars()
        .rev()
        .take(64)
        .take_while(|c| is_local(*c))
        .map(char::len_utf8)
        .sum();
    let mut start = at - run;
    // `SMTP=a@b`, `rfc822;a@b` and `mailto:a@b` name a scheme before the address, but
    // encoded words (`=?utf-8?q?..?=@b`) and tags (`a=b@c`) keep theirs.
    while start < at && matches!(bytes[start], b'\'' | b'-' | b'*' | b'.' | b'|' | b'`') {
        start += 1;
    }
    if let Some(eq) = bytes[start..at].iter().position(|&b| b == b'=') {
        let scheme = &bytes[start..start + eq];
        if [
            &b"smtp"[..],
            b"to",
            b"rcpt",
            b"for",
            b"account",
            b"recipient",
            b"address",
            b"orcpt",
        ]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            start += eq + 1;
        }
    }
    start
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '!' | '#'..='\'' | '*' | '+' | '-'..='/' | '=' | '?' | '^'..='`' | '{'..='~')
        || is_spaced_letter(c)
}

/// A letter of an internationalized address (RFC 6531). Scripts without spaces are left out:
/// there the words of a sentence touch the address.
fn is_spaced_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric() && u32::from(c) < 0x0e00
}

fn domain_end(line: &str, start: usize) -> usize {
    let tail = line.get(start..).unwrap_or_default();
    if tail.starts_with('[') {
        return tail
            .find(']')
            .filter(|len| *len < 64)
            .map_or(start, |len| start + len + 1);
    }
    let is_domain = |c: &char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || is_spaced_letter(*c)
    };
    let run: usize = tail
        .chars()
        .take(254)
        .take_while(is_domain)
        .map(char::len_utf8)
        .sum();
    start
        + tail
            .get(..run)
            .unwrap_or_default()
            .trim_end_matches(['.', '-', '_'])
            .len()
}

/// Returns the domain of `address`, empty if it has none.
pub(super) fn domain(address: &str) -> &str {
    memchr::memrchr(b'@', address.as_bytes()).map_or("", |at| &address[at + 1..])
}

/// Returns the part before the `@`.
pub(super) fn local(address: &str) -> &str {
    memchr::memrchr(b'@', address.as_bytes()).map_or(address, |at| &address[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(line: &str) -> Vec<String> {
        addresses(line)
            .into_iter()
            .map(|found| found.text)
            .collect()
    }

    #[test]
    fn addresses_are_cut_out_of_what_surrounds_them() {
        assert_eq!(all("<ada@x.example>: host said"), ["ada@x.example"]);
        assert_eq!(all("to 'ada@x.example', failed."), ["ada@x.example"]);
        assert_eq!(
            all("c=US;a= ;dda:SMTP=ada@x.EXAMPLE; on Fri"),
            ["ada@x.EXAMPLE"]
        );
        assert_eq!(
            all("\"a..b\"@x.example... User unknown"),
            ["\"a..b\"@x.example"]
        );
        assert_eq!(
            all("ada@x.example<mailto:ada@x.example>"),
            ["ada@x.example", "ada@x.example"]
        );
        assert_eq!(all("ada+tag=q@x.example."), ["ada+tag=q@x.example"]);
        assert_eq!(all("收件人：ada@x.example，不存在"), ["ada@x.example"]);
        assert_eq!(
            all("Empfänger jürgen@bücher.example"),
            ["jürgen@bücher.example"]
        );
    }

    #[test]
    fn what_is_no_address_is_left_alone() {
        assert!(all("@ home, meet @ 5").is_empty());
        assert!(all("").is_empty());
        assert!(all("\"@").is_empty());
    }
}
