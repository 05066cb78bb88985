//! One sentence for a salesperson. No personal data: the page adds the lead's name itself.

use jooper_core::{EnrollmentState, FinishReason, ParkReason, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use crate::decide::{Event, Memory, TraceLine};

/// What to tell about a change; `None` when nothing changed that a person would ask about.
pub(crate) fn summary(
    before: &EnrollmentRow,
    after: &EnrollmentRow,
    event: &Event,
) -> Option<String> {
    if before == after {
        return None;
    }
    let step = before.step.0 + 1;
    let text = match event {
        Event::Sent { .. } => format!("Mail {step} was sent."),
        Event::NotSent { reason, .. } => format!(
            "Mail {step} was not sent: {}.",
            reason.name().replace('_', " ")
        ),
        Event::SendUnknown => format!(
            "The provider gave no answer for mail {step}. Nothing more is sent until it is known whether it arrived."
        ),
        Event::SendAbandoned => format!("Mail {step} was given up; it is never sent again."),
        Event::SendReleased => format!("Mail {step} was released for one further attempt."),
        // Asked again, told the same: the first time stands for all of them.
        Event::Deferred { .. } if Memory::deferred_of(before) == Memory::deferred_of(after) => {
            return None;
        }
        Event::Deferred { why, .. } => format!("Mail {step} waits. {why}"),
        Event::Refused { why, .. } => format!("Nothing is sent: {why}"),
        Event::Unrenderable { field } => {
            format!(
                "Mail {step} cannot be written: this lead has no value for \u{201c}{field}\u{201d}."
            )
        }
        Event::OutOfOffice { .. } => match after.due_at {
            Some(due) => format!("They are away. Mail {step} waits until {due:.0}."),
            None => "They are away.".to_owned(),
        },
        Event::Paused(_) | Event::OwnerWrote => wait(after.wait),
        Event::MailboxDown => wait(after.wait),
        Event::MailboxUp => "It goes on: the mailbox can send again.".to_owned(),
        Event::Unreadable { what } => {
            format!("Mail {step} waits for a person: the stored {what} cannot be read.")
        }
        Event::Resumed if after.state == EnrollmentState::Parked => {
            "Resumed. Nothing is sent until it is known whether the last mail arrived.".to_owned()
        }
        Event::Resumed => "It goes on.".to_owned(),
        Event::SkippedByPerson => format!("Mail {step} was skipped by hand."),
        Event::SendNow => format!("Mail {step} goes as soon as it may: somebody said now."),
        Event::TaskDone => "The task was done.".to_owned(),
        Event::Overdue { .. } => wait(after.wait),
        Event::Moved { version } => {
            format!("They go on with version {version} of the sequence.")
        }
        _ if after.state == EnrollmentState::Finished => finish(after.finish),
        _ => return None,
    };
    Some(text)
}

pub(crate) fn wait(reason: Option<WaitReason>) -> String {
    match reason {
        Some(WaitReason::ByPerson) => "Paused by hand.",
        Some(WaitReason::OwnerWrote) => {
            "Paused: somebody wrote to them by hand in the same conversation."
        }
        Some(WaitReason::MailboxDown) => "Waits: the mailbox cannot send.",
        Some(WaitReason::Unread) => {
            "Waits for a person: a mail arrived in their conversation, and the provider cannot give it."
        }
        Some(WaitReason::ManualTask) => "Waits for a task.",
        Some(WaitReason::Overdue) => "Waits: it is long overdue, please look first.",
        _ => "Waits.",
    }
    .to_owned()
}

/// Why a provider takes no mail for now.
pub(crate) const fn parked(reason: Option<ParkReason>) -> &'static str {
    match reason {
        Some(ParkReason::SendingLimit) => "the account's sending limit is reached",
        Some(ParkReason::LimitNotice) => {
            "a mail came back because the account's sending limit is reached"
        }
        Some(ParkReason::RateLimited) => "too many calls in a short time",
        _ => "the provider takes no mail for now",
    }
}

fn finish(reason: Option<FinishReason>) -> String {
    match reason {
        Some(FinishReason::Completed) => "Every mail was sent.",
        Some(FinishReason::Replied) => "They answered, so nothing more is sent.",
        Some(FinishReason::Bounced) => "The address does not exist, so nothing more is sent.",
        Some(FinishReason::Unsubscribed) => "They asked for no more mail, so nothing more is sent.",
        Some(FinishReason::Complained) => "They complained, so nothing more is sent.",
        Some(FinishReason::Erased) => "Their data was erased.",
        Some(FinishReason::Removed) => "Removed from the campaign by hand.",
        Some(FinishReason::Stopped) => "The campaign was stopped.",
        Some(FinishReason::Goal) => "The goal was reached.",
        Some(FinishReason::Exit) => "An exit rule of the sequence holds, so nothing more is sent.",
        Some(FinishReason::CompanyReplied) => {
            "A colleague of theirs answered, so nothing more is sent."
        }
        Some(FinishReason::LeftCompany) => "They have left the company, so nothing more is sent.",
        _ => "Ended.",
    }
    .to_owned()
}

/// Every gate that looked, what it saw and what it said, in a salesperson's words.
pub(crate) fn gate_lines(trace: &jooper_consent::Trace) -> Vec<TraceLine> {
    let line = |step: &jooper_consent::GateStep| {
        let verdict = jooper_consent::verdict_in_words(&step.verdict);
        TraceLine::new(jooper_consent::gate_name(step.gate), &*step.input, verdict)
    };
    trace.0.iter().map(line).collect()
}

/// Why the gate said so. Several gates may object; the sentence is that of the one that decided.
pub(crate) fn decisive(judgement: &jooper_consent::Judgement) -> String {
    let mut decisive = judgement.trace.clone();
    decisive.0.retain(|step| step.verdict == judgement.verdict);
    jooper_consent::explain(&decisive)
        .pop()
        .unwrap_or_else(|| "the gate refused".to_owned())
}
