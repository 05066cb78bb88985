//! `POST /token`: codes and refresh tokens in, access tokens out.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::super::accounts::ClientSpec;
use super::super::http::{SimRequest, SimResponse, percent_decode};
use super::super::knobs::SECOND;
use super::super::world::World;
use super::grants::{Code, Refresh, planned_end};
use super::{canonical_scope, jwt, spell};

/// Answers the token endpoint.
pub(crate) fn token(world: &mut World, request: &SimRequest) -> SimResponse {
    let form = request.form();
    let client = match authenticate(world, request, &form) {
        Ok(client) => client,
        Err(answer) => return answer,
    };
    match field(&form, "grant_type") {
        Some("authorization_code") => exchange(world, &form, &client),
        Some("refresh_token") => refresh(world, &form, &client),
        Some(_) => oauth_error(400, "unsupported_grant_type", "Invalid grant_type", None),
        None => oauth_error(
            400,
            "invalid_request",
            "Missing required parameter: grant_type",
            None,
        ),
    }
}

/// The error form of RFC 6749 section 5.2, with Google's `error_subtype`.
pub(crate) fn oauth_error(
    status: u16,
    error: &str,
    description: &str,
    subtype: Option<&str>,
) -> SimResponse {
    let mut body = json!({"error": error, "error_description": description});
    if let Some(subtype) = subtype {
        body["error_subtype"] = json!(subtype);
    }
    SimResponse::json(status, &body).header("Cache-Control", "no-store")
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

fn authenticate(
    world: &World,
    request: &SimRequest,
    form: &[(String, String)],
) -> Result<ClientSpec, SimResponse> {
    let basic = request
        .header("Authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value.trim()).ok());
    let pair = basic.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let (id, secret) = match pair.as_deref().and_then(|pair| pair.split_once(':')) {
        // RFC 6749 section 2.3.1: both halves are form-encoded before they are joined.
        Some((id, secret)) => (percent_decode(id), Some(percent_decode(secret))),
        None => (
            field(form, "client_id").unwrap_or_default().to_owned(),
            field(form, "client_secret").map(str::to_owned),
        ),
    };
    let Some(client) = world.directory.clients.get(&id) else {
        return Err(oauth_error(
            401,
            "invalid_client",
            "The OAuth client was not found.",
            None,
        ));
    };
    if client.client_secret.is_some() && client.client_secret != secret {
        return Err(oauth_error(
            401,
            "invalid_client",
            "The provided client secret is invalid.",
            None,
        ));
    }
    Ok(client.clone())
}

fn exchange(world: &mut World, form: &[(String, String)], client: &ClientSpec) -> SimResponse {
    let text = field(form, "code").unwrap_or_default();
    let Some(code) = world
        .grants
        .codes
        .get(text)
        .filter(|code| {
            code.live(world.now, world.knobs.code_seconds) && code.client_id == client.client_id
        })
        .cloned()
    else {
        return oauth_error(400, "invalid_grant", "Malformed auth code.", None);
    };
    if field(form, "redirect_uri") != Some(&code.redirect_uri) {
        return oauth_error(400, "redirect_uri_mismatch", "Bad Request", None);
    }
    if let Err(why) = check_verifier(&code, field(form, "code_verifier")) {
        return oauth_error(400, "invalid_grant", why, None);
    }
    if let Some(code) = world.grants.codes.get_mut(text) {
        code.used = true;
    }
    world.touch();
    let Some(project) = world.directory.projects.get(&client.project).cloned() else {
        return oauth_error(401, "invalid_client", "The project was deleted.", None);
    };
    let token = Refresh {
        client_id: client.client_id.clone(),
        project: client.project.clone(),
        sub: code.sub.clone(),
        scopes: code.scopes.clone(),
        issued_at: world.now,
        used_at: world.now,
        order: 0,
        ends_at: planned_end(&project, &code.scopes, world.now),
        dead: None,
    };
    let mut answer = grant_access(world, &token, code.scopes.clone(), code.nonce.as_deref());
    if code.refreshable {
        if let Some((at, _)) = token.ends_at.filter(|_| project.grant_days.is_some()) {
            answer["refresh_token_expires_in"] = json!((at - world.now) / SECOND);
        }
        let cap = world.knobs.refresh_tokens_per_client;
        answer["refresh_token"] = json!(world.grants.new_refresh(world.seed, token, cap));
    }
    SimResponse::json(200, &answer).header("Cache-Control", "no-store")
}

/// RFC 7636 section 4.6.
fn check_verifier(code: &Code, verifier: Option<&str>) -> Result<(), &'static str> {
    let Some(challenge) = &code.challenge else {
        return Ok(());
    };
    let verifier = verifier.ok_or("Missing code verifier.")?;
    let computed = if code.plain {
        verifier.to_owned()
    } else {
        URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
    };
    if computed == *challenge {
        Ok(())
    } else {
        Err("Invalid code verifier.")
    }
}

fn refresh(world: &mut World, form: &[(String, String)], client: &ClientSpec) -> SimResponse {
    let now = world.now;
    let text = field(form, "refresh_token").unwrap_or_default();
    let Some(token) = world
        .grants
        .refresh
        .get_mut(text)
        .filter(|token| token.client_id == client.client_id)
    else {
        return oauth_error(400, "invalid_grant", "Bad Request", None);
    };
    if let Some(cause) = token.death(now) {
        token.dead = Some(cause);
        world.touch();
        return oauth_error(400, "invalid_grant", cause.description(), cause.subtype());
    }
    token.used_at = now;
    let token = token.clone();
    let wanted: Option<Vec<String>> =
        field(form, "scope").map(|scope| scope.split_whitespace().map(canonical_scope).collect());
    if wanted
        .as_ref()
        .is_some_and(|wanted| wanted.iter().any(|scope| !token.scopes.contains(scope)))
    {
        return oauth_error(
            400,
            "invalid_scope",
            "Some requested scopes were invalid.",
            None,
        );
    }
    world.touch();
    let scopes = wanted.unwrap_or_else(|| token.scopes.clone());
    let mut answer = grant_access(world, &token, scopes, None);
    if let Some((at, _)) = token
        .ends_at
        .filter(|(_, cause)| *cause == super::DeathCause::GrantExpired)
    {
        answer["refresh_token_expires_in"] = json!((at - now) / SECOND);
    }
    SimResponse::json(200, &answer).header("Cache-Control", "no-store")
}

fn grant_access(
    world: &mut World,
    token: &Refresh,
    scopes: Vec<String>,
    nonce: Option<&str>,
) -> Value {
    let lifetime = world.knobs.access_token_seconds;
    let scope = spell(&scopes, world.knobs.expand_identity_scopes);
    let openid = scopes.iter().any(|scope| scope == "openid");
    let access = world
        .grants
        .new_access(world.seed, lifetime, token, scopes.clone(), world.now);
    let mut answer = json!({"access_token": access, "expires_in": lifetime, "scope": scope, "token_type": "Bearer"});
    if openid && let Some(id_token) = jwt::id_token(world, token, &scopes, &access, nonce) {
        answer["id_token"] = json!(id_token);
    }
    answer
}
