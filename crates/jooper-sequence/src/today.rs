//! What a mailbox will do today: in the order of its lane, as far as the day's budget goes.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{CampaignId, CampaignState, EnrollmentId, EnrollmentState, MailboxId, StepIndex};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE_COMMAND, LaneCommandRow, LaneRow, MailboxRow,
};
use jooper_storage::{Column, Scan, StorageExt, Value};
use uuid::Uuid;

use crate::campaigns::{CampaignSummary, Campaigns};
use crate::daily::{Queued, QueuedStep, StepPlace};
use crate::error::EngineError;
use crate::lane::Command;
use crate::model::{Schedule, Sequence};
use crate::overdue::{asks_before, is_overdue};
use crate::planner::{Head, Recent, RecentSend, budgets, next_turn};

/// The most that is read of those who have had as many mails of one campaign.
const MOST: usize = 1000;

/// Those of one campaign who have had as many mails, whoever has waited longest first.
type Waiting = VecDeque<EnrollmentRow>;

impl Campaigns {
    /// What a mailbox has before it today, in the order in which its lane would take it if each pause
    /// between two mails were of middle length: whom somebody wants to have it now, then each in turn as
    /// it becomes due. As much as its budgets of the day leave, and nothing of a campaign that is paused.
    /// Shared budgets, the gate and windows may leave less of it. Nothing about which a downtime has a
    /// person asked first, and nothing while the mailbox is held behind a restore.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn today(&self, mailbox: MailboxId) -> Result<Vec<Queued>, EngineError> {
        let (storage, key) = (self.engine.storage(), vec![mailbox.to_value()]);
        let account = storage.find::<MailboxRow>(self.workspace, key.clone());
        let account = account.await?.ok_or(EngineError::NotFound("mailbox"))?;
        let lane = storage.find::<LaneRow>(self.workspace, key).await?;
        let still = self.stands_still(mailbox, Some(&account.record)).await?;
        if still.is_some() || !account.record.state.sends() {
            return Ok(Vec::new());
        }
        let lane = lane.map(|row| row.record);
        let recent = lane.as_ref().and_then(|row| row.recent.as_deref());
        let mut recent = Recent::from_bytes(recent.unwrap_or_default());
        let now = lane.as_ref().map_or(self.engine.now(), |row| {
            row.high_water.max(self.engine.now())
        });
        let volume = self.engine.volume_of(self.workspace, &account.record);
        let volume = volume.await?;
        let next_slot = lane.as_ref().map_or(now, |row| row.next_slot);
        let seen = lane.as_ref().map_or(now, |row| row.high_water);
        let (mut campaigns, mut groups) = self.waiting(mailbox, (seen, now)).await?;
        let wished = self.wished(mailbox, (seen, now), &mut campaigns);
        let mut wished = wished.await?;
        for group in &mut groups {
            group.retain(|row| wished.iter().all(|wish| wish.id != row.id));
        }
        let mut sequences: BTreeMap<(CampaignId, u32), Sequence> = BTreeMap::new();
        let mut full = BTreeSet::new();
        let mut queue = Vec::new();
        let mut at = now.max(next_slot);
        while let Some(row) = wished
            .pop_front()
            .or_else(|| next_of(&mut groups, &recent, &mut at))
        {
            let Some(campaign) = campaigns.get(&row.campaign) else {
                continue;
            };
            let version = (row.campaign, row.sequence_version);
            if let Entry::Vacant(vacant) = sequences.entry(version) {
                let sequence = self.sequence_of(row.campaign, row.sequence_version);
                vacant.insert(sequence.await?);
            }
            let Some(queued) = sequences.get(&version).and_then(|of| queued(&row, of)) else {
                continue;
            };
            if matches!(queued.next, QueuedStep::Mail(_)) {
                let schedule = &campaign.settings.schedule;
                let day = budgets(schedule, &recent, &volume, at).into_iter().next();
                let is_over = at >= self.end_of_today(schedule);
                if is_over || day.is_some_and(|day| day.sent >= day.most as usize) {
                    full.insert(row.campaign);
                }
                if full.contains(&row.campaign) {
                    continue;
                }
                recent = recent.with(RecentSend::new(at, row.campaign));
                at = at.checked_add(middle_gap(schedule)).unwrap_or(at);
            }
            queue.push(queued);
        }
        Ok(queue)
    }

    /// Those of whom somebody said "now", in that order, as far as their campaigns run. `seen` is the
    /// highest time that the lane has seen.
    async fn wished(
        &self,
        mailbox: MailboxId,
        (seen, now): (Timestamp, Timestamp),
        campaigns: &mut BTreeMap<CampaignId, CampaignSummary>,
    ) -> Result<Waiting, EngineError> {
        let storage = self.engine.storage();
        let commands = Scan::table(&LANE_COMMAND).prefix(vec![mailbox.to_value()]);
        let page = storage.page::<LaneCommandRow>(self.workspace, commands.limit(MOST));
        let mut wished = Waiting::new();
        for found in page.await?.records {
            let (id, at) = match serde_json::from_slice(&found.record.command) {
                Ok(Command::SendNow(id)) => (id, None),
                // It is taken out when the lane is worked next; the mail may have gone.
                Ok(Command::First(id, step)) => (id, Some(step)),
                Ok(Command::SendNowAt { enrollment, .. }) => (enrollment, None),
                _ => continue,
            };
            let key = vec![id.to_value()];
            let row = storage.find::<EnrollmentRow>(self.workspace, key).await?;
            let waits = |row: &EnrollmentRow| {
                row.state == EnrollmentState::Active
                    && at.is_none_or(|step| row.step == step)
                    && wished.iter().all(|wish| wish.id != id)
            };
            let Some(row) = row.map(|row| row.record).filter(waits) else {
                continue;
            };
            if let Entry::Vacant(vacant) = campaigns.entry(row.campaign) {
                vacant.insert(self.get(row.campaign).await?);
            }
            // It is asked about before anybody's wish is heard.
            let asks = |campaign: &CampaignSummary| {
                let catch_up = campaign.settings.schedule.catch_up;
                let settings = &self.engine.settings;
                row.due_at
                    .is_some_and(|due_at| is_overdue(seen, now, due_at, settings, catch_up))
            };
            let runs = |campaign: &CampaignSummary| campaign.state == CampaignState::Active;
            let campaign = campaigns.get(&row.campaign);
            if campaign.is_some_and(|campaign| runs(campaign) && !asks(campaign)) {
                wished.push_back(row);
            }
        }
        Ok(wished)
    }

    /// Who is due at a mailbox today, and the campaigns that they are in.
    async fn waiting(
        &self,
        mailbox: MailboxId,
        (seen, now): (Timestamp, Timestamp),
    ) -> Result<(BTreeMap<CampaignId, CampaignSummary>, Vec<Waiting>), EngineError> {
        let prefix = vec![mailbox.to_value(), EnrollmentState::Active.to_value()];
        let (mut campaigns, mut groups) = (BTreeMap::new(), Vec::new());
        let (storage, mut behind) = (self.engine.storage(), None);
        loop {
            let all = Scan::table(&ENROLLMENT).by("by_turn");
            let next = all.clone().prefix(prefix.clone()).after(behind).limit(1);
            let page = storage.page::<EnrollmentRow>(self.workspace, next).await?;
            let Some(found) = page.records.into_iter().next() else {
                return Ok((campaigns, groups));
            };
            let group = [
                found.record.sent.to_value(),
                found.record.campaign.to_value(),
            ];
            let group: Vec<Value> = [prefix.clone(), group.into()].concat();
            let last = [Value::Int(i64::MAX), Value::Id(Uuid::max())];
            behind = Some([group.clone(), last.into()].concat());
            let id = found.record.campaign;
            if let Entry::Vacant(vacant) = campaigns.entry(id) {
                vacant.insert(self.get(id).await?);
            }
            let Some(campaign) = campaigns.get(&id) else {
                continue;
            };
            if campaign.state != CampaignState::Active {
                continue;
            }
            let until = self.end_of_today(&campaign.settings.schedule);
            let catch_up = campaign.settings.schedule.catch_up;
            let asked = asks_before(seen, now, &self.engine.settings, catch_up);
            let from = asked.map_or(Value::Int(i64::MIN), |before| before.to_value());
            let due = all
                .prefix(group)
                .range(Bound::Included(from), Bound::Excluded(until.to_value()));
            let page = storage.page::<EnrollmentRow>(self.workspace, due.limit(MOST));
            let rows = page.await?.records.into_iter().map(|row| row.record);
            groups.push(rows.collect());
        }
    }

    /// The ledger's number of the mail of an enrollment that people count as this one, from 1 in the
    /// order of the steps.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such enrollment, or no such mail in its sequence.
    pub async fn mail_at(
        &self,
        enrollment: EnrollmentId,
        place: usize,
    ) -> Result<StepIndex, EngineError> {
        let key = vec![enrollment.to_value()];
        let storage = self.engine.storage();
        let found = storage.find::<EnrollmentRow>(self.workspace, key).await?;
        let row = found.ok_or(EngineError::NotFound("enrollment"))?.record;
        let sequence = self.sequence_of(row.campaign, row.sequence_version).await?;
        let number = sequence.mail_at(place);
        number.ok_or(EngineError::NotFound("mail"))
    }
}

/// Whose turn it is at this time; where nobody is due, at the time when somebody is.
fn next_of(groups: &mut [Waiting], recent: &Recent, at: &mut Timestamp) -> Option<EnrollmentRow> {
    let heads: Vec<Head> = groups
        .iter()
        .filter_map(|group| group.front().map(head))
        .collect();
    *at = (*at).max(heads.iter().map(|head| head.due_at).min()?);
    let due: Vec<Head> = heads
        .into_iter()
        .filter(|head| head.due_at <= *at)
        .collect();
    let next = next_turn(&due, recent)?;
    let of_next = |group: &&mut Waiting| group.front().is_some_and(|row| row.id == next.id);
    groups.iter_mut().find(of_next)?.pop_front()
}

fn middle_gap(schedule: &Schedule) -> SignedDuration {
    let seconds = u64::from(schedule.gap_seconds_min) + u64::from(schedule.gap_seconds_max);
    SignedDuration::from_secs(i64::try_from(seconds / 2).unwrap_or(0))
}

fn head(row: &EnrollmentRow) -> Head {
    Head {
        campaign: row.campaign,
        sent: row.sent,
        due_at: row.due_at.unwrap_or(Timestamp::MIN),
        id: row.id,
    }
}

/// An enrollment as queues show it; `None` where nothing is planned.
pub(crate) fn queued(row: &EnrollmentRow, sequence: &Sequence) -> Option<Queued> {
    let place = StepPlace::of(row, sequence);
    let node = usize::from(place.node);
    let mail = sequence.number_at(node).and_then(|n| sequence.place_of(n));
    Some(Queued {
        enrollment: row.id,
        lead: row.lead,
        campaign: row.campaign,
        next: mail.map_or_else(|| QueuedStep::Step(sequence.id_at(node)), QueuedStep::Mail),
        due_at: row.due_at?,
        place,
    })
}
