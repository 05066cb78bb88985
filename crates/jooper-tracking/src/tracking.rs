//! Making links, and acting on them.

use std::sync::Arc;

use jiff::SignedDuration;
use jooper_consent::{StopScope, Stops};
use jooper_core::{
    Clock, Dimensions, EmailAddress, EventKind, LeadId, RequestId, SendKey, StopReason, StopSource,
    WorkspaceId,
};
use jooper_storage::tables::{PendingRow, SendRow, SuppressionRow};
use jooper_storage::{Batch, Column, LogEntry, Storage, StorageExt};
use jooper_vault::Vault;
use url::Url;
use uuid::Uuid;

use crate::error::TrackingError;
use crate::hook::OnStop;
use crate::token::{Purpose, Ticket};

/// What a rights request in the table of pending things is called.
const RIGHTS_REQUEST: i64 = 100;
/// A request is answered within a month (GDPR Art. 12(3)).
const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 30);

/// What a person may ask for beside the stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// See their data.
    See,
    /// Have it erased.
    Erase,
}

/// The links of one installation.
#[derive(Debug)]
pub struct Tracking {
    base: Url,
    storage: Arc<dyn Storage>,
    vault: Vault,
    stops: Stops,
    clock: Arc<dyn Clock>,
    listeners: Vec<Arc<dyn OnStop>>,
}

impl Tracking {
    /// Links that begin with `base`, the public address under which [`Tracking::handle`] is
    /// mounted.
    ///
    /// # Errors
    /// [`TrackingError::BaseUrl`].
    pub fn new(
        mut base: Url,
        storage: Arc<dyn Storage>,
        vault: Vault,
        stops: Stops,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TrackingError> {
        let usable = matches!(base.scheme(), "http" | "https")
            && base.has_host()
            && base.query().is_none()
            && base.fragment().is_none();
        if !usable {
            return Err(TrackingError::BaseUrl);
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        Ok(Self {
            base,
            storage,
            vault,
            stops,
            clock,
            listeners: Vec::new(),
        })
    }

    /// Tells somebody else, too, when a person stops.
    #[must_use]
    pub fn with_listener(mut self, listener: Arc<dyn OnStop>) -> Self {
        self.listeners.push(listener);
        self
    }

    /// The path below which requests belong to [`Tracking::handle`], with slashes.
    pub fn path(&self) -> &str {
        self.base.path()
    }

    /// The link that stops everything from this workspace to this person.
    ///
    /// # Errors
    /// [`TrackingError::Vault`].
    pub async fn unsubscribe_url(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
        lead: LeadId,
        send_key: &SendKey,
    ) -> Result<Url, TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        let platform = self.vault.platform().await?;
        let widest = platform.variant_indexes(address);
        let ticket = Ticket {
            workspace,
            contact: vault.contact_index(address),
            exact: vault.email_index(address),
            platform: widest
                .last()
                .copied()
                .unwrap_or_else(|| vault.contact_index(address)),
            lead,
            send_key: *send_key,
        };
        self.link("u", &ticket.write(vault.own(), Purpose::Unsubscribe)?)
    }

    /// The link to the preference page of whoever holds this ticket.
    pub(crate) async fn preferences_url(&self, ticket: &Ticket) -> Result<Url, TrackingError> {
        let vault = self.vault.workspace(ticket.workspace).await?;
        self.link("p", &ticket.write(vault.own(), Purpose::Preferences)?)
    }

    fn link(&self, kind: &str, token: &str) -> Result<Url, TrackingError> {
        self.base
            .join(&format!("{kind}/{token}"))
            .map_err(|_| TrackingError::BaseUrl)
    }

    pub(crate) async fn ticket(
        &self,
        text: &str,
        purpose: Purpose,
    ) -> Result<Option<Ticket>, TrackingError> {
        Ticket::read(&self.vault, &*self.storage, text, purpose).await
    }

    /// Stops this sender's mail. Returns when no send to the person starts any more.
    pub(crate) async fn stop(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        let mut variants = vec![ticket.exact, ticket.contact];
        variants.dedup();
        let scope = StopScope::Person {
            contact_index: ticket.contact,
            variants,
            lead: Some(ticket.lead),
        };
        let known = self
            .storage
            .find::<SuppressionRow>(ticket.workspace, vec![ticket.exact.to_value()])
            .await?;
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        self.stops
            .stop(ticket.workspace, scope, reason, source)
            .await?;
        // Counted once, however often the button is pressed.
        if known.is_none_or(|row| row.record.reason != reason) {
            self.count(ticket).await?;
        }
        for listener in &self.listeners {
            if let Err(error) = listener.stopped(ticket.workspace, ticket.lead).await {
                tracing::warn!(%error, "a listener of stops failed; the stop itself holds");
            }
        }
        Ok(())
    }

    async fn count(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        let key = vec![ticket.send_key.to_value()];
        let send = self.storage.find::<SendRow>(ticket.workspace, key).await?;
        let dimensions = send.map_or_else(Dimensions::default, |send| Dimensions {
            campaign: send.record.campaign,
            step: send.record.step,
            variant: send.record.step.map(|_| send.record.variant),
            mailbox: Some(send.record.mailbox),
            ..Dimensions::default()
        });
        let (lead, key) = (ticket.lead.uuid(), ticket.send_key.to_bytes());
        let source: &[&[u8]] = &[lead.as_bytes(), &key];
        let fact = LogEntry::new(
            EventKind::Unsubscribed,
            self.clock.now(),
            source,
            dimensions,
        );
        let batch = Batch::new(ticket.workspace).append(fact.about(ticket.lead));
        Ok(self.storage.commit(batch).await?)
    }

    /// Stops every sender of this installation.
    pub(crate) async fn stop_everywhere(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        self.stop(ticket).await?;
        self.stops
            .do_not_contact(&[ticket.platform], StopReason::Objected)
            .await?;
        Ok(())
    }

    /// Records that the person wants to see their data or have it erased.
    pub(crate) async fn request(&self, ticket: &Ticket, wish: Wish) -> Result<(), TrackingError> {
        if wish == Wish::Erase {
            self.stop(ticket).await?;
        }
        let now = self.clock.now();
        // One request of a kind for each lead: the id follows from both.
        let mut id = *ticket.lead.uuid().as_bytes();
        id[0] ^= 0x52;
        id[1] ^= if wish == Wish::Erase { 2 } else { 1 };
        let row = PendingRow {
            id: RequestId::from_uuid(Uuid::from_bytes(id)),
            kind: RIGHTS_REQUEST + if wish == Wish::Erase { 2 } else { 1 },
            expires_at: now.checked_add(ANSWER_WITHIN).unwrap_or(now),
            content: None,
        };
        match self
            .storage
            .commit(Batch::new(ticket.workspace).insert(&row))
            .await
        {
            Err(error) if error.is_conflict() => Ok(()),
            result => Ok(result?),
        }
    }
}
