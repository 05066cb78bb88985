//! An installation that sends from mailboxes of the simulator: gate, dispatcher, transport.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jooper_conformance::mint::Mint;
use jooper_core::{Clock, EmailAddress, MailboxId, ManualClock, Sleeper, SystemLeaseClock};
use jooper_gmail::{
    ClientSecret, Endpoints, GMAIL_READONLY, GMAIL_SEND, Gmail, GmailSettings, OAuthClient,
};
use jooper_testkit::google::GoogleSimulator;
use jooper_transport::{
    CredentialStore as _, Credentials, MailboxRef, MemoryCredentialStore, Outcome, OutgoingMail,
    ReqwestClient, ReqwestSettings, Transport,
};
use uuid::Uuid;

/// The moment at which everything begins.
pub(crate) fn start() -> jiff::Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

pub(crate) fn account(number: usize) -> String {
    format!("seller{number}@sender.example")
}

/// Runs to the end on one thread, so that the simulator beside it is served in between.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

/// Tells a number that must not be above `most`.
pub(crate) fn most(what: &str, found: f64, most: f64) -> bool {
    let held = found <= most;
    let sign = if held { ' ' } else { '!' };
    println!("{sign} {what:<58} {found:>10.2} (at most {most})");
    held
}

/// Passes time by moving the clock.
#[derive(Debug)]
struct Passing(Arc<ManualClock>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.advance_millis(millis);
        tokio::task::yield_now().await;
    }
}

pub(crate) struct Office {
    pub(crate) gmail: Gmail,
    pub(crate) clock: Arc<ManualClock>,
    credentials: Arc<MemoryCredentialStore>,
    lease: Arc<SystemLeaseClock>,
    mint: Mint,
}

impl Office {
    pub(crate) async fn open(root: &str, clock: Arc<ManualClock>) -> Self {
        let endpoints = Endpoints::below(&root.parse().unwrap()).unwrap();
        let redirect = "http://127.0.0.1:1/callback".parse().unwrap();
        let (id, secret) = GoogleSimulator::default_client();
        let client = OAuthClient::new(id, ClientSecret::new(secret), redirect);
        let settings = GmailSettings::new(client).with_endpoints(endpoints);
        let lease = Arc::new(SystemLeaseClock::new());
        let http = ReqwestClient::new(lease.clone(), ReqwestSettings::default()).unwrap();
        let credentials = Arc::new(MemoryCredentialStore::new());
        let gmail = Gmail::new(
            settings,
            Arc::new(http),
            credentials.clone(),
            clock.clone() as Arc<dyn Clock>,
            Arc::new(Passing(clock.clone())),
        );
        let mint = Mint::new("gmail", lease.clone()).await;
        Self {
            gmail,
            clock,
            credentials,
            lease,
            mint,
        }
    }

    /// Forgets whom permits were minted for: a gate's store is no part of what is measured.
    pub(crate) async fn clear_desk(&mut self) {
        self.mint = Mint::new("gmail", self.lease.clone()).await;
    }

    pub(crate) async fn connect(&self, number: usize, access: &str, refresh: &str) -> MailboxRef {
        let mailbox = MailboxRef {
            workspace: self.mint.workspace(),
            mailbox: MailboxId::from_uuid(Uuid::from_u128(0xbe_0000 + number as u128)),
        };
        let end = start() + jiff::SignedDuration::from_hours(24 * 365);
        let tokens = Credentials {
            refresh_token: refresh.to_owned().into(),
            access_token: Some((access.to_owned().into(), end)),
            scopes: vec![GMAIL_SEND.to_owned(), GMAIL_READONLY.to_owned()],
        };
        self.credentials.save(mailbox, None, &tokens).await.unwrap();
        mailbox
    }

    /// Sends one mail as the engine does: evidence base, handing-over, read-back.
    pub(crate) async fn send(&self, mailbox: MailboxRef, from: &str, mail: usize) {
        let raw = format!(
            "From: {from}\r\nTo: lead{mail}@firm.example\r\nSubject: Hello\r\n\
             References: <jp.bench{mail}@sender.example>\r\n\
             List-Unsubscribe: <https://t.sender.example/u>\r\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n\
             Hello, lead {mail}.\r\nhttps://t.sender.example/u\r\n"
        );
        let mail = OutgoingMail::new(raw.into_bytes(), None)
            .unwrap()
            .with_notice();
        let to: EmailAddress = mail.to().clone();
        self.gmail.evidence_base(mailbox).await.unwrap();
        let permit = self.mint.permit(mailbox, &to).await;
        let transport: Arc<dyn Transport> = Arc::new(self.gmail.clone());
        let outcome = self
            .mint
            .dispatcher(transport)
            .dispatch(mailbox.workspace, mailbox.mailbox, permit, mail)
            .await
            .unwrap();
        let Outcome::Sent(receipt) = outcome else {
            panic!("not sent: {outcome:?}")
        };
        let back = self.gmail.read_back(mailbox, &receipt.provider_id).await;
        assert!(back.unwrap().message_id.is_some());
    }
}
