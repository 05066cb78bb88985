//! Invented leads whose every word is unlike anything else, and a campaign that does not wait for
//! nights.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::path::{Path, PathBuf};

/// An invented person. No part of it occurs anywhere by chance.
#[derive(Debug, Clone)]
pub(crate) struct Invented {
    pub(crate) first: String,
    pub(crate) last: String,
    pub(crate) email: String,
    /// Stands in a field of its own, which every mail quotes.
    pub(crate) canary: String,
}

/// So many people.
pub(crate) fn invented(many: usize) -> Vec<Invented> {
    (0..many)
        .map(|number| {
            let (first, last) = (
                format!("Xqavrel{number:02}"),
                format!("Brzyndwyk{number:02}"),
            );
            Invented {
                email: format!("{first}.{last}@wqfirm{number:02}.example").to_lowercase(),
                canary: format!("kzcanary-{number:02}-7f3e9c"),
                first,
                last,
            }
        })
        .collect()
}

/// Their CSV file.
pub(crate) fn csv(people: &[Invented]) -> String {
    let mut text = "E-Mail,First name,Last name,Company,Country,Time zone,Met at,Legal basis,\
                    Consent source,Consent date,Consent proof,Notice version\n"
        .to_owned();
    for (line, one) in people.iter().enumerate() {
        text.push_str(&format!(
            "{},{},{},\"Wqfirm, {line:02}\",Germany,Europe/Berlin,{},consent,Badge scan,2026-10-01,\
             \"fair.csv, line {line}\",2026-02\n",
            one.email, one.first, one.last, one.canary
        ));
    }
    text
}

/// Mail goes at any hour, so that no night is waited for; and nobody is asked about what became late, as
/// days of a fast clock pass while a busy machine starts a server.
const SCHEDULE: &str = r#"
zone = "Europe/Berlin"
catch_up = "send"
gap_seconds_min = 60
gap_seconds_max = 120
daily_cap = 400
windows = [
    { weekday = 1, from = "00:00:00", to = "23:59:59" },
    { weekday = 2, from = "00:00:00", to = "23:59:59" },
    { weekday = 3, from = "00:00:00", to = "23:59:59" },
    { weekday = 4, from = "00:00:00", to = "23:59:59" },
    { weekday = 5, from = "00:00:00", to = "23:59:59" },
    { weekday = 6, from = "00:00:00", to = "23:59:59" },
    { weekday = 7, from = "00:00:00", to = "23:59:59" },
]
"#;

pub(crate) const SEQUENCE: &str = r#"
name = "Fast"
on_out_of_office = "continue"
[[step]]
[[step.variant]]
subject = "Your visit at our stand"
body = "Hello {{ first_name | default('there') }}, we met at {{ met_at | default('the fair') }}. Shall I send the page?"
[[step]]
wait = "1 days"
[[step.variant]]
body = "Hello {{ first_name | default('there') }}, just in case my mail got buried."
[[step]]
wait = "1 days"
[[step.variant]]
body = "Hello {{ first_name | default('there') }}, this is my last note."
"#;

/// The files of a fast campaign.
pub(crate) struct Fast {
    pub(crate) sequence: PathBuf,
    pub(crate) schedule: PathBuf,
}

impl Fast {
    pub(crate) fn write(dir: &Path) -> Self {
        let (sequence, schedule) = (dir.join("sequence.toml"), dir.join("schedule.toml"));
        std::fs::write(&sequence, SEQUENCE).unwrap();
        std::fs::write(&schedule, SCHEDULE).unwrap();
        Self { sequence, schedule }
    }

    pub(crate) fn arguments(&self) -> [&str; 4] {
        [
            "--sequence",
            self.sequence.to_str().unwrap(),
            "--schedule",
            self.schedule.to_str().unwrap(),
        ]
    }
}
