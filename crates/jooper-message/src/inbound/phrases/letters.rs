//! What is a letter, looked up in a table: the standard library searches for it, and mail in other
//! scripts than Latin asks for every character several times.

use std::sync::LazyLock;

/// Characters of the Basic Multilingual Plane, a bit each; a mail touches the words of its own scripts only.
type Plane = Box<[u64; 1024]>;

static LETTERS: LazyLock<Plane> = LazyLock::new(|| plane(char::is_alphabetic));
static LETTERS_OR_FIGURES: LazyLock<Plane> = LazyLock::new(|| plane(char::is_alphanumeric));

fn plane(holds: fn(char) -> bool) -> Plane {
    let mut bits = Box::new([0; 1024]);
    for (code, c) in (0_u32..0x1_0000).filter_map(|code| Some((code, char::from_u32(code)?))) {
        if holds(c) {
            bits[(code / 64) as usize] |= 1 << (code % 64);
        }
    }
    bits
}

/// What [`char::is_alphabetic`] says.
#[inline]
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphabetic();
    }
    looked_up(&LETTERS, c).unwrap_or_else(|| c.is_alphabetic())
}

/// What [`char::is_alphanumeric`] says.
#[inline]
pub(crate) fn is_letter_or_figure(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    looked_up(&LETTERS_OR_FIGURES, c).unwrap_or_else(|| c.is_alphanumeric())
}

/// The small letters of the scripts that have most of them, by code; zero where it is not one letter.
static SMALL: LazyLock<Box<[char; 0x600]>> = LazyLock::new(|| {
    let mut table = Box::new(['\0'; 0x600]);
    for (code, to) in (0..).zip(table.iter_mut()) {
        let mut small = char::from_u32(code).unwrap_or_default().to_lowercase();
        if let (Some(one), None) = (small.next(), small.next()) {
            *to = one;
        }
    }
    table
});

/// Whether a character of the scripts that have most small letters is small, or knows no capitals.
#[inline]
pub(crate) fn is_small(c: char) -> bool {
    SMALL.get(u32::from(c) as usize) == Some(&c)
}

/// Appends what [`char::to_lowercase`] gives.
#[inline]
pub(crate) fn push_small(c: char, out: &mut String) {
    match SMALL.get(u32::from(c) as usize) {
        Some(&small) if small != '\0' => out.push(small),
        None if has_no_capitals(c) => out.push(c),
        _ => out.extend(c.to_lowercase()),
    }
}

/// Scripts without capitals: from Arabic to Burmese, from the radicals of Han to the syllables of Vai, and Hangul.
#[inline]
pub(crate) fn has_no_capitals(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{109f}' | '\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}')
}

fn looked_up(plane: &LazyLock<Plane>, c: char) -> Option<bool> {
    let code = u32::from(c);
    let bits = plane.get((code / 64) as usize)?;
    Some(bits >> (code % 64) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_the_library_says() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
            assert_eq!(is_letter_or_figure(c), c.is_alphanumeric(), "{c:?}");
            let mut small = String::new();
            push_small(c, &mut small);
            assert_eq!(small, c.to_lowercase().to_string(), "{c:?}");
            assert!(!has_no_capitals(c) || small == c.to_string(), "{c:?}");
        }
    }
}
