//! Whether a diagnostic says of the recipient's own domain that there is none, with its name between the words.

/// What is said of a domain that is not there.
const MISSING: &[&str] = &[
    "does not exist",
    "doesn't exist",
    "does not appear to exist",
    "does not appear to be registered",
    "does not seem to exist",
    "is not registered",
    "was not found",
    "not found",
    "could not be found",
    "no longer exists",
];

/// Words directly before the domain; any other makes it somebody's, or the place of what is missing.
const BEFORE: &[&str] = &[
    "the",
    "recipient",
    "recipient's",
    "destination",
    "because",
    "that",
];

/// Words before "the" that make the domain the place of what is missing: "no mailbox in the domain".
const PLACES: &[&str] = &[
    "in", "of", "at", "on", "for", "from", "by", "under", "within",
];

/// Whether `text` (squeezed, in lower case) says that `domain` does not exist: "the domain name (x.example) is
/// not registered".
pub(in crate::inbound::dsn) fn says_missing(text: &str, domain: &str) -> bool {
    text.match_indices("domain ").any(|(at, word)| {
        let behind = &text[at + word.len()..];
        let behind = behind.strip_prefix("name ").unwrap_or(behind);
        let (name, said) = behind.split_once(' ').unwrap_or_default();
        name.trim_matches(|c: char| !c.is_alphanumeric()) == domain
            && is_subject(&text[..at])
            && is_missing(said)
    })
}

fn is_subject(before: &str) -> bool {
    let mut words = before.split_whitespace().rev();
    let Some(word) = words.next() else {
        return true;
    };
    let is_code = |word: &str| {
        word.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    let opens = word.ends_with(['.', ':', ';', '-', ')']) || is_code(word);
    let mut article =
        || BEFORE.contains(&word) && words.next().is_none_or(|word| !PLACES.contains(&word));
    opens || article()
}

/// Whether the sentence ends behind what is said: "not found in the relay list" is about something else.
fn is_missing(said: &str) -> bool {
    MISSING.iter().any(|words| {
        let rest = said.strip_prefix(words).map(str::trim_start);
        rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipients_domain_is_missing_and_nothing_else_is() {
        for text in [
            "the domain x.example does not exist",
            "because the domain name (x.example) does not appear to be registered.",
            "550 domain 'x.example' not found",
            "550 5.1.2 the recipient domain x.example is not registered",
            "error: domain x.example could not be found.",
        ] {
            assert!(says_missing(text, "x.example"), "{text}");
        }
        for text in [
            "no mailbox in the domain x.example was found",
            "user ada in domain x.example does not exist",
            "550 user bob domain x.example does not exist",
            "550 your domain x.example does not exist",
            "550 ehlo domain x.example does not exist",
            "envelope-from domain x.example does not exist",
            "sender domain x.example does not exist",
            "subdomain x.example does not exist",
            "550 domain x.example not found in relay list",
            "550 mailbox bob, domain x.example not found",
            "550 account bob@ domain x.example does not exist",
            "the domain other.example does not exist",
            "the domain name does not exist",
            "domain x.example: user not found",
            "domain ",
        ] {
            assert!(!says_missing(text, "x.example"), "{text}");
        }
    }
}
