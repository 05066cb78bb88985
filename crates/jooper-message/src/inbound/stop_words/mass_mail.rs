//! Requests in mail that looks like a list's or a system's: a person may write through either.

use super::footers::is_a_menu;
use super::{BOOK, Meaning, StopRequest, below, find_stop_request, misspelled, notices, surest};
use crate::inbound::phrases::{Hit, Tokens};
use crate::inbound::reply_text::{says_nothing, speaks_of_oneself};

/// How much of a text is read, in bytes: a person's stands near the top.
const LIMIT: usize = 4 << 10;
/// Longest text in which a bare word is its writer's, in words.
const SHORT: usize = 20;
/// Longest text in which a line without a full stop may be a request, in words: in a longer one it is a button.
const LETTER: usize = 60;
/// Most words of a button.
const LABEL: usize = 8;

/// Finds what a person asks in a text, and nothing that a footer or a notice tells its readers.
pub(super) fn find(text: &str, notice: bool) -> Option<StopRequest> {
    let text = &text[..text.floor_char_boundary(LIMIT)];
    let tokens = words(text);
    // "Unsubscribe", above which stands a greeting at most.
    let bare = || {
        let found = (tokens.len() <= SHORT).then(|| find_stop_request(text))??;
        let line = line_at(text, found.span.start);
        (says_nothing(&text[..found.span.start]) && !is_a_menu(line)).then_some(found)
    };
    in_full(&tokens, text, notice).or_else(bare)
}

/// Finds what a person asks in a title: a bare word may be a newsletter's.
pub(super) fn find_in_title(title: &str, notice: bool) -> Option<StopRequest> {
    in_full(&words(title), title, notice)
}

fn words(text: &str) -> Tokens {
    let mut tokens = Tokens::new(text, LIMIT);
    misspelled::mend(&mut tokens);
    tokens
}

/// Finds a request that speaks of whoever writes.
fn in_full(tokens: &Tokens, text: &str, notice: bool) -> Option<StopRequest> {
    surest(&BOOK, tokens, text, |tokens, hit| {
        below::is_of_whoever_writes(tokens, hit, text)
            && (!notice || is_no_housekeeping(tokens, hit, text))
            && !is_a_button(tokens, hit, text)
    })
}

/// A system refuses much in the name of its house ("please do not write to us here"), and never "me".
fn is_no_housekeeping(tokens: &Tokens, hit: &Hit<Meaning>, text: &str) -> bool {
    let span = |from: usize, to: usize| {
        let (first, last) = tokens.get(from).zip(tokens.get(to))?;
        text.get(first.start as usize..last.end as usize)
    };
    let words = span(hit.start, hit.end.min(tokens.len() - 1)).unwrap_or_default();
    notices::is_removal(tokens, hit) || speaks_of_oneself(words)
}

/// Whether a request is what a link says: beside a web address or other items of a menu, or in a short line of a long
/// text, without the full stop of a sentence.
fn is_a_button(tokens: &Tokens, hit: &Hit<Meaning>, text: &str) -> bool {
    let Some((first, last)) = tokens.get(hit.start).zip(tokens.get(hit.end.max(1) - 1)) else {
        return true;
    };
    let (start, end) = (first.start as usize, last.end as usize);
    let line = line_at(text, start);
    let next = text[end..].lines().skip(1).map(str::trim);
    let next = next.filter(|line| !line.is_empty()).take(1);
    let linked = next
        .into_iter()
        .any(|line| line.trim_start_matches(['<', '(', '[']).starts_with("http"));
    let label = line.split_whitespace().nth(LABEL).is_none() && !line.ends_with(['.', '!', ',']);
    is_a_menu(line) || linked || label && tokens.len() > LETTER
}

/// The line of a text that has a byte, without white space around it.
fn line_at(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    text[start..end].trim()
}
