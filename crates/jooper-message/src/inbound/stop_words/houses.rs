//! Objections for a house: "remove all addresses @corp.example", "do not contact our staff".

use std::ops::Range;

use super::objects;
use crate::inbound::phrases::Tokens;

/// How many words behind "all" say whose addresses they are.
const WHOSE: usize = 9;
/// How many words behind "our" say who that is, and when.
const NEAR: usize = 3;

/// Words of all who get mail.
const ALL: &[&str] = &["all", "everyone", "everybody"];

/// Stems of those who work in a house, and of the house.
#[rustfmt::skip]
const PEOPLE: &[&str] = &[
    "staff", "team", "employee", "colleague", "people", "worker", "member", "compan", "office", "organi", "address", "domain",
    "firm", "business", "school", "department", "user", "email", "mailbox", "inbox", "personnel", "student", "associate",
];

/// Whether all of something else are to be removed: "remove everyone from the meeting". What is left says that
/// they are of an address, of a domain, of the house that writes or of a list of ours.
pub(super) fn others(tokens: &Tokens, last: usize, sentence: &Range<usize>) -> bool {
    let all = |i: usize| ALL.contains(&tokens.word(i));
    let Some(at) = [last, last + 1].into_iter().find(|i| all(*i)) else {
        return false;
    };
    let behind = at + 1..sentence.end.min(at + 1 + WHOSE);
    let whose = |i: usize| {
        let word = tokens.word(i);
        word.contains(['@', '.'])
            || matches!(word, "our" | "your" | "us") && objects::address(tokens, i..i + NEAR)
    };
    !behind.is_empty() && !behind.clone().any(whose)
}

/// Whether a refusal that ends in "our" is none for those of a house: "we do not email our employees", "do not
/// contact our team yet".
pub(super) fn another(tokens: &Tokens, sentence: &Range<usize>, hit: &Range<usize>) -> bool {
    if tokens.word(hit.end.max(1) - 1) != "our" {
        return false;
    }
    let behind = hit.end..sentence.end.min(hit.end + NEAR);
    let people = |i: usize| PEOPLE.iter().any(|stem| tokens.word(i).starts_with(stem));
    let before = hit.start.checked_sub(1).filter(|at| *at >= sentence.start);
    let told = before.is_some_and(|at| {
        matches!(
            tokens.word(at),
            "we" | "i" | "you" | "they" | "to" | "who" | "and"
        )
    });
    told || !behind.is_empty()
        && (!behind.clone().any(people) || behind.clone().any(|i| tokens.word(i) == "yet"))
}

#[cfg(test)]
mod tests {
    use crate::inbound::stop_words::find_stop_request;

    #[test]
    fn an_objection_for_a_house_is_heard() {
        for text in [
            "Please remove all addresses @corp.example from your list.",
            "Please remove all email addresses of corp.example.",
            "Remove everyone at corp.example from your mailing list.",
            "Please remove all our addresses.",
            "Do not contact our staff again.",
            "Please do not email our employees.",
            "Stop emailing our team.",
            "Please don't write to anyone at our company again.",
            "Bitte kontaktieren Sie unsere Mitarbeiter nicht mehr.",
        ] {
            assert!(find_stop_request(text).is_some(), "{text}");
        }
        for text in [
            "Please remove all addresses of the second sheet from the offer.",
            "Please remove all our logos from the page.",
            "Remove everyone from the meeting.",
            "Remove all blanks before you import it.",
            "Do not contact our staff on Monday, they are at a fair.",
            "Do not contact our staff by phone.",
            "Do not contact our team yet, I will introduce you.",
            "Please do not email our invoices to the old address.",
            "Please do not email our employees, call me.",
            "We do not email our employees at night.",
            "Do you or do you not contact our staff?",
        ] {
            assert_eq!(find_stop_request(text), None, "{text}");
        }
    }
}
