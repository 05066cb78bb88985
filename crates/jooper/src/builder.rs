//! One builder for everything.

use std::sync::Arc;

use jooper_analytics::Analytics;
use jooper_consent::{
    Breakers, Ceilings, ContentRules, Gate, MailDns, MailDomainRules, PolicySet, SendPolicy,
    SenderRules, Stops,
};
use jooper_core::{Clock, IdSource, LeaseClock, Sleeper, SystemClock, SystemIds, SystemLeaseClock};
use jooper_leads::Leads;
use jooper_message::inbound::authenticity::Authority;
use jooper_message::inbound::intent::{PhraseClassifier, ReplyClassifier};
use jooper_rights::{Rights, RightsSettings};
use jooper_sequence::{Engine, EngineParts, EngineSettings, VaultCredentials};
use jooper_storage::{MemoryWitness, Storage, Witness};
use jooper_tracking::Tracking;
use jooper_transport::Dispatcher;
use jooper_vault::{Kms, Vault};
use url::Url;

use crate::glue::{EndOnStop, TellLanes, TrackedLinks};
use crate::jooper::Jooper;
use crate::seams::TokioSleeper;
use crate::source::{TransportParts, TransportSource};

/// Why a [`Jooper`] cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No transport was given.
    #[error("no transport: call `.transport(…)` with Gmail's settings or a transport of your own")]
    NoTransport,
    /// No base URL for links was given.
    #[error(
        "no base URL for unsubscribe links: call `.tracking(…)`; no mail goes without its link"
    )]
    NoTracking,
    /// The transport cannot be made of its settings.
    #[error("the transport cannot be made")]
    Transport(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The base URL cannot be used.
    #[error("the base URL of links cannot be used")]
    Tracking(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Collects the parts of a [`Jooper`]. Settings are values, parts are objects.
#[derive(Debug)]
pub struct JooperBuilder {
    storage: Arc<dyn Storage>,
    kms: Arc<dyn Kms>,
    transport: Option<Box<dyn TransportSource>>,
    tracking: Option<Url>,
    witness: Arc<dyn Witness>,
    policies: PolicySet,
    plugs: Vec<Arc<dyn SendPolicy>>,
    ceilings: Ceilings,
    content: ContentRules,
    replies: Arc<dyn ReplyClassifier>,
    authority: Authority,
    settings: EngineSettings,
    rights: RightsSettings,
    senders: Option<(Arc<dyn MailDns>, SenderRules)>,
    mail_domains: Option<(Arc<dyn MailDns>, MailDomainRules)>,
    clock: Arc<dyn Clock>,
    lease: Arc<dyn LeaseClock>,
    ids: Arc<dyn IdSource>,
    sleeper: Arc<dyn Sleeper>,
}

impl JooperBuilder {
    pub(crate) fn new(storage: Arc<dyn Storage>, kms: Arc<dyn Kms>) -> Self {
        Self {
            storage,
            kms,
            transport: None,
            tracking: None,
            witness: Arc::new(MemoryWitness::new()),
            policies: PolicySet::shipped(),
            plugs: Vec::new(),
            ceilings: Ceilings::new(),
            content: ContentRules::new(),
            replies: Arc::new(PhraseClassifier::new()),
            authority: Authority::default(),
            settings: EngineSettings::default(),
            rights: RightsSettings::default(),
            senders: None,
            mail_domains: None,
            clock: Arc::new(SystemClock),
            lease: Arc::new(SystemLeaseClock::new()),
            ids: Arc::new(SystemIds),
            sleeper: Arc::new(TokioSleeper),
        }
    }

    /// How mail leaves and arrives: Gmail's settings, or a [`Transports`](crate::Transports) pair.
    #[must_use]
    pub fn transport(mut self, source: impl TransportSource + 'static) -> Self {
        self.transport = Some(Box::new(source));
        self
    }

    /// The public base URL of unsubscribe and preference links.
    #[must_use]
    pub fn tracking(mut self, base: Url) -> Self {
        self.tracking = Some(base);
        self
    }

    /// Where stops and erasures are remembered apart from the data. Without one they are only in
    /// memory beside the data, and a restored backup may forget them.
    #[must_use]
    pub fn witness(mut self, witness: impl Witness) -> Self {
        self.witness = Arc::new(witness);
        self
    }

    /// The policy tables in force instead of the shipped ones.
    #[must_use]
    pub fn policies(mut self, policies: PolicySet) -> Self {
        self.policies = policies;
        self
    }

    /// A further rule, which can deny or defer a send but never allow one.
    #[must_use]
    pub fn policy(mut self, policy: impl SendPolicy) -> Self {
        self.plugs.push(Arc::new(policy));
        self
    }

    /// How many mails, how soon and how many at first: the shipped ceilings, or lower ones.
    #[must_use]
    pub const fn ceilings(mut self, ceilings: Ceilings) -> Self {
        self.ceilings = ceilings;
        self
    }

    /// What mails may not hold: the shipped rules, with further hosts of shortened links.
    #[must_use]
    pub fn content_rules(mut self, rules: ContentRules) -> Self {
        self.content = rules;
        self
    }

    /// Another judge of what people mean by their replies than the embedded one, which runs offline.
    ///
    /// It is given text from Gmail: one that sends it anywhere needs the customer's consent.
    #[must_use]
    pub fn replies(mut self, replies: impl ReplyClassifier + 'static) -> Self {
        self.replies = Arc::new(replies);
        self
    }

    /// Who may vouch for what arrives, where the mailboxes are not at Google.
    #[must_use]
    pub fn authority(mut self, authority: Authority) -> Self {
        self.authority = authority;
        self
    }

    /// How the engine paces itself.
    #[must_use]
    pub fn settings(mut self, settings: EngineSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Periods and recipients that certificates and exports print.
    #[must_use]
    pub fn rights(mut self, rights: RightsSettings) -> Self {
        self.rights = rights;
        self
    }

    /// Who is asked whether the domains of connected accounts prove their mail (SPF, DKIM, DMARC): when
    /// one is connected, and every week. An account whose domain does not is held, with the reason,
    /// until it does. Without this nothing is checked.
    #[must_use]
    pub fn sender_check(mut self, dns: impl MailDns, rules: SenderRules) -> Self {
        self.senders = Some((Arc::new(dns), rules));
        self
    }

    /// Who is asked whether the domains of leads take mail, once for each, before a campaign enrolls
    /// them. It tells that DNS whom a list is about: off unless this is called.
    #[must_use]
    pub fn mail_domain_check(mut self, dns: impl MailDns, rules: MailDomainRules) -> Self {
        self.mail_domains = Some((Arc::new(dns), rules));
        self
    }

    /// Another wall clock: accelerated, or moved by hand.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another source of ids.
    #[must_use]
    pub fn ids(mut self, ids: impl IdSource) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// Another way to wait.
    #[must_use]
    pub fn sleeper(mut self, sleeper: impl Sleeper) -> Self {
        self.sleeper = Arc::new(sleeper);
        self
    }

    /// Puts everything together. Nothing runs yet.
    ///
    /// # Errors
    /// [`BuildError`] names the part that is missing or cannot be used.
    pub fn build(self) -> Result<Jooper, BuildError> {
        let source = self.transport.ok_or(BuildError::NoTransport)?;
        let base = self.tracking.ok_or(BuildError::NoTracking)?;
        let (storage, clock, lease) = (self.storage, self.clock, self.lease);
        let vault = Vault::new(storage.clone(), self.kms.clone());
        let installation = vault.installation();
        let credentials = Arc::new(VaultCredentials::new(
            storage.clone(),
            vault.clone(),
            clock.clone(),
        ));
        let transports = source.make(&TransportParts {
            credentials: credentials.clone(),
            clock: clock.clone(),
            lease: lease.clone(),
            sleeper: self.sleeper.clone(),
        })?;
        let mut gate = Gate::new(
            storage.clone(),
            installation,
            clock.clone(),
            lease.clone(),
            self.ids.clone(),
            self.policies.clone(),
        )
        .with_ceilings(self.ceilings)
        .with_content_rules(self.content);
        for plug in self.plugs {
            gate = gate.with_policy(plug);
        }
        let stops = || {
            Stops::new(
                storage.clone(),
                self.witness.clone(),
                clock.clone(),
                lease.clone(),
                self.sleeper.clone(),
            )
        };
        let tracking = || {
            Tracking::new(
                base.clone(),
                storage.clone(),
                vault.clone(),
                stops(),
                clock.clone(),
            )
            .map(|tracking| tracking.with_policies(self.policies.clone()))
            .map_err(|error| BuildError::Tracking(Box::new(error)))
        };
        let mut engine = Engine::new(
            EngineParts {
                storage: storage.clone(),
                vault: vault.clone(),
                gate: gate.clone(),
                stops: stops(),
                dispatcher: Dispatcher::new(installation, lease.clone(), transports.transport),
                inbox: transports.inbox,
                replies: self.replies,
                authority: self.authority,
                links: Arc::new(TrackedLinks(Arc::new(tracking()?))),
                clock: clock.clone(),
                lease: lease.clone(),
                ids: self.ids.clone(),
                sleeper: self.sleeper.clone(),
            },
            self.settings,
        );
        if let Some((dns, rules)) = self.senders {
            engine = engine.with_sender_check(dns, rules);
        }
        if let Some((dns, rules)) = self.mail_domains {
            engine = engine.with_mail_domain_check(dns, rules);
        }
        let tracking = Arc::new(tracking()?.with_listener(Arc::new(EndOnStop(engine.clone()))));
        let rights = Rights::new(
            storage.clone(),
            vault.clone(),
            stops(),
            self.witness.clone(),
            clock.clone(),
            self.rights,
        )
        .with_listener(Arc::new(TellLanes(engine.clone())));
        Ok(Jooper {
            leads: Leads::new(storage.clone(), vault.clone(), clock.clone(), self.ids)
                .with_policies(self.policies),
            gate,
            analytics: Analytics::new(storage.clone()),
            breakers: Breakers::new(storage.clone(), stops(), clock.clone(), self.ceilings),
            clock: clock.clone(),
            stops: stops(),
            witness: self.witness,
            storage,
            vault,
            kms: self.kms,
            credentials,
            tracking,
            rights,
            engine,
            remembered: Arc::default(),
        })
    }
}
