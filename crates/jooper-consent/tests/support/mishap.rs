//! What befalls a few senders in real time, where no clock can be moved and a lease lasts.

use std::time::Duration;

use futures_util::future::join;
use jooper_consent::SendPermit;
use jooper_core::Sleeper;

use super::race::Board;
use super::{Napping, World};

/// What befalls a sender that holds a permit, while the person whom it writes to objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It begins, and dies: nobody gives the permit back.
    Crash,
    /// It is frozen before it begins, and wakes when the objection is acknowledged.
    Freeze,
    /// It is slow to begin, and yet within its deadline.
    Delay,
}

/// One after the other in the first half of a race. Each takes a sender away for up to a lease, so they
/// are few, and the other senders go on meanwhile.
const MISHAPS: [Mishap; 3] = [Mishap::Crash, Mishap::Freeze, Mishap::Delay];

const DELAY: Duration = Duration::from_secs(3);

impl Mishap {
    /// The one after so many, once the race has come far enough for it.
    pub fn due(happened: usize, n: usize, people: usize) -> Option<Self> {
        let from = people * (happened + 1) / (2 * MISHAPS.len());
        MISHAPS.get(happened).copied().filter(|_| n >= from)
    }

    pub async fn befall(self, world: &World, board: &Board, n: u128, permit: SendPermit) {
        match self {
            Self::Crash => {
                board.start_in_time(world, n, &permit);
                lease_runs_out(world, board, n, &permit).await;
            }
            Self::Freeze => {
                lease_runs_out(world, board, n, &permit).await;
                board.start_in_time(world, n, &permit);
                world.gate.release(permit).await.unwrap();
            }
            Self::Delay => {
                let begins = async {
                    let from = world.lease.now();
                    while world.lease.now().since(from) < DELAY {
                        Napping.sleep(DELAY).await;
                    }
                    board.start_in_time(world, n, &permit);
                    world.gate.release(permit).await.unwrap();
                };
                join(board.object(world, n), begins).await;
            }
        }
    }
}

/// The person objects while the permit is out, and nothing but its lease ends it.
async fn lease_runs_out(world: &World, board: &Board, n: u128, permit: &SendPermit) {
    let asked_at = world.store.now().await.unwrap();
    let ack = board.object(world, n).await;
    if ack.acknowledged_at < permit.lease_until() {
        board.hasty();
    } else if asked_at < permit.lease_until() {
        board.waited();
    }
}
