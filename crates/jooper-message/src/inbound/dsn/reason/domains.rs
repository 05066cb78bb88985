//! Whether a diagnostic (folded) says of a domain that there is none, whatever name it puts between.

/// What is said of a domain that is not there.
const MISSING: &[&str] = &[
    "does not exist",
    "doesn't exist",
    "does not appear to exist",
    "does not appear to be registered",
    "does not seem to exist",
    "is not registered",
    "isn't registered",
    "not found",
    "was not found",
    "could not be found",
    "couldn't be found",
    "cannot be found",
    "is unknown",
    "is not valid",
    "is not a valid",
    "is invalid",
    "no longer exists",
];

/// Words before a domain that make it the place of what is missing: "no mailbox in the domain".
const PLACES: &[&str] = &[
    "in", "of", "at", "on", "for", "from", "by", "under", "within", "sender", "sender's", "sending",
];

/// Words between those and the domain.
const ARTICLES: &[&str] = &[
    "the",
    "this",
    "that",
    "a",
    "your",
    "its",
    "recipient",
    "destination",
    "mail",
    "email",
    "remote",
];

/// Whether `text` says that a domain does not exist: "the domain name (x.example) is not registered".
pub(super) fn says_missing(text: &str) -> bool {
    text.match_indices("domain ").any(|(at, word)| {
        let (before, behind) = (&text[..at], &text[at + word.len()..]);
        is_subject(before) && {
            let behind = behind.strip_prefix("name ").unwrap_or(behind);
            is_missing(behind) || is_missing(without_name(behind))
        }
    })
}

fn is_subject(before: &str) -> bool {
    if before.ends_with(|c: char| c.is_alphanumeric() || c == '-') {
        return false;
    }
    let mut words = before.split_whitespace().rev();
    let place = words.find(|word| !ARTICLES.contains(word));
    place.is_none_or(|word| !PLACES.contains(&word))
}

fn is_missing(said: &str) -> bool {
    MISSING.iter().any(|words| said.starts_with(words))
}

/// What stands behind the name of a host that `text` begins with, in whatever brackets.
fn without_name(text: &str) -> &str {
    let (name, rest) = text.split_once(' ').unwrap_or_default();
    let inner = name.trim_matches(|c: char| !c.is_alphanumeric());
    if inner.contains('.') { rest } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_missing_whatever_its_name_and_no_mailbox_in_it_is() {
        for text in [
            "the domain x.example does not exist",
            "because the domain name (x.example) does not appear to be registered.",
            "550 domain 'x.example' not found",
            "the domain name does not exist",
            "the recipient domain x.example is not registered",
        ] {
            assert!(says_missing(text), "{text}");
        }
        for text in [
            "no mailbox in the domain x.example was found",
            "user ada in domain x.example does not exist",
            "the mailbox of the domain does not exist",
            "sender domain x.example does not exist",
            "subdomain x.example does not exist",
            "the domain x.example accepts no mail",
            "domain x.example: user not found",
            "domain ",
        ] {
            assert!(!says_missing(text), "{text}");
        }
    }
}
