//! One form for text before words are looked up in it.

/// Longest text that is searched; automatic answers say what they are at the start.
const MAX: usize = 16 * 1024;

/// Folds `text`: lower case, single spaces, plain apostrophes, no composed accents left apart.
pub(super) fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX));
    let mut space = true;
    for c in text.chars() {
        if out.len() > MAX {
            break;
        }
        let c = match c {
            '\u{2019}' | '\u{2018}' | '\u{02bc}' | '`' | '\u{b4}' => '\'',
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

/// Whether `words` stand in `text`, not inside a longer word on their left side.
pub(super) fn stands_in(text: &str, words: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text
        .get(from..)
        .and_then(|rest| rest.find(words))
        .map(|at| at + from)
    {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let first = words.chars().next();
        let inside = matches!((before, first), (Some(before), Some(first)) if before.is_alphanumeric() && first.is_alphanumeric() && !is_unspaced(first));
        if !inside {
            return true;
        }
        from = at + words.len();
    }
    false
}

/// Scripts that put no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af)
}
