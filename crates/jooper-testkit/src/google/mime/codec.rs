//! Base64 in its two alphabets, and quoted-printable; reading forgives, writing does not vary.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Writes base64url as Gmail does, padding included.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    general_purpose::URL_SAFE.encode(bytes)
}

/// Reads base64url with or without padding; the standard alphabet is refused.
pub(crate) fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    URL.decode(text).ok()
}

/// Reads the base64 of a MIME part, skipping what is not in the alphabet.
pub(crate) fn decode_base64(bytes: &[u8]) -> Vec<u8> {
    let clean: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|b| b.is_ascii_alphanumeric() || *b == b'+' || *b == b'/')
        .collect();
    let whole = if clean.len() % 4 == 1 {
        &clean[..clean.len() - 1]
    } else {
        &clean[..]
    };
    STANDARD.decode(whole).unwrap_or_default()
}

/// Writes base64 in lines of 76.
pub(crate) fn encode_base64_lines(bytes: &[u8]) -> String {
    let text = general_purpose::STANDARD.encode(bytes);
    let mut out = String::with_capacity(text.len() + text.len() / 38);
    for line in text.as_bytes().chunks(76) {
        out.push_str(&String::from_utf8_lossy(line));
        out.push_str("\r\n");
    }
    out
}

/// Reads quoted-printable; a stray `=` stays.
pub(crate) fn decode_quoted(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'=' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        match &bytes[at + 1..] {
            [b'\r', b'\n', ..] => at += 3,
            [b'\n', ..] => at += 2,
            [high, low, ..] => {
                if let (Some(high), Some(low)) =
                    ((*high as char).to_digit(16), (*low as char).to_digit(16))
                {
                    out.push((high * 16 + low) as u8);
                    at += 3;
                } else {
                    out.push(b'=');
                    at += 1;
                }
            }
            _ => {
                out.push(b'=');
                at += 1;
            }
        }
    }
    out
}

/// Writes quoted-printable with lines of at most 76.
pub(crate) fn encode_quoted(text: &str) -> String {
    let mut out = String::new();
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let mut width = 0;
        for (at, byte) in line.bytes().enumerate() {
            let last = at + 1 == line.len();
            let plain = (b'!'..=b'~').contains(&byte) && byte != b'='
                || (byte == b' ' || byte == b'\t') && !last;
            let piece = if plain {
                char::from(byte).to_string()
            } else {
                format!("={byte:02X}")
            };
            if width + piece.len() > 75 {
                out.push_str("=\r\n");
                width = 0;
            }
            width += piece.len();
            out.push_str(&piece);
        }
        out.push_str("\r\n");
    }
    if !text.ends_with('\n') {
        return out;
    }
    out.truncate(out.len() - 2);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_goes_there_and_back() {
        let text = format!("Grüße = {} \r\nzweite\r\n", "lang ".repeat(30));
        let coded = encode_quoted(&text);
        assert!(coded.lines().all(|line| line.len() <= 76));
        assert_eq!(
            String::from_utf8(decode_quoted(coded.as_bytes())).unwrap(),
            text
        );
        assert_eq!(decode_quoted(b"a=zz=\nb="), b"a=zzb=");
    }

    #[test]
    fn only_the_url_alphabet_is_raw() {
        assert_eq!(
            decode_base64url("_-8").unwrap(),
            decode_base64url("_-8=").unwrap()
        );
        assert!(decode_base64url("/+8=").is_none());
        assert_eq!(decode_base64(b"SGk\r\nh"), b"Hi!");
    }
}
