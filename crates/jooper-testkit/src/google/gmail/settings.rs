//! The settings that `gmail.readonly` may read.

use serde_json::{Value, json};

use super::super::accounts::UserSpec;
use super::super::http::SimResponse;
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;

/// Answers `settings.sendAs.list`.
pub(super) fn list_send_as(world: &World, caller: &Caller) -> Result<SimResponse, ApiError> {
    Ok(SimResponse::json(
        200,
        &json!({"sendAs": entries(user(world, caller)?)}),
    ))
}

/// Answers `settings.sendAs.get`.
pub(super) fn get_send_as(
    world: &World,
    caller: &Caller,
    email: &str,
) -> Result<SimResponse, ApiError> {
    let wanted = email.to_lowercase();
    let found = entries(user(world, caller)?)
        .into_iter()
        .find(|entry| entry["sendAsEmail"] == json!(wanted));
    found
        .map(|entry| SimResponse::json(200, &entry))
        .ok_or_else(ApiError::not_found)
}

fn entries(user: &UserSpec) -> Vec<Value> {
    // The primary address has no verificationStatus: it is the account itself.
    let primary = json!({"sendAsEmail": user.email, "displayName": user.name, "replyToAddress": "", "signature": "", "isPrimary": true, "isDefault": true});
    let alias = |email: &String, status: &str| json!({"sendAsEmail": email, "displayName": user.name, "replyToAddress": "", "signature": "", "treatAsAlias": true, "verificationStatus": status});
    let accepted = user.aliases.iter().map(|email| alias(email, "accepted"));
    let pending = user
        .pending_aliases
        .iter()
        .map(|email| alias(email, "pending"));
    std::iter::once(primary)
        .chain(accepted)
        .chain(pending)
        .collect()
}

/// Answers `drafts.list`: the simulated accounts keep no drafts.
pub(super) fn list_drafts() -> SimResponse {
    SimResponse::json(200, &json!({"resultSizeEstimate": 0}))
}

/// Answers the settings that exist once per mailbox, all at their defaults.
pub(super) fn get(world: &World, caller: &Caller, path: &str) -> SimResponse {
    let body = match path.rsplit('/').next().unwrap_or_default() {
        "vacation" => {
            json!({"enableAutoReply": false, "restrictToContacts": false, "restrictToDomain": false})
        }
        "autoForwarding" => json!({"enabled": false}),
        "imap" => {
            json!({"enabled": true, "autoExpunge": true, "expungeBehavior": "archive", "maxFolderSize": 0})
        }
        "pop" => json!({"accessWindow": "disabled", "disposition": "leaveInInbox"}),
        "language" => {
            json!({"displayLanguage": world.directory.users.get(&caller.sub).map_or("en", |user| user.locale.as_str())})
        }
        _ => json!({}),
    };
    SimResponse::json(200, &body)
}

fn user<'a>(world: &'a World, caller: &Caller) -> Result<&'a UserSpec, ApiError> {
    world
        .directory
        .users
        .get(&caller.sub)
        .ok_or_else(ApiError::credentials)
}
