//! Transfer encodings and charsets, with a guess where the label lies.

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

use super::Part;

/// Bytes of one text part that are decoded; no verdict needs more.
const MAX_TEXT: usize = 1024 * 1024;

/// Undoes the transfer encoding of `body`; a broken encoding yields the bytes as they are.
pub(super) fn bytes(body: &[u8], part: &Part) -> Vec<u8> {
    let body = &body[..body.len().min(MAX_TEXT)];
    let decoded = match part.encoding.as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    decoded.unwrap_or_else(|| body.to_vec())
}

/// Decodes `body` to text. UTF-8 that is valid wins over a label that says otherwise,
/// except for charsets whose bytes are also valid UTF-8 by construction (7-bit shifts, UTF-16).
pub(super) fn text(body: &[u8], part: &Part) -> String {
    let bytes = bytes(body, part);
    let charset = part.charset.as_deref().unwrap_or_default();
    let shifting = charset.starts_with("iso-2022")
        || charset.starts_with("utf-7")
        || charset.starts_with("utf-16")
        || charset.starts_with("hz-");
    if !shifting && !bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") {
        match String::from_utf8(bytes) {
            Ok(text) => return strip_nul(text),
            Err(error) => return strip_nul(labelled(error.as_bytes(), charset)),
        }
    }
    let text = labelled(&bytes, charset);
    // A body whose label says UTF-16 but whose bytes are plain ASCII decodes to noise.
    if charset.starts_with("utf-16") && bytes.is_ascii() && !bytes.contains(&0) {
        return String::from_utf8_lossy(&bytes).into_owned();
    }
    strip_nul(text)
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

fn strip_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}
