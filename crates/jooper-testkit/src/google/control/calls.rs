//! Calls that change the world; bodies and answers are JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::accounts::{ClientSpec, ConsentScript, ProjectSpec, UserSpec};
use super::super::faults::FaultRule;
use super::super::gmail::PushTarget;
use super::super::knobs::Knobs;
use super::super::mime::decode_base64url;
use super::super::population::{Behavior, Inbound, Mix, perform, set_behavior};
use super::super::serve::Hub;
use super::super::token::DeathCause;
use super::super::world::World;

pub(super) type Shared = State<Arc<Hub>>;

/// Either JSON, or a refusal that says what was wrong.
pub(super) type Answer = Result<Json<Value>, Refusal>;

/// A control call that cannot be done.
pub(super) struct Refusal(pub(super) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(json!({"error": self.0})),
        )
            .into_response()
    }
}

fn change(hub: &Hub, change: impl FnOnce(&mut World) -> Result<Value, String>) -> Answer {
    let mut world = hub.enter();
    let done = change(&mut world).map_err(Refusal)?;
    world.touch();
    hub.save(&mut world)
        .map_err(|error| Refusal(error.to_string()))?;
    Ok(Json(done))
}

pub(super) fn sub_of(world: &World, account: &str) -> Result<String, String> {
    world
        .directory
        .find(account)
        .map(|user| user.sub.clone())
        .ok_or_else(|| format!("no account {account}"))
}

#[derive(Deserialize)]
pub(super) struct MoveClock {
    set: Option<Timestamp>,
    advance_ms: Option<i64>,
}

pub(super) async fn move_clock(State(hub): Shared, Json(body): Json<MoveClock>) -> Json<Value> {
    if let Some(to) = body.set {
        hub.clock.set(to);
    }
    if let Some(by) = body.advance_ms {
        let target = hub.clock.now_ms().saturating_add(by);
        hub.clock
            .set(Timestamp::from_millisecond(target).unwrap_or(Timestamp::MAX));
    }
    hub.run_errands().await;
    super::look::clock(State(hub)).await
}

pub(super) async fn settle(State(hub): Shared) -> Json<Value> {
    hub.run_errands().await;
    Json(json!({}))
}

pub(super) async fn add_user(State(hub): Shared, Json(body): Json<Value>) -> Answer {
    // An address is enough; any trait may be given on top.
    let email = body
        .get("email")
        .and_then(Value::as_str)
        .ok_or_else(|| Refusal("email is missing".to_owned()))?;
    let mut spec = json!(UserSpec::new(email));
    for (key, value) in body.as_object().into_iter().flatten() {
        spec[key] = value.clone();
    }
    let user: UserSpec =
        serde_json::from_value(spec).map_err(|error| Refusal(error.to_string()))?;
    change(&hub, |world| Ok(json!({"sub": world.add_user(user)})))
}

pub(super) async fn add_project(State(hub): Shared, Json(project): Json<ProjectSpec>) -> Answer {
    change(&hub, |world| {
        world.directory.projects.insert(project.id.clone(), project);
        Ok(json!({}))
    })
}

pub(super) async fn add_client(State(hub): Shared, Json(client): Json<ClientSpec>) -> Answer {
    change(&hub, |world| {
        world
            .directory
            .clients
            .insert(client.client_id.clone(), client);
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct Consent {
    account: String,
    script: ConsentScript,
}

pub(super) async fn consent(State(hub): Shared, Json(body): Json<Consent>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        world
            .directory
            .consents
            .entry(sub)
            .or_default()
            .push(body.script);
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct EndGrants {
    account: String,
    cause: DeathCause,
}

pub(super) async fn end_grants(State(hub): Shared, Json(body): Json<EndGrants>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        world.grants.end_user(&sub, body.cause);
        Ok(json!({}))
    })
}

pub(super) async fn rotate_keys(State(hub): Shared) -> Answer {
    change(&hub, |world| {
        world
            .keys
            .rotate()
            .map(|()| json!({}))
            .map_err(|error| error.to_string())
    })
}

pub(super) async fn set_knobs(State(hub): Shared, Json(body): Json<Value>) -> Answer {
    change(&hub, |world| {
        let mut all = json!(world.knobs);
        for (key, value) in body.as_object().into_iter().flatten() {
            if all.get(key).is_none() {
                return Err(format!("no knob {key}"));
            }
            all[key] = value.clone();
        }
        world.knobs = serde_json::from_value::<Knobs>(all).map_err(|error| error.to_string())?;
        Ok(json!(world.knobs))
    })
}

pub(super) async fn set_mix(State(hub): Shared, Json(mix): Json<Mix>) -> Answer {
    change(&hub, |world| {
        world.population.mix = mix;
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct SetBehavior {
    address: String,
    behavior: Behavior,
}

pub(super) async fn behavior(State(hub): Shared, Json(body): Json<SetBehavior>) -> Answer {
    change(&hub, |world| {
        set_behavior(world, &body.address, body.behavior);
        Ok(json!({}))
    })
}

pub(super) async fn add_fault(State(hub): Shared, Json(rule): Json<FaultRule>) -> Answer {
    change(&hub, |world| Ok(json!({"id": world.faults.add(rule)})))
}

pub(super) async fn clear_faults(State(hub): Shared) -> Answer {
    change(&hub, |world| {
        world.faults.clear();
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct React {
    send: u64,
    recipient: String,
    act: Inbound,
}

pub(super) async fn react(State(hub): Shared, Json(body): Json<React>) -> Answer {
    change(&hub, |world| {
        perform(world, body.send, &body.recipient.to_lowercase(), &body.act);
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct Deliver {
    account: String,
    /// Base64url.
    raw: String,
    #[serde(default)]
    junk: bool,
}

pub(super) async fn deliver(State(hub): Shared, Json(body): Json<Deliver>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        let raw = decode_base64url(&body.raw).ok_or("raw is not base64url")?;
        Ok(json!({"id": world.deliver(&sub, raw, body.junk)}))
    })
}

#[derive(Deserialize)]
pub(super) struct Relabel {
    account: String,
    id: String,
    #[serde(default)]
    add: Vec<String>,
    #[serde(default)]
    remove: Vec<String>,
}

pub(super) async fn relabel(State(hub): Shared, Json(body): Json<Relabel>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        let add: Vec<&str> = body.add.iter().map(String::as_str).collect();
        let remove: Vec<&str> = body.remove.iter().map(String::as_str).collect();
        Ok(json!({"found": world.relabel(&sub, &body.id, &add, &remove)}))
    })
}

pub(super) async fn delete(State(hub): Shared, Json(body): Json<Relabel>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        Ok(json!({"found": world.delete_message(&sub, &body.id)}))
    })
}

#[derive(Deserialize)]
pub(super) struct Push {
    project: String,
    target: PushTarget,
}

pub(super) async fn push(State(hub): Shared, Json(body): Json<Push>) -> Answer {
    change(&hub, |world| {
        world.pushes.insert(body.project, body.target);
        Ok(json!({}))
    })
}

#[derive(Deserialize)]
pub(super) struct SentElsewhere {
    account: String,
    messages: u64,
}

pub(super) async fn sent_elsewhere(State(hub): Shared, Json(body): Json<SentElsewhere>) -> Answer {
    change(&hub, |world| {
        let sub = sub_of(world, &body.account)?;
        world.sending.add(&sub, world.now, body.messages);
        Ok(json!({}))
    })
}
