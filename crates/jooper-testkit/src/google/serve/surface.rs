//! One request on the Google listener, from its head to its last byte.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use jiff::Timestamp;

use super::super::faults::{self, Fault, FaultCall};
use super::super::gmail::ApiError;
use super::super::http::{SimRequest, SimResponse};
use super::super::rt;
use super::super::world::{Deed, World};
use super::Hub;
use super::body::response;
use super::listener::Conn;
use super::route::route;

/// Larger bodies are cut off; Gmail's own limit is below.
const BODY_LIMIT: usize = 64 << 20;

/// Answers a request, or does not, as the faults say.
pub(crate) async fn google(
    State(hub): State<Arc<Hub>>,
    ConnectInfo(conn): ConnectInfo<Conn>,
    request: Request,
) -> Response {
    if hub.is_closing() {
        return cut(&conn, true);
    }
    let (parts, body) = request.into_parts();
    let headers: Vec<(String, String)> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let mut request = SimRequest::new(parts.method.as_str(), target, headers, bytes::Bytes::new());
    let (faults, account) = decide(&hub, &request);
    if let Some(reset) = faults.iter().find_map(|fault| match fault {
        Fault::DropUnread => Some(false),
        Fault::ResetUnread => Some(true),
        _ => None,
    }) {
        return cut(&conn, reset);
    }
    let counted = account.map(|account| hub.begin(&account));
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        // The client stopped before the last byte: nothing was asked.
        return cut(&conn, false);
    };
    request.body = bytes;
    for fault in &faults {
        if let Fault::SlowToAccept(ms) = fault {
            rt::pause(Duration::from_millis(*ms)).await;
        }
    }
    if hub.is_closing() {
        return cut(&conn, true);
    }
    let (answer, compress) = answer(
        &hub,
        &request,
        &faults,
        counted.as_ref().map_or(0, |counted| counted.count),
    );
    for fault in &faults {
        match fault {
            Fault::CommitThenClose => return cut(&conn, false),
            Fault::CommitThenReset => return cut(&conn, true),
            Fault::CommitThenHang => pending::<()>().await,
            Fault::CommitThenPause(ms) => rt::pause(Duration::from_millis(*ms)).await,
            _ => {}
        }
    }
    response(answer, compress, &faults)
}

fn decide(hub: &Hub, request: &SimRequest) -> (Vec<Fault>, Option<String>) {
    let mut world = hub.peek();
    let account = request
        .bearer()
        .and_then(|token| world.grants.access.get(token))
        .and_then(|token| world.directory.users.get(&token.sub))
        .map(|user| user.email.clone());
    let (seed, now) = (world.seed, hub.clock.now_ms());
    let call = FaultCall {
        method: &request.method,
        path: &request.path,
        query: &request.query,
        account: account.as_deref(),
    };
    let faults = world.faults.decide(seed, now, &call);
    for fault in &faults {
        if let Fault::ClockJump(by) = fault {
            hub.clock.set(
                Timestamp::from_millisecond(now.saturating_add(*by)).unwrap_or(Timestamp::MAX),
            );
        }
    }
    if !faults.is_empty() {
        world.touch();
    }
    (faults, account)
}

fn answer(
    hub: &Hub,
    request: &SimRequest,
    faults: &[Fault],
    in_flight: u32,
) -> (SimResponse, bool) {
    let mut world = hub.enter();
    let crowded = world
        .knobs
        .concurrent_requests
        .is_some_and(|most| in_flight > most);
    let sends = world.ledger.accepted.len();
    let answer = if crowded {
        ApiError::concurrent().response()
    } else if let Some(canned) = faults::instead(world.now, faults) {
        canned
    } else {
        faults::before(&mut world, request, faults);
        route(&mut world, request)
    };
    if unanswered(faults) {
        mark_unanswered(&mut world, sends);
    }
    let answer = faults::after(&world, request, answer, faults);
    let wants = request
        .header("Accept-Encoding")
        .is_some_and(|value| value.contains("gzip"));
    let compress = world.knobs.gzip && wants;
    match hub.log(&mut world, || Deed::Request(request.clone())) {
        Ok(()) => (answer, compress),
        Err(error) => (
            ApiError::unexpected(&format!("losing its state: {error}")).response(),
            false,
        ),
    }
}

fn unanswered(faults: &[Fault]) -> bool {
    faults.iter().any(|fault| {
        matches!(
            fault,
            Fault::CommitThenClose
                | Fault::CommitThenReset
                | Fault::CommitThenHang
                | Fault::CommitThenStatus(_)
                | Fault::Truncate(_)
                | Fault::DuplicateChunk
        )
    })
}

fn mark_unanswered(world: &mut World, from: usize) {
    for send in world.ledger.accepted.iter_mut().skip(from) {
        send.answered = false;
    }
}

fn cut(conn: &Conn, reset: bool) -> Response {
    conn.cut(reset);
    response(SimResponse::new(500), false, &[])
}
