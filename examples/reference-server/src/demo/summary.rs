//! How far the demo is, and what it proved.

use jiff::Timestamp;
use jooper::core::{CampaignId, Code, EnrollmentState, FinishReason};
use jooper::storage::tables::{ENROLLMENT, EnrollmentRow};
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

/// What came of it, and whether the numbers agree with what the simulator itself counted.
pub(super) async fn summary(app: &App, google: &Google) -> Result<String, ServerError> {
    let rows = enrollments(app).await?;
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
        out.push_str(&format!(
            "  every step accounted for, from rows and from the log: {}\n",
            if checked.agrees() {
                "both agree"
            } else {
                "THEY DIFFER"
            }
        ));
    }
    let sent: usize = rows.iter().map(|row| usize::from(row.sent)).sum();
    if let Some(accepted) = google.accepted() {
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
    Ok(out)
}
