//! When a "not now" asks to be asked again, as far as words say it. No clock: relative stays relative.

use std::sync::LazyLock;

use super::languages;
use crate::inbound::phrases::{Book, Tokens, fold};

/// When to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FollowUp {
    /// After this many days.
    Days(u16),
    /// In this month (1 to 12), the next one of that name.
    Month(u8),
    /// In this quarter of a year (1 to 4).
    Quarter(u8),
    /// In the next quarter.
    NextQuarter,
    /// In the next year.
    NextYear,
}

static UNITS: LazyLock<Vec<(String, u16)>> = LazyLock::new(|| {
    languages::UNITS
        .iter()
        .map(|(stem, days)| (fold(stem), *days))
        .collect()
});

static BOOK: LazyLock<Book<FollowUp>> = LazyLock::new(|| {
    let months = languages::MONTHS
        .iter()
        .flat_map(|names| names.iter().zip(1..).map(|(n, m)| (*n, FollowUp::Month(m))));
    Book::new(languages::LATER.iter().copied().chain(months))
});

/// Finds the first such word; months count only behind a preposition, since "may" and "mars" are words too.
pub(super) fn find(tokens: &Tokens) -> Option<FollowUp> {
    let counted = (0..tokens.len()).find_map(|i| {
        let word = tokens.word(i);
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        // Korean writes the unit to the number.
        let (count, unit) = if digits > 0 && digits < word.len() {
            word.split_at(digits)
        } else {
            (word, tokens.word(i + 1))
        };
        let number = number(count)?;
        let days = UNITS
            .iter()
            .find(|(stem, _)| unit.starts_with(stem.as_str()))
            .map(|(_, days)| *days)?;
        Some(FollowUp::Days(number.saturating_mul(days)))
    });
    counted.or_else(|| {
        let hits: Vec<_> = BOOK.find(tokens);
        let month =
            |h: &&crate::inbound::phrases::Hit<FollowUp>| matches!(h.meaning, FollowUp::Month(_));
        hits.iter()
            .find(|h| !month(h))
            .or_else(|| {
                hits.iter().filter(month).find(|h| {
                    h.start > 0 && languages::MONTH_LEADS.contains(&tokens.word(h.start - 1))
                })
            })
            .map(|h| h.meaning)
    })
}

fn number(word: &str) -> Option<u16> {
    if let Ok(n) = word.parse::<u16>() {
        return (1..=60).contains(&n).then_some(n);
    }
    languages::NUMBERS
        .iter()
        .find(|(w, _)| *w == word)
        .map(|(_, n)| *n)
}
