//! Instants as people read them.

use std::fmt;

use askama::filters::HtmlSafe;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The zone that pages show times in.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    zone: TimeZone,
    name: String,
}

impl Zone {
    /// The zone of this IANA name; UTC when there is none of it.
    pub(crate) fn named(name: &str) -> Self {
        match TimeZone::get(name) {
            Ok(zone) => Self {
                zone,
                name: name.to_owned(),
            },
            Err(_) => Self {
                zone: TimeZone::UTC,
                name: "UTC".to_owned(),
            },
        }
    }

    /// The zone that the environment names.
    pub(crate) fn of_environment() -> Self {
        Self::named(&std::env::var("TZ").unwrap_or_default())
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn moment(&self, at: Timestamp) -> Moment {
        Moment {
            iso: at.to_string(),
            text: at
                .to_zoned_datetime(self.zone.clone())
                .strftime("%a %-d %b %Y, %H:%M")
                .to_string(),
        }
    }

    /// A day that was imported as such, midnight in UTC, is shown as that day in every zone; any other
    /// instant as a moment.
    pub(crate) fn day(&self, at: Timestamp) -> Moment {
        let day = at.to_zoned_datetime(TimeZone::UTC);
        if day.time() != jiff::civil::Time::midnight() {
            return self.moment(at);
        }
        Moment {
            iso: day.date().to_string(),
            text: day.strftime("%a %-d %b %Y").to_string(),
        }
    }

    /// Rewrites instants inside a sentence: the engine writes them as RFC 3339, the gate as
    /// `2026-11-23 07:30 UTC`.
    pub(crate) fn sentence(&self, text: &str) -> String {
        rewrite(text, |at| self.moment(at).text)
    }
}

/// A sentence without its instants: equal for two sentences that differ in nothing else.
pub(crate) fn without_instants(text: &str) -> String {
    rewrite(text, |_| String::new())
}

fn rewrite(text: &str, show: impl Fn(Timestamp) -> String) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut written = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let single = words[at].trim_end_matches([':', '.', ',', ';']).to_owned();
        let found = [(1, single), (3, gates_own(&words[at..]))]
            .into_iter()
            .find_map(|(long, text)| Some((long, text.parse::<Timestamp>().ok()?)));
        let long = found.map_or(1, |(long, _)| long);
        let last = words[at + long - 1];
        let bare = last.trim_end_matches([':', '.', ',', ';']);
        written.push(match found {
            Some((_, instant)) => format!("{}{}", show(instant), &last[bare.len()..]),
            None => last.to_owned(),
        });
        at += long;
    }
    written.join(" ")
}

/// Three words as the gate writes an instant, put into the form that reads; empty when they are
/// something else.
fn gates_own(words: &[&str]) -> String {
    match words {
        [day, time, zone, ..] if zone.trim_end_matches([':', '.', ',', ';']) == "UTC" => {
            format!("{day}T{time}:00Z")
        }
        _ => String::new(),
    }
}

/// An instant, ready to be shown. Displays as a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    iso: String,
    text: String,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<time class=\"nowrap\" datetime=\"{}\">{}</time>",
            self.iso, self.text
        )
    }
}

// Digits, letters and punctuation of a date: nothing in it needs escaping.
impl HtmlSafe for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_shown_in_the_zone_and_inside_sentences() {
        let zone = Zone::named("Europe/Berlin");
        let at: Timestamp = "2026-11-23T07:30:00Z".parse().unwrap();
        assert!(
            zone.moment(at)
                .to_string()
                .contains(">Mon 23 Nov 2026, 08:30</time>")
        );
        assert_eq!(
            zone.sentence("Mail 1 waits until 2026-11-23T07:30:00Z: too soon."),
            "Mail 1 waits until Mon 23 Nov 2026, 08:30: too soon."
        );
        assert_eq!(
            zone.sentence("Not before 2026-11-23 07:30 UTC. It goes"),
            "Not before Mon 23 Nov 2026, 08:30. It goes"
        );
        assert_eq!(zone.sentence("All of UTC"), "All of UTC");
        assert_eq!(
            without_instants("waits until 2026-11-23T07:30:00Z: x"),
            without_instants("waits until 2026-11-24T07:30:00Z: x")
        );
        assert_eq!(Zone::named("Nowhere/At_all").name(), "UTC");
    }

    #[test]
    fn an_imported_day_is_that_day_everywhere() {
        let zone = Zone::named("America/New_York");
        let day: Timestamp = "2026-09-12T00:00:00Z".parse().unwrap();
        assert!(
            zone.day(day)
                .to_string()
                .contains(">Sat 12 Sep 2026</time>")
        );
        let moment: Timestamp = "2026-09-12T00:01:00Z".parse().unwrap();
        assert!(
            zone.day(moment)
                .to_string()
                .contains(">Fri 11 Sep 2026, 20:01</time>")
        );
    }
}
