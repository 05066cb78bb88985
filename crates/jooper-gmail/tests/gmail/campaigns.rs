//! The seeds of every day; `examples/gmail_faults.rs` runs thousands.

use crate::campaign::run;
use crate::tally::Tally;

/// Seeds that ever failed stay here.
/// 2: a reply fell between a full search and the history behind it, because the list lagged.
/// 71: a later page of history came from a view that lagged, and the cursor went to the end of the
/// first page's view.
const ONCE_FAILED: [u64; 2] = [2, 71];

async fn seeds(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        tally.add(run(seed).await);
    }
    tally
}

#[tokio::test]
async fn ten_seeds_of_faults_lose_nothing_and_send_nothing_twice() {
    let tally = seeds((1_000..1_010).chain(ONCE_FAILED)).await;
    assert!(tally.sends >= 100, "{tally:?}");
    assert!(
        tally.unknown >= 10 && tally.resolved >= 5 && tally.faults >= 200,
        "{tally:?}"
    );
    let met = tally.late_answers >= 5 && tally.withheld >= 5 && tally.pushes >= 20;
    assert!(met, "{tally:?}");
    assert_eq!(tally.idle(), [""; 0], "{tally:?}");
}
