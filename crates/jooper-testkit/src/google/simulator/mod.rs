//! A running simulator, as tests and demos hold it.

mod change;
mod look;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

pub use self::change::Tokens;
pub use self::look::StoredMessage;
use super::builder::{DEFAULT_CLIENT, DEFAULT_PROJECT, DEFAULT_SECRET, GoogleSimulatorBuilder};
use super::clock::SimClock;
use super::error::SimulatorError;
use super::ledger::Ledger;
use super::serve::Hub;
use super::world::World;

/// A simulator that is listening on loopback until it is shut down or dropped.
#[derive(Debug)]
pub struct GoogleSimulator {
    pub(super) hub: Arc<Hub>,
    tasks: Vec<JoinHandle<()>>,
    root: String,
    control: String,
}

impl GoogleSimulator {
    /// Begins to set one up.
    pub fn builder() -> GoogleSimulatorBuilder {
        GoogleSimulatorBuilder::new()
    }

    pub(crate) fn running(
        hub: Arc<Hub>,
        tasks: Vec<JoinHandle<()>>,
        google: &str,
        control: &str,
    ) -> Self {
        Self {
            hub,
            tasks,
            root: format!("http://{google}"),
            control: format!("http://{control}/_sim"),
        }
    }

    /// The root of every Google path.
    #[must_use]
    pub fn accounts_url(&self) -> String {
        self.root.clone()
    }

    /// The authorisation endpoint.
    #[must_use]
    pub fn authorize_url(&self) -> String {
        format!("{}/o/oauth2/v2/auth", self.root)
    }

    /// The token endpoint.
    #[must_use]
    pub fn token_url(&self) -> String {
        format!("{}/token", self.root)
    }

    /// The revocation endpoint.
    #[must_use]
    pub fn revoke_url(&self) -> String {
        format!("{}/revoke", self.root)
    }

    /// The key set.
    #[must_use]
    pub fn certs_url(&self) -> String {
        format!("{}/oauth2/v3/certs", self.root)
    }

    /// The userinfo endpoint.
    #[must_use]
    pub fn userinfo_url(&self) -> String {
        format!("{}/v1/userinfo", self.root)
    }

    /// The Gmail root: `gmail/v1/…` and `upload/gmail/v1/…` come after a slash.
    #[must_use]
    pub fn gmail_url(&self) -> String {
        self.root.clone()
    }

    /// The batch endpoint.
    #[must_use]
    pub fn batch_url(&self) -> String {
        format!("{}/batch/gmail/v1", self.root)
    }

    /// The root of the control API, on a listener of its own.
    #[must_use]
    pub fn control_url(&self) -> String {
        self.control.clone()
    }

    /// Id and secret of the client that exists unless the builder named others.
    #[must_use]
    pub fn default_client() -> (&'static str, &'static str) {
        (DEFAULT_CLIENT, DEFAULT_SECRET)
    }

    /// The project that exists unless the builder named others.
    #[must_use]
    pub fn default_project() -> &'static str {
        DEFAULT_PROJECT
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &SimClock {
        &self.hub.clock
    }

    /// Lets everything happen that is due by now, requests to the outside included.
    pub async fn settle(&self) {
        self.hub.run_errands().await;
    }

    /// Moves time forward and lets everything happen that is due by then.
    pub async fn advance(&self, by: Duration) {
        self.hub.clock.advance(by);
        self.settle().await;
    }

    /// When the next reaction or notification is due, in virtual milliseconds since 1970.
    #[must_use]
    pub fn next_event_at(&self) -> Option<i64> {
        self.hub.peek().agenda.next_at()
    }

    /// The ledger as it stands.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        Ledger::of(&self.hub.enter())
    }

    /// Stops answering, closes both listeners, and stores the state with the clock's last reading.
    pub async fn shutdown(mut self) {
        self.hub.close();
        for task in self.tasks.drain(..) {
            task.abort();
            // An aborted task's only news is that it was aborted.
            let _ = task.await;
        }
        self.change(|_| ());
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.hub.enter();
        let done = change(&mut world);
        world.touch();
        // A state that cannot be stored shows at the next request.
        let _ = self.hub.save(&mut world);
        done
    }
}

impl Drop for GoogleSimulator {
    fn drop(&mut self) {
        self.hub.close();
        for task in &self.tasks {
            task.abort();
        }
    }
}

pub(super) fn sub_of(world: &World, email: &str) -> Result<String, SimulatorError> {
    world
        .directory
        .find(email)
        .map(|user| user.sub.clone())
        .ok_or_else(|| SimulatorError::Unknown {
            kind: "account",
            name: email.to_owned(),
        })
}
