//! Counters and rollups.

use crate::record::table;

table! {
    /// A count with a limit: a mailbox's day, a domain's hour.
    pub struct CounterRow / COUNTER "counter" tenant key 1 {
        /// Which count, by the encoding of the crate that owns it.
        key: Vec<u8> = clear,
        /// The count.
        count: i64 = clear,
        /// When the row is of no more use, Unix milliseconds.
        expires_at: i64 = clear,
    }
    index "by_expiry" ["expires_at"]
}

table! {
    /// A number that can be recomputed from the log.
    pub struct RollupRow / ROLLUP "rollup" tenant key 1 {
        /// Which number, by the encoding of the crate that owns it.
        key: Vec<u8> = clear,
        /// The number.
        count: i64 = clear,
    }
}
