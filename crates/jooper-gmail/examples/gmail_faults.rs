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

fn number(name: &str) -> Option<u64> {
    let mut words = std::env::args().skip_while(|word| word != name);
    words.nth(1)?.parse().ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (seeds, first) = (
        number("--seeds").unwrap_or(200),
        number("--first-seed").unwrap_or(0),
    );
    let mut tally = campaign::Tally::default();
    for seed in first..first.saturating_add(seeds) {
        tally.add(campaign::run(seed).await);
    }
    let campaign::Tally {
        sends,
        attempts,
        sent,
        unknown,
        resolved,
        parked,
        given_up,
        replies,
        faults,
    } = tally;
    println!(
        "figure: {sends} sends in {attempts} attempts under {faults} faults: 0 accepted twice; {sent} sent, \
         {unknown} unknown ({resolved} resolved by evidence, {parked} parked), {given_up} not sent; \
         {replies} of {replies} replies found"
    );
}
