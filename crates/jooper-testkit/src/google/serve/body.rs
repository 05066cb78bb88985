//! From an answer to bytes on the wire, slowly or wrongly where a fault says so.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue};

use super::super::faults::Fault;
use super::super::http::{SimResponse, gzip_stored};
use super::super::rt;

/// Builds the response of an answer.
pub(super) fn response(mut answer: SimResponse, compress: bool, faults: &[Fault]) -> Response {
    if compress && answer.is_json() && !answer.body.is_empty() {
        answer.body = gzip_stored(&answer.body);
        answer = answer.header(CONTENT_ENCODING.as_str(), "gzip");
    }
    let bytes = Bytes::from(answer.body);
    let mut response = Response::new(body(&bytes, faults));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
    // A body that breaks off has promised its whole length before.
    if faults
        .iter()
        .any(|fault| matches!(fault, Fault::Truncate(_)))
    {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    response
}

fn body(bytes: &Bytes, faults: &[Fault]) -> Body {
    for fault in faults {
        match fault {
            Fault::Truncate(keep) => {
                let kept = bytes.slice(..(*keep).min(bytes.len().saturating_sub(1)));
                let pieces: Vec<io::Result<Bytes>> =
                    vec![Ok(kept), Err(io::ErrorKind::ConnectionReset.into())];
                return Body::from_stream(stream::iter(pieces).then(|piece| async {
                    // The kept part must have left before the break.
                    rt::pause(Duration::from_millis(5)).await;
                    piece
                }));
            }
            Fault::Trickle {
                bytes: size,
                pause_ms,
            } => {
                let (size, pause) = ((*size).max(1), Duration::from_millis(*pause_ms));
                let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
                return Body::from_stream(stream::iter(pieces).then(move |piece| async move {
                    rt::pause(pause).await;
                    Ok::<_, Infallible>(piece)
                }));
            }
            Fault::DuplicateChunk => {
                let half = bytes.slice(..bytes.len() / 2);
                let pieces = [half.clone(), half, bytes.slice(bytes.len() / 2..)];
                return Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)));
            }
            _ => {}
        }
    }
    Body::from(bytes.clone())
}
