//! Virtual time: a wall clock that jumps, a lease clock that does not, and sleeping.
//!
//! Nothing passes by itself. Whoever drives the simulation moves both clocks; sleepers whose time
//! has come are woken then.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, LeaseClock, LeaseInstant, Sleeper, from_millis};

/// Where the store's clock begins: nowhere near the wall clock, so that mixing them up shows.
const STORE_EPOCH: i64 = 1_000_000_000_000;

#[derive(Default)]
struct Inner {
    lease: u64,
    elapsed: u64,
    offset: i64,
    jumps: u32,
    jumped_at: u64,
    timers: BTreeMap<(u64, u64), Waker>,
    named: u64,
}

/// The time of one simulated world, in milliseconds.
pub(crate) struct VirtualTime {
    start: i64,
    inner: Mutex<Inner>,
}

impl fmt::Debug for VirtualTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VirtualTime({} elapsed)", self.elapsed())
    }
}

impl VirtualTime {
    pub(crate) fn new(start: Timestamp) -> Arc<Self> {
        Arc::new(Self {
            start: start.as_millisecond(),
            inner: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time since the beginning by the lease clock.
    pub(crate) fn lease(&self) -> u64 {
        self.lock().lease
    }

    /// Wall time that really passed since the beginning, whatever clocks showed.
    pub(crate) fn elapsed(&self) -> u64 {
        self.lock().elapsed
    }

    /// How often the wall clock jumped.
    pub(crate) fn jumps(&self) -> u32 {
        self.lock().jumps
    }

    /// Wall time that really passed since the wall clock last jumped, or since the beginning of time
    /// if it never did.
    pub(crate) fn since_jump(&self) -> u64 {
        let inner = self.lock();
        match inner.jumps {
            0 => u64::MAX,
            _ => inner.elapsed - inner.jumped_at,
        }
    }

    /// How far the wall clock is off.
    pub(crate) fn offset(&self) -> i64 {
        self.lock().offset
    }

    /// What the wall clock shows.
    pub(crate) fn wall(&self) -> Timestamp {
        let inner = self.lock();
        let elapsed = i64::try_from(inner.elapsed).unwrap_or(i64::MAX);
        from_millis(self.start + elapsed + inner.offset)
    }

    /// Sets the wall clock forward or back.
    pub(crate) fn jump(&self, millis: i64) {
        let mut inner = self.lock();
        inner.offset += millis;
        inner.jumps += 1;
        inner.jumped_at = inner.elapsed;
    }

    /// When the next sleeper wakes, by the lease clock.
    pub(crate) fn next_timer(&self) -> Option<u64> {
        self.lock().timers.keys().next().map(|(at, _)| *at)
    }

    /// Lets time pass on both clocks, and wakes whose time has come.
    pub(crate) fn advance(&self, lease: u64, wall: u64) {
        let due = {
            let mut inner = self.lock();
            inner.lease += lease;
            inner.elapsed += wall;
            let behind = (inner.lease + 1, 0);
            let later = inner.timers.split_off(&behind);
            std::mem::replace(&mut inner.timers, later)
        };
        due.into_values().for_each(Waker::wake);
    }

    /// Returns when so many milliseconds have passed by the lease clock.
    pub(crate) fn sleep(self: &Arc<Self>, millis: u64) -> Nap {
        let mut inner = self.lock();
        inner.named += 1;
        Nap {
            at: (inner.lease + millis, inner.named),
            time: Arc::clone(self),
        }
    }
}

/// A wait by the lease clock.
pub(crate) struct Nap {
    time: Arc<VirtualTime>,
    at: (u64, u64),
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.time.lock();
        if inner.lease >= self.at.0 {
            return Poll::Ready(());
        }
        inner.timers.insert(self.at, context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        self.time.lock().timers.remove(&self.at);
    }
}

/// The wall clock as the engine sees it.
#[derive(Debug, Clone)]
pub(crate) struct Wall(pub(crate) Arc<VirtualTime>);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        self.0.wall()
    }
}

/// The store's own clock, by which leases end.
#[derive(Debug, Clone)]
pub(crate) struct StoreClock(pub(crate) Arc<VirtualTime>);

impl Clock for StoreClock {
    fn now(&self) -> Timestamp {
        store_time(self.0.lease())
    }
}

/// The store's time at a reading of the lease clock.
pub(crate) fn store_time(lease: u64) -> Timestamp {
    from_millis(STORE_EPOCH + i64::try_from(lease).unwrap_or(i64::MAX / 2))
}

/// The lease clock as the engine sees it.
#[derive(Debug, Clone)]
pub(crate) struct Lease(pub(crate) Arc<VirtualTime>);

impl LeaseClock for Lease {
    fn now(&self) -> LeaseInstant {
        LeaseInstant::from_elapsed(Duration::from_millis(self.0.lease()))
    }
}

#[async_trait]
impl Sleeper for Lease {
    async fn sleep(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 2);
        self.0.sleep(millis).await;
    }
}
