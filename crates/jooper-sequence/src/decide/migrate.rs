//! Moving an enrollment to another version of its sequence.

use jiff::Timestamp;
use jooper_core::{Draw, DrawPurpose, EnrollmentState, SkipReason, StepIndex, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use super::memory::Memory;
use super::run::Run;
use super::{Decision, Facts};
use crate::model::{Action, Cohort, Edit, Place, Sequence};
use crate::planner::add_delay;

/// Whether an edit moves an enrollment, by where it stands in the version that it runs.
pub fn cohort_moves(
    edit: &Edit,
    enrollment: &EnrollmentRow,
    old: &Sequence,
    version: u32,
    draw: Draw,
) -> bool {
    let memory = Memory::of(enrollment, old);
    let belongs = |cohort: &Cohort| match cohort {
        Cohort::NotStarted => enrollment.sent == 0,
        Cohort::Underway => enrollment.sent > 0,
        Cohort::At(id) => old.node_named(id) == Some(usize::from(memory.node)),
        Cohort::AtPlace(node) => memory.node == *node,
    };
    let rule = edit.rules.iter().find(|(cohort, _)| belongs(cohort));
    match rule.map_or(edit.otherwise, |(_, action)| *action) {
        Action::Stay => false,
        Action::Move => true,
        Action::Split { percent } => {
            // Apart from every split among the steps: positions are below the version's key.
            let key = 0x4000 | (version & 0x3fff) as u16;
            let at = draw.below(100, enrollment.lead.uuid(), key, DrawPurpose::Split);
            at < u64::from(percent)
        }
    }
}

/// Moves an enrollment from one version to the next; `None` when it must stay: it has ended, or the
/// fate of a mail is unknown.
///
/// It goes on behind the last step that it did and that the new version has; whatever lies before
/// that and was not sent is skipped. Nothing that was sent can come again: mails keep their numbers.
pub fn migrate(
    enrollment: &EnrollmentRow,
    facts: &Facts<'_>,
    now: Timestamp,
    old: &Sequence,
    new: &Sequence,
    version: u32,
    draw: Draw,
) -> Option<Decision> {
    let memory = Memory::of(enrollment, old);
    if enrollment.state == EnrollmentState::Finished || memory.unknown {
        return None;
    }
    let place = landing(&memory, old, new);
    let mut run = Run::new(enrollment, facts, now, new, draw);
    let from = memory.since.unwrap_or(enrollment.created_at);
    run.memory = memory;
    run.next.sequence_version = version;
    run.note(
        "edit",
        format!("version {version} of the sequence"),
        "moved",
    );
    run.memory.done = run.memory.done.and_then(|done| {
        let id = old.id_at(usize::from(done));
        new.node_named(&id).map(|node| node as u16)
    });
    // A task that was asked for is asked again by the new version, if it has it, and a mail that was
    // refused may be another one there. What waits for a person's word, or for the mailbox, waits on.
    if matches!(
        run.next.wait,
        Some(WaitReason::ManualTask | WaitReason::SendRefused)
    ) {
        run.unpark();
    }
    run.kept = still_waits(&run, old, place.node);
    let in_flow: Vec<_> = new.mails().map(|(mail, _)| mail).collect();
    let gone = (0..new.mail_count()).map(StepIndex);
    let gone: Vec<_> = gone.filter(|mail| !in_flow.contains(mail)).collect();
    run.skip(gone, SkipReason::Branch);
    run.arrive(place.node, from);
    if run.next.state != EnrollmentState::Finished {
        run.next.due_at = run.next.due_at.map(|due| due.max(now));
    }
    Some(run.into_decision())
}

/// Until when a wait that has begun goes on, where the new version has it, too: from its beginning,
/// by the new version's own time.
fn still_waits(run: &Run<'_>, old: &Sequence, node: usize) -> Option<Timestamp> {
    let until = run.memory.until?;
    let current = usize::from(run.memory.node);
    let before = old.steps.get(current)?;
    let after = run.sequence.steps.get(node)?;
    if run.sequence.node_named(&old.id_at(current)) != Some(node) {
        return None;
    }
    let (was, is) = (before.wait_for.as_ref()?, after.wait_for.as_ref()?);
    if was.at_most == is.at_most {
        return Some(until);
    }
    let (schedule, locale) = (run.facts.schedule, &run.locale);
    let began = add_delay(schedule, locale, run.memory.since?, before.wait);
    Some(add_delay(schedule, locale, began, is.at_most))
}

/// Where an enrollment goes on in a new version.
fn landing(memory: &Memory, old: &Sequence, new: &Sequence) -> Place {
    let current = usize::from(memory.node);
    let in_new = |node: usize| {
        (node < old.steps.len())
            .then(|| old.id_at(node))
            .and_then(|id| new.node_named(&id))
    };
    let follower = |sequence: &Sequence, node: usize| {
        let then = sequence.steps[node].then.as_deref();
        then.and_then(|id| sequence.node_named(id))
            .unwrap_or(node + 1)
    };
    let done = memory
        .done
        .map(usize::from)
        .filter(|done| *done < old.steps.len());
    let node = match done {
        None if current == 0 => Some(0),
        // Steps that came in between are not passed over.
        Some(done) if done != current && follower(old, done) == current => {
            in_new(done).map(|node| follower(new, node))
        }
        _ => None,
    };
    let later = || (current..old.steps.len()).find_map(in_new);
    Place {
        node: node.or_else(later).unwrap_or(new.steps.len()),
    }
}
