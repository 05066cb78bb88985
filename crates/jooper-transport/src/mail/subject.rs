//! Whether a subject pretends to answer, read back from the header as it leaves.

use super::Header;
use super::carries::BASE64;
use base64::Engine as _;

/// Whether the subject claims a conversation, and the mail names none that it continues. A header
/// that stands twice shows either of them. `References` proves nothing: a sender's own token may
/// stand there.
pub(super) fn is_deceptive(headers: &[Header<'_>], thread: Option<&str>) -> bool {
    let named = |name: &str| {
        let name = name.to_owned();
        headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(&name))
            .map(|(_, value)| &**value)
    };
    let continues = thread.is_some_and(|thread| !thread.is_empty())
        || named("In-Reply-To").any(|value| value.contains('<'));
    named("Subject").any(|subject| jooper_consent::is_deceptive(&decoded(subject), continues))
}

/// The text of a header with its encoded words (RFC 2047 section 2) as a reader sees them, as far as
/// they are UTF-8 or ASCII; the prefixes that matter are.
pub(super) fn decoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    // White space between two encoded words is not shown (section 6.2).
    let mut behind_word = false;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let Some((word, after)) = encoded_word(&from[2..]) else {
            out.push_str(before);
            out.push_str("=?");
            (rest, behind_word) = (&from[2..], false);
            continue;
        };
        if !behind_word || !before.trim().is_empty() {
            out.push_str(before);
        }
        out.push_str(&word);
        (rest, behind_word) = (after, true);
    }
    out.push_str(rest);
    out
}

/// One encoded word behind its `=?`, and what follows its `?=`.
fn encoded_word(text: &str) -> Option<(String, &str)> {
    let (_charset, text) = text.split_once('?')?;
    let (encoding, text) = text.split_once('?')?;
    let (content, rest) = text.split_once("?=")?;
    let bytes = match encoding {
        "B" | "b" => BASE64.decode(content).ok()?,
        "Q" | "q" => super::carries::without_quoted_printable(content.replace('_', " ").as_bytes()),
        _ => return None,
    };
    Some((String::from_utf8_lossy(&bytes).into_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deceives(subject: &str, more: Option<(&str, &str)>, thread: Option<&str>) -> bool {
        let mut headers: Vec<Header<'_>> = vec![("subject", subject.into())];
        headers.extend(more.map(|(name, value)| (name, value.into())));
        is_deceptive(&headers, thread)
    }

    #[test]
    fn a_prefix_is_found_however_it_is_encoded() {
        for subject in [
            "Re: our call",
            "=?utf-8?B?UmU6IMO8YmVy?=",
            "=?UTF-8?q?Re=3A_=C3=BCber?=",
            "=?utf-8?Q?R?= =?utf-8?Q?e:_x?=",
            "=?utf-8?B?UmXigIs=?=: x",
        ] {
            assert!(deceives(subject, None, None), "{subject}");
            assert!(deceives(
                subject,
                Some(("References", "<token@b.example>")),
                Some("")
            ));
            assert!(!deceives(subject, None, Some("t1")), "{subject}");
            let answers = Some(("In-Reply-To", "<a@b.example>"));
            assert!(!deceives(subject, answers, None), "{subject}");
        }
        for subject in ["Report: Q3", "=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "=?x", "=?a?b"] {
            assert!(!deceives(subject, None, None), "{subject}");
        }
    }
}
