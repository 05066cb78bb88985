//! One mail too many: ceilings, frequency, exclusivity, the first sample.

use jiff::Timestamp;
use jooper_core::{FinishReason, SendKey, WaitReason};
use jooper_storage::tables::EnrollmentRow;

use super::{Context, Steps, deny};
use crate::ceilings::{Ceilings, SAMPLE_CLEARED};
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
    // As long as it is remembered: whether it was swept already changes nothing.
    let ends = |last: Timestamp| last.saturating_add(context.ceilings.span());
    let earlier = earlier.filter(|mails| ends(mails.last_at).is_ok_and(|end| end > context.now));
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

/// The mails of other campaigns that count as mails before this one's, each with the instant until
/// which they do: what somebody answered to does not, nor what lies far back. Whoever clones a
/// campaign, or enrolls a person again, begins nothing anew.
fn beside(context: &Context<'_>) -> Vec<(Timestamp, u16)> {
    let own = context.intent.enrollment();
    let campaign = context.intent.campaign;
    let rows = context.rows.enrollments.iter();
    let rows = rows.filter(|row| Some(row.id) != own && row.finish != Some(FinishReason::Replied));
    // A mail of unknown fate has a time, and is not counted as sent.
    let rows = rows.filter_map(|row| Some((row.last_sent_at?, row.sent.max(1))));
    let earlier = context.rows.earlier.iter();
    let earlier = earlier.filter(|mails| Some(mails.campaign) != campaign);
    let earlier = earlier.map(|mails| (mails.last_at, mails.mails));
    let until = |(last, mails): (Timestamp, u16)| {
        let end = last.saturating_add(context.ceilings.span());
        (end.unwrap_or(Timestamp::MAX), mails)
    };
    let mut all: Vec<_> = rows.chain(earlier).map(until).collect();
    all.retain(|(end, _)| *end > context.now);
    all.sort_unstable();
    all
}

/// When so few mails of other campaigns count that this one is not too many; `None`: already.
fn room_at(own: u16, most: u16, beside: &[(Timestamp, u16)]) -> Option<Timestamp> {
    let mut all = beside
        .iter()
        .fold(own, |sum, (_, mails)| sum.saturating_add(*mails));
    let mut free = None;
    for (end, mails) in beside {
        if all <= most {
            break;
        }
        all = all.saturating_sub(*mails);
        free = Some(*end);
    }
    free
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
    let beside = beside(context);
    let others = beside
        .iter()
        .map(|(_, mails)| u32::from(*mails))
        .sum::<u32>();
    if others > 0 {
        // A campaign's own figure says nothing about others: together they have the hard ceiling.
        let in_all = context.ceilings.follow_ups(Some(Ceilings::HARD_FOLLOW_UPS));
        let verdict = match room_at(sent, in_all, &beside).filter(|_| sent <= most) {
            Some(free) => Verdict::Defer {
                until: Some(free),
                reason: RefusalReason::FollowUpCeiling,
            },
            None => Verdict::Allow,
        };
        let days = context.ceilings.span().as_hours() / 24;
        let input = format!(
            "{others} unanswered mails of other campaigns in {days} days, of {} in all",
            in_all.saturating_add(1)
        );
        steps.push(GateName::Ceilings, input, verdict);
    }
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

/// Answers by hand are no way around the ceiling for follow-ups: as many go in a row, behind the first,
/// until the person writes again.
pub(super) fn answers(context: &Context<'_>, steps: &mut Steps) {
    let gone = context.rows.answers.gone;
    let limit = context.intent.caps.follow_up_limit;
    let most = context.ceilings.follow_ups(limit);
    let verdict = if gone > most {
        deny(RefusalReason::AnswerCeiling)
    } else {
        Verdict::Allow
    };
    let input = format!(
        "{gone} of {} answers since the person wrote last, by the setting `follow_ups`",
        most.saturating_add(1)
    );
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
    if is_of_before(context) {
        steps.push(
            GateName::Sample,
            "the first sample that runs is of those who came later",
            Verdict::Allow,
        );
        return false;
    }
    let verdict = if count < most || context.rows.place.is_some() {
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

/// Whether the person was in the campaign before those of whom the sample is made: a minute before, since
/// whoever counted them and whoever enrolled them may be two machines.
fn is_of_before(context: &Context<'_>) -> bool {
    let enrolled = context.rows.own(context.intent).map(|row| row.created_at);
    let (Some(since), Some(enrolled)) = (context.rows.sampled_since, enrolled) else {
        return false;
    };
    since.duration_since(enrolled) > jiff::SignedDuration::from_mins(1)
}
