//! Reading the log, counting, stopping.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jooper_core::{
    CampaignId, Clock, EventKind, MailboxId, ScopeKind, StopReason, StopSource, UserId,
    WorkspaceId, to_millis,
};
use jooper_storage::tables::{LANE, LaneRow, SCOPE_STOP, ScopeStopRow, SettingRow};
use jooper_storage::{
    Batch, ColumnOp, LogCursor, LogRecord, Record, Scan, Storage, StorageExt, StoreError, Value,
    Versioned, Write,
};

use super::figures::{BreakerScope, Figures, Line, Tripped};
use super::sample::Sampled;
use super::window::Window;
use crate::ceilings::Ceilings;
use crate::stop::{StopError, StopScope, Stops};

const CURSOR: &str = "consent.breakers.cursor";

/// How often figures are forgotten anew when others were counted meanwhile.
pub(super) const ATTEMPTS: usize = 16;

/// Figures of a mailbox or campaign that sends nothing are of no use after so long.
const KEPT_MILLIS: i64 = 180 * 86_400_000;

/// What a mailbox or campaign stands at, as [`Breakers::follow`] counted it.
///
/// # Errors
/// As [`Storage::get`].
pub async fn figures(
    storage: &dyn Storage,
    ws: WorkspaceId,
    scope: BreakerScope,
) -> Result<Figures, StoreError> {
    Ok(Window::read(storage, ws, scope).await?.figures())
}

/// Circuit breakers over a store. Call [`Breakers::follow`] after each mailbox sync, or at least
/// every minute: a campaign waits behind its first 50 mails until it has.
#[derive(Debug, Clone)]
pub struct Breakers {
    pub(super) storage: Arc<dyn Storage>,
    pub(super) wall: Arc<dyn Clock>,
    pub(super) ceilings: Ceilings,
    stops: Stops,
}

impl Breakers {
    /// Breakers that stop through `stops` and look at the same ceilings as the gate.
    pub fn new(
        storage: Arc<dyn Storage>,
        stops: Stops,
        wall: Arc<dyn Clock>,
        ceilings: Ceilings,
    ) -> Self {
        Self {
            storage,
            wall,
            ceilings,
            stops,
        }
    }

    /// Counts what the log has told since the last call, stops what crossed a line, and lets
    /// campaigns continue whose first sample came back clean: out for an hour, and every mailbox that
    /// sent it read since.
    ///
    /// Each event counts once, also when several processes call: the first commit wins, the
    /// others' work is dropped and read again.
    ///
    /// # Errors
    /// [`StopError`]; call again.
    pub async fn follow(&self, ws: WorkspaceId) -> Result<Vec<Tripped>, StopError> {
        let mut tripped = Vec::new();
        let settled = self.settled(ws).await?;
        loop {
            let name = vec![Value::Text(CURSOR.to_owned())];
            let standing = self.storage.find::<SettingRow>(ws, name).await?;
            let after = standing.as_ref().map_or(0, |row| row.record.number);
            let cursor = LogCursor::after(u64::try_from(after).unwrap_or(0));
            let page = self.storage.read_log(ws, cursor).await?;
            if page.records.is_empty() {
                break;
            }
            match self.count(ws, &page.records, page.next, standing).await {
                Ok(crossed) => tripped.extend(crossed),
                // Somebody else counted these; read on behind them.
                Err(StopError::Store(StoreError::Conflict { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        self.look_at_samples(ws, settled).await?;
        Ok(tripped)
    }

    async fn count(
        &self,
        ws: WorkspaceId,
        records: &[LogRecord],
        next: u64,
        standing: Option<Versioned<SettingRow>>,
    ) -> Result<Vec<Tripped>, StopError> {
        let mut windows: BTreeMap<BreakerScope, Window> = BTreeMap::new();
        let mut samples: BTreeMap<CampaignId, Sampled<'_>> = BTreeMap::new();
        let mut crossed: BTreeMap<BreakerScope, (Line, Figures)> = BTreeMap::new();
        for record in records {
            let entry = &record.entry;
            if let Some(campaign) = entry.dimensions.campaign
                && entry.kind == EventKind::Sent
            {
                samples.entry(campaign).or_default().take(entry);
            }
            if !counts(record) {
                continue;
            }
            let mailbox = entry.dimensions.mailbox.map(BreakerScope::Mailbox);
            let campaign = entry.dimensions.campaign.map(BreakerScope::Campaign);
            for scope in mailbox.into_iter().chain(campaign) {
                let window = match windows.entry(scope) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => {
                        new.insert(Window::read(&*self.storage, ws, scope).await?)
                    }
                };
                match entry.kind {
                    EventKind::Sent => window.mail(),
                    EventKind::Bounced => window.bounce(),
                    _ => window.complaint(),
                }
                // At once: behind a long page later mails have pushed the bounces out of sight.
                let figures = window.figures();
                let line = figures.line(scope);
                if matches!(line, Line::Bounces | Line::Complaints) {
                    crossed.entry(scope).or_insert((line, figures));
                }
            }
        }
        // Stopped first, counted second: a crash in between stops twice, never not at all.
        let mut tripped = Vec::new();
        let mut failed = Ok(());
        for (scope, (line, figures)) in crossed {
            let stop = self.stops.stop(
                ws,
                stop_scope(scope),
                StopReason::Breaker,
                StopSource::System,
            );
            // One that is not whole keeps no other from standing.
            if let Err(error) = stop.await {
                failed = failed.and(Err(error));
            }
            tripped.push(Tripped {
                scope,
                line,
                figures,
            });
        }
        failed?;
        let cursor = SettingRow {
            name: CURSOR.to_owned(),
            number: i64::try_from(next).unwrap_or(i64::MAX),
            value: None,
        };
        let expires_at = to_millis(self.wall.now()).saturating_add(KEPT_MILLIS);
        let mut batch = Batch::new(ws);
        batch = match standing {
            Some(row) => batch.update(&cursor, row.version),
            None => batch.insert(&cursor),
        };
        for (scope, window) in &windows {
            for row in window.changed(*scope, expires_at) {
                batch = batch.put(&row);
            }
        }
        batch = self.note_samples(ws, batch, samples).await?;
        self.storage.commit(batch).await?;
        Ok(tripped)
    }

    /// What a mailbox or campaign stands at.
    ///
    /// # Errors
    /// As [`Storage::get`].
    pub async fn figures(
        &self,
        ws: WorkspaceId,
        scope: BreakerScope,
    ) -> Result<Figures, StoreError> {
        figures(&*self.storage, ws, scope).await
    }

    /// Everything that a breaker has stopped and nobody has reset yet.
    ///
    /// # Errors
    /// As [`Storage::scan`].
    pub async fn stopped(&self, ws: WorkspaceId) -> Result<BTreeSet<BreakerScope>, StoreError> {
        let stops = self
            .storage
            .collect::<ScopeStopRow>(ws, Scan::table(&SCOPE_STOP));
        let standing = stops.await?.into_iter().map(|row| row.record);
        let mut tripped = BTreeSet::new();
        for stop in standing {
            if stop.stands_for(StopReason::Breaker)? {
                tripped.extend(match stop.scope {
                    ScopeKind::Mailbox => {
                        Some(BreakerScope::Mailbox(MailboxId::from_uuid(stop.id)))
                    }
                    ScopeKind::Campaign => {
                        Some(BreakerScope::Campaign(CampaignId::from_uuid(stop.id)))
                    }
                    _ => None,
                });
            }
        }
        Ok(tripped)
    }

    /// A person's way back: forgets the figures and takes the breaker's stop away, at once. What a
    /// person paused stays paused, and what was disconnected is connected first. A campaign that it
    /// had stopped begins a new first sample: its rest waits for the result of that one.
    ///
    /// # Errors
    /// [`StopError`]; call again.
    pub async fn reset(
        &self,
        ws: WorkspaceId,
        scope: BreakerScope,
        by: UserId,
    ) -> Result<(), StopError> {
        self.forget(ws, scope).await?;
        let causes = self.stops.causes(ws, &stop_scope(scope)).await?;
        let tripped = causes
            .iter()
            .any(|cause| cause.reason == StopReason::Breaker);
        if let (BreakerScope::Campaign(campaign), true) = (scope, tripped) {
            self.sample_anew(ws, campaign).await?;
        }
        let reason = StopReason::Breaker;
        self.stops
            .resume_from(ws, stop_scope(scope), reason, by)
            .await?;
        let mailbox = match scope {
            BreakerScope::Mailbox(id) => Some(id),
            BreakerScope::Campaign(_) => None,
        };
        Ok(self.wake(ws, mailbox).await?)
    }

    /// Deletes the figures. Whoever counts meanwhile writes only what changed since they were read:
    /// the cursor moves on with the deletion, so that they read again.
    async fn forget(&self, ws: WorkspaceId, scope: BreakerScope) -> Result<(), StoreError> {
        for _ in 0..ATTEMPTS {
            let name = vec![Value::Text(CURSOR.to_owned())];
            let mut batch = Batch::new(ws);
            if let Some(row) = self.storage.find::<SettingRow>(ws, name).await? {
                batch = batch.update(&row.record, row.version);
            }
            for row in Window::default().rows(scope, to_millis(self.wall.now())) {
                batch = batch.write(Write::Delete(row.key()));
            }
            match self.storage.commit(batch).await {
                Err(StoreError::Conflict { .. }) => {}
                other => return other,
            }
        }
        Err(StoreError::Busy(None))
    }

    /// Has lanes look again now: that of a mailbox, or all of them.
    pub(super) async fn wake(
        &self,
        ws: WorkspaceId,
        mailbox: Option<MailboxId>,
    ) -> Result<(), StoreError> {
        let lanes = self.storage.collect::<LaneRow>(ws, Scan::table(&LANE));
        let now = ColumnOp::Min(to_millis(self.wall.now()));
        let mut batch = Batch::new(ws);
        for lane in lanes.await? {
            let lane = lane.record;
            if mailbox.is_none_or(|mailbox| mailbox == lane.mailbox) {
                let wake = vec![("wake_at", now.clone())];
                batch = batch.write(Write::Patch(lane.key(), wake));
            }
        }
        self.storage.commit(batch).await
    }
}

const fn stop_scope(scope: BreakerScope) -> StopScope {
    match scope {
        BreakerScope::Mailbox(id) => StopScope::Mailbox(id),
        BreakerScope::Campaign(id) => StopScope::Campaign(id),
    }
}

/// Mails of campaigns, mails that came back for good, complaints, and replies that ask to stop.
/// Answers, tests and service mails go to people who wait for them: counted, they would hide what
/// comes of a campaign. Somebody who followed the unsubscribe link did what the mail offered: no
/// complaint.
fn counts(record: &LogRecord) -> bool {
    let asks_to_stop = [
        Some(StopReason::StopWords.code()),
        Some(StopReason::Objected.code()),
    ];
    match record.entry.kind {
        EventKind::Sent => record.entry.dimensions.step.is_some(),
        EventKind::Bounced | EventKind::Complained => true,
        EventKind::Unsubscribed => asks_to_stop.contains(&record.entry.dimensions.reason),
        _ => false,
    }
}
