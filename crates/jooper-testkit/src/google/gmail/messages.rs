//! `messages.list` and `messages.get`.

use serde_json::{Value, json};

use super::super::http::{SimRequest, SimResponse};
use super::super::mailbox::{Mailbox, Message, SPAM, TRASH};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;
use super::page::page;
use super::payload::{Format, message};
use super::search::Query;

/// The messages that a listing may show: `q` asks the lagging index, labels do not.
pub(super) fn matching<'a>(
    world: &'a World,
    mailbox: &'a Mailbox,
    request: &SimRequest,
) -> Vec<&'a Message> {
    let query = request
        .query("q")
        .filter(|q| !q.trim().is_empty())
        .map(|q| Query::parse(q, world.now));
    let labels = request.query_all("labelIds");
    let junk = request.query("includeSpamTrash") == Some("true")
        || labels.iter().any(|label| label == SPAM || label == TRASH)
        || query.as_ref().is_some_and(Query::names_junk);
    mailbox
        .newest_first()
        .into_iter()
        .filter(|m| m.listed_at <= world.now)
        .filter(|m| junk || !(m.labels.contains(SPAM) || m.labels.contains(TRASH)))
        .filter(|m| labels.iter().all(|label| m.labels.contains(label)))
        .filter(|m| {
            query.as_ref().is_none_or(|query| {
                m.indexed_at.is_some_and(|at| at <= world.now) && query.matches(m, &world.spool)
            })
        })
        .collect()
}

/// Answers `messages.list`.
pub(super) fn list(
    world: &World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    let mailbox = world
        .mailboxes
        .get(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let page = page(world, matching(world, mailbox, request), request, 100, 500)?;
    let mut body = json!({"resultSizeEstimate": page.total});
    if !page.items.is_empty() {
        body["messages"] = page
            .items
            .iter()
            .map(|m| json!({"id": m.id, "threadId": m.thread}))
            .collect::<Value>();
    }
    if let Some(next) = page.next {
        body["nextPageToken"] = json!(next);
    }
    Ok(SimResponse::json(200, &body))
}

/// Answers `messages.get`.
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
    .ok_or_else(|| ApiError::bad_request("Invalid value at 'format'"))?;
    let mailbox = world
        .mailboxes
        .get_mut(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let fetch = mailbox.next_fetch();
    let found = mailbox.messages.get(id).ok_or_else(ApiError::not_found)?;
    Ok(SimResponse::json(
        200,
        &message(&world.knobs, &world.spool, found, &format, fetch),
    ))
}
