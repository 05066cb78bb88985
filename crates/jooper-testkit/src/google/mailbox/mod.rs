//! A Gmail mailbox: messages that never change, threads, labels that do, and the history of it all.

mod history;
mod insert;
mod threading;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub(crate) use self::history::{Change, Record};
pub(crate) use self::insert::Placement;
pub(crate) use self::threading::{thread_for_inbound, thread_for_send};
use super::world::Blob;

pub(crate) const SENT: &str = "SENT";
pub(crate) const INBOX: &str = "INBOX";
pub(crate) const UNREAD: &str = "UNREAD";
pub(crate) const SPAM: &str = "SPAM";
pub(crate) const TRASH: &str = "TRASH";

/// A stored message: the raw bytes lie in the spool, what listings need lies here.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) labels: BTreeSet<String>,
    pub(crate) history_id: u64,
    pub(crate) internal_ms: i64,
    /// When label listings show it.
    pub(crate) listed_at: i64,
    /// When searches find it, if ever.
    pub(crate) indexed_at: Option<i64>,
    pub(crate) raw: Blob,
    pub(crate) size: usize,
    /// Its `Message-ID`, brackets kept.
    pub(crate) rfc_id: String,
    pub(crate) subject: String,
    pub(crate) from: String,
    /// `To`, `Cc` and `Bcc` together.
    pub(crate) to: Vec<String>,
    pub(crate) snippet: String,
    pub(crate) attachment: bool,
    pub(crate) order: u64,
}

/// A push subscription of one project.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub(crate) topic: String,
    pub(crate) labels: Vec<String>,
    pub(crate) exclude: bool,
    pub(crate) expires_at: i64,
    pub(crate) last_push: i64,
}

/// One mailbox.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    pub(crate) messages: BTreeMap<String, Message>,
    pub(crate) threads: BTreeMap<String, Vec<String>>,
    pub(crate) history: Vec<Record>,
    pub(crate) history_id: u64,
    /// Nothing at or before this id can be listed any more.
    pub(crate) history_floor: u64,
    /// By Cloud project.
    pub(crate) watches: BTreeMap<String, Watch>,
    pub(crate) user_labels: BTreeMap<String, String>,
    by_rfc_id: BTreeMap<String, Vec<String>>,
    counter: u64,
    fetches: u64,
}

impl Mailbox {
    /// Messages with that `Message-ID`.
    pub(crate) fn with_rfc_id(&self, rfc_id: &str) -> impl Iterator<Item = &Message> {
        self.by_rfc_id
            .get(rfc_id)
            .into_iter()
            .flatten()
            .filter_map(|id| self.messages.get(id))
    }

    /// Messages from newest to oldest, as listings show them.
    pub(crate) fn newest_first(&self) -> Vec<&Message> {
        let mut all: Vec<&Message> = self.messages.values().collect();
        all.sort_by_key(|message| std::cmp::Reverse((message.internal_ms, message.order)));
        all
    }

    /// A number that grows with every fetch, for ids that change per fetch.
    pub(crate) fn next_fetch(&mut self) -> u64 {
        self.fetches += 1;
        self.fetches
    }
}
