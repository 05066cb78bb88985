//! Gmail's search language, as far as mail programs use it.

use jiff::civil::Date;

use super::super::knobs::DAY;
use super::super::mailbox::{INBOX, Message, SENT, SPAM, TRASH, UNREAD};
use super::super::mime::{Mail, Part};
use super::super::world::Spool;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    From(String),
    To(String),
    Header(&'static str, String),
    Subject(String),
    RfcId(String),
    After(i64),
    Before(i64),
    Label(String),
    Attachment,
    Anywhere,
    Words(String),
    Any(Vec<Query>),
}

/// A parsed search: all terms must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Query(Vec<(bool, Term)>);

impl Query {
    /// Reads a search; what is no operator is searched as text, as Gmail does.
    pub(super) fn parse(text: &str, now: i64) -> Self {
        let mut terms: Vec<(bool, Term)> = Vec::new();
        let mut joining = false;
        for token in tokens(text) {
            if token == "OR" {
                joining = true;
                continue;
            }
            let one = if let Some(inner) = token.strip_prefix('{').and_then(|t| t.strip_suffix('}'))
            {
                (
                    true,
                    Term::Any(
                        tokens(inner)
                            .iter()
                            .map(|t| Self(vec![term(t, now)]))
                            .collect(),
                    ),
                )
            } else if let Some(inner) = token.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
                (true, Term::Any(vec![Self::parse(inner, now)]))
            } else {
                term(&token, now)
            };
            match terms.pop() {
                Some((true, Term::Any(mut either))) if joining => {
                    either.push(Self(vec![one]));
                    terms.push((true, Term::Any(either)));
                }
                Some(last) if joining => {
                    terms.push((true, Term::Any(vec![Self(vec![last]), Self(vec![one])])))
                }
                Some(last) => terms.extend([last, one]),
                None => terms.push(one),
            }
            joining = false;
        }
        Self(terms)
    }

    /// Whether the search itself asks for spam or trash.
    pub(super) fn names_junk(&self) -> bool {
        self.0.iter().any(|(_, term)| match term {
            Term::Anywhere => true,
            Term::Label(label) => label == SPAM || label == TRASH,
            Term::Any(either) => either.iter().any(Self::names_junk),
            _ => false,
        })
    }

    /// Whether a message is found.
    pub(super) fn matches(&self, message: &Message, spool: &Spool) -> bool {
        self.0
            .iter()
            .all(|(wanted, term)| holds(term, message, spool) == *wanted)
    }
}

fn holds(term: &Term, message: &Message, spool: &Spool) -> bool {
    let within = |text: &str, part: &str| text.to_lowercase().contains(part);
    match term {
        Term::From(part) => within(&message.from, part),
        Term::To(part) => message.to.iter().any(|to| within(to, part)),
        Term::Header(name, part) => Mail::parse(&spool.get(message.raw))
            .headers(name)
            .iter()
            .any(|value| within(value, part)),
        Term::Subject(part) => within(&message.subject, part),
        Term::RfcId(id) => message.rfc_id.trim_matches(['<', '>']) == id,
        Term::After(ms) => message.internal_ms >= *ms,
        Term::Before(ms) => message.internal_ms < *ms,
        Term::Label(label) => message.labels.contains(label),
        Term::Attachment => message.attachment,
        Term::Anywhere => true,
        Term::Any(either) => either.iter().any(|query| query.matches(message, spool)),
        // HTML attribute values are not indexed, so only readable text counts.
        Term::Words(part) => {
            within(&message.subject, part)
                || within(&message.from, part)
                || message.to.iter().any(|to| within(to, part))
                || within(&Part::parse(&spool.get(message.raw)).readable(), part)
        }
    }
}

fn term(token: &str, now: i64) -> (bool, Term) {
    let (wanted, token) = match token.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (false, rest),
        _ => (true, token),
    };
    let Some((operator, value)) = token.split_once(':') else {
        return (wanted, Term::Words(unquote(token)));
    };
    let text = unquote(value);
    let found = match operator.to_lowercase().as_str() {
        "from" => Some(Term::From(text)),
        "to" => Some(Term::To(text)),
        "cc" => Some(Term::Header("Cc", text)),
        "bcc" => Some(Term::Header("Bcc", text)),
        "list" => Some(Term::Header("List-ID", text)),
        "deliveredto" => Some(Term::Header("Delivered-To", text)),
        "subject" => Some(Term::Subject(text)),
        "rfc822msgid" => Some(Term::RfcId(value.trim_matches(['"', '<', '>']).to_owned())),
        "after" | "newer" => instant(value).map(Term::After),
        "before" | "older" => instant(value).map(Term::Before),
        "newer_than" => span(value).map(|ms| Term::After(now - ms)),
        "older_than" => span(value).map(|ms| Term::Before(now - ms)),
        "has" if text == "attachment" => Some(Term::Attachment),
        "is" if text == "unread" => Some(Term::Label(UNREAD.to_owned())),
        "is" if text == "starred" => Some(Term::Label("STARRED".to_owned())),
        "is" if text == "read" => return (!wanted, Term::Label(UNREAD.to_owned())),
        "in" | "label" => Some(match text.as_str() {
            "anywhere" | "any" => Term::Anywhere,
            "sent" => Term::Label(SENT.to_owned()),
            "inbox" => Term::Label(INBOX.to_owned()),
            "spam" => Term::Label(SPAM.to_owned()),
            "trash" => Term::Label(TRASH.to_owned()),
            "drafts" | "draft" => Term::Label("DRAFT".to_owned()),
            other => Term::Label(other.to_uppercase()),
        }),
        _ => None,
    };
    (wanted, found.unwrap_or_else(|| Term::Words(unquote(token))))
}

/// Epoch seconds, or a date that means midnight Pacific (Gmail guide, "Searching for messages").
fn instant(value: &str) -> Option<i64> {
    if let Ok(seconds) = value.parse::<i64>() {
        return Some(seconds * 1000);
    }
    let mut pieces = value.split(['/', '-']).map(|piece| piece.parse::<i16>());
    let (year, month, day) = (
        pieces.next()?.ok()?,
        pieces.next()?.ok()?,
        pieces.next()?.ok()?,
    );
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some(
        date.in_tz("America/Los_Angeles")
            .ok()?
            .timestamp()
            .as_millisecond(),
    )
}

fn span(value: &str) -> Option<i64> {
    let (number, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let days = match unit {
        "d" => 1,
        "m" => 30,
        "y" => 365,
        _ => return None,
    };
    Some(number.parse::<i64>().ok()? * days * DAY)
}

fn unquote(text: &str) -> String {
    text.trim_matches(['"', '(', ')']).to_lowercase()
}

/// Words, with quotes, braces and parentheses holding theirs together.
fn tokens(text: &str) -> Vec<String> {
    let (mut out, mut current, mut quoted, mut depth) = (Vec::new(), String::new(), false, 0i32);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            '(' | '{' if !quoted => depth += 1,
            ')' | '}' if !quoted => depth -= 1,
            _ => {}
        }
        if c.is_whitespace() && !quoted && depth <= 0 {
            if !current.is_empty() {
                out.push(std::mem::take(&mut current));
            }
        } else {
            current.push(c);
        }
    }
    if !current.is_empty() {
        out.push(current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_mean_midnight_pacific_and_numbers_mean_seconds() {
        assert_eq!(
            Query::parse("after:2026/11/23", 0).0,
            [(true, Term::After(1_795_420_800_000))]
        );
        assert_eq!(
            Query::parse("before:1795420800", 0).0,
            [(true, Term::Before(1_795_420_800_000))]
        );
    }

    #[test]
    fn operators_negation_and_groups_are_read() {
        let query = Query::parse(
            "in:sent to:Ann@Example.com -subject:\"two words\" {from:a from:b} x OR y",
            0,
        );
        assert_eq!(query.0.len(), 5);
        assert_eq!(query.0[1], (true, Term::To("ann@example.com".to_owned())));
        assert_eq!(query.0[2], (false, Term::Subject("two words".to_owned())));
        assert!(matches!(&query.0[3].1, Term::Any(either) if either.len() == 2));
        assert!(matches!(&query.0[4].1, Term::Any(either) if either.len() == 2));
        assert!(Query::parse("in:anywhere x", 0).names_junk());
    }
}
