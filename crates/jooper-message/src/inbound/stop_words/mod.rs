//! Requests to stop, found in what a person newly wrote, in many languages.
//!
//! A hit becomes a provisional suppression that a person may confirm or undo, so the tables aim at
//! requests about oneself ("remove me", "do not write again"), and not at words about the subject
//! ("our unsubscribe rate"). Negated requests, reports about others and footers do not count, nor does
//! what is to be removed from an offer, a refusal of samples, or one of some days or of the telephone.
//! Give this the *visible* text of a reply: quoted text and signatures hold our own words and links.
//!
//! ```
//! use jooper_message::inbound::stop_words::find_stop_request;
//!
//! let hit = find_stop_request("Bitte nehmen Sie mich aus dem Verteiler.").unwrap();
//! assert_eq!(hit.language, "de");
//! assert!(find_stop_request("Please don't remove me from the list!").is_none());
//! ```

mod asides;
mod below;
mod footers;
mod grievances;
mod guards;
mod houses;
mod interest;
mod languages;
mod limits;
mod mass_mail;
mod misspelled;
mod notices;
mod objects;
mod parenthesis;
mod questions;

use std::ops::Range;
use std::sync::LazyLock;

use crate::inbound::phrases::{Book, Hit, Tokens};

/// How much of a text is read, in bytes; a request stands near the top.
const LIMIT: usize = 128 << 10;

/// A request to stop, found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StopRequest {
    /// Language of the phrase (BCP 47 primary tag).
    pub language: &'static str,
    /// The phrase that was found, as the table has it.
    pub phrase: &'static str,
    /// Where it stands, in bytes of the text that was given.
    pub span: Range<usize>,
    /// How sure the finding is, in thousandths (0 to 1000).
    pub confidence: u16,
}

/// How a phrase asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// "Remove me from your list": a full request, wherever it stands.
    Request,
    /// "Do not write to me": a request that is itself a negation.
    Refusal,
    /// "Unsubscribe", "stop": a request when it is nearly all there is.
    Bare,
    /// "Please remove our": a request where what follows is an address, a list or nothing.
    Unfinished,
    /// "From your list": a request beside a word of removing.
    Place,
    /// "I do not want any more": a refusal where what follows is mail or nothing.
    Wish,
}

/// The phrases of one language.
#[derive(Debug)]
pub(super) struct Language {
    pub(super) tag: &'static str,
    pub(super) requests: &'static [&'static str],
    pub(super) refusals: &'static [&'static str],
    pub(super) unfinished: &'static [&'static str],
    pub(super) places: &'static [&'static str],
    pub(super) wishes: &'static [&'static str],
    pub(super) bare: &'static [&'static str],
    /// Words before a request that turn it round: "not", "never".
    pub(super) negations: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
struct Meaning {
    language: &'static Language,
    phrase: &'static str,
    ask: Ask,
}

/// Words of courtesy, degree and form that may stand inside any phrase; folded.
#[rustfmt::skip]
const PASSED: &[&str] = &[
    "please", "pls", "kindly", "ever", "really", "simply", "just", "absolutely", "bitte", "doch", "einfach", "jemals", "svp",
    "stp", "s'il", "vous", "te", "plait", "jamais", "por", "favor", "porfavor", "jamas", "gentilmente", "cortesemente", "per",
    "favore", "cortesia", "graag", "alstublieft", "aub", "venligst", "vennligst", "vanligen", "snalla", "kiitos", "enaa",
    "prosze", "prosim", "molim", "kerem", "rog", "palun", "prasau", "ludzu", "παρακαλω", "lutfen", "пожалуйста", "моля",
    "ласка", "בבקשה", "נא", "فضلك", "请", "請", "vui", "long", "tolong", "mohon", "कृपया",
    // Of whoever objects in due form.
    "hereby", "herewith", "formally", "expressly", "explicitly", "strongly", "firmly", "categorically", "respectfully",
    "therefore", "also", "hiermit", "ausdrucklich", "formlich", "entschieden", "vorsorglich", "nachdrucklich", "hierdurch",
    "formellement", "expressement", "fermement", "categoriquement", "expresamente", "formalmente", "firmemente",
    "rotundamente", "categoricamente", "expressamente", "espressamente", "fermamente", "hierbij", "uitdrukkelijk", "formeel",
    "harmed", "uttryckligen", "hermed", "udtrykkeligt", "herved", "uttrykkelig", "niniejszym", "stanowczo", "wyraznie",
    "kategorycznie", "timto", "duraznym", "vyslovne", "rozhodne", "настоящим", "категорически", "решительно", "официально",
];

static BOOK: LazyLock<Book<Meaning>> = LazyLock::new(|| book(|_| true));

/// The phrases that may take whoever set an automatic answer up off a list.
static NOTICE_BOOK: LazyLock<Book<Meaning>> = LazyLock::new(|| book(notices::may_remove));

/// Makes a book of the phrases that `counts` agrees to.
fn book(counts: fn(&Meaning) -> bool) -> Book<Meaning> {
    let all = languages::ALL.iter().flat_map(|language| {
        [
            (Ask::Request, language.requests),
            (Ask::Refusal, language.refusals),
            (Ask::Bare, language.bare),
            (Ask::Unfinished, language.unfinished),
            (Ask::Place, language.places),
            (Ask::Wish, language.wishes),
        ]
        .into_iter()
        .flat_map(move |(ask, list)| {
            list.iter().map(move |&phrase| {
                (
                    phrase,
                    Meaning {
                        language,
                        phrase,
                        ask,
                    },
                )
            })
        })
    });
    Book::new(all.filter(|(_, meaning)| counts(meaning))).passing(PASSED)
}

/// Finds the surest request to stop in the newly written text of a reply.
///
/// Returns nothing when the text holds none that is meant. Takes linear time and never fails.
#[must_use]
pub fn find_stop_request(new_text: &str) -> Option<StopRequest> {
    find_among(Tokens::new(new_text, LIMIT), new_text).0
}

/// Returns what [`find_stop_request`] does for the words of a text, and the words again unless some
/// of them were misspelled.
pub(super) fn find_among(
    mut tokens: Tokens,
    new_text: &str,
) -> (Option<StopRequest>, Option<Tokens>) {
    let mended = misspelled::mend(&mut tokens);
    let any = |_: &Tokens, _: &Hit<Meaning>| true;
    let found = surest(&BOOK, &tokens, new_text, any).or_else(|| {
        let text = parenthesis::blanked(&tokens, new_text)?;
        surest(&BOOK, &Tokens::new(&text, LIMIT), &text, any)
    });
    let found = found.or_else(|| grievances::find(&tokens, new_text));
    (found, (!mended).then_some(tokens))
}

/// Finds the surest request of whoever wrote a mail in what looks like their signature, in which footers and
/// notices stand as well.
pub(super) fn find_below(signature: &str) -> Option<StopRequest> {
    let mut tokens = Tokens::new(signature, LIMIT);
    misspelled::mend(&mut tokens);
    surest(&BOOK, &tokens, signature, |tokens, hit| {
        below::is_of_whoever_writes(tokens, hit, signature)
    })
}

/// Finds the surest request to take whoever set an automatic answer up off a list.
pub(super) fn find_in_notice(new_text: &str) -> Option<StopRequest> {
    let mut tokens = Tokens::new(new_text, LIMIT);
    misspelled::mend(&mut tokens);
    surest(&NOTICE_BOOK, &tokens, new_text, notices::is_removal)
}

/// Finds the surest request of whoever wrote a mail in the text of what looks like a list's or a system's, whose
/// footers and notices tell their readers how to stop it.
///
/// `notice` says whether it looks like a system's.
pub(super) fn find_in_mass_mail(new_text: &str, notice: bool) -> Option<StopRequest> {
    mass_mail::find(new_text, notice)
}

/// Finds what [`find_in_mass_mail`] does in a title.
pub(super) fn find_in_mass_title(title: &str, notice: bool) -> Option<StopRequest> {
    mass_mail::find_in_title(title, notice)
}

fn surest(
    book: &Book<Meaning>,
    tokens: &Tokens,
    text: &str,
    asked: impl Fn(&Tokens, &Hit<Meaning>) -> bool,
) -> Option<StopRequest> {
    let mut best: Option<StopRequest> = None;
    let mut asides = asides::Asides::new(tokens, text);
    for hit in book.find(tokens) {
        if !asked(tokens, &hit) {
            continue;
        }
        let Meaning {
            language, phrase, ..
        } = hit.meaning;
        let Some(confidence) =
            guards::confidence(&mut asides, hit.start..hit.end, &hit.meaning, text)
        else {
            continue;
        };
        let (Some(first), Some(last)) = (tokens.get(hit.start), tokens.get(hit.end - 1)) else {
            continue;
        };
        let span = first.start as usize..last.end as usize;
        // "For now no, write again in May": a comma within makes two statements of it.
        if text[span.clone()].contains([',', '，', '،']) {
            continue;
        }
        // Of two phrases at one place the longer tells the language better.
        let better = best
            .as_ref()
            .is_none_or(|b| (confidence, span.len()) > (b.confidence, b.span.len()));
        if better {
            best = Some(StopRequest {
                language: language.tag,
                phrase,
                span,
                confidence,
            });
        }
    }
    best
}

/// Whether a title is a request and nothing else: what no phrase covers is a courtesy, or names a list
/// or an address in a few words.
pub(super) fn is_nothing_else(title: &str) -> bool {
    /// Words that may stand around the name of a list: "from your mailing list".
    const MOST: usize = 4;
    let tokens = Tokens::new(title, LIMIT);
    let mut asides = asides::Asides::new(&tokens, title);
    let mut meant = BOOK.find(&tokens);
    meant.retain(|hit| {
        guards::confidence(&mut asides, hit.start..hit.end, &hit.meaning, title).is_some()
    });
    let covered = |word: usize| meant.iter().any(|hit| (hit.start..hit.end).contains(&word));
    let rest = (0..tokens.len()).filter(|i| !covered(*i) && !guards::is_polite(&tokens, *i));
    let named = || (0..tokens.len()).any(|i| !covered(i) && objects::address(&tokens, i..i + 1));
    let extra = rest.count();
    !meant.is_empty() && (extra == 0 || extra <= MOST && named())
}

/// Whether a line is courtesies and nothing else, or greets with at most `names` words of a name.
pub(super) fn is_courtesy(line: &str, names: usize) -> bool {
    let tokens = Tokens::new(line, LIMIT);
    let polite = |i: usize| guards::is_polite(&tokens, i);
    let named = |i: usize| {
        let at = tokens.get(i).map_or(0, |token| token.start as usize);
        line[at..].starts_with(char::is_uppercase)
            || matches!(
                tokens.word(i),
                "morning" | "afternoon" | "evening" | "day" | "there"
            )
    };
    let greets = tokens.len() <= names + 1
        && guards::is_greeting(&tokens, 0)
        && (1..tokens.len()).all(|i| polite(i) || named(i));
    tokens.len() > 0 && (greets || (0..tokens.len()).all(polite))
}

/// The languages that have a table (BCP 47 primary tags).
pub fn languages() -> impl Iterator<Item = &'static str> {
    languages::ALL.iter().map(|l| l.tag)
}

#[cfg(test)]
mod tests;
