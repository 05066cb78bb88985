//! `getProfile`, `labels.list` and `labels.get`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::http::SimResponse;
use super::super::mailbox::{Mailbox, Message, UNREAD};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;

const SYSTEM: [&str; 13] = [
    "CHAT",
    "SENT",
    "INBOX",
    "IMPORTANT",
    "TRASH",
    "DRAFT",
    "SPAM",
    "CATEGORY_FORUMS",
    "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL",
    "CATEGORY_PROMOTIONS",
    "STARRED",
    "UNREAD",
];

/// Answers `getProfile`.
pub(super) fn profile(world: &World, caller: &Caller) -> Result<SimResponse, ApiError> {
    let mailbox = mailbox(world, caller)?;
    Ok(SimResponse::json(
        200,
        &json!({
            "emailAddress": caller.email,
            "messagesTotal": mailbox.messages.len(),
            "threadsTotal": mailbox.threads.len(),
            "historyId": mailbox.history_id.to_string(),
        }),
    ))
}

/// Answers `labels.list`, which counts nothing.
pub(super) fn list(world: &World, caller: &Caller) -> Result<SimResponse, ApiError> {
    let mailbox = mailbox(world, caller)?;
    let own = mailbox
        .user_labels
        .iter()
        .map(|(id, name)| json!({"id": id, "name": name, "type": "user"}));
    let labels: Vec<Value> = SYSTEM
        .iter()
        .map(|id| json!({"id": id, "name": id, "type": "system"}))
        .chain(own)
        .collect();
    Ok(SimResponse::json(200, &json!({"labels": labels})))
}

/// Answers `labels.get`, which does.
pub(super) fn get(world: &World, caller: &Caller, id: &str) -> Result<SimResponse, ApiError> {
    let mailbox = mailbox(world, caller)?;
    let (name, kind) = match mailbox.user_labels.get(id) {
        Some(name) => (name.as_str(), "user"),
        None if SYSTEM.contains(&id) => (id, "system"),
        None => return Err(ApiError::not_found()),
    };
    let under: Vec<&Message> = mailbox
        .messages
        .values()
        .filter(|m| m.labels.contains(id))
        .collect();
    let threads = |unread: bool| {
        under
            .iter()
            .filter(|m| !unread || m.labels.contains(UNREAD))
            .map(|m| &m.thread)
            .collect::<BTreeSet<_>>()
            .len()
    };
    Ok(SimResponse::json(
        200,
        &json!({
            "id": id, "name": name, "type": kind,
            "messagesTotal": under.len(),
            "messagesUnread": under.iter().filter(|m| m.labels.contains(UNREAD)).count(),
            "threadsTotal": threads(false),
            "threadsUnread": threads(true),
        }),
    ))
}

fn mailbox<'a>(world: &'a World, caller: &Caller) -> Result<&'a Mailbox, ApiError> {
    world
        .mailboxes
        .get(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)
}
