//! Breakers and their way back, rules in force, and the audit chain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use jooper::consent::{BreakerScope, InstalledBy, Line, StopScope, refused_bases};
use jooper::core::{BasisKind, CampaignId, CampaignState, Code, MailboxId, MailboxState};

use crate::commands::{audit_hex, audit_looked_at, policy_stale};
use crate::web::app::App;
use crate::web::error::PageError;
use crate::web::forms::Fields;
use crate::web::sessions::Visitor;
use crate::web::views::layout::{Layout, Section};
use crate::web::views::respond;
use crate::web::views::safety::{Checked, Guarded, OwnRule, SafetyPage, Table, Waiting};
use crate::web::words;

/// `GET /safety`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    page(&app, &visitor, None).await
}

/// `POST /safety/check`: checks the whole audit chain and shows what it found.
pub(crate) async fn check(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    let report = app.jooper.audit_verify(app.workspace).await?;
    let checked = Checked {
        looked_at: audit_looked_at(&report),
        conclusion: report.conclusion(),
        judged: report.judged() > 0,
        restored: report.restored.iter().map(ToString::to_string).collect(),
        findings: report.findings.iter().map(ToString::to_string).collect(),
    };
    page(&app, &visitor, Some(checked)).await
}

/// `POST /safety/export`: the chain as a file.
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    _: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    let mut file = Vec::new();
    app.jooper.audit_export(app.workspace, &mut file).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"audit.jsonl\"".to_owned(),
        ),
    ];
    Ok((headers, file).into_response())
}

/// `POST /safety/reset`: a person has looked; the figures begin anew and mail goes on.
pub(crate) async fn reset(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, PageError> {
    let scope = match fields.text("kind") {
        "mailbox" => BreakerScope::Mailbox(fields.id("id")?),
        "campaign" => BreakerScope::Campaign(fields.id("id")?),
        _ => return Err(PageError::BadRequest("the button is not known".to_owned())),
    };
    let breakers = app.jooper.breakers();
    breakers.reset(app.workspace, scope, app.owner).await?;
    let sampled = match scope {
        BreakerScope::Campaign(id) => breakers.sample(app.workspace, id).await?.is_some(),
        BreakerScope::Mailbox(_) => false,
    };
    let scope = match scope {
        BreakerScope::Mailbox(id) => StopScope::Mailbox(id),
        BreakerScope::Campaign(id) => StopScope::Campaign(id),
    };
    let rest = app.jooper.stops().causes(app.workspace, &scope).await?;
    let told = words::reset(rest.first().map(|cause| cause.reason), sampled);
    Ok(back(&app, &visitor, told))
}

/// `POST /safety/pause`: nothing of this workspace is sent until it is resumed.
pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    app.jooper.engine().pause_workspace(app.workspace).await?;
    let told = "Paused. No mail starts any more, from no mailbox; answers are still read.";
    Ok(back(&app, &visitor, told))
}

/// `POST /safety/resume`
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: Fields,
) -> Result<Response, PageError> {
    let engine = app.jooper.engine();
    engine.resume_workspace(app.workspace, app.owner).await?;
    Ok(back(&app, &visitor, "It goes on."))
}

/// `POST /safety/sample`: a person does not wait for the result of the first mails.
pub(crate) async fn sample(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    fields: Fields,
) -> Result<Response, PageError> {
    let campaign: CampaignId = fields.id("id")?;
    let breakers = app.jooper.breakers();
    breakers
        .clear_sample(app.workspace, campaign, app.owner)
        .await?;
    Ok(back(&app, &visitor, "The rest of the campaign goes on."))
}

pub(super) fn back(app: &App, visitor: &Visitor, told: &str) -> Response {
    app.sessions.tell(&visitor.key, "good", told);
    Redirect::to("/safety").into_response()
}

async fn page(
    app: &App,
    visitor: &Visitor,
    checked: Option<Checked>,
) -> Result<Response, PageError> {
    let workspace = app.jooper.workspace(app.workspace);
    let breakers = app.jooper.breakers();
    let stopped = breakers.stopped(app.workspace).await?;
    let (mut guarded, mut waiting) = (Vec::new(), Vec::new());
    let mut deaf = BTreeMap::new();
    for (row, profile) in workspace.mailboxes().list().await? {
        let name = profile.email;
        let mut one = figures(app, &stopped, BreakerScope::Mailbox(row.id), name.clone()).await?;
        if !is_read(row.state) {
            deaf.insert(row.id, name);
            if !one.tripped {
                (one.tone, one.words) = ("warn", "Cannot be read");
            }
        }
        guarded.push(one);
    }
    for campaign in workspace.campaigns().list().await? {
        let over = [CampaignState::Finished, CampaignState::Stopped];
        if campaign.activated_at.is_none() || over.contains(&campaign.state) {
            continue;
        }
        let name = campaign.settings.name;
        let scope = BreakerScope::Campaign(campaign.id);
        guarded.push(figures(app, &stopped, scope, name.clone()).await?);
        let out = breakers.sample(app.workspace, campaign.id).await?;
        let of = breakers.sample_size();
        if let Some(out) = out.filter(|out| *out >= of) {
            let people = workspace.campaigns().list_quality(campaign.id).await?;
            let unread = breakers.sample_unread(app.workspace, campaign.id).await?;
            let unread = unread.iter().filter_map(|id| deaf.get(id));
            let unread: Vec<_> = unread.cloned().collect();
            waiting.push(Waiting {
                id: campaign.id.to_string(),
                name,
                out,
                of,
                list: words::list(&people),
                unread: unread.join(", "),
            });
        }
    }
    respond(&SafetyPage {
        layout: Layout::new(app, visitor, Section::Safety, "Safety"),
        paused: app
            .jooper
            .engine()
            .is_workspace_paused(app.workspace)
            .await?,
        guarded,
        waiting,
        tables: rules(app),
        stale: policy_stale(app.jooper.policies(), app.now())
            .iter()
            .map(ToString::to_string)
            .collect(),
        bases: bases(app).await?,
        sign_up_url: app
            .jooper
            .tracking()
            .sign_up_url(app.workspace)
            .await
            .map_err(|error| PageError::Internal(Box::new(error)))?
            .to_string(),
        public_key: audit_hex(&app.jooper.audit_key().await?.public()),
        checked,
    })
}

/// Every basis, and whether the workspace refuses it whatever the tables admit.
async fn bases(app: &App) -> Result<Vec<OwnRule>, PageError> {
    let refused = refused_bases(&**app.jooper.storage(), app.workspace).await?;
    let all = BasisKind::all().iter();
    let rule = |kind: &BasisKind| OwnRule {
        name: kind.name(),
        words: words::basis(*kind),
        refused: refused.contains(kind),
    };
    Ok(all.map(rule).collect())
}

/// Whether what comes back to a mailbox of this state is read: where it is not, few bounces are no
/// good sign.
const fn is_read(state: MailboxState) -> bool {
    matches!(
        state,
        MailboxState::Connected
            | MailboxState::ReadOnly
            | MailboxState::Paused
            | MailboxState::Parked
    )
}

/// The policy tables in force, and who answers for them.
pub(super) fn rules(app: &App) -> Vec<Table> {
    let policies = app.jooper.policies();
    let table = |what, version: &str, by: Option<InstalledBy>| Table {
        what,
        version: version.to_owned(),
        by: by.map_or_else(
            || "as shipped".to_owned(),
            |by| match &app.reviewer {
                Some(name) => format!("installed under the reviewer {name} ({})", by.reviewer),
                None => format!("installed under the reviewer {}", by.reviewer),
            },
        ),
    };
    vec![
        table(
            "Law by country",
            policies.countries().version(),
            policies.countries_by(),
        ),
        table(
            "Rules of the mail providers",
            policies.transports().version(),
            policies.transports_by(),
        ),
    ]
}

async fn figures(
    app: &App,
    stopped: &BTreeSet<BreakerScope>,
    scope: BreakerScope,
    name: String,
) -> Result<Guarded, PageError> {
    let figures = app.jooper.breakers().figures(app.workspace, scope).await?;
    let (kind, what) = match scope {
        BreakerScope::Mailbox(_) => ("mailbox", "Mailbox"),
        BreakerScope::Campaign(_) => ("campaign", "Campaign"),
    };
    let tripped = stopped.contains(&scope);
    let (tone, words) = match (tripped, figures.line(scope)) {
        (true, _) => ("bad", "Stopped by itself"),
        (false, Line::Clear) => ("good", "Fine"),
        (false, _) => ("warn", "Look at it"),
    };
    Ok(Guarded {
        kind,
        id: match scope {
            BreakerScope::Mailbox(id) => MailboxId::to_string(&id),
            BreakerScope::Campaign(id) => CampaignId::to_string(&id),
        },
        name,
        what,
        tone,
        words,
        recent: figures.recent,
        bounced: figures.bounced,
        longer: figures.longer,
        complained: figures.complained,
        tripped,
    })
}
