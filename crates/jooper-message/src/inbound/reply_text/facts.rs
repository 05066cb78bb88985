//! What an attribution line is made of beside a verb of writing: a date, a time, an address.
//!
//! Dates are recognized by their digits, so that month names of no language are needed.

/// What one folded text holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// A calendar date in digits, a year with a day, or a day beside a time.
    pub(super) date: bool,
    /// Whether the date, in year-month-day order, opens the text.
    pub(super) iso_start: bool,
    pub(super) time: bool,
    /// An `x@y`.
    pub(super) address: bool,
}

/// Reads the facts of a folded text.
pub(super) fn facts(folded: &str) -> Facts {
    let mut f = Facts {
        address: has_address(folded),
        ..Facts::default()
    };
    let b = folded.as_bytes();
    let (mut year, mut day) = (false, false);
    let mut i = 0;
    while let Some(next) = b[i..].iter().position(u8::is_ascii_digit) {
        i += next;
        let at = i;
        let first = digits(b, &mut i);
        let Some(second) = part(b, &mut i, b"./-:h") else {
            match first {
                Run {
                    len: 4,
                    value: 1990..=2099,
                } => year = true,
                Run {
                    len: 1 | 2,
                    value: 1..=31,
                } => day = true,
                _ => {}
            }
            continue;
        };
        let third = part(b, &mut i, &[second.0]);
        match (second.0, third) {
            (b':' | b'h', _) => f.time = true,
            (_, Some((_, third))) => {
                let plausible = first.len + third.len >= 3 && second.1.len <= 2;
                f.date |= plausible;
                f.iso_start |= plausible && at == 0 && first.len == 4;
            }
            // Finnish, Danish and Italian clocks: 10.05.
            (b'.', None) if first.len <= 2 && second.1.len == 2 => f.time = true,
            _ => day |= first.len <= 2,
        }
    }
    f.date |= day && (year || f.time);
    f
}

#[derive(Debug, Clone, Copy)]
struct Run {
    len: usize,
    value: u32,
}

fn digits(b: &[u8], i: &mut usize) -> Run {
    let at = *i;
    let mut value = 0_u32;
    while let Some(d) = b.get(*i).filter(|d| d.is_ascii_digit()) {
        value = value.saturating_mul(10).saturating_add(u32::from(d - b'0'));
        *i += 1;
    }
    Run {
        len: *i - at,
        value,
    }
}

fn part(b: &[u8], i: &mut usize, separators: &[u8]) -> Option<(u8, Run)> {
    let separator = *b.get(*i).filter(|s| separators.contains(s))?;
    b.get(*i + 1).filter(|d| d.is_ascii_digit())?;
    *i += 1;
    Some((separator, digits(b, i)))
}

fn has_address(text: &str) -> bool {
    memchr::memchr_iter(b'@', text.as_bytes()).any(|at| {
        let before = text[..at].chars().next_back();
        let after = text[at + 1..].chars().next();
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::facts;
    use crate::inbound::phrases::fold;

    #[test]
    fn dates_are_read_without_month_names() {
        for text in [
            "On Mon, Aug 26, 2019 at 4:37 PM x",
            "Le 15 janv. 2024 à 14:30",
            "2024-01-05 10:00 x",
            "05/01/2024",
            "Am 03.02.2016 3:35 nachm.",
            "2024年1月5日(金) 10:00",
            "pe 5. tammik. 2024 klo 10.00",
            "٥ يناير ٢٠٢٤",
            "23 jan 22:03",
        ] {
            assert!(facts(&fold(text)).date, "{text}");
        }
        for text in [
            "on tuesday we met",
            "version 2.5 of it",
            "call 555",
            "at 10:00",
            "in 2024",
        ] {
            assert!(!facts(text).date, "{text}");
        }
    }

    #[test]
    fn address_time_and_opening_date_are_read() {
        let f = facts("2024-01-05 10:00 ana <ana@example.com>:");
        assert!(f.iso_start && f.time && f.address);
        assert!(!facts("@ana said").address);
    }
}
