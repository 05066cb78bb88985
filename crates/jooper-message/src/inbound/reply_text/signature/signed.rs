//! Texts that say nothing: a closing, a name, a way to reach somebody, or "see subject".

use std::sync::LazyLock;

use super::contact;
use crate::inbound::lookup::Lookup;
use crate::inbound::phrases::{fold, is_letter_or_figure};
use crate::inbound::stop_words::is_courtesy;

/// Longer texts say something.
const MOST: usize = 600;
/// Most words of a name, and of a line that points to the title.
const NAME: usize = 3;
const POINTER: usize = 7;

/// What a title is called.
#[rustfmt::skip] // A table is read in rows.
const TITLES: &[&str] = &[
    "subject", "title", "header", "heading", "betreff", "betreffzeile", "überschrift", "objet", "sujet", "asunto", "assunto",
    "oggetto", "onderwerp", "ämne", "ämnesraden", "ämnesrad", "rubriken", "emne", "emnet", "emnefeltet", "emnelinjen", "temat",
    "tytuł", "tytule", "předmět", "předmětu", "predmet", "тема", "тему", "теме", "темі", "otsikko", "tárgy", "subiect", "konu",
    "件名", "主题", "主題",
];

/// Words beside it that only point there.
#[rustfmt::skip] // A table is read in rows.
const POINTS: &[&str] = &[
    "see", "read", "refer", "to", "as", "per", "in", "the", "my", "line", "above", "of", "this", "email", "e-mail", "mail",
    "siehe", "s", "lesen", "sie", "den", "die", "im", "oben", "wie", "dem", "voir", "cf", "lire", "le", "l", "dans", "ver", "vea",
    "véase", "leer", "lea", "el", "en", "vide", "veja", "ler", "o", "no", "do", "vedi", "veda", "vedere", "leggere", "l'oggetto",
    "l'objet", "come", "da", "zie", "het", "lees", "se", "läs", "se", "i", "les", "patrz", "zobacz", "jak", "w", "tytuł", "viz",
    "v", "ve", "смотри", "смотрите", "см", "в", "дивіться", "katso", "lásd", "vezi",
];

static TITLE: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(TITLES.iter().map(|w| fold(w))));
static POINT: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(POINTS.iter().map(|w| fold(w))));

/// Whether a text is none, or nothing but greetings, courtesies, closings with a name, ways to reach somebody, and a
/// pointer to the title.
pub(in crate::inbound) fn says_nothing(text: &str) -> bool {
    if text.len() > MOST {
        return false;
    }
    let mut closed = false;
    let mut filled = text.lines().map(str::trim).filter(|line| !line.is_empty());
    filled.all(|line| {
        let signs = closed;
        closed |= opens_with_closing(line);
        closes(line)
            || signs && is_name(line)
            || line.len() <= contact::LINE && contact::is_contact(line)
            || is_courtesy(line, NAME)
            || points(line)
    })
}

/// "Best regards", "Thanks, Anna Berg".
pub(in crate::inbound) fn closes(line: &str) -> bool {
    contact::is_closing_text(line)
        || line
            .split_once([',', '-', '\u{2013}'])
            .is_some_and(|(closing, name)| contact::is_closing_text(closing) && is_name(name))
}

fn opens_with_closing(line: &str) -> bool {
    contact::is_closing_text(line.split([',', '-']).next().unwrap_or(line))
}

/// One to three words that each begin as names do.
fn is_name(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let few = (1..=NAME).contains(&words.clone().count());
    few && !line.ends_with(['?', '!', ':'])
        && words.all(|word| word.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase()))
}

/// "See subject line", "siehe Betreff".
fn points(line: &str) -> bool {
    let folded = fold(line);
    let words = || {
        let words = folded.split(|c: char| !is_letter_or_figure(c) && c != '\'');
        words.filter(|word| !word.is_empty())
    };
    let title = |word: &str| {
        let bare = word.trim_start_matches("l'").trim_start_matches("d'");
        TITLE.holds(word) || TITLE.holds(bare)
    };
    words().nth(POINTER).is_none()
        && words().any(title)
        && words().all(|word| title(word) || POINT.holds(word) || is_courtesy(word, 0))
}
