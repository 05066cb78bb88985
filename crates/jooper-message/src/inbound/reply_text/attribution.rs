//! Lines such as "On 5 Jan 2024 at 10:00, Ana <ana@example.com> wrote:", in any language and wrapped.
//!
//! Clients translate and reorder these lines, but a date, an address, a verb of writing and a final
//! colon remain. A line counts when enough of them come together.

use std::borrow::Cow;

use super::facts::facts;
use super::lines::Lines;
use super::verbs::{ends_in_verb, is_verb, starts_like_attribution};
use crate::inbound::phrases::{fold, fold_into, is_letter, is_letter_or_figure};

/// How many lines a client wraps one attribution over.
const MOST_LINES: usize = 5;
/// Longer text is no attribution, in folded bytes.
const MOST_BYTES: usize = 500;

/// Returns the line after the attribution that starts at line `i`.
pub(super) fn attribution(lines: &Lines<'_>, i: usize) -> Option<usize> {
    let first = fold_line(lines, i)?;
    if let Some(end) = single(lines, i, &first) {
        return Some(end);
    }
    if !may_go_on(&first) {
        return None;
    }
    let mut joined = first.into_owned();
    let mut starts = Vec::with_capacity(MOST_LINES);
    let mut at = i + 1;
    for _ in 1..MOST_LINES {
        // Only one client leaves a gap in the middle, before the bracket that holds the address.
        if lines.is_blank(at) && lines.get(at + 1).starts_with('<') {
            at += 1;
        }
        if lines.is_blank(at) || lines.get(at).starts_with('>') && !closes_address(lines.get(at)) {
            return None;
        }
        let next = fold_line(lines, at)?;
        joined.push(' ');
        starts.push(joined.len());
        joined.push_str(&next);
        at += 1;
        if joined.len() > MOST_BYTES {
            return None;
        }
        if accepts(&joined, quote_follows(lines, at)) {
            // The tail may be complete without the first lines, which are then the writer's own text.
            let own_start = starts
                .iter()
                .any(|start| is_complete(&joined[*start..], &joined[..*start], lines, at));
            return (!own_start).then_some(at);
        }
    }
    None
}

/// Whether `tail`, which ends before line `end`, is an attribution without `above`: with a day and somebody's address,
/// or below what is a sentence and no beginning of one.
fn is_complete(tail: &str, above: &str, lines: &Lines<'_>, end: usize) -> bool {
    if !accepts(tail, quote_follows(lines, end)) {
        return false;
    }
    let says = facts(tail);
    let sentence = above.trim_end().ends_with(['.', '!', '?']);
    let begins = || starts_like_attribution(above) || facts(above).date;
    says.date && (says.address || sentence || starts_like_attribution(tail) && !is_verb(above))
        || sentence && !begins()
}

fn single(lines: &Lines<'_>, i: usize, folded: &str) -> Option<usize> {
    accepts(folded, quote_follows(lines, i + 1)).then_some(i + 1)
}

fn quote_follows(lines: &Lines<'_>, i: usize) -> bool {
    lines
        .next_filled(i, 3)
        .is_some_and(|j| lines.get(j).starts_with(['>', '|']) && !closes_address(lines.get(j)))
}

// `> wrote:` is the end of a wrapped `<address>`, not a quoted line.
fn closes_address(line: &str) -> bool {
    let rest = line.trim_start_matches(['>', ' ']);
    rest == ":"
        || rest.len() < 40
            && rest.ends_with([':', '：'])
            && is_verb(&fold(rest))
            && rest.split_whitespace().count() <= 3
}

fn fold_line<'a>(lines: &'a Lines<'_>, i: usize) -> Option<Cow<'a, str>> {
    let line = lines.get(i);
    if line.is_empty() || line.len() > MOST_BYTES {
        return None;
    }
    let bare = line.trim_matches(['*', '_', '"', '|']);
    if bare.len() == line.len()
        && let Cow::Borrowed(folded) = lines.folded(i)
    {
        return Some(Cow::Borrowed(folded.trim_end()));
    }
    let mut out = String::with_capacity(bare.len() + 8);
    fold_into(bare, &mut out);
    out.truncate(out.trim_end().len());
    Some(Cow::Owned(out))
}

/// Whether a wrapped attribution can begin with this line.
fn may_go_on(first: &str) -> bool {
    // Only digits make a date or a time.
    if !first
        .bytes()
        .any(|b| b.is_ascii_digit() || matches!(b, b'@' | b'<'))
    {
        return false;
    }
    // Facts are read last: most lines have neither an address nor a beginning of one.
    if !(first.contains('@') || first.ends_with(['<', ',']) || starts_like_attribution(first)) {
        return false;
    }
    let f = facts(first);
    let sentence = first.ends_with(['.', '!', '?']);
    f.address
        || first.ends_with('<')
        || (starts_like_attribution(first) && (f.date || f.time) && (!sentence || f.date && f.time))
        || (f.date && first.ends_with(','))
}

fn accepts(text: &str, quote_follows: bool) -> bool {
    let colon = text.ends_with(':');
    let dashed = text.starts_with("---") && text.ends_with("---");
    let body = text.trim_matches(['-', ' ']);
    let may_end_in_verb = !colon
        && text.ends_with(|c: char| {
            is_letter(c) || c == ')' || c == '>' || c == '-' || c.is_ascii_digit()
        });
    if !colon && !may_end_in_verb && !quote_follows {
        return false;
    }
    let digits = body.bytes().any(|b| b.is_ascii_digit());
    if !digits && !colon && !dashed {
        return false; // All that is left needs a date.
    }
    let dated = quote_follows || body.starts_with(|c: char| c.is_ascii_digit());
    if !colon && !dashed && !dated && !ends_in_verb(body) {
        return false;
    }
    if !quote_follows && is_ones_own(body) {
        return false;
    }
    let f = facts(body);
    // Words are looked up last: most lines lack a date or an address.
    let opens = || starts_like_attribution(body);
    if colon {
        let proven = f.address || quote_follows || f.date && (f.time || opens());
        let dated = || f.address && f.date && ends_in_address(text);
        // In a language that no list has: who, in brackets, the year and the time of day.
        let stamped = || f.address && holds_bracketed_address(body) && holds_year_and_time(body);
        return quote_follows && (f.address || f.date && f.time)
            || proven && ends_in_verb(body)
            || dated()
            || stamped()
            || proven && is_verb(body);
    }
    if dashed {
        return ends_in_verb(body);
    }
    let closed = || ends_in_address(text);
    f.date && (f.address || f.time) && ends_in_verb(body) && opens()
        || f.iso_start && f.address && closed()
        || f.iso_start
            && f.time
            && (body.contains("gmt") || body.contains("utc"))
            && body.len() < 100
        || quote_follows && f.date && f.address && (closed() || f.time)
}

/// Whether a line is a sentence of whoever writes the mail, about a mail of theirs or of ours: "on 3 March I wrote to
/// you". Clients write of a third person, and at most "you wrote".
fn is_ones_own(body: &str) -> bool {
    let words = || {
        let words = body.split(|c: char| !is_letter_or_figure(c));
        words.filter(|word| !word.is_empty())
    };
    // Alone, or beside the word behind: "je" is a verb of Slavic languages, "i" a word of many.
    let mut pairs = words().zip(words().skip(1).chain([""]));
    let first = pairs.any(|pair| match pair {
        ("ich" | "wir" | "ik" | "jeg" | "jag" | "я" | "jsem", _) => true,
        ("i" | "we", next) => matches!(next, "wrote" | "have" | "had" | "already" | "also"),
        ("je", next) => matches!(next, "vous" | "t" | "te" | "lui" | "leur"),
        ("j" | "vous" | "t", "ai") | ("vous", "avons") => true,
        ("ho" | "abbiamo", "scritto") | ("he" | "hemos", "escrito") => true,
        ("som", "napisal") | ("napisal", "som") => true,
        _ => false,
    });
    let second = || words().any(|word| matches!(word, "you" | "your" | "ihnen" | "vous" | "usted"));
    first || !body.contains('@') && second() && !ends_in_verb(body)
}

fn holds_bracketed_address(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.split_once('>')
            .is_some_and(|(inner, _)| inner.contains('@') && !inner.contains(' '))
    })
}

/// Whether a text has a year and a time of day in it, in the figures of any script.
fn holds_year_and_time(text: &str) -> bool {
    let (mut year, mut time, mut run, mut before_colon) = (false, false, 0, 0);
    for c in text.chars().chain([' ']) {
        if c.is_numeric() {
            run += 1;
            continue;
        }
        year |= run == 4;
        time |= run == 2 && (1..=2).contains(&before_colon);
        // "09.00" is a time as well, and so is a date's first half: a colon or an h tells.
        before_colon = if matches!(c, ':' | 'h') { run } else { 0 };
        run = 0;
    }
    year && time
}

fn ends_in_address(text: &str) -> bool {
    let tail = text.trim_end_matches([':', ' ']);
    let tail = tail.trim_end_matches(['>', ')', ']', '"', '\'', ' ']);
    tail.rsplit([' ', '<', '(', '['])
        .next()
        .is_some_and(|last| last.contains('@'))
}
