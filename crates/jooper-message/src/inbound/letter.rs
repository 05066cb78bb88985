//! Letters that open with a head of their own: "From: Anna / To: ... / Subject: ..." above what Anna wrote.

use super::mail::{Address, InboundMail};
use super::phrases::{fold, is_letter_or_figure};
use super::reply_text::{self, Head, ReplyText};
use super::{address, matching};

/// Returns the new text of a mail that is nothing but a header block and what stands below it, where that
/// block heads a letter; `None` where it heads a quoted original.
///
/// A mail that was passed on quotes, and so does a block that names whom the mail went to as its writer, or the
/// mail's writer as who got it. One that names the mail's own writer is theirs; one that names somebody else is a
/// letter's only where the mail names whom it went to and answers nothing, and the block has no day and time, which
/// clients write.
pub(super) fn new_text(mail: &InboundMail<'_>) -> Option<ReplyText> {
    if matching::is_passed_on(mail) {
        return None;
    }
    let owns = |head: Head<'_>, got: &[&str]| {
        let from = head.from.unwrap_or_default();
        let sender = mail.sender();
        if sender.is_some_and(|sender| names(from, sender)) {
            return true;
        }
        let answers =
            mail.title().answers || mail.has_header("in-reply-to") || mail.has_header("references");
        let to = ["to", "cc"].map(|name| mail.addresses(name)).concat();
        !answers
            && !head.stamped
            && !to.is_empty()
            && !to.iter().any(|one| names(from, one))
            && !sender.is_some_and(|sender| got.iter().any(|line| lists(line, sender)))
    };
    let plain = mail.plain_text();
    if !mail.leads_with_html() && !plain.trim_start().is_empty() {
        return reply_text::letter(&plain, owns);
    }
    reply_text::letter_html(&mail.first_html()?, owns)
}

/// Whether what a header block says of a writer names who has an address: by it, or by words of their name or
/// of what stands before its `@`.
fn names(from: &str, who: &Address) -> bool {
    if from.contains('@') {
        return !who.address.is_empty() && from.to_lowercase().contains(&who.address);
    }
    let (from, name, local) = (
        fold(from),
        fold(&who.name),
        fold(address::local(&who.address)),
    );
    let known = words(&name).chain(words(&local));
    // "Max Smith" is "M. Smith", and "M." alone is nobody.
    let mut whole = false;
    let mut named = words(&from).peekable();
    named.peek().is_some()
        && named.all(|word| {
            whole |= known.clone().any(|own| own == word);
            known
                .clone()
                .any(|own| own == word || begins(own, word) || begins(word, own))
        })
        && whole
}

/// Whether a line of who gets a mail lists who has an address: by it, or by any word of their name or of what stands
/// before its `@`.
fn lists(line: &str, who: &Address) -> bool {
    let lower = line.to_lowercase();
    let mut parts = lower.split(|c: char| c.is_whitespace() || "<>()[],;:\"'".contains(c));
    if !who.address.is_empty() && parts.any(|part| part == who.address) {
        return true;
    }
    let own = (fold(&who.name), fold(address::local(&who.address)));
    let listed = fold(line);
    // "Mrs. Berg", "Frau Dr. Ada Berg": titles are nobody's name, and initials anybody's.
    let found = words(&listed).any(|word| {
        let mut known = words(&own.0).chain(words(&own.1));
        word.chars().nth(2).is_some() && known.any(|own| own == word)
    });
    found
        || line.split([';', ',']).any(|one| {
            let name = one.split(['<', '[', '(']).next().unwrap_or_default();
            !name.contains('@') && names(name, who)
        })
}

/// Whether a word is the first letter of another.
fn begins(letter: &str, word: &str) -> bool {
    letter.chars().nth(1).is_none() && word.starts_with(letter)
}

fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    let words = text.split(|c: char| !is_letter_or_figure(c));
    words.filter(|word| !word.is_empty())
}
