//! Bare words in a footer of their writer's house, below a signature that was not cut: "Unsubscribe".

use std::ops::Range;

use super::asides::Asides;
use super::guards;
use crate::inbound::reply_text::{closes, says_nothing};

/// Most lines from a closing to a footer, and most words of a name on a line.
const SIGNED: usize = 6;
const NAME: std::ops::RangeInclusive<usize> = 2..=3;

/// With what a sentence of a person's ends, and no link.
const EXCLAMATIONS: [char; 5] = ['.', '!', '\u{3002}', '\u{ff01}', '\u{ff0e}'];

/// Whether a bare word stands in a footer: below a closing or a name and text that takes our mail up, or among the items
/// of a menu or beside an address of the web. "Unsubscribe please" and "PS: unsubscribe" are their writer's.
///
/// `of_subscriptions` says whether the word is about a subscription and little else.
pub(super) fn is_in_one(
    asides: &mut Asides<'_>,
    hit: &Range<usize>,
    of_subscriptions: bool,
    text: &str,
) -> bool {
    let tokens = asides.tokens;
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
    let within = |i: usize| {
        let at = tokens.get(i).map(|token| token.start as usize);
        at.is_some_and(|at| (above.len()..line_end).contains(&at))
    };
    let sentence = tokens.sentence_range(hit.start);
    let polite = sentence
        .clone()
        .any(|i| within(i) && !hit.contains(&i) && guards::is_polite(tokens, i));
    let written = line
        .get(..2)
        .is_some_and(|head| head.eq_ignore_ascii_case("ps"))
        || line.starts_with("P.S");
    if polite || written {
        return false;
    }
    let said = |above: &str| !says_nothing(above);
    if is_a_menu(line) {
        return said(above);
    }
    // Nobody's footer stops, removes, exclaims or shouts.
    of_subscriptions
        && !line.ends_with(EXCLAMATIONS)
        && !is_shouted(&text[start..end])
        && is_signed(above, |above| said(above) && asides.takes_up(above.len()))
}

/// Whether a word is in capitals.
fn is_shouted(word: &str) -> bool {
    word.contains(char::is_uppercase) && !word.contains(char::is_lowercase)
}

/// Whether a line has items side by side, or an address of the web.
pub(super) fn is_a_menu(line: &str) -> bool {
    line.contains("://") || line.contains(['|', '\u{2022}', '\u{b7}'])
}

/// Whether a text that says something ends in a closing with a name and the like below it, or in a name.
fn is_signed(text: &str, mut said: impl FnMut(&str) -> bool) -> bool {
    let mut rest = text.trim_end();
    let mut named = None;
    for _ in 0..SIGNED {
        let at = rest.rfind('\n').map_or(0, |end| end + 1);
        let (above, line) = (rest[..at].trim_end(), rest[at..].trim());
        if closes(line) {
            return said(above);
        }
        if line.ends_with(['.', '!', '?', ':', ';', ',']) {
            break;
        }
        // "Anna Berg", with nothing above it in its paragraph.
        let apart = rest[..at].ends_with("\n\n");
        named = (apart && is_name(line)).then_some(above).or(named);
        rest = above;
    }
    named.is_some_and(said)
}

fn is_name(line: &str) -> bool {
    let mut words = line.split_whitespace();
    NAME.contains(&words.clone().count())
        && words.all(|word| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
}
