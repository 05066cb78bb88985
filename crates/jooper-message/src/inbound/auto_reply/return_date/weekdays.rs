//! Weekdays and "tomorrow", for answers that state no date.

use std::sync::LazyLock;

use jiff::civil::{Date, ISOWeekDate, Weekday};

use crate::inbound::lookup::Lookup;

#[rustfmt::skip] // A table is read in rows.
const DAYS: &[(&str, i8)] = &[
    ("monday", 1), ("tuesday", 2), ("wednesday", 3), ("thursday", 4), ("friday", 5), ("saturday", 6), ("sunday", 7),
    ("montag", 1), ("dienstag", 2), ("mittwoch", 3), ("donnerstag", 4), ("freitag", 5), ("samstag", 6), ("sonntag", 7),
    ("lundi", 1), ("mardi", 2), ("mercredi", 3), ("jeudi", 4), ("vendredi", 5), ("samedi", 6), ("dimanche", 7),
    ("lunes", 1), ("martes", 2), ("miércoles", 3), ("jueves", 4), ("viernes", 5), ("sábado", 6), ("domingo", 7),
    ("dilluns", 1), ("dimarts", 2), ("dimecres", 3), ("dijous", 4), ("divendres", 5),
    ("segunda-feira", 1), ("terça-feira", 2), ("quarta-feira", 3), ("quinta-feira", 4), ("sexta-feira", 5),
    ("lunedì", 1), ("martedì", 2), ("mercoledì", 3), ("giovedì", 4), ("venerdì", 5), ("sabato", 6), ("domenica", 7),
    ("maandag", 1), ("dinsdag", 2), ("woensdag", 3), ("donderdag", 4), ("vrijdag", 5), ("zaterdag", 6), ("zondag", 7),
    ("måndag", 1), ("tisdag", 2), ("onsdag", 3), ("torsdag", 4), ("fredag", 5), ("mandag", 1), ("tirsdag", 2),
    ("lördag", 6), ("söndag", 7), ("lørdag", 6), ("søndag", 7),
    ("maanantai", 1), ("tiistai", 2), ("keskiviikko", 3), ("torstai", 4), ("perjantai", 5), ("esmaspäev", 1),
    ("teisipäev", 2), ("kolmapäev", 3), ("neljapäev", 4), ("reede", 5),
    ("poniedział", 1), ("wtorek", 2), ("wtorku", 2), ("środ", 3), ("czwart", 4), ("piąt", 5), ("pondělí", 1),
    ("úterý", 2), ("středu", 3), ("čtvrtek", 4), ("pátek", 5), ("pondelok", 1), ("utorok", 2), ("stredu", 3),
    ("štvrtok", 4), ("piatok", 5),
    ("ponedjelj", 1), ("ponedelj", 1), ("utorak", 2), ("srijed", 3), ("četvrtak", 4), ("petak", 5), ("hétfő", 1),
    ("kedd", 2), ("szerd", 3), ("csütörtök", 4), ("péntek", 5), ("luni", 1), ("marți", 2), ("miercuri", 3),
    ("joi", 4), ("vineri", 5),
    ("понедельник", 1), ("вторник", 2), ("сред", 3), ("четверг", 4), ("пятниц", 5), ("понеділ", 1), ("вівтор", 2),
    ("серед", 3), ("четвер", 4), ("п'ятниц", 5), ("понеделник", 1), ("четвъртък", 4), ("петък", 5),
    ("δευτέρα", 1), ("τρίτη", 2), ("τετάρτη", 3), ("πέμπτη", 4), ("παρασκευή", 5), ("pazartesi", 1), ("salı", 2),
    ("çarşamba", 3), ("perşembe", 4), ("cuma ", 5),
    ("月曜", 1), ("火曜", 2), ("水曜", 3), ("木曜", 4), ("金曜", 5), ("周一", 1), ("周二", 2), ("周三", 3), ("周四", 4), ("周五", 5),
    ("星期一", 1), ("星期二", 2), ("星期三", 3), ("星期四", 4), ("星期五", 5), ("週一", 1), ("월요일", 1), ("화요일", 2), ("수요일", 3),
    ("목요일", 4), ("금요일", 5),
    ("الاثنين", 1), ("الإثنين", 1), ("الثلاثاء", 2), ("الأربعاء", 3), ("الخميس", 4), ("الأحد", 7),
    ("יום ראשון", 7), ("יום שני", 1), ("יום שלישי", 2), ("senin", 1), ("selasa", 2), ("rabu", 3), ("kamis", 4),
    ("jumat", 5), ("thứ hai", 1), ("thứ ba", 2), ("thứ tư", 3), ("thứ năm", 4), ("thứ sáu", 5), ("วันจันทร์", 1),
    ("วันอังคาร", 2),
];

#[rustfmt::skip] // A table is read in rows.
const TOMORROW: &[&str] = &["tomorrow", "morgen", "demain", "mañana", "amanhã", "domani", "imorgon", "i morgon",
    "i morgen", "huomenna", "jutro", "zítra", "zajtra", "sutra", "holnap", "mâine", "завтра", "утре", "αύριο",
    "yarın", "明日", "明天", "내일", "غدا", "غدًا", "מחר", "besok", "ngày mai", "พรุ่งนี้"];

static BOOK: LazyLock<Lookup> = LazyLock::new(|| {
    let days = DAYS.iter().map(|(name, _)| *name);
    Lookup::new(days.chain(TOMORROW.iter().copied()))
});

/// Returns each weekday or "tomorrow" in `text` (folded) with its place and the date it means.
pub(super) fn find(text: &str, sent: Date) -> Vec<(std::ops::Range<usize>, Date)> {
    let mut out = Vec::new();
    for (at, index) in BOOK.hits(text) {
        let name = BOOK.phrase(index);
        if let Some((_, day)) = DAYS.get(index) {
            let inside = text
                .get(..at)
                .and_then(|head| head.chars().next_back())
                .is_some_and(|c| c.is_alphabetic() && name.is_ascii());
            let Ok(weekday) = Weekday::from_monday_one_offset(*day) else {
                continue;
            };
            if let (false, Ok(date)) = (inside, sent.nth_weekday(1, weekday)) {
                out.push((at..at + name.len(), date));
            }
        }
        if index >= DAYS.len() {
            let before = text.get(..at).unwrap_or_default();
            // German and Dutch "morgen" is the morning too: guten Morgen, Montagmorgen.
            let greeting = before.ends_with(|c: char| c.is_alphabetic())
                || before.ends_with("guten ")
                || before.ends_with("goede")
                || before.ends_with("god ")
                || before.ends_with("por la ")
                || before.ends_with("de la ")
                || before.ends_with("la ")
                || before.ends_with("am ");
            let longer = text
                .get(at + name.len()..)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() && c.is_ascii()));
            if let (false, false, Ok(date)) = (greeting, longer, sent.tomorrow()) {
                out.push((at..at + name.len(), date));
            }
        }
    }
    out
}

/// Words for a week that is told by its number (ISO 8601), as they follow a weekday; longer ones first.
#[rustfmt::skip] // A table is read in rows.
const WEEKS: &[&str] = &["kalenderwoche", "veckan", "vecka", "viikolla", "viikon", "viikko", "woche", "week", "uge", "uke",
    "kw", "v.", "v "];

/// Words between a weekday and its week.
const OF: &[&str] = &["of ", "in ", "i ", "der ", "den "];

/// The day of `date`'s weekday in the numbered week that `after` begins with, where that is not past.
pub(super) fn in_week(after: &str, date: Date, sent: Date) -> Option<Date> {
    let after = after.trim_start_matches([' ', ',', '(']);
    let of = OF.iter().find_map(|of| after.strip_prefix(of));
    let after = of.unwrap_or(after);
    let named = WEEKS.iter().find_map(|week| after.strip_prefix(week))?;
    let number = named.trim_start_matches([' ', '.']);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let week: i8 = number[..digits].parse().ok()?;
    let this = sent.iso_week_date();
    // A week long past is the next year's.
    let is_past = i16::from(week) + 26 < i16::from(this.week());
    let year = this.year().checked_add(i16::from(is_past))?;
    let day = ISOWeekDate::new(year, week, date.weekday()).ok()?.date();
    (day >= sent).then_some(day)
}
