//! L1: a send is accepted at most once, unless a named person released it; intent before effect.

use std::collections::BTreeMap;

use jooper_core::{SendKey, SendState};

use super::{Accepted, Invariant, Violation};

/// How often the provider took each send.
#[derive(Debug, Default)]
pub(crate) struct AtMostOnce(BTreeMap<SendKey, u32>);

impl Invariant for AtMostOnce {
    fn accepted(&mut self, accepted: &Accepted) -> Result<(), Violation> {
        let key = accepted.key;
        let times = self.0.entry(key).or_default();
        *times += 1;
        let row = accepted.row.as_ref();
        let released = row.map_or(0, |row| u32::from(row.released));
        if *times > 1 + released {
            return Err(Violation::AcceptedTwice {
                key,
                times: *times,
                released,
            });
        }
        // Posting, or already recovered as unknown by whoever took the lane over meanwhile.
        let state = row.map(|row| row.state);
        if !matches!(state, Some(SendState::Posting | SendState::Unknown)) {
            return Err(Violation::NoIntent { key, state });
        }
        Ok(())
    }
}
