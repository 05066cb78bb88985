//! A running simulator, as tests and demos hold it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::accounts::{ClientSpec, ConsentScript, ProjectSpec, UserSpec};
use super::builder::{DEFAULT_CLIENT, DEFAULT_PROJECT, DEFAULT_SECRET, GoogleSimulatorBuilder};
use super::clock::SimClock;
use super::error::SimulatorError;
use super::faults::{FaultRule, FiredFault};
use super::gmail::PushTarget;
use super::knobs::Knobs;
use super::ledger::Ledger;
use super::population::{Behavior, Inbound, Mix, perform, set_behavior};
use super::serve::Hub;
use super::token::DeathCause;
use super::world::World;

/// A simulator that is listening on loopback until it is shut down or dropped.
#[derive(Debug)]
pub struct GoogleSimulator {
    hub: Arc<Hub>,
    tasks: Vec<JoinHandle<()>>,
    root: String,
    control: String,
}

/// Tokens that a test was given without going through the consent screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// A fresh access token.
    pub access_token: String,
    /// The refresh token behind it.
    pub refresh_token: String,
}

/// A message as the simulator stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredMessage {
    /// Gmail's id.
    pub id: String,
    /// Gmail's thread id.
    pub thread_id: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Virtual milliseconds since 1970.
    pub at_ms: i64,
    /// The bytes.
    pub raw: Vec<u8>,
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

    /// Adds an account; answers its `sub`. One that exists already stays as it is.
    pub fn add_user(&self, user: UserSpec) -> String {
        self.change(|world| world.add_user(user))
    }

    /// Changes an account: its aliases, its kind, its administrator's mind.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn change_user(
        &self,
        email: &str,
        change: impl FnOnce(&mut UserSpec),
    ) -> Result<(), SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            if let Some(user) = world.directory.users.get_mut(&sub) {
                change(user);
            }
            Ok(())
        })
    }

    /// Adds or replaces a project.
    pub fn add_project(&self, project: ProjectSpec) {
        self.change(|world| {
            world.directory.projects.insert(project.id.clone(), project);
        });
    }

    /// Adds or replaces a client.
    pub fn add_client(&self, client: ClientSpec) {
        self.change(|world| {
            world
                .directory
                .clients
                .insert(client.client_id.clone(), client);
        });
    }

    /// Queues what an account's owner does at the next consent screen.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn script_consent(&self, email: &str, script: ConsentScript) -> Result<(), SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            world
                .directory
                .consents
                .entry(sub)
                .or_default()
                .push(script);
            Ok(())
        })
    }

    /// Sets who the browser is signed in as when a request names nobody.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn sign_in(&self, email: &str) -> Result<(), SimulatorError> {
        self.change(|world| {
            world.directory.signed_in = Some(sub_of(world, email)?);
            Ok(())
        })
    }

    /// Gives out tokens for these scopes without a consent screen.
    ///
    /// # Errors
    /// When account or client do not exist.
    pub fn grant(
        &self,
        email: &str,
        client_id: &str,
        scopes: &[&str],
    ) -> Result<Tokens, SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            let unknown = || SimulatorError::Unknown {
                kind: "client",
                name: client_id.to_owned(),
            };
            let project = world
                .directory
                .project_of(client_id)
                .cloned()
                .ok_or_else(unknown)?;
            let (access_token, refresh_token) =
                super::token::grant_directly(world, &sub, client_id, &project, scopes);
            Ok(Tokens {
                access_token,
                refresh_token,
            })
        })
    }

    /// Ends every grant of an account, as that cause does.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn end_grants(&self, email: &str, cause: DeathCause) -> Result<(), SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            world.grants.end_user(&sub, cause);
            Ok(())
        })
    }

    /// Publishes a new signing key and withdraws the oldest.
    ///
    /// # Errors
    /// When the crypto library fails.
    pub fn rotate_keys(&self) -> Result<(), SimulatorError> {
        self.change(|world| world.keys.rotate())
    }

    /// Sets how an address outside Google behaves.
    pub fn set_behavior(&self, address: &str, behavior: Behavior) {
        self.change(|world| set_behavior(world, address, behavior));
    }

    /// Sets how addresses behave that nobody set and nobody wrote to yet.
    pub fn set_mix(&self, mix: Mix) {
        self.change(|world| world.population.mix = mix);
    }

    /// Changes the knobs.
    pub fn set_knobs(&self, change: impl FnOnce(&mut Knobs)) {
        self.change(|world| change(&mut world.knobs));
    }

    /// Sets where a project's notifications are pushed to.
    pub fn set_push(&self, project: &str, target: PushTarget) {
        self.change(|world| {
            world.pushes.insert(project.to_owned(), target);
        });
    }

    /// Puts a fault in force; answers its number.
    pub fn add_fault(&self, rule: FaultRule) -> u64 {
        self.change(|world| world.faults.add(rule))
    }

    /// Takes a fault out of force.
    pub fn remove_fault(&self, id: u64) -> bool {
        self.change(|world| world.faults.remove(id))
    }

    /// Takes all faults out of force.
    pub fn clear_faults(&self) {
        self.change(|world| world.faults.clear());
    }

    /// Every fault that happened, oldest first.
    #[must_use]
    pub fn fired_faults(&self) -> Vec<FiredFault> {
        self.hub.peek().faults.fired.clone()
    }

    /// Makes a recipient (or a server on the way) react to an accepted send at once.
    pub fn react(&self, send: u64, recipient: &str, act: &Inbound) {
        self.change(|world| perform(world, send, &recipient.to_lowercase(), act));
    }

    /// Puts any mail into an account's inbox, or into its spam; answers Gmail's id.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn deliver(&self, email: &str, raw: &[u8], junk: bool) -> Result<String, SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            world
                .deliver(&sub, raw.to_vec(), junk)
                .ok_or(SimulatorError::Unknown {
                    kind: "mailbox",
                    name: email.to_owned(),
                })
        })
    }

    /// Adds and removes labels of a message, as its owner would.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn relabel(
        &self,
        email: &str,
        message_id: &str,
        add: &[&str],
        remove: &[&str],
    ) -> Result<bool, SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            Ok(world.relabel(&sub, message_id, add, remove))
        })
    }

    /// Deletes a message for good, as its owner would.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn delete_message(&self, email: &str, message_id: &str) -> Result<bool, SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            Ok(world.delete_message(&sub, message_id))
        })
    }

    /// Counts messages that other programs sent for an account today.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn sent_elsewhere(&self, email: &str, messages: u64) -> Result<(), SimulatorError> {
        self.change(|world| {
            let sub = sub_of(world, email)?;
            world.sending.add(&sub, world.now, messages);
            Ok(())
        })
    }

    /// Every message in an account's mailbox, oldest first.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn mailbox(&self, email: &str) -> Result<Vec<StoredMessage>, SimulatorError> {
        let world = self.hub.enter();
        let sub = sub_of(&world, email)?;
        let mut all: Vec<StoredMessage> = world
            .mailboxes
            .get(&sub)
            .map(super::mailbox::Mailbox::newest_first)
            .unwrap_or_default()
            .into_iter()
            .map(|message| StoredMessage {
                id: message.id.clone(),
                thread_id: message.thread.clone(),
                labels: message.labels.iter().cloned().collect(),
                at_ms: message.internal_ms,
                raw: world.spool.get(message.raw).to_vec(),
            })
            .collect();
        all.reverse();
        Ok(all)
    }

    /// Quota units that an account's calls have cost.
    #[must_use]
    pub fn quota_units(&self, email: &str) -> u64 {
        self.hub
            .peek()
            .quota
            .totals
            .get(&email.to_lowercase())
            .copied()
            .unwrap_or(0)
    }

    /// Most units that any user spent in one minute, and calls refused for quota.
    #[must_use]
    pub fn quota_peak(&self) -> (u64, u64) {
        let world = self.hub.peek();
        (world.quota.peak_user_minute, world.quota.refused)
    }

    /// Calls that no surface of the simulator knows; a test should find none.
    #[must_use]
    pub fn unexpected_calls(&self) -> Vec<String> {
        self.hub.peek().unexpected.clone()
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

    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
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

fn sub_of(world: &World, email: &str) -> Result<String, SimulatorError> {
    world
        .directory
        .find(email)
        .map(|user| user.sub.clone())
        .ok_or_else(|| SimulatorError::Unknown {
            kind: "account",
            name: email.to_owned(),
        })
}
