//! Facts in the one append-only log of a workspace.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::codes;
use crate::{CampaignId, KeyedIndex, MailboxId, StepIndex};

codes! {
    /// What happened. Every number and every projection is derived from these.
    pub enum EventKind {
        /// A lead was enrolled in a campaign.
        Enrolled = 1,
        /// A step's mail was accepted by the provider.
        Sent = 2,
        /// A step was not sent, for a reason that will not change.
        Skipped = 3,
        /// A step's mail was refused for good.
        Failed = 4,
        /// It is not known whether a step's mail was accepted.
        SendUnknown = 5,
        /// A person answered.
        Replied = 6,
        /// A mail came back for good.
        Bounced = 7,
        /// A mail came back for now.
        SoftBounced = 8,
        /// An absence notice arrived.
        AutoReplied = 9,
        /// The person asked for no more mail.
        Unsubscribed = 10,
        /// The person, or a provider for them, complained.
        Complained = 11,
        /// A signed link was followed.
        Clicked = 12,
        /// A tracked image was loaded, by a person or a machine.
        Loaded = 13,
        /// An enrollment ended.
        Finished = 14,
        /// Something was paused.
        Paused = 15,
        /// Something was resumed.
        Resumed = 16,
        /// A stop was acknowledged.
        Stopped = 17,
        /// Leads were imported.
        Imported = 18,
        /// A basis was recorded or withdrawn.
        BasisRecorded = 19,
        /// A person was erased.
        Erased = 20,
        /// A mailbox was connected, or its state changed.
        MailboxChanged = 21,
        /// A campaign was created, activated, changed or ended.
        CampaignChanged = 22,
        /// A permit was issued: the gate's verdict, before the send.
        Permitted = 23,
        /// A named person released one unknown send for one further attempt.
        Released = 24,
        /// Personal data was exported.
        Exported = 25,
        /// A policy table was installed by a named reviewer.
        PolicyInstalled = 26,
        /// A delivery is delayed; not yet a bounce.
        Delayed = 27,
        /// A calendar answer arrived.
        CalendarReplied = 28,
    }
}

/// The identity of a fact: a hash of its source's key.
///
/// Together with the source's own time it makes a redelivered fact the same fact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Debug)]
#[serde(transparent)]
pub struct EventId([u8; 16]);

impl EventId {
    /// The id for the source key `parts`, which are length-prefixed before hashing.
    ///
    /// Parts must not be personal data: pass ids, keyed indexes and provider ids.
    pub fn from_source(kind: EventKind, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"jooper event v1");
        hash.update(kind.code().to_be_bytes());
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hash.finalize()[..16]);
        Self(id)
    }

    /// Wraps bytes that a store kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The clear dimensions of a fact: what numbers are grouped by. Ids only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dimensions {
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The step.
    pub step: Option<StepIndex>,
    /// The variant of the step.
    pub variant: Option<u8>,
    /// The sending mailbox.
    pub mailbox: Option<MailboxId>,
    /// The recipient's domain, as a keyed index.
    pub domain: Option<KeyedIndex>,
    /// Why, as the code of the kind's own reason type.
    pub reason: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_length_prefixed() {
        let one = EventId::from_source(EventKind::Sent, &[b"ab", b"c"]);
        let other = EventId::from_source(EventKind::Sent, &[b"a", b"bc"]);
        assert_ne!(one, other);
        assert_ne!(one, EventId::from_source(EventKind::Failed, &[b"ab", b"c"]));
        assert_eq!(one, EventId::from_source(EventKind::Sent, &[b"ab", b"c"]));
    }
}
