//! For whoever watches over the process.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::web::app::App;

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the data and the keys can be used.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    let workspace = app.jooper.engine().identity(app.workspace).await;
    match workspace {
        Ok(_) => "ok\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready: see the server's log\n",
            )
                .into_response()
        }
    }
}
