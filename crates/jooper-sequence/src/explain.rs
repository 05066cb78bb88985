//! One sentence for a salesperson. No personal data: the page adds the lead's name itself.

use jiff::Timestamp;
use jooper_core::{
    EnrollmentState, FinishReason, ParkReason, SearchResult, SkipReason, StepIndex, WaitReason,
};
use jooper_storage::tables::EnrollmentRow;

use crate::decide::{Command, Decision, Event, Memory, TraceLine};
use crate::model::{Schedule, Sequence, StepKind};
use crate::planner::{Recent, Volume, budgets, says};

/// Which mail people call it, counted from 1 in the order of the steps. The ledger's number is
/// another one once an edit has put mails in between.
pub(crate) fn place(sequence: Option<&Sequence>, mail: StepIndex) -> u16 {
    let place = sequence.and_then(|sequence| sequence.place_of(mail));
    place.map_or(mail.0 + 1, |place| u16::try_from(place).unwrap_or(u16::MAX))
}

/// The same where there is such a mail: behind the last one there is none.
pub(crate) fn place_in(sequence: Option<&Sequence>, mail: StepIndex) -> Option<u16> {
    let known = sequence.is_none_or(|sequence| sequence.place_of(mail).is_some());
    known.then(|| place(sequence, mail))
}

/// What comes next for somebody, as a sentence begins with it.
pub(crate) fn what_comes(row: &EnrollmentRow, sequence: Option<&Sequence>) -> String {
    let Some(sequence) = sequence else {
        return format!("Mail {}", row.step.0 + 1);
    };
    let node = usize::from(Memory::of(row, sequence).node);
    let step = sequence.steps.get(node);
    match step.map(|step| step.kind()) {
        Some(StepKind::Mail) => {
            let mail = sequence.number_at(node).unwrap_or(row.step);
            format!("Mail {}", place(Some(sequence), mail))
        }
        Some(StepKind::Task(_)) => "The task".to_owned(),
        Some(StepKind::WaitFor(_)) => "The wait".to_owned(),
        _ => "The next step".to_owned(),
    }
}

/// What became of the mails of somebody who is through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) sent: usize,
    /// Mails of the version that they ended with.
    pub(crate) skipped: usize,
    /// Nobody knows whether they arrived.
    pub(crate) given_up: usize,
}

/// What to tell about a change; `None` when nothing changed that a person would ask about.
pub(crate) fn summary(
    before: &EnrollmentRow,
    decision: &Decision,
    event: &Event,
    sequence: Option<&Sequence>,
    tally: Option<Tally>,
) -> Option<String> {
    let after = &decision.next;
    if before == after {
        return None;
    }
    let step = place(sequence, before.step);
    let comes = || what_comes(before, sequence);
    let text = match event {
        _ if after.wait == Some(WaitReason::CampaignMissing) => wait(after.wait),
        Event::Sent { .. } => format!("Mail {step} was sent."),
        Event::NotSent { reason, .. } => format!(
            "Mail {step} was not sent: {}.",
            reason.name().replace('_', " ")
        ),
        Event::SendUnknown { .. } => format!(
            "The provider gave no answer for mail {step}. Nothing more is sent until it is known whether it arrived."
        ),
        Event::SendAbandoned => format!("Mail {step} was given up; it is never sent again."),
        Event::SendReleased => format!("Mail {step} was released for one further attempt."),
        // Asked again, told the same: the first time stands for all of them.
        Event::Deferred { .. } | Event::Held { .. }
            if Memory::deferred_of(before) == Memory::deferred_of(after) =>
        {
            return None;
        }
        Event::Deferred { why, .. } | Event::Held { why, .. } => {
            format!("Mail {step} waits. {why}")
        }
        Event::Refused { why, .. } => format!("Nothing is sent: {why}"),
        Event::Unrenderable { field } => {
            format!(
                "Mail {step} cannot be written: this lead has no value for \u{201c}{field}\u{201d}."
            )
        }
        Event::Unwritable { why } => {
            format!("Mail {step} cannot be written for this lead: {why}.")
        }
        Event::OutOfOffice { .. } => match after.due_at {
            Some(due) => format!("They are away. {} waits until {due:.0}.", comes()),
            None => "They are away.".to_owned(),
        },
        Event::OwnerWrote { .. } if before.wait == after.wait => return None,
        Event::Paused(_) | Event::OwnerWrote { .. } => wait(after.wait),
        Event::Replied { .. } if after.state == EnrollmentState::Paused => wait(after.wait),
        Event::Replied { .. } if before.state == EnrollmentState::Finished => {
            "They answered behind the end: their colleagues are left alone.".to_owned()
        }
        Event::MailboxDown => wait(after.wait),
        Event::MailboxUp => "It goes on: the mailbox can send again.".to_owned(),
        Event::Unreadable { what } => {
            let waits = comes();
            format!("{waits} waits for a person: the stored {what} cannot be read.")
        }
        Event::Resumed if after.state == EnrollmentState::Parked => {
            "Resumed. Nothing is sent until it is known whether the last mail arrived.".to_owned()
        }
        Event::Resumed if before.wait == Some(WaitReason::SendRefused) => {
            format!("It goes on: mail {step} is tried once more.")
        }
        Event::Resumed => "It goes on.".to_owned(),
        Event::SkippedByPerson => format!("{} was skipped by hand.", comes()),
        Event::SendNow => format!("Mail {step} goes as soon as it may: somebody said now."),
        Event::SettingsChanged { .. } => match after.due_at {
            Some(due) => {
                format!(
                    "The campaign's settings were changed. What comes next is planned for {due:.0}."
                )
            }
            None => "The campaign's settings were changed.".to_owned(),
        },
        Event::ClockTrusted => match after.due_at.filter(|_| before.due_at != after.due_at) {
            Some(due) => format!(
                "A clock had been ahead. What comes next is planned for {due:.0}, by the right one."
            ),
            None => return None,
        },
        Event::SenderTakenOut => wait(after.wait),
        Event::SenderBack => "It goes on: the mailbox sends for the campaign again.".to_owned(),
        Event::TaskDone => "The task was done.".to_owned(),
        Event::Overdue { .. } | Event::Restored => wait(after.wait),
        Event::Moved { version } => {
            format!("They go on with version {version} of the sequence.")
        }
        Event::NoObjection => {
            "Somebody found that they had not objected: it ended with their answer.".to_owned()
        }
        _ if after.state == EnrollmentState::Finished => String::new(),
        _ => way(decision),
    };
    let ends = after.state == EnrollmentState::Finished && before.state != after.state;
    let told_already = matches!(
        event,
        Event::Refused { .. } | Event::Unrenderable { .. } | Event::Unwritable { .. }
    );
    let skipped = branched(decision).map(|skipped| {
        let places = skipped
            .iter()
            .map(|mail| place(sequence, *mail).to_string());
        let places = places.collect::<Vec<_>>().join(", ");
        format!("Never sent, because the sequence goes another way: mail {places}.")
    });
    let parts = [
        Some(text),
        skipped,
        (ends && !told_already).then(|| finish(after, tally)),
    ];
    let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
    let text = parts.collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The mails that lie on another way than the one that was taken.
pub(crate) fn branched(decision: &Decision) -> Option<&[StepIndex]> {
    decision.commands.iter().find_map(|command| match command {
        Command::Skip {
            steps,
            reason: SkipReason::Branch,
        } => Some(steps.as_slice()),
        _ => None,
    })
}

/// What came of a condition, a wait, a split or a task, in the words of the rules that were asked.
fn way(decision: &Decision) -> String {
    let mut told = Vec::new();
    for line in &decision.trace {
        match line.rule.as_str() {
            "condition" => told.push(format!("\u{201c}{}\u{201d} {}.", line.input, line.verdict)),
            "event" => told.push(format!(
                "Waited for \u{201c}{}\u{201d}: it {}.",
                line.input, line.verdict
            )),
            "split" => told.push(format!("Drawn by lot: {}, {}.", line.input, line.verdict)),
            _ => {}
        }
    }
    if decision.next.wait == Some(WaitReason::ManualTask) {
        told.push(wait(decision.next.wait));
    }
    told.join(" ")
}

/// Why follow-ups wait at an account that may not read.
pub(crate) const UNREAD: &str = "The mailbox may send but not read, so an answer would not be seen: \
     follow-ups wait until its owner connects it again and allows reading.";

pub(crate) fn wait(reason: Option<WaitReason>) -> String {
    match reason {
        Some(WaitReason::ByPerson) => "Paused by hand.",
        Some(WaitReason::OutOfOffice) => "Paused: they are away. Somebody has to resume it.",
        Some(WaitReason::OwnerWrote) => {
            "Paused: somebody wrote to them by hand in the same conversation."
        }
        Some(WaitReason::SendUnknown) => "Waits until it is known whether the last mail arrived.",
        Some(WaitReason::MailboxDown) => "Waits: the mailbox cannot send.",
        Some(WaitReason::Unread) => {
            "Waits for a person: a mail arrived in their conversation, and the provider cannot give it."
        }
        Some(WaitReason::ManualTask) => "Waits for a task.",
        Some(WaitReason::Overdue) => "Waits: it is long overdue, please look first.",
        Some(WaitReason::SendRefused) => {
            "Waits: the mail was refused, please look first. Whoever resumes it has it tried once more, and \
             so has an edit that changes its text."
        }
        Some(WaitReason::Restored) => {
            "Waits: the data was restored from a backup, please look first."
        }
        Some(WaitReason::Answered) => "Paused: they answered. Somebody has to resume it.",
        Some(WaitReason::Unreadable) => "Waits: what is stored of them cannot be read.",
        Some(WaitReason::CampaignMissing) => {
            "Waits for a person: the campaign, or this version of its sequence, is not here."
        }
        Some(WaitReason::MailboxRemoved) => {
            "Waits: the mailbox that wrote to them was taken out of the campaign. Add it again, or take them out, too."
        }
        _ => "Waits.",
    }
    .to_owned()
}

/// What is known of a mail of which nobody knows whether it arrived: what whoever releases it should
/// have read. It may arrive twice in any case.
pub const fn words_of_search(result: Option<SearchResult>) -> &'static str {
    match result {
        Some(SearchResult::Nowhere) => {
            "The whole mailbox was searched, and no trace of it is there."
        }
        Some(SearchResult::Incomplete) => {
            "No trace of it was found, but not everything could be searched: it may have been deleted, or be older than what the provider remembers."
        }
        Some(SearchResult::Inconclusive) => {
            "The mailbox cannot tell: several mails look like it, or it may not be read."
        }
        Some(SearchResult::Failed) => "The mailbox could not be searched.",
        _ => "The mailbox was not searched yet.",
    }
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

/// How many of the mails went, when all is done: what was skipped was not sent, and of what was given
/// up nobody knows.
fn completed(tally: Option<Tally>) -> String {
    let Some(tally) = tally else {
        return "The sequence is over.".to_owned();
    };
    let Tally {
        sent,
        skipped,
        given_up,
    } = tally;
    if skipped + given_up == 0 {
        return "Every mail was sent.".to_owned();
    }
    let told = [(sent, "sent"), (skipped, "skipped"), (given_up, "given up")];
    let told = told.into_iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, what)| match count {
        1 => format!("1 mail was {what}"),
        count => format!("{count} mails were {what}"),
    });
    let told = told.collect::<Vec<_>>().join(", ");
    format!("The sequence is over: {told}.")
}

/// Why it ended.
pub(crate) fn finish(row: &EnrollmentRow, tally: Option<Tally>) -> String {
    match row.finish {
        Some(FinishReason::Completed) => return completed(tally),
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
        Some(FinishReason::Away) => {
            "They are away, and the sequence ends at an absence, so nothing more is sent."
        }
        Some(FinishReason::LeftCompany) => "They have left the company, so nothing more is sent.",
        _ => "Ended.",
    }
    .to_owned()
}

/// A budget that mailboxes share, as it is used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedUse {
    /// What shares it, in words.
    pub(crate) whose: &'static str,
    pub(crate) sent: i64,
    pub(crate) most: i64,
    /// When to look again, if it is used up.
    pub(crate) until: Option<Timestamp>,
}

fn until(until: Option<Timestamp>) -> String {
    until.map_or("goes on".to_owned(), |until| {
        format!("used up until {until:.0}")
    })
}

/// What is counted of the budgets that mailboxes share, and which campaign says so.
pub(crate) fn shared_lines(campaign: &str, shared: &[SharedUse]) -> Vec<TraceLine> {
    let line = |used: &SharedUse| {
        let SharedUse {
            whose, sent, most, ..
        } = used;
        let says = says(campaign);
        let input = format!("{sent} of {most} mails in 24 hours {whose} used, {says}");
        TraceLine::new("budget", input, until(used.until))
    };
    shared.iter().map(line).collect()
}

/// What the planner counts before a mail of a mailbox goes: every budget with whose figure it is, and
/// the pause behind the last mail. `campaign`: what the campaign is called.
pub(crate) fn budget_lines(
    campaign: &str,
    schedule: &Schedule,
    recent: &Recent,
    volume: &Volume,
    next_slot: Timestamp,
    at: Timestamp,
) -> Vec<TraceLine> {
    let budgets = budgets(schedule, recent, volume, at);
    let mut lines: Vec<TraceLine> = budgets
        .into_iter()
        .map(|used| {
            let input = format!(
                "{} of {} {} from this mailbox used, {}",
                used.sent,
                used.most,
                used.budget,
                used.bound.whose(campaign)
            );
            TraceLine::new("budget", input, until(used.until))
        })
        .collect();
    if let Some(days) = recent.healthy_days() {
        let input = format!("a new mailbox; healthy days with mail so far: {days}");
        let most = recent.most(at).min(volume.ceiling);
        lines.push(TraceLine::new("ramp", input, format!("{most} mails a day")));
    }
    let verdict = if next_slot > at {
        format!("waits until {next_slot:.0}")
    } else {
        "goes on".to_owned()
    };
    let pause = "the pause behind the mailbox's last mail";
    lines.push(TraceLine::new("gap", pause, verdict));
    lines
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
