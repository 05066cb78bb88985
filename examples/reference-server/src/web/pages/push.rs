//! Where Google says that a mailbox has changed.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::Request;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::web::app::App;
use crate::web::error::PageError;

/// `/push/gmail`: no session and no form token, but Google's own signature on every call.
///
/// A genuine notification for an account that is not connected here is acknowledged, or it would
/// come again for days. One that could not be kept is not.
pub(crate) async fn gmail(State(app): State<Arc<App>>, parts: Parts, body: Bytes) -> Response {
    let Some(endpoint) = &app.push else {
        return PageError::NotFound("page").into_response();
    };
    let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
    let wake = |hint: jooper::gmail::PushHint| async move {
        match mailboxes.wake(&hint.address).await {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%error, "a notification could not be kept; Google brings it again");
                false
            }
        }
    };
    let answer = endpoint
        .handle(Request::from_parts(parts, body), wake)
        .await;
    answer.map(Body::from)
}
