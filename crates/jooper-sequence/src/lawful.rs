//! To whom of a draft's people mail may go, who waits, and to whom nothing may go, before anything starts.

use jooper_consent::{GateName, GateStep, Judgement, Verdict, gate_name, remedy, why_not};
use jooper_core::{CampaignId, Draw, DrawPurpose, EmailAddress, LeadId, SendKey, StepIndex};
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
    /// To how many a mail may go as things stand.
    pub may_go: usize,
    /// Whose mail waits: for a time, or for a person to act.
    pub waiting: Vec<Refusal>,
    /// To whom nothing may go.
    pub refused: Vec<Refusal>,
}

/// Somebody to whom nothing may go, or not now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The lead.
    pub lead: LeadId,
    /// Which rule says so, in a salesperson's words; where a table does, with its row and version.
    pub rule: String,
    /// Why, in a sentence.
    pub why: String,
    /// What to do about it; empty where nothing helps.
    pub remedy: &'static str,
}

impl Campaigns {
    /// Asks the gate about the first mail to each of these leads, and writes nothing: whom a start would
    /// write to, whose mail would wait, and to whom nothing would go, each with the rule and the remedy.
    ///
    /// # Errors
    /// [`EngineError::NotFound`], [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn lawful(&self, id: CampaignId, leads: &[LeadId]) -> Result<Lawful, EngineError> {
        let mut lawful = Lawful {
            people: leads.len(),
            ..Lawful::default()
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
                            rule: "the person".to_owned(),
                            why,
                            remedy: "",
                        });
                        continue;
                    }
                };
                let Ok(address) = EmailAddress::parse(&person.profile.email) else {
                    lawful.waiting.push(Refusal {
                        lead,
                        rule: gate_name(GateName::Address).to_owned(),
                        why: "The address cannot be read.".to_owned(),
                        remedy: "Correct the address.",
                    });
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
            let gate = &self.engine.parts.gate;
            let preview = gate.preview(self.workspace, &intents).await?;
            lawful.may_go += preview.allowed;
            for (at, judgement) in preview.refused {
                lawful.take(asked[at], &judgement);
            }
            asked.clear();
            intents.clear();
        }
        Ok(lawful)
    }
}

impl Lawful {
    fn take(&mut self, lead: LeadId, judgement: &Judgement) {
        let (reason, until, group) = match &judgement.verdict {
            Verdict::Allow => return,
            Verdict::Defer { until, reason } => (reason, *until, &mut self.waiting),
            Verdict::Deny { reason, .. } => (reason, None, &mut self.refused),
        };
        let mut why = why_not(reason);
        if let Some(until) = until {
            why.push_str(&format!(" Not before {} UTC.", until.strftime("%F %H:%M")));
        }
        let steps = judgement.trace.0.iter();
        let step = steps.rev().find(|step| step.verdict == judgement.verdict);
        group.push(Refusal {
            lead,
            rule: step.map(rule).unwrap_or_default(),
            why,
            remedy: remedy(reason),
        });
    }
}

/// The rule that spoke; of a table, which row of which version.
fn rule(step: &GateStep) -> String {
    let name = gate_name(step.gate);
    match step.gate {
        GateName::Basis | GateName::Transport => format!("{name} ({})", step.input),
        _ => name.to_owned(),
    }
}
