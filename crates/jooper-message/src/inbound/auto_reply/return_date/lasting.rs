//! What a text says of an absence beside days of return: when it begins, how long it lasts, and the
//! month until whose end it does.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::months::month;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::is_letter_or_figure;

/// Words of beginning before a day.
#[rustfmt::skip] // A table is read in rows.
const FROM: &[&str] = &["from", "starting", "beginning", "as of", "effective", "ab", "ab dem", "ab heute", "seit", "à partir du",
    "à compter du", "dès le", "depuis le", "a partir del", "a partir de", "desde el", "desde", "a partire dal", "dal", "vanaf",
    "från", "från och med", "fra", "fra og med", "od", "с", "з", "від", "от", "începând cu", "de la", "από", "alates", "nuo",
    "no", "自", "从", "從", "من", "החל מ", "החל מה", "mulai", "kể từ", "từ"];

/// Words of beginning behind a day.
#[rustfmt::skip] // A table is read in rows.
const FROM_BEHIND: &[&str] = &["から", "より", "起", "부터", "itibaren", "alkaen", "lähtien", "től", "-től", "-tól", "tól"];

/// Words of being away; they may be parts of longer ones.
#[rustfmt::skip] // A table is read in rows.
const ABSENCE: &[&str] = &["leave", "away", "out of", "sabbatical", "vacation", "holiday", "off ", "elternzeit", "mutterschutz",
    "urlaub", "abwesend", "nicht im", "nicht erreichbar", "ferien", "congé", "absent", "vacances", "arrêt", "vacaciones",
    "ausente", "de baja", "permiso", "férias", "licença", "ferie", "assente", "congedo", "maternità", "verlof", "afwezig",
    "vakantie", "ledig", "semester", "barsel", "orlov", "permisjon", "vapaa", "loma", "poissa", "urlop", "nieobecn", "dovolen",
    "nepřítom", "neprítom", "mateřsk", "materskej", "dopust", "odsot", "odsut", "szabadság", "távol", "concediu", "отпуск",
    "отсутств", "відпустк", "відсутн", "άδεια", "απουσ", "izin", "休暇", "休み", "不在", "出張", "休職", "育休", "産休", "休假", "请假",
    "請假", "产假", "產假", "휴가", "부재", "출장", "휴직", "إجازة", "חופש", "cuti", "nghỉ"];

/// Words of being there again; they may be parts of longer ones.
#[rustfmt::skip] // A table is read in rows.
const THERE: &[&str] = &["back", "return", "available", "reach", "again", "resume", "reopen", "open", "wieder", "zurück",
    " erreichbar", "für sie da", "retour", "joignable", "disponible", "rentr", "repren", "repris", "revien", "rückkehr", "be in the office", "bin ich im büro", "bin im büro", "serai au bureau", "vuelv", "volver", "regres", "vuelta",
    "reincorp", "volt", "retom", "rientr", "torn", "raggiungibil", "disponibil", "terug", "weer", "bereikbaar", "åter",
    "tillbaka", "igen", "tilba", "på plass", "takaisin", "palaa", "jälleen", "tagasi", "wrac", "wróc", "dostępn", "zpět",
    "späť", "vrát", "vrac", "vrać", "rived", "nazaj", "natrag", "vissza", "ismét", "újra", "revin", "reveni", "înapoi", "верн", "снова", "буду",
    "выход", "знову", "поверн", "връщ", "отново", "επιστρ", "ξανά", "dön", "tekrar", "出社", "出勤", "復帰", "戻", "再開", "返", "回",
    "恢复", "恢復", "上班", "복귀", "출근", "عود", "אחזור", "אשוב", "חזר", "kembali", "masuk", "trở lại"];

static FROM_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(FROM.iter().copied()));
static ABSENCE_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(ABSENCE.iter().copied()));
static THERE_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(THERE.iter().copied()));

/// The sentence around a day: what stands before it up to a comma, and all behind it.
fn around<'t>(text: &'t str, at: &Range<usize>) -> (&'t str, &'t str) {
    let head = text.get(..at.start).unwrap_or_default();
    let tail = text.get(at.end..).unwrap_or_default();
    let (before, behind) = (head.as_bytes(), tail.as_bytes());
    let cut = (0..before.len()).rev().find_map(|at| match before[at] {
        b'!' | b'?' | b',' | b';' => Some(at + 1),
        // A dot behind a figure ends no sentence.
        b'.' if before.get(at + 1) == Some(&b' ') => {
            let figure = at > 0 && before[at - 1].is_ascii_digit();
            (!figure).then_some(at + 2)
        }
        0xe3 | 0xef => ["\u{3002}", "\u{3001}", "\u{ff0c}"]
            .iter()
            .find(|sign| before[at..].starts_with(sign.as_bytes()))
            .map(|sign| at + sign.len()),
        _ => None,
    });
    let end = (0..behind.len()).find(|&at| match behind[at] {
        b'!' | b'?' => true,
        b'.' => behind.get(at + 1) == Some(&b' '),
        0xe3 => behind[at..].starts_with("\u{3002}".as_bytes()),
        _ => false,
    });
    let before = head.get(cut.unwrap_or(0)..).unwrap_or_default();
    (before, &tail[..end.unwrap_or(tail.len())])
}

/// Whether an absence begins on the day that stands `at` a place: "on leave from 2 November".
pub(super) fn begins(text: &str, at: &Range<usize>) -> bool {
    let (before, after) = around(text, at);
    let from = follows_from(before) || {
        let behind = after.trim_start();
        let second = behind.split_once(' ').map_or("", |(_, rest)| rest);
        FROM_BEHIND
            .iter()
            .any(|word| behind.starts_with(word) || second.starts_with(word))
    };
    from && [before, after].iter().any(|side| ABSENCE_BOOK.any(side))
        && [before, after].iter().all(|side| !THERE_BOOK.any(side))
}

/// Whether a word of beginning stands before a day.
pub(super) fn is_from(text: &str, at: &Range<usize>) -> bool {
    follows_from(around(text, at).0)
}

/// Whether a word of beginning stands at the end of what stands before a day.
fn follows_from(before: &str) -> bool {
    // A weekday, an article or a clock time may stand between.
    let near = before.trim_end();
    FROM_BOOK.hits(near).into_iter().any(|(at, index)| {
        let word = FROM_BOOK.phrase(index);
        let rest = &near[at + word.len()..];
        let whole = word.chars().all(|c| c >= '\u{3000}')
            || near[..at]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphabetic())
                && rest.chars().next().is_none_or(|c| !c.is_alphabetic());
        whole
            && rest.split_whitespace().nth(2).is_none()
            && !rest.contains(|c: char| c.is_ascii_digit())
    })
}

/// Whether the sentence in which a day stands speaks of being away or of being there again.
pub(super) fn speaks_of(text: &str, at: &Range<usize>) -> bool {
    let head = text.get(..at.start).unwrap_or_default();
    let stop = head
        .rmatch_indices(['.', '!', '?', '\u{3002}'])
        .find(|(dot, _)| {
            // A dot behind a figure ends no sentence.
            !head[..*dot].ends_with(|c: char| c.is_ascii_digit())
        });
    let before = stop.map_or(head, |(dot, _)| &head[dot..]);
    let (_, after) = around(text, at);
    [before, after]
        .iter()
        .any(|side| ABSENCE_BOOK.any(side) || THERE_BOOK.any(side))
}

/// Numbers as they are written before weeks.
#[rustfmt::skip] // A table is read in rows.
const NUMBERS: &[(i64, &[&str])] = &[
    (1, &["one", "a", "eine", "einen", "une", "un", "una", "uma", "een", "en", "ett", "jeden"]),
    (2, &["two", "zwei", "deux", "dos", "dois", "duas", "due", "twee", "två", "to", "dwa", "dwie", "dva", "два", "две", "iki"]),
    (3, &["three", "drei", "trois", "tres", "três", "tre", "drie", "trzy", "tři", "три", "üç"]),
    (4, &["four", "vier", "quatre", "cuatro", "quatro", "quattro", "fyra", "fire", "cztery", "čtyři", "четыре", "dört"]),
    (5, &["five", "fünf", "cinq", "cinco", "cinque", "vijf", "fem", "pięć", "pět", "пять", "beş"]),
    (6, &["six", "sechs", "seis", "sei", "zes", "sex", "seks", "sześć", "šest", "шесть", "altı"]),
];

/// Stems of days, weeks and months.
const DAYS: &[&str] = &[
    "day", "tag", "jour", "día", "dia", "giorn", "dag", "dni", "дн", "gün",
];
#[rustfmt::skip] // A table is read in rows.
const WEEKS: &[&str] = &["week", "woche", "weken", "semaine", "semana", "settiman", "veck", "uge", "uke", "tydzie", "tygodni",
    "týdn", "недел", "hafta"];
const MONTHS: &[&str] = &[
    "month",
    "monat",
    "mois",
    "mes",
    "mês",
    "maand",
    "månad",
    "måned",
    "miesi",
    "měsíc",
    "месяц",
    "ay",
];

/// Words between one of return and a length: "back in two weeks".
#[rustfmt::skip] // A table is read in rows.
const IN: &[&str] = &["in", "dans", "en", "tra", "fra", "em", "over", "om", "za", "через", "daqui", "peste"];

/// Returns the day that lies a stated time ahead, where a word of `back` stands before that.
pub(super) fn in_some_time(text: &str, back: &Lookup, sent: Date) -> Option<Date> {
    /// How far before stands the word of return, in bytes.
    const NEAR: usize = 40;
    let mut start = 0;
    let mut earlier: [&str; 2] = [""; 2];
    for word in text.split(|c: char| !is_letter_or_figure(c)) {
        let at = start;
        start += word.len()
            + text[start + word.len()..]
                .chars()
                .next()
                .map_or(0, char::len_utf8);
        if word.is_empty() {
            continue;
        }
        let [introduced, number] = earlier;
        if IN.contains(&introduced)
            && let Some(span) = count(number).and_then(|count| span(word, count))
        {
            let from = text.floor_char_boundary(at.saturating_sub(NEAR));
            let before = &text[from..at];
            let clause = before.rsplit(['.', '!', '?', ';']).next().unwrap_or(before);
            if back.any(clause) {
                return sent.checked_add(span).ok();
            }
        }
        earlier = [number, word];
    }
    None
}

/// So many of the days, weeks or months that a word names.
fn span(word: &str, count: i64) -> Option<Span> {
    let is = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    if is(WEEKS) {
        Some(count.weeks())
    } else if is(DAYS) {
        Some(count.days())
    } else if is(MONTHS) {
        Some(count.months())
    } else {
        None
    }
}

/// Returns the last day of an absence that begins on `first`, at `at`, where its length is stated.
pub(super) fn last_day(text: &str, at: &Range<usize>, first: Date) -> Option<Date> {
    let (before, after) = around(text, at);
    [before, after].into_iter().find_map(|side| {
        let mut number = None;
        side.split(|c: char| !c.is_alphanumeric()).find_map(|word| {
            let count = number.replace(word).and_then(count)?;
            let span = span(word, count)?;
            first
                .checked_add(span)
                .and_then(|next| next.checked_sub(1.days()))
                .ok()
        })
    })
}

fn count(word: &str) -> Option<i64> {
    let named = NUMBERS.iter().find(|(_, words)| words.contains(&word));
    let count = named.map(|(count, _)| *count).or_else(|| word.parse().ok());
    count.filter(|count| (1..=60).contains(count))
}

/// Words between one of lasting and its month.
#[rustfmt::skip] // A table is read in rows.
const FILLERS: &[&str] = &["the", "end", "of", "and", "including", "late", "ende", "einschließlich", "und", "mit", "zum", "la",
    "fin", "du", "mois", "de", "finales", "final", "fine", "di", "inclusief", "en", "met", "eind", "och", "med", "slutet", "av",
    "utgangen", "og", "udgangen", "af", "końca", "konce", "konca", "конца", "кінця", "sfârșitul", "lui", "τέλος", "του", "des", "del", "do"];

/// Words for a month that stands without its name: "until the end of the month".
#[rustfmt::skip] // A table is read in rows.
const THIS_MONTH: &[&str] = &["month", "monat", "monats", "monatsende", "mois", "mes", "mês", "mese", "maand", "månaden", "måneden",
    "miesiąca", "měsíce", "mesiaca", "meseca", "mjeseca", "месяца", "місяця", "месеца", "lunii", "hónap", "μήνα"];

/// Returns the last day of a month until which an absence lasts: "until March 2027", "bis Ende Februar".
pub(super) fn until_month(text: &str, until: &Lookup, sent: Date) -> Option<Date> {
    until.hits(text).into_iter().find_map(|(at, index)| {
        let word = until.phrase(index);
        // "To", "al" and the like stand before much else.
        if word.is_ascii() && word.trim_end().len() < 3 {
            return None;
        }
        let opens = text[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !c.is_alphabetic());
        let rest = text.get(at + word.len()..).filter(|_| opens)?;
        // A part of a word is none: "tot" in "total".
        if !word.ends_with(' ') && rest.starts_with(char::is_alphabetic) && word != "jusqu" {
            return None;
        }
        // "To: mart@x.example" names no month.
        let near = &rest[..rest.floor_char_boundary(80)];
        let mut words = near.split_whitespace();
        let first = words.find(|word| word.contains(char::is_alphanumeric));
        if first.is_some_and(|word| word.contains('@')) {
            return None;
        }
        let words = || {
            rest.split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
        };
        let skipped = words()
            .take_while(|word| {
                FILLERS.contains(word) || *word == "à" || *word == "au" || *word == "en"
            })
            .count();
        let named = words()
            .skip(skipped)
            .take(3)
            .any(|word| month(word).is_some());
        if skipped <= 5
            && !named
            && words()
                .take(skipped + 1)
                .any(|word| THIS_MONTH.contains(&word))
        {
            return Some(sent.last_of_month());
        }
        let mut words = words().skip(skipped);
        let month = (skipped <= 5)
            .then(|| words.next())
            .flatten()
            .and_then(month)?;
        let year = match words.next() {
            Some(next) if next.len() == 4 => next.parse::<i16>().ok(),
            Some("de" | "del" | "van" | "von") => words.next().and_then(|year| year.parse().ok()),
            // "Until March 5" has its day.
            Some(next) if next.starts_with(|c: char| c.is_ascii_digit()) => return None,
            _ => None,
        };
        let year = year
            .filter(|year| (1990..=2100).contains(year))
            .unwrap_or_else(|| {
                let next = month < sent.month();
                sent.year().saturating_add(i16::from(next))
            });
        Some(Date::new(year, month, 1).ok()?.last_of_month())
    })
}
