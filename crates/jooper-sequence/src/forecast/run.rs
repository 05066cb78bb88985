//! The clock that jumps: every lane is worked at the instant it asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::task::Poll;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use jooper_consent::{BreakerScope, Breakers, Stops};
use jooper_core::{
    CampaignId, Clock, Draw, EnrollmentState, EventKind, LeadId, LeadState, MailboxId, ManualClock,
    SeededIds, SendState, StepIndex,
};
use jooper_storage::tables::{
    CampaignRow, ENROLLMENT, EnrollmentRow, LANE, LEAD, LaneRow, LeadRow, MAILBOX, MailboxProfile,
    MailboxRow, PERMIT, SEND, SendRow, SettingRow, TRACE,
};
use jooper_storage::{
    Batch, Column, ForkSettings, ForkStore, MemoryWitness, Scan, Storage, StorageExt, Versioned,
    tables,
};
use jooper_transport::Dispatcher;
use jooper_vault::Place;

use super::capacity::{Days, warnings};
use super::reading::{Readings, SAMPLE};
use super::record::{Recorded, Recorder};
use super::samples::Beside;
use super::seams::{DeadLinks, NoTime, Nowhere, Silence, Slept};
use super::{
    Behavior, Forecast, ForecastAnswer, ForecastRequest, ForecastSkip, Mailed, UnderWay, Warning,
};
use crate::campaigns::{CampaignSummary, Campaigns};
use crate::decide::Event;
use crate::engine::{Engine, EngineParts};
use crate::error::EngineError;
use crate::lane::{Command as LaneCommand, Lane};
use crate::ledger;

/// Refusals without a single mail in between, beyond thrice the audience: nothing moves any more.
const STUCK: usize = 20_000;

/// How far beyond the fence beneath a forecast takes a lane: workers take it on and on while the
/// rows of its mails are read here.
const BEYOND: i64 = 1 << 32;

/// When a lane is to wake that nobody woke.
const ASLEEP: Timestamp = Timestamp::MAX;

/// How many turns are made before others of the same thread have theirs.
const BREATH: u64 = 64;

/// Lets other tasks of this thread run: a forecast waits for nothing by itself.
async fn breathe() {
    let mut breathed = false;
    std::future::poll_fn(|context| {
        if breathed {
            return Poll::Ready(());
        }
        breathed = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What happens next, in the order in which it happens at one instant: people first, as a lane
/// reads its mailbox before it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// Somebody does something.
    Person(usize),
    /// The breakers look whether the first sample is through.
    Sample,
    /// The breakers read the log.
    Follow,
    /// A lane looks at what is due.
    Lane(usize),
}

pub(super) struct Run<'e> {
    request: &'e ForecastRequest,
    engine: &'e Engine,
    pub(super) fork: ForkStore,
    pub(super) clock: Arc<ManualClock>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) breakers: Option<Breakers>,
    pub(super) campaigns: Campaigns,
    pub(super) campaign: CampaignId,
    lanes: Vec<Lane<'e>>,
    /// Of each lane.
    pub(super) readings: Vec<Readings>,
    pub(super) at: BTreeMap<MailboxId, usize>,
    /// How many of the lanes are the campaign's own; they come first.
    own: usize,
    /// When each lane is looked at next.
    wakes: Vec<Option<Timestamp>>,
    queue: BTreeSet<(Timestamp, Turn)>,
    answers: Vec<ForecastAnswer>,
    /// What the ledger calls the mail that each of them answers.
    answered: Vec<StepIndex>,
    under_way: Vec<UnderWay>,
    /// The mailboxes that are held when it begins, as their data was restored.
    restored: BTreeSet<MailboxId>,
    /// How many mails were shown to the population.
    shown: usize,
    /// How many tasks were.
    tasked: usize,
    following: bool,
    /// Whether the campaign waits for its first sample, as far as the breakers have read.
    sampling: bool,
    pub(super) beside: Beside,
    draw: Draw,
    zone: TimeZone,
    /// When a breaker stops the campaign.
    pub(super) stopped: Option<Timestamp>,
    /// The mailboxes that breakers stop, and when: their lanes do what they are told, and nothing of
    /// their own.
    pub(super) tripped: BTreeMap<MailboxId, Timestamp>,
    pub(super) over: bool,
    running: &'e AtomicBool,
}

impl Campaigns {
    /// Foresees a campaign: every mail with its time, mailbox, variant and subject, what does not
    /// go and why, and how long it takes. Reads the store and writes nothing.
    ///
    /// Where the domains of leads are asked for mail servers ([`Engine::with_mail_domain_check`]), it asks
    /// the DNS about those of which no answer is kept, as an activation does; its own are not kept.
    ///
    /// Other campaigns of the same mailboxes are foreseen with it: they take their share. So are those of
    /// other mailboxes that write to the same people: one campaign at a time does. Whom these wait for
    /// in turn is not looked at.
    ///
    /// # Errors
    /// As [`Campaigns::activate`], and [`EngineError::NotFound`].
    pub async fn simulate(
        &self,
        id: CampaignId,
        request: &ForecastRequest,
    ) -> Result<Forecast, EngineError> {
        let real = &self.engine.parts;
        let start = request.start.unwrap_or_else(|| self.engine.now());
        let clock = Arc::new(ManualClock::new(start));
        let settings = {
            let mut settings = ForkSettings::default();
            settings.dropped = vec![&TRACE, &tables::ROLLUP];
            // The permit of a mail that is on its way ends within seconds; here no such time passes.
            settings.emptied = vec![&PERMIT];
            settings
        };
        let still = Arc::new(ManualClock::new(start));
        let fork = ForkStore::new(real.storage.clone(), still, settings);
        let recorder = Arc::new(Recorder::new(id));
        let twin = twin(&self.engine, &fork, &clock, &recorder, request.seed);
        let campaigns = twin.campaigns(self.workspace);
        let leads = match &request.leads {
            Some(leads) => leads.clone(),
            None if self.row(id).await?.record.activated_at.is_some() => Vec::new(),
            None => self.audience(id).await?,
        };
        let standing = campaigns.standing(id).await?;
        let report = campaigns
            .activate_with(id, &leads, Some(request.seed), None)
            .await?;
        let campaign = campaigns.get(id).await?;
        let row = fork
            .find::<CampaignRow>(self.workspace, vec![id.to_value()])
            .await?
            .ok_or(EngineError::NotFound("campaign"))?
            .record;
        let schedule = &campaign.settings.schedule;
        let running = AtomicBool::new(false);
        let mut run = Run {
            request,
            engine: &twin,
            breakers: request.breakers.then(|| breakers(&twin, &fork)),
            fork: fork.clone(),
            clock,
            recorder,
            campaigns: campaigns.clone(),
            campaign: id,
            lanes: Vec::new(),
            readings: Vec::new(),
            at: BTreeMap::new(),
            own: 0,
            wakes: Vec::new(),
            queue: BTreeSet::new(),
            answers: Vec::new(),
            answered: Vec::new(),
            under_way: Vec::new(),
            restored: BTreeSet::new(),
            shown: 0,
            tasked: 0,
            following: false,
            sampling: true,
            beside: Beside::default(),
            draw: Draw::new(row.seed as u64),
            zone: crate::planner::zone_of(schedule, None),
            stopped: None,
            tripped: BTreeMap::new(),
            over: true,
            running: &running,
        };
        let people: BTreeSet<LeadId> = leads.iter().chain(&standing).copied().collect();
        let later = start > self.engine.now();
        run.open(&campaign, &people, later).await?;
        let horizon = start
            .checked_add(SignedDuration::from_hours(24 * i64::from(request.days)))
            .unwrap_or(Timestamp::MAX);
        run.play(horizon, standing.len(), report.enrolled).await?;
        let refused = report.refused.into_iter().map(|refusal| ForecastSkip {
            lead: refusal.lead,
            step: 1,
            at: None,
            reason: "not_enrolled".into(),
            why: refusal.reason.into(),
        });
        let skipped = refused.collect();
        run.tell(
            &campaign,
            row.seed as u64,
            start,
            leads,
            report.enrolled,
            skipped,
        )
        .await
    }

    /// Whose enrollments of a running campaign have not ended: the forecast goes on with them.
    async fn standing(&self, id: CampaignId) -> Result<Vec<LeadId>, EngineError> {
        let scan = Scan::table(&ENROLLMENT).by("by_campaign");
        let scan = scan.prefix(vec![id.to_value()]);
        let storage = self.engine.storage();
        let rows = storage
            .collect::<EnrollmentRow>(self.workspace, scan)
            .await?;
        let open = rows.iter();
        let open = open.filter(|row| row.record.state != EnrollmentState::Finished);
        Ok(open.map(|row| row.record.lead).collect())
    }

    /// Every active lead of the workspace that was never in the campaign: whom a draft begins with,
    /// unless it is told otherwise.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn audience(&self, id: CampaignId) -> Result<Vec<LeadId>, EngineError> {
        let storage = self.engine.storage();
        let mut enrolled = BTreeSet::new();
        let scan = Scan::table(&ENROLLMENT).by("by_campaign");
        let scan = scan.prefix(vec![id.to_value()]);
        for row in storage
            .collect::<EnrollmentRow>(self.workspace, scan)
            .await?
        {
            enrolled.insert(row.record.lead);
        }
        let scan = Scan::table(&LEAD).limit(Scan::MAX_LIMIT);
        let rows = storage.collect::<LeadRow>(self.workspace, scan).await?;
        let leads = rows.into_iter().map(|row| row.record);
        let leads = leads.filter(|lead| lead.state == LeadState::Active);
        Ok(leads
            .map(|lead| lead.id)
            .filter(|lead| !enrolled.contains(lead))
            .collect())
    }
}

/// The same engine over the fork, in an installation of its own.
fn twin(
    engine: &Engine,
    fork: &ForkStore,
    clock: &Arc<ManualClock>,
    recorder: &Arc<Recorder>,
    seed: u64,
) -> Engine {
    let real = &engine.parts;
    let storage: Arc<dyn Storage> = Arc::new(fork.clone());
    let ids = Arc::new(SeededIds::new(seed));
    let lease = Arc::new(NoTime);
    let transport = Arc::new(Nowhere {
        like: real.dispatcher.transport().capabilities(),
        clock: clock.clone(),
        recorder: recorder.clone(),
    });
    let gate = real
        .gate
        .foreseeing(storage.clone(), clock.clone(), lease.clone(), ids.clone());
    let dispatcher = Dispatcher::new(gate.installation(), lease.clone(), transport);
    let parts = EngineParts {
        storage: storage.clone(),
        vault: real.vault.over(storage.clone()),
        gate,
        stops: stops(&storage, clock),
        dispatcher,
        inbox: Arc::new(Silence),
        replies: real.replies.clone(),
        authority: real.authority.clone(),
        links: Arc::new(DeadLinks),
        clock: clock.clone(),
        lease,
        ids,
        sleeper: Arc::new(NoTime),
    };
    let mut twin = Engine::new(parts, engine.settings.clone()).recorded(recorder.clone());
    // Whom the launch refuses is refused here; what was asked before is not asked again.
    twin.mail_domains.clone_from(&engine.mail_domains);
    twin
}

fn stops(storage: &Arc<dyn Storage>, clock: &Arc<ManualClock>) -> Stops {
    let (witness, time) = (Arc::new(MemoryWitness::new()), Arc::new(Slept::default()));
    Stops::new(storage.clone(), witness, clock.clone(), time.clone(), time)
}

fn breakers(twin: &Engine, fork: &ForkStore) -> Breakers {
    let parts = &twin.parts;
    Breakers::new(
        Arc::new(fork.clone()),
        parts.stops.clone(),
        parts.clock.clone(),
        *parts.gate.ceilings(),
    )
}

impl Run<'_> {
    /// Takes the lanes of the campaign's mailboxes, in the fork; those that write to the same people;
    /// and every other lane where one budget holds for mailboxes beyond the campaign's: what those send
    /// is taken from it.
    async fn open(
        &mut self,
        campaign: &CampaignSummary,
        people: &BTreeSet<LeadId>,
        later: bool,
    ) -> Result<(), EngineError> {
        let workspace = self.campaigns.workspace;
        let own = &campaign.settings.mailboxes;
        let mut mailboxes = own.clone();
        let shared = campaign.settings.schedule.limits.are_shared();
        let all = self.fork.collect::<LaneRow>(workspace, Scan::table(&LANE));
        let all = all.await?.into_iter().map(|row| row.record.mailbox);
        for other in all.filter(|mailbox| !own.contains(mailbox)) {
            if shared || self.campaigns.writes_to(other, people).await? {
                mailboxes.push(other);
            }
        }
        for mailbox in &mailboxes {
            let key = vec![mailbox.to_value()];
            let Some(found) = self.fork.find::<LaneRow>(workspace, key).await? else {
                continue;
            };
            let row = LaneRow {
                fence: found.record.fence.saturating_add(BEYOND),
                wake_at: ASLEEP,
                ..found.record
            };
            let taken = Batch::new(workspace).update(&row, found.version);
            self.fork.commit(taken).await?;
            let now = self.engine.parts.lease.now();
            let lane = Lane::open(self.engine, workspace, row, now, self.running).await?;
            if let Some(lane) = lane {
                self.at.insert(*mailbox, self.lanes.len());
                self.own += usize::from(own.contains(mailbox));
                self.lanes.push(lane);
                let every = self.engine.settings.sync_seconds;
                self.readings.push(Readings::new(every));
                self.wakes.push(None);
                self.wake(self.lanes.len() - 1, Some(self.clock.now()));
            }
        }
        for lane in &mut self.lanes {
            lane.begin(later).await?;
            self.restored.extend(lane.is_held().then(|| lane.mailbox()));
        }
        self.ask_for_open_tasks(campaign).await?;
        self.beside = self.other_samples().await?;
        for mailbox in self.at.keys() {
            let prefix = vec![mailbox.to_value(), SendState::Unknown.to_value()];
            let scan = Scan::table(&SEND).by("by_mailbox").prefix(prefix);
            let rows = self.fork.collect::<SendRow>(workspace, scan).await?;
            let ours = rows.into_iter().map(|row| row.record);
            let ours = ours.filter(|row| row.campaign == Some(campaign.id));
            self.under_way.extend(ours.filter_map(|row| {
                Some(UnderWay {
                    lead: row.lead?,
                    enrollment: row.enrollment?,
                    step: crate::explain::place(Some(&campaign.sequence), row.step?),
                    mailbox: row.mailbox,
                    at: ledger::began_at(&row),
                })
            }));
        }
        self.under_way
            .sort_by_key(|mail| (mail.at, mail.enrollment));
        Ok(())
    }

    fn wake(&mut self, lane: usize, at: Option<Timestamp>) {
        if let Some(old) = std::mem::replace(&mut self.wakes[lane], at) {
            self.queue.remove(&(old, Turn::Lane(lane)));
        }
        if let Some(at) = at {
            self.queue.insert((at, Turn::Lane(lane)));
        }
    }

    async fn play(
        &mut self,
        horizon: Timestamp,
        standing: usize,
        activated: usize,
    ) -> Result<(), EngineError> {
        let mut turns = 0_u64;
        while let Some((at, turn)) = self.queue.pop_first() {
            turns += 1;
            if turns.is_multiple_of(BREATH) {
                breathe().await;
            }
            if at > horizon {
                self.over = false;
                break;
            }
            self.clock.set(at.max(self.clock.now()));
            match turn {
                Turn::Lane(lane) => self.look(lane).await?,
                Turn::Person(answer) => self.hear(answer).await?,
                Turn::Sample => self.read_on().await?,
                Turn::Follow => self.follow().await?,
            }
            self.show();
            if let Turn::Lane(lane) = turn
                && self.sampling
            {
                self.read_again(lane);
            }
            let (open, refused) = {
                let state = self.recorder.lock();
                let lanes = self.own.max(1);
                let done = state.completed + state.ended.len();
                // Leads that were activated before and that no lane had enrolled yet come on top.
                let enrolled = standing + activated.max(state.enrolled);
                let open = enrolled.saturating_sub(done);
                // Whoever waits behind a sample waits at every lane.
                let waiting = (open / lanes).max(1);
                (open, state.refused + state.held * waiting)
            };
            if open == 0 || self.is_stopped() || refused > 3 * open + STUCK {
                break;
            }
        }
        Ok(())
    }

    /// Works a lane. Where a sample holds anybody, its end may be what was read just now.
    async fn look(&mut self, lane: usize) -> Result<(), EngineError> {
        let now = self.clock.now();
        self.wakes[lane] = None;
        let held = self.recorder.lock().held;
        let next = self.lanes[lane].look(now).await?;
        let goes_on = !self.tripped.contains_key(&self.lanes[lane].mailbox());
        self.wake(lane, next.filter(|_| goes_on));
        (self.readings[lane].at, self.readings[lane].last) = (Some(now), Some(now));
        let holds = self.recorder.lock().held > held;
        let samples = self.sampling || self.beside.waits;
        if self.breakers.is_some() && (samples || holds) {
            self.queue.insert((now, Turn::Sample));
        }
        Ok(())
    }

    /// Has a lane that has nothing else to do read its mailbox where the sample waits for that.
    pub(super) fn read_again(&mut self, lane: usize) {
        let at = self.readings[lane].at;
        let next = at.and_then(|at| self.readings[lane].next(at));
        let sooner = |next: &Timestamp| self.wakes[lane].is_none_or(|known| *next < known);
        if let Some(next) = next.filter(sooner) {
            self.wake(lane, Some(next));
        }
    }

    /// Whether breakers let no mail of the campaign go any more.
    fn is_stopped(&self) -> bool {
        let own = &self.lanes[..self.own];
        let trips = |lane: &Lane<'_>| self.tripped.contains_key(&lane.mailbox());
        self.stopped.is_some() || !own.is_empty() && own.iter().all(trips)
    }

    /// Shows new mails to the people, and new tasks to the team, who may do something about them.
    fn show(&mut self) {
        let recorder = Arc::clone(&self.recorder);
        let state = recorder.lock();
        let population = &self.request.population;
        let new = state.mails.iter().zip(&state.numbers).skip(self.shown);
        for (mail, number) in new {
            if self.breakers.is_some() {
                let at = mail.at.saturating_add(SAMPLE).unwrap_or(mail.at);
                if !self.following {
                    self.following = true;
                    self.queue.insert((at, Turn::Follow));
                }
                let lane = self.at.get(&mail.mailbox).filter(|_| self.sampling);
                if let Some(lane) = lane {
                    self.readings[*lane].went(mail.at);
                }
            }
            let mailed = Mailed {
                lead: mail.lead,
                enrollment: mail.enrollment,
                step: *number,
                variant: mail.variant,
                at: mail.at,
            };
            let click = population.click(&mailed, self.draw);
            let click = click.map(|after| (after, Behavior::Click));
            let answer = population.answer(&mailed, self.draw);
            let answer = answer.map(|answer| (answer.after, answer.what));
            for (after, what) in [click, answer].into_iter().flatten() {
                let after = after.max(SignedDuration::ZERO);
                let at = mail.at.saturating_add(after).unwrap_or(Timestamp::MAX);
                self.queue.insert((at, Turn::Person(self.answers.len())));
                self.answered.push(*number);
                self.answers.push(ForecastAnswer {
                    lead: mail.lead,
                    enrollment: mail.enrollment,
                    step: mail.step,
                    at,
                    what,
                });
            }
        }
        self.shown = state.mails.len();
        for (task, place) in state.asked.iter().skip(self.tasked) {
            let Some(after) = population.task(task, self.draw) else {
                continue;
            };
            let after = after.max(SignedDuration::ZERO);
            let at = task.at.saturating_add(after).unwrap_or(Timestamp::MAX);
            self.queue.insert((at, Turn::Person(self.answers.len())));
            self.answered.push(StepIndex(0));
            self.answers.push(ForecastAnswer {
                lead: task.lead,
                enrollment: task.enrollment,
                step: *place,
                at,
                what: Behavior::TaskDone,
            });
        }
        self.tasked = state.asked.len();
    }

    async fn hear(&mut self, answer: usize) -> Result<(), EngineError> {
        let (answer, step) = (self.answers[answer].clone(), self.answered[answer]);
        let key = vec![answer.enrollment.to_value()];
        let workspace = self.campaigns.workspace;
        let found = self.fork.find::<EnrollmentRow>(workspace, key).await?;
        let lane = found.and_then(|row| self.at.get(&row.record.mailbox).copied());
        let Some(lane) = lane else { return Ok(()) };
        let (event, kind) = self.event(&answer, step);
        self.lanes[lane]
            .foresee(answer.enrollment, step, &event, kind)
            .await?;
        if answer.what == Behavior::Bounce {
            self.follow().await?;
        }
        if answer.what == Behavior::Unsubscribe {
            let command = LaneCommand::Unsubscribed(answer.lead);
            self.campaigns.tell_lead(answer.lead, &command).await?;
        }
        // A company that stops, and other campaigns of the same person, are told by their lanes.
        self.wake_the_woken().await?;
        self.wake(lane, Some(self.clock.now()));
        Ok(())
    }

    fn event(&self, answer: &ForecastAnswer, step: StepIndex) -> (Event, Option<EventKind>) {
        let (event, kind) = match answer.what {
            Behavior::Away(days) => {
                let today = answer.at.to_zoned_datetime(self.zone.clone()).date();
                let back_on = today.checked_add(i64::from(days).days()).ok();
                (Event::OutOfOffice { back_on }, EventKind::AutoReplied)
            }
            Behavior::Unsubscribe => (Event::Unsubscribed, EventKind::Unsubscribed),
            Behavior::Bounce => (Event::HardBounce, EventKind::Bounced),
            Behavior::Reply => (Event::Replied { intent: None }, EventKind::Replied),
            Behavior::Answer(intent) => {
                let intent = Some(intent);
                (Event::Replied { intent }, EventKind::Replied)
            }
            // Told by a command, not by a mail.
            Behavior::Click => return (Event::Clicked { step }, None),
            Behavior::TaskDone => return (Event::TaskDone, None),
        };
        (event, Some(kind))
    }

    /// Lets the breakers read on, and the log go.
    async fn read_on(&mut self) -> Result<(), EngineError> {
        let Some(breakers) = self.breakers.clone() else {
            return Ok(());
        };
        let workspace = self.campaigns.workspace;
        let now = self.clock.now();
        for (lane, readings) in self.lanes.iter_mut().zip(&mut self.readings) {
            if let Some(at) = readings.last.take() {
                lane.was_read(at).await?;
            }
        }
        for tripped in breakers.follow(workspace).await? {
            match tripped.scope {
                BreakerScope::Campaign(id) if id == self.campaign => self.stopped = Some(now),
                BreakerScope::Mailbox(id) => {
                    self.tripped.entry(id).or_insert(now);
                }
                // The gate holds its mails; those of the campaign foreseen go on beside them.
                BreakerScope::Campaign(_) => {}
            }
        }
        let name = vec!["consent.breakers.cursor".to_owned().to_value()];
        if let Some(row) = self.fork.find::<SettingRow>(workspace, name).await? {
            let read = u64::try_from(row.record.number).unwrap_or(0);
            self.fork.forget_log(workspace, read);
        }
        if self.sampling {
            self.sampling = breakers.sample(workspace, self.campaign).await?.is_some();
        }
        self.read_for_others(&breakers).await?;
        self.wake_the_woken().await
    }

    /// Has the lanes look that somebody woke: breakers whose sample is through, and whoever told them
    /// something.
    async fn wake_the_woken(&mut self) -> Result<(), EngineError> {
        let workspace = self.campaigns.workspace;
        let rows = self.fork.collect::<LaneRow>(workspace, Scan::table(&LANE));
        for Versioned { record, version } in rows.await? {
            let lane = self.at.get(&record.mailbox).copied();
            let woken = record.wake_at.as_millisecond() < ASLEEP.as_millisecond();
            if let Some(lane) = lane.filter(|_| woken) {
                let asleep = LaneRow {
                    wake_at: ASLEEP,
                    ..record
                };
                let batch = Batch::new(workspace).update(&asleep, version);
                self.fork.commit(batch).await?;
                self.wake(lane, Some(self.clock.now()));
            }
        }
        Ok(())
    }

    /// Reads on now, and an hour behind the last mail again.
    async fn follow(&mut self) -> Result<(), EngineError> {
        if self.breakers.is_none() {
            return Ok(());
        }
        self.read_on().await?;
        let now = self.clock.now();
        let last = self.recorder.lock().mails.last().map(|mail| mail.at);
        let next = last.and_then(|last| last.checked_add(SAMPLE).ok());
        let next = next.filter(|next| *next > now);
        self.following = next.is_some();
        self.queue.extend(next.map(|next| (next, Turn::Follow)));
        Ok(())
    }

    async fn tell(
        self,
        campaign: &CampaignSummary,
        seed: u64,
        start: Timestamp,
        leads: Vec<LeadId>,
        enrolled: usize,
        mut skipped: Vec<ForecastSkip>,
    ) -> Result<Forecast, EngineError> {
        let recorded: Recorded = std::mem::take(&mut self.recorder.lock());
        let waiting = self.waiting(campaign, recorded.told).await?;
        let mut mails = recorded.mails;
        mails.sort_by_key(|mail| (mail.at, mail.mailbox, mail.enrollment));
        let schedule = &campaign.settings.schedule;
        let days = Days {
            schedule,
            zone: self.zone.clone(),
        };
        let capacity = days.capacity(start, &mails);
        let own = campaign.settings.mailboxes.len();
        let mut warnings = warnings(&capacity, &mails, own, &leads);
        let mut mailboxes = Vec::new();
        for id in &campaign.settings.mailboxes {
            let (row, profile) = self.mailbox(*id).await?;
            if !row.state.sends() {
                warnings.push(Warning::MailboxCannotSend { mailbox: *id });
            }
            if let Some(at) = self.tripped.get(id).copied() {
                let mailbox = *id;
                warnings.push(Warning::MailboxStopped { mailbox, at });
            }
            if self.restored.contains(id) {
                warnings.push(Warning::Restored { mailbox: *id });
            }
            mailboxes.push(days.mailbox(*id, profile.email, &mails));
        }
        if !self.under_way.is_empty() {
            let mails = self.under_way.len();
            warnings.push(Warning::UnderWay { mails });
        }
        match self.stopped {
            Some(at) => warnings.push(Warning::Stopped { at }),
            None if !self.over => warnings.push(Warning::NotOver {
                days: self.request.days,
            }),
            None if !waiting.is_empty() => warnings.push(Warning::Waits {
                leads: waiting.len(),
            }),
            None => {}
        }
        skipped.extend(recorded.ended);
        skipped.extend(recorded.branched);
        Ok(Forecast {
            campaign: campaign.id,
            plan: campaign.plan(),
            seed,
            start,
            zone: schedule.zone.clone(),
            leads,
            enrolled,
            mailboxes,
            under_way: self.under_way,
            mails,
            skipped,
            waiting,
            answers: self.answers,
            capacity,
            warnings,
        })
    }

    async fn mailbox(&self, id: MailboxId) -> Result<(MailboxRow, MailboxProfile), EngineError> {
        let key = vec![id.to_value()];
        let workspace = self.campaigns.workspace;
        let found = self.fork.find::<MailboxRow>(workspace, key.clone()).await?;
        let row = found.ok_or(EngineError::NotFound("mailbox"))?.record;
        let vault = self.engine.parts.vault.workspace(workspace).await?;
        let subject = vault.subject(id).await?;
        let place = Place::new(&MAILBOX, "profile", &key);
        let profile = subject.open(&place, &row.profile)?;
        Ok((row, profile))
    }
}
