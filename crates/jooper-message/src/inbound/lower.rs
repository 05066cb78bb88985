//! Lower case as the standard library has it, with plain runs copied and other letters looked up.

use std::borrow::Cow;

use super::phrases::{ascii_run, has_no_capitals, is_small, push_small};

/// Returns what [`str::to_lowercase`] does.
pub(super) fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = ascii_run(rest);
        out.push_str(&rest[..run]);
        rest = &rest[run..];
        loop {
            let small = small_run(rest);
            out.push_str(&rest[..small]);
            rest = &rest[small..];
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
    // Other letters were made small one by one.
    out.make_ascii_lowercase();
    out
}

/// How many bytes `text` begins with that stay as they are: letters beyond ASCII, and between two of
/// them a byte that is no capital.
fn small_run(text: &str) -> usize {
    let mut end = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let behind = chars.as_str();
        let small = if c.is_ascii() {
            let between = behind.as_bytes().first().is_some_and(|b| !b.is_ascii());
            between && !c.is_ascii_uppercase()
        } else {
            is_small(c) || has_no_capitals(c)
        };
        if !small {
            break;
        }
        end = text.len() - behind.len();
    }
    end
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
