//! Whether a subject pretends to answer, read back from the header as it leaves.

use super::carries::BASE64;
use super::{Header, charset};
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

/// A header as a reader sees it.
pub(super) struct Seen {
    /// Its text.
    pub(super) text: String,
    /// Whether every reader sees the same.
    pub(super) sure: bool,
}

/// The text of a header with its encoded words (RFC 2047 section 2). Words of one charset that stand
/// side by side are read as one: some writers part letters.
pub(super) fn seen(value: &str) -> Seen {
    let mut seen = Seen {
        text: String::with_capacity(value.len()),
        // Bytes of another charset stood there bare.
        sure: !value.contains('\u{fffd}'),
    };
    let mut rest = value;
    let mut words: Option<Word<'_>> = None;
    while let Some(start) = rest.find("=?") {
        let (before, from) = rest.split_at(start);
        let Some((word, after)) = encoded_word(&from[2..]) else {
            seen.flush(words.take());
            seen.text.push_str(before);
            seen.text.push_str("=?");
            rest = &from[2..];
            continue;
        };
        // White space between two encoded words is not shown (section 6.2).
        let beside = before.trim().is_empty();
        match &mut words {
            Some(standing) if beside && standing.charset.eq_ignore_ascii_case(word.charset) => {
                standing.bytes.extend(word.bytes);
                standing.sure &= word.sure;
            }
            _ => {
                let between = words.is_some() && beside;
                seen.flush(words.take());
                if !between {
                    seen.text.push_str(before);
                }
                words = Some(word);
            }
        }
        rest = after;
    }
    seen.flush(words);
    seen.text.push_str(rest);
    seen
}

/// As [`seen`], the text alone.
fn decoded(value: &str) -> String {
    seen(value).text
}

impl Seen {
    fn flush(&mut self, words: Option<Word<'_>>) {
        let Some(words) = words else { return };
        let (text, read) = charset::decode(Some(words.charset), words.bytes.into());
        self.text.push_str(&text);
        self.sure &= read && words.sure;
    }
}

struct Word<'v> {
    charset: &'v str,
    bytes: Vec<u8>,
    sure: bool,
}

/// One encoded word behind its `=?`, and what follows its `?=`.
fn encoded_word(text: &str) -> Option<(Word<'_>, &str)> {
    let (charset, text) = text.split_once('?')?;
    let (encoding, text) = text.split_once('?')?;
    let (content, rest) = text.split_once("?=")?;
    let read = match encoding {
        "B" | "b" => BASE64.decode(content).ok(),
        "Q" | "q" => Some(super::carries::without_quoted_printable(
            content.replace('_', " ").as_bytes(),
        )),
        _ => return None,
    };
    let sure = read.is_some();
    let bytes = read.unwrap_or_else(|| content.as_bytes().to_vec());
    Some((
        Word {
            charset,
            bytes,
            sure,
        },
        rest,
    ))
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

    #[test]
    fn a_header_that_readers_may_see_in_two_ways_is_told() {
        for (header, text) in [
            ("Gr\u{fc}\u{df}e", "Gr\u{fc}\u{df}e"),
            (
                "=?iso-8859-1?Q?Gr=FC=DFe?= aus =?utf-8*de?B?w4Rvbg==?=",
                "Gr\u{fc}\u{df}e aus \u{c4}on",
            ),
            ("=?utf-8?Q?a=C3?=\t=?UTF-8?Q?=BCb?=", "a\u{fc}b"),
            ("=?utf-8?Q?a?= =?us-ascii?Q?b?= c", "ab c"),
            ("=?x", "=?x"),
            ("=?utf-8?Z?a?=", "=?utf-8?Z?a?="),
        ] {
            let seen = seen(header);
            assert_eq!((&*seen.text, seen.sure), (text, true), "{header}");
        }
        for header in [
            "=?utf-7?Q?+AGI-?=",
            "=?unknown?Q?bit?=",
            "=?utf-16?B?YgBp?=",
            "=?utf-8?B?a?=",
            "=?utf-8?Q?a=C3?=",
            "Gr\u{fffd}e",
        ] {
            assert!(!seen(header).sure, "{header}");
        }
    }
}
