//! What a reservation takes from the budgets, and gives back when the mail certainly did not go.

use jiff::Timestamp;
use jooper_consent::Gate;
use jooper_core::{CampaignId, KeyedIndex, day_of};
use jooper_storage::tables::{COUNTER, CounterRow, EnrollmentRow, MailboxRow};
use jooper_storage::{Batch, Check, Column, ColumnOp, Key, Record, Value, Write};

use crate::model::Limits;
use crate::planner::{Recent, RecentSend};

/// How long a day's counter is kept, in milliseconds.
const KEEP: i64 = 8 * 86_400_000;

/// A budget that lanes share: a counter of one UTC day with what the campaign allows of it. Every
/// campaign's mails count; only a campaign that sets a limit is held by it.
#[derive(Debug, Clone)]
struct Shared {
    row: CounterRow,
    most: Option<i64>,
    recipient: bool,
}

/// What one mail takes.
#[derive(Debug, Clone)]
pub(super) struct Spent {
    /// From the mailbox, whose lane alone keeps count.
    pub(super) send: RecentSend,
    /// From budgets of the domain and the workspace.
    shared: Vec<Shared>,
    /// When those begin anew.
    pub(super) next_day: Timestamp,
    /// Whose first sample it takes a place in: first mails do.
    sample: Option<CampaignId>,
}

impl Spent {
    pub(super) fn of(
        enrollment: &EnrollmentRow,
        limits: &Limits,
        account: &MailboxRow,
        recipient: KeyedIndex,
        now: Timestamp,
    ) -> Self {
        let day = day_of(now);
        let next = (i64::from(day) + 1) * 86_400;
        let sender = account.domain_index;
        let scopes: [(u8, &[u8], Option<u32>); 3] = [
            (b'w', &[], limits.workspace),
            (b's', sender.as_bytes(), limits.sender_domain),
            (b'r', recipient.as_bytes(), limits.recipient_domain),
        ];
        let shared = scopes.into_iter().map(|(scope, whose, most)| {
            let mut key = b"budget".to_vec();
            key.push(scope);
            key.extend_from_slice(&day.to_be_bytes());
            key.extend_from_slice(whose);
            Shared {
                row: CounterRow {
                    key,
                    count: 1,
                    expires_at: next * 1000 + KEEP,
                },
                most: most.map(i64::from),
                recipient: scope == b'r',
            }
        });
        Self {
            send: RecentSend::new(now, enrollment.campaign),
            sample: (enrollment.sent == 0).then_some(enrollment.campaign),
            shared: shared.collect(),
            next_day: Timestamp::from_second(next).unwrap_or(now),
        }
    }

    /// Whether the budget of this place, among those with a limit, is that of the recipient's
    /// domain.
    pub(super) fn is_of_recipient(&self, place: usize) -> bool {
        let mut limited = self.shared.iter().filter(|shared| shared.most.is_some());
        limited.nth(place).is_some_and(|shared| shared.recipient)
    }

    /// Takes it, together with the reservation. The checks of the shared budgets come last: their
    /// position tells which one is used up.
    pub(super) fn reserve(
        &self,
        batch: Batch,
        lane: Key,
        recent: &Recent,
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
            batch = batch.write(Write::Upsert(key.clone(), shared.row.to_values(), grow));
            if let Some(most) = shared.most {
                batch = batch.check(Check::AtMost(key, "count", most));
            }
        }
        batch
    }

    /// Gives it back.
    pub(super) fn give_back(&self, batch: Batch, lane: Key, recent: &Recent) -> Batch {
        let columns = vec![("recent", ColumnOp::Set(recent.to_bytes().to_value()))];
        let mut batch = batch.write(Write::Patch(lane, columns));
        batch.writes.extend(self.sample.map(Gate::sample_write));
        self.shared.iter().fold(batch, |batch, shared| {
            let less = vec![("count", ColumnOp::Add(-1))];
            batch.write(Write::Patch(shared.key(), less))
        })
    }
}

impl Shared {
    fn key(&self) -> Key {
        Key::new(&COUNTER, vec![Value::Bytes(self.row.key.clone())])
    }
}
