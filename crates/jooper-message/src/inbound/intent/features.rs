//! Signs in a reply that speak for an intent.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use super::languages::{self, Words};
use super::{Intent, IntentEvidence};
use crate::inbound::auto_reply;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{Book, Hit, Tokens, fold};

/// Weight of a phrase that settles the matter, and of one that only points there (`?` in the tables).
const STRONG: u8 = 4;
const WEAK: u8 = 2;
/// How many words before a phrase a negation reaches.
const NEGATION_REACH: usize = 3;

/// A reply of at most so many words is an answer as it stands.
const SHORT_REPLY: usize = 4;
/// Longest of the little words, in characters.
const LITTLE_WORD: usize = 4;

const CALENDAR_LINK: &str = "calendar link";
const DAY_AND_TIME: &str = "day and time";
const QUESTION_MARK: &str = "question mark";
/// The names of signs that are no phrases.
pub(super) const STRUCTURAL: &[&str] = &[CALENDAR_LINK, DAY_AND_TIME, QUESTION_MARK];

/// Phrases of meetings that name a day and say nothing of it.
#[rustfmt::skip] // A table is read in rows.
const DAYS: &[&str] = &["am montag", "am dienstag", "am mittwoch", "am donnerstag", "am freitag"];

/// Ways to say that somebody is there again, which are no notice of an absence by themselves.
#[rustfmt::skip] // A table is read in rows.
const RETURNS: &[&str] = &["am back", "i'm back", "be back", "are back", "we're back", "wieder da", "wieder hier", "wieder zurück",
    "wieder am", "ich wieder", "suis de retour", "estoy de vuelta", "sono di ritorno", "ben ik terug", "ben terug", "är åter"];

static RETURN_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(RETURNS.iter().map(|words| fold(words))));

#[derive(Debug, Clone, Copy)]
struct Meaning {
    intent: Intent,
    phrase: &'static str,
    weight: u8,
    words: &'static Words,
}

static BOOK: LazyLock<Book<Meaning>> = LazyLock::new(|| {
    Book::new(languages::ALL.iter().flat_map(|words| {
        [
            (Intent::Interested, words.interested),
            (Intent::NotNow, words.not_now),
            (Intent::NotInterested, words.not_interested),
            (Intent::WrongPerson, words.wrong_person),
            (Intent::Question, words.question),
            (Intent::Meeting, words.meeting),
        ]
        .into_iter()
        .flat_map(move |(intent, list)| {
            list.iter().map(move |&entry| {
                let (phrase, weight) = entry
                    .strip_prefix('?')
                    .map_or((entry, STRONG), |p| (p, WEAK));
                (
                    phrase,
                    Meaning {
                        intent,
                        phrase,
                        weight,
                        words,
                    },
                )
            })
        })
    }))
});

static WEEKDAYS: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(languages::WEEKDAYS.iter().map(|day| fold(day))));

/// Hosts whose links offer a time to meet.
#[rustfmt::skip]
const CALENDARS: &[&str] = &[
    "calendly.com", "cal.com", "meetings.hubspot", "savvycal.com", "youcanbook.me", "calendar.google.com",
    "calendar.app.google", "zeeg.me", "doodle.com", "outlook.office365.com/owa/calendar",
];

static CALENDAR_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(CALENDARS.iter().copied()));

/// Whether a sentence names a day of the week.
pub(in crate::inbound) fn names_a_day(sentence: &str) -> bool {
    let tokens = Tokens::new(sentence, sentence.len());
    (0..tokens.len()).any(|i| WEEKDAYS.holds(tokens.word(i)))
}

/// Finds every sign in a text.
pub(super) fn find(tokens: &Tokens, text: &str) -> Vec<IntentEvidence> {
    let mut hits = longest(BOOK.find(tokens));
    keep_one_language(&mut hits);
    hits.retain(|hit| {
        !(DAYS.contains(&hit.meaning.phrase) && is_of_an_absence(tokens, hit.start, text))
    });
    let short = tokens.len() <= SHORT_REPLY;
    let mut out: Vec<IntentEvidence> = hits
        .iter()
        .filter_map(|h| judge(tokens, h, short))
        .collect();
    structure(tokens, text, &mut out);
    out
}

/// Whether the sentence of a word tells of an absence, or of its end, and asks nothing: its days and hours are no
/// proposal to meet.
fn is_of_an_absence(tokens: &Tokens, word: usize, text: &str) -> bool {
    let asks = tokens.sentence(word).is_some_and(|s| tokens.is_question(s));
    let sentence = || text.get(span(tokens, tokens.sentence_range(word)));
    !asks
        && sentence().is_some_and(|text| {
            auto_reply::says_away(text) || RETURN_BOOK.first_word(&fold(text)).is_some()
        })
}

/// Keeps, of phrases that overlap, the one with most words.
fn longest(mut hits: Vec<Hit<Meaning>>) -> Vec<Hit<Meaning>> {
    hits.sort_by(|a, b| {
        a.start
            .cmp(&b.start)
            .then(b.end.cmp(&a.end))
            .then(b.meaning.weight.cmp(&a.meaning.weight))
    });
    let mut kept: Vec<Hit<Meaning>> = Vec::with_capacity(hits.len());
    for hit in hits {
        let size = hit.end - hit.start;
        match kept.last() {
            Some(last) if hit.start < last.end => {
                // The later phrase wins only if it says more.
                if size > last.end - last.start {
                    kept.pop();
                    kept.push(hit);
                }
            }
            _ => kept.push(hit),
        }
    }
    kept
}

/// Drops pointers from other languages than the one most phrases are in: "da" means yes, there, and from.
fn keep_one_language(hits: &mut Vec<Hit<Meaning>>) {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for hit in hits.iter() {
        let size = (hit.end - hit.start) * usize::from(hit.meaning.weight);
        *sizes.entry(hit.meaning.words.tag).or_default() += size;
    }
    let most = sizes.values().copied().max().unwrap_or(0);
    hits.retain(|h| h.meaning.weight == STRONG || sizes.get(h.meaning.words.tag) == Some(&most));
}

fn judge(tokens: &Tokens, hit: &Hit<Meaning>, short: bool) -> Option<IntentEvidence> {
    let Meaning {
        intent,
        phrase,
        mut weight,
        words,
    } = hit.meaning;
    let sentence = tokens.sentence_range(hit.start);
    if weight == WEAK {
        // "No" and "yes" answer only where a sentence begins, and settle the matter when alone.
        let little = hit.end - hit.start == 1
            && (2..=LITTLE_WORD).contains(&tokens.word(hit.start).chars().count());
        if little && hit.start != sentence.start {
            return None;
        }
        if short
            && matches!(
                intent,
                Intent::Interested | Intent::NotInterested | Intent::NotNow
            )
        {
            weight = STRONG;
        }
    }
    let question = tokens
        .sentence(hit.start)
        .is_some_and(|s| tokens.is_question(s));
    let from = sentence.start.max(hit.start.saturating_sub(NEGATION_REACH));
    let negated = (from..hit.start).any(|i| words.negations.contains(&tokens.word(i)));
    let (intent, weight) = match intent {
        // "I would not say we are interested" declines; "not on Tuesday" says nothing.
        Intent::Interested if negated => (Intent::NotInterested, weight),
        Intent::Meeting | Intent::WrongPerson if negated => return None,
        // "Are you interested?" is theirs to ask; "would Tuesday work?" is an offer.
        Intent::Interested if question => (Intent::Interested, weight / 2),
        Intent::NotInterested if question => return None,
        _ => (intent, weight),
    };
    Some(IntentEvidence {
        intent,
        sign: phrase,
        span: span(tokens, hit.start..hit.end),
        weight,
    })
}

fn structure(tokens: &Tokens, text: &str, out: &mut Vec<IntentEvidence>) {
    let (mut day, mut time) = (None, None);
    let proposed = |i: usize| !is_of_an_absence(tokens, i, text);
    for i in 0..tokens.len() {
        let word = tokens.word(i);
        if links_to_a_calendar(word) {
            out.push(IntentEvidence {
                intent: Intent::Meeting,
                sign: CALENDAR_LINK,
                span: span(tokens, i..i + 1),
                weight: STRONG,
            });
        }
        if day.is_none() && WEEKDAYS.holds(word) && proposed(i) {
            day = Some(i);
        }
        if time.is_none() && is_clock(word, tokens.word(i + 1)) && proposed(i) {
            time = Some(i);
        }
    }
    if let Some(i) = time.filter(|_| day.is_some()) {
        out.push(IntentEvidence {
            intent: Intent::Meeting,
            sign: DAY_AND_TIME,
            span: span(tokens, i..i + 1),
            weight: 3,
        });
    }
    let mut asked = BTreeSet::new();
    for i in 0..tokens.len() {
        let Some(sentence) = tokens.sentence(i) else {
            break;
        };
        if tokens.is_question(sentence) && asked.len() < 3 && asked.insert(sentence) {
            let range = tokens.sentence_range(i);
            let weight = if asked.len() == 1 { 3 } else { 1 };
            out.push(IntentEvidence {
                intent: Intent::Question,
                sign: QUESTION_MARK,
                span: span(tokens, range),
                weight,
            });
        }
    }
}

fn links_to_a_calendar(word: &str) -> bool {
    let begins = |link: &str| CALENDAR_BOOK.first_prefix(link, |_| true).is_some();
    begins(word) || word.strip_prefix("www.").is_some_and(begins)
}

fn is_clock(word: &str, next: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return false;
    }
    let rest = &word[digits..];
    let clock = rest.strip_prefix([':', '.', 'h']).is_some_and(|m| {
        m.is_empty()
            || m.len() >= 2 && m.as_bytes()[..2].iter().all(u8::is_ascii_digit) && m.len() <= 4
    });
    clock && !(rest.starts_with('.') && rest.len() != 3)
        || matches!(rest, "am" | "pm" | "uhr" | "時")
        || rest.is_empty()
            && matches!(
                next,
                "am" | "pm"
                    | "uhr"
                    | "h"
                    | "heures"
                    | "heure"
                    | "uur"
                    | "o'clock"
                    | "時"
                    | "点"
                    | "點"
                    | "a.m"
                    | "p.m"
                    | "часов"
                    | "시"
            )
}

fn span(tokens: &Tokens, words: Range<usize>) -> Range<usize> {
    let start = tokens.get(words.start).map_or(0, |t| t.start as usize);
    let end = tokens
        .get(words.end.saturating_sub(1))
        .map_or(start, |t| t.end as usize);
    start..end.max(start)
}
