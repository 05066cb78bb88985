//! Commands about everybody in a campaign, or at a mailbox: page by page, and no longer than a claim has time for.
//!
//! What is left waits with the command, and the next claim goes on from there. Whoever this lane moves
//! meanwhile, from a place that is still to come to one that was passed, is met at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{MutexGuard, PoisonError};

use jooper_core::{
    CampaignId, CommandId, EnrollmentId, EnrollmentState, FinishReason, MailboxId, UserId,
    WaitReason,
};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, LaneCommandRow};
use jooper_storage::{Column, LogEntry, Record, Scan, StorageExt, Value, Versioned, Write};

use super::each::Each;
use super::once_more::is_written_anew;
use super::{Lane, Wake};
use crate::decide::{Event, cohort_moves, migrate};
use crate::error::EngineError;
use crate::model::Edit;

/// How many enrollments are read at once.
const PAGE: usize = 200;

const OPEN: [EnrollmentState; 3] = [
    EnrollmentState::Active,
    EnrollmentState::Paused,
    EnrollmentState::Parked,
];

/// Those of a mailbox, whatever became of them.
const ALL: [EnrollmentState; 4] = [OPEN[0], OPEN[1], OPEN[2], EnrollmentState::Finished];

/// What happens to everybody.
#[derive(Debug, Clone)]
pub(super) enum ToAll {
    /// They end.
    End(FinishReason),
    /// What a downtime or a restore made late goes on.
    ResumeOverdue,
    /// They go on with another version, if the edit of the one that they run moves them.
    Migrate { to: u32, edits: BTreeMap<u32, Edit> },
    /// They are planned by the settings as this person changed them.
    Settings(UserId),
    /// What a clock that was ahead said of them is set right.
    ClockTrusted,
}

/// A walk through the enrollments that a campaign has open at a mailbox, or through all that it has, as far
/// as it came.
#[derive(Debug, Clone)]
pub(crate) struct Walk {
    mailbox: MailboxId,
    /// `None`: every campaign's, those that ended as well.
    campaign: Option<CampaignId>,
    /// The token of the claim that left it: whoever has the next one knows that nobody else worked the
    /// lane meanwhile.
    token: i64,
    place: Place,
    /// Whoever changed while it stood still.
    touched: BTreeSet<EnrollmentId>,
    each: Each,
}

/// The enrollments of a campaign at a mailbox lie by state, number of mails and time.
#[derive(Debug, Clone, Default)]
struct Place {
    state: usize,
    sent: i64,
    after: Option<Vec<Value>>,
}

impl Lane<'_> {
    /// Carries out a command about everybody in a campaign, or at this mailbox; returns whether it is through, and the
    /// command deleted. It takes half of a claim at most: mails go beside it. Where it stops, that half
    /// is over for every command behind it, so that none overtakes it.
    pub(super) async fn tell_all(
        &mut self,
        row: &LaneCommandRow,
        campaign: Option<CampaignId>,
        what: &ToAll,
        wake: &mut Wake,
    ) -> Result<bool, EngineError> {
        if !self.walk_on(row.id, campaign, what).await? {
            wake.sooner(self.now());
            return Ok(false);
        }
        let done = self.batch().write(Write::Delete(row.key()));
        self.engine.storage().commit(done).await?;
        Ok(true)
    }

    async fn walk_on(
        &mut self,
        command: CommandId,
        campaign: Option<CampaignId>,
        what: &ToAll,
    ) -> Result<bool, EngineError> {
        if matches!(what, ToAll::Settings(_)) {
            // As they are now.
            self.campaigns
                .retain(|(known, _), _| Some(*known) != campaign);
        }
        let mut walk = self.take_walk(command, campaign, what);
        loop {
            if self.is_half_over() {
                return Ok(self.leave_walk(command, walk));
            }
            let begin = walk.place.clone();
            let page = match campaign {
                Some(campaign) => self.next_page(campaign, &mut walk.place).await?,
                None => self.next_of_all(&mut walk.place).await?,
            };
            if page.is_empty() {
                break;
            }
            for found in page {
                if self.out_of_time() {
                    walk.place = begin;
                    return Ok(self.leave_walk(command, walk));
                }
                walk.each.done(self.tell(found, what).await)?;
            }
        }
        while let Some(id) = walk.touched.first().copied() {
            if self.out_of_time() {
                return Ok(self.leave_walk(command, walk));
            }
            if let Some(found) = self.enrollment(id).await? {
                walk.each.done(self.tell(found, what).await)?;
            }
            walk.touched.remove(&id);
        }
        walk.each.all()?;
        Ok(true)
    }

    /// Some of those that come next, and the place behind them; none: that was all.
    async fn next_page(
        &self,
        campaign: CampaignId,
        place: &mut Place,
    ) -> Result<Vec<Versioned<EnrollmentRow>>, EngineError> {
        let (storage, by_turn) = (
            self.engine.storage(),
            Scan::table(&ENROLLMENT).by("by_turn"),
        );
        while let Some(state) = OPEN.get(place.state) {
            let prefix = vec![self.mailbox.to_value(), state.to_value()];
            if place.after.is_none() {
                let from = Bound::Included(Value::Int(place.sent));
                let next = by_turn.clone().prefix(prefix.clone());
                let next = next.range(from, Bound::Unbounded).limit(1);
                let next = storage.page::<EnrollmentRow>(self.workspace, next).await?;
                let Some(next) = next.records.first() else {
                    place.state += 1;
                    place.sent = 0;
                    continue;
                };
                place.sent = i64::from(next.record.sent);
            }
            let group = [Value::Int(place.sent), campaign.to_value()];
            let theirs = by_turn.clone().prefix([prefix, group.into()].concat());
            let theirs = theirs.after(place.after.take()).limit(PAGE);
            let page = storage.page::<EnrollmentRow>(self.workspace, theirs);
            let page = page.await?;
            place.after = page.next;
            if place.after.is_none() {
                place.sent += 1;
            }
            if !page.records.is_empty() {
                return Ok(page.records);
            }
        }
        Ok(Vec::new())
    }

    /// The same of every campaign's, those that ended as well.
    async fn next_of_all(
        &self,
        place: &mut Place,
    ) -> Result<Vec<Versioned<EnrollmentRow>>, EngineError> {
        while let Some(state) = ALL.get(place.state) {
            let all = Scan::table(&ENROLLMENT).by("by_turn");
            let all = all.prefix(vec![self.mailbox.to_value(), state.to_value()]);
            let all = all.after(place.after.take()).limit(PAGE);
            let storage = self.engine.storage();
            let page = storage.page::<EnrollmentRow>(self.workspace, all).await?;
            place.after = page.next;
            if place.after.is_none() {
                place.state += 1;
            }
            if !page.records.is_empty() {
                return Ok(page.records);
            }
        }
        Ok(Vec::new())
    }

    async fn tell(
        &mut self,
        found: Versioned<EnrollmentRow>,
        what: &ToAll,
    ) -> Result<(), EngineError> {
        let row = &found.record;
        let is_open = row.state != EnrollmentState::Finished;
        match what {
            ToAll::ClockTrusted => self.set_right(found).await,
            ToAll::End(reason) if is_open => self.happen(row.id, &Event::Ended(*reason)).await,
            // Earlier versions paused what a restore had made late.
            ToAll::ResumeOverdue
                if is_open
                    && row.state != EnrollmentState::Active
                    && matches!(row.wait, Some(WaitReason::Overdue | WaitReason::Restored)) =>
            {
                self.happen(row.id, &Event::Resumed).await
            }
            ToAll::Migrate { to, edits } => match edits.get(&row.sequence_version) {
                Some(edit) => self.move_on(&found, *to, edit).await,
                None => Ok(()),
            },
            ToAll::Settings(by) if is_open => self.resettle(row, *by).await,
            _ => Ok(()),
        }
    }

    /// Moves somebody to another version. Done twice it is done once: who has moved is of another one.
    async fn move_on(
        &mut self,
        found: &Versioned<EnrollmentRow>,
        to: u32,
        edit: &Edit,
    ) -> Result<(), EngineError> {
        let row = &found.record;
        let old = self.campaign(row.campaign, row.sequence_version).await?;
        let new = self.campaign(row.campaign, to).await?;
        if !cohort_moves(edit, row, &old.sequence, to, old.draw) {
            return Ok(());
        }
        let lead = self.lead_facts(row.lead, &new.sequence).await?;
        let (facts, now) = (new.facts(&lead), self.now());
        let moved = migrate(row, &facts, now, &old.sequence, &new.sequence, to, old.draw);
        let Some(decision) = moved else { return Ok(()) };
        let lengths =
            i64::from(old.sequence.mail_count()) * 256 + i64::from(new.sequence.mail_count());
        let dimensions = jooper_core::Dimensions {
            campaign: Some(row.campaign),
            mailbox: Some(self.mailbox),
            reason: Some(lengths),
            ..Default::default()
        };
        let (whose, version) = (row.id.uuid(), to.to_be_bytes());
        let source: &[&[u8]] = &[whose.as_bytes(), &version];
        let kind = jooper_core::EventKind::Moved;
        let fact = LogEntry::new(kind, now, source, dimensions).about(row.lead);
        let event = Event::Moved { version: to };
        let mut batch = self.batch().append(fact);
        let next = &decision.next;
        if row.state != EnrollmentState::Active
            && is_written_anew(next.step, &old.sequence, &new.sequence)
        {
            batch = self.once_more(batch, next, None).await?;
        }
        let batch = self.carry_out(batch, found, &decision, &event).await?;
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// The walk of a command where the last claim left it; from the beginning, where that was another
    /// process or somebody else had the lane since.
    fn take_walk(&self, command: CommandId, campaign: Option<CampaignId>, what: &ToAll) -> Walk {
        let known = self.walks().remove(&command);
        let known = known.filter(|walk| self.goes_on(walk));
        known.unwrap_or_else(|| Walk {
            mailbox: self.mailbox,
            campaign,
            token: self.token,
            place: Place {
                // Nobody who is active waits for a word.
                state: usize::from(matches!(what, ToAll::ResumeOverdue)),
                ..Place::default()
            },
            touched: BTreeSet::new(),
            each: Each::default(),
        })
    }

    fn goes_on(&self, walk: &Walk) -> bool {
        (self.token - 1..=self.token).contains(&walk.token)
    }

    /// Keeps how far it came; it is not through.
    fn leave_walk(&self, command: CommandId, walk: Walk) -> bool {
        let token = self.token;
        self.walks().insert(command, Walk { token, ..walk });
        false
    }

    /// An enrollment changes: the walks that stand still look at it once more.
    pub(super) fn touched(&self, row: &EnrollmentRow) {
        let mut walks = self.walks();
        walks.retain(|_, walk| walk.mailbox != self.mailbox || self.goes_on(walk));
        for walk in walks.values_mut() {
            if walk.mailbox == self.mailbox && walk.campaign.is_none_or(|of| of == row.campaign) {
                walk.touched.insert(row.id);
            }
        }
    }

    fn walks(&self) -> MutexGuard<'_, BTreeMap<CommandId, Walk>> {
        let walks = &self.engine.walks;
        walks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
