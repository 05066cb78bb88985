//! [`HttpClient`] over reqwest.
//!
//! HTTP/1.1 only: one request owns its connection while it is written, so that a missing last
//! byte is an incomplete request and not a stream among others. reqwest follows redirects, repeats
//! requests after a protocol NACK and obeys proxy variables by default; here all three are off,
//! because each of them could hand a mail to somebody twice or to somebody else.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_LENGTH;
use jooper_core::{LeaseClock, LeaseInstant};

use crate::http::{HttpClient, HttpError, HttpRequest};

/// How a [`ReqwestClient`] behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReqwestSettings {
    /// How long a connection with TLS may take to stand.
    pub connect_timeout: Duration,
    /// How long an unused connection is kept. Short: a server closes its end without notice, and a
    /// mail written to a closed connection has an unknown outcome.
    pub idle_timeout: Duration,
    /// The longest answer in bytes. A whole 35 MiB mail is 49 MB in base64.
    pub max_answer: usize,
}

impl Default for ReqwestSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(20),
            max_answer: 64 << 20,
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
    lease: Arc<dyn LeaseClock>,
    max_answer: usize,
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
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(settings.connect_timeout)
            .pool_idle_timeout(settings.idle_timeout)
            .build()
            .map_err(|_| StartError)?;
        Ok(Self {
            client,
            lease,
            max_answer: settings.max_answer,
        })
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
        if last_byte_before.is_some_and(|end| self.lease.now() >= end) {
            return Err(HttpError::Withheld);
        }
        let (mut parts, body) = request.into_parts();
        let progress = Arc::new(Progress::default());
        let length = body.len();
        let body = if length == 0 {
            progress.set(RELEASED);
            reqwest::Body::from(body)
        } else {
            parts.headers.insert(CONTENT_LENGTH, length.into());
            withholding(
                body,
                last_byte_before,
                Arc::clone(&self.lease),
                Arc::clone(&progress),
            )
        };
        let request = reqwest::Request::try_from(http::Request::from_parts(parts, body))
            .map_err(|_| HttpError::NotConnected)?;
        let request = reqwest::RequestBuilder::from_parts(self.client.clone(), request)
            .timeout(timeout)
            .send();
        match request.await {
            Ok(answer) => self.read(answer).await,
            Err(error) => Err(match progress.get() {
                WITHHELD => HttpError::Withheld,
                _ if error.is_connect() || error.is_builder() => HttpError::NotConnected,
                UNTOUCHED => HttpError::NotConnected,
                BEGUN => HttpError::Incomplete,
                _ => broken(&error),
            }),
        }
    }
}

fn broken(error: &reqwest::Error) -> HttpError {
    if error.is_timeout() {
        HttpError::Timeout
    } else {
        HttpError::Lost
    }
}

/// Nothing of the body was asked for yet.
const UNTOUCHED: u8 = 0;
/// All but the last byte was handed to the connection.
const BEGUN: u8 = 1;
/// The last byte was handed to the connection.
const RELEASED: u8 = 2;
/// The last byte was kept back: the lease had ended.
const WITHHELD: u8 = 3;

/// How far the body of a request has gone, readable after the request has failed.
#[derive(Debug, Default)]
struct Progress(AtomicU8);

impl Progress {
    fn set(&self, to: u8) {
        self.0.store(to, Ordering::SeqCst);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::SeqCst)
    }
}

/// How often the connection may write between the head of the body and the check of its last
/// byte. Each `Pending` makes hyper flush what the socket takes, so that the check stands immediately
/// before the last byte and not before a buffer full of body; a socket that takes nothing leaves
/// hyper with up to 418 kB before it, of which no body can know.
const FLUSHES: u8 = 2;

/// A body whose last byte leaves only while the lease holds.
fn withholding(
    body: Bytes,
    end: Option<LeaseInstant>,
    lease: Arc<dyn LeaseClock>,
    progress: Arc<Progress>,
) -> reqwest::Body {
    let last = body.len() - 1;
    let (mut head, tail) = (body.slice(..last), body.slice(last..));
    let mut flushes = FLUSHES;
    let mut tail = Some(tail);
    reqwest::Body::wrap_stream(stream::poll_fn(move |context| {
        if progress.get() == UNTOUCHED {
            progress.set(BEGUN);
        }
        if !head.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut head))));
        }
        if end.is_some() && flushes > 0 {
            flushes -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(byte) = tail.take() else {
            return Poll::Ready(None);
        };
        if end.is_some_and(|end| lease.now() >= end) {
            progress.set(WITHHELD);
            return Poll::Ready(Some(Err(HttpError::Withheld)));
        }
        progress.set(RELEASED);
        Poll::Ready(Some(Ok(byte)))
    }))
}

#[cfg(test)]
mod tests;
