//! One form for text before words are looked up in it.

use crate::inbound::lookup::starts_a_word;
use crate::inbound::phrases::squeeze_ascii;

/// Longest text that is searched; automatic answers say what they are at the start.
const MAX: usize = 16 * 1024;

/// Folds `text`: lower case, single spaces, plain apostrophes, no composed accents left apart.
pub(super) fn fold(text: &str) -> String {
    if text.len() <= MAX && text.is_ascii() {
        return squeeze_ascii(text, |byte| match byte {
            b'`' => b'\'',
            byte => byte.to_ascii_lowercase(),
        });
    }
    let mut out = String::with_capacity(text.len().min(MAX));
    let mut space = true;
    for c in text.chars() {
        if out.len() > MAX {
            break;
        }
        if c.is_ascii() {
            space = fold_ascii(c, space, &mut out);
            continue;
        }
        let c = match c {
            '\u{2019}' | '\u{2018}' | '\u{02bc}' | '\u{b4}' => '\'',
            '\u{a0}' | '\u{202f}' | '\u{200b}' | '\u{feff}' => ' ',
            '\u{2013}' | '\u{2014}' | '\u{2011}' | '\u{2010}' => '-',
            '\u{130}' => 'i',
            other => other,
        };
        if c.is_whitespace() {
            if !space {
                out.push(' ');
            }
            space = true;
        } else {
            out.extend(c.to_lowercase());
            space = false;
        }
    }
    out
}

/// Folds one character of ASCII, by far the most frequent; tells whether it was a space.
fn fold_ascii(c: char, after_space: bool, out: &mut String) -> bool {
    let space = matches!(c, ' ' | '\t'..='\r');
    if !space {
        out.push(if c == '`' {
            '\''
        } else {
            c.to_ascii_lowercase()
        });
    } else if !after_space {
        out.push(' ');
    }
    space
}

/// Whether `words` stand in `text`, not inside a longer word on their left side.
pub(super) fn stands_in(text: &str, words: &str) -> bool {
    text.match_indices(words)
        .any(|(at, _)| starts_a_word(text, at))
}
