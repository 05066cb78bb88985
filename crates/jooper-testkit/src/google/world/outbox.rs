//! Requests that the simulated world makes of the outside: one-click posts and push notifications.
//!
//! They stay listed until done, so that a restart makes up for what it interrupted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::faults::PushFault;

/// One outgoing HTTP POST.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Errand {
    /// RFC 8058 section 3.2.
    OneClick {
        send: u64,
        recipient: String,
        url: String,
        attempt: u32,
    },
    /// A Pub/Sub push; repeated until acknowledged.
    Push {
        message_id: u64,
        sub: String,
        project: String,
        history_id: u64,
        attempt: u32,
        published_at: i64,
        flaw: Option<PushFault>,
    },
}

/// Errands not yet done.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outbox {
    waiting: BTreeMap<u64, Errand>,
    added: u64,
}

impl Outbox {
    pub(crate) fn add(&mut self, errand: Errand) {
        self.added += 1;
        self.waiting.insert(self.added, errand);
    }

    pub(crate) fn first(&self) -> Option<(u64, Errand)> {
        self.waiting
            .first_key_value()
            .map(|(key, errand)| (*key, errand.clone()))
    }

    pub(crate) fn take(&mut self, key: u64) -> Option<Errand> {
        self.waiting.remove(&key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
