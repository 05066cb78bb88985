//! `history.list`.

use serde_json::{Value, json};

use super::super::http::{SimRequest, SimResponse};
use super::super::mailbox::{Change, Record};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;
use super::page::page;

const TYPES: [&str; 4] = [
    "messageAdded",
    "messageDeleted",
    "labelAdded",
    "labelRemoved",
];

/// Answers with the records after `startHistoryId`; one that is too old, or not yet, is not found.
pub(super) fn list(
    world: &World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    let mailbox = world
        .mailboxes
        .get(&caller.sub)
        .ok_or_else(ApiError::no_mail_service)?;
    let start = request
        .query("startHistoryId")
        .ok_or_else(|| ApiError::bad_request("Missing startHistoryId"))?;
    let start: u64 = start
        .parse()
        .map_err(|_| ApiError::bad_request("Invalid value at 'start_history_id' (TYPE_UINT64)"))?;
    if start < mailbox.history_floor || start > mailbox.history_id {
        return Err(ApiError::not_found());
    }
    let types = request.query_all("historyTypes");
    if let Some(bad) = types.iter().find(|kind| !TYPES.contains(&kind.as_str())) {
        return Err(ApiError::bad_request(&format!(
            "Invalid value at 'history_types': {bad}"
        )));
    }
    let label = request.query("labelId").filter(|label| !label.is_empty());
    let visible = world.now - world.knobs.history_lag_ms;
    // A record that is not visible yet hides those behind it, so that no cursor can pass it.
    let shown: Vec<&Record> = mailbox
        .history
        .iter()
        .filter(|r| r.id > start)
        .take_while(|r| r.at <= visible)
        .collect();
    let current = if shown.len() == mailbox.history.iter().filter(|r| r.id > start).count() {
        mailbox.history_id
    } else {
        shown.last().map_or(start, |r| r.id)
    };
    let wanted: Vec<&Record> = shown
        .into_iter()
        .filter(|r| wants(r, &types, label))
        .collect();
    let page = page(world, together(world, wanted), request, 100, 500)?;
    let mut body = json!({"historyId": current.to_string()});
    if !page.items.is_empty() {
        body["history"] = page.items.iter().map(|r| entry(r)).collect::<Value>();
    }
    if let Some(next) = page.next {
        body["nextPageToken"] = json!(next);
    }
    Ok(SimResponse::json(200, &body))
}

fn wants(record: &Record, types: &[String], label: Option<&str>) -> bool {
    let (kind, touched) = match &record.change {
        Change::Added => ("messageAdded", None),
        Change::Deleted => ("messageDeleted", None),
        Change::LabelsAdded(labels) => ("labelAdded", Some(labels)),
        Change::LabelsRemoved(labels) => ("labelRemoved", Some(labels)),
    };
    let named = |label: &str| {
        record.labels.contains(label)
            || touched.is_some_and(|labels| labels.iter().any(|l| l == label))
    };
    (types.is_empty() || types.iter().any(|wanted| wanted == kind)) && label.is_none_or(named)
}

/// Puts arrivals that follow each other into one record, as far as the knob lets.
fn together<'a>(world: &World, wanted: Vec<&'a Record>) -> Vec<Vec<&'a Record>> {
    let most = world.knobs.history_record_messages.max(1);
    let mut groups: Vec<Vec<&Record>> = Vec::new();
    for record in wanted {
        let arrival = |r: &&Record| matches!(r.change, Change::Added);
        match groups.last_mut() {
            Some(group) if group.len() < most && group.iter().all(arrival) && arrival(&record) => {
                group.push(record);
            }
            _ => groups.push(vec![record]),
        }
    }
    groups
}

/// One entry of the list: one record, or several arrivals.
fn entry(records: &[&Record]) -> Value {
    let mut entries = records.iter().map(|record| single(record));
    let mut out = entries.next().unwrap_or_default();
    for other in entries {
        out["id"] = other["id"].clone();
        for list in ["messages", "messagesAdded"] {
            if let (Some(all), Some(more)) = (out[list].as_array_mut(), other[list].as_array()) {
                all.extend(more.iter().cloned());
            }
        }
    }
    out
}

fn single(record: &Record) -> Value {
    let mut message = json!({"id": record.message, "threadId": record.thread});
    let mut out = json!({"id": record.id.to_string(), "messages": [message]});
    if !record.labels.is_empty() {
        message["labelIds"] = json!(record.labels);
    }
    match &record.change {
        Change::Added => out["messagesAdded"] = json!([{"message": message}]),
        Change::Deleted => out["messagesDeleted"] = json!([{"message": message}]),
        Change::LabelsAdded(labels) => {
            out["labelsAdded"] = json!([{"message": message, "labelIds": labels}])
        }
        Change::LabelsRemoved(labels) => {
            out["labelsRemoved"] = json!([{"message": message, "labelIds": labels}])
        }
    }
    out
}
