//! What is shown: one struct a page, filled by its handler, written by its template.

pub(crate) mod campaign;
pub(crate) mod charts;
pub(crate) mod dashboard;
pub(crate) mod erase;
pub(crate) mod error;
pub(crate) mod forecast;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod layout;
pub(crate) mod lead;
pub(crate) mod leads;
pub(crate) mod login;
pub(crate) mod mailboxes;
pub(crate) mod new_campaign;
pub(crate) mod refuse;
pub(crate) mod refused;
pub(crate) mod requests;
pub(crate) mod safety;
pub(crate) mod settings;
pub(crate) mod test_mail;
pub(crate) mod thread;
pub(crate) mod today;
pub(crate) mod unlawful;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::error::PageError;

/// Writes a page.
pub(crate) fn respond(page: &impl Template) -> Result<Response, PageError> {
    respond_with(StatusCode::OK, page)
}

/// Writes a page with another status.
pub(crate) fn respond_with(
    status: StatusCode,
    page: &impl Template,
) -> Result<Response, PageError> {
    Ok((status, Html(page.render()?)).into_response())
}
