//! Making links, and acting on them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jooper_consent::{PersonalAct, PolicySet, StopScope, Stops};
use jooper_core::{
    ActProof, Clock, Dimensions, EmailAddress, EventKind, KeyedIndex, LeadId, SendKey, StopReason,
    StopSource, WorkspaceId,
};
use jooper_storage::tables::{AddressText, LEAD_ADDRESS, LeadAddressRow, SendRow, SuppressionRow};
use jooper_storage::{Batch, Column, LogEntry, Record, Scan, Storage, StorageExt};
use jooper_vault::{Place, PlatformVault, Vault};
use url::{Host, Url};

use crate::error::TrackingError;
use crate::hook::OnStop;
use crate::token::{self, Purpose, Ticket};

/// The links of one installation.
#[derive(Debug)]
pub struct Tracking {
    base: Url,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) vault: Vault,
    stops: Stops,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policies: PolicySet,
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
        let usable = is_private(&base) && base.query().is_none() && base.fragment().is_none();
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
            policies: PolicySet::shipped(),
            listeners: Vec::new(),
        })
    }

    /// Tells somebody else, too, when a person stops.
    #[must_use]
    pub fn with_listener(mut self, listener: Arc<dyn OnStop>) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Checks consents that people give against these tables instead of the shipped ones.
    #[must_use]
    pub fn with_policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        self
    }

    pub(crate) const fn stops(&self) -> &Stops {
        &self.stops
    }

    pub(crate) fn listeners(&self) -> &[Arc<dyn OnStop>] {
        &self.listeners
    }

    /// A link that carries a few sealed bytes of a workspace under a name of their own.
    pub(crate) async fn link_to(
        &self,
        workspace: WorkspaceId,
        path: &str,
        name: &'static str,
        plain: &[u8],
    ) -> Result<Url, TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        let token = token::seal(vault.own(), name, plain)?;
        self.base
            .join(&format!("{path}/{token}"))
            .map_err(|_| TrackingError::BaseUrl)
    }

    /// Reads a token of that name back; `None` when it is not ours.
    pub(crate) async fn linked(
        &self,
        text: &str,
        name: &'static str,
    ) -> Result<Option<(WorkspaceId, Vec<u8>)>, TrackingError> {
        token::open(&self.vault, &*self.storage, text, name).await
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
        let ticket = self.new_ticket(workspace, address, lead, send_key).await?;
        self.link(&ticket, Purpose::Unsubscribe).await
    }

    /// The link to the page where the person can stop everybody, see or erase their data.
    ///
    /// # Errors
    /// [`TrackingError::Vault`].
    pub async fn preferences_url(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
        lead: LeadId,
        send_key: &SendKey,
    ) -> Result<Url, TrackingError> {
        let ticket = self.new_ticket(workspace, address, lead, send_key).await?;
        self.link(&ticket, Purpose::Preferences).await
    }

    async fn new_ticket(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
        lead: LeadId,
        send_key: &SendKey,
    ) -> Result<Ticket, TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        let platform = widest(&self.vault.platform().await?, address);
        Ok(Ticket {
            workspace,
            contact: vault.contact_index(address),
            exact: vault.email_index(address),
            platform: platform.ok_or(TrackingError::Request)?,
            lead,
            send_key: *send_key,
        })
    }

    pub(crate) async fn link(
        &self,
        ticket: &Ticket,
        purpose: Purpose,
    ) -> Result<Url, TrackingError> {
        let vault = self.vault.workspace(ticket.workspace).await?;
        let token = ticket.write(vault.own(), purpose)?;
        self.base
            .join(&format!("{}/{token}", purpose.path()))
            .map_err(|_| TrackingError::BaseUrl)
    }

    pub(crate) async fn ticket(
        &self,
        text: &str,
        purpose: Purpose,
    ) -> Result<Option<Ticket>, TrackingError> {
        Ticket::read(&self.vault, &*self.storage, text, purpose).await
    }

    /// Stops this sender's mail, under every address of the person's. Returns when no send to the person starts any more.
    pub(crate) async fn stop(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        let variants = self.forms(ticket).await?;
        let scope = StopScope::Person {
            contact_index: ticket.contact,
            variants,
            lead: Some(ticket.lead),
        };
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        self.stops
            .stop_person(ticket.workspace, scope, reason, source)
            .await?;
        self.count(ticket).await?;
        self.tell_stopped(ticket.workspace, ticket.lead).await;
        Ok(())
    }

    /// Tells the listeners that a lead wants no more mail.
    pub(crate) async fn tell_stopped(&self, workspace: WorkspaceId, lead: LeadId) {
        for listener in &self.listeners {
            if let Err(error) = listener.stopped(workspace, lead).await {
                tracing::warn!(%error, "a listener of stops failed; the stop itself holds");
            }
        }
    }

    /// Every form of the address that a ticket is for: those of its indexes alone where it does not open.
    async fn forms(&self, ticket: &Ticket) -> Result<Vec<KeyedIndex>, TrackingError> {
        let mut known = vec![ticket.exact, ticket.contact];
        known.dedup();
        let key = vec![ticket.exact.to_value()];
        let found = self
            .storage
            .find::<LeadAddressRow>(ticket.workspace, key)
            .await?;
        let Some(row) = found.map(|row| row.record) else {
            return Ok(known);
        };
        let vault = self.vault.workspace(ticket.workspace).await?;
        let place = Place::new(&LEAD_ADDRESS, "address", &[row.email_index.to_value()]);
        let opened = match vault.subject(row.lead).await {
            Ok(theirs) => theirs.open(&place, &row.address),
            Err(error) => Err(error),
        };
        match opened {
            Ok(AddressText(text)) => {
                let address = EmailAddress::parse(&text).ok();
                Ok(address.map_or(known, |address| vault.variant_indexes(&address)))
            }
            Err(error) => {
                tracing::warn!(%error, "an address does not open; its own forms are stopped");
                Ok(known)
            }
        }
    }

    /// Appends the fact that the person asked. Its time is that of the entry on the list, which
    /// never changes: however often the button is pressed, and whatever crashes, it is one fact.
    async fn count(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        let workspace = ticket.workspace;
        let listed = vec![ticket.contact.to_value()];
        let listed = self
            .storage
            .find::<SuppressionRow>(workspace, listed)
            .await?;
        let Some(since) = listed.map(|row| row.record.since) else {
            // Lifted again by the person in between.
            return Ok(());
        };
        let key = vec![ticket.send_key.to_value()];
        let send = self.storage.find::<SendRow>(workspace, key).await?;
        let dimensions = send.map_or_else(Dimensions::default, |send| Dimensions {
            campaign: send.record.campaign,
            step: send.record.step,
            variant: send.record.step.map(|_| send.record.variant),
            mailbox: Some(send.record.mailbox),
            ..Dimensions::default()
        });
        let source: &[&[u8]] = &[b"link", ticket.contact.as_bytes()];
        let fact = LogEntry::new(EventKind::Unsubscribed, since, source, dimensions);
        let batch = Batch::new(workspace).append(fact.about(ticket.lead));
        Ok(self.storage.commit(batch).await?)
    }

    /// Stops every sender of this installation, for every address that the sender knows as this
    /// person's.
    pub(crate) async fn stop_everywhere(&self, ticket: &Ticket) -> Result<(), TrackingError> {
        self.stop(ticket).await?;
        let mut indexes = BTreeSet::from([ticket.platform]);
        match self.others(ticket).await {
            Ok(others) => indexes.extend(others),
            // The person's key is gone, or another address does not open: this one stops all the same.
            Err(TrackingError::Vault(error)) => {
                tracing::warn!(%error, "a person's other addresses are not known");
            }
            Err(error) => return Err(error),
        }
        let indexes: Vec<_> = indexes.into_iter().collect();
        let act = PersonalAct {
            proof: ActProof::PreferencePage {
                mail: ticket.send_key,
            },
            at: self.clock.now(),
        };
        self.stops
            .do_not_contact(&indexes, StopReason::Objected, act)
            .await?;
        Ok(())
    }

    /// The widest form of each address of the lead, under the platform's key.
    async fn others(&self, ticket: &Ticket) -> Result<Vec<KeyedIndex>, TrackingError> {
        let scan = Scan::table(&LEAD_ADDRESS)
            .by("by_lead")
            .prefix(vec![ticket.lead.to_value()]);
        let rows = self
            .storage
            .collect::<LeadAddressRow>(ticket.workspace, scan)
            .await?;
        let platform = self.vault.platform().await?;
        let workspace = self.vault.workspace(ticket.workspace).await?;
        let theirs = workspace.subject(ticket.lead).await?;
        let mut indexes = Vec::new();
        for row in rows {
            let place = Place::of(&row.record.key(), "address");
            let AddressText(text) = theirs.open(&place, &row.record.address)?;
            if let Ok(address) = EmailAddress::parse(&text) {
                indexes.extend(widest(&platform, &address));
            }
        }
        Ok(indexes)
    }
}

/// The widest form of an address, under the platform's key. It is among the variants of every form,
/// so that listing it stops them all.
fn widest(platform: &PlatformVault, address: &EmailAddress) -> Option<KeyedIndex> {
    platform.variant_indexes(&address.widest()).first().copied()
}

/// Whether nobody on the way can read what goes to this address: https, or this very machine.
/// RFC 8058 section 3.1 asks for https.
fn is_private(base: &Url) -> bool {
    match (base.scheme(), base.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}
