//! `POST /batch/gmail/v1`: several calls in one request, each answered on its own.

use bytes::Bytes;

use super::super::draw::hex;
use super::super::http::{SimRequest, SimResponse, boundary_of, parts_of};
use super::super::world::World;
use super::error::ApiError;

/// Most calls in one batch.
const LIMIT: usize = 100;

/// Answers a batch; a part may be any Gmail call but another batch or an upload.
pub(crate) fn batch(world: &mut World, request: &SimRequest) -> SimResponse {
    let Some(boundary) = request.header("Content-Type").and_then(boundary_of) else {
        return ApiError::bad_request("Failed to parse batch request, error: no boundary")
            .response();
    };
    let parts = parts_of(&request.body, &boundary);
    if parts.is_empty() || parts.len() > LIMIT {
        return ApiError::bad_request("The batch request must have between 1 and 100 calls")
            .response();
    }
    let out = format!(
        "batch_{}",
        hex(
            world.seed,
            &["batch", &boundary, &world.now.to_string()],
            32
        )
    );
    let mut body = Vec::new();
    for part in &parts {
        let answer = match inner(&part.body, request) {
            Some(call) => super::gmail(world, &call).unwrap_or_else(|| {
                let name = format!("{} {}", call.method, call.path);
                world.unexpected.push(name.clone());
                ApiError::unexpected(&name).response()
            }),
            None => ApiError::bad_request("Failed to parse batch part").response(),
        };
        body.extend_from_slice(format!("--{out}\r\nContent-Type: application/http\r\n").as_bytes());
        if let Some(id) = part.header("Content-ID") {
            let id = id.trim().trim_start_matches('<');
            body.extend_from_slice(format!("Content-ID: <response-{id}\r\n").as_bytes());
        }
        body.extend_from_slice(b"\r\n");
        body.extend_from_slice(&in_wire_form(&answer));
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{out}--\r\n").as_bytes());
    SimResponse::new(200)
        .header("Content-Type", &format!("multipart/mixed; boundary={out}"))
        .body(body)
}

/// Reads the HTTP request inside a part; credentials of the outer request hold for those that bring none.
fn inner(bytes: &[u8], outer: &SimRequest) -> Option<SimRequest> {
    let end = bytes.iter().position(|b| *b == b'\n')?;
    let line = String::from_utf8_lossy(&bytes[..end]);
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?, words.next()?);
    let target = match url::Url::parse(target) {
        Ok(url) => format!(
            "{}{}",
            url.path(),
            url.query().map(|q| format!("?{q}")).unwrap_or_default()
        ),
        Err(_) => target.to_owned(),
    };
    let rest = super::super::mime::Mail::parse(&bytes[end + 1..]);
    let mut headers: Vec<(String, String)> = rest
        .fields
        .iter()
        .map(|field| (field.name.clone(), field.value()))
        .collect();
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        && let Some(token) = outer.header("Authorization")
    {
        headers.push(("Authorization".to_owned(), token.to_owned()));
    }
    let call = SimRequest::new(method, &target, headers, Bytes::from(rest.body));
    (!call.path.starts_with("/upload/") && !call.path.starts_with("/batch")).then_some(call)
}

fn in_wire_form(answer: &SimResponse) -> Vec<u8> {
    let reason = http::StatusCode::from_u16(answer.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let mut out = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    for (name, value) in &answer.headers {
        out.push_str(&format!("{name}: {value}\r\n"));
    }
    out.push_str(&format!("Content-Length: {}\r\n\r\n", answer.body.len()));
    let mut out = out.into_bytes();
    out.extend_from_slice(&answer.body);
    out
}
