//! `threads.list` and `threads.get`.

use serde_json::{Value, json};

use super::super::http::{SimRequest, SimResponse};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;
use super::messages::matching;
use super::page::page;
use super::payload::{Format, message};

/// Answers `threads.list`: threads with a matching message, the newest first.
pub(super) fn list(
    world: &World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    let mailbox = world
        .mailboxes
        .get(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let mut threads: Vec<&str> = Vec::new();
    for found in matching(world, mailbox, request) {
        if !threads.contains(&found.thread.as_str()) {
            threads.push(&found.thread);
        }
    }
    let page = page(world, threads, request, 100, 500)?;
    let newest = |thread: &str| {
        mailbox
            .threads
            .get(thread)
            .into_iter()
            .flatten()
            .filter_map(|id| mailbox.messages.get(id))
            .max_by_key(|m| (m.internal_ms, m.order))
    };
    let mut body = json!({"resultSizeEstimate": page.total});
    if !page.items.is_empty() {
        body["threads"] = page
            .items
            .iter()
            .filter_map(|thread| newest(thread).map(|m| json!({"id": thread, "snippet": m.snippet, "historyId": m.history_id.to_string()})))
            .collect::<Value>();
    }
    if let Some(next) = page.next {
        body["nextPageToken"] = json!(next);
    }
    Ok(SimResponse::json(200, &body))
}

/// Answers `threads.get`; there is no raw form of a thread.
pub(super) fn get(
    world: &mut World,
    caller: &Caller,
    request: &SimRequest,
    id: &str,
) -> Result<SimResponse, ApiError> {
    let format = Format::read(
        request.query("format"),
        request.query_all("metadataHeaders"),
    )
    .filter(|format| *format != Format::Raw)
    .ok_or_else(|| ApiError::bad_request("Invalid value at 'format'"))?;
    let mailbox = world
        .mailboxes
        .get_mut(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let fetch = mailbox.next_fetch();
    let members = mailbox.threads.get(id).ok_or_else(ApiError::not_found)?;
    let found: Vec<_> = members
        .iter()
        .filter_map(|id| mailbox.messages.get(id))
        .collect();
    let history = found.iter().map(|m| m.history_id).max().unwrap_or(0);
    let messages: Vec<Value> = found
        .iter()
        .map(|m| message(&world.knobs, &world.spool, m, &format, fetch))
        .collect();
    Ok(SimResponse::json(
        200,
        &json!({"id": id, "historyId": history.to_string(), "messages": messages}),
    ))
}
