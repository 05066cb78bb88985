//! A refusal of some days, of the telephone or of an old address is none of mail.

use std::ops::Range;
use std::sync::LazyLock;

use crate::inbound::phrases::{Book, Tokens};

/// How many words behind a refusal its limit begins.
const REACH: usize = 3;

/// Days and words that say until or from when; of every language, as `phrases` reads them.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "monday*", "tuesday*", "wednesday*", "thursday*", "friday*", "saturday*", "sunday*", "before", "until", "till",
    "today", "tomorrow", "tonight", "this week", "this month", "next week", "next month", "weekend*", "at night",
    "montag*", "dienstag*", "mittwoch*", "donnerstag*", "freitag*", "samstag*", "sonntag*", "vor", "bis", "heute",
    "diese woche", "diesen monat", "nächste woche", "wochenende*", "abends", "nachts",
    "lundi*", "mardi*", "mercredi*", "jeudi*", "vendredi*", "samedi*", "dimanche*", "avant", "jusqu'à", "jusqu'au",
    "jusqu'en", "aujourd'hui", "demain", "cette semaine", "ce mois", "semaine prochaine", "week-end*", "le soir",
    "lunes", "martes", "miércoles", "jueves", "viernes", "sábado*", "domingo*", "antes", "hasta", "hoy", "esta semana",
    "este mes", "por la noche", "fines de semana", "fin de semana",
    "segunda-feira*", "terça-feira*", "quarta-feira*", "quinta-feira*", "sexta-feira*", "até", "hoje", "amanhã",
    "este mês", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "domenica", "prima", "fino", "oggi", "domani",
    "questa settimana", "questo mese", "la sera",
    "maandag*", "dinsdag*", "woensdag*", "donderdag*", "vrijdag*", "zaterdag*", "zondag*", "tot", "vandaag",
    "deze week", "volgende week", "deze maand", "måndag*", "tisdag*", "onsdag*", "torsdag*", "fredag*", "lördag*",
    "söndag*", "mandag*", "tirsdag*", "lørdag*", "søndag*", "förrän", "idag", "i dag", "i morgon", "i morgen",
    "den här veckan", "denne uge", "denne uken", "poniedział*", "wtor*", "środę", "czwart*", "piąt*", "sobot*",
    "niedziel*", "przed", "dzisiaj", "jutro", "w tym tygodniu", "w tym miesiącu", "ponděl*", "úter*", "středu",
    "čtvrt*", "pátek", "pátku", "pondel*", "utor*", "stredu", "štvrt*", "piatok", "piatku", "před", "pred", "dnes",
    "zítra", "zajtra", "tento týden", "tento týždeň", "ponedjelj*", "ponedelj*", "srijed*", "četvrt*", "petak",
    "petka", "petek", "prije", "danas", "danes", "ovaj tjedan", "ta teden", "понедел*", "вторник*", "среду",
    "четверг*", "пятниц*", "суббот*", "воскресен*", "сегодня", "завтра", "на этой неделе", "до конца", "понеділ*",
    "вівтор*", "середу", "четвер*", "п'ятниц*", "сьогодні", "до кінця", "цього тижня", "четвъртък", "петък", "днес",
    "тази седмица", "maanantai*", "tiistai*", "keskiviik*", "torstai*", "perjantai*", "ennen", "tänään", "huomenna",
    "tällä viikolla", "hétfő*", "kedd*", "szerd*", "csütörtök*", "péntek*", "előtt", "holnap", "ezen a héten",
    "luni", "marți", "miercuri", "joi", "vineri", "înainte", "astăzi", "azi", "mâine", "săptămâna aceasta",
    "pirmadien*", "antradien*", "ketvirtadien*", "penktadien*", "šiandien", "šią savaitę", "pirmdien*", "otrdien*",
    "piektdien*", "šodien", "šonedēļ", "δευτέρα", "τρίτη", "τετάρτη", "πέμπτη", "παρασκευή", "σήμερα", "αύριο",
    "πριν", "pazartesi*", "çarşamba*", "perşembe*", "bugün", "yarın", "bu hafta", "今日", "明日", "今週", "今天", "明天", "本周",
    "这周", "周末", "오늘", "내일", "이번 주", "اليوم", "غدا", "قبل", "هذا الأسبوع", "היום", "מחר", "השבוע", "לפני",
];

/// Words before a time with which a refusal only begins: "from today on".
#[rustfmt::skip]
const SINCE: &[&str] = &[
    "from", "since", "of", "after", "ab", "seit", "von", "des", "desde", "partir", "partire", "dal", "da", "vanaf",
    "fran", "fra", "od", "ode", "с", "от", "від", "alates", "alkaen", "din", "dupa", "nuo", "no", "από",
];

/// Words behind a time that make it no limit: "until further notice", "bis auf Widerruf".
#[rustfmt::skip]
const ENDLESS: &[&str] = &["further", "auf", "weiteres", "nouvel", "nuevo", "nova", "novo", "nuovo", "nader", "on"];

/// The telephone and other ways that are no mail.
#[rustfmt::skip]
const ELSEWHERE: &[&str] = &[
    "phone*", "telephone*", "mobile*", "telefon*", "téléphon*", "teléfono*", "telefone*", "telefono*", "puhel*",
    "телефон*", "τηλέφων*", "הטלפון", "טלפון", "بالهاتف", "الهاتف", "電話", "电话", "whatsapp", "linkedin", "sms",
];

/// An address that somebody used to have.
#[rustfmt::skip]
const FORMER: &[&str] = &[
    "old address", "old e-mail", "old email", "alte adresse", "alten adresse", "ancienne adresse",
    "dirección antigua", "antigua dirección", "vecchio indirizzo", "oude adres", "gamla adress*", "gamle adresse",
    "stary adres", "starou adresu", "старый адрес", "стару адресу", "endereço antigo", "antigo endereço",
];

/// Words of mail beside which any other way is one more.
#[rustfmt::skip]
const MAIL_TOO: &[&str] = &["mail*", "email*", "e-mail*", "courriel*", "correo*", "mejl*", "почт*", "邮件", "メール", "or", "oder",
    "ou", "nor", "noch", "ni"];

fn book(words: &'static [&'static str]) -> Book<()> {
    Book::new(words.iter().map(|word| (*word, ())))
}

static TIMES_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(TIMES));
static ELSEWHERE_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(ELSEWHERE));
static FORMER_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(FORMER));
static MAIL_TOO_BOOK: LazyLock<Book<()>> = LazyLock::new(|| book(MAIL_TOO));

/// Whether a refusal is of certain days: "do not contact me before May", "on Mondays do not write".
pub(super) fn some_days(
    tokens: &Tokens,
    sentence: &Range<usize>,
    hit: &Range<usize>,
    commas: impl Fn(Range<usize>) -> bool,
) -> bool {
    let is_limit = |i: usize| {
        let since = i > sentence.start && SINCE.contains(&tokens.word(i - 1));
        let endless = (i + 1..i + 3).any(|next| ENDLESS.contains(&tokens.word(next)));
        TIMES_BOOK.any_in(tokens, i..i + 1) && !since && !endless
    };
    let mut behind = hit.end..sentence.end.min(hit.end + REACH);
    let mut before = sentence.start..hit.start;
    let near = before.len() <= REACH && !commas(before.start..hit.end);
    behind.any(is_limit) || near && before.any(is_limit)
}

/// Whether a refusal is of another way than mail to whoever wrote it: "do not contact me by phone".
pub(super) fn another_way(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>) -> bool {
    let behind = hit.end..sentence.end.min(hit.end + 2 * REACH);
    let mail_too = || MAIL_TOO_BOOK.any_in(tokens, hit.end..sentence.end);
    FORMER_BOOK.any_in(tokens, behind.clone())
        || ELSEWHERE_BOOK.any_in(tokens, behind) && !mail_too()
}
