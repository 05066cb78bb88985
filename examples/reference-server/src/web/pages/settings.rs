//! Changing a campaign that is there already: when it sends, how much, from which mailboxes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use jooper::core::{CampaignId, MailboxId, MailboxState};
use jooper::sequence::model::{Absence, CampaignSettings, SettingsEdit, Window};
use jooper::sequence::{CampaignSummary, EngineError};

use super::id;
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::random;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::new_campaign::Choice;
use crate::web::views::settings::{Absent, Day, SettingsPage};
use crate::web::views::{respond, respond_with};

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `GET /campaigns/{id}/settings`
pub(crate) async fn form(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let summary = summary(&app, campaign).await?;
    respond(&page(&app, &visitor, &summary).await?)
}

async fn summary(app: &App, campaign: CampaignId) -> Result<CampaignSummary, PageError> {
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    Ok(campaigns.get(campaign).await?)
}

async fn page(
    app: &App,
    visitor: &Visitor,
    summary: &CampaignSummary,
) -> Result<SettingsPage, PageError> {
    let mailboxes = app.jooper.workspace(app.workspace).mailboxes();
    let (settings, known) = (&summary.settings, mailboxes.list().await?);
    let sends = |mailbox: &MailboxId| settings.mailboxes.contains(mailbox);
    let address = |mailbox: MailboxId| {
        let found = known.iter().find(|(row, _)| row.id == mailbox);
        found.map_or_else(|| mailbox.to_string(), |(_, of)| of.email.clone())
    };
    let absences = settings.schedule.absences.iter().enumerate();
    Ok(SettingsPage {
        layout: Layout::new(app, visitor, Section::Dashboard, "Settings").narrow(),
        id: summary.id.to_string(),
        known: digest(settings)?,
        name: settings.name.clone(),
        mailboxes: known
            .iter()
            .filter(|(row, _)| sends(&row.id) || row.state != MailboxState::Disconnected)
            .map(|(row, profile)| Choice {
                id: row.id.to_string(),
                label: format!("{} ({})", profile.display_name, profile.email),
                chosen: sends(&row.id),
            })
            .collect(),
        zone: settings.schedule.zone.clone(),
        daily_cap: settings.schedule.daily_cap.to_string(),
        days: DAYS
            .into_iter()
            .zip(1..)
            .map(|(name, number)| Day {
                number,
                name,
                spans: spans(&settings.schedule.windows, number),
            })
            .collect(),
        absences: absences
            .map(|(place, absence)| {
                let whose = absence.mailbox.map(address);
                let whose = whose.unwrap_or_else(|| "everybody".to_owned());
                Absent {
                    place,
                    words: format!("{} to {}: {whose}", absence.from, absence.to),
                    kept: true,
                }
            })
            .collect(),
        away: Default::default(),
        error: String::new(),
    })
}

/// Tells whether somebody else changed the settings since a page was made.
fn digest(settings: &CampaignSettings) -> Result<String, PageError> {
    let text =
        serde_json::to_string(settings).map_err(|error| PageError::Internal(error.into()))?;
    let bytes = random::hash(&text);
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn spans(windows: &[Window], day: i8) -> String {
    let of_day = windows.iter().filter(|window| window.weekday == day);
    let spans = of_day.map(|window| {
        let (from, to) = (window.from.strftime("%H:%M"), window.to.strftime("%H:%M"));
        format!("{from}-{to}")
    });
    spans.collect::<Vec<_>>().join(", ")
}

fn windows(day: i8, text: &str) -> Result<Vec<Window>, String> {
    let spans = text.split(',').map(str::trim);
    let spans = spans.filter(|span| !span.is_empty());
    let read = |span: &str| {
        let (from, to) = span.split_once('-')?;
        Some(Window {
            weekday: day,
            from: from.trim().parse().ok()?,
            to: to.trim().parse().ok()?,
        })
    };
    let wrong = |span: &str| {
        let name = usize::try_from(day - 1).map_or("", |at| DAYS[at % 7]);
        format!("{name}: `{span}` is no span of time; write it like 09:00-17:00")
    };
    spans
        .map(|span| read(span).ok_or_else(|| wrong(span)))
        .collect()
}

/// `POST /campaigns/{id}/settings`: what is wrong comes back with the reason.
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(campaign): Path<String>,
    given: Fields,
) -> Result<Response, PageError> {
    let campaign: CampaignId = id(&campaign, "campaign")?;
    let summary = summary(&app, campaign).await?;
    let mut page = page(&app, &visitor, &summary).await?;
    if given.text("known") != page.known {
        page.error =
            "Somebody changed these settings meanwhile. This is how they are now.".to_owned();
        return respond_with(StatusCode::CONFLICT, &page);
    }
    keep(&mut page, &given);
    let refused = match read(&given, &summary.settings) {
        Ok(edit) => {
            let campaigns = app.jooper.workspace(app.workspace).campaigns();
            match campaigns.change(campaign, &edit, app.owner).await {
                Ok(_) => {
                    let told = "Changed. What is not due yet is planned anew.";
                    app.sessions.tell(&visitor.key, "good", told);
                    let back = format!("/campaigns/{campaign}");
                    return Ok(Redirect::to(&back).into_response());
                }
                Err(EngineError::Campaign(error)) => error.to_string(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) => error,
    };
    page.error = refused;
    respond_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Shows again what somebody wrote.
fn keep(page: &mut SettingsPage, given: &Fields) {
    page.name = given.text("name").to_owned();
    page.zone = given.text("zone").to_owned();
    page.daily_cap = given.text("daily_cap").to_owned();
    for choice in &mut page.mailboxes {
        choice.chosen = given.all("mailbox").any(|id| id == choice.id);
    }
    for day in &mut page.days {
        day.spans = given.text(&format!("day{}", day.number)).to_owned();
    }
    for absent in &mut page.absences {
        absent.kept = given
            .all("absence")
            .any(|at| at == absent.place.to_string());
    }
    page.away = ["away_from", "away_to"].map(|name| given.text(name).to_owned());
}

fn read(given: &Fields, known: &CampaignSettings) -> Result<SettingsEdit, String> {
    let chosen: Vec<MailboxId> = given
        .all("mailbox")
        .filter_map(|id| id.parse().ok())
        .collect();
    let mut edit = SettingsEdit::new();
    let added = chosen.iter().filter(|id| !known.mailboxes.contains(id));
    edit.add_mailboxes = added.copied().collect();
    let removed = known.mailboxes.iter().filter(|id| !chosen.contains(id));
    edit.remove_mailboxes = removed.copied().collect();
    edit.name = Some(given.text("name").to_owned());
    edit.zone = Some(given.text("zone").to_owned());
    let cap = given.text("daily_cap").parse::<u32>();
    edit.daily_cap = Some(cap.map_err(|_| "Write the cap as a whole number, such as 40.")?);
    let mut all = Vec::new();
    for day in 1..=7 {
        all.extend(windows(day, given.text(&format!("day{day}")))?);
    }
    edit.windows = Some(all);
    let kept = |at: usize| given.all("absence").any(|place| place == at.to_string());
    let absences = known.schedule.absences.iter().enumerate();
    let absences = absences.filter(|(at, _)| kept(*at));
    edit.absences = Some(absences.map(|(_, absence)| *absence).collect());
    let (from, to) = (given.text("away_from"), given.text("away_to"));
    if !from.is_empty() || !to.is_empty() {
        let day = |text: &str| {
            let day = text.parse::<Date>();
            day.map_err(|_| format!("`{text}` is no day; write it like 2027-01-31"))
        };
        edit.add_absences.push(Absence {
            mailbox: given.text("away").parse().ok(),
            from: day(from)?,
            to: day(to)?,
        });
    }
    Ok(edit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_days_windows_read_back_as_they_are_written() {
        let read = windows(3, "09:00-12:00, 13:30-17:00").unwrap();
        assert_eq!(spans(&read, 3), "09:00-12:00, 13:30-17:00");
        assert_eq!(spans(&read, 4), "");
        assert_eq!(windows(3, ""), Ok(Vec::new()));
        let wrong = windows(3, "nine to five").unwrap_err();
        assert!(wrong.starts_with("Wednesday"), "{wrong}");
    }
}
