//! What every request needs.

use std::sync::Arc;

use axum::http::HeaderValue;
use jooper::Jooper;
use jooper::core::{
    Clock, EmailAddress, IdSource, LeaseClock, Origin, SystemIds, SystemLeaseClock, UserId,
    WorkspaceId,
};
use jooper::gmail::{
    ConnectFlow, GmailSettings, PushEndpoint, ReqwestClient, ReqwestSettings, SignInFlow,
};
use jooper::storage::tables::{USER, UserProfile, UserRow, WorkspaceIdentity};
use jooper::storage::{Batch, Column, Scan, StorageExt};
use jooper::vault::Place;
use url::{Host, Url};

use super::headers;
use super::sessions::Sessions;
use super::throttle::Throttle;
use super::times::Zone;
use crate::config::Config;
use crate::error::{Context, ServerError};
use crate::service;

/// The suite, the one workspace, and what protects the pages.
pub(crate) struct App {
    pub(crate) jooper: Jooper,
    pub(crate) workspace: WorkspaceId,
    pub(crate) owner: UserId,
    pub(super) name: String,
    /// Who answers for policy tables that are not the shipped ones.
    pub(crate) reviewer: Option<String>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) zone: Zone,
    pub(crate) public_url: Url,
    pub(super) password_hash: Option<String>,
    pub(super) google_accounts: Vec<EmailAddress>,
    pub(super) connect: ConnectFlow,
    pub(super) sign_in: Option<SignInFlow>,
    /// Where Google's notifications are taken, if `[google.push]` sets them up.
    pub(super) push: Option<PushEndpoint>,
    pub(super) sessions: Sessions,
    pub(super) throttle: Throttle,
    /// Hashing a password takes memory: one at a time.
    pub(super) one_password: tokio::sync::Mutex<()>,
    pub(super) content_security_policy: HeaderValue,
}

struct Setup<'a> {
    identity: &'a WorkspaceIdentity,
    reviewer: Option<String>,
    google: GmailSettings,
    public_url: Url,
    clock: Arc<dyn Clock>,
    zone: Zone,
    password_hash: Option<String>,
    google_accounts: Vec<EmailAddress>,
}

impl App {
    /// The demo: an invented sender, no sign-in, on loopback only.
    pub(crate) async fn demo(
        jooper: Jooper,
        google: GmailSettings,
        public_url: Url,
        clock: impl Clock + Clone,
    ) -> Result<Self, ServerError> {
        let identity = WorkspaceIdentity {
            name: "Northwind Demo".to_owned(),
            legal_name: "Northwind Demo GmbH".to_owned(),
            postal_address: "Beispielstraße 1, 10115 Berlin, Germany".to_owned(),
            privacy_url: "https://northwind.example/privacy".to_owned(),
            ..WorkspaceIdentity::default()
        };
        let setup = Setup {
            identity: &identity,
            reviewer: None,
            google,
            public_url,
            clock: Arc::new(clock),
            zone: Zone::named("Europe/Berlin"),
            password_hash: None,
            google_accounts: Vec::new(),
        };
        Self::new(jooper, setup).await
    }

    /// The real thing: sender and sign-in as the config file says.
    pub(crate) async fn serve(jooper: Jooper, config: &Config) -> Result<Self, ServerError> {
        let identity = WorkspaceIdentity {
            name: config.identity.name.clone(),
            legal_name: config.identity.legal_name.clone(),
            postal_address: config.identity.postal_address.clone(),
            privacy_url: config.identity.privacy_url.to_string(),
            ..WorkspaceIdentity::default()
        };
        let accounts = config
            .login
            .google_accounts
            .iter()
            .enumerate()
            .map(|(at, text)| {
                EmailAddress::parse(text)
                    .context(format!("[login] google_accounts, entry {}", at + 1))
            });
        let google_accounts: Vec<_> = accounts.collect::<Result<_, _>>()?;
        let setup = Setup {
            identity: &identity,
            reviewer: config.policy.reviewer().map(str::to_owned),
            google: config.google.clone(),
            public_url: config.public_url.clone(),
            clock: Arc::new(service::wall()),
            zone: Zone::of_environment(),
            password_hash: config.login.password_hash.clone(),
            google_accounts,
        };
        Self::new(jooper, setup).await
    }

    async fn new(jooper: Jooper, setup: Setup<'_>) -> Result<Self, ServerError> {
        let workspace = workspace(&jooper, setup.identity).await?;
        let owner = owner(&jooper, workspace, &*setup.clock).await?;
        let lease: Arc<dyn LeaseClock> = Arc::new(SystemLeaseClock::new());
        let http = ReqwestClient::new(Arc::clone(&lease), ReqwestSettings::default())
            .context("the client for Google's sign-in cannot be made")?;
        let (http, google) = (Arc::new(http), Arc::new(setup.google));
        let consent = google.endpoints.authorize.url().clone();
        Ok(Self {
            connect: ConnectFlow::new(google.clone(), http.clone(), setup.clock.clone()),
            push: PushEndpoint::new(google.clone(), http.clone(), setup.clock.clone()),
            sign_in: SignInFlow::new(google, http, setup.clock.clone())
                .filter(|_| !setup.google_accounts.is_empty()),
            content_security_policy: headers::content_security_policy(&consent),
            sessions: Sessions::new(Arc::clone(&lease)),
            throttle: Throttle::new(lease),
            one_password: tokio::sync::Mutex::new(()),
            name: setup.identity.name.clone(),
            reviewer: setup.reviewer,
            clock: setup.clock,
            zone: setup.zone,
            public_url: setup.public_url,
            password_hash: setup.password_hash,
            google_accounts: setup.google_accounts,
            jooper,
            workspace,
            owner,
        })
    }

    /// Whether a visitor must sign in before seeing anything.
    pub(super) const fn needs_sign_in(&self) -> bool {
        self.password_hash.is_some() || self.sign_in.is_some()
    }

    pub(super) fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The name of the session's cookie. Ports share cookies, so it names the port; over https the
    /// prefix makes browsers refuse it from anybody else (RFC 6265bis section 4.1.3.2).
    pub(super) fn cookie_name(&self) -> String {
        if self.is_https() {
            return "__Host-jooper".to_owned();
        }
        format!(
            "jooper_{}",
            self.public_url.port_or_known_default().unwrap_or_default()
        )
    }

    /// Whether an origin, as browsers write it, is this server's own. The names of the loopback
    /// interface are one.
    pub(super) fn is_own_origin(&self, origin: &str) -> bool {
        let Ok(origin) = Url::parse(origin) else {
            return false;
        };
        let same_door = origin.scheme() == self.public_url.scheme()
            && origin.port_or_known_default() == self.public_url.port_or_known_default();
        let both_here = is_loopback(&origin) && is_loopback(&self.public_url);
        same_door && (origin.host() == self.public_url.host() || both_here)
    }

    /// Whether a `Host` header names this server: a page of somebody else's that points its own
    /// name at this machine (DNS rebinding) must not read anything.
    pub(super) fn is_own_host(&self, host: &str) -> bool {
        let Ok(url) = Url::parse(&format!("http://{host}/")) else {
            return false;
        };
        is_loopback(&url) || url.host() == self.public_url.host()
    }

    /// The present, by the clock that campaigns run on.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

async fn workspace(
    jooper: &Jooper,
    identity: &WorkspaceIdentity,
) -> Result<WorkspaceId, ServerError> {
    let known = jooper
        .engine()
        .workspaces()
        .await
        .context("the list of workspaces")?;
    let Some(first) = known.first().copied() else {
        return jooper
            .create_workspace(identity)
            .await
            .context("the workspace cannot be made");
    };
    let before = jooper
        .engine()
        .identity(first)
        .await
        .context("the workspace's sender")?;
    let identity = &WorkspaceIdentity {
        own_domains: before.own_domains.clone(),
        ..identity.clone()
    };
    if before != *identity {
        let changed = jooper.engine().set_identity(first, identity).await;
        changed.context("the workspace's sender cannot be changed")?;
    }
    Ok(first)
}

/// The one user of this server, in whose name people act on the pages.
async fn owner(
    jooper: &Jooper,
    workspace: WorkspaceId,
    clock: &dyn Clock,
) -> Result<UserId, ServerError> {
    let doing = "the server's user";
    let known = jooper
        .storage()
        .page::<UserRow>(workspace, Scan::table(&USER).limit(1))
        .await
        .context(doing)?;
    if let Some(user) = known.records.first() {
        return Ok(user.record.id);
    }
    let now = clock.now();
    let id = UserId::from_uuid(SystemIds.uuid(now));
    let vault = jooper.vault().workspace(workspace).await.context(doing)?;
    let (subject, key) = vault.new_subject(id).context(doing)?;
    let place = Place::new(&USER, "profile", &[id.to_value()]);
    let profile = UserProfile {
        name: "Owner".to_owned(),
        ..UserProfile::default()
    };
    let row = UserRow {
        id,
        role: "owner".to_owned(),
        profile: subject
            .seal(&place, Origin::Customer, &profile)
            .context(doing)?,
        created_at: now,
    };
    let batch = key.add_to(Batch::new(workspace)).insert(&row);
    jooper.storage().commit(batch).await.context(doing)?;
    Ok(id)
}
