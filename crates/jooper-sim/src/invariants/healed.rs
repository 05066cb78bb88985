//! When faults have ended and everything has drained: nothing is open, nothing is missing. What
//! counts as skipped had its cause: that was judged when it was written.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{EnrollmentState, LeadId, SendKey, SendState, StepIndex, WorkspaceId};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LANE_COMMAND, LaneCommandRow, SEND, SendRow,
};
use jooper_storage::{Scan, Storage, StorageExt};

use super::{Violation, Wish};

/// What the provider knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProviderView {
    /// How often each send was accepted.
    pub(crate) accepted: BTreeMap<SendKey, u32>,
}

const fn is_test(key: SendKey) -> bool {
    matches!(key, SendKey::Test { .. })
}

/// Checks that every step of every lead has its end.
pub(crate) async fn check_healed(
    store: &dyn Storage,
    workspace: WorkspaceId,
    provider: &ProviderView,
    (leads, left_out): (usize, &BTreeSet<LeadId>),
    mails: u16,
) -> Result<(), Violation> {
    let broken = |error: jooper_storage::StoreError| Violation::Broken(error.to_string());
    let rows = store.collect::<SendRow>(workspace, Scan::table(&SEND));
    let mut settled = BTreeSet::new();
    for row in rows.await.map_err(broken)? {
        let row = row.record;
        settled.insert(row.key);
        let accepted = provider.accepted.contains_key(&row.key);
        match row.state {
            SendState::Sent | SendState::Skipped | SendState::Abandoned => {}
            // Nobody waits for a test that did not go.
            SendState::NotSent | SendState::Unknown if is_test(row.key) && !accepted => {}
            SendState::Unknown if accepted => return Err(Violation::NotFound { key: row.key }),
            state => {
                let (key, state) = (row.key, state.name());
                return Err(Violation::NotSettled(format!("{key:?} is {state}")));
            }
        }
        if accepted && row.state == SendState::Skipped {
            let state = Some(row.state);
            return Err(Violation::Forgotten {
                key: row.key,
                state,
            });
        }
    }
    let commands = store.collect::<LaneCommandRow>(workspace, Scan::table(&LANE_COMMAND));
    for row in commands.await.map_err(broken)? {
        if let Some(wish) = Wish::of(&row.record) {
            return Err(Violation::NotSettled(format!("{wish:?} waits")));
        }
    }
    let rows = store.collect::<EnrollmentRow>(workspace, Scan::table(&ENROLLMENT));
    let rows = rows.await.map_err(broken)?;
    let known: BTreeSet<LeadId> = rows.iter().map(|row| row.record.lead).collect();
    if rows.len() + left_out.difference(&known).count() != leads {
        let enrolled = rows.len();
        return Err(Violation::NotSettled(format!(
            "{leads} leads, {enrolled} of them enrolled"
        )));
    }
    for row in rows {
        if row.record.state != EnrollmentState::Finished {
            let row = row.record;
            return Err(Violation::NotSettled(format!(
                "enrollment {} is {} (wait {:?}) at step {}, due {:?}",
                row.id,
                row.state.name(),
                row.wait,
                row.step.0 + 1,
                row.due_at
            )));
        }
        let enrollment = row.record.id;
        let each = (0..mails).map(|mail| SendKey::Step {
            enrollment,
            step: StepIndex(mail),
        });
        if let Some(key) = each.into_iter().find(|key| !settled.contains(key)) {
            let reason = "nothing of it";
            return Err(Violation::Lost { key, reason });
        }
    }
    Ok(())
}
