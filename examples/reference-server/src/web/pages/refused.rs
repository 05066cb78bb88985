//! Who got nothing, and why.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use jooper::core::{CampaignId, EnrollmentId, EnrollmentState, FinishReason};
use jooper::storage::tables::{ENROLLMENT, EnrollmentRow};
use jooper::storage::{Column, Scan, StorageExt};

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::guard::Query;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::refused::{Refused, RefusedPage};
use crate::web::views::respond;

/// How many people a page shows.
const PAGE: usize = 50;

/// `GET /campaigns/{id}/refused`
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    query: Query,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let summary = app
        .jooper
        .workspace(app.workspace)
        .campaigns()
        .get(campaign)
        .await?;
    let after = query.get("after").and_then(|text| text.parse().ok());
    let (refused, next) = find(&app, campaign, after, PAGE).await?;
    respond(&RefusedPage {
        layout: Layout::new(
            &app,
            &visitor,
            Section::Dashboard,
            "Not written to, and why",
        ),
        campaign: summary.settings.name,
        href: format!("/campaigns/{campaign}"),
        refused,
        next: next.map(|next| next.to_string()).unwrap_or_default(),
    })
}

/// People of a campaign whom the gate refused, behind a place; and where to go on.
pub(super) async fn find(
    app: &App,
    campaign: CampaignId,
    after: Option<EnrollmentId>,
    most: usize,
) -> Result<(Vec<Refused>, Option<EnrollmentId>), PageError> {
    let prefix = vec![campaign.to_value(), EnrollmentState::Finished.to_value()];
    let mut place = after.map(|after| [prefix.clone(), vec![after.to_value()]].concat());
    let (mut found, mut next) = (Vec::new(), None);
    'pages: loop {
        let scan = Scan::table(&ENROLLMENT)
            .by("by_campaign")
            .prefix(prefix.clone());
        let page = app
            .jooper
            .storage()
            .page::<EnrollmentRow>(app.workspace, scan.after(place))
            .await?;
        for row in page.records {
            if row.record.finish != Some(FinishReason::Refused) {
                continue;
            }
            if found.len() == most {
                next = found.last().map(|last: &EnrollmentRow| last.id);
                break 'pages;
            }
            found.push(row.record);
        }
        place = page.next;
        if place.is_none() {
            break;
        }
    }
    Ok((explained(app, found).await?, next))
}

async fn explained(app: &App, rows: Vec<EnrollmentRow>) -> Result<Vec<Refused>, PageError> {
    let people = people::find(app, rows.iter().map(|row| row.lead)).await?;
    let workspace = app.jooper.workspace(app.workspace);
    let mut refused = Vec::with_capacity(rows.len());
    for row in rows {
        // Erased meanwhile: nothing may be told about them.
        let Some(person) = people.get(&row.lead) else {
            continue;
        };
        let views = workspace.explain(row.lead).await?;
        let why = views
            .into_iter()
            .filter(|view| view.enrollment.id == row.id)
            .filter_map(|mut view| view.decisions.pop())
            .map(|(_, why)| app.zone.sentence(without_beginning(&why.summary)))
            .next_back();
        refused.push(Refused {
            href: format!("/leads/{}", row.lead),
            who: person.name(),
            company: person.company(),
            country: person
                .row
                .country
                .map(|land| land.to_string())
                .unwrap_or_default(),
            why: why.unwrap_or_else(|| "The rules do not allow it.".to_owned()),
        });
    }
    Ok(refused)
}

/// The table's heading says already that nothing is sent.
fn without_beginning(summary: &str) -> &str {
    summary.strip_prefix("Nothing is sent: ").unwrap_or(summary)
}
