//! What the log keeps of one person for good: each basis, and how they came off the list.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jooper::consent::{BasisReceipt, History, Receipt};
use jooper::vault::{Place, SubjectVault};

use super::lead::load;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::history::{HistoryPage, Kept};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::words;

/// `GET /leads/{id}/history`: reads the whole log, so it stands on a page of its own.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
) -> Result<Response, PageError> {
    let lead = load(&app, &lead).await?;
    let id = lead.row.id;
    let history = History::read(&**app.jooper.storage(), app.workspace, id).await?;
    let vault = app.jooper.vault().workspace(app.workspace).await?;
    let theirs = vault.subject(id).await?;
    let receipts: Result<Vec<_>, _> = history
        .receipts
        .iter()
        .map(|receipt| kept(&app, &theirs, receipt))
        .collect();
    respond(&HistoryPage {
        layout: Layout::new(&app, &visitor, Section::Leads, "What is kept for good"),
        href: format!("/leads/{id}"),
        name: people::name(&lead.profile),
        receipts: receipts?,
        lifts: history
            .lifts
            .iter()
            .map(|lift| (app.zone.moment(lift.at), lift.to_string()))
            .collect(),
    })
}

fn kept(app: &App, theirs: &SubjectVault, receipt: &Receipt) -> Result<Kept, PageError> {
    let place = Place::log(&receipt.id);
    let sealed = receipt.kept.as_ref();
    let opened: Option<BasisReceipt> = sealed.map(|kept| theirs.open(&place, kept)).transpose()?;
    let evidence = opened.map(|kept| kept.evidence).unwrap_or_default();
    Ok(Kept {
        kind: words::basis(receipt.kind),
        id: receipt.id.to_string(),
        recorded: app.zone.moment(receipt.recorded_at),
        source: evidence.source,
        proof: evidence.proof,
        notice: evidence.notice_version.unwrap_or_default(),
    })
}
