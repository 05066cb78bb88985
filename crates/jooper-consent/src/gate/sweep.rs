//! What is of no more use goes.

use std::ops::Bound;

use jooper_core::{WorkspaceId, from_millis, to_millis};
use jooper_storage::tables::{COUNTER, CounterRow, PERMIT};
use jooper_storage::{Batch, Key, Record, Row, Scan, StoreError, TableDef, Value, Write};

use super::acquire::Gate;
use super::error::GateError;
use crate::memory;

/// How long a permit stays behind its end by the store's clock.
const KEPT_MILLIS: i64 = 3_600_000;

impl Gate {
    /// Removes what is of no more use: permits that ended more than an hour ago (what crashed senders
    /// left behind; a clock that was set forward may only call them ended, so that a stop waits a lease
    /// for them), counters whose time is over, and what deletions remember of mails that count no more
    /// ([`Ceilings::span`](crate::Ceilings::span)). Returns how many rows; there may be more.
    ///
    /// # Errors
    /// [`GateError::Store`].
    pub async fn sweep(&self, ws: WorkspaceId) -> Result<usize, GateError> {
        let now = self.storage.now().await?;
        let ended = to_millis(now).saturating_sub(KEPT_MILLIS);
        let permits = self.ended(ws, &PERMIT, "by_lease", ended).await?;
        let swept = self.remove(ws, &PERMIT, permits).await?;
        memory::time_older(&*self.storage, ws).await?;
        // They count sends, so they end by the clock that these are planned by; not when it runs ahead.
        let over = to_millis(self.wall.now().min(now));
        let counters = self.ended(ws, &COUNTER, "by_expiry", over).await?;
        let (mut rows, mut forgotten) = (Vec::with_capacity(counters.len()), 0);
        for row in counters {
            let counter = CounterRow::from_values(row.values.clone())?;
            let (span, now) = (self.ceilings.span(), from_millis(over));
            match memory::sweep(&*self.storage, ws, &counter, span, now).await? {
                Some(went) => forgotten += usize::from(went),
                None => rows.push(row),
            }
        }
        Ok(swept + forgotten + self.remove(ws, &COUNTER, rows).await?)
    }

    /// The first rows of an index that lie before an end.
    async fn ended(
        &self,
        ws: WorkspaceId,
        table: &'static TableDef,
        index: &'static str,
        end: i64,
    ) -> Result<Vec<Row>, StoreError> {
        let scan = Scan::table(table)
            .by(index)
            .range(Bound::Unbounded, Bound::Excluded(Value::Int(end)))
            .limit(Batch::most_rows(&[table]));
        Ok(self.storage.scan(ws.into(), scan).await?.rows)
    }

    async fn remove(
        &self,
        ws: WorkspaceId,
        table: &'static TableDef,
        rows: Vec<Row>,
    ) -> Result<usize, StoreError> {
        let swept = rows.len();
        let mut batch = Batch::new(ws).bulk();
        for mut row in rows {
            row.values.truncate(table.key_len);
            batch = batch.write(Write::Delete(Key::new(table, row.values)));
        }
        if swept > 0 {
            self.storage.commit(batch).await?;
        }
        Ok(swept)
    }
}
