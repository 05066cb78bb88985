//! Refusing a basis for good: what will happen, and doing it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jooper::consent::{TightenError, refused_bases};
use jooper::core::{BasisKind, Code};

use super::safety::back;
use crate::commands::policy_basis;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::guard::Query;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::refuse::RefusePage;
use crate::web::views::respond;
use crate::web::words;

const NOTHING: &str = "Nothing new was ticked, so nothing changed.";

fn kinds<S: AsRef<str>>(named: impl Iterator<Item = S>) -> Result<BTreeSet<BasisKind>, PageError> {
    let named = named.map(|name| policy_basis(name.as_ref()));
    named
        .collect::<Result<_, _>>()
        .map_err(PageError::BadRequest)
}

/// `GET /safety/refuse`: what will happen.
pub(crate) async fn ask(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let refused = refused_bases(&**app.jooper.storage(), app.workspace).await?;
    let mut new = kinds(query.all("basis"))?;
    new.retain(|kind| !refused.contains(kind));
    if new.is_empty() {
        return Ok(back(&app, &visitor, NOTHING));
    }
    let all = new.union(&refused);
    respond(&RefusePage {
        layout: Layout::new(&app, &visitor, Section::Safety, "Refuse").narrow(),
        new: new.iter().map(|kind| words::basis(*kind)).collect(),
        left: BasisKind::all().len() - all.clone().count(),
        all: all.map(|kind| kind.name()).collect(),
    })
}

/// `POST /safety/refuse`: the workspace relies on fewer bases from now on, for good.
pub(crate) async fn refuse(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, PageError> {
    let kinds = kinds(fields.all("basis"))?;
    let storage = app.jooper.storage();
    if kinds == refused_bases(&**storage, app.workspace).await? {
        return Ok(back(&app, &visitor, NOTHING));
    }
    let stops = app.jooper.stops();
    let done = stops.refuse_bases(app.workspace, &kinds, app.owner).await;
    done.map_err(|error| match error {
        TightenError::Store(error) => error.into(),
        TightenError::Witness(_) => PageError::Internal(Box::new(error)),
        other => PageError::BadRequest(other.to_string()),
    })?;
    let told = "Refused from now on, in every campaign.";
    Ok(back(&app, &visitor, told))
}
