//! Who calls, and whether they may.

use super::super::http::SimRequest;
use super::super::token::{READ_SCOPE, SEND_SCOPE};
use super::super::world::World;
use super::calls::{Call, Method};
use super::error::ApiError;

/// The bearer of a live access token.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) sub: String,
    pub(super) email: String,
    pub(super) project: String,
    scopes: Vec<String>,
}

/// Finds the account behind the bearer token.
pub(super) fn authenticate(world: &World, request: &SimRequest) -> Result<Caller, ApiError> {
    let token = request
        .bearer()
        .and_then(|text| world.grants.access.get(text))
        .filter(|token| world.now < token.expires_at || !world.knobs.reject_bearer);
    let token = token.ok_or_else(ApiError::credentials)?;
    let user = world
        .directory
        .users
        .get(&token.sub)
        .ok_or_else(ApiError::credentials)?;
    Ok(Caller {
        sub: user.sub.clone(),
        email: user.email.clone(),
        project: token.project.clone(),
        scopes: token.scopes.clone(),
    })
}

/// Checks scope, mailbox and the account's state.
pub(super) fn allow(world: &World, caller: &Caller, call: &Call) -> Result<(), ApiError> {
    let needed = match call.method {
        Method::Send | Method::UploadSend => SEND_SCOPE,
        Method::NotOurs => return Err(missing_scope(world)),
        _ => READ_SCOPE,
    };
    if !caller.scopes.iter().any(|scope| scope == needed) {
        return Err(missing_scope(world));
    }
    if call.user != "me" && call.user.to_lowercase() != caller.email {
        return Err(ApiError::delegation(&call.user));
    }
    let user = world
        .directory
        .users
        .get(&caller.sub)
        .ok_or_else(ApiError::credentials)?;
    if !user.gmail_enabled {
        return Err(ApiError::no_mail_service());
    }
    if user.gmail_apps_blocked {
        return Err(ApiError::domain_policy());
    }
    if call.method == Method::GetProfile && !world.knobs.profile_available {
        return Err(ApiError::not_found());
    }
    Ok(())
}

fn missing_scope(world: &World) -> ApiError {
    if world.knobs.scope_error_details {
        ApiError::scope()
    } else {
        ApiError::scope().without_details()
    }
}
