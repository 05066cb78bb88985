//! The links below every mail, answered by the tracking crate; open to everybody.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, Request, Uri};
use axum::response::Response;

use crate::web::app::App;

/// Any method, any link.
pub(crate) async fn answer(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    body: Bytes,
) -> Response {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    app.jooper.tracking().handle(&request).await.map(Body::from)
}
