//! The one place where world, clock and state file meet; all listeners and tasks share it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::clock::SimClock;
use super::super::error::SimulatorError;
use super::super::world::{Deed, Entry, StateFile, World};

/// Shared state of a running simulator.
#[derive(Debug)]
pub(crate) struct Hub {
    world: Mutex<World>,
    store: Mutex<Option<StateFile>>,
    pub(crate) clock: SimClock,
    pub(crate) client: reqwest::Client,
    /// One errand runner at a time, so that requests leave in their order.
    pub(crate) errands: tokio::sync::Mutex<()>,
    closing: AtomicBool,
    /// Requests in progress, by account.
    in_flight: Mutex<BTreeMap<String, u32>>,
}

impl Hub {
    pub(crate) fn new(
        world: World,
        store: Option<StateFile>,
        clock: SimClock,
    ) -> Result<Self, SimulatorError> {
        // RFC 8058 section 3.2 wants no cookies and no redirects.
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(std::time::Duration::from_secs(10))
            .build()
            .map_err(|error| SimulatorError::Listen(std::io::Error::other(error)))?;
        Ok(Self {
            world: Mutex::new(world),
            store: Mutex::new(store),
            clock,
            client,
            errands: tokio::sync::Mutex::new(()),
            closing: AtomicBool::new(false),
            in_flight: Mutex::new(BTreeMap::new()),
        })
    }

    /// Enters the world at the present instant, after all that was due.
    pub(crate) fn enter(&self) -> MutexGuard<'_, World> {
        let mut world = self.peek();
        world.catch_up(self.clock.now_ms());
        world
    }

    /// Enters the world without letting time pass.
    pub(crate) fn peek(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what was just done if it changed anything; called before a client is shown any of it.
    pub(crate) fn log(
        &self,
        world: &mut World,
        deed: impl FnOnce() -> Deed,
    ) -> Result<(), SimulatorError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match store.as_mut() {
            Some(store) if world.take_changed() => store.log(
                world,
                &Entry {
                    at: world.now,
                    deed: deed(),
                },
            ),
            _ => Ok(()),
        }
    }

    /// Stores the whole state if it changed, for changes that are no deed.
    pub(crate) fn save(&self, world: &mut World) -> Result<(), SimulatorError> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match store.as_mut() {
            Some(store) if world.take_changed() => store.save(world),
            _ => Ok(()),
        }
    }

    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Counts a request of an account in; answers how many are under way, this one included.
    pub(super) fn begin(self: &Arc<Self>, account: &str) -> InFlight {
        let mut all = self
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(account.to_owned()).or_insert(0);
        *count += 1;
        InFlight {
            hub: Arc::clone(self),
            account: account.to_owned(),
            count: *count,
        }
    }
}

/// One counted request; counts itself out when it ends, however it ends.
#[derive(Debug)]
pub(super) struct InFlight {
    hub: Arc<Hub>,
    account: String,
    pub(super) count: u32,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut all = self
            .hub
            .in_flight
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.account) {
            *count = count.saturating_sub(1);
        }
    }
}
