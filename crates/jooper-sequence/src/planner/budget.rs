//! Whether a mailbox may send now, by what it sent lately (law L12).

use jiff::{SignedDuration, Timestamp};

use super::climb::next_day;
use super::locale::zone_of;
use super::recent::Recent;
use super::window::start_of;
use crate::model::Schedule;

/// How much later than its reservation a mail may reach the provider: the permit's ten seconds, and
/// the second that is cut off. Two mails a full day apart stay a day apart however long they took.
pub(crate) const LATEST: SignedDuration = SignedDuration::from_secs(11);

/// Who says how many mails a budget of a mailbox allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// The campaign, by its caps or its own ramp.
    Campaign,
    /// How far the mailbox has come, which is new.
    New,
    /// The ceiling of every mailbox.
    Ceiling,
}

impl Bound {
    /// Why nothing more goes, in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Campaign => "As many mails as the campaign allows have gone from this mailbox.",
            Self::New => {
                "This mailbox is new: as many mails have gone from it as it may send for now, and it may \
                 send more day by day."
            }
            Self::Ceiling => {
                "As many mails as any mailbox may send have gone from this one, whatever its campaigns \
                 allow."
            }
        }
    }

    /// Whose figure it is, behind the figure; `campaign`: what the campaign is called.
    pub(crate) fn whose(self, campaign: &str) -> String {
        match self {
            Self::Campaign => says(campaign),
            Self::New => "as it is new".to_owned(),
            Self::Ceiling => "as no mailbox may send more".to_owned(),
        }
    }
}

/// That a figure is that of a campaign of this name.
pub(crate) fn says(campaign: &str) -> String {
    format!("as the campaign \u{201c}{campaign}\u{201d} says")
}

/// A budget that is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// When to look again. A budget may be full then for another reason; it is never free earlier.
    pub until: Timestamp,
    /// The budget, in words.
    pub budget: &'static str,
    /// How many mails count against it: more than it allows where it was lowered since.
    pub sent: usize,
    /// How many mails it allows.
    pub most: u32,
    /// Who says so.
    pub bound: Bound,
}

/// One budget of a mailbox and what is used of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// The budget, in words.
    pub budget: &'static str,
    /// How many mails count against it.
    pub sent: usize,
    /// How many it allows.
    pub most: u32,
    /// Who says so.
    pub bound: Bound,
    /// When to look again, if it is used up.
    pub until: Option<Timestamp>,
}

/// What holds for a mailbox whatever its campaigns allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// When it was connected: where a campaign's own ramp begins.
    pub connected_at: Timestamp,
    /// The most mails in a day and in 24 hours, all campaigns together
    /// ([`Ceilings::mails_a_day`](jooper_consent::Ceilings::mails_a_day)).
    pub ceiling: u32,
}

/// The budget of a mailbox that forbids a send now, if any: civil day, 24 hours, hour. The mailbox's
/// ceiling, the ramp of a new one and the campaign's own ramp lower the first two.
///
/// `now` must never run back: pass the highest time that the lane has seen. Civil days are those of
/// the schedule's zone.
pub fn budget(
    schedule: &Schedule,
    recent: &Recent,
    volume: &Volume,
    now: Timestamp,
) -> Option<Full> {
    let all = budgets(schedule, recent, volume, now);
    let full = all.into_iter().filter_map(|used| {
        Some(Full {
            until: used.until?,
            budget: used.budget,
            sent: used.sent,
            most: used.most,
            bound: used.bound,
        })
    });
    full.max_by_key(|full| full.until)
}

/// Every budget of a mailbox with what is used of it: what [`budget`] judges by.
pub fn budgets(schedule: &Schedule, recent: &Recent, volume: &Volume, now: Timestamp) -> Vec<Used> {
    let zone = zone_of(schedule, None);
    let today = now.to_zoned_datetime(zone.clone()).date();
    let began = volume.connected_at.to_zoned_datetime(zone.clone()).date();
    let tomorrow = today.tomorrow().ok().and_then(|day| start_of(&zone, day));
    let (Some(tomorrow), Some(midnight)) = (tomorrow, start_of(&zone, today)) else {
        return Vec::new();
    };
    let days = i64::from((today - began).get_days());
    let ramp = schedule.limits.ramp.map(|ramp| ramp.cap(days));
    let climbed = recent.most(now);
    let own = volume.ceiling.min(climbed);
    let allowed = schedule.daily_cap.min(ramp.unwrap_or(u32::MAX));
    let cap = allowed.min(own);
    let bound = |allowed: u32| match allowed <= own {
        true => Bound::Campaign,
        false if climbed < volume.ceiling => Bound::New,
        false => Bound::Ceiling,
    };
    // A new mailbox may send more on the next of its days, which are UTC's.
    let climbs = (climbed < volume.ceiling).then(|| next_day(now));
    let sooner = |until: Timestamp| climbs.map_or(until, |climbs| until.min(climbs));
    // A day's first instant, moved back by what a mail may take: whoever was reserved right before
    // midnight counts into both days.
    let since = midnight.saturating_sub(LATEST).unwrap_or(midnight);
    let in_day = recent.times().filter(|at| *at >= since).count();
    let civil = Used {
        budget: "mails in a day",
        sent: in_day,
        most: cap,
        bound: bound(allowed),
        until: (in_day >= cap as usize).then(|| sooner(tomorrow)),
    };
    let rolling = schedule.limits.rolling_day.unwrap_or(u32::MAX);
    let (rolling_cap, rolling_bound) = (cap.min(rolling), bound(allowed.min(rolling)));
    let day = SignedDuration::from_hours(24);
    let mut rolling = sliding(recent, now, day, rolling_cap, "mails in 24 hours");
    rolling.bound = rolling_bound;
    if ramp.is_some() {
        // The ramp may allow more tomorrow.
        rolling.until = rolling.until.map(|until| until.min(tomorrow));
    }
    rolling.until = rolling.until.map(sooner);
    let hour = SignedDuration::from_hours(1);
    let hourly = schedule.limits.hourly;
    let hourly = hourly.map(|cap| sliding(recent, now, hour, cap, "mails in an hour"));
    [civil, rolling].into_iter().chain(hourly).collect()
}

/// A budget of a campaign's for any span of this length.
fn sliding(
    recent: &Recent,
    now: Timestamp,
    span: SignedDuration,
    cap: u32,
    budget: &'static str,
) -> Used {
    let leaves = |at: Timestamp| {
        at.checked_add(span.saturating_add(LATEST))
            .unwrap_or(Timestamp::MAX)
    };
    let inside: Vec<_> = recent.times().map(leaves).filter(|at| *at > now).collect();
    let over = inside.len().checked_sub(cap as usize);
    Used {
        budget,
        sent: inside.len(),
        most: cap,
        bound: Bound::Campaign,
        until: over.and_then(|over| inside.get(over).or(inside.last()).copied()),
    }
}
