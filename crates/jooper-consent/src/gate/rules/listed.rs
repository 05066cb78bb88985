//! Lists and standing stops.

use std::collections::BTreeSet;

use jooper_core::StopReason;
use jooper_storage::tables::SuppressionRow;

use super::{Context, Steps, deny, wait};
use crate::gate::trace::{GateName, RefusalReason, Verdict};
use crate::reach::{keeps_back, reaches};
use crate::request::OPT_IN_REQUESTED;

pub(super) fn suppression(context: &Context<'_>, steps: &mut Steps) {
    let kind = context.intent.key.kind();
    let rows = &context.rows.suppressions;
    // Anybody can type an address into a sign-up page. Whoever has said no is not asked again; a
    // mail of ours in their hands, or a letter, is their way back.
    let unasked = context
        .rows
        .request
        .as_ref()
        .is_some_and(|row| row.kind == OPT_IN_REQUESTED);
    let bars = |reason: StopReason| {
        keeps_back(reason, kind)
            || unasked
                && matches!(
                    reason,
                    StopReason::Objected | StopReason::Erased | StopReason::StopWords
                )
    };
    let barred = rows.iter().filter_map(|row| {
        let mut reasons = [row.reason].into_iter().chain(row.beside);
        Some((row, reasons.find(|reason| bars(*reason))?))
    });
    // Every entry that bars, whichever comes first: one may wait, and another forbid. The forms of one
    // address say the same, once.
    let mut said = BTreeSet::new();
    for (row, barring) in barred {
        let (input, verdict) = said_of(context, row, barring);
        if said.insert((input.clone(), row.provisional)) {
            steps.push(GateName::Suppression, input, verdict);
        }
    }
    if said.is_empty() {
        steps.push(
            GateName::Suppression,
            "not on the workspace's list",
            Verdict::Allow,
        );
    }
}

fn said_of(context: &Context<'_>, row: &SuppressionRow, barring: StopReason) -> (String, Verdict) {
    let to = &context.intent.recipient;
    let what = if row.index == to.domain_index {
        "the domain"
    } else if to.parent_domains.contains(&row.index) {
        "a domain above it"
    } else {
        "the address"
    };
    let input = format!(
        "{what} is on the list: {}, by {}, since {}",
        barring.name(),
        row.source.name(),
        row.since.strftime("%F"),
    );
    let reason = RefusalReason::Suppressed(barring);
    // A provisional entry waits for somebody to look at the reply.
    let verdict = if row.provisional {
        wait(reason)
    } else {
        deny(reason)
    };
    (input, verdict)
}

/// The platform's list answers nothing but "not sendable", and no purpose passes it.
pub(super) fn do_not_contact(context: &Context<'_>, steps: &mut Steps) {
    let (input, verdict) = if context.rows.do_not_contact.is_empty() {
        ("sendable", Verdict::Allow)
    } else {
        ("not sendable", deny(RefusalReason::DoNotContact))
    };
    steps.push(GateName::DoNotContact, input, verdict);
}

pub(super) fn stops(context: &Context<'_>, steps: &mut Steps) {
    let kind = context.intent.key.kind();
    let mut any = false;
    for (scope, cause) in &context.rows.stops {
        if !reaches(*scope, cause.reason, kind) {
            continue;
        }
        any = true;
        let reason = RefusalReason::Stopped {
            scope: *scope,
            reason: cause.reason,
        };
        let input = format!(
            "{} stopped: {}, by {}, since {}",
            scope.name(),
            cause.reason.name(),
            cause.source.name(),
            cause.since.strftime("%F"),
        );
        steps.push(GateName::Stops, input, verdict(cause.reason, reason));
    }
    if !any {
        steps.push(GateName::Stops, "nothing is stopped", Verdict::Allow);
    }
}

/// What a person can undo is a wait; what ends the relation is a denial. What somebody ended waits too:
/// its lane is on its way to say so of every step.
fn verdict(why: StopReason, reason: RefusalReason) -> Verdict {
    match why {
        StopReason::Paused
        | StopReason::Disconnected
        | StopReason::Breaker
        | StopReason::Restricted
        | StopReason::Unauthenticated
        | StopReason::Ended
        | StopReason::StopWords => wait(reason),
        _ => deny(reason),
    }
}
