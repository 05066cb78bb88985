//! Blind indexes: equality without the value.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A keyed, 32-byte fingerprint of a normalized value (an address, a domain, a `sub`).
///
/// Made only by a vault, under a key that never leaves it. It is a pseudonym, not anonymous data:
/// whoever holds the key can test candidates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyedIndex([u8; 32]);

impl KeyedIndex {
    /// Wraps a fingerprint that a vault computed or a store kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The fingerprint.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for KeyedIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyedIndex({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}
