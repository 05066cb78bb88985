//! One mailbox's single writer, from claim to release.
//!
//! Every write carries the lane's fencing token, except evidence that a mail was accepted. A lane
//! that is interrupted anywhere starts again from its rows: nothing is kept in memory between two
//! claims.

mod account;
mod ahead;
mod apply;
mod beside;
mod command;
mod context;
mod down;
mod each;
mod first;
mod foresee;
mod full;
mod handed;
mod late;
mod matching;
mod once_more;
mod over;
mod rebuild;
mod reconcile;
mod recover;
mod refused;
mod reply;
mod send;
mod service;
mod service_heard;
mod settings;
mod spent;
mod store_mail;
mod sync;
mod tally;
mod test_mail;
mod turns;
mod undone;
mod unread;
mod verdict;
mod volume;
mod walk;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use jooper_core::{CampaignId, CommandId, LeaseInstant, MailboxId, WorkspaceId};
use jooper_storage::tables::{
    LANE, LANE_COMMAND, LaneCommandRow, LaneRow, MailboxProfile, MailboxRow, RebuildRow,
};
use jooper_storage::{
    Batch, Claimed, Column, ColumnOp, Key, Record, Scan, StorageExt, StoreError, Versioned, Write,
};
use jooper_transport::MailboxRef;
use jooper_vault::{Place, WorkspaceVault};

pub use command::Command;
pub(crate) use command::{append, listen, new_lane, written_at};
pub(crate) use context::LeadFacts;
pub(crate) use matching::last_mail;
pub(crate) use reply::is_from_a_person;
pub(crate) use spent::Spent;
pub(crate) use unread::is_unread;
pub(crate) use verdict::OTHERWISE;
pub(crate) use walk::Walk;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::planner::Recent;
use account::Account;
use context::{Campaigns, Identity};

/// A lane that this worker holds.
pub(crate) struct Lane<'e> {
    engine: &'e Engine,
    workspace: WorkspaceId,
    mailbox: MailboxId,
    vault: WorkspaceVault,
    /// The fencing token of this claim.
    token: i64,
    /// When to have let go, by the lease clock.
    until: LeaseInstant,
    /// When what is not urgent leaves the rest of the claim to the mails.
    half: LeaseInstant,
    /// Whether the fate of any of its sends may be unknown: nobody else makes one so.
    unknown: bool,
    row: LaneRow,
    account: Account,
    profile: MailboxProfile,
    campaigns: Campaigns,
    identity: Identity,
    /// Whether everything that had arrived was read before the next follow-up.
    heard: bool,
    /// Set when this process is about to end: finish what is under way, let go.
    stopping: &'e AtomicBool,
    /// What the mailbox sent lately, as its row says it.
    recent: Recent,
    /// Whether it carries out commands just now.
    obeying: bool,
    /// Commands that wait for something: they do not keep the lane.
    held: BTreeSet<CommandId>,
    /// Those who go before all others, and with which mail: somebody said "now".
    first: Vec<first::Wish>,
    /// Campaigns in which something ended during this pass.
    over: Mutex<BTreeSet<CampaignId>>,
    /// After a restore: the mailbox is held until its sends are rebuilt.
    rebuild: Option<Versioned<RebuildRow>>,
    /// The mail that is being handed over.
    in_hand: Option<handed::InHand>,
    /// How many decisions this claim has recorded.
    noted: AtomicI64,
    /// Whether whatever a downtime made late was seen: until it was, the lane's highest time stays.
    caught_up: bool,
}

/// What one pass over a lane found to do next.
#[derive(Debug, Clone, Copy)]
struct Wake(Timestamp);

impl Wake {
    fn sooner(&mut self, at: Timestamp) {
        self.0 = self.0.min(at);
    }
}

impl Engine {
    /// Works a claimed lane once: commands, arrivals, unknown sends, due sends; then lets it go.
    ///
    /// # Errors
    /// [`EngineError::LaneLost`] when another worker took over; any other error leaves the lane to
    /// the next claim, when its lease has ended.
    pub async fn work_lane(
        &self,
        claimed: Claimed,
        claimed_at: LeaseInstant,
    ) -> Result<(), EngineError> {
        self.work_lane_until(claimed, claimed_at, &AtomicBool::new(false))
            .await
    }

    /// Like [`Engine::work_lane`]; once `stopping` is set, nothing new is begun.
    pub(crate) async fn work_lane_until(
        &self,
        claimed: Claimed,
        claimed_at: LeaseInstant,
        stopping: &AtomicBool,
    ) -> Result<(), EngineError> {
        let row = LaneRow::from_values(claimed.row.values)?;
        let opened = Lane::open(self, claimed.workspace, row, claimed_at, stopping).await?;
        let Some(mut lane) = opened else {
            return Ok(());
        };
        lane.recover().await?;
        lane.catch_up().await?;
        while !lane.caught_up {
            if lane.release(Wake(lane.now())).await? {
                return Ok(());
            }
        }
        loop {
            let mut wake = Wake(lane.far_future());
            lane.ask_anew();
            lane.obey_commands(&mut wake).await?;
            lane.listen(&mut wake).await?;
            lane.follow_mailbox(&mut wake).await?;
            if lane.is_rebuilt(&mut wake).await? {
                lane.look_for_evidence(&mut wake).await?;
                let account = lane.account.state;
                lane.send_due(&mut wake).await?;
                if lane.account.state != account {
                    lane.follow_mailbox(&mut wake).await?;
                }
            }
            lane.look_what_is_over().await?;
            if lane.release(wake).await? {
                return Ok(());
            }
        }
    }
}

impl<'e> Lane<'e> {
    pub(crate) async fn open(
        engine: &'e Engine,
        workspace: WorkspaceId,
        row: LaneRow,
        claimed_at: LeaseInstant,
        stopping: &'e AtomicBool,
    ) -> Result<Option<Self>, EngineError> {
        let storage = engine.storage();
        let key = vec![row.mailbox.to_value()];
        let Some(account) = storage.find::<MailboxRow>(workspace, key.clone()).await? else {
            return Ok(None);
        };
        let rebuild = storage.find::<RebuildRow>(workspace, key.clone()).await?;
        let vault = engine.parts.vault.workspace(workspace).await?;
        let subject = vault.subject(row.mailbox).await?;
        let place = Place::new(&jooper_storage::tables::MAILBOX, "profile", &key);
        let profile = subject.open(&place, &account.record.profile)?;
        // A third of the lease stays in reserve for the send that is under way when time is up.
        let until = claimed_at.plus(engine.settings.lease() * 2 / 3);
        let half = claimed_at.plus(engine.settings.lease() / 3);
        Ok(Some(Self {
            engine,
            workspace,
            mailbox: row.mailbox,
            vault,
            token: row.fence,
            until,
            half,
            unknown: true,
            recent: Recent::from_bytes(row.recent.as_deref().unwrap_or_default()),
            row,
            account: Account::new(account),
            profile,
            campaigns: Campaigns::default(),
            identity: None,
            heard: false,
            stopping,
            obeying: false,
            held: BTreeSet::new(),
            first: Vec::new(),
            over: Mutex::default(),
            rebuild,
            in_hand: None,
            noted: AtomicI64::new(0),
            caught_up: true,
        }))
    }

    /// The wall-clock time, never earlier than this lane has seen: caps and days do not run back. When to
    /// look again is said by the clock as it is: see [`Lane::soon`].
    fn now(&self) -> Timestamp {
        self.engine.now().max(self.row.high_water)
    }

    /// So long from now by the clock as it is, by which lanes are claimed: behind a clock that was ahead
    /// the highest time lies in a future until which nobody would read the mailbox.
    fn soon(&self, pause: SignedDuration) -> Timestamp {
        let now = self.engine.now();
        now.saturating_add(pause).unwrap_or(now)
    }

    fn far_future(&self) -> Timestamp {
        self.soon(SignedDuration::from_hours(24 * 30))
    }

    fn is_half_over(&self) -> bool {
        self.out_of_time() || self.engine.parts.lease.now() >= self.half
    }

    fn out_of_time(&self) -> bool {
        self.stopping.load(Ordering::Relaxed) || self.engine.parts.lease.now() >= self.until
    }

    const fn account_ref(&self) -> MailboxRef {
        MailboxRef {
            workspace: self.workspace,
            mailbox: self.mailbox,
        }
    }

    fn key(&self) -> Key {
        Key::new(&LANE, vec![self.mailbox.to_value()])
    }

    fn batch(&self) -> Batch {
        Batch::new(self.workspace).fenced(self.mailbox, self.token)
    }

    /// Lets the lane go until `wake`, unless a command arrived meanwhile.
    async fn release(&mut self, wake: Wake) -> Result<bool, EngineError> {
        let out_of_time = self.out_of_time();
        let lane = self
            .engine
            .storage()
            .find::<LaneRow>(self.workspace, vec![self.mailbox.to_value()])
            .await?
            .ok_or(EngineError::LaneLost)?;
        if lane.record.fence != self.token {
            return Err(EngineError::LaneLost);
        }
        // Behind the lane's row: whoever changes the account after this changes the lane as well.
        if !self.is_account_as_known().await? && !out_of_time {
            return Ok(false);
        }
        if !out_of_time && self.has_commands().await? {
            return Ok(false);
        }
        let next = LaneRow {
            wake_at: if out_of_time {
                self.engine.now()
            } else {
                wake.0
            },
            lease_until: Timestamp::UNIX_EPOCH,
            high_water: match self.caught_up {
                true => self.now(),
                false => lane.record.high_water,
            },
            next_slot: self.row.next_slot,
            ..lane.record
        };
        match self
            .engine
            .storage()
            .commit(self.batch().update(&next, lane.version))
            .await
        {
            Ok(()) => Ok(true),
            // Somebody lowered `wake_at` in between: there is something new to do.
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn has_commands(&self) -> Result<bool, StoreError> {
        // One more than those that are known to wait.
        let scan = Scan::table(&LANE_COMMAND)
            .prefix(vec![self.mailbox.to_value()])
            .limit((self.held.len() + 1).min(Scan::MAX_LIMIT));
        let page = self
            .engine
            .storage()
            .page::<LaneCommandRow>(self.workspace, scan)
            .await?;
        let mut commands = page.records.iter().map(|found| found.record.id);
        Ok(commands.any(|id| !self.held.contains(&id)))
    }

    /// Remembers when the next mail of this mailbox may go.
    fn pace(&mut self, batch: Batch, next_slot: Timestamp) -> Batch {
        batch.write(self.paced(next_slot))
    }

    /// The same as a write.
    fn paced(&mut self, next_slot: Timestamp) -> Write {
        self.row.next_slot = next_slot;
        let slot = ("next_slot", ColumnOp::Set(next_slot.to_value()));
        Write::Patch(self.key(), vec![slot, self.high_water()])
    }

    /// The highest time seen: kept with every mail, so that a crash behind a clock that was set
    /// forward does not bring the day back, with its count.
    fn high_water(&self) -> (&'static str, ColumnOp) {
        (
            "high_water",
            ColumnOp::Max(self.row.high_water.as_millisecond()),
        )
    }
}
