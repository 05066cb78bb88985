//! Finds dates in text: `2026-12-07`, `7.12.`, `12/07/2026`, `7 December`, `12月7日`, ...

use std::ops::Range;

use jiff::civil::Date;

use super::months::month;
use crate::inbound::blocks::Runs;
use crate::inbound::phrases::is_letter;

/// A date as written, where `None` as year means that none was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) at: Range<usize>,
    pub(super) year: Option<i16>,
    pub(super) month: i8,
    pub(super) day: i8,
    /// Whether day and month could be the other way round (`04/05`).
    pub(super) ambiguous: bool,
    /// Whether a time of day or the like makes it no date of its own.
    pub(super) year_before: bool,
}

impl Written {
    /// Returns the date meant, the one nearest to `sent` where the year is not written.
    pub(super) fn resolve(&self, sent: Date) -> Option<Date> {
        if let Some(year) = self.year {
            return Date::new(year, self.month, self.day).ok();
        }
        // Half a year back is still "this year": a notice that nobody took down.
        let this = Date::new(sent.year(), self.month, self.day).ok();
        let next = Date::new(sent.year().checked_add(1)?, self.month, self.day).ok();
        match this {
            Some(this) if days(sent, this) >= -180 => Some(this),
            _ => next,
        }
    }

    /// Returns the same numbers with day and month swapped.
    pub(super) fn swapped(&self) -> Self {
        Self {
            month: self.day,
            day: self.month,
            ..self.clone()
        }
    }
}

/// Days from `from` to `to`.
pub(super) fn days(from: Date, to: Date) -> i32 {
    from.until(to).map_or(i32::MAX, |span| span.get_days())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'t> {
    Number(u32, usize),
    Word(&'t str),
    Sign(char),
}

/// Returns the dates in `text` (folded), in order. Numbers that touch letters, phone numbers
/// and clock times do not make dates.
pub(super) fn find(text: &str) -> Vec<Written> {
    let tokens = tokens(text);
    let mut out: Vec<Written> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let inherited = || day_only(&tokens, at, out.last()?);
        match date_at(&tokens, at).or_else(inherited) {
            Some((written, used)) => {
                out.push(written);
                at += used;
            }
            None => at += 1,
        }
        if out.len() >= 40 {
            break;
        }
    }
    out
}

fn tokens(text: &str) -> Vec<(Token<'_>, Range<usize>)> {
    // Without a figure there is no date, and no token is asked for.
    if text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_digit())
    {
        return Vec::new();
    }
    let mut out = Vec::with_capacity(text.len() / 4);
    let mut letters = Runs::new(text.as_bytes(), is_of_a_word);
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        let start = at;
        let token = if byte.is_ascii_alphabetic() {
            let end = letters.end(at);
            at = word_end(text, end);
            Token::Word(&text[start..at])
        } else {
            let Some(c) = text[at..].chars().next() else {
                break;
            };
            if c.is_whitespace() {
                at += c.len_utf8();
                continue;
            }
            let (token, used) = if let Some(first) = digit_of(c) {
                number(&text[at..], first)
            } else if !is_letter(c) || is_date_sign(c) {
                (Token::Sign(c), c.len_utf8())
            } else {
                let end = word_end(text, at);
                (Token::Word(&text[at..end]), end - at)
            };
            at += used;
            token
        };
        out.push((token, start..at));
    }
    out
}

/// Whether a byte of ASCII goes on with a word.
#[inline]
fn is_of_a_word(byte: u8) -> bool {
    ((byte | 0x20).wrapping_sub(b'a') < 26) | (byte == b'\'')
}

/// The number that `text` begins with, whose first figure is `first`, and how many bytes it has.
fn number(text: &str, first: u32) -> (Token<'_>, usize) {
    let mut value = 0_u32;
    let mut len = 0;
    let mut chars = text.chars();
    let mut used = 0;
    let mut next = chars.next().map(|_| first);
    while let Some(digit) = next {
        value = value.saturating_mul(10).saturating_add(digit);
        len += 1;
        used = text.len() - chars.as_str().len();
        next = chars.next().and_then(digit_of);
    }
    (Token::Number(value, len), used)
}

/// Where the word ends that goes on at `end`.
fn word_end(text: &str, mut end: usize) -> usize {
    let bytes = text.as_bytes();
    let goes_on = |c: char| {
        !is_date_sign(c)
            && (is_letter(c)
                || c == '\''
                || ('\u{0300}'..='\u{036f}').contains(&c)
                || ('\u{0900}'..='\u{0e7f}').contains(&c))
    };
    loop {
        let ascii = bytes[end..].iter().take_while(|byte| is_of_a_word(**byte));
        end += ascii.count();
        match text[end..].chars().next() {
            Some(c) if !c.is_ascii() && goes_on(c) => end += c.len_utf8(),
            _ => return end,
        }
    }
}

fn is_date_sign(c: char) -> bool {
    !c.is_ascii() && matches!(c, '年' | '月' | '日' | '號' | '号' | '년' | '월' | '일')
}

/// ASCII, Arabic-Indic, Persian, Devanagari, Thai and full-width digits.
fn digit_of(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = u32::from(c);
    [0x660, 0x6f0, 0x966, 0xe50, 0xff10]
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .map(|zero| code - zero)
}

type Tokens<'a, 't> = &'a [(Token<'t>, Range<usize>)];

fn date_at(tokens: Tokens<'_, '_>, at: usize) -> Option<(Written, usize)> {
    match token(tokens, at)? {
        Token::Number(..) => eastern(tokens, at)
            .or_else(|| numeric(tokens, at))
            .or_else(|| day_first(tokens, at)),
        Token::Word(_) => month_first(tokens, at),
        Token::Sign(_) => None,
    }
}

fn token<'t>(tokens: Tokens<'_, 't>, at: usize) -> Option<Token<'t>> {
    tokens.get(at).map(|(token, _)| *token)
}

fn span(tokens: Tokens<'_, '_>, at: usize, used: usize) -> Range<usize> {
    let start = tokens.get(at).map_or(0, |(_, range)| range.start);
    let end = tokens
        .get(at + used - 1)
        .map_or(start, |(_, range)| range.end);
    start..end
}

fn make(
    tokens: Tokens<'_, '_>,
    at: usize,
    used: usize,
    (year, month, day): (Option<u32>, u32, u32),
) -> Option<(Written, usize)> {
    let year = match year {
        Some(short @ 0..=99) => Some(2000 + short),
        // Thai years count from 543 years earlier.
        Some(thai @ 2500..=2600) => Some(thai - 543),
        Some(full @ 1990..=2100) => Some(full),
        Some(_) => return None,
        None => None,
    };
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let written = Written {
        at: span(tokens, at, used),
        year: year.and_then(|year| i16::try_from(year).ok()),
        month: i8::try_from(month).ok()?,
        day: i8::try_from(day).ok()?,
        ambiguous: false,
        year_before: false,
    };
    Some((written, used))
}

/// `2026年12月7日`, `12月7日`, `12월 7일`.
fn eastern(tokens: Tokens<'_, '_>, at: usize) -> Option<(Written, usize)> {
    let sign = |index: usize, set: &[char]| matches!(token(tokens, index), Some(Token::Sign(c)) if set.contains(&c));
    let number = |index: usize| match token(tokens, index) {
        Some(Token::Number(value, _)) => Some(value),
        _ => None,
    };
    let before = at.checked_sub(1).and_then(|before| token(tokens, before));
    let (year, from) = match number(at) {
        Some(year) if sign(at + 1, &['年', '년']) => (Some(year + era(before)), at + 2),
        _ => (None, at),
    };
    let month = number(from).filter(|_| sign(from + 1, &['月', '월']))?;
    let day = number(from + 2).filter(|_| sign(from + 3, &['日', '일', '號', '号']))?;
    make(tokens, at, from + 4 - at, (year, month, day))
}

/// How many years lie before the first of the era that is named before a year: Reiwa began in 2019,
/// and the Republic of China counts from 1912.
fn era(before: Option<Token<'_>>) -> u32 {
    match before {
        Some(Token::Word(word)) if word.ends_with("令和") => 2018,
        Some(Token::Word(word)) if word.ends_with("民國") || word.ends_with("民国") => 1911,
        _ => 0,
    }
}

/// `27日` or `the 27th` after a date: the day of the same month, or of the next where it is earlier.
fn day_only(tokens: Tokens<'_, '_>, at: usize, last: &Written) -> Option<(Written, usize)> {
    let Some(Token::Number(day, 1..=2)) = token(tokens, at) else {
        return None;
    };
    let before = at.checked_sub(1).and_then(|before| token(tokens, before));
    match token(tokens, at + 1) {
        Some(Token::Sign('日' | '일' | '號' | '号')) => {}
        Some(Token::Word("st" | "nd" | "rd" | "th")) if before == Some(Token::Word("the")) => {}
        _ => return None,
    }
    let day_number = i8::try_from(day).ok()?;
    let rolls = day_number < last.day;
    let month = if rolls {
        last.month % 12 + 1
    } else {
        last.month
    };
    let year = last
        .year
        .map(|year| if rolls && month == 1 { year + 1 } else { year });
    let (written, used) = make(tokens, at, 2, (None, u32::try_from(month).ok()?, day))?;
    Some((Written { year, ..written }, used))
}

/// `2026-12-07`, `07.12.2026`, `7.12.`, `7/12`, `12/07/2026`, `7-12-2026`.
fn numeric(tokens: Tokens<'_, '_>, at: usize) -> Option<(Written, usize)> {
    let Some(Token::Number(first, first_len)) = token(tokens, at) else {
        return None;
    };
    let Some(Token::Sign(sign)) =
        token(tokens, at + 1).filter(|token| matches!(token, Token::Sign('.' | '/' | '-')))
    else {
        return None;
    };
    let Some(Token::Number(second, second_len)) = token(tokens, at + 2) else {
        return None;
    };
    let touches_before = at
        .checked_sub(1)
        .and_then(|before| tokens.get(before))
        .is_some_and(|(before, range)| {
            let glued = tokens
                .get(at)
                .is_some_and(|(_, own)| own.start == range.end);
            glued
                && matches!(
                    before,
                    Token::Sign('.' | '/' | '+' | ':' | '@' | '#') | Token::Word(_)
                )
        });
    if touches_before {
        return None;
    }
    let third = match (token(tokens, at + 3), token(tokens, at + 4)) {
        (Some(Token::Sign(again)), Some(Token::Number(third, len)))
            if again == sign && (len == 4 || len == 2) =>
        {
            Some((third, len))
        }
        _ => None,
    };
    if first_len == 4 {
        let (day, _) = third?;
        return make(tokens, at, 5, (Some(first), second, day)).map(|(written, used)| {
            (
                Written {
                    year_before: true,
                    ..written
                },
                used,
            )
        });
    }
    if first_len > 2 || second_len > 2 {
        return None;
    }
    let (year, used) = match third {
        Some((year, len)) if len == 4 || sign != '-' => (Some(year), 5),
        Some(_) => return None,
        // `7.12.` ends with its dot; `7/12` is taken only as a pair of its own.
        None if sign == '.' && matches!(token(tokens, at + 3), Some(Token::Sign('.'))) => (None, 4),
        None if sign == '/' => (None, 3),
        None if sign == '.' && first_len == 2 && second_len == 2 => (None, 3),
        None => return None,
    };
    if sign == '/' && used == 3 && matches!(token(tokens, at + 3), Some(Token::Sign('/'))) {
        return None;
    }
    let (day, month) = if second > 12 && first <= 12 {
        (second, first)
    } else {
        (first, second)
    };
    let (written, used) = make(tokens, at, used, (year, month, day))?;
    let ambiguous = sign == '/' && first <= 12 && second <= 12 && first != second;
    Some((
        Written {
            ambiguous,
            ..written
        },
        used,
    ))
}

/// `7 December 2026`, `7. Dezember`, `7th of December`, `1er août`, `7 de diciembre de 2026`.
fn day_first(tokens: Tokens<'_, '_>, at: usize) -> Option<(Written, usize)> {
    let Some(Token::Number(day, len @ 1..=2)) = token(tokens, at) else {
        return None;
    };
    let _ = len;
    let mut next = at + 1;
    let mut skipped = 0;
    let month = loop {
        match token(tokens, next)? {
            Token::Word(word) => match month(word.trim_end_matches('.')) {
                Some(month) => break month,
                None if skipped < 3 && FILLERS.contains(&word) => {}
                None => return None,
            },
            Token::Sign('.' | '-' | 'º' | 'ª' | '°' | '/' | ',') if skipped < 3 => {}
            _ => return None,
        }
        next += 1;
        skipped += 1;
    };
    let mut used = next + 1 - at;
    let (year, extra) = year_after(tokens, at + used);
    used += extra;
    make(tokens, at, used, (year, u32::try_from(month).ok()?, day))
}

/// `December 7, 2026`, `Dec 7th`, `december 7-ig`.
fn month_first(tokens: Tokens<'_, '_>, at: usize) -> Option<(Written, usize)> {
    let Some(Token::Word(word)) = token(tokens, at) else {
        return None;
    };
    let mut next = at + 1;
    while matches!(token(tokens, next), Some(Token::Sign('.' | '-')))
        || matches!(
            token(tokens, next),
            Some(Token::Word("the" | "den" | "la" | "le" | "mėn"))
        )
    {
        next += 1;
        if next > at + 3 {
            return None;
        }
    }
    let Some(Token::Number(day, 1..=2)) = token(tokens, next) else {
        return None;
    };
    // Looked up last: few words have a number behind them.
    let month = month(word)?;
    // `December 2026` is no day, and a clock time is none either.
    if matches!(token(tokens, next + 1), Some(Token::Sign(':'))) {
        return None;
    }
    let mut used = next + 1 - at;
    let (mut year, extra) = year_after(tokens, at + used);
    used += extra;
    // Hungarian and Lithuanian write the year first: `2026. december 7.`
    let before = at.checked_sub(1).and_then(|before| token(tokens, before));
    let two_before = at.checked_sub(2).and_then(|before| token(tokens, before));
    if year.is_none() {
        year = match (before, two_before) {
            (Some(Token::Number(full, 4)), _)
            | (Some(Token::Sign('.') | Token::Word("m")), Some(Token::Number(full, 4))) => {
                Some(full)
            }
            _ => None,
        };
    }
    make(tokens, at, used, (year, u32::try_from(month).ok()?, day))
}

const FILLERS: &[&str] = &[
    "of", "de", "del", "d'", "st", "nd", "rd", "th", "er", "ème", "e", "den", "a", "ter", "го",
    "το", "της", "di", "do", "-го", "ב",
];

fn year_after(tokens: Tokens<'_, '_>, at: usize) -> (Option<u32>, usize) {
    for skip in 0..=3 {
        match token(tokens, at + skip) {
            Some(Token::Number(year, 4)) => return (Some(year), skip + 1),
            Some(Token::Sign(',' | '.' | '-')) => {}
            Some(Token::Word(
                "de" | "del" | "th" | "st" | "nd" | "rd" | "of" | "พ" | "ศ" | "r" | "năm",
            )) => {}
            _ => break,
        }
    }
    (None, 0)
}
