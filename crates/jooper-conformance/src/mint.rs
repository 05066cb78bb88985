//! Permits for tests, minted by the real gate.
//!
//! There is no constructor for permits outside the gate, and none is made for tests: a suite that
//! sends runs a gate over a store in memory, with a workspace, a lead that consented, and no stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jooper_consent::{
    Acquired, CapFacts, Gate, OwnDomains, PolicySet, Proof, Recipient, SendIntent, SendPermit,
    TransportPolicy, parent_domains,
};
use jooper_core::{
    BasisKind, CampaignId, Clock, EmailAddress, EnrollmentId, IdSource, InstallationId, KeyedIndex,
    LeadId, LeadState, LeaseClock, MailboxId, ManualClock, Purpose, Sealed, SeededIds, SendKey,
    StepIndex, WorkspaceId, WorkspaceState, from_millis, to_millis,
};
use jooper_storage::tables::{BasisRow, EnrollmentRow, LeadAddressRow, LeadRow, WorkspaceRow};
use jooper_storage::{Batch, MemoryStore, Storage};
use jooper_transport::{Dispatcher, MailboxRef, Transport};
use sha2::{Digest, Sha256};

/// A gate and everything it needs, in memory.
#[derive(Debug)]
pub struct Mint {
    store: Arc<dyn Storage>,
    clock: Arc<ManualClock>,
    lease: Arc<dyn LeaseClock>,
    ids: SeededIds,
    gate: Gate,
    workspace: WorkspaceId,
    installation: InstallationId,
    policy: String,
    minted: AtomicU64,
}

impl Mint {
    /// A mint whose permits are for transports of this policy, and end by this lease clock.
    ///
    /// # Panics
    /// When the store in memory refuses a workspace: then nothing else can be tested either.
    pub async fn new(policy: &str, lease: Arc<dyn LeaseClock>) -> Self {
        let clock = Arc::new(ManualClock::new(from_millis(1_795_000_000_000)));
        let store: Arc<dyn Storage> =
            Arc::new(MemoryStore::with_clock(Arc::clone(&clock) as Arc<dyn Clock>));
        let ids = SeededIds::new(11);
        let installation = InstallationId::from_uuid(ids.uuid(clock.now()));
        let workspace = WorkspaceId::from_uuid(ids.uuid(clock.now()));
        let gate = Gate::new(
            Arc::clone(&store),
            installation,
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::clone(&lease),
            Arc::new(SeededIds::new(12)),
            PolicySet::shipped(),
        );
        let row = WorkspaceRow {
            id: workspace,
            state: WorkspaceState::Active,
            identity: Some(Sealed::from_envelope(vec![1])),
            created_at: clock.now(),
        };
        store
            .commit(Batch::new(workspace).put(&row))
            .await
            .expect("a store in memory takes a workspace");
        let policy = policy.to_owned();
        let minted = AtomicU64::new(0);
        Self {
            store,
            clock,
            lease,
            ids,
            gate,
            workspace,
            installation,
            policy,
            minted,
        }
    }

    /// Makes permits for this transport: the row of the policy table that it names is asked.
    #[must_use]
    pub fn with_transport(mut self, transport: &dyn Transport) -> Self {
        transport.capabilities().policy.clone_into(&mut self.policy);
        self
    }

    /// Makes permits end earlier, by the gate's own margin: at most the whole lease of 10 s.
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.gate = self.gate.with_margin(margin);
        self
    }

    /// The workspace that all permits are of.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The installation that all permits are of.
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }

    /// A mailbox of that workspace.
    pub fn mailbox(&self) -> MailboxRef {
        let mailbox = MailboxId::from_uuid(self.ids.uuid(self.clock.now()));
        MailboxRef {
            workspace: self.workspace,
            mailbox,
        }
    }

    /// A dispatcher that takes these permits.
    pub fn dispatcher(&self, transport: Arc<dyn Transport>) -> Dispatcher {
        Dispatcher::new(self.installation, Arc::clone(&self.lease), transport)
    }

    /// A permit for a first mail to this person, who consented and is a new lead every time.
    ///
    /// # Panics
    /// When the gate refuses: with its reasons.
    pub async fn permit(&self, mailbox: MailboxRef, to: &EmailAddress) -> SendPermit {
        self.permit_over(&self.policy, mailbox, to).await
    }

    /// The same for transports of another policy.
    ///
    /// # Panics
    /// As [`Mint::permit`].
    pub async fn permit_over(
        &self,
        policy: &str,
        mailbox: MailboxRef,
        to: &EmailAddress,
    ) -> SendPermit {
        self.permit_behind(0, policy, mailbox, to).await
    }

    /// A permit for a second mail to this person, who got the first long ago.
    ///
    /// # Panics
    /// As [`Mint::permit`].
    pub async fn follow_up_permit(&self, mailbox: MailboxRef, to: &EmailAddress) -> SendPermit {
        self.permit_behind(1, &self.policy, mailbox, to).await
    }

    async fn permit_behind(
        &self,
        sent: u16,
        policy: &str,
        mailbox: MailboxRef,
        to: &EmailAddress,
    ) -> SendPermit {
        let now = self.clock.now();
        let fresh = || self.ids.uuid(now);
        let intent = SendIntent {
            key: SendKey::Step {
                enrollment: EnrollmentId::from_uuid(fresh()),
                step: StepIndex(sent),
            },
            recipient: self.recipient(LeadId::from_uuid(fresh()), to),
            mailbox: mailbox.mailbox,
            campaign: Some(CampaignId::from_uuid(fresh())),
            enrollment: None,
            identity_complete: true,
            transport: TransportPolicy::named(policy),
            proof: Proof::None,
            caps: CapFacts {
                first_contact: sent == 0,
                ..CapFacts::default()
            },
            content: Some(Vec::new()),
            own_domains: OwnDomains::default(),
        };
        self.consent(&intent.recipient).await;
        self.enroll(&intent, sent).await;
        let acquired = self
            .gate
            .acquire(self.workspace, &intent, Batch::new(self.workspace))
            .await;
        // Permits of one person follow each other: each ends before the next is asked for.
        self.minted.fetch_add(1, Ordering::SeqCst);
        self.clock.advance_millis(20_000);
        match acquired.expect("a gate over a store in memory answers") {
            Acquired::Permit(permit, _) => permit,
            Acquired::Refused(judgement) => panic!("the gate refused: {:?}", judgement.verdict),
        }
    }

    async fn enroll(&self, intent: &SendIntent, sent: u16) {
        let (Some(id), Some(campaign), Some(lead)) =
            (intent.enrollment(), intent.campaign, intent.recipient.lead)
        else {
            return;
        };
        let (mailbox, now) = (intent.mailbox, self.clock.now());
        let row = EnrollmentRow {
            sent,
            last_sent_at: (sent > 0).then(|| from_millis(0)),
            ..EnrollmentRow::fresh(id, campaign, lead, mailbox, 1, now)
        };
        self.store
            .commit(Batch::new(self.workspace).put(&row))
            .await
            .expect("a store in memory takes an enrollment");
    }

    fn recipient(&self, lead: LeadId, to: &EmailAddress) -> Recipient {
        let index = |key: &str, text: &str| {
            KeyedIndex::from_bytes(Sha256::digest(format!("{key} {text}")).into())
        };
        let all = |key: &str| {
            to.variants()
                .iter()
                .map(|form| index(key, form.as_str()))
                .collect()
        };
        Recipient {
            lead: Some(lead),
            company: None,
            country: "DE".parse().ok(),
            email_index: index("workspace", to.as_str()),
            contact_index: index("workspace", to.widest().as_str()),
            domain_index: index("workspace", to.domain()),
            parent_domains: parent_domains(to.domain())
                .into_iter()
                .map(|above| index("workspace", above))
                .collect(),
            variants: all("workspace"),
            platform_variants: all("platform"),
            address: to.clone(),
            role_address: false,
        }
    }

    async fn consent(&self, to: &Recipient) {
        let now = self.clock.now();
        let Some(lead) = to.lead else { return };
        let rows = Batch::new(self.workspace)
            .put(&LeadRow {
                id: lead,
                state: LeadState::Active,
                country: to.country,
                zone: None,
                company: None,
                contact_index: to.contact_index,
                domain_index: to.domain_index,
                created_at: now,
                profile: Sealed::from_envelope(vec![2]),
            })
            .put(&LeadAddressRow {
                email_index: to.email_index,
                lead,
                contact_index: to.contact_index,
                domain_index: to.domain_index,
                address: Sealed::from_envelope(vec![3]),
            })
            .put(&BasisRow {
                lead,
                purpose: Purpose::Outreach,
                kind: BasisKind::Consent,
                country: to.country,
                obtained_at: from_millis(to_millis(now) - 86_400_000),
                expires_at: None,
                withdrawn_at: None,
                stated: None,
                evidence: Sealed::from_envelope(vec![4]),
            });
        self.store
            .commit(rows)
            .await
            .expect("a store in memory takes a lead");
    }
}
