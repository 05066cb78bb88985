//! Enhanced status codes (RFC 3463) and SMTP reply codes (RFC 5321 section 4.2), as mail
//! servers print them: `550 5.1.1`, `550-5.7.26`, `#5.1.0`, `5.0.0 (permanent failure)`.

/// An enhanced mail system status code (RFC 3463).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedStatus {
    /// 2 success, 4 transient, 5 permanent.
    pub class: u8,
    /// What the code is about: address, mailbox, system, network, protocol, content, policy.
    pub subject: u16,
    /// The detail within the subject.
    pub detail: u16,
}

impl EnhancedStatus {
    /// Makes a code from its three numbers; only classes 2, 4 and 5 exist.
    #[must_use]
    pub fn new(class: u8, subject: u16, detail: u16) -> Option<Self> {
        (matches!(class, 2 | 4 | 5) && subject <= 999 && detail <= 999).then_some(Self {
            class,
            subject,
            detail,
        })
    }

    /// Returns how much the code says: 0 for `x.0.0`, 1 for `x.y.0`, 2 for a retry timer that
    /// only wraps the real cause (`x.4.7`), 3 for the rest.
    #[must_use]
    pub fn weight(self) -> u8 {
        match (self.subject, self.detail) {
            (0, 0) => 0,
            (_, 0) => 1,
            (4, 7) => 2,
            _ => 3,
        }
    }
}

impl std::fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// Returns every enhanced status in `text`, in order. Addresses of hosts and versions are no codes.
#[must_use]
pub fn statuses(text: &str) -> Vec<EnhancedStatus> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut end = 0;
    for at in memchr::memchr3_iter(b'2', b'4', b'5', bytes) {
        let starts = at >= end && bytes.get(at + 1) == Some(&b'.');
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let free = before.is_none_or(|b| {
            !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'/' | b'_' | b'@') || !b.is_ascii()
        });
        if starts
            && free
            && let Some((status, len)) = status_at(&bytes[at..])
        {
            found.push(status);
            end = at + len;
        }
    }
    found
}

fn status_at(bytes: &[u8]) -> Option<(EnhancedStatus, usize)> {
    let (subject, first) = number(bytes.get(2..)?)?;
    let dot = 2 + first;
    if bytes.get(dot) != Some(&b'.') {
        return None;
    }
    let (detail, second) = number(bytes.get(dot + 1..)?)?;
    let end = dot + 1 + second;
    // `5.1.1.` at the end of a sentence is a code, `5.1.1.7` and `5.1.1-p3` are not.
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'.' | b'-'), Some(next)) if next.is_ascii_digit() => return None,
        (Some(next), _) if next.is_ascii_alphanumeric() || matches!(next, b'@' | b'/') => {
            return None;
        }
        _ => {}
    }
    Some((EnhancedStatus::new(bytes[0] - b'0', subject, detail)?, end))
}

/// Reads at most three digits without a leading zero.
fn number(bytes: &[u8]) -> Option<(u16, usize)> {
    let len = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if len == 0 || len > 3 || (len > 1 && bytes[0] == b'0') {
        return None;
    }
    let value = bytes[..len]
        .iter()
        .fold(0_u16, |value, b| value * 10 + u16::from(b - b'0'));
    Some((value, len))
}

/// Returns the most telling status of `text`: the heaviest, the first among equals.
#[must_use]
pub fn best_status(text: &str) -> Option<EnhancedStatus> {
    heaviest(statuses(text))
}

/// Returns the heaviest of `found`, the first among equals.
#[must_use]
pub fn heaviest(found: impl IntoIterator<Item = EnhancedStatus>) -> Option<EnhancedStatus> {
    found
        .into_iter()
        .fold(None, |best: Option<EnhancedStatus>, next| match best {
            Some(best) if best.weight() >= next.weight() => Some(best),
            _ => Some(next),
        })
}

/// Returns the first SMTP failure code in `text`: three digits 400-599 that stand where a
/// reply code stands (start of a line, after `said:`, `:`, `<<<`, `<--`, `'`, `[`, or before a status).
#[must_use]
pub fn reply_code(text: &str) -> Option<u16> {
    let bytes = text.as_bytes();
    let mut next = 0;
    for at in memchr::memchr2_iter(b'4', b'5', bytes) {
        if let (true, Some([_, second, third])) = (at >= next, bytes.get(at..at + 3))
            && second.is_ascii_digit()
            && third.is_ascii_digit()
        {
            let head = text
                .get(..at)
                .unwrap_or_default()
                .trim_end_matches([' ', '\t', '#']);
            let edge = head.is_empty()
                || head.ends_with(['\n', ':', '<', '>', '\'', '"', '[', ';', ',', '(', '.'])
                || head.ends_with("<--")
                || [
                    "said", "returned", "error", "problem", "reason", "code", "with", "response",
                    "was", "deferred",
                ]
                .iter()
                .any(|word| ends_with_word(head, word));
            let free = at == 0
                || !bytes[at - 1].is_ascii_alphanumeric()
                    && !matches!(bytes[at - 1], b'.' | b'-' | b'/');
            let after = bytes.get(at + 3).copied();
            let ends = after.is_none_or(|b| {
                matches!(
                    b,
                    b' ' | b'-' | b':' | b'\n' | b'\t' | b',' | b']' | b')' | b'\''
                )
            });
            let status_follows = text.get(at + 3..).is_some_and(|rest| {
                let rest = rest.trim_start_matches([' ', '-', '#', ':', '\t']);
                rest.starts_with("4.") || rest.starts_with("5.")
            });
            if free && ends && (edge || status_follows) {
                let digit = |index: usize| u16::from(bytes[index] - b'0');
                return Some(digit(at) * 100 + digit(at + 1) * 10 + digit(at + 2));
            }
            next = at + 3;
        }
    }
    None
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(start) = text.len().checked_sub(word.len()) else {
        return false;
    };
    text.get(start..)
        .is_some_and(|tail| tail.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        statuses(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn codes_are_found_in_the_shapes_servers_print() {
        assert_eq!(all("550 5.1.1 <a@b.example>... User unknown"), ["5.1.1"]);
        assert_eq!(
            all("550-5.7.26 mail\n550 5.7.26 policy"),
            ["5.7.26", "5.7.26"]
        );
        assert_eq!(all("550 #5.1.0 Address rejected."), ["5.1.0"]);
        assert_eq!(all("(#4.4.1)"), ["4.4.1"]);
        assert_eq!(all("rejected, status 5.4.312."), ["5.4.312"]);
    }

    #[test]
    fn host_addresses_and_versions_are_no_codes() {
        assert!(all("host mx[192.5.2.1] at 5.1.1.7, v5.1.2").is_empty());
        assert!(all("at 5.1.1.7:25").is_empty());
        assert!(all("x5.1.1 and /5.1.1").is_empty());
        assert!(all("3.1.1 and 5.1").is_empty());
    }

    #[test]
    fn the_most_telling_code_wins() {
        let best = |text| best_status(text).map(|status| status.to_string());
        assert_eq!(
            best("5.1.0 - Unknown address error 550-'5.7.1 denied'").as_deref(),
            Some("5.7.1")
        );
        assert_eq!(
            best("554 4.4.7 expired <421 4.4.2 timed out>").as_deref(),
            Some("4.4.2")
        );
        assert_eq!(best("5.1.1 then 5.2.2").as_deref(), Some("5.1.1"));
    }

    #[test]
    fn reply_codes_stand_at_an_edge() {
        assert_eq!(reply_code("host mx said: 550 5.1.1 no"), Some(550));
        assert_eq!(reply_code("<<< 452 full"), Some(452));
        assert_eq!(reply_code("10:00:01: [12] <-- 452 full"), Some(452));
        assert_eq!(reply_code("mail system problem 550-'no'"), Some(550));
        assert_eq!(reply_code("room 512 of 550"), None);
        assert_eq!(reply_code("returned '421 4.4.2 x'"), Some(421));
    }
}
