//! No send starts behind an acknowledged stop (law L4), and a look before sending is not enough.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

mod support;

use support::World;
use support::race::{Design, Outcome, populate, race};

/// The full size, on both databases, is `cargo xtask long gate-race`.
const SEEDS: u64 = 8;
const PEOPLE: usize = 2_000;

async fn all(design: Design, seeds: u64) -> Outcome {
    let mut sum = Outcome::default();
    for seed in 1..=seeds {
        let world = World::new().await;
        populate(&world, PEOPLE as u128).await;
        sum.add(race(&world, PEOPLE, design, seed).await);
    }
    println!("{design:?}: {sum:?}");
    sum
}

#[tokio::test]
async fn no_send_starts_behind_an_acknowledged_stop() {
    let sum = all(Design::Permit, SEEDS).await;
    assert_eq!(sum.late, 0, "{sum:?}");
    assert!(sum.sends > 5_000 && sum.objections > 1_000, "{sum:?}");
}

#[tokio::test]
async fn looking_before_sending_is_not_enough() {
    let sum = all(Design::CheckThenSend, 2).await;
    assert!(sum.late > 0, "{sum:?}");
}

#[tokio::test]
async fn selecting_a_batch_before_sending_is_worse() {
    let batch = all(Design::BatchThenSend, 2).await;
    let check = all(Design::CheckThenSend, 2).await;
    assert!(batch.late > check.late, "{batch:?} {check:?}");
}
