//! What a person writes to us, and no notice of an absence.
//!
//! Notices name days and hours, too, say whom to call, and ask whether it is urgent.

use std::ops::Range;
use std::sync::LazyLock;

use super::{kinds, words};
use crate::inbound::intent::{self, Intent, IntentEvidence, PhraseClassifier, ReplyClassifier};
use crate::inbound::lookup::Lookup;
use crate::inbound::reply_text::ReplyText;

/// Stems of what cannot wait, of which notices speak; folded.
#[rustfmt::skip] // A table is read in rows.
const URGENT: &[&str] = &["urgen", "emergenc", "can't wait", "cannot wait", "in a hurry", "immediate", "any questions", "need help", "need assistance",
    "dringend", "eilig", "eilt", "notfall", "nicht warten", "noch fragen", "pas attendre", "emergenz",
    "spoed", "niet wachten", "haast", "brådska", "bråttom", "akut", "kan inte vänta", "haste", "kan det ikke vente", "kiire",
    "piln", "naléhav", "spěch", "súrn", "naliehav", "sürgős", "спеш", "срочн", "неотлож", "термінов", "нагальн", "επείγ",
    "acil", "hitn", "nujn", "skub", "steidz", "緊急", "お急ぎ", "至急", "紧急", "急事", "긴급", "급한", "급하", "عاجل", "طارئ",
    "דחוף", "khẩn", "gấp", "mendesak", "darurat", "ด่วน", "فوری"];

/// Parts of phrases of meetings that say that somebody is there; as the tables of intents write them.
#[rustfmt::skip] // A table is read in rows.
const REACHED: &[&str] = &["available", "free", "my calend", "your calend", "book a slot", "book a time", "pick a", "grab",
    "minutes", "dial in", "am montag", "am dienstag", "am mittwoch", "am donnerstag", "am freitag", "beschikbaar",
    "tillgänglig", "ledig", "tilgængelig", "tilgjengelig", "διαθέσιμ", "פנוי", "متاح", "на связи", "свобод", "вільн",
    "slobod", "dispozic", "dostępn", "disponib", "mon agenda", "mi agenda", "mi calend", "mia agenda", "minha agenda",
    "空いて", "有空", "有时间", "有時間", "통화 가능", "rảnh", "luang"];

/// Parts of phrases of meetings that ask for a call.
#[rustfmt::skip] // A table is read in rows.
const CALLED: &[&str] = &["call me", "call my", "give me a", "ring me", "phone me", "rufen", "ruf ", "anrufen", "bel me", "bel mij",
    "bel gerust", "ring mig", "ring gärna", "signal", "ring til", "ring gerne", "ring meg", "ring gjerne", "tråden", "soita",
    "soittakaa", "hívj", "aray", "καλέστε", "πάρτε", "τηλεφων", "התקשר", "תתקשר", "اتصل", "позвон", "перезвон", "набер",
    "зателефон", "подзвон", "nazov", "pozov", "обадете", "zavolejte", "zavolej mi", "zavolajte", "zadzwo", "proszę dzwonić",
    "o telefon", "appelez moi", "appelle moi", "m'appeler", "rappel", "llámam", "llámem", "llámen", "me puede llamar",
    "me puedes llamar", "llamarme", "mi chiam", "chiamami", "chiamar", "mi telefoni", "me lig", "ligue me", "pode ligar",
    "podem ligar", "suna", "sună", "お電話", "電話を", "打电话", "打電話", "给我打", "전화", "gọi", "telepon", "hubungi"];

static URGENT_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(URGENT.iter().copied()));

/// Marks that end a question, in any script.
const QUESTION_MARKS: [char; 3] = ['?', '\u{ff1f}', '\u{61f}'];

/// Longest sentence about what cannot wait, in bytes.
const LONGEST: usize = 240;

/// How much of a text is asked for questions, and how much of a word is looked back at, in bytes: each mark
/// looks at its surroundings.
const READ: usize = 16 << 10;
const WORD: usize = 2 << 10;

/// Least figures of a number to call, beside those of a day and an hour.
const NUMBER: usize = 7;

/// Least weight of a sign that settles an intent by itself.
const SETTLES: u8 = 3;

/// Whether `text` asks something that expects an answer: no address of the web has a question in it, and nobody
/// waits for an answer to "Urgent? Call the switchboard".
pub(super) fn asks(text: &str) -> bool {
    let text = &text[..text.floor_char_boundary(READ)];
    // The first bytes of the three marks.
    let mut firsts = memchr::memchr3_iter(b'?', 0xef, 0xd8, text.as_bytes());
    firsts.any(|at| {
        let Some(behind) = text[at..].strip_prefix(QUESTION_MARKS) else {
            return false;
        };
        let goes_on = || behind.contains(char::is_alphanumeric);
        !(is_in_an_address(text, at) || goes_on() && is_about_urgency(text, at))
    })
}

/// Whether a signature holds a question about our mail: people write below theirs, and slogans ask, too.
pub(super) fn asks_below(new: &ReplyText) -> bool {
    if new.visible.len() == new.with_signature.len() || !asks(&new.with_signature) {
        return false;
    }
    let below = new.signature().filter(|below| asks(below));
    below.is_some_and(|below| {
        let signs = PhraseClassifier::new().intent(&below).evidence;
        let settles = |sign: &IntentEvidence| {
            sign.intent == Intent::Question && sign.weight >= SETTLES && !sign.is_structural()
        };
        signs.iter().any(settles)
    })
}

/// Whether the mark at `at` stands inside a web address: behind a slash or a dot of its word, and before more of it.
fn is_in_an_address(text: &str, at: usize) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(WORD));
    let word = || text[from..at].rsplit(char::is_whitespace).next();
    let glued = |next: u8| next.is_ascii_alphanumeric() || b"_-=&/%#~+".contains(&next);
    text.as_bytes().get(at + 1).copied().is_some_and(glued)
        && word().is_some_and(|word| word.contains(['/', '.', ':']))
}

/// Whether the sentence around `at` speaks of what cannot wait.
fn is_about_urgency(text: &str, at: usize) -> bool {
    let sentence = &text[sentence(text, at)];
    sentence.len() <= LONGEST && URGENT_BOOK.first_word(&words::fold(sentence)).is_some()
}

/// The sentence around `at`, with the sign that ends it.
fn sentence(text: &str, at: usize) -> Range<usize> {
    let ends = |place: usize, c: char| match c {
        // "10.00" is one word.
        '.' => !text[place + 1..].starts_with(|next: char| next.is_alphanumeric()),
        '!' | '\n' | '\u{3002}' => true,
        c => QUESTION_MARKS.contains(&c),
    };
    let behind = |(place, c): (usize, char)| ends(place, c).then_some(place + c.len_utf8());
    let from = text[..at].char_indices().rev().find_map(behind);
    let to = text[at..]
        .char_indices()
        .find_map(|(place, c)| behind((at + place, c)));
    from.unwrap_or(0)..to.unwrap_or(text.len())
}

/// Whether a text takes our mail up, as nobody's absence does: a notice names a deputy and a day at most.
///
/// `notice` says whether its words are those of one: then a day, an hour and a number to call are part of that.
pub(super) fn takes_up(text: &str, notice: bool) -> bool {
    intent::has(text, |verdict| match verdict.intent {
        None | Some(Intent::WrongPerson | Intent::NotNow | Intent::Unsubscribe) => false,
        Some(Intent::Meeting | Intent::Question) if notice => {
            verdict.evidence.iter().any(|sign| is_a_persons(text, sign))
        }
        Some(_) => true,
    })
}

/// Whether a sign of an intent is none that a notice of an absence has.
fn is_a_persons(text: &str, found: &IntentEvidence) -> bool {
    if found.weight < SETTLES {
        return false;
    }
    let says = |parts: &[&str]| parts.iter().any(|part| found.sign.contains(part));
    // "Call me on Tuesday", without a number for what is urgent.
    let appointed = || {
        let sentence = &text[sentence(text, found.span.start)];
        let figures = sentence.bytes().filter(u8::is_ascii_digit);
        intent::names_a_day(sentence)
            && figures.count() < NUMBER
            && !is_about_urgency(text, found.span.start)
            && !kinds::is_away_not_gone(&words::fold(sentence))
    };
    match found.intent {
        Intent::Interested => true,
        // Whether its mark is a question's is asked for elsewhere.
        Intent::Question => !found.is_structural() && !is_about_urgency(text, found.span.start),
        Intent::Meeting if says(CALLED) => appointed(),
        Intent::Meeting => !found.is_structural() && !says(REACHED),
        _ => false,
    }
}
