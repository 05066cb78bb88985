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
        let id = self.free_id(seed, sub, &nth, place.at);
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

    /// An id that no message and no thread has. Gmail's grow with time; the drawn tail keeps apart
    /// those of one second, and is drawn again where it does not.
    fn free_id(&self, seed: u64, sub: &str, nth: &str, at: i64) -> String {
        let mut draw = 0;
        loop {
            let again = draw.to_string();
            let mut key = vec!["message", sub, nth];
            if draw > 0 {
                key.push(&again);
            }
            let id = format!("19{:08x}{}", (at / 1000) as u32, hex(seed, &key, 6));
            if !self.messages.contains_key(&id) && !self.threads.contains_key(&id) {
                return id;
            }
            draw += 1;
        }
    }
}

/// The first characters of the text, blanks folded.
fn snippet(text: &str) -> String {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    folded.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_one_second_have_ids_of_their_own() {
        // The tail has 24 bits: among so many messages some draw the same.
        const MESSAGES: usize = 20_000;
        let mut mailbox = Mailbox::default();
        let mut spool = Spool::default();
        let place = Placement {
            labels: vec!["INBOX"],
            thread: None,
            at: 1_000_000,
        };
        let raw = b"Subject: x\r\n\r\nx\r\n";
        let knobs = Knobs::default();
        let ids: BTreeSet<String> = (0..MESSAGES)
            .map(|_| mailbox.insert(7, "sub", &knobs, &mut spool, raw.to_vec(), &place))
            .collect();
        assert_eq!(ids.len(), MESSAGES);
        assert_eq!(mailbox.messages.len(), MESSAGES);
        assert!(ids.iter().all(|id| id.len() == 16));
    }
}
