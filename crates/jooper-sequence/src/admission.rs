//! Who may be enrolled in a campaign, and who may not and why.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_consent::{QualityFinding, SendIntent, Verdict};
use jooper_core::{EnrollmentState, LeadId, LeadState, SubjectId};
use jooper_storage::tables::{EnrollmentRow, LEAD, LeadProfile, LeadRow};
use jooper_storage::{Column, Key, Record, Scan, StorageExt};
use jooper_vault::Place;

use crate::campaigns::{CHUNK, CampaignSummary, Campaigns, LeadRefusal};
use crate::decide::Memory;
use crate::error::EngineError;
use crate::explain::decisive;
use crate::planner::{Locale, add_delay};
use crate::render;
use crate::texts::Text;

/// A lead that is to be enrolled.
pub(crate) struct Enrollee {
    pub(crate) row: LeadRow,
    pub(crate) profile: LeadProfile,
}

impl Campaigns {
    /// What the gate would say to the first mails of those who are enrolled now, where that is never.
    pub(crate) async fn unlawful(
        &self,
        asked: Vec<(LeadId, SendIntent)>,
    ) -> Result<Vec<LeadRefusal>, EngineError> {
        let (leads, intents): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let gate = &self.engine.parts.gate;
        let preview = gate.preview(self.workspace, &intents).await?;
        let refused = preview.refused.into_iter();
        let never = refused.filter(|(_, said)| matches!(said.verdict, Verdict::Deny { .. }));
        let named = never.map(|(at, judgement)| LeadRefusal {
            lead: leads[at],
            reason: decisive(&judgement),
        });
        Ok(named.collect())
    }

    /// The leads of the workspace that no campaign begins with ([`Campaigns::audience`]), each with the reason
    /// and what to do: nothing may be done with their data.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn left_out(&self) -> Result<Vec<LeadRefusal>, EngineError> {
        let scan = Scan::table(&LEAD).limit(Scan::MAX_LIMIT);
        let rows = self
            .engine
            .storage()
            .collect::<LeadRow>(self.workspace, scan);
        let rows = rows.await?.into_iter().map(|row| row.record);
        let closed = rows.filter_map(|row| {
            let reason = closed(row.state)?.to_owned();
            Some(LeadRefusal {
                lead: row.id,
                reason,
            })
        });
        Ok(closed.collect())
    }

    pub(crate) async fn people(
        &self,
        leads: &[LeadId],
    ) -> Result<Vec<(LeadId, Result<Enrollee, String>)>, EngineError> {
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let mut people = Vec::with_capacity(leads.len());
        let mut named = BTreeSet::new();
        let mut once = Vec::with_capacity(leads.len());
        for lead in leads {
            if named.insert(*lead) {
                once.push(*lead);
            } else {
                people.push((*lead, Err("named twice: they are enrolled once".to_owned())));
            }
        }
        for leads in once.chunks(CHUNK) {
            let keys: Vec<_> = leads
                .iter()
                .map(|lead| Key::new(&LEAD, vec![lead.to_value()]))
                .collect();
            let found = self
                .engine
                .storage()
                .get(self.workspace.into(), &keys)
                .await?;
            let subjects: Vec<_> = leads.iter().map(|lead| SubjectId::from(*lead)).collect();
            let subjects = vault.subjects(&subjects).await?;
            for ((lead, key), found) in leads.iter().zip(keys).zip(found) {
                let row = found
                    .map(|row| LeadRow::from_values(row.values))
                    .transpose()?;
                let person = match (row, subjects.get(&SubjectId::from(*lead))) {
                    (None, _) => Err("there is no such lead".to_owned()),
                    (Some(row), Some(subject)) => {
                        if let Some(reason) = closed(row.state) {
                            people.push((*lead, Err(reason.to_owned())));
                            continue;
                        }
                        let place = Place::of(&key, "profile");
                        let profile = subject.open(&place, &row.profile)?;
                        Ok(Enrollee { row, profile })
                    }
                    (Some(_), None) => Err("the lead was erased".to_owned()),
                };
                people.push((*lead, person));
            }
        }
        Ok(people)
    }

    /// How often a lead was enrolled before; or why it cannot be enrolled: it is or was enrolled, or
    /// a template has no value for it.
    pub(crate) async fn admitted(
        &self,
        campaign: &CampaignSummary,
        texts: &[Text],
        lead: LeadId,
        profile: &LeadProfile,
    ) -> Result<Result<u16, String>, EngineError> {
        let mut before = self.engine.enrollments_of(self.workspace, lead).await?;
        before.retain(|row| row.campaign == campaign.id);
        let last = before.iter().max_by_key(|row| (row.created_at, row.id));
        if let Some(last) = last
            && let Err(reason) = comes_back(campaign, last, self.engine.now())
        {
            return Ok(Err(reason));
        }
        if profile.source.trim().is_empty() {
            // Their first mail must tell them (GDPR Art. 14(2)(f)), and could not be written.
            return Ok(Err(QualityFinding::NoSource.advice().to_owned()));
        }
        let fields = render::fields(profile);
        let rules = self.engine.parts.gate.content_rules();
        if let Some(why) = texts.iter().find_map(|text| text.refuses(&fields, rules)) {
            return Ok(Err(why));
        }
        Ok(Ok(u16::try_from(before.len()).unwrap_or(u16::MAX)))
    }
}

/// Why nobody may be written to whose data is in that state, and what to do; none where it may be used.
const fn closed(state: LeadState) -> Option<&'static str> {
    match state {
        LeadState::Active => None,
        LeadState::Held => Some(
            "their data is held for a legal claim and used for nothing else; nothing goes before that ends",
        ),
        _ => Some(
            "their data is restricted and used for nothing else; end the restriction on their page once its \
             reason is gone, and add them then",
        ),
    }
}

/// Whether a lead who was in a campaign may be in it once more; else why not.
fn comes_back(
    campaign: &CampaignSummary,
    last: &EnrollmentRow,
    now: Timestamp,
) -> Result<(), String> {
    let already = || "already in this campaign".to_owned();
    let rule = campaign.sequence.re_enroll.as_ref().ok_or_else(already)?;
    if last.state != EnrollmentState::Finished {
        return Err(already());
    }
    if !rule
        .ended
        .iter()
        .any(|end| Some(end.reason()) == last.finish)
    {
        return Err(
            "was in this campaign before, and it ended in a way after which nobody comes back"
                .to_owned(),
        );
    }
    let memory = Memory::of(last, &campaign.sequence);
    if memory.unknown {
        return Err("the fate of a mail from the last time is unknown".to_owned());
    }
    let schedule = &campaign.settings.schedule;
    let locale = Locale::new(schedule, None, None, last.mailbox);
    // Earlier versions did not write down when it ended.
    let ended = memory
        .ended
        .or(memory.since)
        .or(last.last_sent_at)
        .unwrap_or(last.created_at);
    let from = add_delay(schedule, &locale, ended, rule.after);
    if from > now {
        return Err(format!(
            "was in this campaign, and may come back from {from:.0}"
        ));
    }
    Ok(())
}
