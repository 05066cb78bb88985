//! The values that stores keep.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One cell. Stores see nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing. Sorts before everything else.
    Null,
    /// A number: times in Unix milliseconds, codes of enums, counts.
    Int(i64),
    /// A random id.
    Id(Uuid),
    /// A short, clear, machine-made text: a country, a time zone, a provider's opaque id.
    Text(String),
    /// Ciphertext, a keyed index or an encoded key.
    Bytes(Vec<u8>),
}

/// Prints shapes, not contents: provider ids and indexes have no place in a log.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(n) => write!(f, "Int({n})"),
            Self::Id(id) => write!(f, "Id({id})"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}
