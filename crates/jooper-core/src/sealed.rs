//! Personal data as stores see it: opaque bytes with the name of what is inside.

use std::fmt;
use std::marker::PhantomData;

/// Ciphertext of a `T`, with its envelope. Only a vault opens it.
///
/// Stores, logs and queues may hold it (law L8); `Debug` prints its length only.
pub struct Sealed<T> {
    envelope: Vec<u8>,
    content: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Wraps an envelope that a vault wrote.
    pub const fn from_envelope(envelope: Vec<u8>) -> Self {
        Self {
            envelope,
            content: PhantomData,
        }
    }

    /// The envelope: version, algorithm, generation, origin label, nonce, ciphertext and tag.
    pub fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// Gives the envelope away, for a store to keep.
    pub fn into_envelope(self) -> Vec<u8> {
        self.envelope
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_envelope(self.envelope.clone())
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.envelope.len())
    }
}
