//! Counting over the last so many mails, in a few rows.

use jooper_storage::tables::{COUNTER, CounterRow};
use jooper_storage::{Column, Key, Storage, StoreError};

use super::figures::{BreakerScope, Figures};
use jooper_core::WorkspaceId;
use jooper_storage::{Record, Scope};

/// Mails in a short block; two blocks are the window for bounces.
const SHORT: i64 = 50;
/// Mails in a long block; two blocks are the window for complaints.
const LONG: i64 = 500;

/// Two blocks of two counts: (mails, events) of the block before and of the one that fills now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Blocks {
    before: (i64, i64),
    now: (i64, i64),
}

impl Blocks {
    fn mail(&mut self, size: i64) {
        if self.now.0 >= size {
            self.before = self.now;
            self.now = (0, 0);
        }
        self.now.0 += 1;
    }

    const fn sums(&self) -> (i64, i64) {
        (self.before.0 + self.now.0, self.before.1 + self.now.1)
    }
}

/// The counts of one mailbox or campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Window {
    short: Blocks,
    long: Blocks,
    /// The counts as they were read, each with when its row may go; none where there is no row.
    stored: [Option<(i64, i64)>; CELLS],
}

const CELLS: usize = 8;
const DAY_MILLIS: i64 = 86_400_000;

fn key(scope: BreakerScope, cell: usize) -> Vec<u8> {
    let mut key = b"consent.breaker.".to_vec();
    key.push(match scope {
        BreakerScope::Mailbox(_) => b'm',
        BreakerScope::Campaign(_) => b'c',
    });
    key.extend_from_slice(scope.id().as_bytes());
    key.push(u8::try_from(cell).unwrap_or(u8::MAX));
    key
}

impl Window {
    pub(super) fn mail(&mut self) {
        self.short.mail(SHORT);
        self.long.mail(LONG);
    }

    pub(super) const fn bounce(&mut self) {
        self.short.now.1 += 1;
    }

    pub(super) const fn complaint(&mut self) {
        self.long.now.1 += 1;
    }

    pub(super) const fn figures(&self) -> Figures {
        let ((recent, bounced), (longer, complained)) = (self.short.sums(), self.long.sums());
        Figures {
            recent,
            bounced,
            longer,
            complained,
        }
    }

    const fn cells(&self) -> [i64; CELLS] {
        let (short, long) = (&self.short, &self.long);
        [
            short.before.0,
            short.before.1,
            short.now.0,
            short.now.1,
            long.before.0,
            long.before.1,
            long.now.0,
            long.now.1,
        ]
    }

    pub(super) async fn read(
        storage: &dyn Storage,
        ws: WorkspaceId,
        scope: BreakerScope,
    ) -> Result<Self, StoreError> {
        let keys: Vec<Key> = (0..CELLS)
            .map(|cell| Key::new(&COUNTER, vec![key(scope, cell).to_value()]))
            .collect();
        let rows = storage.get(Scope::Workspace(ws), &keys).await?;
        let mut stored = [None; CELLS];
        for (cell, row) in stored.iter_mut().zip(rows) {
            if let Some(row) = row {
                let row = CounterRow::from_values(row.values)?;
                *cell = Some((row.count, row.expires_at));
            }
        }
        let [a, b, c, d, e, f, g, h] = stored.map(|cell| cell.map_or(0, |(count, _)| count));
        Ok(Self {
            stored,
            short: Blocks {
                before: (a, b),
                now: (c, d),
            },
            long: Blocks {
                before: (e, f),
                now: (g, h),
            },
        })
    }

    /// The rows that say something else than those that were read, or that would go a day before
    /// they should. The projection's cursor keeps two writers apart.
    pub(super) fn changed(&self, scope: BreakerScope, expires_at: i64) -> Vec<CounterRow> {
        let mut rows = self.rows(scope, expires_at);
        let mut stored = self.stored.into_iter();
        rows.retain(|row| match stored.next().flatten() {
            Some((count, until)) => count != row.count || until < expires_at - DAY_MILLIS,
            None => row.count != 0,
        });
        rows
    }

    /// The rows that hold it.
    pub(super) fn rows(&self, scope: BreakerScope, expires_at: i64) -> Vec<CounterRow> {
        let cells = self.cells().into_iter().enumerate();
        cells
            .map(|(cell, count)| CounterRow {
                key: key(scope, cell),
                count,
                expires_at,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_counts_that_change_are_written_and_none_goes_while_its_window_is_counted() {
        let scope = BreakerScope::Mailbox(jooper_core::MailboxId::from_uuid(uuid::Uuid::nil()));
        let mut window = Window::default();
        window.mail();
        window.bounce();
        let written = window.changed(scope, DAY_MILLIS);
        let counts = |rows: &[CounterRow]| rows.iter().map(|row| row.count).collect::<Vec<_>>();
        assert_eq!(counts(&written), [1, 1, 1], "what is 0 has no row");
        window.stored = window.cells().map(|count| Some((count, DAY_MILLIS)));
        window.mail();
        let later = window.changed(scope, 2 * DAY_MILLIS);
        assert_eq!(counts(&later), [2, 2], "the bounce stands as it was");
        let much_later = window.changed(scope, 2 * DAY_MILLIS + 1);
        assert_eq!(much_later, window.rows(scope, 2 * DAY_MILLIS + 1));
    }

    #[test]
    fn old_mails_leave_the_window_and_take_their_bounces_along() {
        let mut window = Window::default();
        for n in 0..SHORT {
            window.mail();
            if n < 5 {
                window.bounce();
            }
        }
        assert_eq!(window.figures().bounced, 5);
        for _ in 0..SHORT {
            window.mail();
        }
        assert_eq!(
            (window.figures().recent, window.figures().bounced),
            (100, 5)
        );
        window.mail();
        assert_eq!((window.figures().recent, window.figures().bounced), (51, 0));
    }
}
