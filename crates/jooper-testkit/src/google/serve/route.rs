//! From a path to the surface that answers it.

use super::super::accounts::authorize;
use super::super::gmail::{ApiError, batch, gmail};
use super::super::http::{SimRequest, SimResponse};
use super::super::token::{certs, discovery, revoke, token, userinfo};
use super::super::world::World;

/// Answers one request; what no surface knows is refused loudly and remembered.
pub(super) fn route(world: &mut World, request: &SimRequest) -> SimResponse {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/o/oauth2/v2/auth") => return authorize(world, request),
        ("GET", "/.well-known/openid-configuration") => return discovery(world),
        ("GET", "/oauth2/v3/certs") => return certs(world),
        ("POST", "/token") => return token(world, request),
        ("POST", "/revoke") => return revoke(world, request),
        ("GET" | "POST", "/v1/userinfo") => return userinfo(world, request),
        ("POST", "/batch" | "/batch/gmail/v1") => return batch(world, request),
        _ => {}
    }
    gmail(world, request).unwrap_or_else(|| {
        let call = format!("{} {}", request.method, request.path);
        world.unexpected.push(call.clone());
        world.touch();
        ApiError::unexpected(&call).response()
    })
}
