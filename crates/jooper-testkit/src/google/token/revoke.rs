//! `POST /revoke`: ends every grant of the user in the token's whole project.

use serde_json::json;

use super::super::http::{SimRequest, SimResponse};
use super::super::world::World;
use super::DeathCause;
use super::endpoint::oauth_error;

/// Answers the revocation endpoint; the token may be of either kind, in the query or in the form.
pub(crate) fn revoke(world: &mut World, request: &SimRequest) -> SimResponse {
    let form = request.form();
    let text = request.query("token").or_else(|| {
        form.iter()
            .find(|(key, _)| key == "token")
            .map(|(_, value)| value.as_str())
    });
    let Some(text) = text else {
        return oauth_error(
            400,
            "invalid_request",
            "Missing required parameter: token",
            None,
        );
    };
    let access = world
        .grants
        .access
        .get(text)
        .filter(|token| world.now < token.expires_at)
        .map(|token| (token.sub.clone(), token.project.clone()));
    let refresh = world
        .grants
        .refresh
        .get(text)
        .filter(|token| token.death(world.now).is_none())
        .map(|token| (token.sub.clone(), token.project.clone()));
    let Some((sub, project)) = access.or(refresh) else {
        return oauth_error(400, "invalid_token", "Token expired or revoked", None);
    };
    world
        .grants
        .end_project(&sub, &project, DeathCause::UserRevoked);
    if let Some(mailbox) = world.mailboxes.get_mut(&sub) {
        mailbox.watches.remove(&project);
    }
    world.touch();
    SimResponse::json(200, &json!({}))
}
