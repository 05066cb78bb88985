//! Senders against an objector who aims at the mails that are just going out.
//!
//! Over any store. A send "starts" when the sender, after its last look at the permit, puts a
//! number on it from the same counter that acknowledgements draw from: a start behind the
//! acknowledgement of the same person breaks law L4.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use jooper_consent::{Acquired, Breakers, Ceilings, SendPermit, StopAck};
use jooper_core::{BasisKind, Sleeper, StopReason, StopSource, UserId};
use jooper_storage::tables::{LeadAddressRow, LeadRow};

use super::mishap::Mishap;
use super::{Napping, World, country, id};

/// How the senders decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// Look at a hundred people, then write to them: what list tools do.
    BatchThenSend,
    /// Look at the person, then write.
    CheckThenSend,
    /// Acquire a permit, and look at its deadline before the first byte.
    Permit,
}

/// What happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Mails that started.
    pub sends: u64,
    /// Objections that were acknowledged.
    pub objections: u64,
    /// Mails that started behind the acknowledgement.
    pub late: u64,
    /// In real time: objections that waited for the end of a lease that nobody gave back.
    pub waited: u64,
    /// Objections that were acknowledged before the end of such a lease.
    pub hasty: u64,
    /// Senders that woke behind their deadline, and found that they may not send.
    pub overslept: u64,
}

impl Outcome {
    pub const fn add(&mut self, one: Self) {
        self.sends += one.sends;
        self.objections += one.objections;
        self.late += one.late;
        self.waited += one.waited;
        self.hasty += one.hasty;
        self.overslept += one.overslept;
    }
}

/// Numbers from a seed (SplitMix64).
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub const fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }
}

#[derive(Debug, Default)]
pub struct Board {
    order: AtomicU64,
    cursor: AtomicUsize,
    /// Who is being written to just now.
    aim: AtomicUsize,
    done: AtomicUsize,
    started: Mutex<BTreeMap<u128, u64>>,
    acknowledged: Mutex<BTreeMap<u128, u64>>,
    mishaps: AtomicUsize,
    waited: AtomicU64,
    hasty: AtomicU64,
    overslept: AtomicU64,
}

impl Board {
    fn next(&self) -> u64 {
        self.order.fetch_add(1, Ordering::SeqCst)
    }

    fn start(&self, n: u128) {
        self.started.lock().unwrap().insert(n, self.next());
    }

    /// The last look before the first byte.
    pub fn start_in_time(&self, world: &World, n: u128, permit: &SendPermit) {
        if world.lease.now() < permit.deadline() {
            self.start(n);
        } else {
            self.overslept.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub fn waited(&self) {
        self.waited.fetch_add(1, Ordering::SeqCst);
    }

    pub fn hasty(&self) {
        self.hasty.fetch_add(1, Ordering::SeqCst);
    }

    pub async fn object(&self, world: &World, n: u128) -> StopAck {
        let stop = world.stops.stop(
            world.ws,
            world.person(n),
            StopReason::Objected,
            StopSource::Person,
        );
        let ack = stop.await.unwrap();
        let at = self.next();
        self.acknowledged.lock().unwrap().entry(n).or_insert(at);
        ack
    }

    /// Each befalls one sender.
    fn mishap(&self, n: usize, people: usize) -> Option<Mishap> {
        let happened = self.mishaps.load(Ordering::SeqCst);
        let mishap = Mishap::due(happened, n, people)?;
        let order = Ordering::SeqCst;
        let mine = self
            .mishaps
            .compare_exchange(happened, happened + 1, order, order);
        mine.is_ok().then_some(mishap)
    }
}

/// Leads 1 to `people`, all of whom may be written to.
pub async fn populate(world: &World, people: u128) {
    let mut batch = world.batch();
    for n in 1..=people {
        let to = super::recipient(n);
        let lead = to.lead.unwrap();
        batch = batch
            .put(&LeadRow {
                id: lead,
                state: jooper_core::LeadState::Active,
                country: country("DE"),
                zone: None,
                company: None,
                contact_index: to.contact_index,
                domain_index: to.domain_index,
                created_at: super::start(),
                profile: jooper_core::Sealed::from_envelope(vec![2]),
            })
            .put(&LeadAddressRow {
                email_index: to.email_index,
                lead,
                contact_index: to.contact_index,
                domain_index: to.domain_index,
                address: jooper_core::Sealed::from_envelope(vec![3]),
            })
            .put(&world.enrollment(n))
            .put(&world.basis(lead, BasisKind::Consent, country("DE")));
        if n % 200 == 0 || n == people {
            world
                .commit(std::mem::replace(&mut batch, world.batch()))
                .await;
        }
    }
    let breakers = Breakers::new(
        Arc::clone(&world.store),
        world.stops.clone(),
        world.clock.clone(),
        Ceilings::new(),
    );
    let by = UserId::from_uuid(id(9));
    breakers
        .clear_sample(world.ws, world.campaign, by)
        .await
        .unwrap();
}

async fn pause(chance: &mut Chance, most: u64) {
    for _ in 0..chance.below(most + 1) {
        tokio::task::yield_now().await;
    }
}

async fn sender(world: &World, board: &Board, people: usize, design: Design, seed: u64) {
    let mut chance = Chance::new(seed);
    let at_once = if design == Design::BatchThenSend {
        100
    } else {
        1
    };
    loop {
        let first = board.cursor.fetch_add(at_once, Ordering::SeqCst) + 1;
        if first > people {
            board.done.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let mine = first..=people.min(first + at_once - 1);
        let mut allowed = Vec::new();
        for n in mine {
            board.aim.fetch_max(n, Ordering::SeqCst);
            let intent = world.intent(n as u128);
            if design != Design::Permit {
                let said = world.gate.judge(world.ws, &intent).await.unwrap();
                if said.verdict.is_allow() {
                    allowed.push(n as u128);
                }
                continue;
            }
            let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
            let Acquired::Permit(permit, _) = acquired.unwrap() else {
                continue;
            };
            if !world.by_hand
                && let Some(mishap) = board.mishap(n, people)
            {
                mishap.befall(world, board, n as u128, permit).await;
                continue;
            }
            // Now and then a sender is frozen for longer than its lease.
            let frozen = world.by_hand && chance.below(50) == 0;
            pause(&mut chance, if frozen { 400 } else { 6 }).await;
            if frozen {
                world.clock.advance_millis(chance.below(14_000) as i64);
            }
            if world.lease.now() < permit.deadline() {
                board.start(n as u128);
                pause(&mut chance, 4).await;
            }
            // A crashed sender never gives its permit back.
            let crashed = world.by_hand && chance.below(20) == 0;
            if !crashed {
                world.gate.release(permit).await.unwrap();
            }
        }
        for n in allowed {
            board.aim.store(n as usize, Ordering::SeqCst);
            pause(&mut chance, 6).await;
            board.start(n);
        }
    }
}

async fn objector(world: &World, board: &Board, people: usize, senders: usize, seed: u64) {
    let mut chance = Chance::new(seed ^ 0x0B1E_C702);
    while board.done.load(Ordering::SeqCst) < senders {
        pause(&mut chance, 3).await;
        let aim = board.aim.load(Ordering::SeqCst) as u64;
        let n = (aim + chance.below(6)).saturating_sub(3);
        let n = n.clamp(1, people as u64) as u128;
        if board.acknowledged.lock().unwrap().contains_key(&n) {
            // The senders work on other threads or on a server: whoever spins here takes their
            // processor from them.
            if !world.by_hand {
                Napping.sleep(Duration::from_millis(1)).await;
            }
            continue;
        }
        board.object(world, n).await;
    }
}

/// Runs senders and an objector over people who were [populated](populate) before.
pub async fn race(world: &World, people: usize, design: Design, seed: u64) -> Outcome {
    const SENDERS: usize = 3;
    let board = Board::default();
    let senders = join_all(
        (0..SENDERS as u64).map(|k| sender(world, &board, people, design, seed * 1000 + k)),
    );
    let objectors =
        join_all((0..2).map(|k| objector(world, &board, people, SENDERS, seed * 1000 + 500 + k)));
    futures_util::future::join(senders, objectors).await;
    let started = board.started.lock().unwrap();
    let acknowledged = board.acknowledged.lock().unwrap();
    let late = acknowledged
        .iter()
        .filter(|(n, at)| started.get(n).is_some_and(|start| start > *at))
        .count();
    Outcome {
        sends: started.len() as u64,
        objections: acknowledged.len() as u64,
        late: late as u64,
        waited: board.waited.load(Ordering::SeqCst),
        hasty: board.hasty.load(Ordering::SeqCst),
        overslept: board.overslept.load(Ordering::SeqCst),
    }
}
