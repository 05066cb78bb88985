//! Store, keys, gate, engine and Gmail, put together as an embedder does, with a Google that may run in
//! another process.

use std::path::Path;
use std::sync::Arc;

use jooper::Jooper;
use jooper::core::{
    CampaignId, LeadId, MailboxId, MailboxState, SystemLeaseClock, UserId, WorkspaceId,
};
use jooper::gmail::{
    Callback, ClientSecret, ConnectFlow, Endpoints, GmailSettings, Grant, OAuthClient,
    ReqwestClient,
};
use jooper::leads::Mapping;
use jooper::sequence::model::{CampaignSettings, Limits, Schedule, Sequence};
use jooper::sequence::{ConnectMailbox, EngineSettings, NewCampaign};
use jooper::storage::tables::{LEAD, LeadRow, WorkspaceIdentity};
use jooper::storage::{Scan, Storage, StorageExt, Witness};
use jooper::vault::{FileKms, FileKmsSettings};
use jooper_testkit::google::GoogleSimulator;
use tempfile::TempDir;
use url::Url;
use uuid::Uuid;

use super::{Database, Shared};

const PASSPHRASE: &str = "a passphrase for tests";

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

pub fn settings(root: &Url) -> GmailSettings {
    let (id, secret) = GoogleSimulator::default_client();
    let redirect: Url = "http://127.0.0.1:9/oauth/callback".parse().unwrap();
    GmailSettings::new(OAuthClient::new(id, ClientSecret::new(secret), redirect))
        .with_endpoints(Endpoints::below(root).unwrap())
}

/// Builds everything over a store and its witness; the keys are in a file of the folder.
pub fn launch(
    storage: impl Storage,
    witness: impl Witness,
    dir: &Path,
    clock: &Shared,
    root: &Url,
) -> Jooper {
    let cheap = FileKmsSettings::cheap();
    let kms = FileKms::open_or_create_with(dir.join("keys"), PASSPHRASE, cheap).unwrap();
    Jooper::builder(storage, kms)
        .witness(witness)
        .transport(settings(root))
        .tracking("http://127.0.0.1:9/".parse().unwrap())
        .clock(clock.clone())
        .settings(EngineSettings {
            sync_seconds: 600,
            ..EngineSettings::default()
        })
        .build()
        .unwrap()
}

/// One installation with one workspace.
pub struct Installation {
    pub dir: TempDir,
    pub database: Database,
    pub clock: Shared,
    pub jooper: Jooper,
    pub workspace: WorkspaceId,
    pub mailboxes: Vec<MailboxId>,
    root: Url,
    http: Arc<ReqwestClient>,
    /// Of whoever connects a mailbox.
    browser: reqwest::Client,
}

impl Installation {
    /// Makes the workspace; `root` is where Google is.
    pub async fn begin(
        dir: TempDir,
        database: Database,
        clock: Shared,
        root: Url,
        jooper: Jooper,
    ) -> Self {
        let identity = WorkspaceIdentity {
            name: "Sender".to_owned(),
            legal_name: "Sender GmbH".to_owned(),
            postal_address: "Hauptstr. 1, 10115 Berlin".to_owned(),
            privacy_url: "https://sender.example/privacy".to_owned(),
            ..WorkspaceIdentity::default()
        };
        let workspace = jooper.create_workspace(&identity).await.unwrap();
        let lease = Arc::new(SystemLeaseClock::new());
        let browser = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        Self {
            dir,
            database,
            clock,
            jooper,
            workspace,
            mailboxes: Vec::new(),
            root,
            http: Arc::new(ReqwestClient::new(lease, Default::default()).unwrap()),
            browser: browser.build().unwrap(),
        }
    }

    /// Connects a mailbox through the whole OAuth flow.
    pub async fn connect(&self, owner: &str) -> MailboxId {
        let flow = ConnectFlow::new(
            Arc::new(settings(&self.root)),
            self.http.clone(),
            Arc::new(self.clock.clone()),
        );
        let (url, pending) = flow.begin(Some(owner));
        let answer = self.browser.get(url).send().await.unwrap();
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

    /// Somebody declares that a mailbox is not new.
    pub async fn season(&self, mailbox: MailboxId) {
        let by = UserId::from_uuid(Uuid::from_u128(1));
        let mailboxes = self.jooper.workspace(self.workspace).mailboxes();
        mailboxes.season(mailbox, by).await.unwrap();
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
        self.campaign_of(leads, 400).await
    }

    /// The same with this cap on a mailbox's day.
    pub async fn campaign_of(&self, leads: &[LeadId], daily_cap: u32) -> CampaignId {
        self.campaign_within(leads, daily_cap, Limits::default())
            .await
    }

    /// The same with these budgets.
    pub async fn campaign_within(
        &self,
        leads: &[LeadId],
        daily_cap: u32,
        limits: Limits,
    ) -> CampaignId {
        let campaigns = self.jooper.workspace(self.workspace).campaigns();
        let schedule = Schedule {
            daily_cap,
            gap_seconds_min: 0,
            gap_seconds_max: 0,
            limits,
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
}
