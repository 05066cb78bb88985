//! What a person writes to us, and no notice of an absence.
//!
//! Notices name days and hours, too, say whom to call, and ask whether it is urgent.

use std::sync::LazyLock;

use super::words;
use crate::inbound::intent::{Intent, IntentEvidence, PhraseClassifier, ReplyClassifier};
use crate::inbound::lookup::Lookup;

/// Stems of what cannot wait, of which notices speak; folded.
#[rustfmt::skip] // A table is read in rows.
const URGENT: &[&str] = &["urgen", "emergenc", "can't wait", "cannot wait", "in a hurry", "immediate", "any questions", "need help", "need assistance",
    "dringend", "eilig", "eilt", "notfall", "nicht warten", "noch fragen", "pas attendre", "emergenz",
    "spoed", "niet wachten", "haast", "brådska", "bråttom", "akut", "kan inte vänta", "haste", "kan det ikke vente", "kiire",
    "piln", "naléhav", "spěch", "súrn", "naliehav", "sürgős", "спеш", "срочн", "неотлож", "термінов", "нагальн", "επείγ",
    "acil", "hitn", "nujn", "skub", "steidz", "緊急", "お急ぎ", "至急", "紧急", "急事", "긴급", "급한", "급하", "عاجل", "طارئ",
    "דחוף", "khẩn", "gấp", "mendesak", "darurat", "ด่วน", "فوری"];

/// Parts of phrases of meetings that say how somebody is reached; as the tables of intents write them.
#[rustfmt::skip] // A table is read in rows.
const REACHED: &[&str] = &["call me", "call my", "give me a", "ring me", "phone me", "available", "free", "my calend", "your calend",
    "book a slot", "book a time", "pick a", "grab", "minutes", "dial in", "rufen", "ruf ", "am montag", "am dienstag",
    "am mittwoch", "am donnerstag", "am freitag", "bel me", "bel mij", "bel gerust", "beschikbaar", "ring mig", "ring gärna",
    "tillgänglig", "ledig", "ring til", "ring gerne", "tilgængelig", "ring meg", "ring gjerne", "tilgjengelig", "signal", "tråden",
    "soita", "soittakaa", "hívj", "aray", "καλέστε", "πάρτε", "τηλεφων", "διαθέσιμ", "התקשר", "תתקשר", "פנוי", "اتصل", "متاح", "позвон",
    "перезвон", "набер", "на связи", "свобод", "зателефон", "подзвон", "вільн", "nazov", "pozov", "slobod", "обадете",
    "zavolejte", "zavolej mi", "zavolajte", "dispozic", "zadzwo", "proszę dzwonić", "o telefon", "dostępn", "appelez moi",
    "appelle moi", "m'appeler", "rappel", "disponib", "mon agenda", "llámam", "llámem", "llámen", "me puede llamar",
    "me puedes llamar", "llamarme", "mi agenda", "mi calend", "mi chiam", "chiamami", "chiamar", "mi telefoni", "mia agenda",
    "me lig", "ligue me", "pode ligar", "podem ligar", "minha agenda", "suna", "sună", "お電話", "電話を", "空いて", "打电话",
    "打電話", "给我打", "有空", "有时间", "有時間", "전화", "통화 가능", "gọi", "rảnh", "telepon", "hubungi", "luang"];

static URGENT_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(URGENT.iter().copied()));

/// Marks that end a question, in any script.
const QUESTION_MARKS: [char; 3] = ['?', '\u{ff1f}', '\u{61f}'];

/// Least weight of a sign that settles an intent by itself.
const SETTLES: u8 = 3;

/// Whether `text` asks something that expects an answer: no address of the web has a question in it, and nobody
/// waits for an answer to "Urgent? Call the switchboard".
pub(super) fn asks(text: &str) -> bool {
    if !text.as_bytes().contains(&b'?') && (text.is_ascii() || !text.contains(QUESTION_MARKS)) {
        return false;
    }
    let mut marks = text.match_indices(QUESTION_MARKS);
    marks.any(|(at, mark)| {
        let behind = &text[at + mark.len()..];
        let goes_on = behind.contains(char::is_alphanumeric);
        !(is_in_an_address(text, at) || goes_on && is_about_urgency(text, at))
    })
}

/// Whether the mark at `at` stands inside a web address: behind a slash or a dot of its word, and before more of it.
fn is_in_an_address(text: &str, at: usize) -> bool {
    let word = text[..at].rsplit(char::is_whitespace).next();
    let glued = |next: u8| next.is_ascii_alphanumeric() || b"_-=&/%#~+".contains(&next);
    text.as_bytes().get(at + 1).copied().is_some_and(glued)
        && word.is_some_and(|word| word.contains(['/', '.', ':']))
}

/// Whether the sentence around `at` speaks of what cannot wait.
fn is_about_urgency(text: &str, at: usize) -> bool {
    /// Longest such sentence, in bytes to both sides.
    const REACH: usize = 120;
    let ends = |c: char| matches!(c, '.' | '!' | '\n' | '\u{3002}') || QUESTION_MARKS.contains(&c);
    let head = &text[..at];
    let from = head
        .char_indices()
        .rev()
        .find(|(_, c)| ends(*c))
        .map_or(0, |(end, c)| end + c.len_utf8());
    let rest = &text[at..];
    let to = rest
        .find(ends)
        .map_or(text.len(), |end| rest.ceil_char_boundary(end + 1) + at);
    at - from <= REACH
        && to - at <= REACH
        && URGENT_BOOK
            .first_word(&words::fold(&text[from..to]))
            .is_some()
}

/// Whether a text takes our mail up, as nobody's absence does: a notice names a deputy and a day at most.
///
/// `away` says whether it tells of an absence: then a day, an hour and a number to call are part of that.
pub(super) fn takes_up(text: &str, away: bool) -> bool {
    let verdict = PhraseClassifier::new().intent(text);
    match verdict.intent {
        None | Some(Intent::WrongPerson | Intent::NotNow | Intent::Unsubscribe) => false,
        Some(Intent::Meeting | Intent::Question) if away => {
            verdict.evidence.iter().any(|sign| is_a_persons(text, sign))
        }
        Some(_) => true,
    }
}

/// Whether a sign of an intent is none that a notice of an absence has.
fn is_a_persons(text: &str, found: &IntentEvidence) -> bool {
    if found.weight < SETTLES {
        return false;
    }
    let reached = || REACHED.iter().any(|stem| found.sign.contains(stem));
    match found.intent {
        Intent::Interested => true,
        // Whether its mark is a question's is asked for elsewhere.
        Intent::Question => !found.is_structural() && !is_about_urgency(text, found.span.start),
        Intent::Meeting => !found.is_structural() && !reached(),
        _ => false,
    }
}
