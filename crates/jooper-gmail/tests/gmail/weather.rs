//! Everything that goes wrong in a campaign.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jooper_conformance::transport::ManualLease;
use jooper_core::{Clock as _, Draw, DrawPurpose};
use jooper_gmail::{GMAIL_READONLY, GMAIL_SEND};
use jooper_testkit::google::{
    Canned, DeathCause, Fault, FaultRule, FiredFault, HistoryFault, PushFault, When,
};

use crate::lab::{Lab, Slow};

/// What is slow at which handing-over, and how often it was.
#[derive(Debug, Default)]
pub struct Weather {
    pub late_answers: AtomicUsize,
    pub withheld: AtomicUsize,
}

impl Weather {
    /// Longer than any permit lasts.
    const LONG: Duration = Duration::from_secs(30);

    pub fn begin(self: &Arc<Self>, lab: &Lab, lease: &Arc<ManualLease>, seed: u64) {
        let (weather, draw) = (Arc::clone(self), Draw::new(seed));
        let when = move |nth: usize| {
            let nth = u16::try_from(nth).unwrap();
            match draw.below(10, uuid::Uuid::nil(), nth, DrawPurpose::Gap) {
                0 => {
                    weather.withheld.fetch_add(1, Ordering::SeqCst);
                    Some(Slow::Sender(Self::LONG))
                }
                1 => {
                    weather.late_answers.fetch_add(1, Ordering::SeqCst);
                    Some(Slow::Provider(Self::LONG))
                }
                _ => None,
            }
        };
        *lab.recorder.weather.lock().unwrap() = Some((Arc::clone(lease), Box::new(when)));
    }
}

/// A jump of every clock at once: the process slept, and the world went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leap {
    /// Longer than history, a watch or a token lasts.
    EightDays,
    /// Over the beginning of summer time where Google counts its days.
    SummerTime,
}

impl Leap {
    /// The leap of a seed, and before which person it comes.
    pub fn of(seed: u64) -> Option<(Self, usize)> {
        let leap = match seed % 3 {
            0 => Self::EightDays,
            1 => Self::SummerTime,
            _ => return None,
        };
        Some((leap, 3 + usize::try_from(seed % 5).unwrap()))
    }

    pub fn name(self) -> String {
        format!("clock: {self:?}")
    }

    pub fn take(self, lab: &Lab) {
        let now = lab.clock.now();
        let to = match self {
            Self::EightDays => now + jiff::SignedDuration::from_hours(8 * 24),
            // Half a minute before the hour that does not exist; the next minutes cross it.
            Self::SummerTime => "2027-03-14T09:59:30Z".parse::<Timestamp>().unwrap(),
        };
        lab.clock
            .advance_millis(to.as_millisecond() - now.as_millisecond());
    }
}

/// What is in force.
#[derive(Debug)]
pub struct Storm {
    /// Each rule's number with the kind of its fault.
    kinds: BTreeMap<u64, String>,
    /// Whether history and the list of messages both show a mail late.
    pub both_lag: bool,
}

/// What a send can meet. The last ones are somebody's on the way.
fn on_send() -> Vec<Fault> {
    vec![
        Fault::DropUnread,
        Fault::ResetUnread,
        Fault::CommitThenClose,
        Fault::CommitThenReset,
        Fault::CommitThenStatus(502),
        Fault::CommitThenStatus(504),
        Fault::CommitThenStatus(403),
        Fault::CommitThenHang,
        Fault::CommitThenPause(1_200),
        Fault::Truncate(10),
        Fault::Trickle {
            bytes: 7,
            pause_ms: 1,
        },
        Fault::DuplicateChunk,
        Fault::OmitFields(vec!["id".to_owned()]),
        Fault::UnknownField,
        Fault::UnknownEnum,
        Fault::ExpireAccess,
        Fault::SlowToAccept(200),
        Fault::Answer(Canned::Backend(500)),
        Fault::Answer(Canned::TooMany429(Some(90_000))),
        Fault::Answer(Canned::UserRate403(None)),
        Fault::Answer(Canned::UserRate403(Some(45_000))),
        Fault::Answer(Canned::ProjectRate403),
        Fault::Answer(Canned::DailyLimit403),
        Fault::Answer(Canned::SendingLimit429(Some(600_000))),
        Fault::Answer(Canned::SendingLimit429(None)),
        Fault::Answer(Canned::Concurrent429),
        Fault::Answer(Canned::Credentials401),
        Fault::Answer(Canned::BadRequest400),
        Fault::Answer(Canned::NotFound404),
        Fault::Answer(Canned::Html(404)),
        Fault::Answer(Canned::ForeignJson(400)),
        Fault::Answer(Canned::Empty(503)),
        Fault::Answer(Canned::Scope403),
        Fault::Answer(Canned::DomainPolicy403),
        Fault::Answer(Canned::NoMailService400),
        Fault::Answer(Canned::Words(
            429,
            "Too many concurrent requests".to_owned(),
        )),
    ]
}

fn on_read() -> Vec<Fault> {
    vec![
        Fault::DropUnread,
        Fault::CommitThenReset,
        Fault::Answer(Canned::Html(502)),
        Fault::Answer(Canned::ForeignJson(500)),
        Fault::Answer(Canned::Empty(503)),
        Fault::Answer(Canned::Backend(503)),
        Fault::Answer(Canned::TooMany429(Some(20_000))),
        Fault::Answer(Canned::UserRate403(Some(15_000))),
        Fault::Answer(Canned::UserRate403(None)),
        Fault::Answer(Canned::Concurrent429),
        Fault::Answer(Canned::Credentials401),
        Fault::Truncate(25),
        Fault::Trickle {
            bytes: 60,
            pause_ms: 1,
        },
        Fault::DuplicateChunk,
        Fault::OmitFields(vec!["historyId".to_owned()]),
        Fault::UnknownField,
        Fault::UnknownEnum,
        Fault::ExpireAccess,
        Fault::ClockJump(-40_000),
        Fault::ClockJump(90_000),
    ]
}

/// What the token endpoint does beside letting a grant die.
fn on_token() -> Vec<Fault> {
    vec![
        Fault::DropUnread,
        Fault::CommitThenReset,
        Fault::CommitThenPause(100),
        Fault::Truncate(30),
        Fault::Answer(Canned::Html(503)),
        Fault::Answer(Canned::Backend(500)),
    ]
}

/// Every documented death of a refresh token; one a seed.
const DEATHS: [DeathCause; 9] = [
    DeathCause::UserRevoked,
    DeathCause::Unused,
    DeathCause::PasswordChange,
    DeathCause::TokenLimit,
    DeathCause::AdminPolicy,
    DeathCause::GrantExpired,
    DeathCause::SessionControl,
    DeathCause::Testing,
    DeathCause::AccountDeleted,
];

/// Which seeds, modulo 16, are allowed two requests at once.
pub const FEW_AT_ONCE: u64 = 5;

/// Whether it costs real time.
fn is_slow(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::CommitThenHang | Fault::CommitThenPause(_) | Fault::SlowToAccept(_)
    )
}

impl Storm {
    /// Puts every knob on, with the chances of this seed.
    pub fn begin(lab: &Lab, seed: u64) -> Self {
        let mut kinds = BTreeMap::new();
        let mut add = |place: &str, rule: FaultRule| {
            let kind = format!("{place}: {:?}", rule.fault);
            kinds.insert(lab.sim.add_fault(rule), kind);
        };
        let draw = |number: u16, bound: u64| {
            Draw::new(seed).below(bound, uuid::Uuid::nil(), number, DrawPurpose::Split)
        };
        let chance = |number: u16, least: u64, more: u64| {
            When::PerMille(u32::try_from(least + draw(number, more)).unwrap())
        };
        let often = |number: u16| chance(number, 20, 80);
        for (number, fault) in (0..).zip(on_send()) {
            let slow = is_slow(&fault);
            // An answer keeps every other fault of its call from acting.
            let when = match fault {
                Fault::Answer(_) => chance(number, 15, 40),
                Fault::CommitThenStatus(_) => chance(number, 40, 60),
                _ => chance(number, 20, 50),
            };
            let rule = FaultRule::new(fault).on_send().when(when);
            add("send", if slow { rule.times(1) } else { rule });
        }
        for (number, fault) in (100..).zip(on_read()) {
            let rule = FaultRule::new(fault).on("GET", "*/users/me/*");
            add("read", rule.when(chance(number, 10, 50)));
        }
        for (number, kind) in (200..).zip([
            HistoryFault::EmptyPage,
            HistoryFault::OutOfOrder,
            HistoryFault::Duplicates,
            HistoryFault::Vanished,
            HistoryFault::LabelRace,
        ]) {
            let rule = FaultRule::new(Fault::History(kind)).when(often(number));
            add("history", rule);
        }
        let gap = FaultRule::new(Fault::Answer(Canned::NotFound404)).on("GET", "*/history");
        add("history", gap.when(often(300)));
        // Once in a while the watch ends without a word, and only polling is left.
        let silence = FaultRule::new(Fault::ExpireWatch).on("GET", "*/history");
        add("history", silence.when(When::PerMille(20)));
        for (number, fault) in (400..).zip([
            PushFault::Duplicate,
            PushFault::Drop,
            PushFault::Delay(90_000),
            PushFault::Forged,
            PushFault::WrongAudience,
            PushFault::UnknownKey,
            PushFault::Expired,
            PushFault::WrongAccount,
        ]) {
            let rule = FaultRule::new(Fault::Push(fault)).on("PUSH", "*");
            add("push", rule.when(often(number)));
        }
        let many = Fault::Answer(Canned::TooMany429(None));
        let reads = FaultRule::new(many.clone()).on("GET", "*/users/me/*");
        let from =
            |number: u16, bound: u64| When::From(u32::try_from(draw(number, bound)).unwrap());
        add("burst of reads", reads.when(from(500, 60)).times(6));
        let sends = FaultRule::new(many).on_send();
        add("burst of sends", sends.when(from(501, 8)).times(3));

        let token = |fault: Fault| FaultRule::new(fault).on("POST", "/token");
        for (number, fault) in (600..).zip(on_token()) {
            let slow = is_slow(&fault);
            let rule = token(fault).when(chance(number, 80, 80));
            add("token", if slow { rule.times(2) } else { rule });
        }
        // The first token that is asked for is a renewal, and so is one of the next ones.
        let death = DEATHS[usize::try_from(seed % 9).unwrap()];
        let death = token(Fault::KillGrant(death)).when(When::From(1));
        add("token", death.times(4));
        for (at, scope) in [(4, GMAIL_SEND), (7, GMAIL_READONLY)] {
            let shrink = token(Fault::ShrinkScope(scope.to_owned()));
            add("token", shrink.when(When::From(at)).times(2));
        }
        // The grant that a send stands on ends while the mail is on its way.
        let death = FaultRule::new(Fault::KillGrant(DeathCause::UserRevoked)).on_send();
        add("send", death.when(from(502, 6)).times(2));
        // Tens of seconds for most, minutes for one seed in four.
        let unit = if seed % 4 == 3 { 100_000 } else { 10_000 };
        let (history, list) = (draw(302, 4), draw(303, 4));
        let lag = |units: u64| i64::try_from(units * unit).unwrap();
        lab.sim.set_knobs(|knobs| {
            knobs.search_lag_max_ms = 3_600_000;
            knobs.search_missing_per_mille = 300;
            knobs.history_lag_ms = lag(history);
            knobs.label_list_lag_ms = lag(list);
            knobs.access_token_seconds = 300;
            // What is refused for it depends on real time, so no seed that counts kinds every day has it.
            knobs.concurrent_requests = (seed % 16 == FEW_AT_ONCE).then_some(2);
        });
        Self {
            kinds,
            both_lag: history > 0 && list > 0,
        }
    }

    /// How often each kind struck a call that it could do something to.
    pub fn struck(&self, fired: &[FiredFault]) -> BTreeMap<String, usize> {
        let mut counts: BTreeMap<String, usize> =
            self.kinds.values().map(|kind| (kind.clone(), 0)).collect();
        for one in acting(fired) {
            if let Some(kind) = self.kinds.get(&one.rule) {
                *counts.entry(kind.clone()).or_default() += 1;
            }
        }
        counts
    }
}

/// Leaves out what another fault of the same call kept from acting.
fn acting(fired: &[FiredFault]) -> Vec<&FiredFault> {
    // The faults of one call stand together, by ascending number. Two calls at the same instant may
    // look like one, which counts too little at worst.
    let same =
        |a: &FiredFault, b: &FiredFault| a.at_ms == b.at_ms && a.call == b.call && a.rule < b.rule;
    let mut acting = Vec::new();
    for call in fired.chunk_by(same) {
        let unread =
            |one: &&FiredFault| matches!(one.fault, Fault::DropUnread | Fault::ResetUnread);
        let instead = |one: &&FiredFault| matches!(one.fault, Fault::Answer(_));
        if let Some(first) = call.iter().find(unread) {
            acting.push(first);
        } else if let Some(first) = call.iter().find(instead) {
            acting.push(first);
        } else {
            // These stand on every call and change a page of history alone.
            let idle = |one: &&FiredFault| {
                matches!(one.fault, Fault::History(_)) && !one.call.ends_with("/history")
            };
            acting.extend(call.iter().filter(|one| !idle(one)));
        }
    }
    acting
}
