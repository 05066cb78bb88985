//! Doing again what the journal says was done.

use super::super::world::{Deed, Entry, World};
use super::route::route;

/// Brings a stored world to where its journal ends.
pub(crate) fn replay(world: &mut World, entries: &[Entry]) {
    for entry in entries {
        world.catch_up(entry.at);
        match &entry.deed {
            Deed::Request(request) => {
                // The answer was given long ago.
                let _ = route(world, request);
            }
            Deed::Errand { key, status } => world.errand_done(*key, *status),
        }
    }
}
