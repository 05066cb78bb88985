//! [`Transport`] over Gmail.

use async_trait::async_trait;
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation, Transport,
    TransportCapabilities, TransportError,
};

use crate::backoff::Patience;
use crate::gmail::Gmail;

#[async_trait]
impl Transport for Gmail {
    fn capabilities(&self) -> TransportCapabilities {
        TransportCapabilities::new("gmail", self.inner.max_bytes(), true)
    }

    /// The history id of now. Empty for a mailbox that may only send: then no outcome that stays
    /// unknown can ever be resolved but by a person.
    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        let base = self.inner.before_sending(mailbox).await?;
        Ok(EvidenceBase(base.unwrap_or_default()))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        self.inner.send(cleared).await
    }

    async fn read_back(
        &self,
        mailbox: MailboxRef,
        provider_id: &str,
    ) -> Result<Receipt, TransportError> {
        let session = self.inner.open(mailbox, Patience::Long).await?;
        self.inner.receipt_of(&session, provider_id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.search(attempt).await
    }
}
