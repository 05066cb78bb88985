//! The store as a worker sees it: every call can be its last, some fail, all are watched.
//!
//! A commit takes effect at one point between two suspensions. What it did is read at that very
//! point, so the laws see what the store did, also when the worker never hears of it.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{Note, StoppedScope};
use jooper_core::{
    CommandId, EnrollmentId, EventKind, MailboxId, ScopeKind, SendState, WorkspaceId,
};
use jooper_storage::tables::{
    CONTACT_FENCE, ENROLLMENT, LANE, LANE_COMMAND, LaneCommandRow, LaneRow, MAILBOX, SCOPE_STOP,
    SEND, SendRow,
};
use jooper_storage::{
    Batch, Capabilities, Check, Claim, Claimed, Column, ColumnOp, Erase, Erased, Key, LogCursor,
    LogEntry, LogPage, Page, Record, Row, Scan, Scope, Storage, StoreError, Value, Write,
};

use crate::executor::{Stuck, Suspend, complete};
use crate::invariants::{self, Change, Moved, Wish};
use crate::mutant::Mutant;
use crate::office::Errand;
use crate::shape::Shape;
use crate::stage::{Phase, Stage};
use crate::time::store_time;

/// A worker's way to the shared store.
#[derive(Debug)]
pub(crate) struct WatchedStore {
    pub(crate) stage: Arc<Stage>,
    /// Which worker; none for the office, whose calls do not fail.
    pub(crate) worker: Option<usize>,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) shape: Shape,
    pub(crate) late_answers: bool,
}

/// How many seconds a receipt is kept back for a row that nobody writes.
const LONGEST: u32 = 600;

fn at_once<T>(result: Result<Result<T, StoreError>, Stuck>) -> Result<T, StoreError> {
    result.unwrap_or_else(|stuck| Err(StoreError::Unavailable(Some(Box::new(stuck)))))
}

impl WatchedStore {
    fn fails(&self, one_in: u64) -> bool {
        let fails =
            self.worker.is_some() && self.stage.chaos() && self.stage.store_chance().one_in(one_in);
        if fails {
            self.stage.counts().store_faults += 1;
            self.stage.trace().add("store fault");
        }
        fails
    }

    fn row<R: Record>(&self, scope: Scope, key: &Key) -> Option<R> {
        let rows = complete(self.stage.store.get(scope, std::slice::from_ref(key)));
        let row = rows.ok()?.ok()?.into_iter().next().flatten()?;
        R::from_values(row.values).ok()
    }

    /// What a batch will have done, with the rows as they are before.
    fn change(&self, batch: &Batch) -> Change {
        let mut change = Change::default();
        for check in &batch.checks {
            if let Check::Fence(key, token) = check
                && let Some(lane) = self.row::<LaneRow>(batch.scope, key)
            {
                change.fence = Some((lane.mailbox, *token, lane.fence));
            }
        }
        for write in &batch.writes {
            match write {
                Write::Put(key, values) if key.table().name == SEND.name => {
                    self.moved(batch, key, values, &mut change.sends);
                    change.overwritten |= self.overwrites(batch, key);
                }
                Write::Put(key, values) if key.table().name == ENROLLMENT.name => {
                    self.moved(batch, key, values, &mut change.enrollments);
                }
                Write::Put(key, values) if key.table().name == LANE.name => {
                    let row = LaneRow::from_values(values.clone()).ok();
                    let free = row.filter(|row| row.lease_until == Timestamp::UNIX_EPOCH);
                    change.let_go = free.map(|row| row.mailbox);
                }
                Write::Put(key, values) if key.table().name == LANE_COMMAND.name => {
                    let row = LaneCommandRow::from_values(values.clone()).ok();
                    let wish = row.and_then(|row| Some((row.id, Wish::of(&row)?)));
                    change.wishes.extend(wish);
                }
                Write::Delete(key) if key.table().name == LANE_COMMAND.name => {
                    if let Some(Value::Id(id)) = key.values().get(1) {
                        change.done.push(CommandId::from_uuid(*id));
                    }
                }
                Write::Patch(key, columns) if key.table().name == MAILBOX.name => {
                    change.heard = heard(key, columns);
                }
                _ => {}
            }
        }
        for entry in &batch.log {
            match entry.kind {
                EventKind::Stopped => {
                    change.stopped_leads.extend(entry.lead);
                    change.stopped_campaigns.extend(entry.dimensions.campaign);
                    let stands = |id: &EnrollmentId| self.stands(batch, *id);
                    let stopped = enrollment_in(entry).filter(stands);
                    change.stopped_enrollments.extend(stopped);
                }
                EventKind::Resumed => {
                    change.resumed_campaigns.extend(entry.dimensions.campaign);
                    change.resumed_enrollments.extend(enrollment_in(entry));
                }
                _ => {}
            }
        }
        change
    }

    /// Whether a stop of an enrollment stands: somebody may have resumed it before it was
    /// acknowledged.
    fn stands(&self, batch: &Batch, id: EnrollmentId) -> bool {
        let key = vec![ScopeKind::Enrollment.to_value(), id.to_value()];
        let key = Key::new(&SCOPE_STOP, key);
        let rows = complete(self.stage.store.get(batch.scope, &[key]));
        let rows = rows.ok().and_then(Result::ok).unwrap_or_default();
        rows.into_iter().any(|row| row.is_some())
    }

    /// Whether a row stands where the writer saw none, or another version than it read.
    fn overwrites(&self, batch: &Batch, key: &Key) -> bool {
        let rows = complete(self.stage.store.get(batch.scope, std::slice::from_ref(key)));
        let rows = rows.ok().and_then(Result::ok).unwrap_or_default();
        let live = rows.into_iter().next().flatten().map(|row| row.version);
        !batch.checks.iter().any(|check| match check {
            Check::Absent(of) => of == key && live.is_none(),
            Check::Version(of, version) => of == key && live == Some(*version),
            _ => false,
        })
    }

    fn moved<R: Record>(
        &self,
        batch: &Batch,
        key: &Key,
        values: &[Value],
        into: &mut Vec<Moved<R>>,
    ) {
        if let Ok(after) = R::from_values(values.to_vec()) {
            let before = self.row::<R>(batch.scope, key);
            into.push(Moved { before, after });
        }
    }

    /// Which send a batch brings into which phase, before and after it is done.
    fn phases(batch: &Batch) -> Option<(MailboxId, Phase, Option<Phase>)> {
        let row = batch.writes.iter().find_map(|write| match write {
            Write::Put(key, values) if key.table().name == SEND.name => {
                SendRow::from_values(values.clone()).ok()
            }
            _ => None,
        })?;
        Some(match row.state {
            SendState::Reserved => (row.mailbox, Phase::Reserve, Some(Phase::Posting)),
            SendState::Posting => (row.mailbox, Phase::Posting, Some(Phase::Waiting)),
            _ => (row.mailbox, Phase::Settle, Some(Phase::Work)),
        })
    }

    fn line(&self, batch: &Batch, result: &Result<(), StoreError>) -> String {
        let mut line = match self.worker {
            Some(worker) => format!("commit w{worker}"),
            None => "commit office".to_owned(),
        };
        for write in &batch.writes {
            line.push(' ');
            line.push_str(write.key().table().name);
            if let Write::Put(key, values) = write
                && key.table().name == SEND.name
                && let Ok(row) = SendRow::from_values(values.clone())
            {
                line.push_str(&format!("({:?} {})", row.key, row.state.name()));
            }
        }
        for entry in &batch.log {
            line.push_str(&format!(" +{:?}", entry.kind));
        }
        if let Err(error) = result {
            line.push_str(match error {
                StoreError::Conflict { .. } => " -> conflict",
                StoreError::FenceLost => " -> fence lost",
                _ => " -> error",
            });
        }
        line
    }
}

/// The enrollment that somebody paused, resumed or ended.
fn enrollment_in(entry: &LogEntry) -> Option<EnrollmentId> {
    let scope = match Note::from_payload(entry.payload.as_deref()?)? {
        Note::Stop(note) => note.scope,
        Note::Resume { scope, .. } => scope,
        _ => return None,
    };
    match scope {
        StoppedScope::Id(ScopeKind::Enrollment, id) => Some(EnrollmentId::from_uuid(id)),
        _ => None,
    }
}

fn heard(key: &Key, columns: &[(&'static str, ColumnOp)]) -> Option<(MailboxId, usize)> {
    let Some(Value::Id(mailbox)) = key.values().first() else {
        return None;
    };
    columns.iter().find_map(|(name, op)| match (*name, op) {
        ("cursor", ColumnOp::Set(Value::Text(cursor))) => {
            Some((MailboxId::from_uuid(*mailbox), cursor.parse().ok()?))
        }
        _ => None,
    })
}

#[async_trait]
impl Storage for WatchedStore {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let phases = self.worker.zip(Self::phases(&batch));
        if let Some((worker, (mailbox, before, _))) = phases {
            self.stage.set_phase(worker, mailbox, before);
        }
        Suspend::once().await;
        if self.late_answers && self.worker.is_some() {
            self.keep_back(&batch).await;
        }
        if self.fails(900) {
            return Err(StoreError::Unavailable(None));
        }
        if self.fails(1800) {
            return Err(StoreError::Unknown(None));
        }
        let change = self.change(&batch);
        let weaker = match self.mutant {
            Some(mutant) => mutant.weaken(batch.clone()),
            None => batch.clone(),
        };
        let result = at_once(complete(self.stage.store.commit(weaker)));
        let line = self.line(&batch, &result);
        self.stage.trace().add(&line);
        self.stage.counts().commits += 1;
        if result.is_ok() && !change.is_empty() {
            self.stage.committed(&change);
            self.meddle(&change);
        }
        Suspend::once().await;
        if let Some((worker, (mailbox, _, after))) = phases
            && result.is_ok()
            && let Some(after) = after
        {
            self.stage.set_phase(worker, mailbox, after);
        }
        if let Some((worker, mailbox)) = self.worker.zip(change.let_go)
            && result.is_ok()
        {
            self.stage.clear_phase(worker, mailbox);
        }
        if self.fails(1800) {
            return Err(StoreError::Unknown(None));
        }
        result
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        Suspend::once().await;
        if self.fails(6000) {
            return Err(StoreError::Unavailable(None));
        }
        self.disturb(keys);
        at_once(complete(self.stage.store.get(scope, keys)))
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        Suspend::once().await;
        if self.fails(6000) {
            return Err(StoreError::Unavailable(None));
        }
        at_once(complete(self.stage.store.scan(scope, scan)))
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        Suspend::once().await;
        if self.fails(6000) {
            return Err(StoreError::Unavailable(None));
        }
        let claimed = at_once(complete(self.stage.store.claim(claim)));
        for row in claimed.iter().flatten() {
            let Ok(lane) = LaneRow::from_values(row.row.values.clone()) else {
                continue;
            };
            let until = lane.lease_until.as_millisecond() - store_time(0).as_millisecond();
            self.stage.claimed(&invariants::Claimed {
                mailbox: lane.mailbox,
                until: u64::try_from(until).unwrap_or(0),
                now: self.stage.time.lease(),
            });
            if let Some(worker) = self.worker {
                self.stage.set_phase(worker, lane.mailbox, Phase::Work);
                let line = format!("claim w{worker} {} fence {}", lane.mailbox, lane.fence);
                self.stage.trace().add(&line);
            }
        }
        Suspend::once().await;
        claimed
    }

    async fn read_log(
        &self,
        workspace: WorkspaceId,
        cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        Suspend::once().await;
        at_once(complete(self.stage.store.read_log(workspace, cursor)))
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        Suspend::once().await;
        let result = at_once(complete(self.stage.store.erase(erase)));
        Suspend::once().await;
        result
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(store_time(self.stage.time.lease()))
    }

    fn capabilities(&self) -> Capabilities {
        self.stage.store.capabilities()
    }
}

/// The row of a mail that is written by whoever may have lost the lane: a receipt.
fn late_receipt(batch: &Batch) -> Option<(&Key, SendRow)> {
    let is_fenced = |check: &Check| matches!(check, Check::Fence(..));
    if batch.checks.iter().any(is_fenced) {
        return None;
    }
    batch.writes.iter().find_map(|write| match write {
        Write::Put(key, values) if key.table().name == SEND.name => {
            Some((key, SendRow::from_values(values.clone()).ok()?))
        }
        _ => None,
    })
}

impl WatchedStore {
    /// Keeps a late receipt back, between its writer's last look at the row and its commit, until whoever
    /// has the lane has written the row. No fence is asked then: the unique key alone keeps the two apart.
    async fn keep_back(&self, batch: &Batch) {
        let Some((key, row)) = late_receipt(batch) else {
            return;
        };
        if !self.stage.keep_back(row.key) {
            return;
        }
        for _ in 0..LONGEST {
            if self.overwrites(batch, key) {
                self.stage.counts().held_back += 1;
                let line = format!("a receipt of {:?} was kept back", row.key);
                self.stage.trace().add(&line);
                return;
            }
            self.stage.time.sleep(1_000).await;
        }
    }

    /// While the gate looks at a person, the person sometimes presses the link that stops, and the
    /// office sometimes pauses the campaign; the worker stands still until that is done. These are
    /// the moments that a gate could miss.
    fn disturb(&self, keys: &[Key]) {
        let Some(worker) = self.worker.filter(|_| self.stage.chaos()) else {
            return;
        };
        let Some(fence) = keys
            .iter()
            .find(|key| key.table().name == CONTACT_FENCE.name)
        else {
            return;
        };
        let [Value::Bytes(index)] = fence.values() else {
            return;
        };
        let contacts = self.stage.contacts.lock();
        let lead = contacts.ok().and_then(|all| all.get(index).copied());
        let Some(lead) = lead else { return };
        let mut chance = self.stage.office_chance();
        if chance.one_in(8) {
            self.stage.errand(Errand::Stop(lead));
        } else if chance.one_in(20) {
            self.stage.errand(Errand::PauseCampaign);
        } else {
            return;
        }
        self.stage.stand_still(worker, chance.between(200, 4_000));
    }

    /// At a desk people wait for nothing: behind a mail they want the next one now, or none, or to see
    /// it themselves.
    fn work_beside(&self, change: &Change) {
        let mut chance = self.stage.office_chance();
        for moved in &change.sends {
            let row = &moved.after;
            let Some(enrollment) = row.enrollment.filter(|_| row.state == SendState::Sent) else {
                continue;
            };
            let soon = chance.between(100, 2 * 86_400_000);
            let errand = match chance.below(10) {
                0..=2 => Errand::SendNow(enrollment),
                3 => Errand::Skip(enrollment),
                4 | 5 => {
                    let (step, wish) = (chance.below(4) as u16, chance.below(u64::MAX));
                    Errand::Test(row.mailbox, step, wish)
                }
                _ => continue,
            };
            self.stage.errand_in(soon, errand);
            // Some press the button twice.
            if chance.one_in(4) && !matches!(errand, Errand::Skip(_)) {
                self.stage.errand_in(soon + chance.below(30_000), errand);
            }
        }
    }

    /// A send became unknown: while its worker may still wait for the answer, somebody gives it
    /// up, releases it or pauses the lead. Now and then somebody skips the step after a mail.
    fn meddle(&self, change: &Change) {
        if self.worker.is_none() || !self.stage.chaos() {
            return;
        }
        if self.shape == Shape::Desk {
            self.work_beside(change);
        }
        let mut chance = self.stage.office_chance();
        for moved in &change.sends {
            let row = &moved.after;
            let Some(enrollment) = row.enrollment else {
                continue;
            };
            let soon = chance.between(100, 30_000);
            let errand = match (row.state, chance.below(40)) {
                (SendState::Unknown, 0..=4) => Errand::Abandon(row.key),
                (SendState::Unknown, 5..=9) => Errand::Release(row.key),
                (SendState::Unknown, 10..=19) => Errand::Pause(enrollment),
                (SendState::Unknown, _) => Errand::Decide(row.key),
                (SendState::Sent, 0) => Errand::Skip(enrollment),
                (SendState::Sent, 1) => Errand::Pause(enrollment),
                _ => continue,
            };
            let soon = match errand {
                Errand::Decide(_) => chance.between(2, 30) * 3_600_000,
                _ => soon,
            };
            self.stage.errand_in(soon, errand);
            if let Errand::Pause(enrollment) = errand {
                let hours = chance.between(1, 60);
                let resume = Errand::Resume(enrollment);
                self.stage.errand_in(soon + hours * 3_600_000, resume);
            }
        }
    }
}
