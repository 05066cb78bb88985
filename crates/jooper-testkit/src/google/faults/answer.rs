//! Faults that act on the world before a call, on its answer after, or give another answer instead.

use serde_json::{Value, json};

use super::super::gmail::{ApiError, same_page};
use super::super::http::{SimRequest, SimResponse};
use super::super::token::{DeathCause, canonical_scope};
use super::super::world::World;
use super::{Canned, Fault, HistoryFault};

/// Changes the world as the faults say, before the call is looked at.
pub(crate) fn before(world: &mut World, request: &SimRequest, faults: &[Fault]) {
    for fault in faults {
        match fault {
            Fault::ExpireAccess => {
                if let Some(token) = request.bearer() {
                    world.grants.access.remove(token);
                }
            }
            Fault::KillGrant(cause) => kill_grant(world, request, *cause),
            Fault::ShrinkScope(scope) => {
                let scope = canonical_scope(scope);
                if let Some(token) = refresh_token(world, request) {
                    token.scopes.retain(|held| *held != scope);
                }
            }
            Fault::ExpireWatch => {
                let sub = request
                    .bearer()
                    .and_then(|token| world.grants.access.get(token))
                    .map(|token| token.sub.clone());
                if let Some(mailbox) = sub.and_then(|sub| world.mailboxes.get_mut(&sub)) {
                    mailbox.watches.clear();
                }
            }
            _ => continue,
        }
        world.touch();
    }
}

/// Ends the refresh token in the request, or, at any other endpoint, the grant that its bearer has from
/// the project: as if it had ended a moment before.
fn kill_grant(world: &mut World, request: &SimRequest, cause: DeathCause) {
    if let Some(token) = refresh_token(world, request) {
        token.dead.get_or_insert(cause);
        return;
    }
    let bearer = request
        .bearer()
        .and_then(|token| world.grants.access.get(token))
        .map(|token| (token.sub.clone(), token.project.clone()));
    if let Some((sub, project)) = bearer {
        world.grants.end_project(&sub, &project, cause);
    }
}

fn refresh_token<'a>(
    world: &'a mut World,
    request: &SimRequest,
) -> Option<&'a mut super::super::token::Refresh> {
    let form = request.form();
    let text = form
        .iter()
        .find(|(key, _)| key == "refresh_token")
        .map(|(_, value)| value.clone())?;
    world.grants.refresh.get_mut(&text)
}

/// The answer that replaces the call, if one does.
pub(crate) fn instead(now: i64, faults: &[Fault]) -> Option<SimResponse> {
    faults.iter().find_map(|fault| {
        if let Fault::Answer(canned) = fault {
            Some(canned_answer(now, canned))
        } else {
            None
        }
    })
}

fn canned_answer(now: i64, canned: &Canned) -> SimResponse {
    let at = |after: &Option<i64>| after.map(|after| now + after);
    match canned {
        Canned::UserRate403(after) => ApiError::user_rate(at(after)).response(),
        Canned::ProjectRate403 => ApiError::project_rate().response(),
        Canned::DailyLimit403 => ApiError::daily_limit().response(),
        Canned::TooMany429(after) => ApiError::too_many_requests(at(after)).response(),
        Canned::Concurrent429 => ApiError::concurrent().response(),
        Canned::SendingLimit429(after) => ApiError::sending_limit(at(after)).response(),
        Canned::Credentials401 => ApiError::credentials().response(),
        Canned::Scope403 => ApiError::scope().response(),
        Canned::DomainPolicy403 => ApiError::domain_policy().response(),
        Canned::NoMailService400 => ApiError::no_mail_service().response(),
        Canned::BadRequest400 => ApiError::bad_request("Invalid argument").response(),
        Canned::NotFound404 => ApiError::not_found().response(),
        Canned::Backend(status) => ApiError::backend(*status).response(),
        Canned::Html(status) => html(*status),
        Canned::ForeignJson(status) => SimResponse::json(
            *status,
            &json!({"fault": {"faultstring": "policy violation", "detail": {"errorcode": "gateway.1"}}}),
        ),
        Canned::Words(status, words) => {
            SimResponse::json(*status, &json!({"error": {"message": words}}))
        }
        Canned::Empty(status) => SimResponse::new(*status),
        Canned::OAuth {
            status,
            error,
            description,
            subtype,
        } => {
            let mut body = json!({"error": error, "error_description": description});
            if let Some(subtype) = subtype {
                body["error_subtype"] = json!(subtype);
            }
            SimResponse::json(*status, &body)
        }
    }
}

fn html(status: u16) -> SimResponse {
    let page = format!(
        "<!DOCTYPE html><html lang=en><title>Error {status} (Server Error)!!1</title><p>The server encountered an error and could not complete your request.</html>"
    );
    SimResponse::new(status)
        .header("Content-Type", "text/html; charset=UTF-8")
        .body(page.into_bytes())
}

/// The answer as the faults leave it.
pub(crate) fn after(
    world: &World,
    request: &SimRequest,
    mut answer: SimResponse,
    faults: &[Fault],
) -> SimResponse {
    for fault in faults {
        if let Fault::CommitThenStatus(status) = fault {
            answer = html(*status);
            continue;
        }
        let Some(mut value) = answer.value() else {
            continue;
        };
        match fault {
            Fault::UnknownField => unknown_fields(&mut value),
            Fault::UnknownEnum => unknown_enums(&mut value),
            Fault::OmitFields(names) => {
                if let Some(map) = value.as_object_mut() {
                    map.retain(|key, _| !names.contains(key));
                }
            }
            Fault::History(HistoryFault::EmptyPage) if answer.status == 200 => {
                empty_page(&mut value, same_page(world, request));
            }
            Fault::History(kind) if answer.status == 200 => history(&mut value, *kind),
            _ => continue,
        }
        answer = answer.with_value(&value);
    }
    answer
}

fn unknown_fields(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(unknown_fields);
            map.insert("futureField".to_owned(), json!({"nested": [1, null, "x"]}));
        }
        Value::Array(items) => items.iter_mut().for_each(unknown_fields),
        _ => {}
    }
}

fn unknown_enums(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match inner {
                    Value::Array(labels) if key == "labelIds" => labels.push(json!("FUTURE_LABEL")),
                    Value::String(text) if key == "verificationStatus" => {
                        "futureStatus".clone_into(text)
                    }
                    _ => unknown_enums(inner),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unknown_enums),
        _ => {}
    }
}

/// Takes the records out of a page, and has the next one hold them: nothing is lost by asking on.
fn empty_page(value: &mut Value, same: String) {
    if let Some(map) = value.as_object_mut()
        && map.remove("history").is_some()
    {
        map.insert("nextPageToken".to_owned(), Value::String(same));
    }
}

fn history(value: &mut Value, kind: HistoryFault) {
    let newest = value.get("historyId").cloned();
    let Some(records) = value.get_mut("history").and_then(Value::as_array_mut) else {
        return;
    };
    match kind {
        HistoryFault::OutOfOrder => records.reverse(),
        HistoryFault::Duplicates => {
            *records = records
                .iter()
                .flat_map(|record| [record.clone(), record.clone()])
                .collect()
        }
        HistoryFault::Vanished => {
            let ghost = json!({"id": "19000000deadbeef", "threadId": "19000000deadbeef"});
            records.push(json!({"id": newest, "messages": [ghost], "messagesAdded": [{"message": {"id": "19000000deadbeef", "threadId": "19000000deadbeef", "labelIds": ["INBOX"]}}]}));
        }
        HistoryFault::LabelRace => {
            for message in records
                .iter_mut()
                .filter_map(|record| record.pointer_mut("/messagesAdded/0/message"))
            {
                message["labelIds"] = json!(["UNREAD"]);
            }
        }
        HistoryFault::EmptyPage => {}
    }
}
