//! The forecast: a whole campaign before its first mail.
//!
//! The production engine, planner, gate and ledger run over a fork of the store
//! ([`ForkStore`](jooper_storage::ForkStore)) under a clock that jumps from one due instant to the
//! next. Nothing is written beneath, no mail leaves: the fork's gate issues permits of an
//! installation of its own, which no other dispatcher takes. With the same seed, and people who
//! behave as foreseen, the campaign does what the forecast says, to the millisecond.
//!
//! Subjects hold names, so a forecast is never stored; `Debug` prints counts.

mod beside;
mod capacity;
mod people;
mod picture;
mod reading;
mod record;
mod run;
mod samples;
mod seams;
mod seen;
mod shared;
mod sheet;
mod table;
mod tasks;
mod waiting;

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{CampaignId, EnrollmentId, LeadId, MailboxId};
use serde::{Deserialize, Serialize};

pub use capacity::{Capacity, Warning};
pub use people::{Answer, Behavior, Mailed, Population, Rates, Senses, Tasked};
pub(crate) use record::Recorder;
pub use seen::Seen;

/// What to foresee.
///
/// People behave as [`ForecastRequest::population`] says towards the mails that are foreseen. Mails that
/// went before draw no answers: whoever had one is taken to stay silent about it. A task that is open
/// already takes as long, from the start on, as one that is asked for then.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ForecastRequest {
    /// The seed of every draw. The approved forecast's becomes the campaign's.
    pub seed: u64,
    /// Whom to add; `None`: [`Campaigns::audience`] for a campaign that was never activated, and
    /// nobody for one that was: it is foreseen with the leads that it has.
    ///
    /// [`Campaigns::audience`]: crate::Campaigns::audience
    pub leads: Option<Vec<LeadId>>,
    /// When the campaign would be activated; `None`: now.
    pub start: Option<Timestamp>,
    /// How people behave. By default nobody answers.
    pub population: Arc<dyn Population>,
    /// The last day that is looked at, counted from the start.
    pub days: u32,
    /// Whether breakers follow the log, as `Jooper::runner` has them do. Without them a campaign
    /// waits behind its first sample until a person lets it go.
    pub breakers: bool,
}

impl ForecastRequest {
    /// A forecast from now on, of every lead where the campaign is a draft, in which nobody answers.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            leads: None,
            start: None,
            population: Arc::new(Rates::default()),
            days: 730,
            breakers: true,
        }
    }

    /// Of these leads.
    #[must_use]
    pub fn leads(mut self, leads: Vec<LeadId>) -> Self {
        self.leads = Some(leads);
        self
    }

    /// As if the campaign were activated at this time.
    #[must_use]
    pub const fn start(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// With people who behave like this.
    #[must_use]
    pub fn population(mut self, population: impl Population) -> Self {
        self.population = Arc::new(population);
        self
    }

    /// Of so many days at most.
    #[must_use]
    pub const fn days(mut self, days: u32) -> Self {
        self.days = days;
        self
    }

    /// Without anybody who follows the log.
    #[must_use]
    pub const fn without_breakers(mut self) -> Self {
        self.breakers = false;
        self
    }
}

/// One mail that would go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastMail {
    /// To whom.
    pub lead: LeadId,
    /// In which enrollment: the campaign's own will have this id.
    pub enrollment: EnrollmentId,
    /// Which mail, counted from 1 in the order of the steps.
    pub step: u16,
    /// Which variant, from 0.
    pub variant: u8,
    /// From which mailbox.
    pub mailbox: MailboxId,
    /// When.
    pub at: Timestamp,
    /// How much later than its step was due, because the mailbox was busy or full, in seconds.
    pub late_seconds: i64,
    /// The subject as the person would read it.
    #[serde(with = "shared")]
    pub subject: Arc<str>,
}

/// A lead, or the rest of its steps, that gets no mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastSkip {
    /// Who.
    pub lead: LeadId,
    /// The first mail that does not go, counted from 1 in the order of the steps.
    pub step: u16,
    /// When that is decided; `None`: at activation.
    pub at: Option<Timestamp>,
    /// The reason's stable name.
    #[serde(with = "shared")]
    pub reason: Arc<str>,
    /// Why, in words.
    #[serde(with = "shared")]
    pub why: Arc<str>,
}

/// A mail whose fate was open when the forecast began: on its way, or without an answer from the
/// provider. It is taken to have arrived when it was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// To whom.
    pub lead: LeadId,
    /// In which enrollment.
    pub enrollment: EnrollmentId,
    /// Which mail, counted from 1 in the order of the steps.
    pub step: u16,
    /// From which mailbox.
    pub mailbox: MailboxId,
    /// When it was handed over.
    pub at: Timestamp,
}

/// What somebody is foreseen to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastAnswer {
    /// Who.
    pub lead: LeadId,
    /// In which enrollment.
    pub enrollment: EnrollmentId,
    /// To which mail, counted from 1 in the order of the steps; of a task, before which.
    pub step: u16,
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Behavior,
}

/// A mailbox of the campaign.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForecastMailbox {
    /// Which.
    pub id: MailboxId,
    /// Its address.
    pub address: String,
    /// How many mails of the campaign it sends.
    pub mails: usize,
    /// On how many days it sends any.
    pub days: usize,
    /// The most on one day.
    pub most_a_day: usize,
}

/// By what a forecast was made: somebody may change either before it is launched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// How often the campaign's settings had been changed.
    pub settings: u32,
    /// The version of its sequence.
    pub sequence: u32,
}

/// A campaign, foreseen.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Forecast {
    /// The campaign.
    pub campaign: CampaignId,
    /// The versions of its settings and its sequence. One of an earlier version of jooper has none,
    /// and is not launched.
    #[serde(default)]
    pub plan: Plan,
    /// The seed of every draw.
    pub seed: u64,
    /// When the campaign is taken to be activated.
    pub start: Timestamp,
    /// The zone that days are counted in: the schedule's.
    pub zone: String,
    /// Whom it adds: the audience of a draft.
    pub leads: Vec<LeadId>,
    /// How many of them are enrolled.
    pub enrolled: usize,
    /// The mailboxes, in the campaign's order.
    pub mailboxes: Vec<ForecastMailbox>,
    /// Mails of the campaign whose fate was open when the forecast began: taken to have arrived.
    #[serde(default)]
    pub under_way: Vec<UnderWay>,
    /// Every mail, in order of time.
    pub mails: Vec<ForecastMail>,
    /// What does not go, and why.
    pub skipped: Vec<ForecastSkip>,
    /// What still waits when nothing moves any more, and for what.
    pub waiting: Vec<ForecastSkip>,
    /// What people were foreseen to do.
    pub answers: Vec<ForecastAnswer>,
    /// How long it takes.
    pub capacity: Capacity,
    /// What to look at before it is approved.
    pub warnings: Vec<Warning>,
}

impl fmt::Debug for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forecast")
            .field("campaign", &self.campaign)
            .field("seed", &self.seed)
            .field("start", &self.start)
            .field("mails", &self.mails.len())
            .field("skipped", &self.skipped.len())
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ForecastMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForecastMail")
            .field("enrollment", &self.enrollment)
            .field("step", &self.step)
            .field("variant", &self.variant)
            .field("mailbox", &self.mailbox)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ForecastSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForecastSkip")
            .field("lead", &self.lead)
            .field("step", &self.step)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ForecastMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForecastMailbox")
            .field("id", &self.id)
            .field("mails", &self.mails)
            .finish_non_exhaustive()
    }
}

/// A forecast that somebody looked at and wants: what [`Campaigns::launch`] takes.
///
/// [`Campaigns::launch`]: crate::Campaigns::launch
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a campaign starts when it is launched"]
pub struct Approved {
    pub(crate) campaign: CampaignId,
    pub(crate) seed: u64,
    pub(crate) leads: Vec<LeadId>,
    pub(crate) plan: Plan,
}

impl Forecast {
    /// Takes the forecast as the plan: the same leads under the same seed, by the same settings and
    /// sequence. Launching refuses where somebody changed these meanwhile.
    pub fn approve(self) -> Approved {
        Approved {
            campaign: self.campaign,
            seed: self.seed,
            leads: self.leads,
            plan: self.plan,
        }
    }
}
