//! The handlers: what each address reads, does and answers.

pub(super) mod assets;
pub(super) mod campaign;
pub(super) mod dashboard;
pub(super) mod erase;
pub(super) mod forecast;
pub(super) mod health;
pub(super) mod history;
pub(super) mod import;
pub(super) mod inbox;
pub(super) mod lead;
pub(super) mod leads;
pub(super) mod links;
pub(super) mod mailboxes;
pub(super) mod new_campaign;
pub(super) mod push;
pub(super) mod refuse;
pub(super) mod refused;
pub(super) mod requests;
pub(super) mod safety;
pub(super) mod settings;
pub(super) mod test_mail;
pub(super) mod thread;
pub(super) mod today;
pub(super) mod unlawful;
mod verdict;

use std::str::FromStr;

use jooper::core::LeadId;
use jooper::sequence::{EngineError, StepPlace};
use jooper::storage::tables::{LEAD, LeadRow};
use jooper::storage::{Scan, StorageExt};

use super::app::App;
use super::error::PageError;
use super::forms::Fields;
use crate::error::{Context, ServerError};

/// Every lead of the workspace, in the order of their import.
pub(crate) async fn every_lead(app: &App) -> Result<Vec<LeadId>, ServerError> {
    let scan = Scan::table(&LEAD).by("by_created");
    let rows = app
        .jooper
        .storage()
        .collect::<LeadRow>(app.workspace, scan)
        .await;
    Ok(rows
        .context("the leads")?
        .into_iter()
        .map(|row| row.record.id)
        .collect())
}

/// How to answer whoever pressed a button for a step: it may have been done since the page was shown.
fn pressed(
    done: Result<(), EngineError>,
    said: &'static str,
) -> Result<(&'static str, &'static str), EngineError> {
    match done {
        Ok(()) => Ok(("good", said)),
        Err(EngineError::Passed) => Ok((
            "warn",
            "That came too late: the step is behind them since the page was shown. Nothing was changed; \
             this is how things stand now.",
        )),
        Err(error) => Err(error),
    }
}

/// The step that a form is about.
fn place(fields: &Fields) -> Result<StepPlace, PageError> {
    Ok(StepPlace {
        version: fields.id("version")?,
        node: fields.id("node")?,
    })
}

/// Reads the id in an address; what is no id names nothing.
fn id<T: FromStr>(text: &str, what: &'static str) -> Result<T, PageError> {
    text.parse().map_err(|_| PageError::NotFound(what))
}
