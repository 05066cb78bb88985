//! Transfer encodings and charsets, with a guess where the label lies.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;

use super::Part;
use super::raw::{ROW, push_run};
use crate::inbound::blocks::Runs;

/// Bytes of one text part that are decoded; no verdict needs more.
const MAX_TEXT: usize = 1024 * 1024;

/// Undoes the transfer encoding of `body`; a broken encoding yields the bytes as they are.
pub(super) fn bytes<'b>(body: Cow<'b, [u8]>, part: &Part) -> Cow<'b, [u8]> {
    let body = match body {
        Cow::Borrowed(body) => Cow::Borrowed(&body[..body.len().min(MAX_TEXT)]),
        Cow::Owned(mut body) => {
            body.truncate(MAX_TEXT);
            Cow::Owned(body)
        }
    };
    let decoded = match part.encoding.as_str() {
        "base64" => base64_decode(&body),
        "quoted-printable" => quoted_printable(&body),
        _ => None,
    };
    decoded.map_or(body, Cow::Owned)
}

/// Returns `body` as text where [`text`] would return it so but for its line ends: where nothing is encoded,
/// and no label is asked.
pub(super) fn as_it_stands<'b>(body: &'b [u8], part: &Part) -> Option<&'b str> {
    let charset = part.charset.as_deref().unwrap_or_default();
    let plain = body.len() <= MAX_TEXT && !part.is_encoded() && !is_shifting(charset);
    let text = plain.then(|| simdutf8::basic::from_utf8(body).ok())??;
    memchr::memchr(0, body).is_none().then_some(text)
}

/// Whether the bytes of a charset may be UTF-8 and mean something else.
fn is_shifting(charset: &str) -> bool {
    charset.starts_with("iso-2022")
        || charset.starts_with("utf-7")
        || charset.starts_with("utf-16")
        || charset.starts_with("hz-")
}

/// Undoes quoted-printable (RFC 2045 section 6.7); `None` where it is broken.
///
/// Most of a body is plain: it is copied in runs and not byte by byte.
fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() + ROW);
    let mut rest = body;
    // White space at the end of a line was added on the way (rule 3).
    let mut padding = 0;
    let mut runs = Runs::new(body, |byte| (byte != b'=') & (byte != b'\n'));
    loop {
        let from = body.len() - rest.len();
        let at = runs.end(from) - from;
        let Some(&mark) = rest.get(at) else { break };
        let run = &rest[..at];
        push_run(&mut out, rest, at);
        let text = run.trim_ascii_end().len();
        padding = run.len() - text + if text == 0 { padding } else { 0 };
        rest = &rest[at + 1..];
        if mark == b'\n' {
            out.truncate(out.len() - padding);
            out.push(b'\n');
            padding = 0;
            continue;
        }
        // Letters of other scripts are codes one behind the other.
        let (from, mut code) = (out.len(), rest);
        while let [high, low, behind @ ..] = code
            && let (Some(high), Some(low)) = (digit(*high), digit(*low))
        {
            out.push(high << 4 | low);
            rest = behind;
            match behind {
                [b'=', more @ ..] => code = more,
                _ => break,
            }
        }
        if out.len() > from {
            padding = 0;
            continue;
        }
        let hex = |at: usize| rest.get(at).map(|&byte| digit(byte));
        match (hex(0), hex(1)) {
            // A body that was cut off within a code.
            (Some(Some(_)), None) | (None, _) => return Some(out),
            _ => {
                let gap = rest
                    .iter()
                    .position(|byte| !matches!(byte, b' ' | b'\t' | b'\x0c'));
                match gap.map(|gap| (gap, rest[gap])) {
                    Some((gap, b'\n')) => rest = &rest[gap + 1..],
                    // Blanks before the code, as the mail library reads them.
                    Some((gap, _)) if gap > 0 => {
                        let high = hex(gap)??;
                        // As above: cut off within the code.
                        let Some(low) = hex(gap + 1) else {
                            return Some(out);
                        };
                        out.push(high << 4 | low?);
                        rest = &rest[gap + 2..];
                    }
                    Some(_) => return None,
                    None => return Some(out),
                }
            }
        }
        padding = 0;
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// What each byte stands for as a hexadecimal digit, 16 or more where it is none.
const DIGITS: [u8; 256] = {
    let mut digits = [16; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

#[inline]
fn digit(byte: u8) -> Option<u8> {
    let value = DIGITS[usize::from(byte)];
    (value < 16).then_some(value)
}

/// Decodes `body` to text. UTF-8 that is valid wins over a label that says otherwise,
/// except for charsets whose bytes are also valid UTF-8 by construction (7-bit shifts, UTF-16).
///
/// `known` is `body` as text where that is known to be some.
pub(super) fn text<'b>(body: Cow<'b, [u8]>, known: Option<&'b str>, part: &Part) -> Cow<'b, str> {
    let bytes = bytes(body, part);
    let charset = part.charset.as_deref().unwrap_or_default();
    if !is_shifting(charset) && !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") {
        return strip_nul(match bytes {
            // A copy costs less than the standard library's look at the bytes.
            Cow::Owned(bytes) => Cow::Owned(
                simdutf8::basic::from_utf8(&bytes)
                    .map_or_else(|_| labelled(&bytes, charset), str::to_owned),
            ),
            Cow::Borrowed(bytes) => known
                .filter(|known| known.len() == bytes.len())
                .or_else(|| simdutf8::basic::from_utf8(bytes).ok())
                .map_or_else(|| Cow::Owned(labelled(bytes, charset)), Cow::Borrowed),
        });
    }
    let text = labelled(&bytes, charset);
    // A body whose label says UTF-16 but whose bytes are plain ASCII decodes to noise.
    if charset.starts_with("utf-16") && bytes.is_ascii() && !bytes.contains(&0) {
        return Cow::Owned(String::from_utf8_lossy(&bytes).into_owned());
    }
    strip_nul(Cow::Owned(text))
}

fn labelled(bytes: &[u8], charset: &str) -> String {
    match charset {
        "" | "utf-8" | "utf8" | "us-ascii" | "ascii" => fallback(bytes),
        other => match charset_decoder(other.as_bytes()) {
            Some(decode) => decode(bytes),
            None => fallback(bytes),
        },
    }
}

/// Unlabelled 8-bit text is read as windows-1252, the commonest liar.
fn fallback(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let broken = lossy
        .chars()
        .filter(|&c| c == char::REPLACEMENT_CHARACTER)
        .count();
    let high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    // One cut character at a limit is no reason to doubt the rest.
    if broken * 8 <= high {
        return lossy.into_owned();
    }
    charset_decoder(b"windows-1252").map_or_else(|| lossy.into_owned(), |decode| decode(bytes))
}

fn strip_nul(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(0, text.as_bytes()).is_some() {
        Cow::Owned(text.replace('\0', ""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::decoders::quoted_printable::quoted_printable_decode;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoted_printable_is_undone_and_a_broken_one_is_left() {
        let decoded = |text: &str| quoted_printable(text.as_bytes());
        assert_eq!(decoded("a=3Db  \nc=\nd").as_deref(), Some(&b"a=b\ncd"[..]));
        assert_eq!(decoded("soft = \nx").as_deref(), Some(&b"soft x"[..]));
        assert_eq!(decoded("end=").as_deref(), Some(&b"end"[..]));
        assert_eq!(decoded("end=4").as_deref(), Some(&b"end"[..]));
        assert_eq!(decoded("end= 4").as_deref(), Some(&b"end"[..]));
        assert_eq!(decoded("=ZZ"), None);
        assert_eq!(decoded("a==3D"), None);
    }

    proptest! {
        /// Whatever the mail library undoes, this undoes to the same bytes; a code cut by a line end
        /// is broken here, where the library reads on.
        #[test]
        fn it_undoes_what_the_library_undoes(body in "([ab \t]|=[0-9A-F]{2}|=[ \t]?\n|\n|=[a-z= ]?){0,24}") {
            let cut = body.split('=').skip(1).any(|code| {
                let code = code.trim_start_matches([' ', '\t']).as_bytes();
                matches!(code, [digit, b'\n', ..] if digit.is_ascii_hexdigit())
            });
            prop_assume!(!cut);
            prop_assert_eq!(quoted_printable(body.as_bytes()), quoted_printable_decode(body.as_bytes()));
        }
    }
}
