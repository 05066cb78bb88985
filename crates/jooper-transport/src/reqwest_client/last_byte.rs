//! How far a request has gone on its way out, and whether its last byte may follow.

use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use jooper_core::{LeaseClock, LeaseInstant};

/// Nothing of the request was handed to its connection.
const UNTOUCHED: u8 = 0;
/// Something was handed over, the last byte was not.
const BEGUN: u8 = 1;
/// Everything before it is the system's; the last byte waits for the system to take it.
const WAITING: u8 = 2;
/// The system took the last byte, or a part of the record that it is sealed in.
const LEAVING: u8 = 3;
/// The system has all of the request.
const RELEASED: u8 = 4;
/// The lease ended first. Nothing more is written to this connection.
const WITHHELD: u8 = 5;
/// The answer came first. The last byte never leaves.
const ANSWERED: u8 = 6;

/// The last byte of one request.
pub(super) struct LastByte {
    stage: AtomicU8,
    end: LeaseInstant,
    lease: Arc<dyn LeaseClock>,
}

impl Debug for LastByte {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("LastByte").field(&self.stage).finish()
    }
}

/// What is known of a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Nothing of it left.
    Untouched,
    /// Its last byte did not leave.
    Incomplete,
    /// Its last byte was kept back, as the lease had ended.
    Withheld,
    /// It may have arrived whole.
    Open,
}

impl LastByte {
    pub(super) fn new(end: LeaseInstant, lease: Arc<dyn LeaseClock>) -> Self {
        Self {
            stage: AtomicU8::new(UNTOUCHED),
            end,
            lease,
        }
    }

    fn stage(&self) -> u8 {
        self.stage.load(Ordering::SeqCst)
    }

    /// Goes on to `to`, from one of the stages `from` only.
    fn pass(&self, from: &[u8], to: u8) {
        let _ = self
            .stage
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |stage| {
                from.contains(&stage).then_some(to)
            });
    }

    pub(super) fn begin(&self) {
        self.pass(&[UNTOUCHED], BEGUN);
    }

    /// Everything else was written and flushed: the last byte is next.
    pub(super) fn is_next(&self) {
        self.pass(&[UNTOUCHED, BEGUN], WAITING);
    }

    /// The connection was flushed behind the last byte.
    pub(super) fn flushed(&self) {
        self.pass(&[WAITING, LEAVING], RELEASED);
    }

    /// The answer is there.
    pub(super) fn answer(&self) {
        self.pass(&[UNTOUCHED, BEGUN, WAITING], ANSWERED);
    }

    pub(super) fn is_answered(&self) -> bool {
        self.stage() == ANSWERED
    }

    /// Whether the last byte waits for the system to take it.
    pub(super) fn is_waiting(&self) -> bool {
        self.stage() == WAITING
    }

    /// Whether bytes may go to the system now, asked immediately before each write.
    pub(super) fn check(&self) -> io::Result<()> {
        if matches!(self.stage(), WAITING | LEAVING) && self.lease.now() >= self.end {
            self.pass(&[WAITING, LEAVING], WITHHELD);
        }
        match self.stage() {
            WITHHELD => Err(io::Error::other("the lease has ended")),
            _ => Ok(()),
        }
    }

    /// The system took some bytes.
    pub(super) fn wrote(&self) {
        self.pass(&[WAITING], LEAVING);
    }

    pub(super) fn fate(&self) -> Fate {
        match self.stage() {
            UNTOUCHED => Fate::Untouched,
            BEGUN | WAITING | ANSWERED => Fate::Incomplete,
            WITHHELD => Fate::Withheld,
            _ => Fate::Open,
        }
    }
}
