//! A whole installation on the embedded default, with the Google simulator behind real HTTP and
//! time that a test moves by hand.

#![allow(dead_code, reason = "each test target uses its own part")]
#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "only tests use this module"
)]

mod database;

use std::sync::Arc;

pub use database::Database;
use jiff::{SignedDuration, Timestamp};
use jooper::Jooper;
use jooper::core::WorkspaceId;
use jooper::core::{CampaignId, Clock, LeadId, MailboxId, MailboxState, ManualClock, UserId};
use jooper::gmail::{
    Callback, ClientSecret, ConnectFlow, Endpoints, GmailSettings, Grant, OAuthClient,
    ReqwestClient,
};
use jooper::leads::Mapping;
use jooper::sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper::sequence::{ConnectMailbox, EngineSettings, NewCampaign};
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::storage::tables::{LEAD, LeadRow, WorkspaceIdentity};
use jooper::storage::{Scan, StorageExt};
use jooper::vault::{FileKms, FileKmsSettings};
use jooper_testkit::google::{ClientSpec, GoogleSimulator, Mix, ProjectSpec, SimClock, UserSpec};
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

pub const PASSPHRASE: &str = "a passphrase for tests";

pub const SEQUENCE: &str = r#"
    name = "Three mails"
    [[step]]
    [[step.variant]]
    subject = "Hello {{ first_name | default(\"there\") }}"
    body = "First, {{ first_name | default(\"friend\") }}."
    [[step]]
    wait = "3 working days"
    [[step.variant]]
    body = "Second."
    [[step]]
    wait = "4 working days"
    [[step.variant]]
    body = "Third."
"#;

/// A clock that the engine and the simulator share.
#[derive(Debug, Clone)]
pub struct Shared(pub Arc<ManualClock>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub struct World {
    pub dir: TempDir,
    pub database: Database,
    pub clock: Shared,
    pub google: GoogleSimulator,
    pub jooper: Jooper,
    pub workspace: WorkspaceId,
    pub mailboxes: Vec<MailboxId>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn settings(google: &GoogleSimulator) -> GmailSettings {
    let (id, secret) = GoogleSimulator::default_client();
    let redirect: Url = "http://127.0.0.1:9/oauth/callback".parse().unwrap();
    let root: Url = google.gmail_url().parse().unwrap();
    GmailSettings::new(OAuthClient::new(id, ClientSecret::new(secret), redirect))
        .with_endpoints(Endpoints::below(&root).unwrap())
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
    let cheap = FileKmsSettings::cheap();
    let kms = FileKms::open_or_create_with(dir.path().join("keys"), PASSPHRASE, cheap).unwrap();
    let builder = match database {
        Database::Files => {
            let storage = SqliteStorage::open(dir.path().join("jooper.db"));
            let witness = FileWitness::open(dir.path().join("witness"));
            let builder = Jooper::builder(storage.await.unwrap(), kms);
            builder.witness(witness.await.unwrap())
        }
        Database::Postgres(schema) => {
            Jooper::builder(schema.storage().await, kms).witness(schema.witness().await)
        }
    };
    builder
        .transport(settings(google))
        .tracking("http://127.0.0.1:9/".parse().unwrap())
        .clock(clock.clone())
        .settings(EngineSettings {
            sync_seconds: 600,
            ..EngineSettings::default()
        })
        .build()
        .unwrap()
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
        let identity = WorkspaceIdentity {
            name: "Sender".to_owned(),
            legal_name: "Sender GmbH".to_owned(),
            postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
            privacy_url: "https://sender.example/privacy".to_owned(),
        };
        let workspace = jooper.create_workspace(&identity).await.unwrap();
        let mut world = Self {
            dir,
            database,
            clock,
            google,
            jooper,
            workspace,
            mailboxes: Vec::new(),
        };
        for owner in owners {
            let mailbox = world.connect(owner).await;
            world.mailboxes.push(mailbox);
        }
        world
    }

    /// Connects a mailbox through the whole OAuth flow.
    pub async fn connect(&self, owner: &str) -> MailboxId {
        let lease = Arc::new(jooper::core::SystemLeaseClock::new());
        let http = Arc::new(ReqwestClient::new(lease, Default::default()).unwrap());
        let flow = ConnectFlow::new(
            Arc::new(settings(&self.google)),
            http,
            Arc::new(self.clock.clone()),
        );
        let (url, pending) = flow.begin(Some(owner));
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        let answer = browser.get(url).send().await.unwrap();
        let back = answer.headers()[reqwest::header::LOCATION]
            .to_str()
            .unwrap();
        let back: Url = back.parse().unwrap();
        let callback = Callback::from_query(back.query().unwrap()).unwrap();
        let connected = flow.finish(callback, pending).await.unwrap();
        let state = match connected.grant {
            Grant::SendOnly => MailboxState::SendOnly,
            Grant::ReadOnly => MailboxState::ReadOnly,
            _ => MailboxState::Connected,
        };
        self.jooper
            .workspace(self.workspace)
            .connect(ConnectMailbox {
                owner: UserId::from_uuid(Uuid::from_u128(1)),
                sub: connected.sub.clone(),
                email: connected.email.clone(),
                display_name: connected.name.clone().unwrap_or_default(),
                aliases: Vec::new(),
                state,
                credentials: connected.tokens.into_credentials(),
            })
            .await
            .unwrap()
    }

    /// Imports `count` people who consented, from `domain`.
    pub async fn import(&self, count: usize, domain: &str) -> Vec<LeadId> {
        let mut csv = String::from(
            "Email,First name,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version\n",
        );
        for n in 0..count {
            csv.push_str(&format!(
                "person{n}@{domain},Person{n},US,consent,A form,2026-10-01,form-export.csv,2026-02\n"
            ));
        }
        self.import_csv(&csv).await
    }

    pub async fn import_csv(&self, csv: &str) -> Vec<LeadId> {
        let workspace = self.jooper.workspace(self.workspace);
        let report = workspace
            .leads()
            .import_csv(
                self.workspace,
                csv.as_bytes(),
                &Mapping::default(),
                "a test",
            )
            .await
            .unwrap();
        assert_eq!(report.rejected_rows, 0, "{report:?}");
        let rows = self
            .jooper
            .storage()
            .collect::<LeadRow>(self.workspace, Scan::table(&LEAD))
            .await
            .unwrap();
        rows.into_iter().map(|row| row.record.id).collect()
    }

    pub async fn campaign(&self, leads: &[LeadId]) -> CampaignId {
        let campaigns = self.jooper.workspace(self.workspace).campaigns();
        let schedule = Schedule {
            daily_cap: 400,
            gap_seconds_min: 0,
            gap_seconds_max: 0,
            ..Schedule::default()
        };
        let new = NewCampaign {
            settings: CampaignSettings {
                name: "Test".to_owned(),
                mailboxes: self.mailboxes.clone(),
                schedule,
            },
            sequence: Sequence::from_toml(SEQUENCE).unwrap(),
            seed: 7,
        };
        let id = campaigns.create(&new).await.unwrap();
        let report = campaigns.activate(id, leads).await.unwrap();
        assert_eq!(report.enrolled, leads.len(), "{report:?}");
        id
    }

    /// Works what is due until nothing more is, without moving time.
    pub async fn work(&self) {
        let runner = self.jooper.runner().await.unwrap();
        while runner.turn().await.unwrap() > 0 {}
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
