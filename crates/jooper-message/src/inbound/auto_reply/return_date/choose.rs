//! Chooses the date that is the return among the dates of an answer.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::dates::{self, Written, days};
use super::{lasting, weekdays};
use crate::inbound::auto_reply::words::stands_in;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::is_letter;

/// What the stated day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stated {
    /// The person is back on that day.
    Back,
    /// The last day away, or "until" without saying which.
    Until,
}

/// The day stated in an out-of-office answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Return {
    /// The day as stated.
    pub date: Date,
    /// What it is.
    pub stated: Stated,
    /// Whether only a weekday or "tomorrow" was stated.
    pub relative: bool,
}

impl Return {
    /// Returns the first day on which the person can be expected: the day after an "until".
    #[must_use]
    pub fn first_day_back(&self) -> Date {
        match self.stated {
            Stated::Back => self.date,
            Stated::Until => self.date.tomorrow().unwrap_or(self.date),
        }
    }
}

/// Words of return: before the date, or behind it in languages that put the verb last.
#[rustfmt::skip] // A table is read in rows.
const BACK: &[&str] = &[
    "back", "return", "revert", "reopen", "open again", "returning", "again", "resume", "rejoin", "reachable from",
    "available from", "available again", "as of", "starting", "wieder", "zurück", "ab dem", "ab ", "retour",
    "reviens", "reprise", "reprendrai", "rouvr", "revenons", "rentre", "à partir du", "vuelvo", "volveré",
    "volvemos", "me incorporo el", "de nuevo en la oficina", "regresamos", "reabrimos", "regreso", "regresaré", "reincorpor", "de vuelta", "vuelta",
    "a partir del", "tornaré", "volto", "voltarei", "voltamos", "reabrimos", "regressamos", "retorno", "regresso",
    "retornarei", "de volta", "a partir de", "rientro", "rientrerò", "riapr", "tornerò", "di ritorno", "dal ",
    "nuovamente", "terug", "weer", "vanaf", "åter", "tillbaka", "är jag åter", "tilbake", "tilbage", "igjen",
    "igen", "takaisin", "palaan", "jälleen", "tagasi", "atgriez", "grįš", "wracam", "wrócę", "powrót", "powrotu", "powroci",
    "z powrotem", "będę dostępn", "ponownie", "zpět", "vrátím", "budu", "opět", "späť", "vrátim", "vraćam",
    "natrag", "vračam", "nazaj", "враћам", "vissza", "ismét", "újra", "revin", "reveni", "înapoi", "вернусь",
    "выйду", "выхожу", "снова", "буду на", "повернусь", "буду в", "връщам", "отново", "на линия", "επιστρέ",
    "επιστροφή", "ξανά", "döneceğ", "dönüş", "dönece", "itibaren", "tekrar", "より", "から", "出社", "復帰", "戻り", "返回",
    "出勤", "回来", "回到", "回來", "恢复", "恢復", "上班", "起", "복귀", "부터", "أعود", "سأعود", "العودة", "أعود", "אחזור", "אשוב", "חזרה", "החל מ",
    "rivediamo", "rivedremo", "vraciam", "vraciame", "वापस", "लौट", "กลับ", "trở lại", "quay lại", "kembali", "masuk kerja", "balik",
];

/// Words of lasting until.
#[rustfmt::skip] // A table is read in rows.
const UNTIL: &[&str] = &[
    "until", "till", "til ", "through", "thru", "to ", "up to", "and including", "bis", "jusqu", "au ", "hasta",
    "fins", "até", "fino", "al ", "tot", "t/m", "t.e.m", "till och med", "t.o.m", "tom ", "til og med", "t.o.m.",
    "saakka", "asti", "kuni", "līdz", "iki", "do ", "až do", "-ig", "ig ", "până", "pana", "до ", "по ",
    "включително", "μέχρι", "έως", "ως", "kadar", "まで", "至", "直到", "为止", "到", "까지", "حتى", "إلى", "עד", "तक",
    "จนถึง", "ถึง", "đến", "hingga", "sampai", "sehingga",
    "deri më", "hadi", "go dtí", "hanggang",
];

/// Words of return behind the date, beside those of [`BACK`] that ASCII cannot write.
#[rustfmt::skip] // A table is read in rows.
const BACK_BEHIND: &[&str] = &["back", "zurück", "wieder", "terug", "weer", "tilbake", "tilbage", "tillbaka", "åter",
    "igen", "de retour", "di nuovo", "vissza", "geri", "itibaren", "döne", "dönü"];

/// Words of lasting behind the date.
#[rustfmt::skip] // A table is read in rows.
const UNTIL_BEHIND: &[&str] = &["まで", "까지", "为止", "तक", "kadar", "saakka", "asti", "-ig", "ig ", "iki "];

/// Words of lasting among the first two behind the date.
const LASTING: &[&str] = &["kadar", "saakka", "asti", "dek", "değin"];

/// Words that make a date somebody else's: a contract, a price, an event.
const OTHER: &[&str] = &[
    "since", "from", "dated", "seit", "depuis", "desde", "vom ", "sent on", "gesendet",
];

static BACK_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(BACK.iter().copied()));
static UNTIL_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(UNTIL.iter().copied()));
static OTHER_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(OTHER.iter().copied()));
static BACK_BEHIND_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(BACK_BEHIND.iter().copied()));
static UNTIL_BEHIND_BOOK: LazyLock<Lookup> =
    LazyLock::new(|| Lookup::new(UNTIL_BEHIND.iter().copied()));

/// The least score of a day that a word makes one of return; any other day may be of anything.
const LEAST: i32 = 20;

/// The score of a day without a word, which counts in a sentence about an absence or a return.
const BARE: i32 = 10;

pub(super) fn choose(text: &str, sent: Date) -> Option<Return> {
    let written = dates::find(text);
    let mut best: Option<(i32, Return)> = None;
    for (index, one) in written.iter().enumerate() {
        let Some(date) = resolve(one, sent, text) else {
            continue;
        };
        let distance = days(sent, date);
        if !(-3..=550).contains(&distance) {
            continue;
        }
        let previous = index
            .checked_sub(1)
            .and_then(|before| written.get(before))
            .map_or(0, |before| before.at.end);
        let next = written
            .get(index + 1)
            .map_or(text.len(), |next| next.at.start);
        let spans_from_a_day = day_of_span(&text[..one.at.start]).is_some_and(|day| day < one.day);
        let (mut score, mut stated) =
            weigh(text, previous, &one.at, next, index > 0, spans_from_a_day);
        let mut date = date;
        // "Ab dem 3. bis 13. November": the first day of a span, whatever stands before it.
        let spans = || {
            let between = text.get(one.at.end..next).unwrap_or_default();
            between.len() < 16 && last(between, &UNTIL_BOOK).is_some()
        };
        if index + 1 < written.len() && spans() && lasting::is_from(text, &one.at) {
            continue;
        }
        if lasting::begins(text, &one.at) {
            // "On leave from 2 November" for three weeks, or nobody knows how long.
            let Some(last) = lasting::last_day(text, &one.at, date) else {
                continue;
            };
            (score, stated, date) = (60, Stated::Until, last);
        }
        let over = match stated {
            Stated::Back => date <= sent,
            Stated::Until => date < sent,
        };
        if over || score < LEAST && !(score >= BARE && lasting::speaks_of(text, &one.at)) {
            continue;
        }
        let found = Return {
            date,
            stated,
            relative: false,
        };
        if best.is_none_or(|(top, chosen)| score > top || score == top && date > chosen.date) {
            best = Some((score, found));
        }
    }
    if best.is_none_or(|(_, found)| found.stated == Stated::Until)
        && let Some(date) = lasting::until_month(text, &UNTIL_BOOK, sent)
        && best.is_none_or(|(_, found)| date > found.date)
    {
        return Some(Return {
            date,
            stated: Stated::Until,
            relative: false,
        });
    }
    if let Some((_, found)) = best {
        return Some(found);
    }
    relative(text, sent).or_else(|| {
        let date = lasting::in_some_time(text, &BACK_BOOK, sent)?;
        let stated = Stated::Back;
        Some(Return {
            date,
            stated,
            relative: true,
        })
    })
}

fn resolve(one: &Written, sent: Date, text: &str) -> Option<Date> {
    let plain = one.resolve(sent);
    if !one.ambiguous {
        return plain;
    }
    // `04/05`: Americans put the month first. The nearer reading that is not past wins,
    // the day-first one where both fit.
    let swapped = one.swapped().resolve(sent);
    let gap = |date: Option<Date>| date.map_or(i32::MAX, |date| days(sent, date));
    let fits = |gap: i32| (0..=75).contains(&gap);
    let american = stands_in(text, "office") && !stands_in(text, "holiday");
    let month_first = american || text.chars().any(is_east_asian);
    match (fits(gap(plain)), fits(gap(swapped))) {
        (true, false) => plain,
        (false, true) => swapped,
        _ if month_first => swapped,
        _ => plain,
    }
}

/// Han, kana and Hangul: who writes them puts the month before the day.
fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Scores a date by the words on both sides, up to the neighboring dates.
fn weigh(
    text: &str,
    previous: usize,
    at: &std::ops::Range<usize>,
    next: usize,
    has_previous: bool,
    spans_from_a_day: bool,
) -> (i32, Stated) {
    let before = window_before(text, previous, at.start, 60);
    let close = window_before(text, previous, at.start, 24);
    let after = window_after(text, at.end, next, 24);
    let back_before = last(before, &BACK_BOOK);
    let until_before = last(close, &UNTIL_BOOK);
    let foreign = |book: &Lookup, index: usize| !book.phrase(index).is_ascii();
    let back_after = BACK_BOOK
        .hits(after)
        .iter()
        .any(|(_, index)| foreign(&BACK_BOOK, *index))
        || BACK_BEHIND_BOOK.first_word(after).is_some();
    let until_after = UNTIL_BEHIND_BOOK
        .hits(after)
        .iter()
        .any(|(at, index)| *at == 0 || foreign(&UNTIL_BEHIND_BOOK, *index))
        || first_words(after).any(|word| LASTING.contains(&word))
        // A weekday stands between.
        || after.contains("gününe kadar");
    // `from A to B`, `A - B`, `vom A bis B`: the second is the end of the range.
    let range_end = has_previous
        && at.start.saturating_sub(previous) < 16
        && text.get(previous..at.start).is_some_and(|between| {
            between.contains(['-', '~', '\u{301c}', '\u{ff5e}'])
                || last(between, &UNTIL_BOOK).is_some()
        });
    let range_end = range_end || spans_from_a_day && back_before.is_none();
    if until_after {
        return (60, Stated::Until);
    }
    let distance = |end: Option<usize>, window: &str| end.map(|end| window.len() - end);
    match (distance(back_before, before), distance(until_before, close)) {
        // The word nearer to the date speaks of it.
        (Some(back), Some(until)) if back <= until => {
            if range_end {
                (70, Stated::Until)
            } else {
                (90, Stated::Back)
            }
        }
        (_, Some(_)) => (if range_end { 65 } else { 60 }, Stated::Until),
        (Some(_), None) if !range_end => (
            if OTHER_BOOK.first_word(close).is_some() {
                15
            } else {
                90
            },
            Stated::Back,
        ),
        _ if back_after => (85, Stated::Back),
        _ if range_end => (55, Stated::Until),
        _ if OTHER_BOOK.first_word(close).is_some() => (5, Stated::Until),
        _ => (10, Stated::Back),
    }
}

/// The day of the same month that `before` ends in, with a dash: "4-" before "13.11.", "4.-" as well.
fn day_of_span(before: &str) -> Option<i8> {
    let dash = ['-', '\u{2013}', '\u{2014}', '~', '\u{301c}', '\u{ff5e}'];
    let day = before.trim_end().strip_suffix(dash)?.trim_end();
    let day = day.strip_suffix('.').unwrap_or(day);
    let digits = day.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (ahead, number) = day.split_at(day.len() - digits);
    let stands_alone = ahead.is_empty() || ahead.ends_with(|c: char| c.is_whitespace() || c == '(');
    (stands_alone && digits <= 2)
        .then(|| number.parse().ok())
        .flatten()
}

/// The first two words behind a day, which may have an ending of its own: "'e kadar", "tarihine kadar".
fn first_words(after: &str) -> impl Iterator<Item = &str> {
    after
        .split(|c: char| !is_letter(c))
        .filter(|word| !word.is_empty())
        .take(2)
}

/// Returns where the last of `words` ends in `window`.
fn last(window: &str, words: &Lookup) -> Option<usize> {
    words
        .hits(window)
        .into_iter()
        .filter_map(|(at, index)| {
            let word = words.phrase(index);
            let edge = window
                .get(..at)
                .and_then(|head| head.chars().next_back())
                .is_none_or(|c| !is_letter(c) || !word.starts_with(is_letter) || !c.is_ascii());
            edge.then_some(at + word.len())
        })
        .max()
}

fn window_before(text: &str, floor: usize, end: usize, chars: usize) -> &str {
    let head = text.get(floor..end).unwrap_or_default();
    let start = head
        .char_indices()
        .rev()
        .nth(chars.saturating_sub(1))
        .map_or(0, |(at, _)| at);
    let head = head.get(start..).unwrap_or_default();
    // A new sentence starts anew; a dot behind a digit or an abbreviation does not end one.
    let cut = head.rfind(['!', '?', '。', '\u{ff01}']).map_or(0, |at| {
        at + head
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    head.get(cut..).unwrap_or(head)
}

fn window_after(text: &str, start: usize, ceiling: usize, chars: usize) -> &str {
    let tail = text.get(start..ceiling).unwrap_or_default();
    let end = tail
        .char_indices()
        .nth(chars)
        .map_or(tail.len(), |(at, _)| at);
    let tail = tail.get(..end).unwrap_or_default();
    // The next sentence speaks of something else.
    tail.find(". ").map_or(tail, |stop| &tail[..stop])
}

/// A weekday counts only behind or before a word of return or until.
fn relative(text: &str, sent: Date) -> Option<Return> {
    let found = weekdays::find(text, sent);
    let mut best: Option<(i32, Return)> = None;
    for (at, date) in found {
        if lasting::begins(text, &at) {
            continue;
        }
        let date = weekdays::in_week(&text[at.end..], date, sent).unwrap_or(date);
        let before = window_before(text, 0, at.start, 40);
        let after = window_after(text, at.end, text.len(), 14);
        let after_back = BACK_BOOK
            .hits(after)
            .iter()
            .any(|(_, index)| !BACK_BOOK.phrase(*index).is_ascii())
            || stands_in(after, "back")
            || stands_in(after, "wieder")
            || stands_in(after, "zurück");
        let (score, stated) = match (
            last(before, &BACK_BOOK),
            last(window_before(text, 0, at.start, 16), &UNTIL_BOOK),
        ) {
            (Some(_), _) => (3, Stated::Back),
            (None, Some(_)) => (2, Stated::Until),
            _ if after_back => (2, Stated::Back),
            _ => continue,
        };
        if best.is_none_or(|(top, _)| score > top) {
            best = Some((
                score,
                Return {
                    date,
                    stated,
                    relative: true,
                },
            ));
        }
    }
    best.map(|(_, found)| found)
}
