//! One newtype per id, so that no signature takes a bare UUID.
//!
//! Ids are UUIDv7 (RFC 9562 section 5.7) made by the client through
//! [`IdSource`](crate::IdSource). They are random, never derived from a person's data.

mod bucket;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use bucket::Bucket;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a {kind} id: expected `{prefix}_` and a UUID")]
pub struct InvalidId {
    kind: &'static str,
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that already identifies this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or(InvalidId { kind: stringify!($name), prefix: $prefix })
            }
        }
    };
}

id!(
    /// A tenant: the client on whose behalf mail is sent. Its last 16 bits are its [`Bucket`].
    WorkspaceId, "ws"
);
id!(
    /// A person who signs in.
    UserId, "usr"
);
id!(
    /// A prospect: the data subject.
    LeadId, "lead"
);
id!(
    /// An organization that leads belong to.
    CompanyId, "co"
);
id!(
    /// A connected sender account.
    MailboxId, "mbx"
);
id!(
    /// An immutable, versioned sequence of steps.
    SequenceId, "seq"
);
id!(
    /// A sequence version, an audience, mailboxes, a schedule and a policy.
    CampaignId, "cmp"
);
id!(
    /// One lead in one campaign.
    EnrollmentId, "enr"
);
id!(
    /// A conversation in the campaign inbox.
    ThreadId, "thr"
);
id!(
    /// One mail in the campaign inbox.
    MessageId, "msg"
);
id!(
    /// One leave to hand one mail to a transport.
    PermitId, "prm"
);
id!(
    /// A command waiting in a lane's inbox.
    CommandId, "cmd"
);
id!(
    /// A rights request or a service request.
    RequestId, "req"
);
id!(
    /// Whoever a data key belongs to: a lead, a user, a mailbox or a workspace.
    SubjectId, "sub"
);
id!(
    /// One installation: the identity that the key store, not the data, remembers.
    InstallationId, "ins"
);

macro_rules! subject {
    ($($id:ident),*) => {$(
        impl From<$id> for SubjectId {
            fn from(id: $id) -> Self {
                Self::from_uuid(id.uuid())
            }
        }
    )*};
}
subject!(LeadId, UserId, MailboxId, WorkspaceId);

impl WorkspaceId {
    /// The bucket this workspace lives in, for ever: the last 16 bits of its id.
    pub const fn bucket(self) -> Bucket {
        let bytes = self.0.as_bytes();
        Bucket::from_bits(u16::from_be_bytes([bytes[14], bytes[15]]))
    }

    /// Places a fresh UUIDv7 into `bucket` by overwriting its last 16 bits.
    pub fn in_bucket(uuid: Uuid, bucket: Bucket) -> Self {
        let mut bytes = *uuid.as_bytes();
        bytes[14..].copy_from_slice(&bucket.bits().to_be_bytes());
        Self(Uuid::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_prints_with_its_prefix_and_reads_back() {
        let id = LeadId::from_uuid(Uuid::from_u128(7));
        assert_eq!(id.to_string(), "lead_00000000000000000000000000000007");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let mailbox = MailboxId::from_uuid(Uuid::from_u128(7)).to_string();
        assert!(mailbox.parse::<LeadId>().is_err());
    }

    #[test]
    fn a_workspace_remembers_its_bucket() {
        let bucket = Bucket::from_bits(4095);
        let id = WorkspaceId::in_bucket(Uuid::from_u128(u128::MAX), bucket);
        assert_eq!(id.bucket(), bucket);
    }
}
