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
    let bytes = line.as_bytes();
    let mut found: Vec<Found> = Vec::new();
    for (at, _) in line.match_indices('@') {
        let start = local_start(bytes, at);
        let end = domain_end(bytes, at + 1);
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

fn local_start(bytes: &[u8], at: usize) -> usize {
    if at > 1 && bytes[at - 1] == b'"' {
        let open = bytes[..at - 1].iter().rposition(|&b| b == b'"');
        return open
            .filter(|open| at - open < 66 && !bytes[*open..at].contains(&b' '))
            .unwrap_or(at);
    }
    let mut start = at;
    while start > 0 && at - start < 128 && is_local(bytes[start - 1]) {
        start -= 1;
    }
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

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn domain_end(bytes: &[u8], start: usize) -> usize {
    if bytes.get(start) == Some(&b'[') {
        return bytes[start..]
            .iter()
            .take(64)
            .position(|&b| b == b']')
            .map_or(start, |n| start + n + 1);
    }
    let mut end = start;
    while end < bytes.len()
        && end - start < 254
        && (bytes[end].is_ascii_alphanumeric()
            || matches!(bytes[end], b'.' | b'-' | b'_')
            || !bytes[end].is_ascii())
    {
        end += 1;
    }
    while end > start && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    end
}

/// Returns the domain of `address`, empty if it has none.
pub(super) fn domain(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// Returns the part before the `@`.
pub(super) fn local(address: &str) -> &str {
    address.rsplit_once('@').map_or(address, |(local, _)| local)
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
    }

    #[test]
    fn what_is_no_address_is_left_alone() {
        assert!(all("@ home, meet @ 5").is_empty());
        assert!(all("").is_empty());
        assert!(all("\"@").is_empty());
    }
}
