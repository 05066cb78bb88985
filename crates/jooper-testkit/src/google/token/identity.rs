//! Discovery, key set and userinfo.

use serde_json::json;

use super::super::http::{SimRequest, SimResponse};
use super::super::world::World;
use super::{EMAIL_URL, PROFILE_URL};

/// Answers `GET /.well-known/openid-configuration`, with this simulator's own endpoints.
pub(crate) fn discovery(world: &World) -> SimResponse {
    let root = &world.root;
    SimResponse::json(
        200,
        &json!({
            "issuer": "https://accounts.google.com",
            "authorization_endpoint": format!("{root}/o/oauth2/v2/auth"),
            "token_endpoint": format!("{root}/token"),
            "revocation_endpoint": format!("{root}/revoke"),
            "userinfo_endpoint": format!("{root}/v1/userinfo"),
            "jwks_uri": format!("{root}/oauth2/v3/certs"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }),
    )
}

/// Answers `GET /oauth2/v3/certs`.
pub(crate) fn certs(world: &World) -> SimResponse {
    let age = world.knobs.certs_max_age_seconds;
    SimResponse::json(200, &world.keys.jwks()).header(
        "Cache-Control",
        &format!("public, max-age={age}, must-revalidate, no-transform"),
    )
}

/// Answers `GET /v1/userinfo`.
pub(crate) fn userinfo(world: &World, request: &SimRequest) -> SimResponse {
    let token = request
        .bearer()
        .and_then(|text| world.grants.access.get(text))
        .filter(|token| world.now < token.expires_at);
    let user = token.and_then(|token| world.directory.users.get(&token.sub));
    let (Some(token), Some(user)) = (token, user) else {
        let body = json!({"error": "invalid_request", "error_description": "Invalid Credentials"});
        return SimResponse::json(401, &body).header(
            "WWW-Authenticate",
            "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
        );
    };
    let mut body = json!({"sub": user.sub});
    if token.scopes.iter().any(|scope| scope == EMAIL_URL) {
        body["email"] = json!(user.email);
        body["email_verified"] = json!(user.email_verified);
    }
    if token.scopes.iter().any(|scope| scope == PROFILE_URL) {
        body["name"] = json!(user.name);
    }
    if let Some(hd) = &user.hd {
        body["hd"] = json!(hd);
    }
    SimResponse::json(200, &body)
}
