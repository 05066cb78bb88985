//! What people asked for, until somebody answers.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::{LeadId, RequestId};
use jooper::tracking::{RightsRequest, Wish};

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::requests::{Asked, RequestsPage};
use crate::web::views::respond;

/// `GET /requests`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    let open = open(&app).await?;
    let people = people::find(&app, open.iter().map(|request| request.lead)).await?;
    let now = app.now();
    let asked = open.into_iter().map(|request| Asked {
        id: request.id.to_string(),
        lead: format!("/leads/{}", request.lead),
        who: people
            .get(&request.lead)
            .map_or("Erased already".to_owned(), people::Person::name),
        erase: request.wish == Wish::Erase,
        gone: !people.contains_key(&request.lead),
        at: app.zone.moment(request.asked_at),
        by: app.zone.moment(request.answer_by),
        late: request.answer_by < now,
    });
    respond(&RequestsPage {
        layout: Layout::new(&app, &visitor, Section::Leads, "What people asked for"),
        asked: asked.collect(),
    })
}

/// `POST /requests/{id}/answered`: takes one off the list.
pub(crate) async fn answered(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(request): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let request: RequestId = id(&request, "request")?;
    for known in open(&app).await?.iter().filter(|known| known.id == request) {
        app.jooper.tracking().answered(app.workspace, known).await?;
    }
    app.sessions
        .tell(&visitor.key, "good", "Taken off the list.");
    Ok(Redirect::to("/requests").into_response())
}

/// The open requests, longest waiting first.
pub(super) async fn open(app: &App) -> Result<Vec<RightsRequest>, PageError> {
    Ok(app.jooper.tracking().requests(app.workspace).await?)
}

/// What a person wanted was done: their request is answered.
pub(super) async fn done(app: &App, lead: LeadId, wish: Wish) -> Result<(), PageError> {
    let open = open(app).await?.into_iter();
    for request in open.filter(|one| one.lead == lead && (one.wish == wish || wish == Wish::Erase))
    {
        app.jooper
            .tracking()
            .answered(app.workspace, &request)
            .await?;
    }
    Ok(())
}
