//! Calls that only look.

use axum::Json;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::mime::base64url;
use super::calls::{Answer, Refusal, Shared, sub_of};

#[derive(Deserialize)]
pub(super) struct Of {
    account: String,
}

pub(super) async fn clock(State(hub): Shared) -> Json<Value> {
    Json(
        json!({"now": hub.clock.now().to_string(), "now_ms": hub.clock.now_ms(), "next_event_ms": hub.peek().agenda.next_at()}),
    )
}

pub(super) async fn ledger(State(hub): Shared) -> Json<Value> {
    let world = hub.enter();
    let accepted: Vec<Value> = world
        .ledger
        .accepted
        .iter()
        .map(|send| {
            let mut out = json!(send);
            out["posted"] = json!(base64url(&world.spool.get(send.posted)));
            out["sent"] = json!(base64url(&world.spool.get(send.sent)));
            out
        })
        .collect();
    Json(
        json!({"accepted": accepted, "reactions": world.ledger.reactions, "one_clicks": world.ledger.one_clicks}),
    )
}

pub(super) async fn summary(State(hub): Shared) -> Json<Value> {
    let world = hub.enter();
    Json(json!({
        "accepted": world.ledger.accepted.len(),
        "reactions": world.ledger.reactions.len(),
        "one_clicks": world.ledger.one_clicks.len(),
        "waiting": world.agenda.len(),
        "errands": !world.outbox.is_empty(),
        "unexpected": world.unexpected,
        "quota": world.quota,
        "accounts": world.directory.users.values().map(|user| json!({"email": user.email, "sub": user.sub})).collect::<Vec<_>>(),
    }))
}

pub(super) async fn knobs(State(hub): Shared) -> Json<Value> {
    Json(json!(hub.peek().knobs))
}

pub(super) async fn mix(State(hub): Shared) -> Json<Value> {
    Json(json!(hub.peek().population.mix))
}

pub(super) async fn faults(State(hub): Shared) -> Json<Value> {
    let world = hub.peek();
    let rules: Vec<Value> = world
        .faults
        .rules()
        .map(|(id, rule)| json!({"id": id, "rule": rule}))
        .collect();
    Json(json!({"rules": rules, "fired": world.faults.fired}))
}

pub(super) async fn mailbox(State(hub): Shared, Query(of): Query<Of>) -> Answer {
    let world = hub.enter();
    let sub = sub_of(&world, &of.account).map_err(Refusal)?;
    let mailbox = world
        .mailboxes
        .get(&sub)
        .ok_or_else(|| Refusal("no mailbox".to_owned()))?;
    Ok(Json(json!({
        "history_id": mailbox.history_id.to_string(),
        "history": mailbox.history,
        "messages": mailbox.newest_first(),
        "watches": mailbox.watches,
    })))
}
