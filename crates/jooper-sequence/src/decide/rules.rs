//! The rules, one event after the other.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, ToSpan};
use jooper_core::{
    EnrollmentState, FinishReason, NotSentReason, SkipReason, StepIndex, WaitReason,
};

use super::{Command, Decision, Event, Facts, variant_for};
use crate::model::{OnOutOfOffice, OnReply};
use crate::planner::{earliest_slot, place_step, zone_of};

/// How long to wait after an absence notice that names no date.
const ABSENCE_DAYS: i64 = 7;
/// How long to wait before a send that failed for a passing reason is planned again.
const RETRY_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// What an enrollment remembers while one of its sends is unknown, so that a pause in between
/// neither ends by evidence nor hides it.
const UNKNOWN: &[u8] = b"send unknown";

pub(super) fn apply(decision: &mut Decision, facts: &Facts<'_>, event: &Event, now: Timestamp) {
    match event {
        Event::Enrolled => {
            plan_next(decision, facts, now);
        }
        Event::Due => due(decision, facts, now),
        Event::Sent { at, thread } => sent(decision, facts, *at, thread),
        Event::NotSent { reason, retry_at } => not_sent(decision, *reason, *retry_at, now),
        Event::SendUnknown => {
            decision.note(
                "ledger",
                "no answer from the provider",
                "waits for evidence",
            );
            park(decision, WaitReason::SendUnknown);
        }
        Event::SendAbandoned => {
            decision.note("ledger", "given up by a person", "the next step follows");
            decision.next.memory = None;
            advance(decision, facts, now);
        }
        Event::SendReleased => {
            decision.note(
                "ledger",
                "released by a named person",
                "one further attempt",
            );
            decision.next.memory = None;
            wake(decision, now);
        }
        Event::Deferred { until, reason, why } => {
            decision.note("gate", why.clone(), format!("asks again at {until}"));
            decision.next.due_at = Some((*until).max(now));
            decision.next.memory = Some(format!("deferred {reason}").into_bytes());
        }
        Event::Refused { suppressed, why } => {
            let skip = if *suppressed {
                SkipReason::Suppressed
            } else {
                SkipReason::NoBasis
            };
            decision.note("gate", why.clone(), "never sent");
            decision.finish(facts, FinishReason::Refused, skip);
        }
        Event::Unrenderable { field } => {
            decision.note("template", format!("no value for {field}"), "never sent");
            decision.finish(facts, FinishReason::Refused, SkipReason::Unrenderable);
        }
        Event::Replied => replied(decision, facts),
        Event::OutOfOffice { back_on } => out_of_office(decision, facts, *back_on, now),
        Event::LeftCompany => end(
            decision,
            facts,
            "left the company",
            FinishReason::LeftCompany,
        ),
        Event::HardBounce => end(
            decision,
            facts,
            "the address is dead",
            FinishReason::Bounced,
        ),
        Event::Unsubscribed => {
            end(
                decision,
                facts,
                "asked for no more mail",
                FinishReason::Unsubscribed,
            );
        }
        Event::Complained => end(decision, facts, "complained", FinishReason::Complained),
        Event::OwnerWrote => pause(decision, WaitReason::OwnerWrote),
        Event::ColleagueReplied => {
            end(
                decision,
                facts,
                "a colleague answered",
                FinishReason::CompanyReplied,
            );
        }
        Event::Paused(reason) => pause(decision, *reason),
        Event::Resumed => resume(decision, now),
        Event::MailboxDown => {
            if decision.next.state == EnrollmentState::Active {
                decision.note("mailbox", "it cannot send", "waits for the mailbox");
                park(decision, WaitReason::MailboxDown);
            }
        }
        Event::MailboxUp => {
            if decision.next.wait == Some(WaitReason::MailboxDown) {
                decision.note("mailbox", "it can send again", "goes on");
                wake(decision, now);
            }
        }
        Event::Unreadable { what } => {
            decision.note("content", *what, "waits for a person");
            park(decision, WaitReason::SendRefused);
        }
        Event::SkippedByPerson if is_unknown(decision) => {
            decision.note("ledger", "a send is unknown", "nothing can be skipped");
        }
        Event::SkippedByPerson => {
            let step = decision.next.step;
            let until = StepIndex(step.0 + 1);
            let reason = SkipReason::ByPerson;
            decision.note("person", "skipped this step", "the next step follows");
            decision.commands.push(Command::Skip {
                from: step,
                until,
                reason,
            });
            advance(decision, facts, now);
        }
        Event::Ended(reason) => {
            let skip = match reason {
                FinishReason::Erased => SkipReason::Erased,
                FinishReason::Stopped => SkipReason::Stopped,
                _ => SkipReason::Ended,
            };
            decision.note("end", reason.name(), "nothing more is sent");
            decision.finish(facts, *reason, skip);
        }
    }
}

fn due(decision: &mut Decision, facts: &Facts<'_>, now: Timestamp) {
    if decision.next.state != EnrollmentState::Active {
        decision.note("state", decision.next.state.name(), "nothing is due");
        return;
    }
    let step = decision.next.step;
    if facts.sequence.step(step).is_none() {
        decision.note("sequence", "every step is done", "completed");
        decision.finish(facts, FinishReason::Completed, SkipReason::Ended);
        return;
    }
    if let Some(due_at) = decision.next.due_at.filter(|due_at| *due_at > now) {
        decision.note("plan", format!("planned for {due_at}"), "not yet");
        return;
    }
    let zone = zone_of(facts.schedule, facts.zone);
    let slot = earliest_slot(facts.schedule, &zone, now);
    if slot > now {
        decision.note(
            "window",
            "outside the sending window",
            format!("moved to {slot}"),
        );
        decision.next.due_at = Some(slot);
        return;
    }
    let variant = variant_for(facts, &decision.next, step);
    decision.note("plan", format!("step {} is due", step.0 + 1), "send");
    decision.commands.push(Command::Send { step, variant });
}

fn sent(decision: &mut Decision, facts: &Facts<'_>, at: Timestamp, thread: &str) {
    decision.next.sent += 1;
    decision.next.last_sent_at = Some(at);
    decision.next.memory = None;
    decision.next.thread = Some(thread.to_owned());
    decision.note("ledger", "accepted by the provider", "sent");
    advance(decision, facts, at);
}

fn advance(decision: &mut Decision, facts: &Facts<'_>, from: Timestamp) {
    decision.next.step.0 += 1;
    go_on(decision);
    plan_next(decision, facts, from);
}

fn plan_next(decision: &mut Decision, facts: &Facts<'_>, from: Timestamp) {
    let step = decision.next.step;
    let Some(definition) = facts.sequence.step(step) else {
        decision.note("sequence", "every step is done", "completed");
        decision.finish(facts, FinishReason::Completed, SkipReason::Ended);
        return;
    };
    let due = place_step(
        facts.schedule,
        facts.zone,
        from,
        definition.wait,
        facts.draw,
        decision.next.id,
        step,
    );
    let wait = String::from(definition.wait);
    decision.note(
        "plan",
        format!("step {}, {wait} after {from}", step.0 + 1),
        format!("{due}"),
    );
    decision.next.due_at = Some(due);
}

fn not_sent(
    decision: &mut Decision,
    reason: NotSentReason,
    retry_at: Option<Timestamp>,
    now: Timestamp,
) {
    match reason {
        NotSentReason::Invalid | NotSentReason::TooLarge => {
            decision.note("ledger", reason.name(), "waits for a person");
            park(decision, WaitReason::SendRefused);
        }
        NotSentReason::Unauthorized | NotSentReason::Forbidden | NotSentReason::NoMailService => {
            decision.note("ledger", reason.name(), "waits for the mailbox");
            park(decision, WaitReason::MailboxDown);
        }
        _ => {
            let again = retry_at.unwrap_or_else(|| now.saturating_add(RETRY_AFTER).unwrap_or(now));
            decision.note(
                "ledger",
                reason.name(),
                format!("planned again for {again}"),
            );
            decision.next.due_at = Some(again.max(now));
        }
    }
}

fn replied(decision: &mut Decision, facts: &Facts<'_>) {
    match facts.sequence.on_reply {
        OnReply::Stop => end(
            decision,
            facts,
            "the person answered",
            FinishReason::Replied,
        ),
        OnReply::Pause => pause(decision, WaitReason::ByPerson),
        OnReply::Continue => {
            decision.note("reply", "the sequence goes on after answers", "goes on")
        }
    }
    if facts.sequence.stop_company_on_reply {
        decision.commands.push(Command::StopCompany);
    }
}

fn out_of_office(
    decision: &mut Decision,
    facts: &Facts<'_>,
    back_on: Option<jiff::civil::Date>,
    now: Timestamp,
) {
    if facts.sequence.on_out_of_office == OnOutOfOffice::Continue {
        decision.note("absence", "the sequence goes on during absences", "goes on");
        return;
    }
    let zone = zone_of(facts.schedule, facts.zone);
    let today = now.to_zoned_datetime(zone.clone()).date();
    let back = back_on
        .filter(|day| *day > today)
        .or_else(|| today.checked_add(ABSENCE_DAYS.days()).ok())
        .unwrap_or(today);
    let morning = zone
        .to_ambiguous_zoned_datetime(back.to_datetime(Time::midnight()))
        .compatible();
    let from = morning.map_or(now, |zoned| zoned.timestamp());
    let resumes = earliest_slot(facts.schedule, &zone, from.max(now));
    let planned = decision.next.due_at.unwrap_or(resumes).max(resumes);
    decision.note(
        "absence",
        format!("away until {back}"),
        format!("goes on at {planned}"),
    );
    decision.next.due_at = Some(planned);
}

fn end(decision: &mut Decision, facts: &Facts<'_>, why: &str, reason: FinishReason) {
    decision.note("end", why, "nothing more is sent");
    decision.finish(facts, reason, SkipReason::Ended);
}

fn pause(decision: &mut Decision, reason: WaitReason) {
    decision.note("pause", reason.name(), "waits until resumed");
    decision.next.state = EnrollmentState::Paused;
    decision.next.wait = Some(reason);
}

/// A pause holds whatever else there is to wait for: only a person ends it.
fn park(decision: &mut Decision, reason: WaitReason) {
    if reason == WaitReason::SendUnknown {
        decision.next.memory = Some(UNKNOWN.to_vec());
    }
    if decision.next.state != EnrollmentState::Paused {
        decision.next.state = EnrollmentState::Parked;
        decision.next.wait = Some(reason);
    }
}

/// Whether a send of the enrollment is unknown, paused or not.
fn is_unknown(decision: &Decision) -> bool {
    decision.next.wait == Some(WaitReason::SendUnknown)
        || decision.next.memory.as_deref() == Some(UNKNOWN)
}

/// Nothing but evidence, or a named person's release of that one send, ends an unknown send.
fn resume(decision: &mut Decision, now: Timestamp) {
    if is_unknown(decision) {
        decision.note("ledger", "a send is unknown", "waits for evidence");
        decision.next.state = EnrollmentState::Parked;
        decision.next.wait = Some(WaitReason::SendUnknown);
        return;
    }
    decision.note("person", "resumed", "goes on");
    decision.next.state = EnrollmentState::Active;
    wake(decision, now);
}

fn wake(decision: &mut Decision, now: Timestamp) {
    go_on(decision);
    decision.next.due_at = Some(decision.next.due_at.map_or(now, |due| due.max(now)));
}

/// What an enrollment waited for is over; a pause is not.
fn go_on(decision: &mut Decision) {
    if decision.next.state != EnrollmentState::Paused {
        decision.next.state = EnrollmentState::Active;
        decision.next.wait = None;
    }
}
