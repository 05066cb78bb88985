//! Lower case as the standard library has it, with plain runs copied and other letters looked up.

use std::borrow::Cow;

use super::phrases::{ascii_run, is_small, kept_run, push_small};

/// Returns what [`str::to_lowercase`] does.
pub(super) fn lower(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = ascii_run(rest);
        let from = out.len();
        out.push_str(&rest[..run]);
        out[from..].make_ascii_lowercase();
        rest = &rest[run..];
        loop {
            let kept = kept_run(rest, |c| is_small(c) || has_no_capitals(c));
            out.push_str(&rest[..kept]);
            rest = &rest[kept..];
            let mut chars = rest.chars();
            match chars.next() {
                // What becomes of it depends on the letters around it.
                Some('\u{3a3}') => return text.to_lowercase(),
                Some(c) if !c.is_ascii() => push_small(c, &mut out),
                _ => break,
            }
            rest = chars.as_str();
        }
    }
    out
}

/// Scripts without capitals, from the radicals of Han to the syllables of Vai.
fn has_no_capitals(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a63f}')
}

/// Returns what [`str::to_lowercase`] does, without a copy where nothing is to be done.
pub(super) fn lowered(text: &str) -> Cow<'_, str> {
    let is_small = |byte: &u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.as_bytes().iter().all(is_small) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(lower(text))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{lower, lowered};

    #[test]
    fn a_sigma_is_lowered_by_what_stands_beside_it() {
        assert_eq!(lower("ΟΔΟΣ, ΣΑΣ A."), "οδος, σας a.");
        assert_eq!(lowered("ΟΔΟΣ"), "οδος");
    }

    #[test]
    fn every_letter_is_lowered_as_the_library_does() {
        for c in '\0'..=char::MAX {
            let text = format!("A{c}B");
            assert_eq!(lower(&text), text.to_lowercase(), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_is_lowered_as_the_library_does(text in "([A-Za-z .]{1,3}|[ΑΣσς]{1,3}|[ßİǅЖÀ漢]{1,2}|\\PC{1,2}){0,20}") {
            prop_assert_eq!(lower(&text), text.to_lowercase());
            prop_assert_eq!(lowered(&text), text.to_lowercase());
        }
    }
}
