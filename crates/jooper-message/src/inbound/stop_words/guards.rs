//! What makes a found phrase mean something else.

use std::ops::Range;
use std::sync::LazyLock;

use super::{Ask, Language, Meaning};
use crate::inbound::phrases::{Book, Tokens};

/// How many words before a request a negation reaches.
const NEGATION_REACH: usize = 4;
/// How many words a message, or its sentence, may have for a bare word to be the request.
const BARE_SENTENCE: usize = 4;

/// Words that make the sentence a tale, a condition or a footer, in any language.
#[rustfmt::skip]
const ASIDES: &[&str] = &[
    // Instructions in footers.
    "to unsubscribe", "unsubscribe link", "unsubscribe button", "unsubscribe here", "click here", "click to",
    "you can unsubscribe", "you may unsubscribe", "unsubscribe rate*", "if you no longer wish",
    "if you no longer want", "if you don't want", "if you do not want", "if you do not wish", "if you wish to",
    "if you would like to unsubscribe", "if you want to unsubscribe", "wenn sie keine", "falls sie keine",
    "wenn sie nicht mehr", "um sich abzumelden", "klicken sie", "hier klicken", "si vous ne souhaitez plus",
    "pour vous désabonner", "pour vous désinscrire", "cliquez ici", "si no desea", "si ya no desea",
    "para darse de baja", "haga clic", "caso não queira", "clique aqui", "se non desideri", "se non desidera",
    "per cancellarti", "clicca qui", "als u geen", "klik hier", "hvis du ikke", "klik her", "klikk her",
    "om du inte", "klicka här", "jeśli nie chcesz", "kliknij", "pokud si nepřejete", "klikněte", "если вы не хотите",
    "нажмите", "配信停止は", "配信停止をご希望", "如果您不想",
    // Tales about others and suppositions.
    "asked you to remove", "customers who", "people who unsubscribe", "do your", "our customers", "our users",
    "our subscribers", "how many", "do you let people", "do you support", "does your", "does it support", "can your",
    "can our", "when someone", "when people", "if someone", "if people", "if i wanted", "if i want", "unless you",
    "i was going to", "i almost", "was about to", "tell him", "not asking you", "unsere kunden", "unsere abonnenten",
    "wenn jemand", "wenn leute", "nos clients", "nuestros clientes", "os nossos clientes", "i nostri clienti",
    "onze klanten",
    // Reassurance.
    "no need to remove", "no need to stop", "no need to unsubscribe", "nothing to unsubscribe", "changed my mind",
    "by mistake", "by accident", "accidentally", "versehentlich", "par erreur", "por error", "por engano",
    "per errore", "per ongeluk", "ved en fejl", "av misstag", "przez pomyłkę", "omylem", "vahingossa", "случайно",
    "по ошибке", "yanlışlıkla",
];

static ASIDE: LazyLock<Book<()>> = LazyLock::new(|| Book::new(ASIDES.iter().map(|a| (*a, ()))));

/// Judges a phrase where it stands: how sure it is meant, or that it is not.
pub(super) fn confidence(
    asides: &mut Asides<'_>,
    hit: Range<usize>,
    meaning: &Meaning,
) -> Option<u16> {
    let tokens = asides.tokens;
    let Meaning {
        language,
        phrase,
        ask,
    } = *meaning;
    let sentence = tokens.sentence_range(hit.start);
    let others = sentence.len() - hit.len();
    if ask != Ask::Refusal && is_negated(tokens, sentence.start, hit.start, language) {
        return None;
    }
    if ask == Ask::Request && is_turned_within(tokens, hit.clone(), phrase, language) {
        return None;
    }
    if asides.hold(sentence.clone()) {
        return None;
    }
    let question = tokens
        .sentence(hit.start)
        .is_some_and(|s| tokens.is_question(s));
    match ask {
        Ask::Request if question => Some(800),
        Ask::Request => Some(950),
        // "Why don't you write to me?" is no refusal.
        Ask::Refusal => (!question).then_some(930),
        Ask::Bare if question => None,
        Ask::Bare if tokens.len() <= BARE_SENTENCE => Some(970),
        Ask::Bare => (others + hit.len() <= BARE_SENTENCE).then_some(850),
    }
}

fn is_negated(tokens: &Tokens, sentence: usize, start: usize, language: &Language) -> bool {
    let from = sentence.max(start.saturating_sub(NEGATION_REACH));
    (from..start).any(|i| language.negations.contains(&tokens.word(i)))
}

/// Germanic languages put "not" into the middle or behind: "tragen Sie mich nicht aus".
fn is_turned_within(tokens: &Tokens, hit: Range<usize>, phrase: &str, language: &Language) -> bool {
    let negates = |i: usize| language.negations.contains(&tokens.word(i));
    let behind = matches!(
        tokens.word(hit.end),
        "nicht" | "niet" | "inte" | "ikke" | "ej"
    ) && tokens.sentence(hit.end) == tokens.sentence(hit.start)
        && !matches!(
            tokens.word(hit.end + 1),
            "mehr" | "meer" | "langer" | "weiter"
        );
    behind || phrase.contains('~') && hit.clone().any(negates)
}

/// Tells which sentences are asides; each is read once, however many phrases it holds.
#[derive(Debug)]
pub(super) struct Asides<'a> {
    tokens: &'a Tokens,
    last: Option<(Range<usize>, bool)>,
}

impl<'a> Asides<'a> {
    pub(super) fn new(tokens: &'a Tokens) -> Self {
        Self { tokens, last: None }
    }

    fn hold(&mut self, sentence: Range<usize>) -> bool {
        if let Some((last, is_aside)) = &self.last
            && *last == sentence
        {
            return *is_aside;
        }
        let is_aside = ASIDE
            .find_in(self.tokens, sentence.clone())
            .next()
            .is_some();
        self.last = Some((sentence, is_aside));
        is_aside
    }
}
