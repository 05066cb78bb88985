//! Answers that a machine gave for a person (RFC 3834 and what products add to it).
//!
//! Headers decide first; subjects come second, because Exchange and others set nothing that
//! RFC 3834 asks for; words of the new text only decide together with a weak header, or where
//! they say of themselves that they are automatic. A person who writes "I am away until
//! Monday" stays a person.

mod headers;
mod kinds;
mod person;
mod return_date;
mod subjects;
mod words;

use std::cell::LazyCell;

use super::evidence::{Evidence, Source};
use super::intent::{PhraseClassifier, ReplyClassifier};
use super::mail::{InboundMail, trim};
use super::reply_text::{self, ReplyText};
use super::verdict::{AutoReply, Confidence};

pub(super) use self::headers::sender_answers_nobody as answers_nobody;
pub use self::return_date::{Return, Stated, return_date};

/// An automatic answer, read.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) kind: AutoReply,
    pub(super) confidence: Confidence,
    pub(super) evidence: Vec<Evidence>,
    /// Whether a header of automatic answers or a product's title settles it; else words of a person win.
    pub(super) settled: bool,
}

/// Returns what kind of automatic answer `mail` is; `None` if it is none.
///
/// A signature asks nothing and proposes no day, but may say what made the mail.
pub(super) fn read(mail: &InboundMail<'_>, new: &ReplyText) -> Option<Found> {
    let visible = new.with_signature.as_str();
    let signed = !trim(&new.visible).is_empty();
    let own = if signed { &new.visible } else { visible };
    let mut evidence = Vec::new();
    let headers = headers::read(mail, &mut evidence);
    let title = mail.title();
    let subject = title.folded.as_str();
    let subject_kind = subjects::find(title);
    let settled_by_title = subject_kind.is_some_and(|named| named.settles);
    if let Some(subjects::Named { words, .. }) = subject_kind {
        evidence.push(Evidence::new(
            Source::Subject,
            ["subject says \"", words, "\""].concat(),
        ));
    }
    let answers_us = mail.has_header("in-reply-to") || mail.has_header("references");
    let bare = headers <= headers::Strength::Faint;
    let text = words::fold(visible);
    // Words alone never make a machine of somebody who writes to us first, unless they open by saying so, or both
    // title and text number a ticket.
    let unmarked = headers == headers::Strength::None && subject_kind.is_none() && !answers_us;
    let opens = unmarked && kinds::declares_an_answer(&text);
    let numbered =
        || subjects::names_a_ticket(subject) && subjects::shares_a_long_number(subject, &text);
    if unmarked && !opens && !numbered() {
        return None;
    }
    let retitled = (answers_us || unmarked) && subjects::is_retitled(title);
    let heard = LazyCell::new(|| kinds::Heard::of(&text));
    // Who asks for a proof by a link may put our title above it.
    let challenges = || visible.contains("://") && heard.demands_proof;
    // Most mail has nothing but its text to be an automatic answer by.
    let by_words = bare && subject_kind.is_none() && !retitled;
    let declared = if by_words {
        kinds::declares_itself(&text)
    } else {
        heard.declared
    };
    if let Some(words) = declared {
        evidence.push(Evidence::new(
            Source::Text,
            ["new text says \"", words, "\""].concat(),
        ));
    }
    // Under the title of an answer other words decide nothing, and need not be looked for.
    if by_words && declared.is_none() {
        let promised = headers == headers::Strength::Faint && heard.promises_an_answer(&text);
        if !promised && !challenges() {
            return None;
        }
    }
    let named = declared.or(heard.named);
    // Whoever asks something expects an answer: automatic mail does not.
    let asks = person::asks(own) || signed && person::asks_below(new);
    let kind = kinds::find(title, &text, &heard);
    if let Some((words, ..)) = kind {
        evidence.push(Evidence::new(
            Source::Text,
            ["new text says \"", words, "\""].concat(),
        ));
    }
    if retitled {
        evidence.push(Evidence::new(
            Source::Subject,
            "it answers a mail under a title of its own",
        ));
    }
    let ticket = LazyCell::new(|| subjects::names_a_ticket(subject));
    let said = heard.foremost.and_then(kinds::said);
    let sent = LazyCell::new(|| mail.civil_date());
    let dated = || {
        sent.and_then(|date| {
            return_date::of_folded(&[subject.trim_end(), " ", &text].concat(), date)
        })
    };
    let telling = kind.is_some_and(|(words, _, weight)| {
        weight == kinds::Weight::Telling || kinds::is_plain(words) && dated().is_some()
    });
    // Receipts and challenges may ask something; nobody's absence does.
    let said_by_a_house =
        kind.is_some_and(|(_, sub, _)| matches!(sub, kinds::Sub::Received | kinds::Sub::Challenge));
    let by_a_desk = || telling && said_by_a_house && !asks && !reply_text::speaks_of_oneself(own);
    let says_more = || kind.is_some() && !asks && !reply_text::speaks_of_oneself(own);
    if unmarked && !(opens && says_more()) && !by_a_desk() {
        return None;
    }
    let absent = |sub: kinds::Sub| !matches!(sub, kinds::Sub::Received | kinds::Sub::Challenge);
    let titled_absent = || subject_kind.is_some_and(|title| title.kind.is_some_and(absent));
    let away = said.is_some_and(absent) && (telling || titled_absent());
    let received = || said == Some(kinds::Sub::Received) && telling;
    let hears = || heard.promises_an_answer(&text) && !reply_text::speaks_of_oneself(own);
    let takes_up = LazyCell::new(|| person::takes_up(own, away || received() && hears()));
    // Who answers an automatic answer may keep its title, and takes our mail up in words that no notice has.
    let kept_by_a_person = || bare && said.is_none() && named.is_none() && *takes_up;
    let confidence = match headers {
        headers::Strength::Strong => Confidence::High,
        _ if settled_by_title && !kept_by_a_person() => Confidence::Medium,
        // "Annual leave planner", "Ferien" are titles of business, too: the text must bear them out.
        _ if !asks
            && subject_kind.is_some_and(|title| bears_out(title.kind, said))
            && !*takes_up =>
        {
            Confidence::Medium
        }
        // Help desks send their people's answers from a mailbox that takes none.
        headers::Strength::Firm
            if answers_us
                && !retitled
                && named.is_none()
                && !said_by_a_house
                && (asks || *takes_up) =>
        {
            return None;
        }
        // A machine's mail that answers ours is an automatic answer, in any language.
        headers::Strength::Firm if answers_us || kind.is_some() || named.is_some() || *ticket => {
            Confidence::Medium
        }
        // Help desks mark their people's answers, too: words must say that nobody wrote it.
        headers::Strength::Weak
            if named.is_some()
                || telling && (said_by_a_house || !asks && !*takes_up)
                || text.trim().is_empty() =>
        {
            Confidence::Medium
        }
        headers::Strength::Weak
            if !asks
                && (subjects::numbers_a_case(&text)
                    || subjects::shares_a_number(subject, &text))
                && !reply_text::speaks_of_oneself(visible)
                && PhraseClassifier::new().intent(own).intent.is_none() =>
        {
            Confidence::Medium
        }
        headers::Strength::Weak if !answers_us && (kind.is_some() || *ticket) => Confidence::Medium,
        // In a language that no list has.
        headers::Strength::Weak
            if answers_us
                && !asks
                && headers::are_of_exchange(mail)
                && subjects::is_prefixed(title)
                && (mail.has_header("x-ms-exchange-generated-message-source")
                    || !reply_text::speaks_of_oneself(visible))
                && PhraseClassifier::new().intent(own).intent.is_none() =>
        {
            Confidence::Medium
        }
        // People keep the title when they answer; a machine puts its own. Help desks and gateways
        // change that of people.
        _ if retitled && telling && said.is_some() && !asks && !*takes_up => Confidence::Low,
        _ if retitled
            && *ticket
            && kind.is_some()
            && !asks
            && !reply_text::speaks_of_oneself(visible) =>
        {
            Confidence::Low
        }
        // Whoever repeats the number of our ticket may ask whether we have more to say.
        _ if retitled
            && *ticket
            && telling
            && said_by_a_house
            && subjects::shares_a_number(subject, &text)
            && !*takes_up
            && !reply_text::speaks_of_oneself(own) =>
        {
            Confidence::Low
        }
        headers::Strength::Faint if retitled && kind.is_some() && !asks && !*takes_up => {
            Confidence::Low
        }
        headers::Strength::Faint if heard.promises_an_answer(&text) => Confidence::Low,
        _ if challenges() && !asks => Confidence::Low,
        _ if declared.is_some() && (answers_us || opens) => Confidence::Low,
        _ if retitled && named.is_some() && !asks => Confidence::Low,
        _ => return None,
    };
    let by_text = kind.map(|(_, kind, _)| kind);
    let works_no_more =
        || kinds::works_not(&text) && sent.is_some_and(|sent| return_date::only_past(&text, sent));
    let by_text = match by_text {
        None | Some(kinds::Sub::Away) if works_no_more() => Some(kinds::Sub::Gone),
        // Who says when they are back is not gone, whoever else is.
        Some(kinds::Sub::Gone)
            if kinds::is_away_not_gone(&text)
                && dated().is_some_and(|back| sent.is_some_and(|sent| back.date > sent)) =>
        {
            Some(kinds::Sub::Away)
        }
        // "Do not answer, this mailbox is not monitored" says of the sender's box what its text does not.
        Some(kinds::Sub::Unread) if heard.promises_an_answer(&text) => Some(kinds::Sub::Received),
        other => other,
    };
    let kind = kinds::choose(
        mail,
        by_text,
        subject_kind.and_then(|named| named.kind),
        &text,
    );
    let kind = match kind {
        kinds::Sub::Away => AutoReply::OutOfOffice { returns: dated() },
        kinds::Sub::Received => AutoReply::Acknowledgement,
        kinds::Sub::Gone | kinds::Sub::Unread => AutoReply::LeftCompany,
        kinds::Sub::Challenge => AutoReply::ChallengeResponse,
    };
    Some(Found {
        kind,
        confidence,
        evidence,
        settled: headers == headers::Strength::Strong || settled_by_title,
    })
}

/// Whether what a text says goes with what a title says of it.
fn bears_out(title: Option<kinds::Sub>, said: Option<kinds::Sub>) -> bool {
    match title {
        None => true,
        Some(kinds::Sub::Challenge) => said == Some(kinds::Sub::Challenge),
        Some(_) => said.is_some(),
    }
}

/// A subject as it is looked up in.
#[derive(Debug, Clone)]
pub(super) struct Title {
    /// Folded.
    pub(super) folded: String,
    /// Whether it is one of its own.
    pub(super) own: bool,
    /// Whether it is the title of an answer.
    pub(super) answers: bool,
    /// Where it begins behind the marks of gateways and lists.
    unmarked: usize,
}

/// How by far the most titles of answers begin, folded, and no mark or title of an automatic answer does.
const USUAL_ANSWER: &str = "re: ";

impl Title {
    pub(super) fn new(subject: &str) -> Self {
        let folded = words::fold(subject);
        if folded.starts_with(USUAL_ANSWER) {
            return Self {
                folded,
                own: false,
                answers: true,
                unmarked: 0,
            };
        }
        let unmarked = subjects::without_marks(&folded);
        let own = subjects::is_own_title(unmarked);
        let answers = !own && !trim(subject).is_empty();
        Self {
            own,
            answers,
            unmarked: folded.len() - unmarked.len(),
            folded,
        }
    }

    /// Whether it begins as by far the most titles of answers do.
    fn is_usual_answer(&self) -> bool {
        self.folded.starts_with(USUAL_ANSWER)
    }

    /// What is left without the marks of gateways and lists.
    pub(super) fn unmarked(&self) -> &str {
        &self.folded[self.unmarked..]
    }
}

/// Returns whether the title or the text of a mail is one that a mailbox answers with by itself.
pub(super) fn answers_by_itself(mail: &InboundMail<'_>, text: &str) -> bool {
    subjects::find(mail.title()).is_some() || kinds::means_something(&words::fold(text))
}

/// Returns whether a text says that its writer is away.
pub(super) fn says_away(text: &str) -> bool {
    kinds::is_away_not_gone(&words::fold(text))
}

/// Returns whether `subject` is the title of an answer: `Re: ...` in any client's language.
#[must_use]
pub fn is_answer_title(subject: &str) -> bool {
    Title::new(subject).answers
}

#[cfg(test)]
mod tests;
