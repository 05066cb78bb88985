//! The mutant that the test for leaks must find: one person's name, address and fields in a column
//! that is not sealed. Built with the feature `leak-mutant`, and reached by the program
//! `leaky-server` alone.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use jooper::core::LeadId;
use jooper::storage::tables::{USER, UserRow};
use jooper::storage::{Batch, Scan, StorageExt};

use crate::error::{Context, ServerError};
use crate::web::App;

static LEAKS: AtomicBool = AtomicBool::new(false);

/// Runs the server with its leak.
pub fn main() -> ExitCode {
    LEAKS.store(true, Ordering::Relaxed);
    crate::main()
}

/// Writes what is known of a lead into the clear column `role` of the server's user.
pub(crate) async fn spill(app: &App, lead: LeadId) -> Result<(), ServerError> {
    if !LEAKS.load(Ordering::Relaxed) {
        return Ok(());
    }
    let doing = "leaking on purpose";
    let workspace = app.jooper.workspace(app.workspace);
    let lead = workspace.leads().get(app.workspace, lead).await;
    let Some(lead) = lead.context(doing)? else {
        return Ok(());
    };
    let page = app
        .jooper
        .storage()
        .page::<UserRow>(app.workspace, Scan::table(&USER).limit(1))
        .await
        .context(doing)?;
    for user in page.records {
        let profile = &lead.profile;
        let next = UserRow {
            role: format!(
                "{} {:?} {:?} {:?}",
                profile.email, profile.first_name, profile.last_name, profile.fields
            ),
            ..user.record
        };
        let batch = Batch::new(app.workspace).update(&next, user.version);
        app.jooper.storage().commit(batch).await.context(doing)?;
    }
    Ok(())
}
