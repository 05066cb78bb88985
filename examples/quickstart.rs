//! A whole campaign in one file: SQLite, the Google simulator over real HTTP, three leads.
//!
//! `cargo run --example quickstart`

#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::sync::Arc;
use std::time::Duration;

use jooper::Jooper;
use jooper::core::{Clock, MailboxState, ManualClock, SystemLeaseClock, UserId};
use jooper::gmail::{
    Callback, ClientSecret, ConnectFlow, Endpoints, GmailSettings, OAuthClient, ReqwestClient,
};
use jooper::leads::{LeadPage, Mapping};
use jooper::sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper::sequence::{ConnectMailbox, NewCampaign};
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::storage::tables::WorkspaceIdentity;
use jooper::vault::FileKms;
use jooper_testkit::google::{GoogleSimulator, SimClock, UserSpec};

const LEADS: &str = "\
Email,First name,Country,Legal basis,Consent source,Consent date,Consent proof,Notice version
jo@acme.example,Jo,US,consent,Web form,2026-10-01,form.csv,2026-02
kim@bolt.example,Kim,UK,consent,Web form,2026-10-01,form.csv,2026-02
lee@cork.example,Lee,US,,,,,
";

const SEQUENCE: &str = r#"
name = "Hello"
[[step]]
[[step.variant]]
subject = "Hello {{ first_name }}"
body = "Hello {{ first_name }}, shall we talk?"
"#;

#[derive(Debug, Clone)]
struct Time(Arc<ManualClock>);

impl Clock for Time {
    fn now(&self) -> jiff::Timestamp {
        self.0.now()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A Monday afternoon that this program moves on by itself.
    let time = Time(Arc::new(ManualClock::new("2026-11-23T15:00:00Z".parse()?)));
    let shared = time.clone();
    let google = GoogleSimulator::builder()
        .clock(SimClock::external(move || shared.now()))
        .user(UserSpec::new("ada@sender.example"))
        .start()
        .await?;

    let dir = tempfile::tempdir()?;
    let (id, secret) = GoogleSimulator::default_client();
    let redirect = "http://127.0.0.1:9/callback".parse()?;
    let settings = GmailSettings::new(OAuthClient::new(id, ClientSecret::new(secret), redirect))
        .with_endpoints(Endpoints::below(&google.gmail_url().parse()?)?);
    let kms = FileKms::open_or_create(dir.path().join("keys"), "a passphrase")?;
    let storage = SqliteStorage::open(dir.path().join("jooper.db")).await?;
    let jooper = Jooper::builder(storage, kms)
        .transport(settings.clone())
        .tracking("http://127.0.0.1:9/".parse()?)
        .witness(FileWitness::open(dir.path().join("witness")).await?)
        .clock(time.clone())
        .build()?;

    let identity = WorkspaceIdentity {
        name: "Sender".to_owned(),
        legal_name: "Sender GmbH".to_owned(),
        postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
        privacy_url: "https://sender.example/privacy".to_owned(),
        ..WorkspaceIdentity::default()
    };
    let workspace = jooper.workspace(jooper.create_workspace(&identity).await?);

    // Connect a mailbox: the owner's browser goes to Google and comes back with a code.
    let http = ReqwestClient::new(Arc::new(SystemLeaseClock::new()), Default::default())?;
    let flow = ConnectFlow::new(Arc::new(settings), Arc::new(http), Arc::new(time.clone()));
    let (url, pending) = flow.begin(Some("ada@sender.example"));
    let browser = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let answer = browser.get(url).send().await?;
    let back = answer.headers()[reqwest::header::LOCATION]
        .to_str()?
        .to_owned();
    let query = back
        .split_once('?')
        .map(|(_, query)| query)
        .unwrap_or_default();
    let connected = flow.finish(Callback::from_query(query)?, pending).await?;
    let mailbox = workspace
        .connect(ConnectMailbox {
            owner: UserId::from_uuid(uuid::Uuid::from_u128(1)),
            sub: connected.sub,
            email: connected.email,
            display_name: "Ada".to_owned(),
            aliases: Vec::new(),
            state: MailboxState::Connected,
            credentials: connected.tokens.into_credentials(),
        })
        .await?;

    let report = workspace
        .leads()
        .import_csv(
            workspace.id(),
            LEADS.as_bytes(),
            &Mapping::guess().with_source("our web form"),
            "leads.csv",
        )
        .await?;
    println!("imported {} leads", report.imported);
    let page = workspace
        .leads()
        .list(workspace.id(), LeadPage::first(100))
        .await?;
    let leads: Vec<_> = page.leads.iter().map(|lead| lead.id).collect();

    let campaign = workspace
        .campaigns()
        .create(&NewCampaign {
            settings: CampaignSettings {
                name: "Hello".to_owned(),
                mailboxes: vec![mailbox],
                schedule: Schedule::default(),
            },
            sequence: Sequence::from_toml(SEQUENCE)?,
            seed: 1,
        })
        .await?;
    workspace.campaigns().activate(campaign, &leads).await?;

    // A real program calls `jooper.run(shutdown)`; this one moves the clock itself.
    let runner = jooper.runner().await?;
    for _ in 0..48 {
        while runner.turn().await? > 0 {}
        time.0
            .advance_millis(Duration::from_secs(1800).as_millis() as i64);
    }
    println!(
        "the simulator accepted {} mails",
        google.ledger().accepted().len()
    );
    for lead in leads {
        for view in workspace.explain(lead).await? {
            for (at, decision) in view.decisions {
                println!("{at:.0}  {lead}  {}", decision.summary);
            }
        }
    }
    google.shutdown().await;
    Ok(())
}
