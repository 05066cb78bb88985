//! L2: every intent settles, or is unknown in sight of a person; never guessed, never undone.

use std::collections::BTreeMap;

use jooper_core::{EnrollmentId, EnrollmentState, SendState, SkipReason, WorkspaceId};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Column, Scan, Storage, StorageExt};

use super::{Change, Invariant, Moved, ProviderView, Violation, Wish, Wishes};

/// Judges every move of a row of the ledger.
#[derive(Debug, Default)]
pub(crate) struct NoSilentLoss {
    /// Steps that somebody wants skipped.
    skips: Wishes,
}

impl Invariant for NoSilentLoss {
    fn committed(&mut self, change: &Change) -> Result<(), Violation> {
        change.sends.iter().try_for_each(judge)?;
        if let Some(moved) = change.sends.first().filter(|_| change.overwritten) {
            let key = moved.after.key;
            return Err(Violation::Overwritten { key });
        }
        for (command, wish) in &change.wishes {
            if let Wish::Skip(enrollment) = wish {
                self.skips.say(*command, *enrollment);
            }
        }
        for moved in &change.sends {
            let row = &moved.after;
            let by_person = row.state == SendState::Skipped
                && row.skip == Some(SkipReason::ByPerson)
                && moved.before.as_ref().map(|row| row.state) != Some(SendState::Skipped);
            if let Some(enrollment) = row.enrollment.filter(|_| by_person)
                && !self.skips.take(enrollment)
            {
                return Err(Violation::SkippedUnasked { key: row.key });
            }
        }
        for command in &change.done {
            self.skips.end(*command);
        }
        Ok(())
    }

    fn skip_asked(&mut self, enrollment: EnrollmentId) {
        self.skips.ask(enrollment);
    }
}

/// The moves of design section 7; a row may also be written again as it is.
fn judge(moved: &Moved<SendRow>) -> Result<(), Violation> {
    use SendState::{Abandoned, NotSent, Planned, Posting, Reserved, Sent, Skipped, Unknown};
    let from = moved.before.as_ref().map(|row| row.state);
    let to = moved.after.state;
    let before = moved.before.as_ref().map_or(0, |row| row.released);
    let released = moved.after.released > before;
    let legal = match (from, to) {
        (None | Some(Planned | NotSent), Reserved) => true,
        (None | Some(Planned | NotSent), Skipped) => before == 0,
        (Some(Reserved), Planned | Posting | NotSent) => true,
        (Some(Posting), Sent | NotSent | Unknown) => true,
        (Some(Unknown), Sent | Abandoned) => true,
        (Some(Unknown), Planned) => released,
        // Its worker had lost the lane when it heard that the try was refused.
        (Some(Unknown), NotSent | Skipped) => moved.after.not_sent.is_some(),
        (Some(Unknown), Unknown) => is_searched(moved),
        // An earlier try turns out to have gone before the one that a person released; or there is
        // no further try, and nobody knows of the first one.
        (Some(Planned | NotSent), Sent | Abandoned) => before > 0,
        (Some(Sent), Sent) => true,
        _ => false,
    };
    if legal {
        return Ok(());
    }
    let key = moved.after.key;
    Err(Violation::IllegalMove { key, from, to })
}

/// Whether a row says anew what a search for it came to, and changed in nothing else.
fn is_searched(moved: &Moved<SendRow>) -> bool {
    let after = &moved.after;
    moved.before.as_ref().is_some_and(|before| {
        let before = SendRow {
            searched: after.searched,
            searched_at: after.searched_at,
            ..before.clone()
        };
        before == *after && after.searched.is_some()
    })
}

/// Checks the ledger as it lies: unknown sends hold their enrollments, and ledger and provider
/// contradict each other nowhere.
pub(crate) async fn check_ledger(
    store: &dyn Storage,
    workspace: WorkspaceId,
    provider: &ProviderView,
) -> Result<(), Violation> {
    let broken = |error: jooper_storage::StoreError| Violation::Broken(error.to_string());
    let sends = store.collect::<SendRow>(workspace, Scan::table(&SEND));
    let sends: Vec<SendRow> = records(sends.await.map_err(broken)?);
    let enrollments = store.collect::<EnrollmentRow>(workspace, Scan::table(&ENROLLMENT));
    let enrollments: BTreeMap<_, _> = records(enrollments.await.map_err(broken)?)
        .into_iter()
        .map(|row: EnrollmentRow| (row.id.to_value(), row.state))
        .collect();
    let mut states = BTreeMap::new();
    for row in &sends {
        states.insert(row.key, row.state);
        let enrollment = row.enrollment.map(|id| id.to_value());
        let goes_on = enrollment.and_then(|id| enrollments.get(&id).copied());
        if row.state == SendState::Unknown && goes_on == Some(EnrollmentState::Active) {
            return Err(Violation::UnknownGoesOn { key: row.key });
        }
        if row.state == SendState::Sent && !provider.accepted.contains_key(&row.key) {
            return Err(Violation::NeverSent { key: row.key });
        }
    }
    for key in provider.accepted.keys() {
        let state = states.get(key).copied();
        let kept = matches!(
            state,
            Some(SendState::Posting | SendState::Sent | SendState::Unknown | SendState::Abandoned)
        );
        // A release says itself, in a person's name, that a second mail may follow: until it is
        // settled. What a person released never counts as skipped.
        let skipped = state == Some(SendState::Skipped);
        let released = sends.iter().any(|row| row.key == *key && row.released > 0) && !skipped;
        if !kept && !released {
            return Err(Violation::Forgotten { key: *key, state });
        }
    }
    Ok(())
}

fn records<R>(rows: Vec<jooper_storage::Versioned<R>>) -> Vec<R> {
    rows.into_iter().map(|row| row.record).collect()
}
