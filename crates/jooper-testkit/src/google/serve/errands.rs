//! What leaves the simulator on its own: one-click posts and push notifications.

use std::sync::Arc;
use std::time::Duration;

use super::super::gmail::{acknowledged, push_request};
use super::super::knobs::{MINUTE, SECOND};
use super::super::ledger::OneClickPost;
use super::super::rt;
use super::super::world::{Errand, Event};
use super::Hub;

/// A one-click post that reaches no server is tried so often.
const ONE_CLICK_ATTEMPTS: u32 = 10;
/// Pub/Sub gives up on a push after seven days; so many attempts are past that.
const PUSH_ATTEMPTS: u32 = 60;

impl Hub {
    /// Lets time pass for as long as the simulator lives.
    pub(crate) async fn live(self: Arc<Self>) {
        while !self.is_closing() {
            self.run_errands().await;
            rt::pause(Duration::from_millis(5)).await;
        }
    }

    /// Does everything that is due by now; answers when nothing is left to do.
    pub(crate) async fn run_errands(&self) {
        let _turn = self.errands.lock().await;
        loop {
            let next = self.enter().outbox.first();
            let Some((key, errand)) = next else { return };
            match &errand {
                Errand::OneClick { .. } => self.one_click(key, &errand).await,
                Errand::Push { .. } => self.push(key, &errand).await,
            }
        }
    }

    async fn one_click(&self, key: u64, errand: &Errand) {
        let Errand::OneClick {
            send,
            recipient,
            url,
            attempt,
        } = errand
        else {
            return;
        };
        // RFC 8058 section 3.1: exactly this pair, as a form.
        let post = self
            .client
            .post(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        let status = post
            .send()
            .await
            .map_or(0, |answer| answer.status().as_u16());
        let mut world = self.peek();
        world.outbox.done(key);
        world.touch();
        let at_ms = world.now;
        if status == 0 && *attempt < ONE_CLICK_ATTEMPTS {
            let again = Errand::OneClick {
                send: *send,
                recipient: recipient.clone(),
                url: url.clone(),
                attempt: attempt + 1,
            };
            world.agenda.plan(at_ms + 10 * MINUTE, Event::Errand(again));
        } else {
            world.ledger.one_clicks.push(OneClickPost {
                send: *send,
                recipient: recipient.clone(),
                at_ms,
                url: url.clone(),
                status,
            });
        }
        // A state that cannot be stored shows at the next request.
        let _ = self.save(&mut world);
    }

    async fn push(&self, key: u64, errand: &Errand) {
        let request = push_request(&self.peek(), errand);
        let status = match request {
            Some(request) => {
                let post = self
                    .client
                    .post(&request.url)
                    .bearer_auth(&request.token)
                    .header("Content-Type", "application/json")
                    .body(request.body.to_string());
                post.send()
                    .await
                    .map_or(0, |answer| answer.status().as_u16())
            }
            None => 204,
        };
        let mut world = self.peek();
        world.outbox.done(key);
        world.touch();
        if !acknowledged(status)
            && let Errand::Push { attempt, .. } = errand
            && *attempt < PUSH_ATTEMPTS
        {
            let mut again = errand.clone();
            let wait = (10 * SECOND) << (*attempt).min(6);
            if let Errand::Push { attempt, flaw, .. } = &mut again {
                *attempt += 1;
                // A flaw is of one attempt; the real thing follows.
                *flaw = None;
            }
            let at = world.now + wait;
            world.agenda.plan(at, Event::Errand(again));
        }
        let _ = self.save(&mut world);
    }
}
