//! What leaves the simulator on its own: one-click posts and push notifications.

use std::sync::Arc;
use std::time::Duration;

use super::super::gmail::push_request;
use super::super::rt;
use super::super::world::{Deed, Errand};
use super::Hub;

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
            let status = match &errand {
                Errand::OneClick { url, .. } => self.one_click(url).await,
                Errand::Push { .. } => self.push(&errand).await,
            };
            let mut world = self.peek();
            world.errand_done(key, status);
            // A state that cannot be stored shows at the next request.
            let _ = self.log(&mut world, || Deed::Errand { key, status });
        }
    }

    async fn one_click(&self, url: &str) -> u16 {
        // RFC 8058 section 3.1: exactly this pair, as a form.
        let post = self
            .client
            .post(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        post.send()
            .await
            .map_or(0, |answer| answer.status().as_u16())
    }

    async fn push(&self, errand: &Errand) -> u16 {
        let Some(request) = push_request(&self.peek(), errand) else {
            // Target or account are gone: nobody is left to tell.
            return 204;
        };
        let post = self.client.post(&request.url).bearer_auth(&request.token);
        let post = post
            .header("Content-Type", "application/json")
            .body(request.body.to_string());
        post.send()
            .await
            .map_or(0, |answer| answer.status().as_u16())
    }
}
