//! The simulated provider: mailboxes, what it accepted, and what arrives.
//!
//! Its own list of accepted mails is the judge's truth; no crash reaches it.

mod arrivals;
mod mails;
mod transport;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper_core::{MailboxId, SendKey};
use jooper_transport::OutgoingMail;

use crate::chance::{Chance, Stream};
use crate::population::Reaction;
use crate::shape::Shape;

pub(crate) use arrivals::deliver;
pub(crate) use transport::SimTransport;

/// A mail in a mailbox.
#[derive(Debug, Clone)]
pub(crate) struct Mail {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) at: Timestamp,
    pub(crate) outgoing: bool,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) raw: Vec<u8>,
    /// From when on a search finds it (elapsed wall time).
    pub(crate) findable: u64,
}

impl Mail {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Something that a mail brings about later.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) mailbox: MailboxId,
    pub(crate) reaction: Reaction,
    pub(crate) key: SendKey,
    /// The mail it is about: its place in the mailbox.
    pub(crate) place: usize,
}

/// Everything at the provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) boxes: BTreeMap<MailboxId, Vec<Mail>>,
    pub(crate) accepted: BTreeMap<SendKey, u32>,
    pub(crate) pending: BTreeMap<(u64, u64), Pending>,
    /// Mailboxes whose grant is dead until they are connected again.
    pub(crate) dead: BTreeSet<MailboxId>,
    pub(crate) chance: Chance,
    pub(crate) people: Chance,
    /// For how long no search finds a mail, at least.
    pub(crate) hides_for: u64,
    shape: Shape,
    numbered: u64,
}

impl Provider {
    pub(crate) fn new(seed: u64, shape: Shape) -> Self {
        Self {
            boxes: BTreeMap::new(),
            accepted: BTreeMap::new(),
            pending: BTreeMap::new(),
            dead: BTreeSet::new(),
            chance: Chance::new(seed, Stream::Provider),
            people: Chance::new(seed, Stream::Population),
            hides_for: 0,
            shape,
            numbered: 0,
        }
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    /// Takes a mail: from here on it went.
    pub(crate) fn accept(
        &mut self,
        mailbox: MailboxId,
        key: SendKey,
        mail: &OutgoingMail,
        wall: Timestamp,
        elapsed: u64,
    ) -> Mail {
        let number = self.number();
        let id = format!("m{number}");
        let thread = mail
            .thread()
            .map_or_else(|| format!("t{number}"), str::to_owned);
        let mut headers = mails::headers_of(mail.raw());
        // As Gmail does: the Message-ID on the wire is the provider's own.
        headers.retain(|(name, _)| name != "Message-ID");
        headers.push(("Message-ID".to_owned(), format!("<{id}@provider.example>")));
        let lag = if self.chance.one_in(3) {
            self.chance.between(1, 40) * 60_000
        } else {
            0
        };
        let accepted = Mail {
            id,
            thread,
            at: wall,
            outgoing: true,
            headers,
            raw: mail.raw().to_vec(),
            findable: elapsed + lag.max(self.hides_for),
        };
        let mails = self.boxes.entry(mailbox).or_default();
        mails.push(accepted.clone());
        let place = mails.len() - 1;
        *self.accepted.entry(key).or_default() += 1;
        // Nobody answers a test.
        let reaction = match key {
            SendKey::Test { .. } => None,
            _ => Reaction::draw(&mut self.people, self.shape),
        };
        if let Some((reaction, after)) = reaction {
            let at = (elapsed + after, self.number());
            let pending = Pending {
                mailbox,
                reaction,
                key,
                place,
            };
            self.pending.insert(at, pending);
        }
        accepted
    }
}
