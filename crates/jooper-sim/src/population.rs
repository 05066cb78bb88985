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
    /// An answer in the thread of somebody who wants to go on.
    Interested,
    /// An answer in the thread of somebody who does not.
    NotInterested,
}

/// What a mail that arrived says, as far as a law asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// They answered, and no law asks in which sense.
    Answer,
    /// They want to go on.
    Interested,
    /// They do not.
    NotInterested,
    /// They want no more mail.
    NoMore,
    /// Nobody has this address.
    Unreachable,
    /// The owner of the mailbox wrote to them by hand.
    Owner,
}

impl Reaction {
    /// What a mail brings about, and after how many milliseconds of wall time.
    pub(crate) fn draw(chance: &mut Chance, shape: Shape) -> Option<(Self, u64)> {
        let minute = 60_000;
        let soon = chance.between(1, 45) * minute;
        let later = chance.between(30, 4 * 24 * 60) * minute;
        let drawn = chance.below(100);
        match shape {
            Shape::Senses => return Self::in_a_sense(drawn, soon, later),
            Shape::Desk => return Self::beside_a_desk(drawn, soon, later),
            _ => {}
        }
        Some(match drawn {
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

    /// Where the sequence asks in which sense people answer: more of them do.
    const fn in_a_sense(drawn: u64, soon: u64, later: u64) -> Option<(Self, u64)> {
        Some(match drawn {
            0..=17 => (Self::Interested, later),
            18..=35 => (Self::NotInterested, later),
            36..=38 => (Self::HardBounce, soon),
            39..=43 => (Self::OutOfOffice, soon),
            44..=46 => (Self::UnsubscribeMail, later),
            47..=50 => (Self::OwnerWrites, later),
            _ => return None,
        })
    }

    /// Where people work beside the sequence: the owner of the mailbox writes more than anybody else.
    const fn beside_a_desk(drawn: u64, soon: u64, later: u64) -> Option<(Self, u64)> {
        Some(match drawn {
            0..=5 => (Self::Reply, later),
            6..=8 => (Self::SoftBounce, soon),
            9..=12 => (Self::OutOfOffice, soon),
            13..=15 => (Self::UnsubscribeLink, later),
            16..=35 => (Self::OwnerWrites, later),
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
            Self::Interested => "interested",
            Self::NotInterested => "not interested",
        }
    }

    /// What a law may ask about it once it was read.
    pub(crate) const fn said(self) -> Option<Said> {
        Some(match self {
            Self::Reply | Self::FreshReply => Said::Answer,
            Self::Interested => Said::Interested,
            Self::NotInterested => Said::NotInterested,
            Self::UnsubscribeMail => Said::NoMore,
            Self::HardBounce => Said::Unreachable,
            Self::OwnerWrites => Said::Owner,
            _ => return None,
        })
    }
}
