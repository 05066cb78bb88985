//! Bare words among the items of a menu below a text: "Unsubscribe | Privacy".

use std::ops::Range;

use super::guards;
use crate::inbound::phrases::Tokens;
use crate::inbound::reply_text::says_nothing;

/// Whether a bare word is one of the items of a menu below text that says something. "Unsubscribe please" and
/// "PS: unsubscribe" are their writer's, and so is a word in a line of its own, below a signature as well: it stops
/// provisionally, and what takes an objection for a footer loses it.
pub(super) fn is_in_one(tokens: &Tokens, hit: &Range<usize>, text: &str) -> bool {
    let Some((first, last)) = tokens.get(hit.start).zip(tokens.get(hit.end.max(1) - 1)) else {
        return false;
    };
    let (start, end) = (first.start as usize, last.end as usize);
    let above = &text[..text[..start].rfind('\n').map_or(0, |end| end + 1)];
    // Most bare words are all there is.
    if above.trim().is_empty() {
        return false;
    }
    let line_end = text[end..].find('\n').map_or(text.len(), |at| end + at);
    let line = text[above.len()..line_end].trim();
    if !has_items(line) {
        return false;
    }
    let within = |i: usize| {
        let at = tokens.get(i).map(|token| token.start as usize);
        at.is_some_and(|at| (above.len()..line_end).contains(&at))
    };
    let polite = tokens
        .sentence_range(hit.start)
        .any(|i| within(i) && !hit.contains(&i) && guards::is_polite(tokens, i));
    let written = line
        .get(..2)
        .is_some_and(|head| head.eq_ignore_ascii_case("ps"))
        || line.starts_with("P.S");
    !polite && !written && !says_nothing(above)
}

/// Whether a line has items side by side, or an address of the web.
pub(super) fn is_a_menu(line: &str) -> bool {
    line.contains("://") || has_items(line)
}

fn has_items(line: &str) -> bool {
    line.contains(['|', '\u{2022}', '\u{b7}'])
}
