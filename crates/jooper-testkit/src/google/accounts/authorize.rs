//! The authorisation endpoint: checks the request as Google does, then answers as the account's
//! owner was scripted to.

use std::collections::BTreeSet;

use super::super::http::{SimRequest, SimResponse};
use super::super::token::{Code, GMAIL_SCOPES, canonical_scope, is_identity_scope};
use super::super::world::World;
use super::page::{chooser, refusal};
use super::{ClientSpec, ConsentScript, ProjectSpec, PublishingStatus, UserSpec};

/// Answers `GET /o/oauth2/v2/auth`.
pub(crate) fn authorize(world: &mut World, request: &SimRequest) -> SimResponse {
    let Some(client) = request
        .query("client_id")
        .and_then(|id| world.directory.clients.get(id))
        .cloned()
    else {
        return refusal(401, "invalid_client", "The OAuth client was not found.");
    };
    let Some(redirect) = request
        .query("redirect_uri")
        .filter(|uri| client.allows(uri))
        .map(str::to_owned)
    else {
        return refusal(
            400,
            "redirect_uri_mismatch",
            "The redirect URI in the request does not match one of the client.",
        );
    };
    if request.query("response_type") != Some("code") {
        return refusal(
            400,
            "unsupported_response_type",
            "Only response_type=code is simulated.",
        );
    }
    let asked: Vec<String> = request
        .query("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(canonical_scope)
        .collect();
    if asked.is_empty() {
        return refusal(400, "invalid_request", "Missing required parameter: scope");
    }
    if let Some(bad) = asked
        .iter()
        .find(|scope| !is_identity_scope(scope) && !GMAIL_SCOPES.contains(&scope.as_str()))
    {
        return refusal(
            400,
            "invalid_scope",
            &format!("Some requested scopes were invalid: {bad}"),
        );
    }
    if request.query("code_challenge").is_none() && client.client_secret.is_none() {
        return refusal(
            400,
            "invalid_request",
            "A public client needs a code_challenge.",
        );
    }
    if !matches!(
        request.query("code_challenge_method"),
        None | Some("S256" | "plain")
    ) {
        return refusal(
            400,
            "invalid_request",
            "code_challenge_method must be S256 or plain.",
        );
    }
    let Some(user) = choose(world, request) else {
        return chooser(&world.directory, &request.query);
    };
    decide(world, request, &client, &redirect, asked, user)
}

fn choose(world: &World, request: &SimRequest) -> Option<UserSpec> {
    let directory = &world.directory;
    if let Some(hint) = request.query("login_hint") {
        return directory.find(hint).cloned();
    }
    if request
        .query("prompt")
        .is_some_and(|prompt| prompt.contains("select_account"))
    {
        return None;
    }
    match (&directory.signed_in, directory.users.len()) {
        (Some(sub), _) => directory.users.get(sub).cloned(),
        (None, 1) => directory.users.values().next().cloned(),
        _ => None,
    }
}

fn decide(
    world: &mut World,
    request: &SimRequest,
    client: &ClientSpec,
    redirect: &str,
    asked: Vec<String>,
    user: UserSpec,
) -> SimResponse {
    let queue = world
        .directory
        .consents
        .entry(user.sub.clone())
        .or_default();
    let script = if queue.is_empty() {
        ConsentScript::Approve
    } else {
        queue.remove(0)
    };
    world.touch();
    let (user, granted): (UserSpec, Vec<String>) = match script {
        ConsentScript::Deny => return back(redirect, &[("error", "access_denied")], request),
        ConsentScript::Fail(code) => return back(redirect, &[("error", &code)], request),
        ConsentScript::Approve => (user, asked),
        ConsentScript::Untick(left) => {
            let left: BTreeSet<String> = left.iter().map(|scope| canonical_scope(scope)).collect();
            (
                user,
                asked
                    .into_iter()
                    .filter(|scope| !left.contains(scope))
                    .collect(),
            )
        }
        ConsentScript::OtherAccount(email) => match world.directory.find(&email).cloned() {
            Some(other) => (other, asked),
            None => return refusal(400, "invalid_account", "The simulator has no such account."),
        },
    };
    let Some(project) = world.directory.projects.get(&client.project).cloned() else {
        return refusal(
            400,
            "invalid_client",
            "The client's project does not exist.",
        );
    };
    if let Some(error) = barred(world, &project, &user) {
        return match error {
            Barred::Redirect(code) => back(redirect, &[("error", code)], request),
            Barred::Page(text) => refusal(403, "access_denied", text),
        };
    }
    let merge = request.query("include_granted_scopes") == Some("true");
    let scopes = world
        .grants
        .consent(&user.sub, &project, granted, merge, world.now);
    let offline = request.query("access_type") == Some("offline");
    let prompted = request
        .query("prompt")
        .is_some_and(|prompt| prompt.contains("consent"));
    // Google hands out a refresh token at the first consent only, unless the screen was forced.
    let refreshable =
        offline && (prompted || !world.grants.had_refresh(&user.sub, &client.client_id));
    let code = world.grants.new_code(
        world.seed,
        Code {
            client_id: client.client_id.clone(),
            sub: user.sub.clone(),
            redirect_uri: redirect.to_owned(),
            scopes: scopes.clone(),
            nonce: request.query("nonce").map(str::to_owned),
            challenge: request.query("code_challenge").map(str::to_owned),
            plain: request.query("code_challenge_method") != Some("S256"),
            refreshable,
            issued_at: world.now,
            used: false,
        },
    );
    let scope = scopes.join(" ");
    let mut answer = vec![
        ("code", code.as_str()),
        ("scope", scope.as_str()),
        ("authuser", "0"),
    ];
    if let Some(hd) = &user.hd {
        answer.push(("hd", hd));
    }
    answer.push(("prompt", if prompted { "consent" } else { "none" }));
    back(redirect, &answer, request)
}

enum Barred {
    Redirect(&'static str),
    Page(&'static str),
}

fn barred(world: &World, project: &ProjectSpec, user: &UserSpec) -> Option<Barred> {
    if user.admin_policy_enforced {
        return Some(Barred::Redirect("admin_policy_enforced"));
    }
    if project.status == PublishingStatus::Internal && user.hd != project.domain {
        return Some(Barred::Redirect("org_internal"));
    }
    if project.status == PublishingStatus::Testing
        && !project.test_users.is_empty()
        && !project.test_users.contains(&user.email)
    {
        return Some(Barred::Page(
            "The app is being tested and can only be used by developer-approved testers.",
        ));
    }
    let known = world.grants.has_grant(&user.sub, &project.id);
    if project
        .user_cap
        .is_some_and(|cap| !known && world.grants.users_of(&project.id) >= cap)
    {
        return Some(Barred::Page("The app has reached its limit of users."));
    }
    None
}

fn back(redirect: &str, answer: &[(&str, &str)], request: &SimRequest) -> SimResponse {
    let Ok(mut target) = url::Url::parse(redirect) else {
        return refusal(400, "invalid_request", "The redirect URI is no URL.");
    };
    {
        let mut pairs = target.query_pairs_mut();
        if let Some(state) = request.query("state") {
            pairs.append_pair("state", state);
        }
        pairs.append_pair("iss", "https://accounts.google.com");
        pairs.extend_pairs(answer);
    }
    SimResponse::new(302).header("Location", target.as_str())
}
