//! To whom no mail of a draft may go: the gate is asked about each, before anything starts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jooper::core::CampaignId;
use jooper::sequence::{Lawful, Refusal};

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::guard::Query;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::views::unlawful::{Unlawful, UnlawfulPage};

/// How many people a page shows.
const PAGE: usize = 50;

/// What the gate says of everybody whom a start would take.
pub(super) async fn ask(app: &App, campaign: CampaignId) -> Result<Lawful, PageError> {
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let leads = campaigns.audience(campaign).await?;
    Ok(campaigns.lawful(campaign, &leads).await?)
}

/// `GET /campaigns/{id}/unlawful`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let summary = campaigns.get(campaign).await?;
    let page: usize = query
        .get("page")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let lawful = ask(&app, campaign).await?;
    let from = page.saturating_mul(PAGE);
    let longest = lawful.refused.len().max(lawful.waiting.len());
    respond(&UnlawfulPage {
        layout: Layout::new(
            &app,
            &visitor,
            Section::Dashboard,
            "To whom nothing may go, and who waits",
        ),
        campaign: summary.settings.name,
        href: format!("/campaigns/{campaign}"),
        people: lawful.people,
        may: lawful.may_go,
        refused: lawful.refused.len(),
        wait: lawful.waiting.len(),
        next: if from.saturating_add(PAGE) < longest {
            page + 1
        } else {
            0
        },
        unlawful: named(&app, shown(&lawful.refused, from)).await?,
        waiting: named(&app, shown(&lawful.waiting, from)).await?,
    })
}

fn shown(all: &[Refusal], from: usize) -> &[Refusal] {
    let from = from.min(all.len());
    &all[from..from.saturating_add(PAGE).min(all.len())]
}

/// The same with the names of the people.
pub(super) async fn named(app: &App, refused: &[Refusal]) -> Result<Vec<Unlawful>, PageError> {
    let people = people::find(app, refused.iter().map(|refusal| refusal.lead)).await?;
    let rows = refused.iter().map(|refusal| Unlawful {
        href: format!("/leads/{}", refusal.lead),
        who: people
            .get(&refusal.lead)
            .map_or("Erased".to_owned(), people::Person::name),
        rule: refusal.rule.clone(),
        why: app.zone.sentence(&refusal.why),
        remedy: refusal.remedy.to_owned(),
    });
    Ok(rows.collect())
}
