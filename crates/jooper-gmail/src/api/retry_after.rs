//! When to come back: often only the text of an error says it.

use http::HeaderMap;
use http::header::RETRY_AFTER;
use jiff::Timestamp;

use crate::time;
use std::time::Duration;

/// The longest time that is believed: the sending limit is a rolling day (Gmail help, "Sending
/// limits"); whatever is further away is a mistake or an attack.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The time in a `Retry-After` header in seconds (RFC 9110 section 10.2.3), or behind the words
/// "Retry after" in one of the texts: Gmail's live form, which comes without the header.
///
/// Never later than a day from now, never earlier than now.
pub(super) fn find<'a>(
    headers: &HeaderMap,
    texts: impl Iterator<Item = &'a str>,
    now: Timestamp,
) -> Option<Timestamp> {
    let header = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let seconds = header.and_then(|text| text.trim().parse::<u64>().ok());
    let time = seconds
        .map(|seconds| time::after(now, Duration::from_secs(seconds)))
        .or_else(|| texts.into_iter().find_map(in_text))?;
    Some(time.clamp(now, time::after(now, LONGEST)))
}

fn in_text(text: &str) -> Option<Timestamp> {
    let lower = text.to_ascii_lowercase();
    let at = lower.find("retry after")? + "retry after".len();
    let word = text
        .get(at..)?
        .trim_start_matches([' ', ':'])
        .split_whitespace()
        .next()?;
    word.trim_end_matches(['.', ',', ')', '"']).parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        "2026-09-11T19:00:00Z".parse().unwrap()
    }

    fn said(text: &str) -> Option<String> {
        find(&HeaderMap::new(), [text].into_iter(), now()).map(|time| time.to_string())
    }

    #[test]
    fn the_time_is_read_from_the_text_and_capped() {
        let text = "User-rate limit exceeded.  Retry after 2026-09-11T20:00:00.000Z";
        assert_eq!(said(text).as_deref(), Some("2026-09-11T20:00:00Z"));
        assert_eq!(
            said("retry after: 2026-09-11T20:00:00Z.").as_deref(),
            Some("2026-09-11T20:00:00Z")
        );
        assert_eq!(
            said("Retry after 2030-01-01T00:00:00Z").as_deref(),
            Some("2026-09-12T19:00:00Z")
        );
        assert_eq!(
            said("Retry after 2020-01-01T00:00:00Z").as_deref(),
            Some("2026-09-11T19:00:00Z")
        );
        for none in ["", "Retry after", "Retry after soon", "Rate Limit Exceeded"] {
            assert_eq!(said(none), None, "{none}");
        }
    }

    #[test]
    fn a_header_in_seconds_counts_as_well() {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, "90".parse().unwrap());
        let time = find(&headers, std::iter::empty(), now()).unwrap();
        assert_eq!(time.to_string(), "2026-09-11T19:01:30Z");
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(Retry after )?\\PC{0,40}") {
            if let Some(time) = find(&HeaderMap::new(), [text.as_str()].into_iter(), now()) {
                prop_assert!(time >= now());
            }
        }
    }
}
