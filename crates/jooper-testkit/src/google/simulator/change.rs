//! Changing a running world: accounts, grants, people, faults, mail.

use super::super::accounts::{ClientSpec, ConsentScript, ProjectSpec, UserSpec};
use super::super::error::SimulatorError;
use super::super::faults::FaultRule;
use super::super::gmail::PushTarget;
use super::super::knobs::Knobs;
use super::super::population::{Behavior, Inbound, Mix, perform, set_behavior};
use super::super::token::{DeathCause, grant_directly};
use super::{GoogleSimulator, sub_of};

/// Tokens that a test was given without going through the consent screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// A fresh access token.
    pub access_token: String,
    /// The refresh token behind it.
    pub refresh_token: String,
}

impl GoogleSimulator {
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
                grant_directly(world, &sub, client_id, &project, scopes);
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
}
