//! What both flows do alike.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http::header::AUTHORIZATION;
use jooper_core::{Clock, EmailAddress};
use jooper_transport::{HttpClient, HttpRequest};
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, ResponseType, Scope,
    basic::BasicClient,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::callback::Callback;
use super::error::{ConnectError, MissingPart};
use super::identity::{Expected, Identity, IdentityVerifier};
use super::jwt::Flag;
use super::pending::{Flow, PendingAuthorization};
use super::token::{TokenAnswer, TokenClient};
use crate::api::bearer;
use crate::settings::{GmailSettings, OAuthClient};

/// One flow's machinery.
#[derive(Debug, Clone)]
pub(super) struct Machinery {
    pub(super) settings: Arc<GmailSettings>,
    http: Arc<dyn HttpClient>,
    clock: Arc<dyn Clock>,
    tokens: TokenClient,
    verifier: IdentityVerifier,
}

/// What is asked of the consent screen.
pub(super) struct Ask<'a> {
    pub(super) flow: Flow,
    pub(super) client: &'a OAuthClient,
    pub(super) scopes: &'a [&'static str],
    pub(super) parameters: &'a [(&'static str, &'static str)],
    pub(super) login_hint: Option<&'a str>,
    pub(super) account: Option<&'a str>,
}

impl Machinery {
    pub(super) fn new(
        settings: Arc<GmailSettings>,
        http: Arc<dyn HttpClient>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let tokens = TokenClient::new(Arc::clone(&settings), Arc::clone(&http));
        let verifier =
            IdentityVerifier::new(Arc::clone(&settings), Arc::clone(&http), Arc::clone(&clock));
        Self {
            settings,
            http,
            clock,
            tokens,
            verifier,
        }
    }

    pub(super) fn begin(&self, ask: &Ask<'_>) -> (Url, PendingAuthorization) {
        let client = BasicClient::new(ClientId::new(ask.client.id.clone()))
            .set_auth_uri(AuthUrl::from_url(
                self.settings.endpoints.authorize.url().clone(),
            ))
            .set_redirect_uri(RedirectUrl::from_url(ask.client.redirect_uri.clone()));
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = CsrfToken::new_random_len(32).into_secret();
        let mut request = client
            .authorize_url(|| CsrfToken::new_random_len(32))
            .set_response_type(&ResponseType::new("code".to_owned()))
            .add_scopes(
                ask.scopes
                    .iter()
                    .map(|scope| Scope::new((*scope).to_owned())),
            )
            .set_pkce_challenge(challenge)
            .add_extra_param("nonce", nonce.clone());
        for (name, value) in ask.parameters {
            request = request.add_extra_param(*name, *value);
        }
        if let Some(hint) = ask.account.or(ask.login_hint) {
            request = request.add_extra_param("login_hint", hint.to_owned());
        }
        let (url, state) = request.url();
        let pending = PendingAuthorization {
            flow: ask.flow,
            state: state.into_secret(),
            nonce,
            verifier: verifier.into_secret(),
            began_at: self.clock.now(),
            account: ask.account.map(str::to_owned),
        };
        (url, pending)
    }

    /// Exchanges the code and finds out whose account it is.
    pub(super) async fn finish(
        &self,
        flow: Flow,
        client: &OAuthClient,
        callback: Callback,
        pending: PendingAuthorization,
    ) -> Result<(TokenAnswer, Identity), ConnectError> {
        // The state first: an error in a forged redirect must not end an open request.
        if pending.flow != flow || !pending.has_state(&callback.state) {
            return Err(ConnectError::State);
        }
        let code = callback
            .answer
            .map_err(|code| ConnectError::from_redirect(&code))?;
        if pending.is_over(self.clock.now(), self.settings.timeouts.consent_minutes) {
            return Err(ConnectError::Expired);
        }
        let answer = self
            .tokens
            .exchange(client, &code, pending.verifier)
            .await?;
        let identity = match &answer.id_token {
            Some(token) => {
                let expected = Expected {
                    audience: &client.id,
                    nonce: Some(&pending.nonce),
                };
                self.verifier
                    .verify(token.expose_secret(), &expected)
                    .await?
            }
            None => self.userinfo(&answer.access).await?,
        };
        if pending
            .account
            .is_some_and(|account| account != identity.sub)
        {
            return Err(ConnectError::OtherAccount);
        }
        Ok((answer, identity))
    }

    /// Asks who the owner of an access token is (OpenID Connect Core section 5.3): for servers
    /// that give no ID token. The token came straight from the token endpoint.
    async fn userinfo(&self, access: &SecretString) -> Result<Identity, ConnectError> {
        #[derive(Deserialize)]
        struct UserInfo {
            sub: String,
            #[serde(default)]
            email: Option<String>,
            #[serde(default)]
            email_verified: Flag,
            #[serde(default)]
            hd: Option<String>,
            #[serde(default)]
            name: Option<String>,
        }
        let missing = ConnectError::Missing(MissingPart::Identity);
        let request = Request::get(self.settings.endpoints.userinfo.url().as_str())
            .header(
                AUTHORIZATION,
                bearer(access).ok_or(ConnectError::Unavailable)?,
            )
            .body(Bytes::new())
            .map_err(|_| ConnectError::Unavailable)?;
        let timeout = self.settings.timeouts.oauth();
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout,
        };
        let answer = self
            .http
            .execute(request)
            .await
            .map_err(|_| ConnectError::Unavailable)?;
        if answer.status().is_server_error() {
            return Err(ConnectError::Unavailable);
        }
        let Ok(info) = serde_json::from_slice::<UserInfo>(answer.body()) else {
            return Err(missing);
        };
        if !answer.status().is_success() || info.sub.is_empty() {
            return Err(missing);
        }
        Ok(Identity {
            email: info
                .email
                .as_deref()
                .and_then(|text| EmailAddress::parse(text).ok()),
            sub: info.sub,
            email_verified: info.email_verified.0,
            hosted_domain: info.hd,
            name: info.name,
        })
    }

    /// When an access token that was just given ends.
    pub(super) fn end_of(&self, answer: &TokenAnswer) -> jiff::Timestamp {
        crate::time::after(self.clock.now(), answer.expires_in)
    }
}
