//! `messages.attachments.get`.

use serde_json::json;

use super::super::http::SimResponse;
use super::super::mime::{Part, base64url};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;
use super::payload::read_attachment_id;

/// Answers with one part's bytes; every id ever given out for it works.
pub(super) fn get(
    world: &World,
    caller: &Caller,
    message: &str,
    id: &str,
) -> Result<SimResponse, ApiError> {
    let stored = world
        .mailboxes
        .get(&caller.sub)
        .and_then(|mailbox| mailbox.messages.get(message))
        .ok_or_else(ApiError::not_found)?;
    let (owner, part_id) =
        read_attachment_id(id).ok_or_else(|| ApiError::bad_request("Invalid attachment token"))?;
    if owner != message {
        return Err(ApiError::bad_request("Invalid attachment token"));
    }
    let root = Part::parse(&world.spool.get(stored.raw));
    let part = root
        .find(&part_id)
        .ok_or_else(|| ApiError::bad_request("Invalid attachment token"))?;
    Ok(SimResponse::json(
        200,
        &json!({"size": part.content.len(), "data": base64url(&part.content)}),
    ))
}
