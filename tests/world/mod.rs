//! A whole installation on the embedded default, with the Google simulator behind real HTTP and
//! time that a test moves by hand.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "only tests use this module"
)]

mod database;
pub mod installation;

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

pub use database::Database;
pub use installation::{Installation, launch};
use jiff::{SignedDuration, Timestamp};
use jooper::Jooper;
use jooper::core::{Clock, ManualClock};
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper_testkit::google::{ClientSpec, GoogleSimulator, Mix, ProjectSpec, SimClock, UserSpec};
use tempfile::TempDir;
use url::Url;

/// A clock that the engine and the simulator share.
#[derive(Debug, Clone)]
pub struct Shared(pub Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// An installation and its Google.
pub struct World {
    pub google: GoogleSimulator,
    pub installation: Installation,
}

impl Deref for World {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.installation
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Installation {
        &mut self.installation
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub async fn open(dir: &TempDir, clock: &Shared, google: &GoogleSimulator) -> Jooper {
    open_on(&Database::Files, dir, clock, google).await
}

pub async fn open_on(
    database: &Database,
    dir: &TempDir,
    clock: &Shared,
    google: &GoogleSimulator,
) -> Jooper {
    let root = root_of(google);
    match database {
        Database::Files => {
            let storage = SqliteStorage::open(dir.path().join("jooper.db"));
            let witness = FileWitness::open(dir.path().join("witness"));
            let (storage, witness) = (storage.await.unwrap(), witness.await.unwrap());
            launch(storage, witness, dir.path(), clock, &root)
        }
        Database::Postgres(schema) => {
            let (storage, witness) = (schema.storage().await, schema.witness().await);
            launch(storage, witness, dir.path(), clock, &root)
        }
    }
}

fn root_of(google: &GoogleSimulator) -> Url {
    google.gmail_url().parse().unwrap()
}

impl World {
    /// Monday morning, one workspace, mailboxes of these owners, nobody reacts.
    pub async fn new(owners: &[&str]) -> Self {
        Self::with_mix(owners, Mix::silent()).await
    }

    pub async fn with_mix(owners: &[&str], mix: Mix) -> Self {
        Self::on(Database::Files, owners, mix).await
    }

    pub async fn on(database: Database, owners: &[&str], mix: Mix) -> Self {
        let world = Self::begun(database, owners, mix).await;
        for mailbox in &world.mailboxes {
            world.season(*mailbox).await;
        }
        world
    }

    /// The same with mailboxes that are new.
    pub async fn unseasoned(owners: &[&str]) -> Self {
        Self::begun(Database::Files, owners, Mix::silent()).await
    }

    async fn begun(database: Database, owners: &[&str], mix: Mix) -> Self {
        let clock = Shared(Arc::new(ManualClock::new(at("2026-11-23T08:00:00Z"))));
        let shared = clock.clone();
        let project = GoogleSimulator::default_project();
        let (id, secret) = GoogleSimulator::default_client();
        let mut builder = GoogleSimulator::builder()
            .seed(7)
            .clock(SimClock::external(move || shared.now()))
            .project(ProjectSpec::new(project))
            .client(ClientSpec::loopback(project, id, secret))
            .mix(mix);
        for owner in owners {
            builder = builder.user(UserSpec::new(owner));
        }
        let google = builder.start().await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let jooper = open_on(&database, &dir, &clock, &google).await;
        let root = root_of(&google);
        let installation = Installation::begin(dir, database, clock, root, jooper).await;
        let mut world = Self {
            google,
            installation,
        };
        for owner in owners {
            let mailbox = world.connect(owner).await;
            world.mailboxes.push(mailbox);
        }
        world
    }

    /// Lets so many hours pass in steps of an hour.
    pub async fn pass(&self, hours: i64) {
        let end = self
            .clock
            .now()
            .checked_add(SignedDuration::from_hours(hours))
            .unwrap();
        while self.clock.now() < end {
            self.work().await;
            self.clock.0.advance_millis(60 * 60 * 1000);
            self.google.settle().await;
        }
    }
}
