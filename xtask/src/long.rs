//! The long campaigns: the same tests as every day, with far more seeds, run by hand.
//!
//! A campaign is a row of [`CAMPAIGNS`]. Its command takes `--seeds N --first-seed S` and prints one line
//! `figure: TEXT`; the row it ends with is pasted into docs/laws.md.

use crate::clock;
use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Need, Services};
use crate::report::Report;
use crate::run;
use crate::workspace::Workspace;

/// A long campaign.
#[derive(Debug)]
pub(crate) struct Campaign {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The law or promise it measures, as docs/laws.md names it.
    pub(crate) law: &'static str,
    /// What it does, in one line.
    pub(crate) about: &'static str,
    /// The arguments of cargo, ending where the seeds follow.
    pub(crate) cargo: &'static [&'static str],
    /// How many seeds it runs unless told otherwise.
    pub(crate) seeds: u64,
}

/// Every campaign that exists. A campaign enters this table in the change that makes its command work.
pub(crate) const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        name: "gmail-faults",
        law: "L1",
        about: "ten sends a seed through every fault of the Google simulator, its ledger the judge",
        cargo: &[
            "run",
            "--package",
            "jooper-gmail",
            "--example",
            "gmail_faults",
            "--",
        ],
        seeds: 200,
    },
    Campaign {
        name: "storage-histories",
        law: "L1",
        about: "random histories on memory, SQLite and PostgreSQL, every answer compared",
        cargo: &[
            "xtask",
            "with",
            "cargo",
            "run",
            "--package",
            "jooper-storage-postgres",
            "--example",
            "histories",
            "--",
        ],
        seeds: 10_000,
    },
    Campaign {
        name: "kills",
        law: "L1, L2, L3",
        about: "SIGKILLs of the real server over SQLite and PostgreSQL; a seed is a kill",
        cargo: &[
            "test",
            "--package",
            "reference-server",
            "--test",
            "kills_long",
            "--",
        ],
        seeds: 500,
    },
    Campaign {
        name: "fuzz-inbound",
        law: "L10",
        about: "fuzzes mail parser, classifier, reply text and sanitizer; a seed is a CPU minute of each",
        cargo: &[
            "run",
            "--release",
            "--manifest-path",
            "fuzz/Cargo.toml",
            "--package",
            "jooper-fuzz-campaign",
            "--",
        ],
        seeds: 10,
    },
    Campaign {
        name: "truncations",
        law: "L10",
        about: "every mail of ours cut off behind each of its bytes and read; a seed is a mail",
        cargo: &[
            "run",
            "--release",
            "--package",
            "jooper-message",
            "--example",
            "truncations",
            "--",
        ],
        seeds: 1_000,
    },
    Campaign {
        name: "gate-race",
        law: "L4",
        about: "senders against objectors on SQLite and PostgreSQL, 2,000 people a seed",
        cargo: &[
            "run",
            "--package",
            "jooper-conformance",
            "--example",
            "gate_race",
            "--",
        ],
        seeds: 20,
    },
    Campaign {
        name: "simulate",
        law: "L1",
        about: "whole campaigns with crashes between any two awaits; L1, L2, L3, L4, L12 judged",
        cargo: &[
            "run",
            "--release",
            "--package",
            "jooper-sim",
            "--bin",
            "simulate",
            "--",
            "--crash-factor",
            "4",
        ],
        // About 270 crashes a seed; a million needs some 3,720 seeds.
        seeds: 3_800,
    },
];

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// The campaign; none lists them.
    pub(crate) name: Option<String>,
    /// How many seeds.
    pub(crate) seeds: Option<u64>,
    /// The first seed.
    pub(crate) first_seed: Option<u64>,
}

/// Lists the campaigns of `table`, or runs the one that was asked for; returns whether it held.
///
/// # Errors
/// When there is no such campaign, it fails, or it prints no figure.
pub(crate) fn run(request: &Request, table: &[Campaign]) -> Result<bool, Failure> {
    let Some(name) = &request.name else {
        print!("{}", list(table));
        return Ok(true);
    };
    let campaign = table
        .iter()
        .find(|row| row.name == name)
        .ok_or_else(|| Failure(format!("no campaign `{name}`; {}", list(table).trim_end())))?;
    let workspace = Workspace::read()?;
    let guard = Guard::start()?;
    let mut command = run::cargo(&workspace.root);
    let (seeds, first) = seeds(request, campaign);
    command.args(arguments(campaign, seeds, first));
    let shown = run::show(&command);
    // Cheap where a server is named; a campaign that needs none does not mind.
    let mut report = Report::default();
    let services = Services::provide(&[Need::Postgres], &workspace, &guard, &mut report);
    services.apply(&mut command);
    let watch = clock::Stopwatch::start();
    let mut figure = None;
    let outcome = run::run_reading(&guard, &mut command, |line| {
        if let Some(text) = line.strip_prefix("figure: ") {
            figure = Some(text.trim().to_owned());
        }
    });
    guard.finish()?;
    outcome.map_err(|e| Failure(format!("campaign `{name}` FAILED, {e}: {shown}")))?;
    let figure = figure.ok_or_else(|| Failure(format!("`{name}` printed no line `figure: `")))?;
    println!("\nin {}; for docs/laws.md:", clock::show(watch.elapsed()));
    println!(
        "{}",
        row(campaign, &figure, seeds, first, &shown, &clock::today())
    );
    Ok(true)
}

fn seeds(request: &Request, campaign: &Campaign) -> (u64, u64) {
    (
        request.seeds.unwrap_or(campaign.seeds),
        request.first_seed.unwrap_or(0),
    )
}

fn arguments(campaign: &Campaign, seeds: u64, first: u64) -> Vec<String> {
    let mut words: Vec<String> = campaign.cargo.iter().map(|&word| word.into()).collect();
    words.extend(["--seeds".into(), seeds.to_string()]);
    words.extend(["--first-seed".into(), first.to_string()]);
    words
}

fn list(table: &[Campaign]) -> String {
    if table.is_empty() {
        return "no long campaign is registered yet\n".into();
    }
    let line = |row: &Campaign| {
        let (name, law, about, seeds) = (row.name, row.law, row.about, row.seeds);
        format!("{name:<20} {law:<6} {about} ({seeds} seeds)\n")
    };
    table.iter().map(line).collect()
}

fn row(
    campaign: &Campaign,
    figure: &str,
    seeds: u64,
    first: u64,
    shown: &str,
    day: &str,
) -> String {
    let last = first.saturating_add(seeds.saturating_sub(1));
    let law = campaign.law;
    format!("| {law} | {figure} | {first}..={last} | `{shown}` | {day} |")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[Campaign] = &[Campaign {
        name: "crash",
        law: "L1",
        about: "kills the runner at every step",
        cargo: &["run", "-p", "sim", "--"],
        seeds: 500,
    }];

    #[test]
    fn seeds_default_to_the_table_and_bend_to_the_request() {
        let mut request = Request::default();
        assert_eq!(seeds(&request, &SAMPLE[0]), (500, 0));
        request.seeds = Some(9);
        request.first_seed = Some(40);
        assert_eq!(seeds(&request, &SAMPLE[0]), (9, 40));
        assert_eq!(
            arguments(&SAMPLE[0], 9, 40).join(" "),
            "run -p sim -- --seeds 9 --first-seed 40"
        );
    }

    #[test]
    fn the_row_can_be_pasted_and_run_again() {
        let row = row(
            &SAMPLE[0],
            "0 of 9 sent twice",
            9,
            40,
            "cargo run",
            "2026-01-02",
        );
        assert_eq!(
            row,
            "| L1 | 0 of 9 sent twice | 40..=48 | `cargo run` | 2026-01-02 |"
        );
    }

    #[test]
    fn an_unknown_campaign_is_named_with_those_that_exist() {
        let request = Request {
            name: Some("crsh".into()),
            ..Request::default()
        };
        let wrong = run(&request, SAMPLE).unwrap_err();
        assert!(
            wrong.0.contains("`crsh`") && wrong.0.contains("crash "),
            "{wrong}"
        );
        assert!(run(&Request::default(), SAMPLE).unwrap());
        assert!(list(&[]).contains("no long campaign"));
    }

    #[test]
    fn registered_names_are_unique_and_their_laws_are_laws() {
        let mut names: Vec<&str> = CAMPAIGNS.iter().map(|row| row.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CAMPAIGNS.len());
        assert!(CAMPAIGNS.iter().all(|row| row.law.starts_with('L')));
    }
}
