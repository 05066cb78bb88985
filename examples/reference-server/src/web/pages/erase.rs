//! Erasing a person.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jooper::core::{IdSource, RequestId, SystemIds};
use jooper::rights::ErasureRequest;
use jooper::tracking::Wish;

use super::{lead, requests};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::erase::{ErasePage, ErasedPage};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;

/// `GET /leads/{id}/erase`: what will happen.
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
) -> Result<Response, PageError> {
    let lead = lead::load(&app, &lead).await?;
    let campaigns = app
        .jooper
        .workspace(app.workspace)
        .explain(lead.row.id)
        .await?
        .len();
    respond(&ErasePage {
        layout: Layout::new(&app, &visitor, Section::Leads, "Erase").narrow(),
        id: lead.row.id.to_string(),
        who: people::name(&lead.profile),
        campaigns,
        conversations: lead::threads(&app, lead.row.id).await?.len(),
    })
}

/// `POST /leads/{id}/erase`: does it, and shows the certificate. Begun, it is finished even after
/// a crash.
pub(crate) async fn erase(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let lead = super::id(&lead, "lead")?;
    let now = app.now();
    let request = ErasureRequest {
        id: RequestId::from_uuid(SystemIds.uuid(now)),
        received_at: now,
    };
    let workspace = app.jooper.workspace(app.workspace);
    let erasure = workspace
        .rights()
        .erase_lead(app.workspace, lead, request)
        .await?;
    requests::done(&app, lead, Wish::Erase).await?;
    let key = *erasure.certificate.public_key();
    let statement = erasure
        .certificate
        .verify(&key)
        .map_err(|error| PageError::Internal(Box::new(error)))?;
    respond(&ErasedPage {
        layout: Layout::new(&app, &visitor, Section::Leads, "Erased").narrow(),
        stopped_at: app.zone.moment(statement.stopped_at),
        erased_at: app.zone.moment(statement.erased_at),
        backups_from: app.zone.moment(statement.backups.unreadable_from),
        results: statement
            .results
            .into_iter()
            .map(|one| (one.store, one.what))
            .collect(),
        kept: statement
            .kept
            .into_iter()
            .map(|one| (one.what, one.why))
            .collect(),
        out_of_scope: statement.out_of_scope,
        certificate: erasure.certificate.to_json(),
        salt: STANDARD.encode(erasure.salt),
        also: erasure
            .also_recorded_as
            .iter()
            .map(|lead| format!("/leads/{lead}"))
            .collect(),
    })
}
