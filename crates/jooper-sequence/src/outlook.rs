//! What comes next for a lead, and why: decided anew on paper, since deciding is pure (law L16).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    EmailAddress, EnrollmentState, MailboxId, MailboxState, ManualClock, SearchResult, SendKey,
    StepIndex, WaitReason,
};
use jooper_storage::tables::{
    EnrollmentRow, LEAD, LaneRow, LeadProfile, LeadRow, MailboxRow, RebuildRow, SendRow,
};
use jooper_storage::{Column, StorageExt};
use jooper_vault::{Place, SubjectVault};

use crate::campaigns::{CampaignSummary, Campaigns};
use crate::decide::{Command, Event, Explanation, Facts, TraceLine, decide};
use crate::error::EngineError;
use crate::explain::{
    SharedUse, UNREAD, budget_lines, decisive, finish, gate_lines, parked, place_in, shared_lines,
    wait, what_comes, words_of_search,
};
use crate::lane::{Spent, is_unread};
use crate::model::{CampaignSettings, Sequence};
use crate::overdue::is_overdue;
use crate::planner::{Full, Recent, budget, says};

/// What the planner counts for one mail.
#[derive(Debug, Default)]
struct Counted {
    lines: Vec<TraceLine>,
    /// The mailbox's budget that is used up.
    full: Option<Full>,
    /// The one that is used up of those that mailboxes share.
    shared: Option<SharedUse>,
}

impl Campaigns {
    /// The next decision about an enrollment that has not ended, as lane, planner and gate would make it
    /// when it is due, if nothing changes until then. Nothing is written.
    pub(crate) async fn outlook(
        &self,
        row: &EnrollmentRow,
        campaign: &CampaignSummary,
        subject: Option<&SubjectVault>,
    ) -> Result<Explanation, EngineError> {
        let sequence = Some(&campaign.sequence);
        let what = what_comes(row, sequence);
        let told = |summary: String, lines| {
            let step = place_in(sequence, row.step);
            Ok(Explanation {
                summary,
                step,
                lines,
            })
        };
        if row.state != EnrollmentState::Active {
            let why = wait(row.wait);
            let mut lines = vec![TraceLine::new("state", row.state.name(), "nothing is due")];
            if row.wait == Some(WaitReason::ManualTask) {
                return told(why, lines);
            }
            if row.wait != Some(WaitReason::SendUnknown) {
                return told(format!("{what}: {why}"), lines);
            }
            let (line, result) = self.last_search(row).await?;
            lines.push(line);
            return told(format!("{what}: {why} {}", words_of_search(result)), lines);
        }
        let now = self.engine.now();
        let at = row.due_at.map_or(now, |due| due.max(now));
        let storage = self.engine.storage();
        let key = vec![row.lead.to_value()];
        let lead = storage.find::<LeadRow>(self.workspace, key.clone()).await?;
        let (Some(lead), Some(subject)) = (lead.map(|row| row.record), subject) else {
            return told(
                "Nothing more is sent: their data was erased.".to_owned(),
                vec![],
            );
        };
        let fields = if campaign.sequence.reads_fields() {
            let place = Place::new(&LEAD, "profile", &key);
            let profile: LeadProfile = subject.open(&place, &lead.profile)?;
            crate::render::fields(&profile)
        } else {
            std::collections::BTreeMap::new()
        };
        let facts = Facts {
            schedule: &campaign.settings.schedule,
            zone: lead.zone.as_deref(),
            country: lead.country,
            fields: &fields,
            unreadable: false,
        };
        let draw = jooper_core::Draw::new(campaign.seed);
        let key = vec![row.mailbox.to_value()];
        let lane = storage.find::<LaneRow>(self.workspace, key).await?;
        let lane = lane.map(|found| found.record);
        if let Some(late) = self.late_by(row, &campaign.settings, lane.as_ref()) {
            let event = Event::Overdue { late };
            let decision = decide(row, &facts, &event, at, &campaign.sequence, draw);
            let why = wait(decision.next.wait);
            return told(format!("{what}: {why}"), decision.trace);
        }
        let decision = decide(row, &facts, &Event::Due, at, &campaign.sequence, draw);
        let send = decision.commands.iter().find_map(|command| match command {
            Command::Send { step, .. } => Some(*step),
            _ => None,
        });
        let mut lines = decision.trace;
        let key = vec![row.mailbox.to_value()];
        let account = storage.find::<MailboxRow>(self.workspace, key).await?;
        let account = account.map(|found| found.record);
        if let Some((sees, why)) = self.stands_still(row.mailbox, account.as_ref()).await? {
            lines.push(TraceLine::new("mailbox", sees, "waits"));
            return told(format!("{what} waits: {why}"), lines);
        }
        let Some(step) = send else {
            return told(
                without_mail(row, &decision.next, &what, sequence, at),
                lines,
            );
        };
        let state = account.as_ref().map(|account| account.state);
        if is_unread(row, state, &self.engine.settings) {
            lines.push(TraceLine::new("mailbox", "may not read", "waits"));
            return told(format!("{what} waits. {UNREAD}"), lines);
        }
        let counted = self
            .budgets_of(
                row,
                &campaign.settings,
                (account.as_ref(), lane.as_ref()),
                &lead,
                at,
            )
            .await?;
        let Counted {
            lines: counted,
            full,
            shared,
        } = counted;
        lines.extend(counted);
        let judgement = self.judge(row, step, &lead, subject, at).await?;
        lines.extend(gate_lines(&judgement.trace));
        if !judgement.verdict.is_allow() {
            let why = decisive(&judgement);
            return told(format!("{what} would not go at {at:.0}. {why}"), lines);
        }
        if let Some((until, why)) = account.and_then(|account| parked_until(&account, at, now)) {
            lines.push(TraceLine::new(
                "mailbox",
                format!("parked until {until:.0}"),
                why,
            ));
            return told(
                format!("{what} waits until {until:.0} or longer: {why}."),
                lines,
            );
        }
        if let Some(full) = full {
            let Full {
                until,
                sent,
                most,
                budget,
                bound,
            } = full;
            return told(
                format!(
                    "{what} waits until {until:.0} or longer: its mailbox has sent {sent} \
                     {budget}, and may send {most}, {}.",
                    bound.whose(&campaign.settings.name)
                ),
                lines,
            );
        }
        if let Some(used) = shared
            && let Some(until) = used.until
        {
            let says = says(&campaign.settings.name);
            let SharedUse {
                whose, sent, most, ..
            } = used;
            return told(
                format!(
                    "{what} waits until {until:.0} or longer: {sent} of {most} mails in 24 \
                     hours have gone {whose}, {says}."
                ),
                lines,
            );
        }
        told(
            format!(
                "{what} goes at {at:.0} or as soon after as its mailbox is free, if \
                 nothing changes until then."
            ),
            lines,
        )
    }

    /// By how much something is late, where its lane asks a person about it before anything else.
    fn late_by(
        &self,
        row: &EnrollmentRow,
        settings: &CampaignSettings,
        lane: Option<&LaneRow>,
    ) -> Option<SignedDuration> {
        let (due_at, seen) = (row.due_at?, lane?.high_water);
        let now = self.engine.now().max(seen);
        let catch_up = settings.schedule.catch_up;
        let late = is_overdue(seen, now, due_at, &self.engine.settings, catch_up);
        late.then(|| now.duration_since(due_at))
    }

    /// Why a mailbox does nothing that is due, if it is so: what it sees, and why in words. A pause is the
    /// gate's to tell.
    pub(crate) async fn stands_still(
        &self,
        mailbox: MailboxId,
        account: Option<&MailboxRow>,
    ) -> Result<Option<(&'static str, &'static str)>, EngineError> {
        let key = vec![mailbox.to_value()];
        let storage = self.engine.storage();
        let held = storage.find::<RebuildRow>(self.workspace, key).await?;
        if held.is_some() {
            return Ok(Some((
                "the data was restored",
                "the data was restored from a backup, and the mailbox is held until what it has sent \
                 since is read.",
            )));
        }
        Ok(match account.map(|account| account.state) {
            None => Some(("no account", "its mailbox is not there any more.")),
            Some(MailboxState::Contested) => Some((
                "two copies send",
                "a second copy of this installation sends from its mailbox. Somebody has to look.",
            )),
            Some(state) if state.sends() || state == MailboxState::Paused => None,
            Some(_) => Some((
                "cannot send",
                "its mailbox cannot send until its owner connects it again.",
            )),
        })
    }

    /// What the last search for the mail of an enrollment's step came to, and the line about it.
    async fn last_search(
        &self,
        row: &EnrollmentRow,
    ) -> Result<(TraceLine, Option<SearchResult>), EngineError> {
        let key = SendKey::Step {
            enrollment: row.id,
            step: row.step,
        };
        let storage = self.engine.storage();
        let found = storage
            .find::<SendRow>(self.workspace, vec![key.to_value()])
            .await?;
        let send = found.map(|found| found.record);
        let result = send.as_ref().and_then(|send| send.searched);
        let at = send.as_ref().and_then(|send| send.searched_at);
        let input = at.map_or("never".to_owned(), |at| format!("searched at {at:.0}"));
        let verdict = result.map_or("unknown", SearchResult::name);
        Ok((TraceLine::new("evidence", input, verdict), result))
    }

    /// What the planner counts before the mailbox sends, as far as it is known now; and which budget
    /// is used up, if one is.
    async fn budgets_of(
        &self,
        row: &EnrollmentRow,
        settings: &CampaignSettings,
        (account, lane): (Option<&MailboxRow>, Option<&LaneRow>),
        lead: &LeadRow,
        at: Timestamp,
    ) -> Result<Counted, EngineError> {
        let (Some(account), Some(lane)) = (account, lane) else {
            return Ok(Counted::default());
        };
        let recent = Recent::from_bytes(lane.recent.as_deref().unwrap_or_default());
        let volume = self.engine.volume_of(self.workspace, account).await?;
        let (name, schedule) = (&settings.name, &settings.schedule);
        let spent = Spent::of(
            row.campaign,
            &schedule.limits,
            account,
            lead.domain_index,
            at,
        );
        let shared = spent.used(&self.engine, self.workspace, row, at).await?;
        let mut lines = shared_lines(name, &shared);
        let slot = lane.next_slot;
        lines.splice(
            0..0,
            budget_lines(name, schedule, &recent, &volume, slot, at),
        );
        Ok(Counted {
            lines,
            full: budget(schedule, &recent, &volume, at),
            shared: shared.into_iter().find(|used| used.until.is_some()),
        })
    }

    /// What the gate would say at that time, from what is known now.
    async fn judge(
        &self,
        row: &EnrollmentRow,
        step: StepIndex,
        lead: &LeadRow,
        subject: &SubjectVault,
        at: jiff::Timestamp,
    ) -> Result<jooper_consent::Judgement, EngineError> {
        let parts = &self.engine.parts;
        let place = Place::new(&LEAD, "profile", &[row.lead.to_value()]);
        let profile: LeadProfile = subject.open(&place, &lead.profile)?;
        let address =
            EmailAddress::parse(&profile.email).map_err(|_| EngineError::Content("address"))?;
        let key = SendKey::Step {
            enrollment: row.id,
            step,
        };
        let vault = parts.vault.workspace(self.workspace).await?;
        let identity = self.engine.identity(self.workspace).await?;
        let to = crate::intent::recipient(&self.engine, &vault, lead, &address).await?;
        let intent = crate::intent::intent(&self.engine, row, key, to, &identity);
        let then = parts.gate.over(
            parts.storage.clone(),
            parts.vault.installation(),
            Arc::new(ManualClock::new(at)),
            parts.lease.clone(),
            parts.ids.clone(),
        );
        Ok(then.judge(self.workspace, &intent).await?)
    }
}

/// Until when after that time the provider takes no mail from an account, and why.
fn parked_until(
    account: &MailboxRow,
    at: Timestamp,
    now: Timestamp,
) -> Option<(Timestamp, &'static str)> {
    let until = account.parked_until?;
    let waits = until >= at && until > now;
    waits.then_some((until, parked(account.park_reason)))
}

/// What comes of a step that sends nothing when its time has come: what the engine decides then, in
/// words.
fn without_mail(
    row: &EnrollmentRow,
    next: &EnrollmentRow,
    what: &str,
    sequence: Option<&Sequence>,
    at: Timestamp,
) -> String {
    match (next.state, next.wait) {
        (EnrollmentState::Finished, _) => {
            format!("As things stand it ends at {at:.0}. {}", finish(next, None))
        }
        (_, Some(WaitReason::ManualTask)) => {
            format!("A person is asked to do a task at {at:.0}.")
        }
        (EnrollmentState::Active, _) => {
            let comes = what_comes(next, sequence);
            let due = next.due_at.unwrap_or(at);
            match comes == what && next.step == row.step {
                true => format!("{what} is put off until {due:.0}."),
                false => format!("{comes} follows at {due:.0}, if nothing changes until then."),
            }
        }
        (_, reason) => format!("{what}: {}", wait(reason)),
    }
}
