//! Whether a mail carries the way out that its permit demands.
//!
//! This is no MIME parser: it looks for one link, in the body as written and as the two transfer
//! encodings (RFC 2045 sections 6.7 and 6.8) would hide it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::{memchr, memchr_iter, memmem};

use super::Header;

/// Decodes what a line break has cut short, too.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether the one-click headers stand there once each, as RFC 8058 section 3.1 wants them, and
/// the same link stands in the body for whoever reads it.
pub(super) fn unsubscribe(headers: &[Header<'_>], body: &[u8]) -> bool {
    let one_click = only(headers, "List-Unsubscribe-Post")
        .is_some_and(|value| value == "List-Unsubscribe=One-Click");
    let link = only(headers, "List-Unsubscribe").and_then(link);
    one_click && link.is_some_and(|link| stands_in(body, link))
}

fn only<'a>(headers: &'a [Header<'_>], name: &str) -> Option<&'a str> {
    let mut found = headers
        .iter()
        .filter(|(header, _)| header.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

/// The first link that a button can post to.
fn link(value: &str) -> Option<&str> {
    value
        .split(',')
        .filter_map(|part| part.trim().strip_prefix('<')?.strip_suffix('>'))
        .find(|link| is_private(link))
}

/// HTTPS, as RFC 8058 section 3.1 asks for, or this very machine in a demonstration.
pub(super) fn is_private(link: &str) -> bool {
    let Some(rest) = link.strip_prefix("http://") else {
        return link.starts_with("https://");
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => host,
    };
    let local = host == "localhost" || host.ends_with(".localhost") || host == "[::1]";
    local
        || host
            .parse()
            .is_ok_and(|ip: std::net::Ipv4Addr| ip.is_loopback())
}

fn stands_in(body: &[u8], link: &str) -> bool {
    let in_html = link.replace('&', "&amp;");
    let holds = |text: &[u8]| contains(text, link.as_bytes()) || contains(text, in_html.as_bytes());
    holds(body) || holds(&without_quoted_printable(body)) || base64_blocks(body).any(|b| holds(&b))
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    // Every link has a colon, and texts have few: faster than a search that prepares for any needle.
    let Some(colon) = memchr(b':', wanted) else {
        return memmem::find(text, wanted).is_some();
    };
    memchr_iter(b':', text).any(|at| {
        let begins = at.checked_sub(colon);
        begins.is_some_and(|begins| text[begins..].starts_with(wanted))
    })
}

/// The body as if every part of it were quoted-printable; what is no escape stays as it is.
pub(super) fn without_quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        let rest = &body[at + 1..];
        match (byte, rest) {
            (b'=', [b'\r', b'\n', ..]) => at += 3,
            (b'=', [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                out.push(16 * digit(*high) + digit(*low));
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

const fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex - b'0',
        _ => (hex | 0x20) - b'a' + 10,
    }
}

/// Every run of lines that are base64 and nothing else, decoded.
fn base64_blocks(body: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let is_base64 = |line: &&[u8]| {
        !line.is_empty()
            && line
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
    };
    let lines = body
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .collect::<Vec<_>>();
    let blocks: Vec<Vec<u8>> = lines
        .split(|line| !is_base64(line))
        .filter(|block| !block.is_empty())
        .filter_map(|block| BASE64.decode(block.concat()).ok())
        .collect();
    blocks.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://t.example/u/a?x=1&y=2";

    fn headers<'a>(list: &'a str, post: &'a str) -> Vec<Header<'a>> {
        vec![
            ("List-unsubscribe", list.into()),
            ("List-Unsubscribe-Post", post.into()),
        ]
    }

    fn carried(body: &str) -> bool {
        let list = format!("<mailto:stop@t.example>, <{LINK}>");
        let headers = headers(&list, "List-Unsubscribe=One-Click");
        unsubscribe(&headers, body.as_bytes())
    }

    #[test]
    fn the_link_is_found_however_the_body_is_encoded() {
        let text = format!("Grüße\r\n\r\nStop: {LINK}\r\n");
        assert!(carried(&text));
        assert!(carried(
            "Stop: https://t.exam=\r\nple/u/a?x=3D1&y=3d2 =C3=9F\r\n"
        ));
        assert!(carried(
            "<a href=\"https://t.example/u/a?x=1&amp;y=2\">stop</a>"
        ));
        let encoded = BASE64.encode(&text);
        let (one, two) = encoded.split_at(24);
        assert!(carried(&format!(
            "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n{one}\r\n{two}\r\n--b--\r\n"
        )));
    }

    #[test]
    fn another_link_or_none_is_not_enough() {
        assert!(!carried("Hello."));
        assert!(!carried("Stop: https://t.example/u/b?x=1&y=2"));
        assert!(!carried("=4"));
    }

    #[test]
    fn the_headers_must_be_those_of_one_click() {
        let body = format!("Stop: {LINK} http://t.example/u mailto:a@t.example");
        let good = format!("<{LINK}>");
        for (list, post) in [
            ("", "List-Unsubscribe=One-Click"),
            ("<mailto:a@t.example>", "List-Unsubscribe=One-Click"),
            ("<http://t.example/u>", "List-Unsubscribe=One-Click"),
            (&good, "yes"),
            (&good, ""),
        ] {
            let headers = headers(list, post);
            assert!(!unsubscribe(&headers, body.as_bytes()), "{list} {post}");
        }
        let mut twice = headers(&good, "List-Unsubscribe=One-Click");
        assert!(unsubscribe(&twice, body.as_bytes()));
        twice.push(twice[0].clone());
        assert!(!unsubscribe(&twice, body.as_bytes()));
        assert!(!unsubscribe(&[], body.as_bytes()));
    }

    #[test]
    fn a_demonstration_may_post_to_its_own_machine() {
        for (base, fits) in [
            ("http://127.0.0.1:80", true),
            ("http://demo.localhost", true),
            ("http://[::1]:8080", true),
            ("http://127.0.0.1.evil.example", false),
            ("http://localhost.evil.example:80", false),
            ("http://t.example", false),
        ] {
            let list = format!("<{base}/u>");
            let headers = headers(&list, "List-Unsubscribe=One-Click");
            let body = format!("see {base}/u");
            assert_eq!(unsubscribe(&headers, body.as_bytes()), fits, "{base}");
        }
    }
}
