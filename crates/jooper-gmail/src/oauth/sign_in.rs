//! Signing in.

use std::fmt;
use std::sync::Arc;

use jooper_core::{Clock, EmailAddress};
use jooper_transport::HttpClient;
use url::Url;

use super::callback::Callback;
use super::error::{ConnectError, MissingPart};
use super::flow::{Ask, Machinery};
use super::jwt::IdTokenError;
use super::pending::{Flow, PendingAuthorization};
use super::scopes::SIGN_IN_SCOPES;
use super::tokens::SignInTokens;
use crate::settings::{GmailSettings, OAuthClient};

/// Lets people sign in with their Google account.
#[derive(Debug, Clone)]
pub struct SignInFlow {
    machinery: Machinery,
    client: OAuthClient,
}

/// Who has signed in.
#[non_exhaustive]
pub struct SignedIn {
    /// Google's stable id of the account: users are known by it.
    pub sub: String,
    /// The account's verified address.
    pub email: EmailAddress,
    /// The Workspace domain. Google is the authority for an address only with it, or for
    /// `gmail.com`: any other address is no reason to join two accounts.
    pub hosted_domain: Option<String>,
    /// The display name.
    pub name: Option<String>,
    /// What came with it.
    pub tokens: SignInTokens,
}

impl SignedIn {
    /// Whether Google is the authority for the address, so that it may be matched with an
    /// invitation (Google Identity guide, "Verify the Google ID token").
    pub fn address_is_authoritative(&self) -> bool {
        self.hosted_domain.is_some()
            || matches!(self.email.domain(), "gmail.com" | "googlemail.com")
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedIn(***)")
    }
}

impl SignInFlow {
    /// A flow with the sign-in client of these settings; `None` where they name none.
    pub fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        let client = settings.sign_in.clone()?;
        Some(Self {
            machinery: Machinery::new(settings, http, clock),
            client,
        })
    }

    /// Begins: send the browser to the URL, and keep the rest in its session, sealed.
    pub fn begin(&self) -> (Url, PendingAuthorization) {
        self.machinery.begin(&Ask {
            flow: Flow::SignIn,
            client: &self.client,
            scopes: &SIGN_IN_SCOPES,
            parameters: &[("prompt", "select_account")],
            login_hint: None,
            account: None,
        })
    }

    /// Ends it with what the redirect brought back.
    ///
    /// # Errors
    /// [`ConnectError`]; an address that Google has not verified is refused.
    pub async fn finish(
        &self,
        callback: Callback,
        pending: PendingAuthorization,
    ) -> Result<SignedIn, ConnectError> {
        let (answer, identity) = self
            .machinery
            .finish(Flow::SignIn, &self.client, callback, pending)
            .await?;
        let email = identity
            .email
            .ok_or(ConnectError::Missing(MissingPart::Email))?;
        if !identity.email_verified {
            return Err(ConnectError::IdToken(IdTokenError::Subject));
        }
        Ok(SignedIn {
            sub: identity.sub,
            email,
            hosted_domain: identity.hosted_domain,
            name: identity.name,
            tokens: SignInTokens {
                _access: answer.access,
            },
        })
    }
}
