//! Facts in the one append-only log of a workspace.

use std::fmt::Write as _;

use jiff::Timestamp;
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
        /// A basis was recorded.
        BasisRecorded = 19,
        /// A person was erased.
        Erased = 20,
        /// A mailbox was connected, or its state changed.
        MailboxChanged = 21,
        /// A campaign was created, activated, changed or ended.
        CampaignChanged = 22,
        /// A permit was issued: the gate's verdict, before the send.
        Permitted = 23,
        /// A send is planned for one further attempt: a named person released an unknown one, or one that
        /// was refused for good is tried once more.
        Released = 24,
        /// Personal data was exported.
        Exported = 25,
        /// A policy table was installed by a named reviewer.
        PolicyInstalled = 26,
        /// A delivery is delayed; not yet a bounce.
        Delayed = 27,
        /// A calendar answer arrived.
        CalendarReplied = 28,
        /// An enrollment moved to another version of its sequence. The reason holds how many mails
        /// the old version accounts for, times 256, plus how many the new one does.
        Moved = 29,
        /// A basis was withdrawn.
        BasisWithdrawn = 30,
        /// A person found that the words of a mail were no objection: `Unsubscribed` counts it, and
        /// should not; it is `Replied` as well.
        ObjectionDismissed = 31,
        /// An enrollment that ended as unsubscribed, by `Finished`, had ended for this reason.
        FinishCorrected = 32,
        /// The data was put back from a copy: what stands before this is as old as the copy.
        Restored = 33,
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

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0.iter().try_for_each(|byte| {
            let [high, low] = [byte >> 4, byte & 15].map(|half| DIGITS[usize::from(half)]);
            f.write_char(char::from(high))?;
            f.write_char(char::from(low))
        })
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

impl Dimensions {
    /// The rollups that one fact of this kind counts into, as keys of the rollup table.
    ///
    /// Per campaign; per campaign and step; per campaign, step and variant; per campaign and UTC
    /// day; per mailbox and UTC day; per campaign and reason; per campaign, step and reason.
    pub fn rollups(&self, kind: EventKind, at: Timestamp) -> Vec<Vec<u8>> {
        if !kind.is_counted() {
            return Vec::new();
        }
        let day = RollupPart::Day(day_of(at));
        let mut keys = Vec::new();
        if let Some(campaign) = self.campaign.map(RollupPart::Campaign) {
            keys.push(rollup_key(kind, &[campaign]));
            keys.push(rollup_key(kind, &[campaign, day]));
            if let Some(step) = self.step.map(RollupPart::Step) {
                keys.push(rollup_key(kind, &[campaign, step]));
                if let Some(variant) = self.variant.map(RollupPart::Variant) {
                    keys.push(rollup_key(kind, &[campaign, step, variant]));
                }
                if let Some(reason) = self.reason.map(RollupPart::Reason) {
                    keys.push(rollup_key(kind, &[campaign, step, reason]));
                }
            }
            if let Some(reason) = self.reason.map(RollupPart::Reason) {
                keys.push(rollup_key(kind, &[campaign, reason]));
            }
        }
        if let Some(mailbox) = self.mailbox.map(RollupPart::Mailbox) {
            keys.push(rollup_key(kind, &[mailbox, day]));
        }
        keys
    }
}

impl EventKind {
    /// Whether facts of this kind are counted into rollups.
    pub const fn is_counted(self) -> bool {
        !matches!(
            self,
            Self::Paused
                | Self::Resumed
                | Self::Stopped
                | Self::Imported
                | Self::BasisRecorded
                | Self::BasisWithdrawn
                | Self::Erased
                | Self::MailboxChanged
                | Self::CampaignChanged
                | Self::Permitted
                | Self::Released
                | Self::Exported
                | Self::PolicyInstalled
                | Self::Restored
        )
    }
}

/// One coordinate of a rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RollupPart {
    /// A campaign.
    Campaign(CampaignId),
    /// A step.
    Step(StepIndex),
    /// A variant.
    Variant(u8),
    /// A mailbox.
    Mailbox(MailboxId),
    /// A UTC day, counted from the Unix epoch.
    Day(i32),
    /// A reason's code.
    Reason(i64),
}

/// The UTC day of an instant, counted from the Unix epoch.
pub fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.as_second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// The key of the rollup that counts facts of one kind at these coordinates. Injective.
pub fn rollup_key(kind: EventKind, parts: &[RollupPart]) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    key.push(1);
    key.extend_from_slice(&(kind.code() as u16).to_be_bytes());
    for part in parts {
        match part {
            RollupPart::Campaign(id) => {
                key.push(b'c');
                key.extend_from_slice(id.uuid().as_bytes());
            }
            RollupPart::Step(step) => {
                key.push(b's');
                key.extend_from_slice(&step.0.to_be_bytes());
            }
            RollupPart::Variant(variant) => key.extend_from_slice(&[b'v', *variant]),
            RollupPart::Mailbox(id) => {
                key.push(b'm');
                key.extend_from_slice(id.uuid().as_bytes());
            }
            RollupPart::Day(day) => {
                key.push(b'd');
                key.extend_from_slice(&day.to_be_bytes());
            }
            RollupPart::Reason(reason) => {
                key.push(b'r');
                key.extend_from_slice(&reason.to_be_bytes());
            }
        }
    }
    key
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
