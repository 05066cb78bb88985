//! Consent that a person gives on our own page: asked for by them, confirmed by them.
//!
//! Whoever types an address into the sign-up page has proved nothing: it asks for one mail to that
//! address (a service mail, since it answers the request). The link in that mail opens a page that
//! says to whom and to what one agrees; its button records a confirmed opt-in and takes back what
//! the same person had stopped. The address that confirmed is the one that their mail goes to from then
//! on, whatever form of it was known: a stop holds for every form, a consent for the exact one alone.
//! Looking never acts: scanners follow every link.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper_consent::{
    BasisClaim, BasisDraft, OPT_IN_REQUESTED, PersonalAct, ServiceRequest, StopScope, not_sendable,
    parent_domains,
};
use jooper_core::{
    ActProof, BasisKind, Dimensions, EmailAddress, EventKind, LeadId, LeadState, Origin, Purpose,
    RequestId, StopReason, StopSource, SubjectId, WorkspaceId,
};
use jooper_storage::tables::{
    AddressText, BASIS, BasisEvidence, LEAD, LEAD_ADDRESS, LeadAddressRow, LeadProfile, LeadRow,
    Name, PENDING, PendingRow, SUPPRESSION, WORKSPACE, WorkspaceIdentity, WorkspaceRow,
};
use jooper_storage::{Batch, Column, Key, LogEntry, Scan, Scope, StorageExt, Versioned, Write};
use jooper_vault::{Place, SubjectVault, VaultError, WorkspaceVault};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use crate::error::TrackingError;
use crate::page;
use crate::tracking::Tracking;

/// Which service mail of a sign-up asks for the confirmation.
pub const OPT_IN_MAIL: u8 = 1;

/// A request for a confirmed opt-in that nobody has answered yet.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptInRequest {
    /// The request. The service mail's send key names it.
    pub id: RequestId,
    /// Whom to ask.
    pub address: EmailAddress,
    /// The link that the mail carries.
    pub confirm_url: Url,
    /// When they asked.
    pub asked_at: Timestamp,
}

impl std::fmt::Debug for OptInRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OptInRequest")
            .field("id", &self.id)
            .field("asked_at", &self.asked_at)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Content {
    address: String,
    asked_at: Timestamp,
}

/// An id that grows with time and that pressing the button twice does not double.
fn new_lead(request: &OptInRequest, now: Timestamp) -> LeadId {
    let mut hash = Sha256::new();
    hash.update(b"jooper signed-up lead v1");
    hash.update(request.id.uuid().as_bytes());
    hash.update(request.asked_at.as_millisecond().to_be_bytes());
    let mut bits = [0; 10];
    bits.copy_from_slice(&hash.finalize()[..10]);
    let millis = now.as_millisecond().unsigned_abs();
    LeadId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid())
}

fn place(id: RequestId) -> Place {
    Place::new(&PENDING, "content", &[id.to_value()])
}

/// The version of a consent text: what was shown, as its hash.
fn version(page: &str) -> String {
    let hash = Sha256::digest(page);
    let hex: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("opt-in page, sha256 {hex}")
}

impl Tracking {
    /// The workspace's page on which anybody can ask for mail: for a website or a signature.
    ///
    /// # Errors
    /// [`TrackingError::Vault`].
    pub async fn sign_up_url(&self, workspace: WorkspaceId) -> Result<Url, TrackingError> {
        self.link_to(workspace, "s", "link sign-up v1", b"").await
    }

    /// The link under which a person confirms a request.
    async fn confirm_url(
        &self,
        workspace: WorkspaceId,
        request: RequestId,
    ) -> Result<Url, TrackingError> {
        let plain = *request.uuid().as_bytes();
        self.link_to(workspace, "c", "link confirm v1", &plain)
            .await
    }

    /// Whose sign-up page a token opens.
    pub(crate) async fn sign_up(&self, token: &str) -> Result<Option<WorkspaceId>, TrackingError> {
        let opened = self.linked(token, "link sign-up v1").await?;
        Ok(opened
            .filter(|(_, plain)| plain.is_empty())
            .map(|(ws, _)| ws))
    }

    /// Which request a token confirms.
    pub(crate) async fn confirmation(
        &self,
        token: &str,
    ) -> Result<Option<(WorkspaceId, RequestId)>, TrackingError> {
        let opened = self.linked(token, "link confirm v1").await?;
        Ok(opened.and_then(|(ws, plain)| {
            let id = Uuid::from_slice(&plain).ok()?;
            Some((ws, RequestId::from_uuid(id)))
        }))
    }

    /// Keeps what was typed into the sign-up page until the address itself confirms it. Whoever
    /// is on the platform's list, or at a domain that the workspace's list names, is not stored and not
    /// mailed, and is told the same as everybody: no consent of theirs would let a mail through.
    pub(crate) async fn ask_opt_in(
        &self,
        workspace: WorkspaceId,
        address: &EmailAddress,
    ) -> Result<(), TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        if !self.may_be_asked(&vault, address).await? {
            return Ok(());
        }
        let asked_at = self.clock.now();
        let week = ServiceRequest::week_of(asked_at);
        let contact = vault.contact_index(address);
        let of = |week| ServiceRequest::OptIn { contact, week }.id();
        let (before, id) = (of(week - 1), of(week));
        let keys = [before, id].map(|id| Key::new(&PENDING, vec![id.to_value()]));
        let mut standing = None;
        for key in &keys {
            let found = self
                .storage
                .find::<PendingRow>(workspace, key.values().to_vec())
                .await?;
            if found
                .as_ref()
                .is_some_and(|row| row.record.expires_at > asked_at)
            {
                return Ok(());
            }
            standing = found;
        }
        let content = Content {
            address: address.as_str().to_owned(),
            asked_at,
        };
        let text = serde_json::to_string(&content).map_err(|_| TrackingError::Request)?;
        let row = PendingRow {
            id,
            kind: OPT_IN_REQUESTED,
            expires_at: ServiceRequest::opt_in_ends(asked_at),
            content: Some(vault.own().seal(&place(id), Origin::System, &Name(text))?),
        };
        let batch = match standing {
            Some(old) => Batch::new(workspace).update(&row, old.version),
            None => Batch::new(workspace).insert(&row),
        };
        let [before, _] = keys;
        let batch = batch.write(Write::Delete(before));
        match self.storage.commit(batch).await {
            Err(error) if error.is_conflict() => return Ok(()),
            result => result?,
        }
        for listener in self.listeners() {
            if let Err(error) = listener.asked_for_mail(workspace, id).await {
                tracing::warn!(%error, "nobody mails the confirmation of a sign-up");
            }
        }
        Ok(())
    }

    /// Whether a consent from this address would let any mail through.
    async fn may_be_asked(
        &self,
        vault: &WorkspaceVault,
        address: &EmailAddress,
    ) -> Result<bool, TrackingError> {
        let platform = self.vault.platform().await?;
        let variants = platform.variant_indexes(address);
        let barred = not_sendable(&*self.storage, &[variants]).await?[0];
        Ok(!barred && !self.is_at_a_listed_domain(vault, address).await?)
    }

    /// Whether the workspace's list names the domain of an address, or one above it. No act of one person
    /// takes a domain off.
    async fn is_at_a_listed_domain(
        &self,
        vault: &WorkspaceVault,
        address: &EmailAddress,
    ) -> Result<bool, TrackingError> {
        let domain = address.domain();
        let domains = [domain].into_iter().chain(parent_domains(domain));
        let keys: Vec<Key> = domains
            .map(|domain| Key::new(&SUPPRESSION, vec![vault.domain_index(domain).to_value()]))
            .collect();
        let scope = Scope::Workspace(vault.workspace());
        let found = self.storage.get(scope, &keys).await?;
        Ok(found.iter().any(Option::is_some))
    }

    /// An open request; `None` once it was answered or has expired, while the list names the domain
    /// of its address, and once its person is on the platform's list.
    ///
    /// # Errors
    /// [`TrackingError::Store`], [`TrackingError::Vault`], [`TrackingError::Request`].
    pub async fn opt_in_request(
        &self,
        workspace: WorkspaceId,
        id: RequestId,
    ) -> Result<Option<OptInRequest>, TrackingError> {
        let key = vec![id.to_value()];
        let found = self.storage.find::<PendingRow>(workspace, key).await?;
        let Some(row) = found.map(|row| row.record) else {
            return Ok(None);
        };
        if row.kind != OPT_IN_REQUESTED || row.expires_at <= self.clock.now() {
            return Ok(None);
        }
        let vault = self.vault.workspace(workspace).await?;
        let content = row.content.ok_or(TrackingError::Request)?;
        let Name(text) = vault.own().open(&place(id), &content)?;
        let content: Content = serde_json::from_str(&text).map_err(|_| TrackingError::Request)?;
        let address = EmailAddress::parse(&content.address).map_err(|_| TrackingError::Request)?;
        if !self.may_be_asked(&vault, &address).await? {
            return Ok(None);
        }
        Ok(Some(OptInRequest {
            id,
            address,
            confirm_url: self.confirm_url(workspace, id).await?,
            asked_at: content.asked_at,
        }))
    }

    /// The page that says to what one agrees.
    pub(crate) async fn opt_in_page(
        &self,
        workspace: WorkspaceId,
    ) -> Result<String, TrackingError> {
        let identity = self.sender(workspace).await?;
        Ok(page::confirm(&identity.legal_name, &identity.privacy_url))
    }

    pub(crate) async fn sender(
        &self,
        workspace: WorkspaceId,
    ) -> Result<WorkspaceIdentity, TrackingError> {
        let key = vec![workspace.to_value()];
        let found = self
            .storage
            .find::<WorkspaceRow>(workspace, key.clone())
            .await?;
        let Some(sealed) = found.and_then(|row| row.record.identity) else {
            return Ok(WorkspaceIdentity::default());
        };
        let vault = self.vault.workspace(workspace).await?;
        let place = Place::new(&WORKSPACE, "identity", &key);
        Ok(vault.own().open(&place, &sealed)?)
    }

    /// Records the consent, and takes back what the person had stopped before. Returns the
    /// receipt: the identity of the fact in the log. The link is dead afterwards.
    pub(crate) async fn confirm(
        &self,
        workspace: WorkspaceId,
        request: &OptInRequest,
    ) -> Result<String, TrackingError> {
        let now = self.clock.now();
        let vault = self.vault.workspace(workspace).await?;
        let shown = self.opt_in_page(workspace).await?;
        let (lead, theirs, mut batch) = self.whose(&vault, request, now).await?;
        let country = self
            .storage
            .find::<LeadRow>(workspace, vec![lead.to_value()])
            .await?
            .and_then(|row| row.record.country);
        let claim = BasisClaim {
            kind: BasisKind::ConfirmedOptIn,
            country,
            obtained_at: now,
            expires_at: None,
            stated: BTreeSet::new(),
            evidence: BasisEvidence {
                source: "the hosted sign-up page".to_owned(),
                proof: format!(
                    "asked for on {}, confirmed by the link mailed to the address on {now}; \
                     request {}",
                    request.asked_at, request.id
                ),
                notice_version: Some(version(&shown)),
                assessment: None,
            },
        };
        let draft = BasisDraft::check(claim, self.policies.countries(), now)
            .map_err(|_| TrackingError::Request)?;
        let key = Key::new(
            &BASIS,
            vec![
                lead.to_value(),
                Purpose::Outreach.to_value(),
                BasisKind::ConfirmedOptIn.to_value(),
            ],
        );
        let evidence = theirs.seal(
            &Place::of(&key, "evidence"),
            Origin::Customer,
            draft.evidence(),
        )?;
        let receipt = draft.receipt(lead, Purpose::Outreach);
        let kept = theirs.seal(
            &Place::log(&receipt),
            Origin::Customer,
            &draft.kept(Purpose::Outreach),
        )?;
        batch = draft.record(batch, lead, Purpose::Outreach, evidence, kept, now);
        batch.checks.extend(theirs.guard());
        self.storage.commit(batch).await?;
        let act = PersonalAct {
            proof: ActProof::ConfirmedOptIn { receipt },
            at: now,
        };
        let contact = vault.contact_index(&request.address);
        let variants = vault.variant_indexes(&request.address);
        self.stops()
            .lift(workspace, contact, &variants, act)
            .await?;
        // Last, so that whoever presses again after a failure in between finishes it.
        self.answered_by_page(workspace, request).await?;
        Ok(receipt.to_string())
    }

    /// The address says that it wants no mail from this sender, whoever typed it in.
    pub(crate) async fn decline(
        &self,
        workspace: WorkspaceId,
        request: &OptInRequest,
    ) -> Result<(), TrackingError> {
        let vault = self.vault.workspace(workspace).await?;
        let address = &request.address;
        let known = self.known(&vault, address).await?;
        let leads: BTreeSet<_> = known.iter().map(|row| Some(row.lead)).collect();
        let leads = if leads.is_empty() {
            BTreeSet::from([None])
        } else {
            leads
        };
        for lead in leads {
            let scope = StopScope::Person {
                contact_index: vault.contact_index(address),
                variants: vault.variant_indexes(address),
                lead,
            };
            let (reason, source) = (StopReason::Objected, StopSource::Person);
            self.stops()
                .stop_person(workspace, scope, reason, source)
                .await?;
            if let Some(lead) = lead {
                self.tell_stopped(workspace, lead).await;
            }
        }
        self.answered_by_page(workspace, request).await
    }

    async fn answered_by_page(
        &self,
        workspace: WorkspaceId,
        request: &OptInRequest,
    ) -> Result<(), TrackingError> {
        let pending = Key::new(&PENDING, vec![request.id.to_value()]);
        let over = Batch::new(workspace).write(Write::Delete(pending));
        Ok(self.storage.commit(over).await?)
    }

    /// The leads of an address, under whatever form they are known.
    async fn known(
        &self,
        vault: &WorkspaceVault,
        address: &EmailAddress,
    ) -> Result<Vec<LeadAddressRow>, TrackingError> {
        let mut known = Vec::new();
        for filed in vault.contact_indexes(address) {
            let scan = Scan::table(&LEAD_ADDRESS)
                .by("by_contact")
                .prefix(vec![filed.to_value()]);
            let rows = self
                .storage
                .collect::<LeadAddressRow>(vault.workspace(), scan);
            known.extend(rows.await?.into_iter().map(|row| row.record));
        }
        Ok(known)
    }

    /// The lead of this address, and its key; a new one where there is none.
    async fn whose(
        &self,
        vault: &WorkspaceVault,
        request: &OptInRequest,
        now: Timestamp,
    ) -> Result<(LeadId, SubjectVault, Batch), TrackingError> {
        let workspace = vault.workspace();
        let address = &request.address;
        let email_index = vault.email_index(address);
        // One person is one lead.
        let known = self.known(vault, address).await?;
        let exact = known.iter().find(|row| row.email_index == email_index);
        if let Some(lead) = exact.or(known.first()).map(|row| row.lead) {
            let theirs = match vault.subject(SubjectId::from(lead)).await {
                Ok(theirs) => theirs,
                Err(VaultError::NoKey { .. }) => return Err(TrackingError::Request),
                Err(error) => return Err(error.into()),
            };
            let mut batch = self.mailed_at(vault, lead, &theirs, address).await?;
            if exact.is_none() {
                batch = batch.insert(&form(vault, lead, &theirs, address)?);
            }
            return Ok((lead, theirs, batch));
        }
        let lead = new_lead(request, now);
        let (theirs, new_key) = vault.new_subject(lead)?;
        let (contact_index, domain_index) = (
            vault.contact_index(address),
            vault.domain_index(address.domain()),
        );
        let profile = LeadProfile {
            email: address.as_str().to_owned(),
            source: format!("signed up on the hosted page on {}", request.asked_at),
            ..LeadProfile::default()
        };
        let row = LeadRow {
            id: lead,
            state: LeadState::Active,
            country: None,
            zone: None,
            company: None,
            contact_index,
            domain_index,
            created_at: now,
            profile: theirs.seal(
                &Place::new(&LEAD, "profile", &[lead.to_value()]),
                Origin::Customer,
                &profile,
            )?,
        };
        let form = form(vault, lead, &theirs, address)?;
        let uuid = lead.uuid();
        let source: &[&[u8]] = &[b"sign-up", uuid.as_bytes()];
        let fact = LogEntry::new(
            EventKind::Imported,
            now,
            source,
            Dimensions {
                // How many leads came, as with a file.
                reason: Some(1),
                ..Dimensions::default()
            },
        );
        let batch = new_key
            .add_to(Batch::new(workspace))
            .insert(&row)
            .insert(&form)
            .append(fact.about(lead));
        Ok((lead, theirs, batch))
    }

    /// Has the mail of a lead go to the address that confirmed, and to no other form of it.
    async fn mailed_at(
        &self,
        vault: &WorkspaceVault,
        lead: LeadId,
        theirs: &SubjectVault,
        address: &EmailAddress,
    ) -> Result<Batch, TrackingError> {
        let workspace = vault.workspace();
        let key = vec![lead.to_value()];
        let found = self.storage.find::<LeadRow>(workspace, key.clone()).await?;
        let Some(Versioned { record, version }) = found else {
            return Err(TrackingError::Request);
        };
        let place = Place::new(&LEAD, "profile", &key);
        let profile: LeadProfile = theirs.open(&place, &record.profile)?;
        if EmailAddress::parse(&profile.email).is_ok_and(|known| known == *address) {
            return Ok(Batch::new(workspace));
        }
        let profile = LeadProfile {
            email: address.as_str().to_owned(),
            ..profile
        };
        let row = LeadRow {
            contact_index: vault.contact_index(address),
            domain_index: vault.domain_index(address.domain()),
            profile: theirs.seal(&place, Origin::Customer, &profile)?,
            ..record
        };
        Ok(Batch::new(workspace).update(&row, version))
    }
}

/// The row of one address of a lead.
fn form(
    vault: &WorkspaceVault,
    lead: LeadId,
    theirs: &SubjectVault,
    address: &EmailAddress,
) -> Result<LeadAddressRow, TrackingError> {
    let email_index = vault.email_index(address);
    let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
    let text = AddressText(address.as_str().to_owned());
    Ok(LeadAddressRow {
        email_index,
        lead,
        contact_index: vault.contact_index(address),
        domain_index: vault.domain_index(address.domain()),
        address: theirs.seal(&place, Origin::Customer, &text)?,
    })
}
