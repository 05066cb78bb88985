//! How a message enters a mailbox: one path for what the owner sends and for what arrives.

use std::collections::BTreeSet;

use super::super::draw::{between, chance, hex};
use super::super::knobs::Knobs;
use super::super::mime::{Mail, Part, addresses};
use super::super::world::Spool;
use super::{Change, Mailbox, Message};

/// Where a message goes.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    pub(crate) labels: Vec<&'static str>,
    /// An existing thread; a new one otherwise.
    pub(crate) thread: Option<String>,
    pub(crate) at: i64,
}

impl Mailbox {
    /// Stores a message, writes its history record, and plans when listings and searches show it.
    pub(crate) fn insert(
        &mut self,
        seed: u64,
        sub: &str,
        knobs: &Knobs,
        spool: &mut Spool,
        raw: Vec<u8>,
        place: &Placement,
    ) -> String {
        self.counter += 1;
        let nth = self.counter.to_string();
        // Gmail's ids grow with time; the drawn tail keeps them apart.
        let id = format!(
            "19{:08x}{}",
            (place.at / 1000) as u32,
            hex(seed, &["message", sub, &nth], 6)
        );
        let thread = place.thread.clone().unwrap_or_else(|| id.clone());
        let mail = Mail::parse(&raw);
        let part = Part::parse(&raw);
        let lag = between(
            seed,
            &["search-lag", sub, &nth],
            knobs.search_lag_min_ms,
            knobs.search_lag_max_ms,
        );
        let missing = chance(
            seed,
            &["search-missing", sub, &nth],
            knobs.search_missing_per_mille,
        );
        let recipients = ["To", "Cc", "Bcc"]
            .iter()
            .flat_map(|name| mail.headers(name))
            .flat_map(|value| addresses(&value));
        let message = Message {
            thread: thread.clone(),
            labels: place
                .labels
                .iter()
                .map(|label| (*label).to_owned())
                .collect::<BTreeSet<_>>(),
            history_id: 0,
            internal_ms: place.at / 1000 * 1000,
            listed_at: place.at + knobs.label_list_lag_ms,
            indexed_at: (!missing).then(|| place.at + lag),
            size: raw.len(),
            rfc_id: mail
                .ids("Message-ID")
                .into_iter()
                .next()
                .unwrap_or_default(),
            subject: mail.text("Subject").unwrap_or_default(),
            from: mail.text("From").unwrap_or_default(),
            to: recipients.map(|address| address.email).collect(),
            snippet: snippet(&part.readable()),
            attachment: part.has_attachment(),
            order: self.counter,
            raw: spool.put(raw),
            id: id.clone(),
        };
        self.by_rfc_id
            .entry(message.rfc_id.clone())
            .or_default()
            .push(id.clone());
        self.threads.entry(thread).or_default().push(id.clone());
        self.messages.insert(id.clone(), message);
        self.record(seed, sub, place.at, &id, Change::Added);
        id
    }
}

/// The first characters of the text, blanks folded.
fn snippet(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    folded.chars().take(200).collect()
}
