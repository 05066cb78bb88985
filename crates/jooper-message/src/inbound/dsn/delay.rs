//! Tells "not yet" from "never".

use std::sync::LazyLock;

use crate::inbound::lookup::Lookup;

/// Words of a notice that the mail is still being tried, in lower case.
#[rustfmt::skip] // A table is read in rows.
const STILL_TRYING: &[&str] = &[
    "will be retried", "will retry", "will keep trying", "will continue trying", "will continue to try",
    "continue to try to deliver", "still being retried", "still trying", "not yet been delivered",
    "has not yet been delivered", "has not been delivered yet", "have not yet received", "is delayed",
    "has been delayed", "been delayed", "delivery is delayed", "message delayed", "has been postponed",
    "warning message only", "this is a warning only", "need to resend", "need to re-send",
    "temporary failure report", "only a temporary failure", "delivery attempts will continue", "undelivered after",
    "delivery incomplete", "temporary problem delivering", "gmail will retry", "verzögert",
    "wird weiterhin versucht", "retardé", "a été retardée", "nouvelle tentative", "se ha retrasado",
    "seguirá intentando", "foi atrasada", "continuará tentando", "è stata ritardata",
    "opóźnion", "vertraagd", "försenad", "forsinket", "задержан", "будет повторена", "遅延", "延迟", "延遲", "지연",
    "gecikti", "delivery delayed", "réessaiera", "wird erneut versuch", "volverá a intentar", "tentará novamente",
    "riproverà", "opnieuw proberen",
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
            "delivery status notification (delay)",
            "Ett tillfälligt fel uppstod."
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
