//! The gate's race at its full size: `--seeds N --first-seed S`, one line `figure: …` at the end.
//!
//! 2,000 recipients a seed, on SQLite and on PostgreSQL (`JOOPER_TEST_POSTGRES_URL`; `--only sqlite`
//! or `--only postgres` for one of them), and the same harness with a look before sending in place
//! of the gate.

#![allow(clippy::print_stdout, reason = "a program that prints its figure")]

#[path = "../tests/race_on/mod.rs"]
mod race_on;

use race_on::{Database, Design, Outcome, holds, run_abreast, search_late};

const PEOPLE: usize = 2_000;
/// So many seeds run side by side: a seed mostly waits for the disk.
const ABREAST: usize = 4;

fn text(name: &str) -> Option<String> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)
}

fn number(name: &str) -> Option<u64> {
    text(name)?.parse().ok()
}

fn told(outcome: Outcome) -> String {
    let Outcome {
        sends,
        objections,
        late,
        waited,
        hasty: _,
        overslept,
    } = outcome;
    let leases = match (waited, overslept) {
        (0, 0) => String::new(),
        _ => format!(", {waited} stops waited for a lease, {overslept} senders overslept theirs"),
    };
    format!("{sends} sends, {objections} objections, {late} late{leases}")
}

fn main() {
    let seeds = number("--seeds").unwrap_or(20);
    let first = number("--first-seed").unwrap_or(0);
    let all = || first..first.saturating_add(seeds);
    let mut figures = Vec::new();
    let only = text("--only");
    for database in [Database::Sqlite, Database::Postgres] {
        let name = format!("{database:?}").to_lowercase();
        if only.as_ref().is_some_and(|only| *only != name) {
            continue;
        }
        let gate = run_abreast(database, Design::Permit, all(), PEOPLE, ABREAST);
        holds(&gate);
        let check = search_late(database, PEOPLE);
        assert!(check.late > 0, "{database:?}: the harness finds nothing");
        figures.push(format!(
            "{database:?}: {} (check-then-send, until the first late: {})",
            told(gate),
            told(check)
        ));
    }
    println!("figure: {seeds} x {PEOPLE} people; {}", figures.join("; "));
}
