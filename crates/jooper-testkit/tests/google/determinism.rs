//! The same calls under the same seed give the same world.

use std::time::Duration;

use jooper_testkit::google::{Ledger, Mix, UserSpec};
use serde_json::Value;

use crate::support::{ANN, client, mail, world};

async fn run(seed: u64) -> (Ledger, Vec<Value>, Vec<Vec<u8>>) {
    let sim = world()
        .seed(seed)
        .mix(lively())
        .user(UserSpec::new("bob@firm.example"))
        .start()
        .await
        .unwrap();
    let start = client(&sim, ANN).cursor().await;
    for batch in 0..4 {
        let ann = client(&sim, ANN);
        for nth in 0..30 {
            ann.send(
                &mail(
                    &format!("p{batch}x{nth}@other.example"),
                    &format!("Offer {nth}"),
                    "",
                ),
                None,
            )
            .await;
        }
        sim.advance(Duration::from_secs(12 * 3600)).await;
    }
    sim.advance(Duration::from_secs(3 * 86_400)).await;
    let history = client(&sim, ANN).history(&start).await;
    let mails = sim
        .mailbox(ANN)
        .unwrap()
        .into_iter()
        .map(|message| message.raw)
        .collect();
    (sim.ledger(), history, mails)
}

fn lively() -> Mix {
    let mut mix = Mix::default();
    (mix.reply, mix.away, mix.hard_bounce, mix.odd, mix.touches) = (300, 150, 150, 150, 1);
    mix
}

#[tokio::test]
async fn one_seed_gives_one_ledger_one_history_and_the_same_mail() {
    let (first, second, other) = (run(21).await, run(21).await, run(22).await);
    assert!(first.0.reactions().len() > 50);
    assert_eq!(first.0, second.0);
    assert_eq!(first.1, second.1);
    assert_eq!(first.2, second.2);
    assert_ne!(first.1, other.1);
}
