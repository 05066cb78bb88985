//! [`HttpClient`] over reqwest.
//!
//! HTTP/1.1 only: one request owns its connection while it is written, so that a missing last
//! byte is an incomplete request and not a stream among others. reqwest follows redirects, repeats
//! requests after a protocol NACK and obeys proxy variables by default; here all three are off,
//! because each of them could hand a mail to somebody twice or to somebody else.
//!
//! A request whose last byte depends on a lease does not go through reqwest, which never tells what
//! has left its buffers: it gets a connection of its own ([`once`]), with the same TLS.

mod guarded;
mod last_byte;
mod once;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jooper_core::LeaseClock;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;

use self::once::Once;
use crate::http::{HttpClient, HttpError, HttpRequest};

/// How a [`ReqwestClient`] behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReqwestSettings {
    /// How long a connection with TLS may take to stand.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept. Short, as a server closes its end without notice. A
    /// mail gets a connection of its own.
    pub idle_timeout: Duration,
    /// The longest answer in bytes. A whole 35 MiB mail is 49 MB in base64.
    pub max_answer: usize,
    /// How many bytes a second go out at least. A request whose last byte depends on a lease is begun
    /// only while the lease leaves its body that much time: a large mail is not sent almost whole, in
    /// vain, by what is left of a permit.
    pub least_upload: u32,
}

impl Default for ReqwestSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
            max_answer: 64 << 20,
            least_upload: 4 << 20,
        }
    }
}

/// The TLS set-up of this machine cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made: the system's TLS roots cannot be loaded")]
pub struct StartError;

/// An [`HttpClient`] over reqwest: rustls with aws-lc-rs, no redirects, no retries, no proxy.
#[derive(Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
    once: Once,
    lease: Arc<dyn LeaseClock>,
    max_answer: usize,
    least_upload: u32,
}

impl Debug for ReqwestClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReqwestClient")
    }
}

impl ReqwestClient {
    /// A client that checks last bytes against this lease clock: the one that permits are counted
    /// by.
    ///
    /// # Errors
    /// [`StartError`] when TLS cannot be set up.
    pub fn new(lease: Arc<dyn LeaseClock>, settings: ReqwestSettings) -> Result<Self, StartError> {
        Self::with_tls(tls().map_err(|_| StartError)?, lease, settings)
    }

    fn with_tls(
        tls: ClientConfig,
        lease: Arc<dyn LeaseClock>,
        settings: ReqwestSettings,
    ) -> Result<Self, StartError> {
        let ReqwestSettings {
            connect_timeout,
            idle_timeout,
            max_answer,
            least_upload,
        } = settings;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(connect_timeout)
            .pool_idle_timeout(idle_timeout)
            .build()
            .map_err(|_| StartError)?;
        Ok(Self {
            client,
            once: Once::new(tls, connect_timeout, max_answer),
            lease,
            max_answer,
            least_upload,
        })
    }

    /// How long a body of this length takes where nothing is faster than it must be.
    fn time_for(&self, body: usize) -> Duration {
        let bytes = u64::try_from(body).unwrap_or(u64::MAX);
        Duration::from_millis(bytes.saturating_mul(1_000) / u64::from(self.least_upload.max(1)))
    }

    async fn read(
        &self,
        mut answer: reqwest::Response,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let mut out = http::Response::new(Bytes::new());
        *out.status_mut() = answer.status();
        *out.headers_mut() = std::mem::take(answer.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| broken(&error))? {
            if body.len() + chunk.len() > self.max_answer {
                return Err(HttpError::Oversized);
            }
            body.extend_from_slice(&chunk);
        }
        *out.body_mut() = body.into();
        Ok(out)
    }
}

#[async_trait]
impl HttpClient for ReqwestClient {
    async fn execute(&self, request: HttpRequest) -> Result<http::Response<Bytes>, HttpError> {
        let HttpRequest {
            request,
            last_byte_before,
            timeout,
        } = request;
        if let Some(end) = last_byte_before {
            let left = end.since(self.lease.now());
            if left.is_zero() || left < self.time_for(request.body().len()) {
                return Err(HttpError::Withheld);
            }
            if !request.body().is_empty() {
                let lease = Arc::clone(&self.lease);
                return self.once.execute(request, end, lease, timeout).await;
            }
        }
        let request = reqwest::Request::try_from(request).map_err(|_| HttpError::NotConnected)?;
        let request = reqwest::RequestBuilder::from_parts(self.client.clone(), request)
            .timeout(timeout)
            .send();
        match request.await {
            Ok(answer) => self.read(answer).await,
            Err(error) if error.is_connect() || error.is_builder() => Err(HttpError::NotConnected),
            Err(error) => Err(broken(&error)),
        }
    }

    fn most_upload(&self, left: Duration) -> usize {
        let bytes = left
            .as_millis()
            .saturating_mul(self.least_upload.max(1).into())
            / 1_000;
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}

/// TLS as every connection uses it: verified as this machine verifies, HTTP/1.1 within.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let mut config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn broken(error: &reqwest::Error) -> HttpError {
    if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Lost
    }
}

#[cfg(test)]
mod tests;
