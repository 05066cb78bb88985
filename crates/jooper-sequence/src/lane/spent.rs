//! What a reservation takes from the budgets, and gives back when the mail certainly did not go.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{CampaignId, EnrollmentId, KeyedIndex, MailboxId, WorkspaceId};
use jooper_storage::tables::{COUNTER, CounterRow, EnrollmentRow, MailboxRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, Record, Scan, StorageExt, Value, Versioned, Write,
};
use uuid::Uuid;

use super::Lane;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::explain::SharedUse;
use crate::model::Limits;
use crate::planner::{Recent, RecentSend, oldest_quarter, quarter_of, room};

/// How long a counter is kept behind its last use, in milliseconds.
const KEEP: i64 = 8 * 86_400_000;

/// What the key of every counter of a shared budget begins with.
const SHARED: &[u8] = b"shared budget";

/// How many counters are folded at once.
const PAGE: usize = 100;

/// A budget that lanes share, over any 24 hours: a counter for each quarter of an hour, with what
/// the campaign allows of all of them. Every campaign's mails count; only a campaign that sets a
/// limit is held by it.
#[derive(Debug, Clone)]
struct Shared {
    /// The counter that this mail counts in.
    row: CounterRow,
    /// What the key of each of its counters begins with.
    whose: Vec<u8>,
    most: Option<i64>,
    scope: Scope,
}

/// What one mail takes.
#[derive(Debug, Clone)]
pub(crate) struct Spent {
    /// From the mailbox, whose lane alone keeps count.
    pub(super) send: RecentSend,
    /// From budgets of the domain and the workspace.
    shared: Vec<Shared>,
}

/// A shared budget that is used up.
#[derive(Debug, Clone, Copy)]
pub(super) struct UsedUp {
    /// When to look again.
    pub(super) until: Timestamp,
    /// Whose it is.
    pub(super) scope: Scope,
}

/// What shares a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All mailboxes.
    Workspace,
    /// Those of one domain.
    Sender,
    /// Whoever writes to one domain.
    Recipient,
}

impl Scope {
    /// In words, behind a number of mails.
    const fn words(self) -> &'static str {
        match self {
            Self::Workspace => "from all mailboxes together",
            Self::Sender => "from the mailboxes of its domain",
            Self::Recipient => "to the domain of the recipient",
        }
    }

    /// As counters name it.
    const fn letter(self) -> u8 {
        match self {
            Self::Workspace => b'w',
            Self::Sender => b's',
            Self::Recipient => b'r',
        }
    }
}

/// What shared budgets leave to one mail.
#[derive(Debug, Default)]
pub(super) struct Room {
    /// What the count that the mail goes into may grow to, budget by budget.
    most: Vec<Check>,
    /// The counts beside it, as they were read: whose clock differs a little may count there.
    pinned: Vec<Check>,
    /// What was counted.
    pub(super) used: Vec<SharedUse>,
}

/// The counters of one budget, by their quarters.
type Counters = BTreeMap<i64, Versioned<CounterRow>>;

fn counts_of(known: &Counters) -> BTreeMap<i64, i64> {
    let counts = known.iter();
    counts
        .map(|(quarter, row)| (*quarter, row.record.count))
        .collect()
}

impl Spent {
    pub(crate) fn of(
        campaign: CampaignId,
        limits: &Limits,
        account: &MailboxRow,
        recipient: KeyedIndex,
        now: Timestamp,
    ) -> Self {
        let quarter = quarter_of(now);
        let sender = account.domain_index;
        let scopes: [(Scope, &[u8], Option<u32>); 3] = [
            (Scope::Workspace, &[], limits.workspace),
            (Scope::Sender, sender.as_bytes(), limits.sender_domain),
            (
                Scope::Recipient,
                recipient.as_bytes(),
                limits.recipient_domain,
            ),
        ];
        let shared = scopes.into_iter().map(|(scope, of, most)| {
            let mut whose = SHARED.to_vec();
            whose.push(scope.letter());
            whose.extend_from_slice(of);
            Shared {
                row: CounterRow {
                    key: counter(&whose, quarter),
                    count: 1,
                    expires_at: now.as_millisecond() + KEEP,
                },
                whose,
                most: most.map(i64::from),
                scope,
            }
        });
        Self {
            send: RecentSend::new(now, campaign),
            shared: shared.collect(),
        }
    }

    /// What a mail takes that belongs to no campaign and is held back by no budget: it is no campaign's
    /// turn, and counts against what all of them may send.
    pub(super) fn beside(account: &MailboxRow, recipient: KeyedIndex, now: Timestamp) -> Self {
        let nobody = CampaignId::from_uuid(Uuid::nil());
        Self::of(nobody, &Limits::default(), account, recipient, now)
    }

    /// What the shared budgets that the campaign sets would leave then, as far as it is known now.
    pub(crate) async fn used(
        &self,
        engine: &Engine,
        workspace: WorkspaceId,
        enrollment: &EnrollmentRow,
        at: Timestamp,
    ) -> Result<Vec<SharedUse>, EngineError> {
        let mut all = Vec::new();
        for shared in &self.shared {
            let Some(most) = shared.most else { continue };
            let apart = shared.apart(enrollment.mailbox, enrollment.id);
            let then = at.saturating_sub(apart).unwrap_or(at);
            let counts = counts_of(&shared.counters(engine, workspace, then).await?);
            all.push(shared.taken(&counts, most, then, apart));
        }
        Ok(all)
    }

    /// Takes it, together with the reservation, as far as the shared budgets leave room.
    pub(super) fn reserve(
        &self,
        batch: Batch,
        lane: Key,
        recent: &Recent,
        room: Room,
        now: Timestamp,
    ) -> Batch {
        let columns = vec![
            ("recent", ColumnOp::Set(recent.to_bytes().to_value())),
            // A day that was counted has been seen, whatever the clock says after a crash.
            ("high_water", ColumnOp::Set(now.to_value())),
        ];
        let mut batch = batch.write(Write::Patch(lane, columns));
        for shared in &self.shared {
            let key = shared.key();
            let grow = vec![("count", ColumnOp::Add(1))];
            batch = batch.write(Write::Upsert(key, shared.row.to_values(), grow));
        }
        room.pinned
            .into_iter()
            .chain(room.most)
            .fold(batch, Batch::check)
    }

    /// Gives it back.
    pub(super) fn give_back(&self, batch: Batch, lane: Key, recent: &Recent) -> Batch {
        let columns = vec![("recent", ColumnOp::Set(recent.to_bytes().to_value()))];
        let batch = batch.write(Write::Patch(lane, columns));
        self.shared.iter().fold(batch, |batch, shared| {
            let less = vec![("count", ColumnOp::Add(-1))];
            batch.write(Write::Patch(shared.key(), less))
        })
    }
}

impl Shared {
    fn key(&self) -> Key {
        key(self.row.key.clone())
    }

    /// How long behind the others of its budget this mail takes it for free.
    fn apart(&self, mailbox: MailboxId, enrollment: EnrollmentId) -> SignedDuration {
        apart(match self.scope {
            Scope::Recipient => enrollment.uuid(),
            Scope::Workspace | Scope::Sender => mailbox.uuid(),
        })
    }

    /// Its counters that may hold a mail of the 24 hours before then: one bounded read.
    async fn counters(
        &self,
        engine: &Engine,
        workspace: WorkspaceId,
        then: Timestamp,
    ) -> Result<Counters, EngineError> {
        let oldest = Value::Bytes(counter(&self.whose, oldest_quarter(then)));
        let newest = Value::Bytes(counter(&self.whose, i64::MAX));
        let scan = Scan::table(&COUNTER).range(Bound::Included(oldest), Bound::Included(newest));
        let rows = engine.storage().collect::<CounterRow>(workspace, scan);
        let mut known = BTreeMap::new();
        for row in rows.await? {
            let quarter = row.record.key.last_chunk().copied().map(u32::from_be_bytes);
            known.insert(i64::from(quarter.unwrap_or(0)), row);
        }
        Ok(known)
    }

    fn taken(
        &self,
        counts: &BTreeMap<i64, i64>,
        most: i64,
        then: Timestamp,
        apart: SignedDuration,
    ) -> SharedUse {
        let until = room(counts, most, then).err();
        SharedUse {
            whose: self.scope.words(),
            sent: counts.values().sum(),
            most,
            until: until.map(|until| until.saturating_add(apart).unwrap_or(until)),
        }
    }
}

fn key(counter: Vec<u8>) -> Key {
    Key::new(&COUNTER, vec![Value::Bytes(counter)])
}

/// The key of one counter of a budget; those of one budget lie in the order of time.
fn counter(whose: &[u8], quarter: i64) -> Vec<u8> {
    let number = u32::try_from(quarter).unwrap_or(u32::MAX);
    [whose, &number.to_be_bytes()].concat()
}

/// Whose a counter is, and of which quarter; `None`: it is no shared budget's.
fn quarter_in(counter: &[u8]) -> Option<(&[u8], i64)> {
    let (whose, number) = counter.split_last_chunk()?;
    let quarter = i64::from(u32::from_be_bytes(*number));
    whose.starts_with(SHARED).then_some((whose, quarter))
}

/// Within how many seconds whoever waits for the same budget takes it for free.
const SPREAD: u64 = 300;

/// Not all take it for free at one instant: whose turn it is would be chance then, and a forecast
/// could not tell.
fn apart(whose: Uuid) -> SignedDuration {
    let (_, low) = whose.as_u64_pair();
    SignedDuration::from_millis((low % (SPREAD * 1000)) as i64)
}

/// Has a batch count in the present quarter what stands in later ones than the next, where whoever has a
/// clock that differs a little counts.
fn fold(mut batch: Batch, counters: &[Versioned<CounterRow>], now: Timestamp) -> Batch {
    let present = quarter_of(now);
    let mut sums = BTreeMap::<&[u8], i64>::new();
    for Versioned { record, version } in counters {
        let shared = quarter_in(&record.key).filter(|(_, quarter)| *quarter > present + 1);
        let Some((whose, _)) = shared else { continue };
        *sums.entry(whose).or_default() += record.count;
        batch = batch
            .check(Check::Version(record.key(), *version))
            .write(Write::Delete(record.key()));
    }
    for (whose, count) in sums.into_iter().filter(|(_, count)| *count > 0) {
        let row = CounterRow {
            key: counter(whose, present),
            count,
            expires_at: now.as_millisecond() + KEEP,
        };
        let grow = vec![("count", ColumnOp::Add(count))];
        batch = batch.write(Write::Upsert(row.key(), row.to_values(), grow));
    }
    batch
}

impl Lane<'_> {
    /// Counts in the present quarter what a clock that was ahead counted in quarters of the future, of every
    /// budget of the workspace: they hold every mailbox back. It returns whether that is all; what is left
    /// is for the next claim.
    pub(super) async fn fold_future_counts(&self) -> Result<bool, EngineError> {
        let (storage, now) = (self.engine.storage(), self.engine.now());
        // They end by the clock that counted them.
        let later = Bound::Included(Value::Int(now.as_millisecond() + KEEP));
        let ahead = Scan::table(&COUNTER).by("by_expiry").limit(PAGE);
        let ahead = ahead.range(later, Bound::Unbounded);
        let mut after = None;
        while !self.out_of_time() {
            let scan = ahead.clone().after(after.clone());
            let page = storage.page::<CounterRow>(self.workspace, scan).await?;
            let batch = fold(self.batch(), &page.records, now);
            if !batch.writes.is_empty() {
                match storage.commit(batch).await {
                    Err(error) if error.is_conflict() => continue,
                    done => done?,
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A budget of the workspace or of the domain that is used up, whoever is next.
    pub(super) async fn shared_full(
        &self,
        enrollment: &EnrollmentRow,
        limits: &Limits,
    ) -> Result<Option<UsedUp>, EngineError> {
        let limits = Limits {
            recipient_domain: None,
            ..*limits
        };
        let now = self.now();
        let domain = self.account.domain_index;
        let campaign = enrollment.campaign;
        let spent = Spent::of(campaign, &limits, &self.account, domain, now);
        let room = self.shared_room(&spent, enrollment.id, now).await?;
        Ok(room.err())
    }

    /// What the shared budgets that a campaign sets leave to one mail.
    pub(super) async fn shared_room(
        &self,
        spent: &Spent,
        enrollment: EnrollmentId,
        now: Timestamp,
    ) -> Result<Result<Room, UsedUp>, EngineError> {
        let mut left = Room::default();
        for shared in &spent.shared {
            let Some(most) = shared.most else { continue };
            let apart = shared.apart(self.mailbox, enrollment);
            let (own, then) = (quarter_of(now), now.saturating_sub(apart).unwrap_or(now));
            let known = shared.counters(self.engine, self.workspace, then).await?;
            let counts = counts_of(&known);
            let used = shared.taken(&counts, most, then, apart);
            if let Some(until) = used.until {
                let scope = shared.scope;
                return Ok(Err(UsedUp { until, scope }));
            }
            left.used.push(used);
            let others: i64 = counts.values().sum::<i64>() - counts.get(&own).unwrap_or(&0);
            let check = Check::AtMost(shared.key(), "count", most - others);
            left.most.push(check);
            for beside in [own - 1, own + 1] {
                let key = key(counter(&shared.whose, beside));
                left.pinned.push(match known.get(&beside) {
                    Some(row) => Check::Version(key, row.version),
                    None => Check::Absent(key),
                });
            }
        }
        Ok(Ok(left))
    }
}
