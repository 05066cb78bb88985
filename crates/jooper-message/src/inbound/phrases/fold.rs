//! Case, accent and punctuation folding, so that one table entry meets every way of typing it.

use unicode_normalization::char::decompose_compatible;

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
        let from = out.len();
        out.push_str(&rest[..plain]);
        out[from..].make_ascii_lowercase();
        rest = &rest[plain..];
        if let Some(c) = rest.chars().next() {
            fold_char(c, out);
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// How many bytes of ASCII `text` begins with.
pub(crate) fn ascii_run(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let run = text.bytes().position(|byte| !byte.is_ascii());
    run.unwrap_or(text.len())
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

fn fold_char(c: char, out: &mut String) {
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

fn push_digit(c: char, zero: u32, out: &mut String) {
    let digit = char::from_digit(u32::from(c) - zero, 10);
    out.extend(digit);
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{652}' | '\u{670}')
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn folding_meets_every_way_of_typing_a_word() {
        assert_eq!(fold("Désinscrire"), "desinscrire");
        assert_eq!(fold("GRÖẞE"), "grosse");
        assert_eq!(fold("İSTEMİYORUM ılık"), "istemiyorum ilik");
        assert_eq!(fold("don’t\u{a0}stop"), "don't stop");
        assert_eq!(fold("件名：x"), "件名:x");
        assert_eq!(fold("٢٠٢٤"), "2024");
        assert_eq!(fold("\u{202b}שלום\u{202c}"), "שלום");
        assert_eq!(fold("データ"), "データ");
    }
}
