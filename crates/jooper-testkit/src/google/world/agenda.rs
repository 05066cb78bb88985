//! What will happen later, in order of virtual time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::population::Inbound;
use super::Errand;

/// Something that happens at an instant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Event {
    /// A recipient reacts to a mail.
    Act {
        send: u64,
        recipient: String,
        act: Inbound,
    },
    /// An HTTP request leaves the simulator.
    Errand(Errand),
}

/// Events by instant; those of one instant in the order they were planned.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub(crate) struct Agenda {
    events: BTreeMap<(i64, u64), Event>,
    planned: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    planned: u64,
    events: Vec<(i64, u64, Event)>,
}

impl Agenda {
    /// Plans an event.
    pub(crate) fn plan(&mut self, at: i64, event: Event) {
        self.planned += 1;
        self.events.insert((at, self.planned), event);
    }

    /// Takes the earliest event that is due.
    pub(crate) fn take_due(&mut self, now: i64) -> Option<(i64, Event)> {
        let key = *self
            .events
            .first_key_value()
            .filter(|((at, _), _)| *at <= now)?
            .0;
        self.events.remove(&key).map(|event| (key.0, event))
    }

    /// When the next event is due.
    pub(crate) fn next_at(&self) -> Option<i64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// How many events wait.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }
}

impl From<Stored> for Agenda {
    fn from(stored: Stored) -> Self {
        Self {
            planned: stored.planned,
            events: stored
                .events
                .into_iter()
                .map(|(at, nth, event)| ((at, nth), event))
                .collect(),
        }
    }
}

impl From<Agenda> for Stored {
    fn from(agenda: Agenda) -> Self {
        Self {
            planned: agenda.planned,
            events: agenda
                .events
                .into_iter()
                .map(|((at, nth), event)| (at, nth, event))
                .collect(),
        }
    }
}
