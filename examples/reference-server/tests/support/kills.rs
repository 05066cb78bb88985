//! Campaigns whose server is killed again and again.
//!
//! The simulator of Google lives on in a process of its own and is the judge of what was accepted.
//! It takes a moment for each call of a send, so that a kill can fall into every part of it. A kill
//! is aimed by the server's own log, with a random delay behind it; where it landed is read from
//! the ledger, the simulator and the log afterwards, not from the aim.

#![allow(dead_code, reason = "each test target uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jooper::analytics::Analytics;
use jooper::core::{EnrollmentState, SendKey, SendState};
use jooper::postgres::PostgresOptions;
use jooper::sqlite::SqliteStorage;
use jooper::storage::tables::{
    CAMPAIGN, CampaignRow, ENROLLMENT, EnrollmentRow, SEND, SendRow, WORKSPACE_DIRECTORY,
    WorkspaceDirectoryRow,
};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use serde_json::json;

use crate::causes::{Books, Judgement, World, judge};
use crate::people::{Fast, SEQUENCE, csv, invented};
use crate::postgres::{self, Schema};
use crate::support::{Google, Program};

/// Virtual seconds of a real one: the pauses of days between mails pass in seconds.
const SPEED: u32 = 14_400;
/// How long a lane of a dead server stays held: what a restart has to wait.
const LEASE_MILLIS: &str = "2000";
/// The same once nobody is killed any more: what a busy machine needs.
const HEALED_LEASE_MILLIS: &str = "30000";
/// Google answers the question for the mailbox's position after so long.
const POSITION_MILLIS: u64 = 30;
/// Google accepts a mail after so long.
const ACCEPT_MILLIS: u64 = 50;
/// Google's answer travels so long.
const ANSWER_MILLIS: u64 = 70;
/// How many people a campaign writes to.
const PEOPLE: usize = 50;
/// How long to wait for a moment before killing in any case.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where in a send a kill landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// Reserved, not yet Posting.
    Reserve,
    /// Posting, and the provider has not accepted.
    Posting,
    /// The provider has accepted, the answer has not come.
    Waiting,
    /// The answer has come, the ledger does not say so yet.
    Settle,
    /// Between two sends.
    Between,
}

pub(crate) const PLACES: [Place; 4] = [
    Place::Reserve,
    Place::Posting,
    Place::Waiting,
    Place::Settle,
];

/// Which store is under the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

/// What came of some campaigns. Whatever breaks a law panics before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) kills: usize,
    pub(crate) landed: BTreeMap<Place, usize>,
    pub(crate) campaigns: usize,
    pub(crate) accepted: usize,
    pub(crate) skipped: usize,
    pub(crate) unknown: usize,
    pub(crate) behind: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.campaigns += other.campaigns;
        self.accepted += other.accepted;
        self.skipped += other.skipped;
        self.unknown += other.unknown;
        self.behind += other.behind;
        for (place, count) in &other.landed {
            *self.landed.entry(*place).or_default() += count;
        }
    }

    pub(crate) fn in_place(&self, place: Place) -> usize {
        self.landed.get(&place).copied().unwrap_or(0)
    }

    /// At least a tenth of the kills landed in each part of a send.
    pub(crate) fn is_spread(&self) -> bool {
        PLACES
            .into_iter()
            .all(|place| self.in_place(place) * 10 >= self.kills)
    }

    pub(crate) fn told(&self) -> String {
        let places: Vec<_> = PLACES
            .into_iter()
            .chain([Place::Between])
            .map(|place| format!("{place:?} {}", self.in_place(place)))
            .collect();
        format!(
            "{} kills in {} campaigns ({}); {} mails accepted, none twice; {} never to go, each for a cause; {} unknown in sight of a person, {} behind them; none lost",
            self.kills,
            self.campaigns,
            places.join(", ").to_lowercase(),
            self.accepted,
            self.skipped,
            self.unknown,
            self.behind
        )
    }
}

/// Draws without a stream: the same seed and number, the same draw (SplitMix64's finalizer).
fn draw(seed: u64, number: usize, purpose: u64, below: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add((number as u64) << 8)
        .wrapping_add(purpose)
        .wrapping_mul(0xD129_0D3A_3B1F_4F2D);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)) % below
}

/// The phases of sends that the server told of since it was started.
#[derive(Debug, Default)]
struct Heard(BTreeMap<String, String>);

impl Heard {
    /// Takes a line of the log; returns the phase it tells.
    fn take(&mut self, line: &str) -> Option<String> {
        let (_, rest) = line.split_once("send=")?;
        let (send, rest) = rest.split_once(" phase=\"")?;
        let (phase, _) = rest.split_once('"')?;
        self.0.insert(send.to_owned(), phase.to_owned());
        Some(phase.to_owned())
    }

    fn answered(&self, key: &SendKey) -> bool {
        self.0
            .get(&format!("{key:?}"))
            .is_some_and(|phase| phase == "answered" || phase == "settled")
    }
}

/// One campaign.
struct Site {
    google: Google,
    home: PathBuf,
    fast: Fast,
    leads: PathBuf,
    schema: Option<Schema>,
}

impl Site {
    async fn new(dir: &Path, store: Store) -> Self {
        let google = Google::start(dir, SPEED);
        let leads = dir.join("leads.csv");
        std::fs::write(&leads, csv(&invented(PEOPLE))).unwrap();
        for (path, fault) in [
            ("*/profile", json!({ "slow_to_accept": POSITION_MILLIS })),
            (
                "*/messages/send",
                json!({ "slow_to_accept": ACCEPT_MILLIS }),
            ),
            (
                "*/messages/send",
                json!({ "commit_then_pause": ANSWER_MILLIS }),
            ),
        ] {
            let rule = json!({ "path": path, "when": "always", "fault": fault });
            let taken = google.post("/_sim/faults", rule).await;
            assert!(taken.is_object(), "the simulator refused a fault: {taken}");
        }
        Self {
            google,
            home: dir.join("demo"),
            fast: Fast::write(dir),
            leads,
            schema: (store == Store::Postgres).then(Schema::new),
        }
    }

    fn start(&self, lease: &str) -> Program {
        let address = self.schema.as_ref().map(Schema::address);
        let mut more = vec!["--lease-millis", lease, "--exit-when-done"];
        more.extend(["--leads", self.leads.to_str().unwrap()]);
        more.extend(self.fast.arguments());
        if let Some(address) = &address {
            more.extend(["--postgres", address]);
        }
        self.google
            .demo_with(&self.home, "jooper_sequence=debug", &more)
    }

    async fn open(&self) -> Arc<dyn Storage> {
        match &self.schema {
            None => Arc::new(
                SqliteStorage::open(self.home.join("data/jooper.db"))
                    .await
                    .unwrap(),
            ),
            Some(schema) => {
                schema.is_left_alone().await;
                let options = PostgresOptions::new(&postgres::address()).unwrap();
                let options = options.schema(schema.name()).connections(2);
                Arc::new(options.open().await.unwrap())
            }
        }
    }

    /// Reads what the dead server left, and holds it against law L3 and the simulator's ledger.
    async fn look(&self) -> Left {
        let store = self.open().await;
        let analytics = Analytics::new(store.clone());
        let mut left = Left::default();
        let scan = Scan::table(&WORKSPACE_DIRECTORY);
        for workspace in store
            .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
            .await
            .unwrap()
        {
            let id = workspace.record.id;
            for campaign in store
                .collect::<CampaignRow>(id, Scan::table(&CAMPAIGN))
                .await
                .unwrap()
            {
                let campaign = campaign.record.id;
                let by_rows = analytics.balance_from_rows(id, campaign).await.unwrap();
                let by_log = analytics.balance_from_log(id, campaign).await.unwrap();
                assert!(by_rows.balances(), "law L3, from rows: {by_rows:?}");
                assert_eq!(by_rows.differences(&by_log), Vec::<String>::new(), "law L3");
                left.campaigns += 1;
            }
            let sends = store
                .collect::<SendRow>(id, Scan::table(&SEND))
                .await
                .unwrap();
            left.sends.extend(sends.into_iter().map(|row| row.record));
            let enrollments = store
                .collect::<EnrollmentRow>(id, Scan::table(&ENROLLMENT))
                .await
                .unwrap();
            left.enrollments
                .extend(enrollments.into_iter().map(|row| row.record));
        }
        left.world = World::of(&self.google.get("/_sim/ledger").await);
        for (key, times) in &left.world.accepted {
            assert_eq!(*times, 1, "law L1: accepted {times} times: {key:?}");
        }
        left
    }
}

/// What a dead server left.
#[derive(Debug, Default)]
struct Left {
    campaigns: usize,
    sends: Vec<SendRow>,
    enrollments: Vec<EnrollmentRow>,
    world: World,
}

/// What stands half-done: a send, its attempt, and where it stands.
type Open = (SendKey, u16, SendState);

impl Left {
    fn count(&self, state: SendState) -> usize {
        self.sends.iter().filter(|row| row.state == state).count()
    }

    fn open(&self) -> BTreeSet<Open> {
        self.sends
            .iter()
            .filter(|row| matches!(row.state, SendState::Reserved | SendState::Posting))
            .map(|row| (row.key, row.attempt, row.state))
            .collect()
    }

    /// Where the kill landed; each mailbox may have been somewhere else.
    fn places(&self, before: &BTreeSet<Open>, heard: &Heard) -> BTreeSet<Place> {
        self.open()
            .difference(before)
            .map(|(key, _, state)| match state {
                SendState::Reserved => Place::Reserve,
                _ if !self.world.accepted.contains_key(key) => Place::Posting,
                _ if heard.answered(key) => Place::Settle,
                _ => Place::Waiting,
            })
            .collect()
    }

    /// Healed and drained: everything accepted is known as sent and nothing else is, nobody is left
    /// under way, and whatever is owed and was not accepted has a cause. `cut` are the sends that
    /// stood at Posting when the server was killed.
    fn is_whole(&self, cut: &BTreeSet<SendKey>) -> Judgement {
        let sent: BTreeSet<SendKey> = self
            .sends
            .iter()
            .filter(|row| row.state == SendState::Sent)
            .map(|row| row.key)
            .collect();
        let accepted: BTreeSet<SendKey> = self.world.accepted.keys().copied().collect();
        let lost: Vec<_> = accepted.difference(&sent).collect();
        let invented: Vec<_> = sent.difference(&accepted).collect();
        assert!(
            lost.is_empty(),
            "law L2: accepted, not known as sent: {lost:?}"
        );
        assert!(invented.is_empty(), "law L2: never accepted: {invented:?}");
        assert!(self.open().is_empty(), "half-done: {:?}", self.open());
        let under_way = self
            .enrollments
            .iter()
            .filter(|row| row.state == EnrollmentState::Active);
        assert_eq!(under_way.count(), 0, "nobody is forgotten under way");
        let leads: BTreeSet<_> = self.enrollments.iter().map(|row| row.lead).collect();
        assert_eq!((leads.len(), self.enrollments.len()), (PEOPLE, PEOPLE));
        assert_eq!(self.campaigns, 1);
        let books = Books {
            enrollments: &self.enrollments,
            sends: self
                .sends
                .iter()
                .map(|row| (row.key, (row.state, row.skip)))
                .collect(),
            mails: u16::try_from(SEQUENCE.matches("[[step]]").count()).unwrap(),
        };
        let judgement = judge(&books, &self.world, cut);
        assert_eq!(judgement.losses, Vec::<String>::new(), "law L2");
        judgement
    }
}

/// The log line to wait for, and how long behind it to kill, in milliseconds from and to.
const fn moment(aim: Place) -> (&'static str, u64, u64) {
    match aim {
        Place::Reserve => ("reserved", 0, POSITION_MILLIS / 2),
        Place::Posting => ("posting", 0, ACCEPT_MILLIS / 2),
        Place::Waiting => (
            "posting",
            ACCEPT_MILLIS + 5,
            ACCEPT_MILLIS + ANSWER_MILLIS - 15,
        ),
        Place::Settle => ("answered", 0, 1),
        Place::Between => ("settled", 0, 300),
    }
}

/// Waits for a phase to come up for the `skip + 1`-th time; false when the server ended by itself.
fn wait_for(program: &Program, heard: &mut Heard, wanted: &str, mut skip: u64) -> bool {
    let until = Instant::now() + PATIENCE;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match program.stderr.recv_timeout(left) {
            Ok(line) => match heard.take(&line) {
                Some(phase) if phase == wanted && skip == 0 => return true,
                Some(phase) if phase == wanted => skip -= 1,
                _ => {}
            },
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return false,
            Err(_) => break,
        }
    }
    true
}

/// Runs one campaign whose server is killed up to `kills` times, where `so_far` has the fewest.
///
/// # Panics
/// When a law does not hold.
async fn campaign(store: Store, seed: u64, kills: usize, so_far: &Tally) -> Tally {
    println!("campaign of seed {seed} on {store:?}");
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path(), store).await;
    let mut tally = Tally {
        campaigns: 1,
        ..Tally::default()
    };
    let mut program = site.start(LEASE_MILLIS);
    program.says("Started", Duration::from_secs(120));
    let mut before = BTreeSet::new();
    let mut cut = BTreeSet::new();
    while tally.kills < kills {
        let number = tally.kills;
        let landed = tally.landed.clone();
        let missing =
            |place: &Place| so_far.in_place(*place) + landed.get(place).copied().unwrap_or(0);
        // Every fifth kill comes whenever it comes, the others where the fewest landed.
        let aim = match number % 5 {
            4 => Place::Between,
            _ => PLACES.into_iter().min_by_key(missing).unwrap(),
        };
        let (line, from, to) = moment(aim);
        let mut heard = Heard::default();
        if !wait_for(&program, &mut heard, line, draw(seed, number, 0, 3)) {
            break;
        }
        let delay = from + draw(seed, number, 1, to - from);
        std::thread::sleep(Duration::from_millis(delay));
        program.kill();
        for line in program.stderr.iter() {
            heard.take(&line);
        }
        tally.kills += 1;
        let left = site.look().await;
        let places = left.places(&before, &heard);
        let place = [aim]
            .into_iter()
            .find(|aim| places.contains(aim))
            .or_else(|| places.into_iter().min_by_key(missing));
        let place = place.unwrap_or(Place::Between);
        println!("seed {seed}, kill {number}: aimed at {aim:?}, landed in {place:?}");
        *tally.landed.entry(place).or_default() += 1;
        before = left.open();
        let posting = before.iter().filter(|open| open.2 == SendState::Posting);
        cut.extend(posting.map(|open| open.0));
        drop(left);
        let healed = tally.kills == kills;
        program = site.start(if healed {
            HEALED_LEASE_MILLIS
        } else {
            LEASE_MILLIS
        });
    }
    program.says("The campaign has ended", Duration::from_secs(600));
    assert_eq!(program.wait(Duration::from_secs(60)), Some(0));
    let left = site.look().await;
    let judgement = left.is_whole(&cut);
    tally.accepted = left.world.accepted.len();
    tally.skipped = judgement.skipped;
    tally.unknown = left.count(SendState::Unknown);
    tally.behind = judgement.behind;
    println!("seed {seed} on {store:?}: {}", tally.told());
    tally
}

/// Runs campaigns until there were so many kills. In a thread of its own: it blocks.
pub(crate) fn kill(
    store: Store,
    first_seed: u64,
    kills: usize,
    a_campaign: usize,
) -> JoinHandle<Tally> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut tally = Tally::default();
        let mut seed = first_seed;
        while tally.kills < kills {
            let more = (kills - tally.kills).min(a_campaign);
            let one = runtime.block_on(campaign(store, seed, more, &tally));
            tally.add(&one);
            seed += 1;
        }
        tally
    })
}
