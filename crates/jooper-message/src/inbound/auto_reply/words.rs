//! One form for text before words are looked up in it.

use std::sync::LazyLock;

use crate::inbound::lookup::starts_a_word;
use crate::inbound::phrases::{has_no_capitals, is_letter, push_small, squeeze_ascii_lower};

/// Longest text that is searched; automatic answers say what they are at the start.
const MAX: usize = 16 * 1024;

/// Folds `text`: lower case, single spaces, plain apostrophes, no composed accents left apart.
pub(super) fn fold(text: &str) -> String {
    if text.len() <= MAX && text.is_ascii() {
        let squeezed = squeeze_ascii_lower(text);
        if memchr::memchr(b'`', squeezed.as_bytes()).is_none() {
            return squeezed;
        }
        return squeezed.replace('`', "'");
    }
    let mut out = String::with_capacity(text.len().min(MAX));
    let mut space = true;
    let mut rest = text;
    let small = &**SMALL;
    while !rest.is_empty() && out.len() <= MAX {
        // What needs nothing but lower case is copied whole; this is where the time goes.
        let run = plain_run(rest, space);
        if run > 0 {
            let run = run.min(rest.ceil_char_boundary(MAX + 1 - out.len()));
            out.push_str(&rest[..run]);
            space = out.ends_with(' ');
            rest = &rest[run..];
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        let small = match small.get(u32::from(c) as usize) {
            Some(&small) => small,
            None if is_kept(c) => c,
            None => '\0',
        };
        if small != '\0' {
            out.push(small);
            space = false;
            continue;
        }
        let c = typed(c);
        if c.is_whitespace() {
            if !space {
                out.push(' ');
            }
            space = true;
        } else {
            push_small(c, &mut out);
            space = false;
        }
    }
    // Other letters were made small one by one.
    out.make_ascii_lowercase();
    out
}

/// What the letters of the scripts that most mail is written in become, by their code; zero for signs, and
/// where it is not one letter.
static SMALL: LazyLock<Box<[char; 0x600]>> = LazyLock::new(|| {
    let mut table = Box::new(['\0'; 0x600]);
    for (code, to) in (0..).zip(table.iter_mut()) {
        let c = char::from_u32(code).unwrap_or_default();
        let mut small = c.to_lowercase();
        if let (Some(one), None) = (small.next(), small.next())
            && is_letter(c)
            && typed(c) == c
        {
            *to = one;
        }
    }
    table
});

/// The plain form of a sign that is typed in many ways.
fn typed(c: char) -> char {
    match c {
        '`' | '\u{2019}' | '\u{2018}' | '\u{02bc}' | '\u{b4}' => '\'',
        '\u{a0}' | '\u{202f}' | '\u{200b}' | '\u{feff}' => ' ',
        '\u{2013}' | '\u{2014}' | '\u{2011}' | '\u{2010}' => '-',
        '\u{130}' => 'i',
        other => other,
    }
}

/// Whether a sign of the scripts without capitals is kept as it is: all but a blank.
fn is_kept(c: char) -> bool {
    has_no_capitals(c) && c != '\u{3000}'
}

/// How many bytes `text` begins with that need nothing but lower case: ASCII without a grave accent and
/// white space but single spaces, and small letters; `after_space` tells whether a space stands before it.
fn plain_run(text: &str, mut after_space: bool) -> usize {
    let small = &**SMALL;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' if after_space => break,
            b'\t'..=b'\r' | b'`' => break,
            0..=0x7f => at += 1,
            _ => {
                let Some(c) = text[at..].chars().next() else {
                    break;
                };
                let kept = match small.get(u32::from(c) as usize) {
                    Some(&small) => small == c,
                    None => is_kept(c),
                };
                if !kept {
                    break;
                }
                at += c.len_utf8();
            }
        }
        after_space = byte == b' ';
    }
    at
}

/// Whether `words` stand in `text`, not inside a longer word on their left side.
pub(super) fn stands_in(text: &str, words: &str) -> bool {
    text.match_indices(words)
        .any(|(at, _)| starts_a_word(text, at))
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn white_space_signs_and_capitals_become_one_form() {
        for (text, folded) in [
            (" I`m \t away\n\nTODAY  ", "i'm away today "),
            (
                " I\u{2019}M \u{a0} \n weg \u{2013} BIS Übermorgen",
                "i'm weg - bis übermorgen",
            ),
            ("\u{130}yi  ГРУППА\u{b}А", "iyi группа а"),
            ("Сім\u{2bc}я  НА місці ", "сім'я на місці "),
        ] {
            assert_eq!(fold(text), folded);
        }
        assert!(fold(&"äa b ".repeat(9_000)).len() <= super::MAX + 2);
    }
}
