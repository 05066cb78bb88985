//! Tells "not yet" from "never".

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;

/// Words of a notice that the mail is still being tried, in lower case.
#[rustfmt::skip] // A table is read in rows.
const STILL_TRYING: &[&str] = &[
    "will be retried", "will retry", "will keep trying", "will continue trying", "will continue to try",
    "continue to try to deliver", "still being retried", "still trying", "not yet been delivered",
    "has not yet been delivered", "has not been delivered yet", "have not yet received", "is delayed",
    "has been delayed", "been delayed", "delivery is delayed", "message delayed", "is being delayed", "are being delayed", "has been postponed",
    "warning message only", "this is a warning only", "need to resend", "need to re-send",
    "temporary failure report", "only a temporary failure", "delivery attempts will continue", "undelivered after",
    "delivery incomplete", "temporary problem delivering", "gmail will retry", "verzögert",
    "wird weiterhin versucht", "retardé", "a été retardée", "nouvelle tentative", "se ha retrasado",
    "seguirá intentando", "foi atrasada", "continuará tentando", "è stata ritardata",
    "opóźnion", "vertraagd", "försenad", "forsinket", "задержан", "будет повторена", "遅延", "延迟", "延遲", "지연",
    "gecikti", "delivery delayed", "réessaiera", "wird erneut versuch", "volverá a intentar", "tentará novamente",
    "riproverà", "opnieuw proberen", "noch nicht zugestellt", "versuchen es weiter", "pas encore pu être",
    "n'a pas encore été", "nouvelles tentatives", "todavía no se ha", "todavía no ha", "aún no se ha", "ainda não foi",
    "novas tentativas", "non è ancora stat", "non è stato ancora", "ulteriori tentativi", "nog niet bezorgd",
    "nog niet worden", "nog niet afgeleverd", "jeszcze nie został", "nie została jeszcze", "ещё не достав",
    "еще не достав", "ещё не был", "еще не был",
];

/// Words that say it is over, which win where both are said.
#[rustfmt::skip] // A table is read in rows.
const OVER: &[&str] = &["will not continue", "permanent", "given up", "giving up", "not going to try again",
    "has stopped trying", "no further delivery attempts", "returning message to sender",
    "will be deleted from queue", "could not be delivered because", "no volverá a intentar", "ne réessaiera",
    "não tentará novamente", "non riproverà", "nicht erneut versuch", "niet opnieuw"];

/// Subjects of delay notices, in lower case.
#[rustfmt::skip] // A table is read in rows.
const SUBJECTS: &[&str] = &["(delay)", "delayed", "delay", "could not send message for past",
    "still being retried", "warning", "still trying", "verzögert", "retardé", "retraso", "atraso", "ritardo",
    "opóźnien", "vertraag", "försen", "задерж", "遅延", "延迟", "延遲"];

static TRYING_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(STILL_TRYING.iter().copied()));
static OVER_BOOK: LazyLock<Lookup> = LazyLock::new(|| Lookup::new(OVER.iter().copied()));

/// Returns whether a report without an Action field is a delay notice; both in lower case.
pub(super) fn is_delay(subject: &str, report: &str) -> bool {
    if !TRYING_BOOK.any(report) {
        // Google titles its notices so in every language.
        return subject.contains("(delay)") && !OVER_BOOK.any(report);
    }
    let says_so = || SUBJECTS.iter().any(|words| subject.contains(words));
    !OVER_BOOK.any(report) || subject.contains("delay") && says_so()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_yet_is_not_never() {
        assert!(is_delay(
            "warning: message delayed",
            "It will be retried until it is 5 days old."
        ));
        assert!(is_delay(
            "delivery notification: delivery has been delayed",
            "your message is being delayed and has not been delivered to:"
        ));
        assert!(is_delay(
            "delivery status notification (delay)",
            "Ett tillfälligt fel uppstod."
        ));
        for text in [
            "ihre nachricht konnte noch nicht zugestellt werden. wir versuchen es weiter.",
            "votre message n'a pas encore pu être remis. de nouvelles tentatives suivront.",
            "su mensaje todavía no se ha entregado.",
            "a sua mensagem ainda não foi entregue.",
            "il messaggio non è ancora stato consegnato.",
            "uw bericht kon nog niet worden bezorgd.",
            "wiadomość jeszcze nie została dostarczona.",
            "сообщение ещё не доставлено.",
        ] {
            assert!(is_delay("", text), "{text}");
        }
        assert!(!is_delay(
            "",
            "votre message n'a pas pu être remis ; l'utilisateur n'est pas encore inscrit"
        ));
        assert!(!is_delay(
            "Delivery report",
            "delivery failed; will not continue trying"
        ));
        assert!(!is_delay(
            "Undelivered",
            "I'm not going to try again; permanent error"
        ));
    }
}
