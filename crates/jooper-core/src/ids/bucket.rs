//! The distribution key of every tenant table.

use serde::{Deserialize, Serialize};

/// One of the slots that workspaces are spread over.
///
/// A workspace is minted into one of 4,096 ordinary buckets; higher numbers are reserved for
/// tenants that need a node of their own. The number of buckets never changes, nodes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bucket(u16);

impl Bucket {
    /// How many buckets ordinary workspaces are spread over.
    pub const ORDINARY: u16 = 4096;

    /// Wraps the last 16 bits of a workspace id.
    pub const fn from_bits(bits: u16) -> Self {
        Self(bits)
    }

    /// The number of the bucket.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The ordinary bucket for a new workspace, from 64 random bits.
    pub const fn ordinary(random: u64) -> Self {
        Self((random % Self::ORDINARY as u64) as u16)
    }
}
