//! One workspace: every call names it, so tenants never meet.

use jooper_analytics::Analytics;
use jooper_core::{CampaignId, LeadId, MailboxId, WorkspaceId};
use jooper_leads::Leads;
use jooper_rights::Rights;
use jooper_sequence::{Campaign, Campaigns, ConnectMailbox, Conversations, EngineError, Mailboxes};

use crate::jooper::Jooper;

/// A workspace and what can be done in it.
#[derive(Debug, Clone)]
pub struct Workspace {
    jooper: Jooper,
    id: WorkspaceId,
}

impl Workspace {
    pub(crate) const fn new(jooper: Jooper, id: WorkspaceId) -> Self {
        Self { jooper, id }
    }

    /// The workspace.
    pub const fn id(&self) -> WorkspaceId {
        self.id
    }

    /// Leads; pass [`Workspace::id`] to its calls.
    pub const fn leads(&self) -> &Leads {
        &self.jooper.leads
    }

    /// Campaigns.
    pub fn campaigns(&self) -> Campaigns {
        self.jooper.engine.campaigns(self.id)
    }

    /// The inbox: answers by hand, and words that look like an objection.
    pub fn conversations(&self) -> Conversations {
        self.jooper.engine.conversations(self.id)
    }

    /// One campaign: to simulate it, and to activate it as foreseen.
    pub fn campaign(&self, id: CampaignId) -> Campaign {
        self.campaigns().campaign(id)
    }

    /// Mailboxes.
    pub fn mailboxes(&self) -> Mailboxes {
        self.jooper.engine.mailboxes(self.id)
    }

    /// Connects an account whose OAuth flow has finished.
    ///
    /// # Errors
    /// As [`Mailboxes::connect`].
    pub async fn connect(&self, new: ConnectMailbox) -> Result<MailboxId, EngineError> {
        self.mailboxes()
            .connect(&*self.jooper.credentials, new)
            .await
    }

    /// Disconnects an account.
    ///
    /// # Errors
    /// As [`Mailboxes::disconnect`].
    pub async fn disconnect(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        self.mailboxes()
            .disconnect(&*self.jooper.credentials, mailbox)
            .await
    }

    /// Disconnects an account and has its provider end the grant: only on the owner's explicit wish.
    ///
    /// # Errors
    /// As [`Mailboxes::revoke_and_disconnect`].
    pub async fn revoke_and_disconnect(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        self.mailboxes()
            .revoke_and_disconnect(&*self.jooper.credentials, mailbox)
            .await
    }

    /// Numbers; pass [`Workspace::id`] to its calls.
    pub const fn analytics(&self) -> &Analytics {
        &self.jooper.analytics
    }

    /// Rights of the people whose data this is; pass [`Workspace::id`] to its calls.
    pub const fn rights(&self) -> &Rights {
        &self.jooper.rights
    }

    /// Everything that was decided about a lead and what comes next, in words.
    ///
    /// # Errors
    /// As [`Campaigns::explain`].
    pub async fn explain(
        &self,
        lead: LeadId,
    ) -> Result<Vec<jooper_sequence::EnrollmentView>, EngineError> {
        self.campaigns().explain(lead).await
    }
}
