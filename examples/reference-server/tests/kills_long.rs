//! `cargo xtask long kills`: as many kills as it is told, half over SQLite, half over PostgreSQL.
//! `--seeds` counts kills.

#![allow(
    clippy::future_not_send,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that watches real processes in real time"
)]

#[path = "support/causes.rs"]
mod causes;
#[path = "support/kills.rs"]
mod kills;
#[path = "support/people.rs"]
mod people;
#[path = "support/postgres.rs"]
mod postgres;
mod support;

use kills::{Store, kill};

/// Kills of one campaign; then a new one begins.
const A_CAMPAIGN: usize = 25;

fn argument(name: &str, default: u64) -> u64 {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments
        .nth(1)
        .map_or(default, |text| text.parse().unwrap())
}

fn main() {
    let kills = usize::try_from(argument("--seeds", 500)).unwrap();
    let first = argument("--first-seed", 0);
    let sqlite = kill(Store::Sqlite, first, kills.div_ceil(2), A_CAMPAIGN);
    let postgres = kill(Store::Postgres, first + 1000, kills / 2, A_CAMPAIGN);
    let (sqlite, postgres) = (sqlite.join().unwrap(), postgres.join().unwrap());
    println!("SQLite:     {}", sqlite.told());
    println!("PostgreSQL: {}", postgres.told());
    let mut both = sqlite;
    both.add(&postgres);
    assert!(both.is_spread(), "the kills do not spread: {both:?}");
    println!("figure: {}", both.told());
}
