//! The ledger as tests read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::world::World;
use super::{Accepted, Disposition, OneClickPost, Reaction};

/// Posted and sent bytes of one send.
type Copies = (Arc<[u8]>, Arc<[u8]>);

/// A copy of the ledger at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    accepted: Vec<Accepted>,
    reactions: Vec<Reaction>,
    one_clicks: Vec<OneClickPost>,
    mime: Vec<Copies>,
}

impl Ledger {
    pub(crate) fn of(world: &World) -> Self {
        let mime = world
            .ledger
            .accepted
            .iter()
            .map(|send| (world.spool.get(send.posted), world.spool.get(send.sent)))
            .collect();
        Self {
            accepted: world.ledger.accepted.clone(),
            reactions: world.ledger.reactions.clone(),
            one_clicks: world.ledger.one_clicks.clone(),
            mime,
        }
    }

    /// Every accepted send, oldest first.
    #[must_use]
    pub fn accepted(&self) -> &[Accepted] {
        &self.accepted
    }

    /// Everything recipients did, oldest first.
    #[must_use]
    pub fn reactions(&self) -> &[Reaction] {
        &self.reactions
    }

    /// Every one-click unsubscribe that was posted.
    #[must_use]
    pub fn one_clicks(&self) -> &[OneClickPost] {
        &self.one_clicks
    }

    /// The exact bytes the client posted.
    #[must_use]
    pub fn posted(&self, send: u64) -> Option<&[u8]> {
        self.mime
            .get(usize::try_from(send).ok()?)
            .map(|pair| &*pair.0)
    }

    /// The bytes of the sent copy, after Gmail's changes.
    #[must_use]
    pub fn sent(&self, send: u64) -> Option<&[u8]> {
        self.mime
            .get(usize::try_from(send).ok()?)
            .map(|pair| &*pair.1)
    }

    /// The sends that went to an address.
    pub fn to<'a>(&'a self, recipient: &str) -> impl Iterator<Item = &'a Accepted> {
        let wanted = recipient.to_lowercase();
        self.accepted.iter().filter(move |send| {
            send.deliveries
                .iter()
                .any(|delivery| delivery.recipient == wanted)
        })
    }

    /// The sends whose `References` or `In-Reply-To` hold that token, with or without brackets.
    pub fn with_reference<'a>(&'a self, token: &str) -> impl Iterator<Item = &'a Accepted> {
        let wanted = format!("<{}>", token.trim_matches(['<', '>']));
        self.accepted
            .iter()
            .filter(move |send| send.references.contains(&wanted))
    }

    /// How many sends carried each reference: for a token that belongs to one attempt it must be 1.
    #[must_use]
    pub fn sends_per_reference(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for reference in self.accepted.iter().flat_map(|send| &send.references) {
            *counts.entry(reference.as_str()).or_insert(0) += 1;
        }
        counts
    }

    /// How many copies ended each way.
    #[must_use]
    pub fn dispositions(&self) -> BTreeMap<Disposition, usize> {
        let mut counts = BTreeMap::new();
        for delivery in self.accepted.iter().flat_map(|send| &send.deliveries) {
            *counts.entry(delivery.disposition).or_insert(0) += 1;
        }
        counts
    }

    /// How often recipients did each thing.
    #[must_use]
    pub fn reaction_counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for reaction in &self.reactions {
            *counts.entry(reaction.what.as_str()).or_insert(0) += 1;
        }
        counts
    }
}
