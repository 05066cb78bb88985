//! The long fault campaign: `--seeds N --first-seed S`, one line `figure: …` at the end.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    unreachable_pub,
    dead_code,
    reason = "a test"
)]

#[path = "../tests/gmail/campaign.rs"]
mod campaign;
#[path = "../tests/gmail/lab.rs"]
mod lab;
#[path = "../tests/gmail/pushes.rs"]
mod pushes;
#[path = "../tests/gmail/tally.rs"]
mod tally;
#[path = "../tests/gmail/weather.rs"]
mod weather;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use futures_util::FutureExt as _;

fn number(name: &str) -> Option<u64> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)?.parse().ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (seeds, first) = (
        number("--seeds").unwrap_or(200),
        number("--first-seed").unwrap_or(0),
    );
    let mut tally = tally::Tally::default();
    let mut failed = Vec::new();
    for seed in first..first.saturating_add(seeds) {
        // A seed that fails has said why; the others are still worth knowing.
        match AssertUnwindSafe(campaign::run(seed)).catch_unwind().await {
            Ok(one) => tally.add(one),
            Err(_) => failed.push(seed),
        }
    }
    if !failed.is_empty() {
        println!("seeds that failed: {failed:?}");
        return ExitCode::FAILURE;
    }
    let idle = tally.idle();
    if !idle.is_empty() {
        println!("faults that never struck, so that nothing was shown about them: {idle:?}");
        return ExitCode::FAILURE;
    }
    let (least, times) = tally
        .kinds
        .iter()
        .min_by_key(|(_, times)| **times)
        .expect("the campaign has faults");
    let least = format!(
        "each of {} kinds struck ({least} least often, {times} times)",
        tally.kinds.len()
    );
    let tally::Tally {
        sends,
        attempts,
        follow_ups,
        sent,
        unknown,
        resolved,
        unindexed,
        lagged,
        absent,
        unseen,
        unclear,
        late_answers,
        withheld,
        pushes,
        again,
        given_up,
        replies,
        faults,
        ..
    } = tally;
    println!(
        "figure: {sends} sends in {attempts} attempts, {follow_ups} of them into a thread, under {faults} faults, {least}: 0 accepted twice; {sent} sent, \
         {unknown} unknown ({resolved} resolved by evidence, {unindexed} of them where the search index \
         showed nothing; {lagged} first hidden by lag; parked: {absent} nowhere in a complete \
         search, {unseen} incomplete, {unclear} ambiguous), {given_up} not sent; {withheld} last bytes \
         withheld, {late_answers} answers behind the permit's end; {pushes} pushes, \
         {again} not kept at first; {replies} of \
         {replies} replies found"
    );
    ExitCode::SUCCESS
}
