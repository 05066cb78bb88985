//! The entry to all rights.

use std::sync::Arc;

use jooper_consent::Stops;
use jooper_core::Clock;
use jooper_storage::{Storage, Witness};
use jooper_vault::Vault;

use crate::erasure::OnErasure;
use crate::settings::RightsSettings;

/// Serves the requests of people in the data. One per process; cheap to clone.
#[derive(Debug, Clone)]
pub struct Rights {
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) vault: Vault,
    pub(crate) stops: Stops,
    pub(crate) witness: Arc<dyn Witness>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: RightsSettings,
    pub(crate) listeners: Vec<Arc<dyn OnErasure>>,
}

impl Rights {
    /// Rights over a store, its vault, its stops and its witness.
    pub fn new(
        storage: Arc<dyn Storage>,
        vault: Vault,
        stops: Stops,
        witness: Arc<dyn Witness>,
        clock: Arc<dyn Clock>,
        settings: RightsSettings,
    ) -> Self {
        Self {
            storage,
            vault,
            stops,
            witness,
            clock,
            settings,
            listeners: Vec::new(),
        }
    }

    /// Adds a listener that every erasure tells before it removes anything, and every end of a
    /// restriction.
    #[must_use]
    pub fn with_listener(mut self, listener: Arc<dyn OnErasure>) -> Self {
        self.listeners.push(listener);
        self
    }
}
