//! One mail too many: ceilings, frequency, exclusivity, the first sample.

use jiff::Timestamp;
use jooper_core::{SendKey, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use super::{Context, Steps, deny};
use crate::ceilings::SAMPLE_CLEARED;
use crate::gate::trace::{GateName, RefusalReason, Verdict};

/// How long to wait before asking again about something that has no date of its own.
const LATER: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

fn later(now: Timestamp) -> Option<Timestamp> {
    now.checked_add(LATER).ok()
}

/// The mails of this enrollment that the person already has, by whoever knows of more, and those that
/// the same campaign sent to a lead of theirs that was deleted.
pub(super) fn sent(context: &Context<'_>) -> u16 {
    let caps = &context.intent.caps;
    let told = if caps.first_contact {
        0
    } else {
        caps.follow_ups_sent + u16::from(caps.last_sent_at.is_some() || caps.follow_ups_sent > 0)
    };
    let own = context.rows.own(context.intent);
    let campaign = context.intent.campaign;
    let earlier = context.rows.earlier.iter();
    let earlier = earlier.filter(|mails| Some(mails.campaign) == campaign);
    earlier.fold(told.max(own.map_or(0, |row| row.sent)), |sum, mails| {
        sum.saturating_add(mails.mails)
    })
}

/// The same, by the row alone: what a first mail must carry, and the first sample, are not skipped
/// because a caller says that there was one before.
pub(super) fn surely_sent(context: &Context<'_>) -> u16 {
    context.rows.own(context.intent).map_or(0, |row| row.sent)
}

fn last_sent(context: &Context<'_>) -> Option<Timestamp> {
    let rows = context.rows.enrollments.iter();
    let earlier = context.rows.earlier.iter();
    rows.filter_map(|row| row.last_sent_at)
        .chain(earlier.map(|mails| mails.last_at))
        .chain(context.intent.caps.last_sent_at)
        .max()
}

pub(super) fn ceilings(context: &Context<'_>, steps: &mut Steps) {
    let sent = sent(context);
    let most = context
        .ceilings
        .follow_ups(context.intent.caps.follow_up_limit);
    // The first mail is no follow-up; the one judged now would be the next.
    let verdict = if sent > most {
        deny(RefusalReason::FollowUpCeiling)
    } else {
        Verdict::Allow
    };
    let input = format!("{} of {most} follow-ups sent", sent.saturating_sub(1));
    steps.push(GateName::Ceilings, input, verdict);
    let free = last_sent(context).and_then(|last| last.checked_add(context.ceilings.gap()).ok());
    let (input, verdict) = match free {
        Some(free) if free > context.now => (
            format!("the last mail was less than {} ago", hours(context)),
            Verdict::Defer {
                until: Some(free),
                reason: RefusalReason::TooSoon,
            },
        ),
        Some(_) => (
            format!("the last mail was more than {} ago", hours(context)),
            Verdict::Allow,
        ),
        None => ("no mail so far".to_owned(), Verdict::Allow),
    };
    steps.push(GateName::Ceilings, input, verdict);
}

fn hours(context: &Context<'_>) -> String {
    format!("{} hours", context.ceilings.gap().as_hours())
}

/// One campaign at a time writes to a person: the one that wrote first, or may have, else the older
/// enrollment.
pub(super) fn exclusivity(context: &Context<'_>, steps: &mut Steps) {
    let own = context.rows.own(context.intent);
    let rank = |row: &EnrollmentRow| {
        let wrote = row.sent > 0 || row.wait == Some(WaitReason::SendUnknown);
        (!wrote, row.created_at, Some(row.id))
    };
    let mine = own.map_or((true, Timestamp::MAX, None), rank);
    let busy = context
        .rows
        .others_busy(context.intent)
        .filter(|row| Some(row.campaign) != context.intent.campaign)
        .any(|row| rank(row) < mine);
    let (input, verdict) = if busy {
        (
            "another campaign is writing to this person",
            Verdict::Defer {
                until: later(context.now),
                reason: RefusalReason::AnotherCampaign,
            },
        )
    } else {
        ("no other campaign comes first", Verdict::Allow)
    };
    steps.push(GateName::Contact, input, verdict);
    let other = context
        .rows
        .permits
        .iter()
        .any(|permit| permit.send_key != context.intent.key);
    if other {
        steps.push(
            GateName::Contact,
            "another send to this person is under way",
            Verdict::Defer {
                until: later(context.now),
                reason: RefusalReason::AnotherSend,
            },
        );
    }
}

/// Whether the mail counts against the campaign's first sample. Only first mails do.
pub(super) fn sample(context: &Context<'_>, steps: &mut Steps) -> bool {
    let SendKey::Step { .. } = context.intent.key else {
        return false;
    };
    if surely_sent(context) > 0 {
        return false;
    }
    let count = context.rows.sample.as_ref().map_or(0, |row| row.count);
    let most = context.ceilings.sample();
    if count < SAMPLE_CLEARED / 2 {
        steps.push(
            GateName::Sample,
            "the first sample came back clean",
            Verdict::Allow,
        );
        return false;
    }
    let verdict = if count < most {
        Verdict::Allow
    } else {
        Verdict::Defer {
            until: later(context.now),
            reason: RefusalReason::SampleRunning,
        }
    };
    steps.push(
        GateName::Sample,
        format!("{count} of the first {most} mails are out"),
        verdict,
    );
    true
}
