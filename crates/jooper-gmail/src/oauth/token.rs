//! The token endpoint.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jooper_transport::{HttpClient, HttpError, HttpRequest};
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, EndpointNotSet,
    EndpointSet, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};

use crate::settings::{GmailSettings, OAuthClient};

/// What the token endpoint gave.
pub(crate) struct TokenAnswer {
    pub(crate) access: SecretString,
    pub(crate) expires_in: Duration,
    pub(crate) refresh: Option<SecretString>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) id_token: Option<SecretString>,
}

/// Why it gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFailure {
    /// The grant or code is dead, whatever the reason: all look alike.
    Dead,
    /// The OAuth client itself is refused.
    Client,
    /// Try again later.
    Unavailable,
    /// Too often.
    RateLimited(Option<Duration>),
}

/// A client of the token endpoint.
#[derive(Debug, Clone)]
pub(crate) struct TokenClient {
    settings: Arc<GmailSettings>,
    http: Arc<dyn HttpClient>,
}

type Client = oauth2::Client<
    BasicErrorResponse,
    GoogleTokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl TokenClient {
    pub(crate) fn new(settings: Arc<GmailSettings>, http: Arc<dyn HttpClient>) -> Self {
        Self { settings, http }
    }

    /// Exchanges a code (RFC 6749 section 4.1.3, RFC 7636 section 4.5).
    pub(crate) async fn exchange(
        &self,
        client: &OAuthClient,
        code: &SecretString,
        verifier: String,
    ) -> Result<TokenAnswer, TokenFailure> {
        let oauth = self.client(client);
        let call = Call::new(self);
        let answer = oauth
            .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&call)
            .await;
        call.read(answer)
    }

    /// Exchanges a refresh token (RFC 6749 section 6).
    pub(crate) async fn refresh(
        &self,
        client: &OAuthClient,
        token: &SecretString,
    ) -> Result<TokenAnswer, TokenFailure> {
        let oauth = self.client(client);
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let call = Call::new(self);
        let answer = oauth
            .exchange_refresh_token(&token)
            .request_async(&call)
            .await;
        call.read(answer)
    }

    fn client(&self, client: &OAuthClient) -> Client {
        oauth2::Client::new(ClientId::new(client.id.clone()))
            .set_client_secret(oauth2::ClientSecret::new(client.secret.expose().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_redirect_uri(RedirectUrl::from_url(client.redirect_uri.clone()))
            .set_token_uri(TokenUrl::from_url(
                self.settings.endpoints.token.url().clone(),
            ))
    }
}

/// One request, and the status of its answer, which `oauth2` does not pass on.
struct Call<'a> {
    client: &'a TokenClient,
    status: AtomicU16,
}

impl<'a> Call<'a> {
    const fn new(client: &'a TokenClient) -> Self {
        Self {
            client,
            status: AtomicU16::new(0),
        }
    }

    async fn send(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, HttpError> {
        let request = HttpRequest {
            request: request.map(Into::into),
            last_byte_before: None,
            timeout: self.client.settings.timeouts.oauth(),
        };
        let answer = self.client.http.execute(request).await?;
        self.status
            .store(answer.status().as_u16(), Ordering::SeqCst);
        Ok(answer.map(|body| body.to_vec()))
    }

    fn read(
        &self,
        answer: Result<GoogleTokens, RequestTokenError<HttpError, BasicErrorResponse>>,
    ) -> Result<TokenAnswer, TokenFailure> {
        let failure = match answer {
            Ok(tokens) => return Ok(tokens.into()),
            Err(RequestTokenError::Request(_)) => TokenFailure::Unavailable,
            Err(RequestTokenError::ServerResponse(error)) => {
                by_code(error.error(), self.status.load(Ordering::SeqCst))
            }
            Err(_) => by_status(self.status.load(Ordering::SeqCst)),
        };
        tracing::debug!(
            status = self.status.load(Ordering::SeqCst),
            ?failure,
            "token endpoint"
        );
        Err(failure)
    }
}

impl<'c> AsyncHttpClient<'c> for Call<'_> {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<oauth2::HttpResponse, HttpError>>;

    fn call(&'c self, request: oauth2::HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// By the error code of RFC 6749 section 5.2; descriptions are undocumented and never looked at.
fn by_code(code: &BasicErrorResponseType, status: u16) -> TokenFailure {
    match code {
        _ if status >= 500 => TokenFailure::Unavailable,
        BasicErrorResponseType::InvalidGrant => TokenFailure::Dead,
        BasicErrorResponseType::InvalidClient
        | BasicErrorResponseType::UnauthorizedClient
        | BasicErrorResponseType::InvalidRequest
        | BasicErrorResponseType::InvalidScope
        | BasicErrorResponseType::UnsupportedGrantType => TokenFailure::Client,
        BasicErrorResponseType::Extension(code) => match code.as_str() {
            "admin_policy_enforced"
            | "org_internal"
            | "access_denied"
            | "invalid_rapt"
            | "rapt_required"
            | "consent_required"
            | "interaction_required" => TokenFailure::Dead,
            "redirect_uri_mismatch" | "deleted_client" | "disabled_client" => TokenFailure::Client,
            _ => by_status(status),
        },
    }
}

/// By the status alone: the body is a proxy's page, another vendor's JSON, or nothing. That is no
/// proof that a grant is dead, so nothing is given up for it.
fn by_status(status: u16) -> TokenFailure {
    match status {
        429 => TokenFailure::RateLimited(None),
        _ => TokenFailure::Unavailable,
    }
}

/// A token answer (RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3), read with
/// tolerance: everything but the access token may be missing.
#[derive(Debug, Deserialize, Serialize)]
struct GoogleTokens {
    access_token: AccessToken,
    #[serde(default = "bearer")]
    token_type: BasicTokenType,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    #[serde(default)]
    refresh_token: Option<RefreshToken>,
    #[serde(default, rename = "scope", deserialize_with = "words")]
    scopes: Option<Vec<Scope>>,
    #[serde(default)]
    id_token: Option<RefreshToken>,
}

impl TokenResponse for GoogleTokens {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &self.token_type
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.scopes.as_ref()
    }
}

/// An hour is what Google gives; a server that does not say gets half, so that its tokens are
/// renewed too early rather than too late.
const UNSAID_LIFETIME: Duration = Duration::from_secs(1800);

impl From<GoogleTokens> for TokenAnswer {
    fn from(tokens: GoogleTokens) -> Self {
        let secret = |token: RefreshToken| {
            Some(token.into_secret())
                .filter(|text| !text.is_empty())
                .map(SecretString::from)
        };
        Self {
            access: SecretString::from(tokens.access_token.into_secret()),
            expires_in: tokens
                .expires_in
                .map_or(UNSAID_LIFETIME, Duration::from_secs),
            refresh: tokens.refresh_token.and_then(secret),
            // An empty list says as little as none.
            scopes: tokens
                .scopes
                .filter(|all| !all.is_empty())
                .map(|all| all.iter().map(|scope| scope.to_string()).collect()),
            id_token: tokens.id_token.and_then(secret),
        }
    }
}

fn bearer() -> BasicTokenType {
    BasicTokenType::Bearer
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Option::<NumberOrText>::deserialize(deserializer)? {
        Some(NumberOrText::Number(number)) => Some(number),
        Some(NumberOrText::Text(text)) => text.trim().parse().ok(),
        None => None,
    })
}

fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Scope>>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| {
        text.split_whitespace()
            .map(|word| Scope::new(word.to_owned()))
            .collect()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str) -> TokenAnswer {
        serde_json::from_str::<GoogleTokens>(text).unwrap().into()
    }

    #[test]
    fn what_is_missing_null_or_empty_is_not_there() {
        for rest in [
            "",
            r#","scope":"","refresh_token":"","id_token":"","expires_in":"","unknown":1"#,
            r#","scope":null,"refresh_token":null,"id_token":null,"expires_in":null"#,
        ] {
            let tokens = answer(&format!(r#"{{"access_token":"a"{rest}}}"#));
            assert_eq!(tokens.access.expose_secret(), "a", "{rest}");
            assert_eq!(tokens.expires_in, UNSAID_LIFETIME, "{rest}");
            assert_eq!(tokens.scopes, None, "{rest}");
            assert!(
                tokens.refresh.is_none() && tokens.id_token.is_none(),
                "{rest}"
            );
        }
        let scopes = answer(r#"{"access_token":"a","scope":"x  y"}"#).scopes;
        assert_eq!(scopes.unwrap(), ["x", "y"]);
    }
}
