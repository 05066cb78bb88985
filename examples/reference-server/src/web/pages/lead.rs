//! One person: profile, reasons, rights.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jooper::consent::{StopScope, not_sendable, parent_domains};
use jooper::core::{
    EmailAddress, EnrollmentId, EnrollmentState, FinishReason, IdSource, LeadId, RequestId,
    StopReason, StopSource, SystemIds, WaitReason,
};
use jooper::leads::{Lead, LeadBasis};
use jooper::sequence::decide::{Explanation, TraceLine};
use jooper::sequence::{EnrollmentView, LaneCommand};
use jooper::storage::tables::{LEAD_ADDRESS, LeadAddressRow, SuppressionRow, THREAD, ThreadRow};
use jooper::storage::{Column, Record, Scan, StorageExt};
use jooper::tracking::Wish;
use jooper::vault::Place;

use super::{id, place, pressed, requests};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::people;
use crate::web::sessions::Visitor;
use crate::web::times::{Moment, without_instants};
use crate::web::views::layout::{Layout, Section};
use crate::web::views::lead::{Basis, Decision, LeadPage, Rule, Story};
use crate::web::views::respond;
use crate::web::words;

/// The lead of an address, if there is one.
pub(super) async fn load(app: &App, text: &str) -> Result<Lead, PageError> {
    let lead: LeadId = id(text, "lead")?;
    let found = app
        .jooper
        .workspace(app.workspace)
        .leads()
        .get(app.workspace, lead)
        .await?;
    found.ok_or(PageError::NotFound("lead"))
}

/// The conversations with a lead.
pub(super) async fn threads(app: &App, lead: LeadId) -> Result<Vec<ThreadRow>, PageError> {
    let scan = Scan::table(&THREAD)
        .by("by_lead")
        .prefix(vec![lead.to_value()]);
    let rows = app
        .jooper
        .storage()
        .collect::<ThreadRow>(app.workspace, scan)
        .await?;
    Ok(rows.into_iter().map(|row| row.record).collect())
}

/// `GET /leads/{id}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
) -> Result<Response, PageError> {
    let lead = load(&app, &lead).await?;
    let workspace = app.jooper.workspace(app.workspace);
    let mut campaigns = Vec::new();
    for view in workspace.explain(lead.row.id).await? {
        let campaign = workspace.campaigns().get(view.enrollment.campaign).await;
        let name = words::campaign_name(campaign)?;
        campaigns.push(story(&app, name, view));
    }
    let threads = threads(&app, lead.row.id).await?;
    let threads = threads
        .into_iter()
        .filter(|thread| thread.last_kind.is_some());
    let name = people::name(&lead.profile);
    respond(&LeadPage {
        layout: Layout::new(&app, &visitor, Section::Leads, name),
        id: lead.row.id.to_string(),
        badge: words::lead(lead.row.state),
        stopped: stopped(&app, &lead).await?,
        asked: asked(&app, lead.row.id).await?,
        facts: facts(&lead),
        imported: app.zone.moment(lead.row.created_at),
        bases: lead.bases.iter().map(|found| basis(&app, found)).collect(),
        campaigns,
        threads: threads
            .map(|thread| {
                (
                    format!("/inbox/{}", thread.id),
                    app.zone.moment(thread.last_at),
                )
            })
            .collect(),
    })
}

fn facts(lead: &Lead) -> Vec<(String, String)> {
    let profile = &lead.profile;
    let known = [
        ("E-mail", Some(profile.email.clone())),
        ("Company", profile.company.clone()),
        ("Title", profile.title.clone()),
        ("Phone", profile.phone.clone()),
        (
            "Country",
            Some(
                lead.row
                    .country
                    .map_or("unknown".to_owned(), |land| land.to_string()),
            ),
        ),
        ("Time zone", lead.row.zone.clone()),
        ("Came from", Some(profile.source.clone())),
        ("Imported from", profile.imported.clone()),
    ];
    let mut facts: Vec<(String, String)> = known
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    facts.extend(
        profile
            .fields
            .iter()
            .map(|(name, value)| (spelled(name), value.clone())),
    );
    facts
}

/// A field's machine name as people write it: `met_at` is "Met at".
fn spelled(field: &str) -> String {
    let words = field.replace('_', " ");
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    first + letters.as_str()
}

fn basis(app: &App, found: &LeadBasis) -> Basis {
    let now = app.now();
    Basis {
        kind: words::basis(found.kind),
        since: app.zone.day(found.obtained_at),
        ended: match (found.withdrawn_at, found.expires_at) {
            (Some(_), _) => "withdrawn",
            (None, Some(end)) if end <= now => "has run out",
            _ => "",
        },
        source: found.evidence.source.clone(),
        proof: found.evidence.proof.clone(),
    }
}

fn story(app: &App, campaign: String, view: EnrollmentView) -> Story {
    let enrollment = &view.enrollment;
    let next = view
        .next
        .map(|next| decision(app, app.now(), next, 1, None));
    let outlook = match (&next, enrollment.wait) {
        (None, _) => String::new(),
        (Some(_), Some(reason)) => words::waits(reason).to_owned(),
        (Some(next), None) => next.summary.clone(),
    };
    let open = enrollment.state != EnrollmentState::Finished;
    // What is pressed is meant for the step that the page shows, and for no other.
    let stands = view.place.is_some();
    let task = enrollment.wait == Some(WaitReason::ManualTask);
    let asks_first = matches!(
        enrollment.wait,
        Some(
            WaitReason::Overdue
                | WaitReason::Restored
                | WaitReason::SendRefused
                | WaitReason::Unreadable
                | WaitReason::CampaignMissing
        )
    );
    Story {
        campaign,
        enrollment: enrollment.id.to_string(),
        place: view.place.map(|place| (place.version, place.node)),
        can_skip: stands && enrollment.wait != Some(WaitReason::SendUnknown),
        can_send_now: view.at_mail && enrollment.state == EnrollmentState::Active,
        can_finish_task: stands && task,
        can_pause: open && enrollment.state != EnrollmentState::Paused,
        can_resume: enrollment.state == EnrollmentState::Paused || asks_first,
        can_end: open,
        href: format!("/campaigns/{}", enrollment.campaign),
        badge: words::enrollment(enrollment.state, enrollment.finish),
        outlook,
        next: next.map(|next| next.lines).unwrap_or_default(),
        decisions: decisions(app, view.decisions),
    }
}

/// What was decided, oldest first. A mail that waits is asked about again and again: the same answer
/// many times in a row is shown once, with its latest time.
fn decisions(app: &App, all: Vec<(Timestamp, Explanation)>) -> Vec<Decision> {
    let mut shown: Vec<Decision> = Vec::new();
    let (mut last, mut first) = (String::new(), None);
    for (at, why) in all {
        let bare = without_instants(&why.summary);
        let (mut times, mut since) = (1, None);
        if bare == last
            && let Some(before) = shown.pop()
        {
            times = before.times + 1;
            since = first.clone();
        } else {
            first = Some(app.zone.moment(at));
        }
        last = bare;
        shown.push(decision(app, at, why, times, since));
    }
    shown
}

fn decision(
    app: &App,
    at: Timestamp,
    why: Explanation,
    times: usize,
    since: Option<Moment>,
) -> Decision {
    let rule = |line: TraceLine| Rule {
        rule: line.rule,
        input: app.zone.sentence(&line.input),
        verdict: app.zone.sentence(&line.verdict),
    };
    Decision {
        tone: tone(&why.summary),
        at: app.zone.moment(at),
        summary: app.zone.sentence(&why.summary),
        times,
        since,
        lines: why.lines.into_iter().map(rule).collect(),
    }
}

/// The color of a decision's dot; it only repeats what the sentence says.
fn tone(summary: &str) -> &'static str {
    if summary.ends_with("was sent.") || summary == "Every mail was sent." {
        "good"
    } else if summary.starts_with("Nothing is sent") || summary.contains("not sent") {
        "bad"
    } else if summary.contains("waits") || summary.starts_with("Paused") {
        "warn"
    } else {
        ""
    }
}

/// What the person asked for and was not given yet, in a sentence.
async fn asked(app: &App, lead: LeadId) -> Result<Vec<String>, PageError> {
    let open = requests::open(app).await?.into_iter();
    let theirs = open.filter(|request| request.lead == lead);
    Ok(theirs
        .map(|request| {
            let what = match request.wish {
                Wish::Erase => "to be erased",
                Wish::See => "to see their data",
            };
            let by = app.zone.sentence(&request.answer_by.to_string());
            format!("This person asks {what}. The law wants an answer by {by}.")
        })
        .collect())
}

/// Why nothing is sent to this person; empty when nothing stops it.
async fn stopped(app: &App, lead: &Lead) -> Result<&'static str, PageError> {
    let Ok(address) = EmailAddress::parse(&lead.profile.email) else {
        return Ok("");
    };
    let vault = app.jooper.vault().workspace(app.workspace).await?;
    let mut listed = vault.variant_indexes(&address);
    listed.push(vault.contact_index(&address));
    let domain = address.domain();
    let domains = [domain].into_iter().chain(parent_domains(domain));
    listed.extend(domains.map(|domain| vault.domain_index(domain)));
    let storage = app.jooper.storage();
    for index in listed {
        let key = vec![index.to_value()];
        let row = storage.find::<SuppressionRow>(app.workspace, key).await?;
        if let Some(row) = row.map(|row| row.record) {
            // Who is at a domain on the list did nothing, and can undo nothing.
            let domain = row
                .beside
                .filter(|beside| *beside == StopReason::WholeDomain);
            return Ok(words::stopped(domain.unwrap_or(row.reason)));
        }
    }
    let everywhere = app.jooper.vault().platform().await?;
    let everywhere = vec![everywhere.variant_indexes(&address)];
    let barred = not_sendable(&**storage, &everywhere).await?;
    Ok(match barred[..] {
        [true] => "this address cannot be mailed.",
        _ => "",
    })
}

/// Whether something keeps mail from a lead that waits for a person's judgement.
pub(super) async fn has_provisional_stop(app: &App, lead: LeadId) -> Result<bool, PageError> {
    let scan = Scan::table(&LEAD_ADDRESS)
        .by("by_lead")
        .prefix(vec![lead.to_value()]);
    let storage = app.jooper.storage();
    let addresses = storage.collect::<LeadAddressRow>(app.workspace, scan);
    for address in addresses.await? {
        let key = vec![address.record.contact_index.to_value()];
        let row = storage.find::<SuppressionRow>(app.workspace, key).await?;
        if row.is_some_and(|row| row.record.provisional) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `POST /leads/{id}/stop`: every form of every address goes on the list.
pub(crate) async fn stop(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let lead = load(&app, &lead).await?.row.id;
    let vault = app.jooper.vault().workspace(app.workspace).await?;
    let theirs = vault.subject(lead).await?;
    let scan = Scan::table(&LEAD_ADDRESS)
        .by("by_lead")
        .prefix(vec![lead.to_value()]);
    for row in app
        .jooper
        .storage()
        .collect::<LeadAddressRow>(app.workspace, scan)
        .await?
    {
        let row = row.record;
        let text = theirs.open(&Place::of(&row.key(), "address"), &row.address)?;
        let variants = match EmailAddress::parse(&text.0) {
            Ok(address) => vault.variant_indexes(&address),
            Err(_) => vec![row.email_index],
        };
        let scope = StopScope::Person {
            contact_index: row.contact_index,
            variants,
            lead: Some(lead),
        };
        let (why, who) = (StopReason::Listed, StopSource::User);
        app.jooper
            .stops()
            .stop(app.workspace, scope, why, who)
            .await?;
    }
    let over = LaneCommand::EndLead(lead, FinishReason::Removed);
    app.jooper
        .workspace(app.workspace)
        .campaigns()
        .tell_lead(lead, &over)
        .await?;
    let told = "Stopped. No mail to this person starts any more, in no campaign.";
    app.sessions.tell(&visitor.key, "good", told);
    Ok(Redirect::to(&format!("/leads/{lead}")).into_response())
}

/// `POST /leads/{id}/step`: skips, hurries or finishes what comes next in one campaign, or pauses,
/// resumes and ends it for this person.
pub(crate) async fn step(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    Path(lead): Path<String>,
    fields: Fields,
) -> Result<Response, PageError> {
    let lead: LeadId = id(&lead, "lead")?;
    let enrollment: EnrollmentId = fields.id("enrollment")?;
    let campaigns = app.jooper.workspace(app.workspace).campaigns();
    let (tone, told) = match fields.text("do") {
        "skip" => words::skipping(campaigns.skip_at(enrollment, place(&fields)?).await?),
        "now" => pressed(
            campaigns.send_now_at(enrollment, place(&fields)?).await,
            "This mail goes as soon as the mailbox may send.",
        )?,
        "done" => pressed(
            campaigns.task_done_at(enrollment, place(&fields)?).await,
            "Done. The step after it follows.",
        )?,
        "pause" => {
            campaigns.pause_enrollment(enrollment).await?;
            (
                "good",
                "Paused. No mail of this campaign to this person starts any more.",
            )
        }
        "resume" => {
            campaigns.resume_enrollment(enrollment, app.owner).await?;
            ("good", "It goes on.")
        }
        "end" => {
            campaigns.end_enrollment(enrollment).await?;
            (
                "good",
                "Taken out of the campaign. What was not sent yet is skipped.",
            )
        }
        _ => return Err(PageError::BadRequest("the button is not known".to_owned())),
    };
    app.sessions.tell(&visitor.key, tone, told);
    Ok(Redirect::to(&format!("/leads/{lead}")).into_response())
}

/// `POST /leads/{id}/export`: a copy of everything, as a file. The export itself is recorded.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    _: Visitor,
    Path(lead): Path<String>,
    _: Fields,
) -> Result<Response, PageError> {
    let lead: LeadId = id(&lead, "lead")?;
    let request = RequestId::from_uuid(SystemIds.uuid(app.now()));
    let workspace = app.jooper.workspace(app.workspace);
    let copy = workspace
        .rights()
        .export_lead(app.workspace, lead, request)
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{lead}.json\""),
        ),
    ];
    Ok((headers, copy.to_json()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_spelled_for_people() {
        assert_eq!(spelled("met_at"), "Met at");
        assert_eq!(spelled(""), "");
    }

    #[test]
    fn the_dot_has_the_color_of_the_sentence() {
        assert_eq!(tone("Mail 1 was sent."), "good");
        assert_eq!(tone("Nothing is sent: no basis."), "bad");
        assert_eq!(tone("Mail 2 was not sent: unreachable."), "bad");
        assert_eq!(tone("Mail 2 waits until tomorrow: too soon."), "warn");
        assert_eq!(tone("They answered, so nothing more is sent."), "");
    }
}
