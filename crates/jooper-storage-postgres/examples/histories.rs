//! Many random histories on memory, SQLite and PostgreSQL: every answer must be the same.
//!
//! `--seeds N --first-seed S`, one line `figure: ...` at the end. The daily test of the same name
//! plays 200.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    reason = "a test"
)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/histories/mod.rs"]
mod histories;

fn number(name: &str) -> Option<u64> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)?.parse().ok()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (seeds, first) = (
        number("--seeds").unwrap_or(10_000),
        number("--first-seed").unwrap_or(0),
    );
    let answers = histories::play(first, seeds).await;
    println!(
        "figure: {seeds} random histories, {answers} answers each: memory, SQLite and PostgreSQL answer alike"
    );
}
