//! The rules, one event after the other.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use jooper_core::{
    EnrollmentState, FinishReason, NotSentReason, SkipReason, StepIndex, WaitReason,
};

use super::run::Run;
use super::{Command, Event};
use crate::model::{Condition, OnOutOfOffice, OnReply, ReplyIntent, StepKind};
use crate::planner::{add_delay, earliest_slot};

/// How long to wait after an absence notice that names no date.
const ABSENCE_DAYS: i64 = 7;
/// How long to wait before a send that failed for a passing reason is planned again.
const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(15);

pub(super) fn apply(run: &mut Run<'_>, event: &Event) {
    match event {
        Event::Enrolled => run.arrive(0, run.now),
        Event::Due => due(run),
        Event::Sent { at, thread } => sent(run, *at, thread),
        Event::NotSent { reason, retry_at } => not_sent(run, *reason, *retry_at),
        Event::SendUnknown { at } => {
            run.note(
                "ledger",
                "no answer from the provider",
                "waits for evidence",
            );
            // It counts as sent towards other campaigns, until somebody says that it was not.
            if !run.memory.unknown {
                run.memory.earlier = run.next.last_sent_at;
            }
            run.memory.unknown = true;
            run.memory.deferred = None;
            run.next.last_sent_at = run.next.last_sent_at.max(Some(*at));
            run.park(WaitReason::SendUnknown);
        }
        Event::SendAbandoned => {
            run.note("ledger", "given up by a person", "the next step follows");
            run.memory.unknown = false;
            run.memory.earlier = None;
            // It may have gone all the same, by a clock that was set back since.
            let tried = run.next.last_sent_at.unwrap_or(run.now);
            leave_longer(run, tried, run.now);
        }
        Event::SendReleased => {
            run.note(
                "ledger",
                "released by a named person",
                "one further attempt",
            );
            run.memory.unknown = false;
            run.next.last_sent_at = run.memory.earlier.take();
            wake(run);
        }
        Event::Deferred { until, reason, why } => {
            let again = deferred(run, (*until).max(run.now));
            run.note("gate", why.clone(), format!("asks again at {again}"));
            run.next.due_at = Some(again);
            run.memory.deferred = Some(reason.clone());
        }
        Event::Held { reason, why } => {
            run.note("gate", why.clone(), "keeps its place");
            run.memory.deferred = Some(reason.clone());
        }
        Event::AskedAgain => {
            let waits = run.next.state == EnrollmentState::Active && run.memory.deferred.is_some();
            run.note("gate", "what it waited for is gone", "is asked again");
            if waits {
                // Whoever is away stays away, whatever else kept the mail back.
                let now = run.now;
                run.next.due_at = Some(run.memory.away.map_or(now, |back| back.max(now)));
            }
        }
        Event::Refused { skip, why } => {
            run.note("gate", why.clone(), "never sent");
            run.finish(FinishReason::Refused, *skip);
        }
        Event::Unrenderable { field } => {
            run.note("template", format!("no value for {field}"), "never sent");
            run.finish(FinishReason::Refused, SkipReason::Unrenderable);
        }
        Event::Unwritable { why } => {
            run.note("template", *why, "never sent");
            run.finish(FinishReason::Refused, SkipReason::Unrenderable);
        }
        Event::Replied { intent } => replied(run, *intent),
        Event::Clicked { step } => clicked(run, *step),
        Event::OutOfOffice { back_on } => out_of_office(run, *back_on),
        Event::LeftCompany => end(run, "left the company", FinishReason::LeftCompany),
        Event::HardBounce => end(run, "the address is dead", FinishReason::Bounced),
        Event::Unsubscribed => end(run, "asked for no more mail", FinishReason::Unsubscribed),
        Event::Complained => end(run, "complained", FinishReason::Complained),
        Event::OwnerWrote { at } => owner_wrote(run, *at),
        Event::ColleagueReplied => {
            end(run, "a colleague answered", FinishReason::CompanyReplied);
        }
        Event::Paused(reason) => run.pause(*reason),
        Event::Resumed => resume(run),
        Event::MailboxDown => {
            if run.next.state == EnrollmentState::Active {
                run.note("mailbox", "it cannot send", "waits for the mailbox");
                run.park(WaitReason::MailboxDown);
            } else {
                run.note("mailbox", "it cannot send", "nothing was to be sent");
            }
        }
        Event::MailboxUp => {
            run.note("mailbox", "it can send again", "goes on");
            if run.next.wait == Some(WaitReason::MailboxDown) {
                wake(run);
            }
        }
        Event::Unreadable { what } => {
            run.note("content", *what, "waits for a person");
            run.park(WaitReason::Unreadable);
        }
        Event::SkippedByPerson => skip(run),
        Event::TaskDone => task_done(run),
        Event::Moved { version } => {
            run.note("edit", format!("version {version}"), "was decided before");
        }
        Event::SettingsChanged { by } => {
            run.replan("settings", &format!("changed by {by}"));
        }
        Event::ClockTrusted => clock_trusted(run),
        Event::SenderTakenOut => {
            run.note(
                "mailbox",
                "it was taken out of the campaign",
                "nobody else goes on",
            );
            if run.next.state == EnrollmentState::Active {
                run.park(WaitReason::MailboxRemoved);
            }
        }
        Event::SenderBack => {
            run.note("mailbox", "it sends for the campaign again", "goes on");
            if run.next.wait == Some(WaitReason::MailboxRemoved) {
                wake(run);
                run.replan("settings", "as they are now");
            }
        }
        Event::SendNow => send_now(run),
        Event::Overdue { late } => {
            let input = format!("planned {} hours ago, before a downtime", late.as_hours());
            run.note("catch-up", input, "asks a person first");
            run.park(WaitReason::Overdue);
        }
        Event::Restored => {
            run.note("restore", "it may have gone before", "asks a person first");
            run.park(WaitReason::Restored);
        }
        Event::NoObjection => run.note("objection", super::NO_OBJECTION, "goes on"),
        Event::Ended(reason) => {
            let skip = match reason {
                FinishReason::Erased => SkipReason::Erased,
                FinishReason::Stopped => SkipReason::Stopped,
                _ => SkipReason::Ended,
            };
            run.note("end", reason.name(), "nothing more is sent");
            run.finish(*reason, skip);
        }
    }
}

/// When a mail that may not go now is looked at again: while mail may go, in its place of the line. What a person wanted at
/// once waits like any other where it is not to be today.
fn deferred(run: &mut Run<'_>, until: Timestamp) -> Timestamp {
    if run.hurries(until) {
        return until;
    }
    run.hurry_no_more();
    run.in_line(until)
}

/// A mailbox that is read once more from far back shows the same mails again.
fn owner_wrote(run: &mut Run<'_>, at: Timestamp) {
    if run.memory.owner.is_some_and(|known| at <= known) {
        run.note("thread", "a mail by hand", "was seen before");
        return;
    }
    run.memory.owner = Some(at);
    run.pause(WaitReason::OwnerWrote);
}

/// What a clock that was ahead planned, put off or waits for is planned as of now.
fn clock_trusted(run: &mut Run<'_>) {
    const RIGHT: &str = "it is right now";
    let now = run.now;
    if run.next.due_at.is_none_or(|due| due <= now) {
        run.note("clock", RIGHT, "nothing to be planned anew");
        return;
    }
    if let Some(until) = run.memory.until {
        let step = run.sequence.steps.get(run.node());
        let wait = step.and_then(|step| step.wait_for.as_ref());
        let latest = wait.map_or(now, |wait| {
            add_delay(run.facts.schedule, &run.locale, now, wait.at_most)
        });
        // A wait that began by now is over by then.
        if until > latest {
            run.note("clock", RIGHT, format!("waits until {latest}"));
            run.memory.until = Some(latest);
            run.next.due_at = Some(now);
        }
    } else if run.memory.hurry {
        run.note("clock", RIGHT, "is due at once");
        run.next.due_at = Some(now);
    } else if run.memory.deferred.is_some() {
        let again = run.memory.away.map_or(now, |back| back.max(now));
        run.note("clock", RIGHT, format!("asks the gate again at {again}"));
        run.next.due_at = Some(again);
    } else {
        run.replan("clock", RIGHT);
    }
}

fn due(run: &mut Run<'_>) {
    if run.next.state != EnrollmentState::Active {
        run.note("state", run.next.state.name(), "nothing is due");
        return;
    }
    if run.memory.unknown {
        run.note("ledger", "a send is unknown", "waits for evidence");
        run.park(WaitReason::SendUnknown);
        return;
    }
    if let Some(due_at) = run.next.due_at.filter(|due_at| *due_at > run.now) {
        run.note("plan", format!("planned for {due_at}"), "not yet");
        return;
    }
    run.perform();
}

fn sent(run: &mut Run<'_>, at: Timestamp, thread: &str) {
    run.next.sent = run.next.sent.saturating_add(1);
    run.next.last_sent_at = Some(at);
    run.next.thread = Some(thread.to_owned());
    run.memory.deferred = None;
    run.memory.unknown = false;
    run.memory.gone = false;
    run.memory.earlier = None;
    if let Some(mail) = run.mail() {
        if run.memory.thread_of(run.sequence, mail).is_none() {
            run.memory.root = Some(mail);
        }
        run.memory.last = Some(mail);
    }
    run.note("ledger", "accepted by the provider", "sent");
    leave(run, at);
}

/// What became of the last mail of an enrollment that ended while nobody knew; `false`: the event says
/// nothing about it. Only now may its lead be enrolled once more.
pub(super) fn settled_behind(run: &mut Run<'_>, event: &Event) -> bool {
    const VERDICT: &str = "it had ended before";
    match event {
        Event::Sent { at, thread } => {
            run.next.sent = run.next.sent.saturating_add(1);
            run.next.last_sent_at = Some(*at);
            run.next.thread = Some(thread.clone());
            run.memory.last = run.mail().or(run.memory.last);
            run.note("ledger", "accepted by the provider", VERDICT);
        }
        Event::SendAbandoned => run.note("ledger", "given up by a person", VERDICT),
        Event::NotSent { reason, .. } => {
            run.next.last_sent_at = run.memory.earlier;
            run.note("ledger", reason.name(), VERDICT);
        }
        _ => return false,
    }
    run.memory.unknown = false;
    run.memory.earlier = None;
    true
}

/// Leaves the current step as done. What a person paused meanwhile stays paused.
fn leave(run: &mut Run<'_>, from: Timestamp) {
    let node = run.node();
    if let Some(mail) = run.mail() {
        run.settle(mail);
        run.memory.done = Some(node as u16);
    }
    run.unpark();
    run.arrive(run.follower(node), from);
}

/// Leaves the current step as done at that of two instants from which what follows comes later.
///
/// They need not come in that order: working days that are counted from a Saturday are over sooner
/// than those of the Friday afternoon before it. What follows may lie behind a way that is chosen at
/// once, so both are gone.
fn leave_longer(run: &mut Run<'_>, one: Timestamp, two: Timestamp) {
    let mut from_earlier = run.clone();
    leave(&mut from_earlier, one.min(two));
    leave(run, one.max(two));
    if from_earlier.next.due_at > run.next.due_at {
        *run = from_earlier;
    }
}

fn not_sent(run: &mut Run<'_>, reason: NotSentReason, retry_at: Option<Timestamp>) {
    // The gate had let it go: what it waited for before is gone.
    run.memory.deferred = None;
    run.memory.gone |= reason == NotSentReason::ThreadGone;
    if run.memory.unknown {
        // It was taken for gone until its worker was heard.
        run.memory.unknown = false;
        run.next.last_sent_at = run.memory.earlier.take();
        run.unpark();
    }
    match reason {
        reason if reason.is_final() => {
            run.note("ledger", reason.name(), "waits for a person");
            run.park(WaitReason::SendRefused);
        }
        NotSentReason::Unauthorized | NotSentReason::Forbidden | NotSentReason::NoMailService => {
            run.note("ledger", reason.name(), "waits for the mailbox");
            run.park(WaitReason::MailboxDown);
        }
        _ => {
            let now = run.now;
            let again = retry_at.unwrap_or_else(|| now.saturating_add(RETRY_AFTER).unwrap_or(now));
            run.note(
                "ledger",
                reason.name(),
                format!("planned again for {again}"),
            );
            run.next.due_at = Some(again.max(now));
        }
    }
}

fn replied(run: &mut Run<'_>, intent: Option<ReplyIntent>) {
    let intent = intent.unwrap_or(ReplyIntent::Unclear);
    run.memory.answered |= ReplyIntent::Any.bit() | intent.bit();
    run.note("reply", format!("they {}", intent.words()), "noted");
    if run.sequence.stop_company_on_reply {
        run.command(Command::StopCompany);
    }
    if run.check_rules() {
        return;
    }
    match run.sequence.on_reply {
        OnReply::Stop => end(run, "the person answered", FinishReason::Replied),
        OnReply::Pause => run.pause(WaitReason::Answered),
        OnReply::Continue => {
            run.note("reply", "the sequence goes on after answers", "goes on");
            happened(run);
        }
    }
}

fn clicked(run: &mut Run<'_>, mail: StepIndex) {
    if mail.0 >= 64 {
        run.note(
            "click",
            "a link of no mail of this sequence",
            "nothing to do",
        );
        return;
    }
    run.memory.clicked |= 1 << mail.0;
    run.note(
        "click",
        format!("a link of mail {}", run.place(mail)),
        "noted",
    );
    if !run.check_rules() {
        happened(run);
    }
}

/// The event that is waited for, if one is.
fn awaited<'a>(run: &Run<'a>) -> Option<&'a Condition> {
    let waits = run.memory.until.is_some() && run.next.state == EnrollmentState::Active;
    let step = run.sequence.steps.get(run.node()).filter(|_| waits)?;
    match step.kind() {
        StepKind::WaitFor(wait) => Some(&wait.event),
        _ => None,
    }
}

/// Leaves a wait whose event has come.
fn happened(run: &mut Run<'_>) {
    if awaited(run).is_some() {
        run.perform();
    }
}

fn out_of_office(run: &mut Run<'_>, back_on: Option<Date>) {
    match run.sequence.on_out_of_office {
        OnOutOfOffice::Continue => {
            run.note("absence", "the sequence goes on during absences", "goes on");
            return;
        }
        OnOutOfOffice::Pause => {
            run.pause(WaitReason::OutOfOffice);
            return;
        }
        OnOutOfOffice::Stop => {
            end(run, "the person is away", FinishReason::Away);
            return;
        }
        OnOutOfOffice::WaitForReturn => {}
    }
    let zone = &run.locale.zone;
    let today = run.now.to_zoned_datetime(zone.clone()).date();
    let unstated = || today.checked_add(ABSENCE_DAYS.days()).unwrap_or(today);
    let back = back_on.unwrap_or_else(unstated);
    if back <= today {
        // Read late, or never turned off.
        run.note("absence", format!("back since {back}"), "goes on");
        return;
    }
    let morning = back.to_zoned_datetime(zone.clone());
    let from = morning.map_or(run.now, |zoned| zoned.timestamp());
    let resumes = earliest_slot(run.facts.schedule, &run.locale, from.max(run.now));
    let planned = run.next.due_at.unwrap_or(resumes).max(resumes);
    run.memory.away = Some(resumes);
    run.note(
        "absence",
        format!("away until {back}"),
        format!("goes on at {planned}"),
    );
    run.next.due_at = Some(planned);
}

fn end(run: &mut Run<'_>, why: &str, reason: FinishReason) {
    run.note("end", why, "nothing more is sent");
    run.finish(reason, SkipReason::Ended);
}

/// Nothing but evidence, or a named person's release of that one send, ends an unknown send.
fn resume(run: &mut Run<'_>) {
    if run.memory.unknown {
        run.note("ledger", "a send is unknown", "waits for evidence");
        run.next.state = EnrollmentState::Parked;
        run.next.wait = Some(WaitReason::SendUnknown);
        return;
    }
    run.note("person", "resumed", "goes on");
    run.next.state = EnrollmentState::Parked;
    wake(run);
}

fn wake(run: &mut Run<'_>) {
    run.unpark();
    let now = run.now;
    // What a step waits for may have happened while nothing was to happen.
    let come = awaited(run).is_some_and(|event| run.holds(event));
    let due = run.next.due_at.filter(|_| !come);
    run.next.due_at = Some(due.map_or(now, |due| due.max(now)));
}

fn skip(run: &mut Run<'_>) {
    if run.memory.unknown {
        run.note("ledger", "a send is unknown", "cannot be skipped");
        return;
    }
    let node = run.node();
    let name = run.name(node);
    run.note("person", format!("skipped {name}"), "the next step follows");
    run.unpark();
    let step = run.sequence.steps.get(node);
    if step.is_some_and(|step| step.wait_for.is_some()) {
        run.time_out(node);
        return;
    }
    if let Some(mail) = run.mail() {
        run.skip([mail], SkipReason::ByPerson);
    }
    run.arrive(run.follower(node), run.now);
}

fn task_done(run: &mut Run<'_>) {
    let node = run.node();
    let step = run.sequence.steps.get(node);
    let asked = run.memory.done == Some(node as u16);
    if asked && step.is_some_and(|step| step.task.is_some()) {
        run.note("person", "marked the task as done", "the next step follows");
        run.unpark();
        run.arrive(run.follower(node), run.now);
    } else {
        run.note(
            "person",
            "marked a task as done",
            "there is none to be done",
        );
    }
}

fn send_now(run: &mut Run<'_>) {
    if run.next.state != EnrollmentState::Active || run.memory.unknown || run.mail().is_none() {
        run.note(
            "person",
            "said \u{201c}now\u{201d}",
            "no mail waits for its time",
        );
        return;
    }
    run.note("person", "said \u{201c}now\u{201d}", "is due at once");
    run.memory.hurry = true;
    run.memory.hurried_at = Some(run.now);
    run.memory.away = None;
    run.next.due_at = Some(run.now);
}
