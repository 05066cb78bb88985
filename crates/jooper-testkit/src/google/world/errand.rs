//! What an errand's end means for the world.

use super::super::gmail::acknowledged;
use super::super::knobs::{MINUTE, SECOND};
use super::super::ledger::OneClickPost;
use super::{Errand, Event, World};

/// A one-click post that reaches no server is tried so often again.
const ONE_CLICK_ATTEMPTS: u32 = 10;
/// Pub/Sub gives up on a push after seven days; so many attempts are past that.
const PUSH_ATTEMPTS: u32 = 60;

impl World {
    /// Takes an errand off the list, and plans another attempt where one is due.
    pub(crate) fn errand_done(&mut self, key: u64, status: u16) {
        let Some(errand) = self.outbox.take(key) else {
            return;
        };
        self.touch();
        match errand {
            Errand::OneClick {
                send,
                recipient,
                url,
                attempt,
            } if status == 0 && attempt < ONE_CLICK_ATTEMPTS => {
                let again = Errand::OneClick {
                    send,
                    recipient,
                    url,
                    attempt: attempt + 1,
                };
                self.agenda
                    .plan(self.now + 10 * MINUTE, Event::Errand(again));
            }
            Errand::OneClick {
                send,
                recipient,
                url,
                ..
            } => {
                self.ledger.one_clicks.push(OneClickPost {
                    send,
                    recipient,
                    at_ms: self.now,
                    url,
                    status,
                });
            }
            Errand::Push {
                message_id,
                sub,
                project,
                history_id,
                attempt,
                published_at,
                ..
            } if !acknowledged(status) && attempt < PUSH_ATTEMPTS => {
                // A flaw is of one attempt; the real thing follows.
                let again = Errand::Push {
                    message_id,
                    sub,
                    project,
                    history_id,
                    attempt: attempt + 1,
                    published_at,
                    flaw: None,
                };
                let wait = (10 * SECOND) << attempt.min(6);
                self.agenda.plan(self.now + wait, Event::Errand(again));
            }
            Errand::Push { .. } => {}
        }
    }
}
