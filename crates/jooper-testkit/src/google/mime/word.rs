//! RFC 2047 encoded words, and the few charsets that real mail still uses.

use super::codec::{decode_base64, decode_quoted};

/// Decodes `=?charset?B|Q?…?=` words; anything else stays as it is.
pub(crate) fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(start) = rest.find("=?") {
        let Some((text, length)) = word(&rest[start..]) else {
            out.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            after_word = false;
            continue;
        };
        let gap = &rest[..start];
        // RFC 2047 section 6.2: blanks between two encoded words are not shown.
        if !(after_word && gap.trim().is_empty()) {
            out.push_str(gap);
        }
        out.push_str(&text);
        rest = &rest[start + length..];
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn word(text: &str) -> Option<(String, usize)> {
    let inner = &text[2..];
    let mut parts = inner.splitn(3, '?');
    let (charset, coding, tail) = (parts.next()?, parts.next()?, parts.next()?);
    let end = tail.find("?=")?;
    let data = &tail[..end];
    let bytes = match coding {
        "B" | "b" => decode_base64(data.as_bytes()),
        "Q" | "q" => decode_quoted(data.replace('_', " ").as_bytes()),
        _ => return None,
    };
    let length = 2 + charset.len() + 1 + coding.len() + 1 + end + 2;
    Some((decode_charset(&bytes, charset), length))
}

/// Text from bytes in a named charset; unknown ones are read as UTF-8 with replacements.
pub(crate) fn decode_charset(bytes: &[u8], charset: &str) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "iso-8859-1" | "latin1" | "iso-8859-15" | "windows-1252" | "cp1252" => {
            bytes.iter().map(|b| windows_1252(*b)).collect()
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    if (0x80..0xa0).contains(&byte) {
        HIGH[usize::from(byte - 0x80)]
    } else {
        char::from(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_decode_and_plain_text_stays() {
        assert_eq!(
            decode_words("=?utf-8?B?R3LDvMOfZQ==?= an =?iso-8859-1?q?M=FCller_&_S=F6hne?="),
            "Grüße an Müller & Söhne"
        );
        assert_eq!(decode_words("=?utf-8?q?a?=\t =?utf-8?q?b?="), "ab");
        assert_eq!(decode_words("=?broken? 2 =? 3"), "=?broken? 2 =? 3");
        assert_eq!(decode_charset(b"\x80", "windows-1252"), "€");
    }
}
