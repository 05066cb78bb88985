//! What people do with a mail: nothing, mostly; else answer, bounce, be away, want no more.

use crate::chance::Chance;
use crate::shape::Shape;

/// What becomes of one mail at its recipient's, or at its sender's own desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaction {
    /// An answer in the thread.
    Reply,
    /// An answer in a thread of its own, without any reference.
    FreshReply,
    /// A report that the address does not exist.
    HardBounce,
    /// A report that the mailbox is full for now.
    SoftBounce,
    /// An absence notice with a date.
    OutOfOffice,
    /// An answer that asks for no more mail.
    UnsubscribeMail,
    /// The link that stops.
    UnsubscribeLink,
    /// The owner of the mailbox writes in the thread by hand.
    OwnerWrites,
    /// The recipient follows a link of the mail.
    Click,
}

impl Reaction {
    /// What a mail brings about, and after how many milliseconds of wall time.
    pub(crate) fn draw(chance: &mut Chance, shape: Shape) -> Option<(Self, u64)> {
        let minute = 60_000;
        let soon = chance.between(1, 45) * minute;
        let later = chance.between(30, 4 * 24 * 60) * minute;
        Some(match chance.below(100) {
            0..=7 => (Self::Reply, later),
            8..=11 => (Self::FreshReply, later),
            12..=15 => (Self::HardBounce, soon),
            16..=19 => (Self::SoftBounce, soon),
            20..=27 => (Self::OutOfOffice, soon),
            28..=31 => (Self::UnsubscribeMail, later),
            32..=36 => (Self::UnsubscribeLink, later),
            37..=40 => (Self::OwnerWrites, later),
            41..=64 if shape == Shape::Waits => (Self::Click, later),
            _ => return None,
        })
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::FreshReply => "fresh reply",
            Self::HardBounce => "hard bounce",
            Self::SoftBounce => "soft bounce",
            Self::OutOfOffice => "out of office",
            Self::UnsubscribeMail => "unsubscribe mail",
            Self::UnsubscribeLink => "unsubscribe link",
            Self::OwnerWrites => "owner writes",
            Self::Click => "click",
        }
    }

    /// Whether the enrollment must have ended once this was read.
    pub(crate) const fn ends(self) -> bool {
        matches!(
            self,
            Self::Reply | Self::FreshReply | Self::HardBounce | Self::UnsubscribeMail
        )
    }
}
