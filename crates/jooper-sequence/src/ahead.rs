//! Lanes that have seen a later time than it is: a host's clock was ahead when they were worked.
//!
//! Limits follow the highest time that was seen (law L12), so such a mailbox sends little or nothing
//! until that time has come, or until a named person says that the clock is right now
//! ([`Mailboxes::trust_clock`]). It is read all the same: where the clock that was ahead also said when to
//! look next, the lane is woken.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_consent::Note;
use jooper_core::{LeaseInstant, MailboxId, UserId, WorkspaceId};
use jooper_storage::tables::{LANE, LaneRow, MailboxRow};
use jooper_storage::{Batch, Column, Scan, Storage, StorageExt, StoreError};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::{Command, append};
use crate::mailboxes::{Mailboxes, changed};

/// Clocks of hosts that are set right differ by less.
const APART: SignedDuration = SignedDuration::from_mins(5);

/// How often the lanes are looked through though no clock was seen to be set back.
const EVERY: Duration = Duration::from_secs(3_600);

/// The mailboxes whose lanes have seen a time that lies minutes or more behind `now`, with that time:
/// until then they send little or nothing. That time ends it, or [`Mailboxes::trust_clock`].
///
/// # Errors
/// As [`Storage::scan`].
pub async fn mailboxes_ahead(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<BTreeMap<MailboxId, Timestamp>, StoreError> {
    let lanes = lanes_ahead(storage, workspace, now).await?.into_iter();
    Ok(lanes.map(|lane| (lane.mailbox, lane.high_water)).collect())
}

async fn lanes_ahead(
    storage: &dyn Storage,
    workspace: WorkspaceId,
    now: Timestamp,
) -> Result<Vec<LaneRow>, StoreError> {
    let lanes = storage.collect::<LaneRow>(workspace, Scan::table(&LANE));
    let lanes = lanes.await?.into_iter().map(|lane| lane.record);
    let is_ahead = |lane: &LaneRow| lane.high_water.duration_since(now) > APART;
    Ok(lanes.filter(is_ahead).collect())
}

impl Mailboxes {
    /// Says that the clocks of all hosts are right now, and that the later time which a mailbox has seen
    /// was a mistake: its limits count from the clock as it is. It sends nothing for the day after, so that
    /// whatever went meanwhile counts as well.
    ///
    /// Whoever it mailed by the wrong clock was mailed by now, and may be mailed again as long after that as
    /// after any mail; whom it planned by it is planned anew. A pause of the provider ends a day from now at
    /// the latest, and what mailboxes share counts what went as of now. Who was taken to be away stays away:
    /// [`Campaigns::send_now`](crate::Campaigns::send_now).
    ///
    /// A person answers for it: the audit chain has who said so, when, and which time was seen.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::State`] when the mailbox has seen no later time;
    /// [`EngineError::Store`].
    pub async fn trust_clock(&self, mailbox: MailboxId, by: UserId) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let key = || vec![mailbox.to_value()];
        let row = storage.find::<MailboxRow>(self.workspace, key()).await?;
        let row = row.ok_or(EngineError::NotFound("mailbox"))?.record;
        let now = self.engine.now();
        let lane = storage.find::<LaneRow>(self.workspace, key()).await?;
        let seen = lane.map(|lane| lane.record.high_water);
        let Some(seen) = seen.filter(|seen| *seen > now) else {
            return Err(EngineError::State(
                "this mailbox has seen no later time than it is; its limits count from the clock as it is",
            ));
        };
        let note = Note::ClockTrusted { mailbox, seen, by };
        let fact = changed(mailbox, Some(row.state), now, b"clock", &note);
        let batch = Batch::new(self.workspace).append(fact);
        let batch = append(&self.engine, batch, mailbox, &Command::TrustClock(by)).await?;
        Ok(storage.commit(batch).await?)
    }
}

impl Engine {
    /// Names the lanes that have seen a later time than it is, and wakes those that sleep.
    pub(crate) async fn wake_lanes_ahead(&self) -> Result<(), EngineError> {
        for workspace in self.workspaces().await? {
            let now = self.now();
            let mut asleep = Vec::new();
            for lane in lanes_ahead(self.storage(), workspace, now).await? {
                let (mailbox, seen) = (lane.mailbox, lane.high_water);
                tracing::warn!(%mailbox, %seen, "a clock was ahead: limits count from there");
                if lane.wake_at > now {
                    asleep.push(mailbox);
                }
            }
            if !asleep.is_empty() {
                self.wake_lanes(workspace, asleep).await?;
            }
        }
        Ok(())
    }
}

/// What a worker has seen of its clock.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch(Mutex<Watched>);

#[derive(Debug, Default)]
struct Watched {
    /// When the lanes were looked through last.
    looked: Option<LeaseInstant>,
    /// What the clock showed last, and when that was.
    shown: Option<(LeaseInstant, Timestamp)>,
}

impl ClockWatch {
    /// Whether the lanes are to be looked through, which the caller does then: when a worker begins,
    /// behind a clock that was set back, and once an hour, as it may have been another host's.
    pub(crate) fn is_due(&self, lease: LeaseInstant, wall: Timestamp) -> bool {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let set_back = watched.shown.is_some_and(|(then, shown)| {
            let passed = SignedDuration::try_from(lease.since(then)).unwrap_or_default();
            shown.duration_since(wall).saturating_add(passed) > APART
        });
        let hour_over = |last| lease.since(last) >= EVERY;
        let due = set_back || watched.looked.is_none_or(hour_over);
        watched.shown = Some((lease, wall));
        if due {
            watched.looked = Some(lease);
        }
        due
    }

    /// They could not be looked through.
    pub(crate) fn look_again(&self) {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.looked = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lanes_are_looked_through_at_first_each_hour_and_when_the_clock_is_set_back() {
        let watch = ClockWatch::default();
        let lease = |minutes: u64| LeaseInstant::from_elapsed(Duration::from_secs(60 * minutes));
        let wall = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let year = 365 * 24 * 60;
        for (elapsed, shows, due) in [
            (0, 0, true),
            (1, 1, false),
            (2, year, false),
            (3, year + 1, false),
            (4, 4, true),
            (5, 5, false),
            (10, 2, true),
            (11, 3, false),
            (69, 61, false),
            (70, 62, true),
        ] {
            let is_due = watch.is_due(lease(elapsed), wall(shows));
            assert_eq!(is_due, due, "at {elapsed} it shows {shows}");
        }
    }
}
