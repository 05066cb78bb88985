//! The list of leads, and finding one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::core::EmailAddress;

use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::guard::Query;
use crate::web::people::{self, Person, Position};
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::leads::{LeadsPage, Line};
use crate::web::views::{respond, respond_with};
use crate::web::words;

/// How many leads a page shows.
const PAGE: usize = 50;

async fn page(
    app: &App,
    visitor: &Visitor,
    after: Option<Position>,
    search_error: String,
) -> Result<LeadsPage, PageError> {
    let (found, next) = people::page(app, after, PAGE).await?;
    Ok(LeadsPage {
        layout: Layout::new(app, visitor, Section::Leads, "Leads"),
        leads: found.into_iter().map(|person| line(app, person)).collect(),
        next: next.map(|next| next.to_string()).unwrap_or_default(),
        is_first: after.is_none(),
        search_error,
    })
}

fn line(app: &App, person: Person) -> Line {
    Line {
        href: format!("/leads/{}", person.row.id),
        name: person.name(),
        company: person.company(),
        country: person
            .row
            .country
            .map(|country| country.to_string())
            .unwrap_or_default(),
        badge: words::lead(person.row.state),
        imported: app.zone.moment(person.row.created_at),
        title: person.profile.title.unwrap_or_default(),
        email: person.profile.email,
    }
}

/// `GET /leads`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    query: Query,
) -> Result<Response, PageError> {
    let after = query.get("after").as_deref().and_then(Position::parse);
    respond(&page(&app, &visitor, after, String::new()).await?)
}

/// `POST /leads/search`: by the exact address, which stands in no URL.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, PageError> {
    let why = match EmailAddress::parse(fields.text("email")) {
        Err(error) => format!("That is not an e-mail address: {error}."),
        Ok(address) => {
            let leads = app.jooper.workspace(app.workspace);
            match leads.leads().find_by_email(app.workspace, &address).await? {
                Some(lead) => return Ok(Redirect::to(&format!("/leads/{lead}")).into_response()),
                None => "Nobody with this address was imported, or they were erased.".to_owned(),
            }
        }
    };
    respond_with(
        StatusCode::NOT_FOUND,
        &page(&app, &visitor, None, why).await?,
    )
}
