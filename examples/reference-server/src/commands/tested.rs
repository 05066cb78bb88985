//! What became of a test mail, on the command line.

use std::time::Duration;

use jooper::core::SendKey;
use jooper::sequence::Campaigns;
use uuid::Uuid;

use crate::demo::{pause, say};
use crate::error::{Context, ServerError};
use crate::place::Place;
use crate::web::{App, words};

/// How often a worker is looked after, in a second.
const LOOKS: u32 = 4;

/// Says what became of it, after so many seconds at most. A worker of another process can be at it only
/// where processes share the data.
pub(crate) async fn tell(
    app: &App,
    campaigns: &Campaigns,
    data: &Place,
    test: Uuid,
    seconds: u32,
) -> Result<(), ServerError> {
    let user = app.owner;
    let key = SendKey::Test { user, key: test };
    let mut tested = campaigns.tested(&key).await.context("the test")?;
    let shared = matches!(data, Place::Postgres(_));
    let mut looks = if shared {
        seconds.saturating_mul(LOOKS)
    } else {
        0
    };
    while looks > 0 && !tested.is_settled() {
        pause(Duration::from_secs(1) / LOOKS).await;
        tested = campaigns.tested(&key).await.context("the test")?;
        looks -= 1;
    }
    if tested.is_settled() {
        let (badge, says) = words::tested(tested);
        say(&format!("{}: {says}", badge.label));
    } else if shared {
        say(&format!(
            "It is still under way; see that a server runs. `campaign tested {test}` says later what \
             became of it."
        ));
    } else {
        say(&format!(
            "It goes when the server runs: start it. `campaign tested {test}` says what became of it \
             when the server is stopped again."
        ));
    }
    Ok(())
}
