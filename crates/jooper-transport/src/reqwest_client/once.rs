//! One request on a connection of its own, whose last byte waits for everything before it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{CONNECTION, HOST};
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use jooper_core::{LeaseClock, LeaseInstant};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tower_service::Service as _;

use super::guarded::{Inner, Outer};
use super::last_byte::{Fate, LastByte};
use crate::http::HttpError;

/// Makes a connection for each request.
#[derive(Clone)]
pub(super) struct Once {
    connector: HttpConnector,
    tls: TlsConnector,
    connect_timeout: Duration,
    max_answer: usize,
}

/// Ends a future that takes too long.
#[allow(
    clippy::disallowed_methods,
    reason = "how long a network may take is real time, here as inside reqwest"
)]
async fn within<T>(time: Duration, future: impl Future<Output = T>) -> Result<T, HttpError> {
    let done = tokio::time::timeout(time, future).await;
    done.map_err(|_| HttpError::Timeout)
}

impl Once {
    pub(super) fn new(tls: ClientConfig, connect_timeout: Duration, max_answer: usize) -> Self {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(connect_timeout));
        Self {
            connector,
            tls: TlsConnector::from(Arc::new(tls)),
            connect_timeout,
            max_answer,
        }
    }

    /// Makes a request that has a body.
    pub(super) async fn execute(
        &self,
        request: http::Request<Bytes>,
        end: LeaseInstant,
        lease: Arc<dyn LeaseClock>,
        timeout: Duration,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let gate = Arc::new(LastByte::new(end, lease));
        let exchange = self.connected(request, &gate);
        let answer = within(timeout, exchange).await.and_then(|answer| answer);
        answer.map_err(|error| match (gate.fate(), error) {
            // There is an answer, and this is what is wrong with it.
            (_, HttpError::Oversized) => error,
            (Fate::Untouched, _) => HttpError::NotConnected,
            (Fate::Incomplete, _) => HttpError::Incomplete,
            (Fate::Withheld, _) => HttpError::Withheld,
            (Fate::Open, _) => error,
        })
    }

    async fn connected(
        &self,
        request: http::Request<Bytes>,
        gate: &Arc<LastByte>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let uri = request.uri().clone();
        let request = origin_form(request).ok_or(HttpError::NotConnected)?;
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let name = server_name(&uri).ok_or(HttpError::NotConnected)?;
        let connect = async {
            let tcp = self.connector.clone().call(uri).await.ok()?.into_inner();
            let tcp = Inner::new(tcp, Arc::clone(gate));
            if secure {
                let tls = self.tls.connect(name, tcp).await.ok()?;
                Some(Either::Left(tls))
            } else {
                Some(Either::Right(tcp))
            }
        };
        match within(self.connect_timeout, connect).await? {
            Some(Either::Left(tls)) => self.exchange(request, tls, gate).await,
            Some(Either::Right(tcp)) => self.exchange(request, tcp, gate).await,
            None => Err(HttpError::NotConnected),
        }
    }

    async fn exchange(
        &self,
        request: http::Request<Full<Bytes>>,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        gate: &Arc<LastByte>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let length = request.body().size_hint().exact();
        let length = usize::try_from(length.unwrap_or(0)).unwrap_or(usize::MAX);
        let io = TokioIo::new(Outer::new(stream, Arc::clone(gate), length));
        let (mut sender, connection) = http1::handshake(io).await.map_err(|_| HttpError::Lost)?;
        let answer = pin!(async {
            let answer = sender.send_request(request).await;
            let answer = answer.map_err(|_| HttpError::Lost)?;
            gate.answer();
            self.read(answer).await
        });
        match select(answer, pin!(connection)).await {
            Either::Left((answer, _)) => answer,
            Either::Right((_, answer)) => answer.await,
        }
    }

    async fn read(
        &self,
        answer: http::Response<Incoming>,
    ) -> Result<http::Response<Bytes>, HttpError> {
        let (parts, mut incoming) = answer.into_parts();
        let mut body = Vec::new();
        while let Some(frame) = incoming.frame().await {
            let Ok(chunk) = frame.map_err(|_| HttpError::Lost)?.into_data() else {
                continue;
            };
            if body.len() + chunk.len() > self.max_answer {
                return Err(HttpError::Oversized);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(http::Response::from_parts(parts, body.into()))
    }
}

/// The request as it stands on a connection to its server (RFC 9112 section 3.2.1).
fn origin_form(request: http::Request<Bytes>) -> Option<http::Request<Full<Bytes>>> {
    let (mut parts, body) = request.into_parts();
    let uri = std::mem::take(&mut parts.uri);
    let host = match uri.port() {
        Some(port) => HeaderValue::from_str(&format!("{}:{port}", uri.host()?)),
        None => HeaderValue::from_str(uri.host()?),
    };
    let headers = &mut parts.headers;
    headers.entry(HOST).or_insert(host.ok()?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    parts.uri = uri.path_and_query()?.as_str().parse().ok()?;
    Some(http::Request::from_parts(parts, Full::new(body)))
}

fn server_name(uri: &Uri) -> Option<ServerName<'static>> {
    let host = uri.host()?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}
