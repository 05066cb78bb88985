//! What must hold, one law a file.
//!
//! Some laws are judged at every commit and every acceptance ([`Invariant`]), by what the store
//! and the provider themselves see; the engine is never asked. The others are checked over rows
//! and log after every crash.

mod desk;
mod healed;
mod l12_budgets;
mod l12_delays;
mod l12_limits;
mod l12_windows;
mod l1_at_most_once;
mod l2_causes;
mod l2_no_silent_loss;
mod l3_conservation;
mod l4_colleagues;
mod l4_owner_wrote;
mod l4_stop_means_stop;
mod senses;
mod violation;

use std::collections::BTreeMap;
use std::fmt::Debug;

use jiff::Timestamp;
use jooper_core::{CampaignId, CommandId, EnrollmentId, LeadId, MailboxId, SendKey};
use jooper_storage::tables::{EnrollmentRow, SendRow};

use crate::population::Said;

pub use violation::Violation;

pub(crate) use desk::{Asked, TestsAsked, Wish, Wishes};
pub(crate) use healed::{ProviderView, check_healed};
pub(crate) use l1_at_most_once::AtMostOnce;
pub(crate) use l2_causes::{Causes, Known};
pub(crate) use l2_no_silent_loss::{NoSilentLoss, check_ledger};
pub(crate) use l3_conservation::Conservation;
pub(crate) use l4_colleagues::Colleagues;
pub(crate) use l4_owner_wrote::OwnerWrote;
pub(crate) use l4_stop_means_stop::StopMeansStop;
pub(crate) use l12_budgets::Budgets;
pub(crate) use l12_delays::Delays;
pub(crate) use l12_limits::{LaneLimits, Pace};
pub(crate) use l12_windows::Windows;
pub(crate) use senses::Senses;

/// A row before and after a commit.
#[derive(Debug, Clone)]
pub(crate) struct Moved<R> {
    pub(crate) before: Option<R>,
    pub(crate) after: R,
}

/// What one successful commit did, as far as a law asks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// The lane's token that the engine asked the store to check, and the lane's true one.
    pub(crate) fence: Option<(MailboxId, i64, i64)>,
    /// A row of the ledger was written that was not the one its writer had read.
    pub(crate) overwritten: bool,
    pub(crate) sends: Vec<Moved<SendRow>>,
    pub(crate) enrollments: Vec<Moved<EnrollmentRow>>,
    pub(crate) stopped_leads: Vec<LeadId>,
    pub(crate) stopped_campaigns: Vec<CampaignId>,
    pub(crate) resumed_campaigns: Vec<CampaignId>,
    pub(crate) stopped_enrollments: Vec<EnrollmentId>,
    pub(crate) resumed_enrollments: Vec<EnrollmentId>,
    /// How far a mailbox was read.
    pub(crate) heard: Option<(MailboxId, usize)>,
    /// Commands by which somebody wants something, as they were written.
    pub(crate) wishes: Vec<(CommandId, Wish)>,
    /// Commands that were taken out of their lanes.
    pub(crate) done: Vec<CommandId>,
    /// A lane that was let go.
    pub(crate) let_go: Option<MailboxId>,
}

impl Change {
    pub(crate) fn is_empty(&self) -> bool {
        self.fence.is_none()
            && self.sends.is_empty()
            && self.enrollments.is_empty()
            && self.stopped_leads.is_empty()
            && self.stopped_campaigns.is_empty()
            && self.resumed_campaigns.is_empty()
            && self.stopped_enrollments.is_empty()
            && self.resumed_enrollments.is_empty()
            && self.wishes.is_empty()
            && self.done.is_empty()
    }
}

/// A lane that a worker was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claimed {
    pub(crate) mailbox: MailboxId,
    /// Until when, by the lease clock.
    pub(crate) until: u64,
    /// Now, by the lease clock.
    pub(crate) now: u64,
}

/// A mail that the provider took, at that moment.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) key: SendKey,
    pub(crate) mailbox: MailboxId,
    /// The ledger row as it stands.
    pub(crate) row: Option<SendRow>,
    /// The highest time that the lane has written down.
    pub(crate) high_water: Timestamp,
    /// What the wall clock shows.
    pub(crate) wall: Timestamp,
    /// Wall time that really passed since the beginning, in milliseconds.
    pub(crate) elapsed: u64,
    /// How often the wall clock has jumped so far.
    pub(crate) jumps: u32,
    /// Wall time that really passed since it last did, in milliseconds.
    pub(crate) since_jump: u64,
}

impl Accepted {
    /// The highest time that anybody has seen: what limits and days are counted by.
    pub(crate) fn seen(&self) -> Timestamp {
        self.wall.max(self.high_water)
    }

    /// Whether the clock was set while the mail was under way.
    pub(crate) const fn is_unsettled(&self) -> bool {
        self.since_jump < UNDER_WAY
    }
}

/// A permit lasts ten seconds; so long after its reservation a mail may be taken.
const UNDER_WAY: u64 = 15_000;

/// A mail that the provider put into a mailbox, and what it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spoke {
    pub(crate) mailbox: MailboxId,
    /// Its place in the mailbox.
    pub(crate) place: usize,
    pub(crate) enrollment: EnrollmentId,
    pub(crate) said: Said,
}

/// How far each mailbox was read.
#[derive(Debug, Default)]
pub(crate) struct Heard(BTreeMap<MailboxId, usize>);

impl Heard {
    fn follow(&mut self, change: &Change) {
        if let Some((mailbox, place)) = change.heard {
            self.0.insert(mailbox, place);
        }
    }

    fn has_read(&self, spoke: &Spoke) -> bool {
        let heard = self.0.get(&spoke.mailbox);
        heard.is_some_and(|heard| *heard > spoke.place)
    }
}

/// A law that is judged as things happen.
pub(crate) trait Invariant: Debug + Send {
    fn committed(&mut self, _: &Change) -> Result<(), Violation> {
        Ok(())
    }

    fn claimed(&mut self, _: &Claimed) -> Result<(), Violation> {
        Ok(())
    }

    fn accepted(&mut self, _: &Accepted) -> Result<(), Violation> {
        Ok(())
    }

    /// Somebody wrote something that a law asks about, once it is read.
    fn spoke(&mut self, _: &Spoke) {}

    /// A person pressed the link that stops.
    fn stop_asked(&mut self, _: LeadId) {}

    /// Somebody followed a link of this mail.
    fn clicked(&mut self, _: SendKey) {}

    /// The office released an unknown send for one further attempt.
    fn release_asked(&mut self, _: SendKey) {}

    /// The office gave up on an unknown send.
    fn given_up(&mut self, _: SendKey) {}

    /// The office asked for one step of an enrollment to be skipped.
    fn skip_asked(&mut self, _: EnrollmentId) {}

    /// The office asked for the next mail of an enrollment to go now.
    fn now_asked(&mut self, _: EnrollmentId) {}

    /// The office asked for a test mail.
    fn test_asked(&mut self, _: SendKey) {}

    /// The office asked for an enrollment to go on.
    fn resumed(&mut self, _: EnrollmentId) {}
}
