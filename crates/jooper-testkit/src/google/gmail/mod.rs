//! The Gmail API: exactly what `gmail.send` and `gmail.readonly` may call, behind Google's own
//! order of checks: token, scope, account, quota, and only then the method.

mod accept;
mod attachments;
mod batch;
mod caller;
mod calls;
mod error;
mod history;
mod labels;
mod limits;
mod messages;
mod page;
mod payload;
mod push;
mod quota;
mod search;
mod send;
mod settings;
mod threads;
mod upload;
mod watch;

use super::http::{SimRequest, SimResponse, apply_mask};
use super::world::World;
use calls::{Call, Method};

pub(crate) use self::batch::batch;
pub(crate) use self::error::ApiError;
pub(crate) use self::limits::SendingLedger;
pub(crate) use self::page::same_page;
pub use self::push::PushTarget;
pub(crate) use self::push::{acknowledged, push_request};
pub(crate) use self::quota::QuotaLedger;
pub(crate) use self::watch::notify_watchers;

/// Answers anything under `/gmail/v1/` and `/upload/gmail/v1/`; `None` for what Gmail does not know.
pub(crate) fn gmail(world: &mut World, request: &SimRequest) -> Option<SimResponse> {
    let call = calls::find(&request.method, &request.path)?;
    let answer = answer(world, request, &call).unwrap_or_else(|error| error.response());
    Some(mask(request, answer))
}

fn answer(world: &mut World, request: &SimRequest, call: &Call) -> Result<SimResponse, ApiError> {
    let caller = caller::authenticate(world, request)?;
    caller::allow(world, &caller, call)?;
    quota::charge(world, &caller, call.method)?;
    let id = |at: usize| call.ids.get(at).map(String::as_str).unwrap_or_default();
    match call.method {
        Method::GetProfile => labels::profile(world, &caller),
        Method::Send => send::json(world, &caller, request),
        Method::UploadSend => upload::send(world, &caller, request),
        Method::ListMessages => messages::list(world, &caller, request),
        Method::GetMessage => messages::get(world, &caller, request, id(0)),
        Method::GetAttachment => attachments::get(world, &caller, id(0), id(1)),
        Method::ListHistory => history::list(world, &caller, request),
        Method::ListThreads => threads::list(world, &caller, request),
        Method::GetThread => threads::get(world, &caller, request, id(0)),
        Method::ListLabels => labels::list(world, &caller),
        Method::GetLabel => labels::get(world, &caller, id(0)),
        Method::Watch => watch::watch(world, &caller, request),
        Method::Stop => watch::stop(world, &caller),
        Method::ListSendAs => settings::list_send_as(world, &caller),
        Method::GetSendAs => settings::get_send_as(world, &caller, id(0)),
        Method::ListDrafts => Ok(settings::list_drafts()),
        Method::GetDraft | Method::GetFilter | Method::GetForwarding => Err(ApiError::not_found()),
        Method::GetSetting => Ok(settings::get(world, &caller, &request.path)),
        Method::NotOurs => Err(ApiError::scope()),
    }
}

fn mask(request: &SimRequest, answer: SimResponse) -> SimResponse {
    let Some(fields) = request.query("fields").filter(|_| answer.status == 200) else {
        return answer;
    };
    let Some(value) = answer.value() else {
        return answer;
    };
    match apply_mask(&value, fields) {
        Some(value) => answer.with_value(&value),
        None => ApiError::bad_request(&format!("Invalid field selection {fields}")).response(),
    }
}
