//! Importing a CSV file.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::multipart::Multipart;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::StopReason;
use jooper::leads::{ImportError, ImportReport, ListedError, Mapping, Reject, check_csv};

use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms;
use crate::web::sessions::Visitor;
use crate::web::views::import::{ImportPage, ListedPage, Problem};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::{respond, respond_with};

/// How many lines of a kind the page lists.
const LISTED: usize = 200;

/// `POST /leads/import`
pub(crate) async fn import(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Response, PageError> {
    let file = forms::upload(&visitor, form).await?;
    let workspace = app.jooper.workspace(app.workspace);
    let mapping = Mapping::guess().with_source(&file.source);
    // Nothing of a broken file is stored.
    let outcome = match check_csv(&*file.bytes, &mapping) {
        Ok(_) => {
            let leads = workspace.leads();
            leads
                .import_csv(app.workspace, &*file.bytes, &mapping, &file.name)
                .await
        }
        Err(error) => Err(error),
    };
    let (status, report, error) = match outcome {
        Ok(report) => (StatusCode::OK, Some(report), String::new()),
        Err(error) => {
            // Errors of a file's form repeat what stands in it; the store's do not, and only they are
            // for the log.
            let status = match &error {
                ImportError::Stopped { source, .. } => {
                    tracing::error!(error = %source, "an import stopped");
                    StatusCode::INTERNAL_SERVER_ERROR
                }
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            (status, error.report().cloned(), error.to_string())
        }
    };
    let layout = Layout::new(&app, &visitor, Section::Leads, "Import");
    respond_with(status, &page(layout, file.name, report, error))
}

/// `POST /leads/listed`: another tool's unsubscribe list, onto the workspace's own.
pub(crate) async fn listed(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    form: Multipart,
) -> Result<Response, PageError> {
    let file = forms::upload(&visitor, form).await?;
    let workspace = app.jooper.workspace(app.workspace);
    let outcome = workspace
        .leads()
        .import_listed(
            app.workspace,
            app.jooper.stops(),
            &*file.bytes,
            StopReason::Listed,
            app.owner,
        )
        .await;
    let report = match outcome {
        Ok(report) => report,
        Err(ListedError::File(error)) => return Err(PageError::BadRequest(error.to_string())),
        Err(error) => return Err(PageError::Internal(Box::new(error))),
    };
    if report.rejected_rows == 0 {
        let told = format!(
            "{} people and {} domains are on the list now.",
            report.people, report.domains
        );
        app.sessions.tell(&visitor.key, "good", told);
        return Ok(Redirect::to("/leads").into_response());
    }
    let layout = Layout::new(&app, &visitor, Section::Leads, "Do-not-mail list");
    respond(&ListedPage {
        layout,
        file: file.name,
        rows: report.rows,
        people: report.people,
        domains: report.domains,
        takes_mail: report.takes_mail,
        nobody: report.rejected_rows - report.takes_mail,
        rejects: problems(report.rejected),
    })
}

fn page(layout: Layout, file: String, report: Option<ImportReport>, error: String) -> ImportPage {
    let counted = report.is_some();
    let report = report.unwrap_or_default();
    let remarks = report
        .remarks
        .into_iter()
        .take(LISTED)
        .map(|remark| Problem {
            line: remark.line,
            column: remark.column.unwrap_or_default(),
            reason: remark.text,
            remedy: String::new(),
        });
    ImportPage {
        layout,
        file,
        error,
        counted,
        rows: report.rows,
        imported: report.imported,
        updated: report.updated,
        duplicates: report.duplicates,
        blocked: report.blocked,
        rejected: report.rejected_rows,
        rejects: problems(report.rejected),
        remarks: remarks.collect(),
    }
}

fn problems(rejected: Vec<Reject>) -> Vec<Problem> {
    let shown = rejected.into_iter().take(LISTED);
    let problems = shown.map(|reject| Problem {
        line: reject.line,
        column: reject.column.unwrap_or_default(),
        reason: reject.reason,
        remedy: reject.remedy,
    });
    problems.collect()
}
