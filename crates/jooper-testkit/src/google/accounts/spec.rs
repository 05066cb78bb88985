//! How projects, clients and accounts are described when a simulator is set up.

use serde::{Deserialize, Serialize};

/// How far a project's consent screen has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PublishingStatus {
    /// Listed test users only; their grants of anything beyond identity end after 7 days.
    Testing,
    /// Open to every account.
    Production,
    /// Only accounts of one Workspace domain.
    Internal,
}

/// A Cloud project: the unit of consent, quota and revocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ProjectSpec {
    /// Its id.
    pub id: String,
    /// Its publishing status.
    pub status: PublishingStatus,
    /// Most accounts that may ever grant to it: 100 for an unverified app.
    pub user_cap: Option<usize>,
    /// Addresses that may consent while it is in testing; all when empty.
    #[serde(default)]
    pub test_users: Vec<String>,
    /// The Workspace domain of an internal app.
    #[serde(default)]
    pub domain: Option<String>,
    /// Created before May 2026 and in use: the old, larger quotas hold.
    #[serde(default)]
    pub old_quota: bool,
    /// Grants live this many virtual days when the user chose time-limited access.
    #[serde(default)]
    pub grant_days: Option<i64>,
}

impl ProjectSpec {
    /// A verified project in production with the new quotas.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            status: PublishingStatus::Production,
            user_cap: None,
            test_users: Vec::new(),
            domain: None,
            old_quota: false,
            grant_days: None,
        }
    }

    /// Sets the publishing status.
    #[must_use]
    pub fn status(mut self, status: PublishingStatus) -> Self {
        self.status = status;
        self
    }
}

/// An OAuth client of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClientSpec {
    /// Its public id.
    pub client_id: String,
    /// Its secret; a client without one must use PKCE.
    pub client_secret: Option<String>,
    /// Where codes may be sent: compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Any loopback redirect is accepted as well, as for desktop clients.
    pub loopback: bool,
    /// The project that owns it.
    pub project: String,
}

impl ClientSpec {
    /// A web client with one redirect URI.
    #[must_use]
    pub fn new(project: &str, client_id: &str, client_secret: &str, redirect_uri: &str) -> Self {
        Self {
            client_id: client_id.to_owned(),
            client_secret: Some(client_secret.to_owned()),
            redirect_uris: vec![redirect_uri.to_owned()],
            loopback: false,
            project: project.to_owned(),
        }
    }

    /// A client that takes any loopback redirect, for tests that learn their port late.
    #[must_use]
    pub fn loopback(project: &str, client_id: &str, client_secret: &str) -> Self {
        Self {
            redirect_uris: Vec::new(),
            loopback: true,
            ..Self::new(project, client_id, client_secret, "")
        }
    }

    /// Whether a code may go to that URI.
    pub(crate) fn allows(&self, uri: &str) -> bool {
        let local = || {
            url::Url::parse(uri).is_ok_and(|u| {
                u.scheme() == "http"
                    && matches!(u.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
            })
        };
        self.redirect_uris.iter().any(|known| known == uri) || (self.loopback && local())
    }
}

/// The kind of account, which decides the daily sending limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum UserKind {
    /// A personal account.
    Consumer,
    /// A paid Workspace account.
    Workspace,
    /// A Workspace account before its first payments.
    Trial,
}

/// A Google account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserSpec {
    /// The stable id; drawn from the seed and the address when empty.
    #[serde(default)]
    pub sub: String,
    /// The primary address.
    pub email: String,
    /// The display name.
    pub name: String,
    /// The Workspace domain.
    pub hd: Option<String>,
    /// Whether Google vouches for the address.
    pub email_verified: bool,
    /// Its kind.
    pub kind: UserKind,
    /// BCP 47 language, in which Google writes bounces to it.
    pub locale: String,
    /// Verified send-as addresses besides the primary one.
    pub aliases: Vec<String>,
    /// Send-as addresses that were never verified.
    pub pending_aliases: Vec<String>,
    /// False for an account without a mailbox.
    pub gmail_enabled: bool,
    /// The administrator has switched Gmail apps off.
    pub gmail_apps_blocked: bool,
    /// The administrator refuses this kind of app at the consent screen.
    pub admin_policy_enforced: bool,
}

impl UserSpec {
    /// A verified account: consumer under `gmail.com`, else Workspace of the address's domain.
    #[must_use]
    pub fn new(email: &str) -> Self {
        let email = email.to_lowercase();
        let (local, domain) = email.rsplit_once('@').unwrap_or((&email, "gmail.com"));
        let consumer = domain == "gmail.com" || domain == "googlemail.com";
        Self {
            sub: String::new(),
            name: local
                .split(['.', '-', '_'])
                .map(capital)
                .collect::<Vec<_>>()
                .join(" "),
            hd: (!consumer).then(|| domain.to_owned()),
            email_verified: true,
            kind: if consumer {
                UserKind::Consumer
            } else {
                UserKind::Workspace
            },
            locale: "en".to_owned(),
            aliases: Vec::new(),
            pending_aliases: Vec::new(),
            gmail_enabled: true,
            gmail_apps_blocked: false,
            admin_policy_enforced: false,
            email,
        }
    }

    /// Sets the display name.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Sets the stable id.
    #[must_use]
    pub fn with_sub(mut self, sub: &str) -> Self {
        sub.clone_into(&mut self.sub);
        self
    }

    /// Adds a verified send-as address.
    #[must_use]
    pub fn alias(mut self, email: &str) -> Self {
        self.aliases.push(email.to_lowercase());
        self
    }

    /// Sets the kind of account.
    #[must_use]
    pub fn kind(mut self, kind: UserKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets the language.
    #[must_use]
    pub fn locale(mut self, locale: &str) -> Self {
        locale.clone_into(&mut self.locale);
        self
    }

    /// Whether mail to that (lower case) address lands here.
    pub(crate) fn answers_to(&self, email: &str) -> bool {
        self.email == email || self.aliases.iter().any(|alias| alias == email)
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// What the owner of an account does at the consent screen, once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConsentScript {
    /// Grants all that was asked.
    Approve,
    /// Says no: `access_denied`.
    Deny,
    /// Grants all but these scopes.
    Untick(Vec<String>),
    /// Picks another account, named by address, and approves as that one.
    OtherAccount(String),
    /// The redirect carries this error code.
    Fail(String),
}
