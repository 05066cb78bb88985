//! Address lists of `To`, `Cc`, `From`: names, quotes, comments and groups are understood far enough
//! to find the mailboxes in them.

use super::word::decode_words;

/// One mailbox of an address list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Display name, decoded; empty when there is none.
    pub(crate) name: String,
    /// The address in lower case.
    pub(crate) email: String,
}

/// Reads an address list; entries without an `@` are left out.
pub(crate) fn addresses(value: &str) -> Vec<Address> {
    split_list(value)
        .iter()
        .filter_map(|entry| one(entry))
        .collect()
}

fn split_list(value: &str) -> Vec<String> {
    let (mut out, mut current) = (Vec::new(), String::new());
    let (mut quoted, mut escaped, mut depth, mut angle) = (false, false, 0u32, false);
    for c in value.chars() {
        if escaped {
            escaped = false;
            current.push(c);
            continue;
        }
        match c {
            '\\' if quoted => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth > 0 => {
                depth -= 1;
                continue;
            }
            '<' if !quoted => angle = true,
            '>' if !quoted => angle = false,
            _ => {}
        }
        if depth > 0 {
            continue;
        }
        match c {
            ',' | ';' if !quoted && !angle => out.push(std::mem::take(&mut current)),
            ':' if !quoted && !angle && !current.contains('@') => current.clear(),
            _ => current.push(c),
        }
    }
    out.push(current);
    out
}

fn one(entry: &str) -> Option<Address> {
    let entry = entry.trim();
    let (name, email) = match (entry.rfind('<'), entry.rfind('>')) {
        (Some(open), Some(close)) if open < close => {
            (entry[..open].trim(), entry[open + 1..close].trim())
        }
        _ => ("", entry),
    };
    let (local, domain) = email.rsplit_once('@')?;
    if local.is_empty() || domain.is_empty() || email.contains(char::is_whitespace) {
        return None;
    }
    let name = name.trim_matches('"').replace("\\\"", "\"");
    Some(Address {
        name: decode_words(&name),
        email: email.to_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn emails(value: &str) -> Vec<String> {
        addresses(value).into_iter().map(|a| a.email).collect()
    }

    #[test]
    fn lists_with_quotes_comments_and_groups_are_read() {
        assert_eq!(
            emails(r#""Doe, Ann" <Ann@Example.com>, bob@example.com (the, one)"#),
            ["ann@example.com", "bob@example.com"]
        );
        assert_eq!(
            emails("Team: a@example.com, b@example.com;"),
            ["a@example.com", "b@example.com"]
        );
        assert_eq!(emails("undisclosed-recipients:;"), Vec::<String>::new());
        assert_eq!(
            emails("nonsense, two words@example.com"),
            Vec::<String>::new()
        );
        assert_eq!(
            addresses("=?utf-8?Q?J=C3=B6rg?= <j@example.com>")[0].name,
            "Jörg"
        );
    }
}
