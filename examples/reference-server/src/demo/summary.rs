//! How far the demo is, and what it proved.

use jiff::Timestamp;
use jooper::core::{CampaignId, Code, EnrollmentState, FinishReason, SendState};
use jooper::storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper::storage::{Scan, StorageExt};

use super::google::Google;
use crate::error::{Context, ServerError};
use crate::web::App;

/// Enrollments by state.
#[derive(Debug, Default)]
pub(super) struct Progress {
    active: usize,
    waiting: usize,
    ended: usize,
    sent: usize,
}

impl Progress {
    pub(super) const fn is_done(&self) -> bool {
        self.active == 0 && self.ended > 0
    }

    pub(super) fn line(&self, now: Timestamp) -> String {
        format!(
            "{}  {} mails sent, {} people under way, {} waiting, {} done",
            now.strftime("%a %F %H:%M"),
            self.sent,
            self.active,
            self.waiting,
            self.ended
        )
    }
}

async fn enrollments(app: &App) -> Result<Vec<EnrollmentRow>, ServerError> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = app
        .jooper
        .storage()
        .collect::<EnrollmentRow>(app.workspace, scan)
        .await
        .context("the enrollments")?;
    Ok(rows.into_iter().map(|row| row.record).collect())
}

pub(super) async fn progress(app: &App) -> Result<Progress, ServerError> {
    let mut progress = Progress::default();
    for row in enrollments(app).await? {
        progress.sent += usize::from(row.sent);
        match row.state {
            EnrollmentState::Active => progress.active += 1,
            EnrollmentState::Finished => progress.ended += 1,
            _ => progress.waiting += 1,
        }
    }
    Ok(progress)
}

/// Whether a breaker has stopped something and waits for a person.
pub(super) async fn stopped(app: &App) -> Result<bool, ServerError> {
    let breakers = app.jooper.breakers();
    let stopped = breakers.stopped(app.workspace).await;
    Ok(!stopped.context("the breakers")?.is_empty())
}

/// What came of it, in words, and whether all counts agree.
pub(super) struct Summary {
    pub(super) text: String,
    pub(super) agrees: bool,
}

/// What came of it, and whether the numbers agree with what the simulator itself counted.
pub(super) async fn summary(app: &App, google: &Google) -> Result<Summary, ServerError> {
    let rows = enrollments(app).await?;
    let mut agrees = true;
    let mut out = String::from("\nThe campaign has ended.\n");
    for reason in FinishReason::all() {
        let count = rows
            .iter()
            .filter(|row| row.finish == Some(*reason))
            .count();
        if count > 0 {
            out.push_str(&format!(
                "  {:<16} {count}\n",
                reason.name().replace('_', " ")
            ));
        }
    }
    let campaigns: std::collections::BTreeSet<CampaignId> =
        rows.iter().map(|row| row.campaign).collect();
    let analytics = app.jooper.workspace(app.workspace);
    for campaign in campaigns {
        let checked = analytics
            .analytics()
            .check(app.workspace, campaign)
            .await
            .context("the balance of the campaign")?;
        agrees &= checked.agrees();
        out.push_str(&format!(
            "  every step accounted for, from rows and from the log: {}\n",
            if checked.agrees() {
                "both agree"
            } else {
                "THEY DIFFER"
            }
        ));
    }
    if let Some(accepted) = google.accepted() {
        let sent = sent(app).await?;
        agrees &= sent == accepted;
        out.push_str(&format!(
            "  jooper counts {sent} mails sent; the simulator accepted {accepted}: {}\n",
            if sent == accepted {
                "equal"
            } else {
                "THEY DIFFER"
            }
        ));
    }
    let reactions = google.reactions();
    if !reactions.is_empty() {
        let told: Vec<_> = reactions
            .iter()
            .map(|(what, n)| format!("{what} {n}"))
            .collect();
        out.push_str(&format!("  what people did: {}\n", told.join(", ")));
    }
    Ok(Summary { text: out, agrees })
}

/// How many mails of every kind left: of the campaign, and what people wrote by hand or asked for.
async fn sent(app: &App) -> Result<usize, ServerError> {
    let rows = app
        .jooper
        .storage()
        .collect::<SendRow>(app.workspace, Scan::table(&SEND))
        .await
        .context("the ledger")?;
    let left = rows
        .iter()
        .filter(|row| row.record.state == SendState::Sent);
    Ok(left.count())
}
