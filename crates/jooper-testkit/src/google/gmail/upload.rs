//! `/upload/…/messages/send`: the message itself, or JSON and message in one multipart body.

use serde_json::Value;

use super::super::http::{SimRequest, SimResponse, boundary_of, parts_of};
use super::super::world::World;
use super::caller::Caller;
use super::error::ApiError;
use super::send::accept;

/// Answers both simple upload forms; the resumable one is not simulated.
pub(super) fn send(
    world: &mut World,
    caller: &Caller,
    request: &SimRequest,
) -> Result<SimResponse, ApiError> {
    let content_type = request
        .header("Content-Type")
        .unwrap_or_default()
        .to_owned();
    match request.query("uploadType") {
        Some("media") => {
            if !content_type.to_lowercase().starts_with("message/") {
                return Err(ApiError::bad_request(&format!(
                    "Media type '{content_type}' is not supported. Valid media types: [message/*]"
                )));
            }
            accept(world, caller, request.body.to_vec(), None)
        }
        Some("multipart") => multipart(world, caller, request, &content_type),
        other => Err(ApiError::unexpected(&format!(
            "uploadType={}",
            other.unwrap_or_default()
        ))),
    }
}

fn multipart(
    world: &mut World,
    caller: &Caller,
    request: &SimRequest,
    content_type: &str,
) -> Result<SimResponse, ApiError> {
    let boundary = boundary_of(content_type)
        .ok_or_else(|| ApiError::bad_request("Missing multipart boundary"))?;
    let parts = parts_of(&request.body, &boundary);
    let [head, mail] = parts.as_slice() else {
        return Err(ApiError::bad_request(
            "A multipart upload has exactly two parts",
        ));
    };
    let head: Value = serde_json::from_slice(&head.body)
        .map_err(|_| ApiError::bad_request("Invalid JSON payload received."))?;
    if !mail
        .header("Content-Type")
        .unwrap_or_default()
        .to_lowercase()
        .starts_with("message/")
    {
        return Err(ApiError::bad_request(
            "Media type is not supported. Valid media types: [message/*]",
        ));
    }
    let thread = head
        .get("threadId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty());
    accept(world, caller, mail.body.clone(), thread)
}
