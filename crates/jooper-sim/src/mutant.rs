//! Safeguards left out, one at a time: the laws must notice, or they watch nothing.

use jooper_core::SendState;
use jooper_storage::tables::{CONTACT_FENCE, PERMIT, SCOPE_STOP, SEND, SUPPRESSION, SendRow};
use jooper_storage::{Batch, Check, Key, Record, Write};

/// A safeguard that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mutant {
    /// Rows of the ledger are written whatever stands there: no unique key, no version.
    UniqueKey,
    /// Nobody asks whether the lane is still held.
    Fence,
    /// The row is not written a second time before the POST.
    SecondCommit,
    /// Nobody looks for evidence of unknown sends.
    Evidence,
    /// The gate does not look again when it commits.
    Recheck,
    /// The campaign's windows are never closed.
    Windows,
    /// Every delay is a day, the least that a sequence may have.
    Delays,
    /// No budget of an hour.
    Hour,
    /// No budget of 24 hours but the daily cap.
    Day,
    /// No budget that mailboxes share.
    Shared,
    /// An answer ends nothing for colleagues.
    Colleagues,
    /// A way that is for one sense of answers is taken for every one.
    Senses,
    /// Nobody hears that the owner of a mailbox wrote by hand.
    Owner,
    /// The last mail is for some people only: for the others it is passed over.
    Way,
    /// Whoever is away is let go.
    End,
    /// The office sends now and tests without having been asked.
    Desk,
    /// Nobody does again what broke off.
    Retry,
}

impl Mutant {
    /// Every one.
    pub const ALL: [Self; 17] = [
        Self::UniqueKey,
        Self::Fence,
        Self::SecondCommit,
        Self::Evidence,
        Self::Recheck,
        Self::Windows,
        Self::Delays,
        Self::Hour,
        Self::Day,
        Self::Shared,
        Self::Colleagues,
        Self::Senses,
        Self::Owner,
        Self::Way,
        Self::End,
        Self::Desk,
        Self::Retry,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UniqueKey => "unique-key",
            Self::Fence => "fence",
            Self::SecondCommit => "second-commit",
            Self::Evidence => "evidence",
            Self::Recheck => "recheck",
            Self::Windows => "windows",
            Self::Delays => "delays",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Shared => "shared",
            Self::Colleagues => "colleagues",
            Self::Senses => "senses",
            Self::Owner => "owner",
            Self::Way => "way",
            Self::End => "end",
            Self::Desk => "desk",
            Self::Retry => "retry",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mutant| mutant.name() == name)
    }

    /// A batch without the safeguard.
    pub(crate) fn weaken(self, mut batch: Batch) -> Batch {
        match self {
            Self::UniqueKey => batch.checks.retain(|check| !is_of(check, &[SEND.name])),
            Self::Fence => batch
                .checks
                .retain(|check| !matches!(check, Check::Fence(..))),
            Self::SecondCommit => {
                if batch.writes.iter().any(is_posting) {
                    batch.checks.clear();
                    batch.writes.clear();
                    batch.log.clear();
                }
            }
            // Left out elsewhere: at the provider, in and around the office, and in the campaign itself.
            Self::Evidence
            | Self::Windows
            | Self::Delays
            | Self::Hour
            | Self::Day
            | Self::Shared
            | Self::Colleagues
            | Self::Senses
            | Self::Owner
            | Self::Way
            | Self::End
            | Self::Desk
            | Self::Retry => {}
            Self::Recheck => {
                let of_gate = batch.writes.iter().any(is_permit);
                if of_gate {
                    let pins = [CONTACT_FENCE.name, SUPPRESSION.name, SCOPE_STOP.name];
                    batch.checks.retain(|check| !is_of(check, &pins));
                }
            }
        }
        batch
    }
}

fn is_of(check: &Check, tables: &[&str]) -> bool {
    let of = |key: &Key| tables.contains(&key.table().name);
    match check {
        Check::Absent(key) | Check::Version(key, _) | Check::AtMost(key, ..) => of(key),
        _ => false,
    }
}

fn is_permit(write: &Write) -> bool {
    matches!(write, Write::Put(key, _) if key.table().name == PERMIT.name)
}

fn is_posting(write: &Write) -> bool {
    let Write::Put(key, values) = write else {
        return false;
    };
    key.table().name == SEND.name
        && SendRow::from_values(values.clone()).is_ok_and(|row| row.state == SendState::Posting)
}
