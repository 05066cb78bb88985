//! HTTP as a seam.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jooper_core::LeaseInstant;

/// A request, and how far it may go.
///
/// Its `Debug` tells the method, the host and path, and lengths: never the query, a header or the body,
/// where tokens, secrets and mail stand.
pub struct HttpRequest {
    /// Method, URL, headers and the whole body.
    pub request: http::Request<Bytes>,
    /// The body's last byte may be written only while the lease clock shows an earlier instant.
    ///
    /// The client sets `Content-Length` and withholds that byte until everything before it was
    /// flushed and it has checked after that: a process that was frozen meanwhile, or a server that
    /// did not read, leaves an incomplete request, which no server accepts.
    pub last_byte_before: Option<LeaseInstant>,
    /// How long the whole exchange may take.
    pub timeout: Duration,
}

impl Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            request,
            last_byte_before,
            timeout,
        } = self;
        let uri = request.uri();
        let place = format_args!("{}{}", uri.host().unwrap_or_default(), uri.path());
        f.debug_struct("HttpRequest")
            .field("method", request.method())
            .field("to", &place)
            .field("headers", &request.headers().len())
            .field("bytes", &request.body().len())
            .field("last_byte_before", last_byte_before)
            .field("timeout", timeout)
            .finish()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// No byte of the request was written: name look-up, connection or TLS failed.
    #[error("no connection could be made")]
    NotConnected,
    /// The last byte was withheld because the lease had ended: the request is incomplete.
    #[error("the lease ended before the request was complete")]
    Withheld,
    /// The connection broke before the last byte was released: no server accepts half a request.
    #[error("the connection was lost before the request was complete")]
    Incomplete,
    /// No answer came in time; the server may have acted.
    #[error("no answer came in time")]
    Timeout,
    /// The connection broke; the server may have acted.
    #[error("the connection was lost")]
    Lost,
    /// The answer is longer than the client takes; the server has acted.
    #[error("the answer is too long")]
    Oversized,
}

impl HttpError {
    /// Whether the server certainly did not get a whole request, so that trying again cannot
    /// do the same thing twice (RFC 9110 section 9.2.2 leaves that to the client to know).
    pub const fn never_arrived(self) -> bool {
        matches!(self, Self::NotConnected | Self::Withheld | Self::Incomplete)
    }
}

/// Makes HTTP requests: no redirects, no retries of its own, no logging of URLs or bodies.
#[async_trait]
pub trait HttpClient: Debug + Send + Sync + 'static {
    /// Makes one request once.
    ///
    /// # Errors
    /// [`HttpError`]; an answer with an error status is `Ok`.
    async fn execute(&self, request: HttpRequest) -> Result<http::Response<Bytes>, HttpError>;

    /// How many bytes of body a request may have that is begun when its lease leaves this much time.
    /// More would be withheld each time, so that whoever makes such a request may refuse it before.
    fn most_upload(&self, _left: Duration) -> usize {
        usize::MAX
    }
}

const _OBJECT_SAFE: Option<&dyn HttpClient> = None;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_request_tells_no_token_no_query_and_no_text() {
        let request = http::Request::post("https://user:pass@host.example:8443/token?code=query")
            .header("authorization", "Bearer header")
            .body(Bytes::from_static(b"refresh_token=body"))
            .unwrap();
        let request = HttpRequest {
            request,
            last_byte_before: None,
            timeout: Duration::from_secs(5),
        };
        let printed = format!("{request:?}");
        for secret in ["query", "header\"", "Bearer", "body", "pass"] {
            assert!(!printed.contains(secret), "{secret}: {printed}");
        }
        assert!(
            printed.contains("POST") && printed.contains("host.example/token"),
            "{printed}"
        );
        assert!(printed.contains("bytes: 18"), "{printed}");
    }
}
