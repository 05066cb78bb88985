//! A simulator, a transport and a gate that agree on the time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use jooper_conformance::mint::Mint;
use jooper_conformance::transport::ManualLease;
use jooper_core::{
    Clock, EmailAddress, LeaseClock, ManualClock, Sleeper, SystemLeaseClock, to_millis,
};
use jooper_gmail::{
    Callback, ClientSecret, ConnectError, ConnectFlow, Connected, Endpoints, Gmail, GmailSettings,
    OAuthClient, PendingAuthorization, SignInFlow,
};
use jooper_testkit::google::{
    ClientSpec, GoogleSimulator, Inbound, ProjectSpec, SimClock, UserSpec,
};
use jooper_transport::{
    Arrived, Attempt, CredentialStore, Cursor, EvidenceBase, HttpClient, HttpError, HttpRequest,
    Inbox, MailboxRef, MemoryCredentialStore, Outcome, OutgoingMail, ReqwestClient,
    ReqwestSettings, Transport, TransportError,
};
use url::Url;

pub const ADA: &str = "ada@sender.example";
pub const ALIAS: &str = "sales@sender.example";

/// Passes time by moving the clock.
#[derive(Debug)]
pub struct Passing(pub Arc<ManualClock>);

#[async_trait]
impl Sleeper for Passing {
    async fn sleep(&self, duration: Duration) {
        self.0
            .advance_millis(i64::try_from(duration.as_millis()).unwrap());
        tokio::task::yield_now().await;
    }
}

/// How long the lease clock runs around a handing-over, as if the machine or the provider were slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slow {
    /// Before the last byte: it must not leave any more.
    Sender(Duration),
    /// Behind it: the answer takes longer than the permit lasts, and counts all the same.
    Provider(Duration),
}

/// What is slow at the nth handing-over.
type Weather = Box<dyn Fn(usize) -> Option<Slow> + Send>;

/// Remembers every request that passes.
pub struct Recorder {
    inner: ReqwestClient,
    pub calls: Mutex<Vec<String>>,
    /// What the token endpoint gave.
    pub tokens: Mutex<Vec<Bytes>>,
    /// The lease clock that is moved, and when.
    pub weather: Mutex<Option<(Arc<ManualLease>, Weather)>>,
    handed_over: AtomicUsize,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}

impl Recorder {
    fn slow(&self) -> Option<(Arc<ManualLease>, Slow)> {
        let weather = self.weather.lock().unwrap();
        let (lease, when) = weather.as_ref()?;
        let slow = when(self.handed_over.fetch_add(1, Ordering::SeqCst))?;
        Some((Arc::clone(lease), slow))
    }
}

/// The methods of the Gmail API that are called, by whichever way a call is made: the list of
/// `api/method.rs`, written once more.
fn is_listed(verb: &str, path: &str) -> bool {
    let Some((_, method)) = path.split_once("/users/me/") else {
        return !path.contains("gmail/");
    };
    let of_a_message = method.strip_prefix("messages/");
    matches!(
        (verb, method),
        (
            "GET",
            "profile" | "messages" | "history" | "settings/sendAs"
        ) | ("POST", "messages/send" | "watch" | "stop")
    ) || verb == "GET" && of_a_message.is_some_and(|id| !id.contains('/'))
}

#[async_trait]
impl HttpClient for Recorder {
    async fn execute(&self, request: HttpRequest) -> Result<http::Response<Bytes>, HttpError> {
        let call = format!("{} {}", request.request.method(), request.request.uri());
        let path = request.request.uri().path();
        assert!(
            is_listed(request.request.method().as_str(), path),
            "{call}: not among the methods that are called"
        );
        let asks_for_tokens = path == "/token";
        self.calls.lock().unwrap().push(call);
        let slow = request.last_byte_before.and_then(|_| self.slow());
        if let Some((lease, Slow::Sender(time))) = &slow {
            lease.advance(*time);
        }
        let answer = self.inner.execute(request).await;
        if let Ok(answer) = &answer
            && asks_for_tokens
        {
            self.tokens.lock().unwrap().push(answer.body().clone());
        }
        if let Some((lease, Slow::Provider(time))) = &slow {
            lease.advance(*time);
        }
        answer
    }

    fn most_upload(&self, left: Duration) -> usize {
        self.inner.most_upload(left)
    }
}

#[derive(Debug)]
pub struct Lab {
    pub sim: GoogleSimulator,
    pub clock: Arc<ManualClock>,
    pub settings: Arc<GmailSettings>,
    pub http: Arc<dyn HttpClient>,
    pub recorder: Arc<Recorder>,
    pub credentials: Arc<MemoryCredentialStore>,
    pub gmail: Gmail,
    pub mint: Mint,
}

pub fn start_time() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

/// Settings with both clients of the lab.
pub fn settings(endpoints: &Endpoints) -> GmailSettings {
    let redirect: Url = "http://127.0.0.1:1/callback".parse().unwrap();
    let client = |name: &str| {
        let secret = ClientSecret::new(format!("{name}-secret"));
        OAuthClient::new(format!("{name}-client"), secret, redirect.clone())
    };
    GmailSettings::new(client("mailbox"))
        .with_sign_in(client("sign-in"))
        .with_endpoints(endpoints.clone())
}

impl Lab {
    pub async fn new(seed: u64) -> Self {
        Self::with(seed, |_| {}).await
    }

    pub async fn with(seed: u64, change: impl FnOnce(&mut GmailSettings)) -> Self {
        Self::by(Arc::new(SystemLeaseClock::new()), seed, change).await
    }

    /// A lab whose last bytes are checked against this lease clock.
    pub async fn by(
        lease: Arc<dyn LeaseClock>,
        seed: u64,
        change: impl FnOnce(&mut GmailSettings),
    ) -> Self {
        Self::over(ReqwestSettings::default(), lease, seed, change).await
    }

    /// A lab whose HTTP client is set up like this.
    pub async fn over(
        http: ReqwestSettings,
        lease: Arc<dyn LeaseClock>,
        seed: u64,
        change: impl FnOnce(&mut GmailSettings),
    ) -> Self {
        let clock = Arc::new(ManualClock::new(start_time()));
        let shown = Arc::clone(&clock);
        let sim = GoogleSimulator::builder()
            .seed(seed)
            .clock(SimClock::external(move || shown.now()))
            .project(ProjectSpec::new("mailboxes"))
            .project(ProjectSpec::new("sign-in"))
            .client(ClientSpec::loopback(
                "mailboxes",
                "mailbox-client",
                "mailbox-secret",
            ))
            .client(ClientSpec::loopback(
                "sign-in",
                "sign-in-client",
                "sign-in-secret",
            ))
            .user(UserSpec::new(ADA).alias(ALIAS))
            .start()
            .await
            .unwrap();
        let root: Url = sim.gmail_url().parse().unwrap();
        let mut settings = settings(&Endpoints::below(&root).unwrap());
        settings.timeouts.send_seconds = 2;
        settings.timeouts.read_seconds = 2;
        change(&mut settings);
        let settings = Arc::new(settings);
        let inner = ReqwestClient::new(lease.clone(), http).unwrap();
        let recorder = Arc::new(Recorder {
            inner,
            calls: Mutex::default(),
            tokens: Mutex::default(),
            weather: Mutex::default(),
            handed_over: AtomicUsize::new(0),
        });
        let http: Arc<dyn HttpClient> = recorder.clone();
        let credentials = Arc::new(MemoryCredentialStore::new());
        let gmail = gmail(&settings, &http, &credentials, &clock);
        let mint = Mint::new("gmail", lease.clone()).await;
        Self {
            sim,
            clock,
            settings,
            http,
            recorder,
            credentials,
            gmail,
            mint,
        }
    }

    /// The same installation after a restart: nothing remembered but the stored tokens.
    pub fn restarted(&self) -> Gmail {
        gmail(&self.settings, &self.http, &self.credentials, &self.clock)
    }

    pub fn connect_flow(&self) -> ConnectFlow {
        ConnectFlow::new(self.settings.clone(), self.http.clone(), self.clock.clone())
    }

    pub fn sign_in_flow(&self) -> SignInFlow {
        SignInFlow::new(self.settings.clone(), self.http.clone(), self.clock.clone()).unwrap()
    }

    /// Opens a URL as a browser does and reads what it is sent back with.
    pub async fn browse(&self, url: &Url) -> Callback {
        Callback::from_query(self.sent_back(url).await.query().unwrap()).unwrap()
    }

    /// Where a browser is sent back to.
    pub async fn sent_back(&self, url: &Url) -> Url {
        let request = HttpRequest {
            request: http::Request::get(url.as_str()).body(Bytes::new()).unwrap(),
            last_byte_before: None,
            timeout: Duration::from_secs(5),
        };
        let answer = self.http.execute(request).await.unwrap();
        assert_eq!(answer.status(), 302, "{:?}", answer.body());
        Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap()
    }

    pub async fn finish(
        &self,
        (url, pending): (Url, PendingAuthorization),
    ) -> Result<Connected, ConnectError> {
        let callback = self.browse(&url).await;
        self.connect_flow().finish(callback, pending).await
    }

    /// Connects an account's mailbox through the consent screen.
    pub async fn connect(&self, email: &str) -> MailboxRef {
        let mailbox = self.mint.mailbox();
        self.connect_as(mailbox, email).await;
        mailbox
    }

    /// Connects an account as a given mailbox.
    pub async fn connect_as(&self, mailbox: MailboxRef, email: &str) {
        let connected = self
            .finish(self.connect_flow().begin(Some(email)))
            .await
            .unwrap();
        let credentials = connected.tokens.into_credentials();
        self.credentials
            .save(mailbox, None, &credentials)
            .await
            .unwrap();
    }

    pub fn mail(&self, from: &str, to: &str, token: &str) -> OutgoingMail {
        self.mail_in(from, to, token, "Hello there", None)
    }

    pub fn mail_in(
        &self,
        from: &str,
        to: &str,
        token: &str,
        subject: &str,
        thread: Option<&str>,
    ) -> OutgoingMail {
        let raw = format!(
            "From: Ada <{from}>\r\nTo: Person <{to}>\r\nSubject: {subject}\r\n\
             Message-ID: <own-{token}@sender.example>\r\nReferences: <jp.{token}@sender.example>\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
             List-Unsubscribe: <https://t.sender.example/u/{token}>\r\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\nHello, this is {token}.\r\n\
             No more mail: https://t.sender.example/u/{token}\r\n"
        );
        OutgoingMail::new(raw.into_bytes(), thread.map(str::to_owned))
            .unwrap()
            .with_notice()
    }

    /// Sends a mail by the whole way: gate, dispatcher, transport.
    pub async fn send(&self, gmail: &Gmail, mailbox: MailboxRef, mail: OutgoingMail) -> Outcome {
        let permit = self.mint.permit(mailbox, mail.to()).await;
        let transport: Arc<dyn Transport> = Arc::new(gmail.clone());
        self.mint
            .dispatcher(transport)
            .dispatch(mailbox.workspace, mailbox.mailbox, permit, mail)
            .await
            .unwrap()
    }

    /// The attempt that a ledger would look for.
    pub fn attempt(
        &self,
        mailbox: MailboxRef,
        to: &str,
        token: &str,
        base: Option<EvidenceBase>,
    ) -> Attempt {
        Attempt {
            mailbox,
            send_key: jooper_core::SendKey::Test {
                user: jooper_core::UserId::from_uuid(uuid::Uuid::nil()),
                key: uuid::Uuid::nil(),
            },
            number: 1,
            token: format!("jp.{token}@sender.example"),
            earlier: Vec::new(),
            evidence_base: base,
            to: Some(address(to)),
            subject: Some("Hello there".to_owned()),
            began_at: self.clock.now(),
            since: self.clock.now(),
        }
    }

    pub fn advance(&self, duration: Duration) {
        self.clock
            .advance_millis(i64::try_from(duration.as_millis()).unwrap());
    }

    pub fn now_ms(&self) -> i64 {
        to_millis(self.clock.now())
    }

    /// How many requests so far had this in method and URL.
    pub fn calls(&self, part: &str) -> usize {
        self.recorder
            .calls
            .lock()
            .unwrap()
            .iter()
            .filter(|call| call.contains(part))
            .count()
    }

    /// A recipient's answer to the newest accepted mail, or to any other by its number.
    pub fn react(&self, send: usize, recipient: &str, act: &Inbound) {
        self.sim.react(send as u64, recipient, act);
    }

    /// Reads all changes behind a cursor, and the cursor behind them.
    pub async fn all_changes(
        &self,
        mailbox: MailboxRef,
        cursor: &Cursor,
    ) -> Result<(Vec<Arrived>, Cursor), TransportError> {
        let (mut all, mut cursor) = (Vec::new(), cursor.clone());
        let mut pauses = 0;
        loop {
            let delta = match self.gmail.changes(mailbox, &cursor, start_time()).await {
                Ok(delta) => delta,
                Err(TransportError::RateLimited { after: Some(after) }) => {
                    pauses += 1;
                    assert!(pauses < 60, "an hour's quota is enough for one page");
                    self.advance(after);
                    continue;
                }
                Err(error) => return Err(error),
            };
            pauses = 0;
            all.extend(delta.arrived);
            cursor = delta.next;
            if !delta.more {
                return Ok((all, cursor));
            }
        }
    }

    /// How many mails with this token Google accepted.
    pub fn accepted(&self, token: &str) -> usize {
        let ledger = self.sim.ledger();
        let accepted = ledger.accepted().iter();
        accepted
            .filter(|mail| {
                mail.references
                    .iter()
                    .any(|r| r.contains(&format!("jp.{token}@")))
            })
            .count()
    }
}

fn gmail(
    settings: &Arc<GmailSettings>,
    http: &Arc<dyn HttpClient>,
    credentials: &Arc<MemoryCredentialStore>,
    clock: &Arc<ManualClock>,
) -> Gmail {
    Gmail::new(
        settings.clone(),
        http.clone(),
        credentials.clone(),
        clock.clone(),
        Arc::new(Passing(clock.clone())),
    )
}
