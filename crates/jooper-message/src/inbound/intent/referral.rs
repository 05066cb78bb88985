//! Whom a reply names instead of its sender.

use std::fmt;

use super::{Intent, IntentEvidence};
use crate::inbound::phrases::Tokens;

/// How many words behind a referring phrase a name may begin, and how many it may have.
const REACH: usize = 7;
const LONGEST_NAME: usize = 3;

/// Words that are written like names but are none.
#[rustfmt::skip]
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "dr", "herr", "herrn", "frau", "kollege", "kollegen", "kollegin", "kolleginnen", "einkauf",
    "leiter", "leiterin", "geschäftsführer", "geschaftsfuhrer", "abteilung", "vertrieb", "marketing", "sales", "it",
    "hr", "ceo", "cto", "cfo", "coo", "cmo", "vp", "head", "director", "manager", "team", "i", "he", "she", "they",
    "please", "thanks", "best", "regards", "m", "mme", "sr", "sra", "sig", "ing", "ich", "sie", "bitte", "my", "our",
    "the", "hi", "hello",
];

/// A person or a mailbox that a reply refers to. Its `Debug` shows neither.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Referral {
    /// The address as written.
    pub address: Option<String>,
    /// The name as written, as far as capital letters show it.
    pub name: Option<String>,
}

impl fmt::Debug for Referral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Referral")
            .field("address", &self.address.is_some())
            .field("name", &self.name.is_some())
            .finish()
    }
}

/// The index of the first word that is a mail address.
pub(super) fn first_address(tokens: &Tokens) -> Option<usize> {
    (0..tokens.len()).find(|&i| is_address(tokens.word(i)))
}

/// Reads the referral out of a reply that was judged to be one.
pub(super) fn find(text: &str, tokens: &Tokens, evidence: &[IntentEvidence]) -> Option<Referral> {
    let address = first_address(tokens)
        .and_then(|i| source(text, tokens, i))
        .map(str::to_owned);
    let ends = evidence
        .iter()
        .filter(|e| e.intent == Intent::WrongPerson && e.sign != "address named")
        .map(|e| e.span.end);
    let name = ends.filter_map(|end| name_after(text, tokens, end)).next();
    (address.is_some() || name.is_some()).then_some(Referral { address, name })
}

fn name_after(text: &str, tokens: &Tokens, end: usize) -> Option<String> {
    let first =
        (0..tokens.len()).find(|&i| tokens.get(i).is_some_and(|t| t.start as usize >= end))?;
    let sentence = tokens.sentence(first.checked_sub(1)?)?;
    let mut name: Vec<&str> = Vec::new();
    for i in first..first + REACH {
        let word = source(text, tokens, i)?;
        // A period after "Mr" begins a new sentence, a colon after "contact" as well.
        let near = tokens
            .sentence(i)
            .is_some_and(|s| s == sentence || s == sentence + 1);
        let capital = word.starts_with(char::is_uppercase)
            && !TITLES.contains(&tokens.word(i))
            && !is_address(tokens.word(i))
            && word.chars().count() > 1;
        if capital && near {
            name.push(word);
            if name.len() == LONGEST_NAME {
                break;
            }
        } else if !name.is_empty() || !near {
            break;
        }
    }
    (!name.is_empty()).then(|| name.join(" "))
}

fn source<'a>(text: &'a str, tokens: &Tokens, i: usize) -> Option<&'a str> {
    let token = tokens.get(i)?;
    text.get(token.start as usize..token.end as usize)
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain
                .split_once('.')
                .is_some_and(|(host, tld)| !host.is_empty() && !tld.is_empty())
    })
}
