//! `watch` and `stop`, and what a watch sends out.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::http::{SimRequest, SimResponse};
use super::super::knobs::{DAY, SECOND};
use super::super::mailbox::Watch;
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;

/// Answers `watch`: seven days, and one notification at once.
pub(super) fn watch(
    world: &mut World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|_| ApiError::bad_request("Invalid JSON payload received."))?;
    let topic = body
        .get("topicName")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if !topic.starts_with(&format!("projects/{}/topics/", caller.project)) {
        return Err(ApiError::bad_request(&format!(
            "Invalid topicName does not match projects/{}/topics/*",
            caller.project
        )));
    }
    let labels = body
        .get("labelIds")
        .and_then(Value::as_array)
        .map(|list| {
            list.iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    let behavior = ["labelFilterBehavior", "labelFilterAction"]
        .iter()
        .find_map(|key| body.get(*key))
        .and_then(Value::as_str)
        .unwrap_or("include");
    let expires_at = world.now + 7 * DAY;
    let watch = Watch {
        topic,
        labels,
        exclude: behavior.eq_ignore_ascii_case("exclude"),
        expires_at,
        last_push: i64::MIN / 2,
    };
    let mailbox = world
        .mailboxes
        .get_mut(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    mailbox.watches.insert(caller.project.clone(), watch);
    let history = mailbox.history_id;
    world.touch();
    push(world, &caller.sub, &caller.project);
    Ok(SimResponse::json(
        200,
        &json!({"historyId": history.to_string(), "expiration": expires_at.to_string()}),
    ))
}

/// Answers `stop` with nothing at all.
pub(super) fn stop(world: &mut World, caller: &Caller) -> Result<SimResponse, ApiError> {
    let mailbox = world
        .mailboxes
        .get_mut(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    mailbox.watches.remove(&caller.project);
    world.touch();
    Ok(SimResponse::new(204))
}

/// Plans a notification for every watch whose filter lets a change under those labels through.
pub(crate) fn notify_watchers(world: &mut World, sub: &str, labels: &BTreeSet<String>) {
    let now = world.now;
    let Some(mailbox) = world.mailboxes.get(sub) else {
        return;
    };
    let through = |watch: &Watch| {
        let named = watch.labels.iter().any(|label| labels.contains(label));
        now < watch.expires_at && (watch.labels.is_empty() || named != watch.exclude)
    };
    let projects: Vec<String> = mailbox
        .watches
        .iter()
        .filter(|(_, watch)| through(watch))
        .map(|(project, _)| project.clone())
        .collect();
    for project in projects {
        push(world, sub, &project);
    }
}

/// At most one notification a second and user; the rest is dropped, as the guide says.
fn push(world: &mut World, sub: &str, project: &str) {
    let now = world.now;
    let Some(mailbox) = world.mailboxes.get_mut(sub) else {
        return;
    };
    let history_id = mailbox.history_id;
    let Some(watch) = mailbox
        .watches
        .get_mut(project)
        .filter(|watch| now >= watch.last_push + SECOND)
    else {
        return;
    };
    watch.last_push = now;
    super::super::faults::plan_push(world, sub, project, history_id);
}
