//! Case, accent and punctuation folding, so that one table entry meets every way of typing it.

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::char::decompose_compatible;

use crate::inbound::blocks::{BLOCK, which};
use crate::inbound::lookup::begin;

/// Appends `text` folded: lower case, no accents, plain quotes and hyphens, Western digits, no
/// invisible controls.
///
/// Compatibility decomposition (UAX #15, NFKD) also turns full-width punctuation and hard spaces
/// into their plain forms. Only marks of scripts that stay readable without them are dropped.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        // A run of ASCII is copied whole; this is where the time goes.
        let plain = ascii_run(rest);
        if plain > 0 {
            let from = out.len();
            out.push_str(&rest[..plain]);
            out[from..].make_ascii_lowercase();
            rest = &rest[plain..];
        }
        let mut chars = rest.chars();
        while let Some(c) = chars.next() {
            let behind = chars.as_str();
            if !c.is_ascii() {
                fold_char(c, out);
            } else if behind.as_bytes().first().is_none_or(u8::is_ascii) {
                break;
            } else {
                // Between words of another script stands a single space.
                out.push(c.to_ascii_lowercase());
            }
            rest = behind;
        }
    }
}

/// Does what [`fold_into`] does for a word: its runs of ASCII are short.
pub(crate) fn fold_word_into(word: &str, out: &mut String) {
    for c in word.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
        } else {
            fold_char(c, out);
        }
    }
}

/// How many bytes of ASCII `text` begins with. In a text of other letters the runs are short: eight bytes
/// are looked at as one number.
pub(crate) fn ascii_run(text: &str) -> usize {
    const OTHER: u64 = 0x8080_8080_8080_8080;
    let (eights, rest) = text.as_bytes().as_chunks::<8>();
    for (nth, eight) in eights.iter().enumerate() {
        let other = u64::from_le_bytes(*eight) & OTHER;
        if other != 0 {
            return nth * 8 + (other.trailing_zeros() / 8) as usize;
        }
    }
    match begin(rest) & OTHER {
        0 => text.len(),
        other => text.len() - rest.len() + (other.trailing_zeros() / 8) as usize,
    }
}

/// Puts one space for every run of white space in `text`, which is ASCII, and none before the first word.
pub(crate) fn squeeze_ascii(text: &str) -> String {
    squeezed(text, 0)
}

/// Does what [`squeeze_ascii`] does, in lower case.
pub(crate) fn squeeze_ascii_lower(text: &str) -> String {
    squeezed(text, b'a' - b'A')
}

/// There is one such walk for all questions, so that its code stays in the nearest cache; `small` is the bit that
/// capitals get.
#[inline(never)]
fn squeezed(text: &str, small: u8) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len() + BLOCK);
    let mut after_space = true;
    for at in (0..bytes.len()).step_by(BLOCK) {
        let spaces = which(bytes, at, is_space);
        let doubled = spaces & (spaces << 1 | u64::from(after_space));
        let from = out.len();
        // A whole block is written with fewer branches than what is left of one.
        let len = BLOCK.min(bytes.len() - at);
        let mut block = [b' '; BLOCK];
        match bytes[at..].first_chunk::<BLOCK>() {
            Some(whole) => block = *whole,
            None => block[..len].copy_from_slice(&bytes[at..]),
        }
        out.extend_from_slice(&block.map(|byte| squeezed_byte(byte, small)));
        out.truncate(from + len);
        after_space = spaces >> (len - 1) & 1 == 1;
        if doubled != 0 {
            leave_out(&mut out, from, doubled);
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

#[inline]
fn squeezed_byte(byte: u8, small: u8) -> u8 {
    let capital = byte.wrapping_sub(b'A') < 26;
    match (is_space(byte), capital) {
        (true, _) => b' ',
        (false, true) => byte | small,
        (false, false) => byte,
    }
}

/// Leaves out the bytes behind `from` that have a bit set.
fn leave_out(out: &mut Vec<u8>, from: usize, doubled: u64) {
    let first = from + doubled.trailing_zeros() as usize;
    let mut kept = first;
    for at in first..out.len() {
        out[kept] = out[at];
        kept += usize::from(doubled >> (at - from) & 1 == 0);
    }
    out.truncate(kept);
}

#[inline]
fn is_space(byte: u8) -> bool {
    (byte == b' ') | (byte.wrapping_sub(b'\t') < 5)
}

/// Returns `text` folded; see [`fold_into`].
pub(crate) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Reports whether `c` is an invisible direction or joining control.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}

/// What most characters of the scripts of Europe, western and southern Asia are folded to, by their code: one
/// character, or zero where it is none or more than one.
static FOLDED: LazyLock<Vec<char>> = LazyLock::new(|| table(0..0x1000));

/// More letters of Latin and Greek with general punctuation, and the signs of East Asia.
const MORE: Range<u32> = 0x1e00..0x2100;
const EASTERN: Range<u32> = 0x3000..0x3100;
static FOLDED_MORE: LazyLock<Vec<char>> = LazyLock::new(|| table(MORE));
static FOLDED_EASTERN: LazyLock<Vec<char>> = LazyLock::new(|| table(EASTERN));

fn table(codes: Range<u32>) -> Vec<char> {
    let folded = |code| {
        let mut folded = String::new();
        fold_any(char::from_u32(code).unwrap_or_default(), &mut folded);
        let mut folded = folded.chars();
        match (folded.next(), folded.next()) {
            (Some(one), None) => one,
            _ => '\0',
        }
    };
    codes.map(folded).collect()
}

fn fold_char(c: char, out: &mut String) {
    match FOLDED.get(u32::from(c) as usize) {
        Some(&folded) if folded != '\0' => out.push(folded),
        None if is_plain(c) => out.push(c),
        None if matches!(c, '\u{ac00}'..='\u{d7a3}') => push_jamos(c, out),
        None => match folded_more(c) {
            Some(folded) if folded != '\0' => out.push(folded),
            _ => fold_any(c, out),
        },
        Some(_) => fold_any(c, out),
    }
}

fn folded_more(c: char) -> Option<char> {
    let code = u32::from(c);
    let (table, begin) = match code {
        _ if MORE.contains(&code) => (&FOLDED_MORE, MORE.start),
        _ if EASTERN.contains(&code) => (&FOLDED_EASTERN, EASTERN.start),
        _ => return None,
    };
    table.get((code - begin) as usize).copied()
}

/// Appends the letters of a syllable of Hangul (the Unicode Standard, section 3.12).
fn push_jamos(syllable: char, out: &mut String) {
    /// How many vowels and last letters there are.
    const VOWELS: u32 = 21;
    const LASTS: u32 = 28;
    let at = u32::from(syllable) - 0xac00;
    let (first, vowel, last) = (at / (VOWELS * LASTS), at / LASTS % VOWELS, at % LASTS);
    out.extend(char::from_u32(0x1100 + first));
    out.extend(char::from_u32(0x1161 + vowel));
    if last > 0 {
        out.extend(char::from_u32(0x11a7 + last));
    }
}

fn fold_any(c: char, out: &mut String) {
    if is_plain(c) {
        return out.push(c);
    }
    if is_invisible(c) {
        return;
    }
    match c {
        '’' | '‘' | '´' | '′' | 'ʼ' | '‛' | '׳' => return out.push('\''),
        '“' | '”' | '„' | '«' | '»' | '‟' | '״' => return out.push('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => return out.push('-'),
        '\u{660}'..='\u{669}' => return push_digit(c, 0x660, out),
        '\u{6F0}'..='\u{6F9}' => return push_digit(c, 0x6F0, out),
        _ => {}
    }
    for lower in c.to_lowercase() {
        match lower {
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            'ı' => out.push('i'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ς' => out.push('σ'),
            // Dropping the voicing marks of kana would change words, so kana stay whole.
            '\u{3041}'..='\u{30FF}' => out.push(lower),
            _ => decompose_compatible(lower, |d| {
                if !is_accent(d) {
                    out.push(d);
                }
            }),
        }
    }
}

/// Letters that folding leaves as they are: small Cyrillic, Hebrew, Arabic, Thai, kana and Han.
pub(crate) fn is_plain(c: char) -> bool {
    matches!(c, '\u{430}'..='\u{438}' | '\u{43A}'..='\u{44F}' | '\u{5D0}'..='\u{5EA}'
        | '\u{628}'..='\u{63A}' | '\u{641}'..='\u{64A}' | '\u{E01}'..='\u{E30}'
        | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{4E00}'..='\u{9FA5}')
}

fn push_digit(c: char, zero: u32, out: &mut String) {
    let digit = char::from_digit(u32::from(c) - zero, 10);
    out.extend(digit);
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{652}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::{fold, is_plain, squeeze_ascii, squeeze_ascii_lower};
    use unicode_normalization::char::decompose_compatible;

    #[test]
    fn letters_called_plain_are_not_changed_by_folding() {
        for c in ('\0'..=char::MAX).filter(|c| is_plain(*c)) {
            let mut decomposed = String::new();
            decompose_compatible(c, |d| decomposed.push(d));
            let kana = matches!(c, '\u{3041}'..='\u{30FF}');
            assert!(kana || decomposed == c.to_string(), "{c}");
            assert_eq!(c.to_lowercase().to_string(), c.to_string());
            assert!(c.is_alphabetic() && !super::is_invisible(c) && !super::is_accent(c));
        }
    }

    #[test]
    fn white_space_is_squeezed() {
        let squeezed = squeeze_ascii_lower;
        let text = " \nOne\t\r\n two\u{b}\u{c}Three \n";
        assert_eq!(squeezed(text), "one two three ");
        assert_eq!(squeeze_ascii(text), "One two Three ");
        assert_eq!(squeezed(""), "");
        let long = "A line as long as two blocks.  Two  blanks, and \n a  break behind ";
        let plain = long.to_ascii_lowercase();
        let plain = plain.split_ascii_whitespace().collect::<Vec<_>>().join(" ") + " ";
        for from in 0..long.len() {
            let rest = &long[from..];
            let words = rest.to_ascii_lowercase();
            let words = words.split_ascii_whitespace().collect::<Vec<_>>().join(" ") + " ";
            assert_eq!(squeezed(rest), words.trim_start(), "{rest:?}");
        }
        assert_eq!(squeezed(long), plain);
        assert_eq!(squeezed(" \n"), "");
    }

    #[test]
    fn a_sign_is_folded_by_the_table_as_without_it() {
        for c in '\0'..=char::MAX {
            let (mut tabled, mut plainly) = (String::new(), String::new());
            super::fold_char(c, &mut tabled);
            super::fold_any(c, &mut plainly);
            assert_eq!(tabled, plainly, "{c:?}");
        }
    }

    #[test]
    fn folding_meets_every_way_of_typing_a_word() {
        assert_eq!(fold("Désinscrire"), "desinscrire");
        assert_eq!(fold("JÁ № 5 É™X"), "ja No 5 eTMx");
        assert_eq!(fold("GRÖẞE"), "grosse");
        assert_eq!(fold("İSTEMİYORUM ılık"), "istemiyorum ilik");
        assert_eq!(fold("don’t\u{a0}stop"), "don't stop");
        assert_eq!(fold("件名：x"), "件名:x");
        assert_eq!(fold("٢٠٢٤"), "2024");
        assert_eq!(fold("\u{202b}שלום\u{202c}"), "שלום");
        assert_eq!(fold("データ"), "データ");
    }
}
