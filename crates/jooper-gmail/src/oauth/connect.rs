//! Connecting a mailbox.

use std::fmt;
use std::sync::Arc;

use jooper_core::{Clock, EmailAddress};
use jooper_transport::HttpClient;
use url::Url;

use super::callback::Callback;
use super::error::{ConnectError, MissingPart};
use super::flow::{Ask, Machinery};
use super::pending::{Flow, PendingAuthorization};
use super::scopes::{Grant, MAILBOX_SCOPES};
use super::tokens::MailboxTokens;
use crate::settings::GmailSettings;

/// `access_type=offline` and `prompt=consent` make Google give a refresh token again to somebody
/// who connected before; without `include_granted_scopes` the token holds what was asked here and
/// nothing that another part of the project was ever granted (Google OAuth 2.0 for web servers).
const PARAMETERS: [(&str, &str); 3] = [
    ("access_type", "offline"),
    ("prompt", "consent"),
    ("include_granted_scopes", "false"),
];

/// Connects mailboxes: an authorization code flow with PKCE, state and nonce.
#[derive(Debug, Clone)]
pub struct ConnectFlow(Machinery);

/// A connected mailbox.
#[non_exhaustive]
pub struct Connected {
    /// Its tokens, for the credential store.
    pub tokens: MailboxTokens,
    /// Google's stable id of the account. Accounts are known by it, never by their address.
    pub sub: String,
    /// The account's address.
    pub email: EmailAddress,
    /// The display name, where Google gives one.
    pub name: Option<String>,
    /// The Workspace domain, where there is one.
    pub hosted_domain: Option<String>,
    /// What the owner has allowed.
    pub grant: Grant,
    /// Whether the server named it. Where it did not, `grant` is what was asked for, and what is
    /// missing of it shows at the first call that is refused.
    pub grant_is_named: bool,
}

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connected")
            .field("grant", &self.grant)
            .field("grant_is_named", &self.grant_is_named)
            .finish_non_exhaustive()
    }
}

impl ConnectFlow {
    /// A flow with the mailbox client of these settings.
    pub fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Machinery::new(settings, http, clock))
    }

    /// Begins: send the browser to the URL, and keep the rest in its session, sealed.
    ///
    /// `login_hint` preselects an account: its `sub`, where it is known. An address works too, but
    /// then stands in the browser's history.
    pub fn begin(&self, login_hint: Option<&str>) -> (Url, PendingAuthorization) {
        self.ask(login_hint, None)
    }

    /// Begins to connect a known account again; any other is refused at the end.
    pub fn reconnect(&self, sub: &str) -> (Url, PendingAuthorization) {
        self.ask(None, Some(sub))
    }

    fn ask(&self, login_hint: Option<&str>, account: Option<&str>) -> (Url, PendingAuthorization) {
        self.0.begin(&Ask {
            flow: Flow::Connect,
            client: &self.0.settings.mailbox,
            scopes: &MAILBOX_SCOPES,
            parameters: &PARAMETERS,
            login_hint,
            account,
        })
    }

    /// Ends it with what the redirect brought back.
    ///
    /// A server that leaves the granted scopes out has granted what was asked (RFC 6749
    /// section 5.1); [`Connected::grant_is_named`] tells that it did.
    ///
    /// # Errors
    /// [`ConnectError`]; an address that Google has not verified is refused. Nothing is revoked: that would end every other grant of this person too.
    pub async fn finish(
        &self,
        callback: Callback,
        pending: PendingAuthorization,
    ) -> Result<Connected, ConnectError> {
        let client = &self.0.settings.mailbox;
        let (answer, identity) = self
            .0
            .finish(Flow::Connect, client, callback, pending)
            .await?;
        let access_end = self.0.end_of(&answer);
        let grant_is_named = answer.scopes.is_some();
        let scopes = answer.scopes.unwrap_or_else(|| {
            MAILBOX_SCOPES
                .iter()
                .map(|scope| (*scope).to_owned())
                .collect()
        });
        let grant =
            Grant::of(scopes.iter().map(String::as_str)).ok_or(ConnectError::NothingGranted)?;
        // Gmail sends as this address; nobody writes as one that they may not own.
        if !identity.email_verified {
            return Err(ConnectError::Missing(MissingPart::Email));
        }
        let refresh = answer
            .refresh
            .ok_or(ConnectError::Missing(MissingPart::RefreshToken))?;
        Ok(Connected {
            tokens: MailboxTokens {
                refresh,
                access: (answer.access, access_end),
                scopes,
            },
            sub: identity.sub,
            email: identity
                .email
                .ok_or(ConnectError::Missing(MissingPart::Email))?,
            name: identity.name,
            hosted_domain: identity.hosted_domain,
            grant,
            grant_is_named,
        })
    }
}
