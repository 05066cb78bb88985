//! Fresh ids.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::{NoContext, Uuid};

use crate::to_millis;

/// Makes UUIDv7 ids (RFC 9562 section 5.7).
pub trait IdSource: Debug + Send + Sync + 'static {
    /// A fresh id whose time part is `now`.
    fn uuid(&self, now: Timestamp) -> Uuid;
}

fn unix_parts(now: Timestamp) -> (u64, u32) {
    let millis = u64::try_from(to_millis(now)).unwrap_or(0);
    (millis / 1000, (millis % 1000) as u32 * 1_000_000)
}

/// Ids from the operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl IdSource for SystemIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let (seconds, nanos) = unix_parts(now);
        Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, seconds, nanos))
    }
}

/// Ids that a seed determines: the nth id of a run is always the same.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    made: AtomicU64,
}

impl SeededIds {
    /// Ids for this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            made: AtomicU64::new(0),
        }
    }
}

impl IdSource for SeededIds {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let n = self.made.fetch_add(1, Ordering::SeqCst);
        let mut hash = Sha256::new();
        hash.update(b"jooper ids v1");
        hash.update(self.seed.to_be_bytes());
        hash.update(n.to_be_bytes());
        let digest = hash.finalize();
        let mut random = [0; 10];
        random.copy_from_slice(&digest[..10]);
        let millis = u64::try_from(to_millis(now)).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_ids_repeat_by_seed_and_differ_by_number() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let (a, b) = (SeededIds::new(1), SeededIds::new(1));
        let first = a.uuid(now);
        assert_eq!(first, b.uuid(now));
        assert_ne!(first, a.uuid(now));
        assert_eq!(first.get_version_num(), 7);
        assert_eq!(SystemIds.uuid(now).get_version_num(), 7);
    }
}
