//! What a campaign adds to its sequence.

use jooper_core::MailboxId;
use serde::{Deserialize, Serialize};

use super::schedule::{InvalidSchedule, Schedule};

/// Name, mailboxes and schedule of a campaign. Sealed in the store: names may name a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignSettings {
    /// What the team calls it.
    pub name: String,
    /// The mailboxes that send; each lead gets one of them.
    pub mailboxes: Vec<MailboxId>,
    /// When mail may go.
    pub schedule: Schedule,
}

/// Why a campaign cannot be created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCampaign {
    /// No mailbox sends.
    #[error("the campaign has no mailbox; connect one and choose it")]
    NoMailbox,
    /// The name is empty.
    #[error("the campaign has no name")]
    NoName,
    /// A mailbox that is to be taken out sends for another campaign, or for none.
    #[error("mailbox {0} does not send for this campaign, so it cannot be taken out of it")]
    NotItsMailbox(MailboxId),
    /// A change that contradicts itself.
    #[error("mailbox {0} is either added or taken out, not both")]
    InAndOut(MailboxId),
    /// The schedule cannot be used.
    #[error(transparent)]
    Schedule(#[from] InvalidSchedule),
}

impl CampaignSettings {
    /// Checks every rule.
    ///
    /// # Errors
    /// [`InvalidCampaign`] names what to change.
    pub fn check(&self) -> Result<(), InvalidCampaign> {
        if self.name.trim().is_empty() {
            return Err(InvalidCampaign::NoName);
        }
        if self.mailboxes.is_empty() {
            return Err(InvalidCampaign::NoMailbox);
        }
        Ok(self.schedule.check()?)
    }
}
