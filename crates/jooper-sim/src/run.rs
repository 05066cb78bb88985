//! One run: chaos for some days, then healing, then draining.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::{Arc, PoisonError};

use jiff::civil::Weekday;
use jooper_analytics::Analytics;
use jooper_core::{CampaignState, EnrollmentState, SendKey, SendState, WaitReason};
use jooper_sequence::Runner;
use jooper_storage::tables::{CampaignRow, ENROLLMENT, EnrollmentRow, SEND, SendRow};
use jooper_storage::{Column, Scan, StorageExt};

use crate::chance::{Chance, Stream};
use crate::executor::{Executor, Owner, complete};
use crate::invariants::{Conservation, ProviderView, Violation, check_healed, check_ledger};
use crate::mutant::Mutant;
use crate::office::{Errand, Office};
use crate::options::Options;
use crate::provider::deliver;
use crate::report::Report;
use crate::stage::{Phase, Stage};
use crate::world::World;

const DAY: u64 = 86_400_000;
/// How long draining may take, in virtual days: three mails, clock jumps and absences included.
const DRAIN_DAYS: u64 = 120;
/// A worker that was killed is started again within so many milliseconds.
const RESTART: u64 = 40_000;
/// What a crash of the office's process is called among those of the workers.
const ERRAND: &str = "errand";
/// One in so many steps of an errand is its last.
const BREAKS: u64 = 60;

/// One worker process.
#[derive(Debug, Default)]
struct Worker {
    task: Option<u64>,
    lives: u64,
    start_at: u64,
}

/// Where the one pause of the campaign at a time stands.
#[derive(Debug, Default)]
struct Pause {
    task: Option<u64>,
    paused: bool,
    resume_at: u64,
}

struct Run {
    world: World,
    stage: Arc<Stage>,
    office: Office,
    conservation: Conservation,
    checks: u64,
    executor: Executor,
    workers: Vec<Worker>,
    pause: Pause,
    schedule: Chance,
    clock: Chance,
    breaks: Chance,
    /// What is being asked for, by its task.
    errands: BTreeMap<u64, Errand>,
    crashes: BTreeMap<&'static str, u64>,
    freezes: u64,
    idle: u64,
    decided: BTreeMap<SendKey, u32>,
}

/// Simulates one campaign.
///
/// Everything in the report but nothing outside of it depends on the options alone.
pub fn simulate(options: &Options) -> Report {
    match Run::new(options) {
        Ok(mut run) => {
            run.go();
            run.report()
        }
        Err(violation) => Report {
            violation: Some(violation),
            ..Report::default()
        },
    }
}

impl Run {
    fn new(options: &Options) -> Result<Self, Violation> {
        let world = World::new(options)?;
        let office = world.open()?;
        let stage = Arc::clone(&world.stage);
        let analytics = Analytics::new(Arc::new(stage.store.clone()));
        Ok(Self {
            conservation: Conservation::new(analytics, office.workspace, office.campaign),
            checks: 0,
            workers: (0..options.workers).map(|_| Worker::default()).collect(),
            executor: Executor::default(),
            pause: Pause::default(),
            schedule: Chance::new(options.seed, Stream::Schedule),
            clock: Chance::new(options.seed, Stream::Clock),
            breaks: Chance::new(options.seed, Stream::Errands),
            errands: BTreeMap::new(),
            crashes: Phase::ALL
                .iter()
                .map(|phase| phase.name())
                .chain([ERRAND])
                .map(|name| (name, 0))
                .collect(),
            freezes: 0,
            idle: 0,
            decided: BTreeMap::new(),
            world,
            stage,
            office,
        })
    }

    fn go(&mut self) {
        let chaos_ends = u64::from(self.world.options.days) * DAY;
        let gives_up = chaos_ends + DRAIN_DAYS * DAY;
        self.stage.set_chaos(true);
        let mut ready = Vec::new();
        while self.stage.broken().is_none() {
            let elapsed = self.stage.time.elapsed();
            if self.stage.chaos() && elapsed >= chaos_ends {
                self.stage.set_chaos(false);
                self.stage.trace().add("healed");
            }
            deliver(&self.stage, &self.world.provider);
            self.start_errands(elapsed);
            self.start_workers();
            self.executor.ready(self.stage.time.lease(), &mut ready);
            if let Some(&id) = ready.get(self.schedule.below(ready.len() as u64) as usize) {
                self.step(id);
                continue;
            }
            self.pass_time();
            if self.idle.is_multiple_of(40) {
                self.check();
                if !self.stage.chaos() && self.drain(elapsed >= gives_up) {
                    self.check_anew();
                    break;
                }
            }
        }
    }

    /// Lets one task run to its next suspension, and sometimes no further.
    fn step(&mut self, id: u64) {
        self.stage.trace().mark(id);
        let owner = self.executor.owner(id);
        let ended = self.executor.poll(id);
        let millis = self.schedule.below(4);
        self.stage.time.advance(millis, millis);
        let Some(Owner::Worker(number)) = owner else {
            if ended {
                self.errand_is_over(id);
            } else if self.stage.chaos() && self.world.options.errands_crash {
                self.break_off(id);
            }
            return;
        };
        if ended {
            self.workers[number].task = None;
            return;
        }
        if !self.stage.chaos() {
            return;
        }
        if let Some(millis) = self.stage.take_still(number) {
            let until = self.stage.time.lease() + millis;
            self.executor.freeze(id, until);
            return;
        }
        let phase = self.stage.phase(number);
        let (crash, freeze) = match phase {
            None => (3_000, 3_000),
            Some(Phase::Work) => (250, 700),
            Some(_) => (16, 90),
        };
        let crash = (crash / self.world.options.crash_factor).max(2);
        if self.schedule.one_in(crash) {
            self.crash(number, id, phase.unwrap_or(Phase::Work));
        } else if self.schedule.one_in(freeze) {
            self.freezes += 1;
            let until = self.stage.time.lease() + self.schedule.between(3_000, 70_000);
            self.executor.freeze(id, until);
            self.stage.trace().add(&format!("freeze w{number}"));
        }
    }

    /// Kills a worker where it stands, and counts everything.
    fn crash(&mut self, number: usize, id: u64, phase: Phase) {
        self.executor.drop_task(id);
        self.stage.forget_phases(number);
        *self.crashes.entry(phase.name()).or_default() += 1;
        let line = format!("crash w{number} in {}", phase.name());
        self.stage.trace().add(&line);
        let worker = &mut self.workers[number];
        worker.task = None;
        worker.start_at = self.stage.time.lease() + self.schedule.below(RESTART);
        self.check();
    }

    fn errand_is_over(&mut self, id: u64) {
        self.errands.remove(&id);
        if self.pause.task == Some(id) {
            self.pause.task = None;
        }
    }

    /// The process that does an errand dies now and then, and whoever asked gets no answer. Most ask
    /// again; nobody leaves it at that where something would stay undone for ever.
    fn break_off(&mut self, id: u64) {
        let often = (BREAKS / self.world.options.crash_factor).max(2);
        if !self.breaks.one_in(often) {
            return;
        }
        let Some(errand) = self.errands.get(&id).copied() else {
            return;
        };
        self.executor.drop_task(id);
        self.errand_is_over(id);
        *self.crashes.entry(ERRAND).or_default() += 1;
        self.stage
            .trace()
            .add(&format!("errand {errand:?} breaks off"));
        let again = errand.is_for_good() || !self.breaks.one_in(4);
        match errand {
            _ if self.world.options.mutant == Some(Mutant::Retry) => {}
            // What was paused by halves is resumed like the rest.
            Errand::PauseCampaign => {}
            Errand::ResumeCampaign => self.pause.paused = true,
            _ if again => {
                let millis = self.breaks.between(100, 600_000);
                self.stage.errand_in(millis, errand);
            }
            _ => {}
        }
        self.check();
    }

    fn start_workers(&mut self) {
        let now = self.stage.time.lease();
        for number in 0..self.workers.len() {
            let worker = &mut self.workers[number];
            if worker.task.is_some() || worker.start_at > now {
                continue;
            }
            worker.lives += 1;
            let life = worker.lives;
            self.stage.trace().add(&format!("start w{number}"));
            let process = self.world.process(Some(number), life);
            let runner = Runner::new(process.engine);
            let work = async move { runner.run(pending()).await };
            let id = self.executor.spawn(Owner::Worker(number), work);
            self.workers[number].task = Some(id);
        }
    }

    fn start_errands(&mut self, elapsed: u64) {
        for errand in self.stage.take_errands() {
            if errand == Errand::PauseCampaign {
                if self.pause.paused || self.pause.task.is_some() {
                    continue;
                }
                self.pause.paused = true;
                self.pause.resume_at = elapsed + self.schedule.between(1, 20) * 3_600_000;
                self.pause.task = Some(self.send_out(errand));
                continue;
            }
            self.send_out(errand);
        }
        let over = elapsed >= self.pause.resume_at || !self.stage.chaos();
        if self.pause.paused && self.pause.task.is_none() && over {
            self.pause.paused = false;
            self.pause.task = Some(self.send_out(Errand::ResumeCampaign));
        }
    }

    fn send_out(&mut self, errand: Errand) -> u64 {
        let office = self.office.clone();
        let id = self
            .executor
            .spawn(Owner::Errand, async move { office.run(errand).await });
        self.errands.insert(id, errand);
        id
    }

    /// Nobody can go on: time passes to whatever comes next.
    fn pass_time(&mut self) {
        self.idle += 1;
        let time = &self.stage.time;
        let now = time.lease();
        let restarts = self.workers.iter().map(|worker| worker.start_at);
        let next = restarts
            .filter(|at| *at > now)
            .chain(time.next_timer().filter(|at| *at > now))
            .chain(self.executor.next_thaw(now))
            .min();
        let lease = next.map_or(1_000, |at| at - now);
        let frozen = self.executor.next_thaw(now).is_some();
        let wall = if self.stage.is_busy() || frozen {
            lease
        } else {
            let zoned = time.wall().to_zoned_datetime(jiff::tz::TimeZone::UTC);
            let quiet = !(6..22).contains(&zoned.hour())
                || matches!(zoned.weekday(), Weekday::Saturday | Weekday::Sunday);
            let most = if quiet { 5_400_000 } else { 900_000 };
            let most = match self.stage.chaos() {
                true => (most / self.world.options.crash_factor).max(20_000),
                false => most,
            };
            self.clock.between(20_000, most)
        };
        time.advance(lease, wall);
        if self.stage.chaos() && self.clock.one_in(150) {
            self.jump();
        }
    }

    /// The wall clock is set: by minutes, by an hour, by a day; never far from the truth for good.
    fn jump(&mut self) {
        const MINUTE: i64 = 60_000;
        let by = match self.clock.below(8) {
            0..=2 => 7 * MINUTE,
            3..=5 => 60 * MINUTE,
            6 => 200 * MINUTE,
            _ => 26 * 60 * MINUTE,
        };
        let offset = self.stage.time.offset();
        let back = match offset {
            offset if offset > 30 * 60 * MINUTE => true,
            offset if offset < -30 * 60 * MINUTE => false,
            _ => self.clock.one_in(2),
        };
        let by = if back { -by } else { by };
        self.stage.time.jump(by);
        self.stage.trace().add(&format!("clock jumps by {by} ms"));
    }

    fn view(&self) -> ProviderView {
        let provider = &self.world.provider;
        let provider = provider.lock().unwrap_or_else(PoisonError::into_inner);
        ProviderView {
            accepted: provider.accepted.clone(),
        }
    }

    /// Counts everything: after every crash, and now and then. Rows are all read every time; of
    /// the log only what is new, and now and then all of it.
    fn check(&mut self) {
        self.checks += 1;
        let anew = self.checks.is_multiple_of(500);
        let view = self.view();
        let workspace = self.office.workspace;
        let (store, conservation) = (&self.stage.store, &mut self.conservation);
        let all = async {
            conservation.check().await?;
            if anew {
                conservation.check_anew().await?;
            }
            check_ledger(store, workspace, &view).await
        };
        let found = complete(all).unwrap_or_else(|stuck| Err(Violation::Broken(stuck.to_string())));
        if let Err(violation) = found {
            self.stage.report(violation);
        }
    }

    /// The last look: the whole log anew.
    fn check_anew(&self) {
        let found = complete(self.conservation.check_anew());
        let found = found.unwrap_or_else(|stuck| Err(Violation::Broken(stuck.to_string())));
        if let Err(violation) = found {
            self.stage.report(violation);
        }
    }

    /// Ends pauses, lets go on what is overdue and decides about unknown sends, as people would; says whether all is settled.
    fn drain(&mut self, last_chance: bool) -> bool {
        let workspace = self.office.workspace;
        let view = self.view();
        let store = self.stage.store.clone();
        let leads = self.world.options.leads;
        let left_out = self.stage.leads_left_out();
        let mails = self.world.options.shape().mails();
        let settled = complete(check_healed(
            &store,
            workspace,
            &view,
            (leads, &left_out),
            mails,
        ));
        match settled.unwrap_or_else(|stuck| Err(Violation::Broken(stuck.to_string()))) {
            Ok(()) => return true,
            Err(violation) if last_chance => {
                self.stage.report(violation);
                return true;
            }
            Err(_) => {}
        }
        // What was paused when everybody in it had ended, is paused still for whoever was added since.
        let campaign = vec![self.office.campaign.to_value()];
        let campaign = complete(store.find::<CampaignRow>(workspace, campaign));
        let campaign = campaign.ok().and_then(Result::ok).flatten();
        if campaign.is_some_and(|row| row.record.state == CampaignState::Paused) {
            self.pause.paused = true;
        }
        let waiting = store.collect::<EnrollmentRow>(workspace, Scan::table(&ENROLLMENT));
        let waiting = complete(waiting).ok().and_then(Result::ok);
        for row in waiting.unwrap_or_default() {
            let row = row.record;
            // Both wait for a person and for nothing else.
            let overdue = row.wait == Some(WaitReason::Overdue);
            if row.state == EnrollmentState::Paused || overdue {
                self.stage.errand(Errand::Resume(row.id));
            }
        }
        let unknown = store.collect::<SendRow>(workspace, Scan::table(&SEND));
        let unknown = complete(unknown).ok().and_then(Result::ok);
        for row in unknown.unwrap_or_default() {
            let (key, state) = (row.record.key, row.record.state);
            let never_went = !view.accepted.contains_key(&key);
            if state == SendState::Unknown && never_went {
                // A release of what has ended is refused; then somebody gives it up.
                let times = self.decided.entry(key).or_default();
                *times += 1;
                let again = *times == 1 && self.schedule.one_in(2);
                self.stage.errand(if again {
                    Errand::Release(key)
                } else {
                    Errand::Abandon(key)
                });
            }
        }
        false
    }

    fn report(self) -> Report {
        let counts = self.stage.counts().clone();
        let trace = self.stage.trace();
        Report {
            trace: trace.hex(),
            events: trace.lines(),
            crashes: self.crashes,
            freezes: self.freezes,
            jumps: u64::from(self.stage.time.jumps()),
            accepted: counts.accepted,
            commits: counts.commits,
            store_faults: counts.store_faults,
            provider_faults: counts.provider_faults,
            held_back: counts.held_back,
            stops: counts.stops,
            arrivals: counts.arrivals,
            days: self.stage.time.elapsed() / DAY,
            violation: self.stage.broken(),
            last: trace.last(),
        }
    }
}
