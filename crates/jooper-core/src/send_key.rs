//! What makes a send the same send, for ever (law L1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{EnrollmentId, RequestId, SendKind, ThreadId, UserId};

/// The position of a step in its sequence, counted from 0.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct StepIndex(pub u16);

/// The identity of one send: unique for ever in its workspace.
///
/// Each kind has its own gate rules; conservation (law L3) counts [`SendKey::Step`] only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SendKey {
    /// A step of a sequence for one enrollment.
    Step {
        /// The lead in the campaign.
        enrollment: EnrollmentId,
        /// The step.
        step: StepIndex,
    },
    /// A reply that a person writes in the campaign inbox.
    Reply {
        /// The conversation.
        thread: ThreadId,
        /// Made by the client, so that pressing the button twice sends once.
        key: Uuid,
    },
    /// A test mail to the user's own address.
    Test {
        /// Who asked, and receives it.
        user: UserId,
        /// Made by the client.
        key: Uuid,
    },
    /// A mail that answers a request of the person, such as an export.
    Service {
        /// The request.
        request: RequestId,
        /// Which mail of that request.
        kind: u8,
    },
}

/// Bytes that no [`SendKey`] encodes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a send key")]
pub struct InvalidSendKey;

impl SendKey {
    /// The kind of send, which decides the gate's rules.
    pub const fn kind(&self) -> SendKind {
        match self {
            Self::Step { .. } => SendKind::Step,
            Self::Reply { .. } => SendKind::Reply,
            Self::Test { .. } => SendKind::Test,
            Self::Service { .. } => SendKind::Service,
        }
    }

    /// The canonical encoding: a kind byte, then fixed-width fields. Injective.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(33);
        match self {
            Self::Step { enrollment, step } => {
                out.push(b'S');
                out.extend_from_slice(enrollment.uuid().as_bytes());
                out.extend_from_slice(&step.0.to_be_bytes());
            }
            Self::Reply { thread, key } => {
                out.push(b'R');
                out.extend_from_slice(thread.uuid().as_bytes());
                out.extend_from_slice(key.as_bytes());
            }
            Self::Test { user, key } => {
                out.push(b'T');
                out.extend_from_slice(user.uuid().as_bytes());
                out.extend_from_slice(key.as_bytes());
            }
            Self::Service { request, kind } => {
                out.push(b'V');
                out.extend_from_slice(request.uuid().as_bytes());
                out.push(*kind);
            }
        }
        out
    }

    /// Reads the canonical encoding back.
    ///
    /// # Errors
    /// [`InvalidSendKey`] when the bytes are not exactly one encoded key.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidSendKey> {
        fn uuid(bytes: &[u8]) -> Result<Uuid, InvalidSendKey> {
            Uuid::from_slice(bytes).map_err(|_| InvalidSendKey)
        }
        let (kind, rest) = bytes.split_first().ok_or(InvalidSendKey)?;
        let (first, tail) = rest.split_at_checked(16).ok_or(InvalidSendKey)?;
        let first = uuid(first)?;
        match (kind, tail) {
            (b'S', &[high, low]) => Ok(Self::Step {
                enrollment: EnrollmentId::from_uuid(first),
                step: StepIndex(u16::from_be_bytes([high, low])),
            }),
            (b'R', key) => Ok(Self::Reply {
                thread: ThreadId::from_uuid(first),
                key: uuid(key)?,
            }),
            (b'T', key) => Ok(Self::Test {
                user: UserId::from_uuid(first),
                key: uuid(key)?,
            }),
            (b'V', &[kind]) => Ok(Self::Service {
                request: RequestId::from_uuid(first),
                kind,
            }),
            _ => Err(InvalidSendKey),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_key() -> impl Strategy<Value = SendKey> {
        (
            any::<u128>(),
            any::<u128>(),
            any::<u16>(),
            any::<u8>(),
            0..4_u8,
        )
            .prop_map(|(a, b, step, kind, which)| {
                let (a, b) = (Uuid::from_u128(a), Uuid::from_u128(b));
                match which {
                    0 => SendKey::Step {
                        enrollment: EnrollmentId::from_uuid(a),
                        step: StepIndex(step),
                    },
                    1 => SendKey::Reply {
                        thread: ThreadId::from_uuid(a),
                        key: b,
                    },
                    2 => SendKey::Test {
                        user: UserId::from_uuid(a),
                        key: b,
                    },
                    _ => SendKey::Service {
                        request: RequestId::from_uuid(a),
                        kind,
                    },
                }
            })
    }

    proptest! {
        #[test]
        fn the_encoding_reads_back(key in any_key()) {
            prop_assert_eq!(SendKey::from_bytes(&key.to_bytes()), Ok(key));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(key) = SendKey::from_bytes(&bytes) {
                prop_assert_eq!(key.to_bytes(), bytes);
            }
        }
    }
}
