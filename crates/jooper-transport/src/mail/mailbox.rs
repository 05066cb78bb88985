//! The one mailbox of `From` or `To`.

use jooper_core::EmailAddress;

/// What parts one mailbox from the next, opens a group or a comment, or begins another address: a
/// name may hold none of these outside quotes (the specials of RFC 5322 section 3.2.3 but the dot,
/// which people write in names).
const SPECIALS: &[char] = &['@', ',', ';', ':', '<', '>', '(', ')', '[', ']', '\\'];

/// The address of a value that is one mailbox and nothing else (RFC 5322 section 3.4): the address
/// alone, or a name and the address in angle brackets.
///
/// Providers are lenient: they deliver to whatever else they recognize. So whatever is more than one
/// mailbox, or could be read as more, is none.
pub(super) fn only(value: &str) -> Option<EmailAddress> {
    let address = match opening(value)? {
        Some(at) => value[at + 1..].strip_suffix('>')?,
        None => value,
    };
    // The last `@` of several is the address's own to whoever parses it, and the first to others.
    let lone = address.matches('@').count() == 1;
    let odd = |c: char| c == '"' || c != '@' && SPECIALS.contains(&c);
    if !lone || address.contains(odd) {
        return None;
    }
    EmailAddress::parse(address).ok()
}

/// Where the angle bracket opens, behind a name or nothing; `Some(None)` where there is none, and
/// `None` where what stands in front of it is no name.
fn opening(value: &str) -> Option<Option<usize>> {
    let (mut quoted, mut name) = (false, true);
    let mut letters = value.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if quoted => {
                letters.next()?;
            }
            '"' => quoted = !quoted,
            _ if quoted => {}
            '<' => return name.then_some(Some(at)),
            letter => name &= !SPECIALS.contains(&letter),
        }
    }
    (!quoted).then_some(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_is_read_with_its_name_and_without() {
        for value in [
            "jane@y.example",
            "<jane@y.example>",
            "Jane <jane@y.example>",
            "Jane R. Roe <jane@y.example>",
            "J\u{fc}rgen <jane@y.example>",
            "\"Roe, Jane\" <jane@y.example>",
            "\"victim@x.example, \" <jane@y.example>",
            "\"a \\\" <b@x.example>, \" <jane@y.example>",
            "=?utf-8?Q?J=C3=BCrgen?= <jane@y.example>",
        ] {
            let read = only(value).map(|address| address.as_str().to_owned());
            assert_eq!(read.as_deref(), Some("jane@y.example"), "{value}");
        }
    }

    #[test]
    fn what_could_be_read_as_two_is_none() {
        for value in [
            "",
            "jane",
            "victim@x.example, <jane@y.example>",
            "victim@x.example <jane@y.example>",
            "<victim@x.example> <jane@y.example>",
            "<victim@x.example>, <jane@y.example>",
            "Jane <victim@x.example>, jane@y.example",
            "victim@x.example; <jane@y.example>",
            "us: <jane@y.example>",
            "us: victim@x.example, jane@y.example;",
            "victim, <jane@y.example>",
            "<@x.example:jane@y.example>",
            "victim@x.example(<jane@y.example>)",
            "(\") victim@x.example, (\" <jane@y.example>",
            "\\\"victim@x.example, <jane@y.example>",
            "\"Jane\" <jane@y.example> victim@x.example",
            "\"Jane <jane@y.example>",
            "\"Jane\\\" <jane@y.example>",
            "victim@x.example,jane@y.example",
            "victim@x.example jane@y.example",
            "victim,jane@y.example",
            "jane@y.example>",
            "Jane <jane@y.example",
        ] {
            assert_eq!(only(value), None, "{value}");
        }
    }
}
