//! Requests to stop: by the mail client's own button, or in words.

use std::sync::LazyLock;

use super::auto_reply;
use super::evidence::{Evidence, Source};
use super::lookup::Lookup;
use super::mail::{InboundMail, trim};
use super::reply_text::{ReplyText, says_nothing};
use super::stop_words;
use super::verdict::{Confidence, UnsubscribeBy};

/// Subjects that mail clients and List-Unsubscribe links send, in lower case (RFC 2369).
#[rustfmt::skip] // A table is read in rows.
const SUBJECTS: &[&str] = &["unsubscribe", "remove", "remove me", "stop", "optout", "opt-out", "opt out",
    "abmelden", "austragen", "désabonnement", "se désabonner", "desinscription", "désinscription",
    "cancelar suscripción", "darse de baja", "baja", "cancelar assinatura", "cancelar inscrição", "disiscrizione",
    "disiscrivi", "cancellami", "uitschrijven", "afmelden", "avregistrera", "avprenumerera", "avmeld", "afmeld",
    "peruuta tilaus", "wypisz", "rezygnacja", "odhlásit", "odhlásiť", "leiratkozás", "dezabonare", "отписаться",
    "отписка", "відписатися", "üyelikten çık", "配信停止", "退订", "退訂", "수신거부", "unsubscribe me"];

/// How sure a request in a title of its own must be, in thousandths.
const SURE: u16 = 900;

static BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(SUBJECTS.iter().copied()));

/// Whether a title (folded) is nothing but a request, with a token behind it at most:
/// `unsubscribe:abc`, `unsubscribe <abc@x.example>`.
fn is_request(title: &str) -> bool {
    let title = trim(title);
    let bare = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let title = if bare(title.as_bytes().first()) && bare(title.as_bytes().last()) {
        title
    } else {
        title.trim_matches(['.', '!', '"'])
    };
    let tokened = || {
        let at = memchr::memchr3(b':', b'?', b'<', title.as_bytes())?;
        let token = title[at..].trim_start_matches([':', '?']);
        let glued = !token.contains(char::is_whitespace);
        let code = token.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        let plain = !code.is_empty() && code.chars().all(is_plain);
        (plain && (glued || is_coded(code))).then(|| BOOK.holds(title[..at].trim()))
    };
    BOOK.holds(title) || tokened() == Some(true)
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.@=+".contains(c)
}

/// Whether a word is no word of a language.
fn is_coded(word: &str) -> bool {
    word.contains('@') || word.len() >= 6 && word.contains(|c: char| c.is_ascii_digit())
}

/// Whether a text is none, or what a button writes: the request again, or a token.
fn is_a_buttons(visible: &str) -> bool {
    let text = visible.trim();
    let token = || text.chars().all(is_plain) && is_coded(text);
    text.is_empty() || token() || is_request(&text.to_lowercase())
}

/// Reads `mail` as the mail that an unsubscribe button or link sends: the subject is the
/// request and there is hardly any text.
///
/// A person titles a mail so as well, and "Stop" or "Baja" above a text of theirs may mean something
/// else: what a person may have meant is provisional.
pub(super) fn by_mailto(
    mail: &InboundMail<'_>,
    visible: &str,
) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    // An absence may be titled so, too; clients mark the mail of their button as automatic.
    let answered = || {
        let auto = mail.header_raw("auto-submitted").unwrap_or_default();
        auto.trim().to_ascii_lowercase().starts_with("auto-replied")
            && auto_reply::says_away(visible)
    };
    let short = || visible.split_whitespace().nth(40).is_none();
    // Before the title of an answer stands no request.
    let asks = || is_request(mail.title().unmarked());
    if mail.title().answers || !asks() || !short() || answered() {
        return None;
    }
    if is_a_buttons(visible) {
        let evidence = Evidence::new(Source::Subject, "the subject is an unsubscribe request");
        return Some((UnsubscribeBy::Mailto, Confidence::High, evidence));
    }
    Some(by_title(mail.title().unmarked()))
}

/// What a title that a person may have written asks for.
fn by_title(title: &str) -> (UnsubscribeBy, Confidence, Evidence) {
    let found = stop_words::find_stop_request(title);
    // A word of several languages, or of none that has a table (BCP 47: undetermined).
    let language = found.map_or("und", |found| found.language).to_owned();
    let evidence = Evidence::new(
        Source::Subject,
        format!("subject asks to stop ({language})"),
    );
    (
        UnsubscribeBy::Words { language },
        Confidence::Medium,
        evidence,
    )
}

/// Whether a title asks to stop: its text is worth a look, however late it comes. `subject` is the header field as
/// it came.
///
/// It is so of every title that `classify` takes for a request by itself, in a list's mail as well.
#[must_use]
pub fn may_object(subject: &str) -> bool {
    let line = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let mail = InboundMail::parse(format!("Subject: {line}\n\n").as_bytes()).into_owned();
    let title = mail.title();
    let words = title.unmarked();
    let asks = |subject| {
        let found = stop_words::find_stop_request(subject);
        found.is_some_and(|found| found.confidence > SURE) || stop_words::is_nothing_else(subject)
    };
    let meant = if title.answers {
        is_request_behind_a_prefix(words)
    } else {
        is_request(words)
            || asks(mail.subject_ref())
            || stop_words::find_in_mass_title(mail.subject_ref(), false).is_some()
    };
    meant || before_an_answers(words).is_some_and(asks_alone)
}

/// Looks for a request in a subject that its writer wrote themselves.
///
/// `answers_us` tells whether the mail refers to an earlier one.
pub(super) fn by_subject(
    mail: &InboundMail<'_>,
    new: &ReplyText,
    answers_us: bool,
) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    let title = mail.title();
    let words = title.unmarked();
    let silent = || says_nothing(&new.visible);
    // The title of an answer is ours, and so may any title be that stands above a quote of ours.
    // Whoever changed it has written nothing else in it, and mostly nothing below.
    let meant = if before_an_answers(words).is_some_and(|before| silent() && asks_alone(before)) {
        true
    } else if title.answers {
        is_request_behind_a_prefix(words) && silent()
    } else if answers_us || new.quotes {
        is_request(words) || silent() && stop_words::is_nothing_else(mail.subject_ref())
    } else {
        stop_words::find_stop_request(mail.subject_ref())
            .is_some_and(|found| found.confidence > SURE)
    };
    meant.then(|| by_title(words))
}

/// Whether what somebody put before a title is a request and nothing else.
fn asks_alone(before: &str) -> bool {
    is_request(before) || stop_words::is_nothing_else(before)
}

/// Whether the title of an answer is a request: "Re: unsubscribe".
fn is_request_behind_a_prefix(title: &str) -> bool {
    let behind = title.split_once([':', '\u{ff1a}']);
    behind.is_some_and(|(_, behind)| is_request(behind))
}

/// What somebody put before the title of an answer: "STOP! Re: our offer".
fn before_an_answers(title: &str) -> Option<&str> {
    let colons = title.match_indices([':', '\u{ff1a}']);
    let mut starts = colons.filter_map(|(at, _)| {
        let (before, _) = title[..at].trim_end().rsplit_once(' ')?;
        Some(before.len() + 1)
    });
    let start = starts.find(|start| auto_reply::is_answer_title(&title[*start..]))?;
    let before = title[..start].trim_end_matches([' ', '-', '\u{2013}', '|', '/', '+']);
    (!before.is_empty()).then_some(before)
}

/// Looks for words of stopping in the new text only, and where it has none in what was cut from it as a signature:
/// people write below theirs, and between two rules.
pub(super) fn by_words(new: &ReplyText) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    if let Some(found) = stop_words::find_stop_request(&new.visible) {
        return Some(by_request(&found));
    }
    let below = new.signature()?;
    let (by, _, evidence) = by_request(&stop_words::find_below(&below)?);
    Some((by, Confidence::Low, evidence))
}

/// Looks for a request to be taken off a list in the text of a notice, which refuses much else.
pub(super) fn by_notice(visible: &str) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    Some(by_request(&stop_words::find_in_notice(visible)?))
}

/// Looks for a request of a person's in the text or the title of mail that looks like a list's or a system's.
///
/// `notice` says whether it looks like a system's.
pub(super) fn by_mass_mail(
    mail: &InboundMail<'_>,
    visible: &str,
    notice: bool,
) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    if let Some(found) = stop_words::find_in_mass_mail(visible, notice) {
        return Some(by_request(&found));
    }
    let title = mail.title();
    let asks = || stop_words::find_in_mass_title(mail.subject_ref(), notice).is_some();
    let written = !title.answers && asks();
    written.then(|| by_title(title.unmarked()))
}

fn by_request(found: &stop_words::StopRequest) -> (UnsubscribeBy, Confidence, Evidence) {
    let language = found.language.to_owned();
    let evidence = Evidence::new(Source::Text, format!("new text asks to stop ({language})"));
    (
        UnsubscribeBy::Words { language },
        Confidence::Medium,
        evidence,
    )
}

#[cfg(test)]
mod tests {
    use super::SUBJECTS;
    use crate::inbound::auto_reply;

    #[test]
    fn no_request_is_what_stands_before_the_title_of_an_answer() {
        for words in SUBJECTS {
            assert!(!auto_reply::is_answer_title(&format!("{words}: an offer")));
        }
    }
}
