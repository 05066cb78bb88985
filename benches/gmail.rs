//! What Gmail costs: API units of a mailbox's day beside Google's budget of 2026, and the memory of one
//! process that serves a thousand mailboxes: by the transport alone, and by the whole engine over days
//! of a campaign.
//!
//! `cargo bench --bench gmail`; `-- --only units`, `transport` or `engine` for one part. Everything
//! runs against the Google simulator over real HTTP on loopback; for the memory it runs in a process of
//! its own, so that only ours is counted.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark tells and ends"
)]

#[path = "parts/google.rs"]
mod google;
#[path = "parts/lanes.rs"]
mod lanes;
#[path = "parts/mailboxes.rs"]
mod mailboxes;
#[path = "parts/office.rs"]
mod office;
#[path = "parts/units.rs"]
mod units;
#[path = "../tests/world/mod.rs"]
mod world;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == google::CHILD) {
        return google::child(&words[1..]);
    }
    let mut only = words.iter().skip_while(|word| *word != "--only").skip(1);
    let only = only.next().map_or("", String::as_str);
    let wanted = |part: &str| only.is_empty() || only == part;
    let held = office::block_on(async {
        let mut held = true;
        if wanted("units") {
            held &= units::measure().await;
        }
        if wanted("transport") {
            held &= mailboxes::measure().await;
        }
        if wanted("engine") {
            held &= lanes::measure().await;
        }
        held
    });
    assert!(held, "a line marked with ! was not held");
}
