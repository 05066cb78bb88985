//! Requests to stop: by the mail client's own button, or in words.

use super::auto_reply;
use super::evidence::{Evidence, Source};
use super::mail::InboundMail;
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

/// Reads `mail` as the mail that an unsubscribe button or link sends: the subject is the
/// request and there is hardly any text.
pub(super) fn by_mailto(
    mail: &InboundMail,
    visible: &str,
) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    let subject = mail.subject_lower().trim().trim_matches(['.', '!', '"']);
    // Some links carry a token behind the word: `unsubscribe:abc`, `unsubscribe <abc@x.example>`.
    let tokened = || {
        let at = subject.find([':', '?', '<'])?;
        let token = subject[at..].trim_start_matches([':', '?']);
        let glued = !token.contains(char::is_whitespace);
        let code = token.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        let coded =
            code.contains('@') || code.len() >= 6 && code.contains(|c: char| c.is_ascii_digit());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.@=+".contains(c);
        (!code.is_empty() && code.chars().all(plain) && (glued || coded))
            .then(|| SUBJECTS.contains(&subject[..at].trim()))
    };
    // An absence may be titled so, too; clients mark the mail of their button as automatic.
    let answered = || {
        let auto = mail.header_raw("auto-submitted").unwrap_or_default();
        auto.trim().to_ascii_lowercase().starts_with("auto-replied")
            && auto_reply::says_away(visible)
    };
    let exact = (SUBJECTS.contains(&subject) || tokened() == Some(true)) && !answered();
    let short = || visible.split_whitespace().nth(40).is_none();
    (exact && short()).then(|| {
        (
            UnsubscribeBy::Mailto,
            Confidence::High,
            Evidence::new(Source::Subject, "the subject is an unsubscribe request"),
        )
    })
}

/// Looks for a request in a subject that its writer wrote themselves.
pub(super) fn by_subject(mail: &InboundMail) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    // The title of an answer is ours.
    if mail.title().answers {
        return None;
    }
    let found = stop_words::find_stop_request(mail.subject_ref());
    let found = found.filter(|found| found.confidence > 900)?;
    let language = found.language.to_owned();
    let evidence = Evidence::new(
        Source::Subject,
        format!("subject asks to stop ({language})"),
    );
    Some((
        UnsubscribeBy::Words { language },
        Confidence::Medium,
        evidence,
    ))
}

/// Looks for words of stopping in the new text only.
pub(super) fn by_words(visible: &str) -> Option<(UnsubscribeBy, Confidence, Evidence)> {
    let found = stop_words::find_stop_request(visible)?;
    let language = found.language.to_owned();
    let evidence = Evidence::new(Source::Text, format!("new text asks to stop ({language})"));
    Some((
        UnsubscribeBy::Words { language },
        Confidence::Medium,
        evidence,
    ))
}
