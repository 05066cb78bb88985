//! All state of the simulated world behind one lock, and the passing of its time.

mod agenda;
mod errand;
mod journal;
mod outbox;
mod spool;
mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::accounts::{Directory, UserSpec};
use super::draw::draw;
use super::error::SimulatorError;
use super::faults::FaultBoard;
use super::gmail::{PushTarget, QuotaLedger, SendingLedger};
use super::knobs::Knobs;
use super::ledger::LedgerState;
use super::mailbox::{Change, Mailbox};
use super::population::Population;
use super::token::{Grants, SigningKeys};

pub(crate) use self::agenda::{Agenda, Event};
pub(crate) use self::journal::{Deed, Entry};
pub(crate) use self::outbox::{Errand, Outbox};
pub(crate) use self::spool::{Blob, Spool};
pub(crate) use self::store::StateFile;

/// The whole world; everything in it is drawn from the seed or was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) seed: u64,
    /// The present, set whenever someone enters.
    pub(crate) now: i64,
    /// Base URL of the Google listener.
    #[serde(skip)]
    pub(crate) root: String,
    pub(crate) knobs: Knobs,
    pub(crate) directory: Directory,
    pub(crate) grants: Grants,
    pub(crate) keys: SigningKeys,
    /// By `sub`.
    pub(crate) mailboxes: BTreeMap<String, Mailbox>,
    pub(crate) ledger: LedgerState,
    pub(crate) population: Population,
    pub(crate) agenda: Agenda,
    pub(crate) outbox: Outbox,
    pub(crate) sending: SendingLedger,
    pub(crate) quota: QuotaLedger,
    pub(crate) faults: FaultBoard,
    /// Where notifications go, by project.
    pub(crate) pushes: BTreeMap<String, PushTarget>,
    pub(crate) pushed: u64,
    /// Calls that no Google surface knows.
    pub(crate) unexpected: Vec<String>,
    #[serde(skip)]
    pub(crate) spool: Spool,
    #[serde(skip)]
    changed: bool,
}

impl World {
    /// An empty world.
    pub(crate) fn new(seed: u64, now: i64) -> Result<Self, SimulatorError> {
        Ok(Self {
            seed,
            now,
            root: String::new(),
            knobs: Knobs::default(),
            directory: Directory::default(),
            grants: Grants::default(),
            keys: SigningKeys::generate()?,
            mailboxes: BTreeMap::new(),
            ledger: LedgerState::default(),
            population: Population::default(),
            agenda: Agenda::default(),
            outbox: Outbox::default(),
            sending: SendingLedger::default(),
            quota: QuotaLedger::default(),
            faults: FaultBoard::default(),
            pushes: BTreeMap::new(),
            pushed: 0,
            unexpected: Vec::new(),
            spool: Spool::default(),
            changed: true,
        })
    }

    /// Marks the state as different from what was stored.
    pub(crate) fn touch(&mut self) {
        self.changed = true;
    }

    /// Whether anything changed since the last call.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Adds an account and its empty mailbox; an account with that address stays as it is.
    pub(crate) fn add_user(&mut self, mut user: UserSpec) -> String {
        if let Some(known) = self.directory.find(&user.email) {
            return known.sub.clone();
        }
        if user.sub.is_empty() {
            user.sub = format!("1{:020}", draw(self.seed, &["sub", &user.email]));
        }
        let sub = user.sub.clone();
        let mut mailbox = Mailbox::default();
        mailbox.begin_history(self.seed, &sub);
        self.mailboxes.insert(sub.clone(), mailbox);
        self.directory.users.insert(sub.clone(), user);
        self.touch();
        sub
    }

    /// Lets virtual time reach `now`: everything due by then happens, each at its own instant.
    pub(crate) fn catch_up(&mut self, now: i64) {
        while let Some((due, event)) = self.agenda.take_due(now) {
            self.now = due;
            self.touch();
            match event {
                Event::Act {
                    send,
                    recipient,
                    act,
                } => super::population::perform(self, send, &recipient, &act),
                Event::Errand(errand) => self.outbox.add(errand),
            }
        }
        self.now = now;
        let before = now - self.knobs.history_horizon_ms;
        for mailbox in self.mailboxes.values_mut() {
            mailbox.expire_history(before);
        }
    }

    /// Changes labels as the owner (or a filter) would, with the history that follows.
    pub(crate) fn relabel(&mut self, sub: &str, id: &str, add: &[&str], remove: &[&str]) -> bool {
        self.touch();
        let (seed, now) = (self.seed, self.now);
        let done = self
            .mailboxes
            .get_mut(sub)
            .is_some_and(|mailbox| mailbox.relabel(seed, sub, now, id, add, remove));
        self.notify(sub);
        done
    }

    /// Deletes a message for good.
    pub(crate) fn delete_message(&mut self, sub: &str, id: &str) -> bool {
        self.touch();
        let (seed, now) = (self.seed, self.now);
        let done = self
            .mailboxes
            .get_mut(sub)
            .is_some_and(|mailbox| mailbox.delete(seed, sub, now, id));
        self.notify(sub);
        done
    }

    /// Puts an arriving message into a mailbox; junk goes to SPAM.
    pub(crate) fn deliver(&mut self, sub: &str, raw: Vec<u8>, junk: bool) -> Option<String> {
        self.touch();
        let mailbox = self.mailboxes.get_mut(sub)?;
        let mail = super::mime::Mail::parse(&raw);
        let thread = super::mailbox::thread_for_inbound(mailbox, &self.knobs, &mail);
        let labels = if junk {
            vec![super::mailbox::SPAM, super::mailbox::UNREAD]
        } else {
            vec![super::mailbox::INBOX, super::mailbox::UNREAD]
        };
        let place = super::mailbox::Placement {
            labels,
            thread,
            at: self.now,
        };
        let id = mailbox.insert(self.seed, sub, &self.knobs, &mut self.spool, raw, &place);
        self.notify(sub);
        Some(id)
    }

    /// Tells watchers of a mailbox about its newest record.
    pub(crate) fn notify(&mut self, sub: &str) {
        let newest = self
            .mailboxes
            .get(sub)
            .and_then(|mailbox| mailbox.history.last())
            .map(|record| (record.labels.clone(), record.change.clone()));
        if let Some((mut labels, change)) = newest {
            if let Change::LabelsRemoved(gone) = change {
                labels.extend(gone);
            }
            super::gmail::notify_watchers(self, sub, &labels);
        }
    }
}
