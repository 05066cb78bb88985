//! Why a page cannot be shown, with its place and its remedy.

use std::error::Error;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jooper::RunError;
use jooper::consent::StopError;
use jooper::leads::LeadsError;
use jooper::rights::RightsError;
use jooper::sequence::EngineError;
use jooper::storage::StoreError;
use jooper::tracking::TrackingError;
use jooper::vault::VaultError;

use super::views::error::ErrorPage;
use super::views::respond_with;

/// An answer that is not the page that was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("there is no {0} here")]
    NotFound(&'static str),
    #[error("{0}")]
    Forbidden(&'static str),
    #[error("{0}")]
    BadRequest(String),
    #[error("what was sent is too large")]
    TooLarge,
    #[error("{0}")]
    Conflict(String),
    #[error("the system gives no random numbers")]
    NoRandomness,
    #[error("the page cannot be written")]
    Template(#[from] askama::Error),
    #[error("something failed")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl PageError {
    const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NoRandomness | Self::Template(_) | Self::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    const fn title(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "Not found",
            Self::Forbidden(_) => "Not allowed",
            Self::BadRequest(_) => "That did not work",
            Self::TooLarge => "Too large",
            Self::Conflict(_) => "Not possible now",
            _ => "Something went wrong",
        }
    }

    const fn remedy(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "It may have been erased, or the address is misspelled.",
            Self::Forbidden(_) => "Go back, reload the page, and try again.",
            Self::BadRequest(_) => "Go back, correct it, and send it again.",
            Self::TooLarge => "Split the file and import the parts one after the other.",
            Self::Conflict(_) => "Reload the page to see how things stand.",
            _ => {
                "Try again: what was done already is not done twice. If it stays, run \
                 `reference-server doctor` and look at the server's log."
            }
        }
    }

    /// What lies behind it, outermost first. Errors of the suite hold no personal data.
    fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next = self.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let causes = self.causes();
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = %self, ?causes, "a page could not be shown");
        }
        let page = ErrorPage::new(self.title(), self.to_string(), self.remedy(), causes);
        respond_with(status, &page).unwrap_or_else(|_| status.into_response())
    }
}

impl From<EngineError> for PageError {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::NotFound(what) => Self::NotFound(what),
            EngineError::State(what) => Self::Conflict(what.to_owned()),
            EngineError::List(_) | EngineError::Sequence(_) => Self::BadRequest(error.to_string()),
            EngineError::Passed
            | EngineError::MailboxTaken
            | EngineError::OtherAnswer
            | EngineError::OtherWriter => Self::Conflict(error.to_string()),
            EngineError::Store(error) => error.into(),
            error => Self::Internal(Box::new(error)),
        }
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        if error.is_conflict() {
            return Self::Conflict("somebody else changed it at the same moment".to_owned());
        }
        Self::Internal(Box::new(error))
    }
}

impl From<RightsError> for PageError {
    fn from(error: RightsError) -> Self {
        match error {
            RightsError::NoLead { .. } => Self::NotFound("lead"),
            RightsError::StillHeld { .. } => Self::Conflict(error.to_string()),
            error => Self::Internal(Box::new(error)),
        }
    }
}

macro_rules! internal {
    ($($kind:ty),*) => {$(
        impl From<$kind> for PageError {
            fn from(error: $kind) -> Self {
                Self::Internal(Box::new(error))
            }
        }
    )*};
}
internal!(VaultError, LeadsError, StopError, RunError, TrackingError);
