//! To whom of a draft's people nothing may go, before anything starts.

use jooper_consent::{SendIntent, Verdict, gate_name, remedy, why_not};
use jooper_core::{
    CampaignId, Draw, DrawPurpose, EmailAddress, LeadId, SendKey, StepIndex, WorkspaceId,
};
use jooper_storage::tables::EnrollmentRow;

use crate::assign::enrollment_id;
use crate::campaigns::{CHUNK, Campaigns};
use crate::error::EngineError;
use crate::intent::{intent, recipient};

/// What the gate says of the people of a campaign, as things stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Lawful {
    /// How many were asked about.
    pub people: usize,
    /// To whom nothing may go; the others get their mails.
    pub refused: Vec<Refusal>,
}

/// Somebody to whom nothing may go.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The lead.
    pub lead: LeadId,
    /// Which rule says so, in a salesperson's words.
    pub rule: &'static str,
    /// Why, in a sentence.
    pub why: String,
    /// What to do about it; empty where nothing helps.
    pub remedy: &'static str,
}

impl Campaigns {
    /// Asks the gate about the first mail to each of these leads, and writes nothing: whom a start would
    /// not write to, the rule, and the remedy. What only waits is no refusal.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn lawful(&self, id: CampaignId, leads: &[LeadId]) -> Result<Lawful, EngineError> {
        let mut lawful = Lawful {
            people: leads.len(),
            refused: Vec::new(),
        };
        let (mut asked, mut intents) = (Vec::new(), Vec::new());
        let campaign = self.get(id).await?;
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let identity = self.engine.identity(self.workspace).await?;
        let mailboxes = &campaign.settings.mailboxes;
        let draw = Draw::new(campaign.seed);
        for leads in leads.chunks(CHUNK) {
            for (lead, person) in self.people(leads).await? {
                let person = match person {
                    Ok(person) => person,
                    Err(why) => {
                        lawful.refused.push(Refusal {
                            lead,
                            rule: "the person",
                            why,
                            remedy: "",
                        });
                        continue;
                    }
                };
                // An address that does not read waits for a person, who is told so.
                let Ok(address) = EmailAddress::parse(&person.profile.email) else {
                    continue;
                };
                let count = mailboxes.len() as u64;
                let at = draw.below(count, lead.uuid(), 0, DrawPurpose::Mailbox);
                let enrollment = enrollment_id(id, campaign.created_at, lead, 0);
                let row = EnrollmentRow::fresh(
                    enrollment,
                    id,
                    lead,
                    mailboxes[at as usize],
                    campaign.sequence_version,
                    self.engine.now(),
                );
                let key = SendKey::Step {
                    enrollment,
                    step: StepIndex(0),
                };
                let to = recipient(&self.engine, &vault, &person.row, &address).await?;
                asked.push(lead);
                intents.push(intent(&self.engine, &row, key, to, &identity));
            }
            let refused = self.denied(&asked, &intents).await?;
            lawful.refused.extend(refused);
            asked.clear();
            intents.clear();
        }
        Ok(lawful)
    }

    async fn denied(
        &self,
        leads: &[LeadId],
        intents: &[SendIntent],
    ) -> Result<Vec<Refusal>, EngineError> {
        let workspace: WorkspaceId = self.workspace;
        let preview = self.engine.parts.gate.preview(workspace, intents).await?;
        let refused = preview.refused.into_iter().filter_map(|(at, judgement)| {
            let Verdict::Deny { reason, .. } = &judgement.verdict else {
                return None;
            };
            let steps = judgement.trace.0.iter();
            let step = steps.rev().find(|step| step.verdict == judgement.verdict)?;
            Some(Refusal {
                lead: leads[at],
                rule: gate_name(step.gate),
                why: why_not(reason),
                remedy: remedy(reason),
            })
        });
        Ok(refused.collect())
    }
}
