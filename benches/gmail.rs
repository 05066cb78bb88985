//! What Gmail costs: API units of a mailbox's day beside Google's budget of 2026, and the memory of one
//! process that serves a thousand mailboxes.
//!
//! `cargo bench --bench gmail`. Everything runs against the Google simulator over real HTTP on loopback;
//! for the memory it runs in a process of its own, so that only ours is counted.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark tells and ends"
)]

#[path = "parts/mailboxes.rs"]
mod mailboxes;
#[path = "parts/office.rs"]
mod office;
#[path = "parts/units.rs"]
mod units;

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    match words.next().as_deref() {
        Some(mailboxes::CHILD) => mailboxes::child(words.next().unwrap().parse().unwrap()),
        _ => {
            let held = office::block_on(async {
                let units = units::measure().await;
                units & mailboxes::measure().await
            });
            assert!(held, "a line marked with ! was not held");
        }
    }
}
