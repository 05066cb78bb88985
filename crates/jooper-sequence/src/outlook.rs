//! What comes next for a lead, and why: decided anew on paper, since deciding is pure (law L16).

use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{
    EmailAddress, EnrollmentState, ManualClock, SearchResult, SendKey, StepIndex, WaitReason,
};
use jooper_storage::tables::{
    EnrollmentRow, LEAD, LaneRow, LeadProfile, LeadRow, MailboxRow, SendRow,
};
use jooper_storage::{Column, StorageExt};
use jooper_vault::{Place, SubjectVault};

use crate::campaigns::Campaigns;
use crate::decide::{Command, Event, Explanation, Facts, TraceLine, decide};
use crate::error::EngineError;
use crate::explain::{
    SharedUse, budget_lines, decisive, gate_lines, parked, shared_lines, wait, words_of_search,
};
use crate::lane::Spent;
use crate::model::CampaignSettings;
use crate::planner::{Full, Recent, budget, says};
use crate::undone::Missing;

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
    /// The next decision about an enrollment as the planner and the gate would make it when it is
    /// due, if nothing changes until then; `None` when it has ended. Nothing is written.
    pub(crate) async fn outlook(
        &self,
        row: &EnrollmentRow,
        subject: Option<&SubjectVault>,
    ) -> Result<Option<Explanation>, EngineError> {
        if row.state == EnrollmentState::Finished {
            return Ok(None);
        }
        let campaign = match self.version(row.campaign, row.sequence_version).await {
            Err(error) if Missing::told_by(&error).is_some() => {
                return Ok(Some(Explanation {
                    summary: wait(Some(WaitReason::CampaignMissing)),
                    step: None,
                    lines: Vec::new(),
                }));
            }
            campaign => campaign?,
        };
        let number = crate::explain::place(Some(&campaign.sequence), row.step);
        let told = |summary: String, lines| {
            let step = Some(number);
            Ok(Some(Explanation {
                summary,
                step,
                lines,
            }))
        };
        if row.state != EnrollmentState::Active {
            let why = wait(row.wait);
            let mut lines = vec![TraceLine::new("state", row.state.name(), "nothing is due")];
            if row.wait != Some(WaitReason::SendUnknown) {
                return told(format!("Mail {number}: {why}"), lines);
            }
            let (line, result) = self.last_search(row).await?;
            lines.push(line);
            return told(
                format!("Mail {number}: {why} {}", words_of_search(result)),
                lines,
            );
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
            let place = jooper_vault::Place::new(&jooper_storage::tables::LEAD, "profile", &key);
            let profile: jooper_storage::tables::LeadProfile =
                subject.open(&place, &lead.profile)?;
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
        let decision = decide(row, &facts, &Event::Due, at, &campaign.sequence, draw);
        let send = decision.commands.iter().find_map(|command| match command {
            Command::Send { step, .. } => Some(*step),
            _ => None,
        });
        let mut lines = decision.trace;
        let Some(step) = send else {
            let at = decision.next.due_at.map(|at| format!(" at {at:.0}"));
            let at = at.unwrap_or_default();
            return told(format!("Mail {number} is looked at{at}."), lines);
        };
        let counted = self.budgets_of(row, &campaign.settings, &lead, at).await?;
        let Counted {
            lines: counted,
            full,
            shared,
        } = counted;
        lines.extend(counted);
        let judgement = self.judge(row, step, &lead, subject, at).await?;
        lines.extend(gate_lines(&judgement.trace));
        if judgement.verdict.is_allow()
            && let Some((until, why)) = self.parked(row, at).await?
        {
            lines.push(TraceLine::new(
                "mailbox",
                format!("parked until {until:.0}"),
                why,
            ));
            return told(
                format!("Mail {number} waits until {until:.0} or longer: {why}."),
                lines,
            );
        }
        if judgement.verdict.is_allow()
            && let Some(full) = full
        {
            let Full {
                until,
                sent,
                most,
                budget,
                bound,
            } = full;
            return told(
                format!(
                    "Mail {number} waits until {until:.0} or longer: its mailbox has sent {sent} \
                     {budget}, and may send {most}, {}.",
                    bound.whose(&campaign.settings.name)
                ),
                lines,
            );
        }
        if judgement.verdict.is_allow()
            && let Some(used) = shared
            && let Some(until) = used.until
        {
            let says = says(&campaign.settings.name);
            let SharedUse {
                whose, sent, most, ..
            } = used;
            return told(
                format!(
                    "Mail {number} waits until {until:.0} or longer: {sent} of {most} mails in 24 \
                     hours have gone {whose}, {says}."
                ),
                lines,
            );
        }
        if judgement.verdict.is_allow() {
            return told(
                format!(
                    "Mail {number} goes at {at:.0} or as soon after as its mailbox is free, if \
                     nothing changes until then."
                ),
                lines,
            );
        }
        let why = decisive(&judgement);
        told(
            format!("Mail {number} would not go at {at:.0}. {why}"),
            lines,
        )
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

    /// Until when after that time the provider takes no mail from the enrollment's account, and why.
    async fn parked(
        &self,
        row: &EnrollmentRow,
        at: jiff::Timestamp,
    ) -> Result<Option<(jiff::Timestamp, &'static str)>, EngineError> {
        let key = vec![row.mailbox.to_value()];
        let storage = self.engine.storage();
        let found = storage.find::<MailboxRow>(self.workspace, key).await?;
        Ok(found.and_then(|row| {
            let until = row.record.parked_until?;
            let waits = until >= at && until > self.engine.now();
            let why = parked(row.record.park_reason);
            waits.then_some((until, why))
        }))
    }

    /// What the planner counts before the mailbox sends, as far as it is known now; and which budget
    /// is used up, if one is.
    async fn budgets_of(
        &self,
        row: &EnrollmentRow,
        settings: &CampaignSettings,
        lead: &LeadRow,
        at: Timestamp,
    ) -> Result<Counted, EngineError> {
        let storage = self.engine.storage();
        let key = vec![row.mailbox.to_value()];
        let account = storage.find::<MailboxRow>(self.workspace, key.clone());
        let account = account.await?.map(|row| row.record);
        let lane = storage.find::<LaneRow>(self.workspace, key).await?;
        let (Some(account), Some(lane)) = (account, lane.map(|row| row.record)) else {
            return Ok(Counted::default());
        };
        let recent = Recent::from_bytes(lane.recent.as_deref().unwrap_or_default());
        let volume = self.engine.volume_of(self.workspace, &account).await?;
        let (name, schedule) = (&settings.name, &settings.schedule);
        let spent = Spent::of(
            row.campaign,
            &schedule.limits,
            &account,
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
