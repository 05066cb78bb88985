//! Pub/Sub push: the notification in its envelope, and the JWT that vouches for it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::faults::PushFault;
use super::super::knobs::SECOND;
use super::super::mime::base64url;
use super::super::world::{Errand, World};

/// Where a project's push subscription delivers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PushTarget {
    /// The URL that is posted to.
    pub endpoint: String,
    /// The `aud` of the JWT.
    pub audience: String,
    /// The `email` of the JWT.
    pub service_account: String,
    /// The subscription's full name.
    pub subscription: String,
}

impl PushTarget {
    /// A target whose audience is its own URL.
    #[must_use]
    pub fn new(project: &str, endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            audience: endpoint.to_owned(),
            service_account: format!("push@{project}.iam.gserviceaccount.com"),
            subscription: format!("projects/{project}/subscriptions/gmail"),
        }
    }
}

/// A push as it leaves: URL, bearer token, body.
#[derive(Debug)]
pub(crate) struct PushRequest {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) body: Value,
}

/// Writes the request of a push errand; `None` when its target or account is gone.
pub(crate) fn push_request(world: &World, errand: &Errand) -> Option<PushRequest> {
    let Errand::Push {
        message_id,
        sub,
        project,
        history_id,
        published_at,
        flaw,
        ..
    } = errand
    else {
        return None;
    };
    let target = world.pushes.get(project)?;
    let email = &world.directory.users.get(sub)?.email;
    // Gmail sends the id as a number here, unlike everywhere else.
    let data = base64url(
        json!({"emailAddress": email, "historyId": history_id})
            .to_string()
            .as_bytes(),
    );
    let at = jiff::Timestamp::from_millisecond(*published_at)
        .unwrap_or_default()
        .to_string();
    let id = message_id.to_string();
    let body = json!({
        "message": {"data": data, "messageId": id, "message_id": id, "publishTime": at, "publish_time": at},
        "subscription": target.subscription,
    });
    let shift = if *flaw == Some(PushFault::Expired) {
        -7_200
    } else {
        0
    };
    let now = world.now / SECOND + shift;
    let claims = json!({
        "iss": "https://accounts.google.com",
        "aud": if *flaw == Some(PushFault::WrongAudience) { "https://somebody.example/push" } else { &target.audience },
        "azp": "113774264463038321964",
        "sub": "113774264463038321964",
        "email": if *flaw == Some(PushFault::WrongAccount) { "push@another.iam.gserviceaccount.com" } else { &target.service_account },
        "email_verified": true,
        "iat": now,
        "exp": now + 3_600,
    });
    let token = match flaw {
        Some(PushFault::Forged) => world.keys.forge(&claims, false),
        Some(PushFault::UnknownKey) => world.keys.forge(&claims, true),
        _ => world.keys.sign(&claims),
    }?;
    Some(PushRequest {
        url: target.endpoint.clone(),
        token,
        body,
    })
}

/// Whether Pub/Sub takes that status for an acknowledgement.
pub(crate) fn acknowledged(status: u16) -> bool {
    matches!(status, 102 | 200 | 201 | 202 | 204)
}
