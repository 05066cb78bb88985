//! What is written down while mail goes out and comes in: ids, never tokens, addresses or texts.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jooper_testkit::google::{Canned, DeathCause, Fault, FaultRule, Inbound, Mood, ReplyForm};
use jooper_transport::{CredentialStore, Inbox, Transport};
use secrecy::ExposeSecret as _;

use crate::lab::{ADA, ALIAS, Lab};

/// Everything that `tracing` and `log` say, as bytes.
#[derive(Debug, Clone, Default)]
struct Book(Arc<Mutex<Vec<u8>>>);

impl Write for Book {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl log::Log for Book {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut book = self.clone();
        writeln!(book, "{} {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

impl Book {
    fn holds(&self, text: &str) -> bool {
        assert!(text.len() > 5, "{text:?} is too short to look for");
        let bytes = self.0.lock().unwrap();
        bytes
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
    }
}

#[tokio::test]
async fn the_log_at_trace_holds_no_token_no_address_and_no_text() {
    let book = Book::default();
    let writer = book.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    log::set_boxed_logger(Box::new(book.clone())).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let lab = Lab::new(70).await;
    let (url, pending) = lab.connect_flow().begin(Some(ADA));
    let state = pending.state().to_owned();
    let pending_text = serde_json::to_string(&pending).unwrap();
    let connected = lab.finish((url, pending)).await.unwrap();
    let sub = connected.sub.clone();
    let mailbox = lab.mint.mailbox();
    let credentials = connected.tokens.into_credentials();
    lab.credentials
        .save(mailbox, None, &credentials)
        .await
        .unwrap();
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let attempt = lab.attempt(mailbox, "canary-person@firm.example", "c", Some(base));
    for fault in [
        Fault::CommitThenReset,
        Fault::Answer(Canned::SendingLimit429(None)),
        Fault::Answer(Canned::UserRate403(Some(1_000))),
        Fault::Answer(Canned::Html(500)),
    ] {
        lab.sim.add_fault(FaultRule::new(fault).on_send().times(1));
        let mail = lab.mail_in(
            ADA,
            "canary-person@firm.example",
            "c",
            "Canary subject",
            None,
        );
        lab.send(&lab.gmail, mailbox, mail).await;
        lab.advance(Duration::from_secs(3_700));
    }
    let mail = lab.mail_in(
        ALIAS,
        "canary-person@firm.example",
        "d",
        "Canary subject",
        None,
    );
    lab.send(&lab.gmail, mailbox, mail).await;
    lab.gmail.reconcile(&attempt).await.unwrap();
    lab.react(
        0,
        "canary-person@firm.example",
        &Inbound::Reply {
            mood: Mood::No,
            form: ReplyForm::TopPost,
        },
    );
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    for mail in &arrived {
        lab.gmail.fetch(mailbox, &mail.provider_id).await.unwrap();
    }
    let renewed = lab
        .credentials
        .load(mailbox)
        .await
        .unwrap()
        .unwrap()
        .credentials;
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::Html(502))).on("GET", "*"));
    lab.gmail.baseline(mailbox).await.unwrap_err();
    lab.sim.clear_faults();
    lab.sim.end_grants(ADA, DeathCause::PasswordChange).unwrap();
    lab.advance(Duration::from_secs(3_700));
    let dead = lab.gmail.baseline(mailbox).await.unwrap_err();
    tracing::trace!(?dead, ?credentials, ?attempt, ?arrived, settings = ?lab.settings, "debug of everything");

    let mut secrets = vec![
        credentials.refresh_token.expose_secret().to_owned(),
        credentials
            .access_token
            .unwrap()
            .0
            .expose_secret()
            .to_owned(),
        renewed.access_token.unwrap().0.expose_secret().to_owned(),
        "mailbox-secret".to_owned(),
        state,
        sub,
        ADA.to_owned(),
        ALIAS.to_owned(),
        "canary-person".to_owned(),
        "Canary subject".to_owned(),
        "Hello, this is".to_owned(),
        "jp.c@sender".to_owned(),
    ];
    let pending: serde_json::Value = serde_json::from_str(&pending_text).unwrap();
    for field in ["verifier", "nonce"] {
        secrets.push(pending[field].as_str().unwrap().to_owned());
    }
    for secret in &secrets {
        assert!(!book.holds(secret), "the log holds {secret:?}");
    }
    assert!(
        book.holds("jooper_gmail") && book.holds("hyper_util"),
        "both kinds of log are caught"
    );
    tracing::trace!("control: {}", secrets[0]);
    assert!(book.holds(&secrets[0]), "the search can find");

    // Nor does any URL but the consent screen's, which the owner's own browser opens.
    for call in lab
        .recorder
        .calls
        .lock()
        .unwrap()
        .iter()
        .filter(|call| !call.contains("/o/oauth2/"))
    {
        let url = call.to_lowercase().replace("%40", "@");
        assert!(!url.contains('@') && !url.contains("canary"), "{call}");
        for secret in &secrets {
            assert!(!url.contains(&secret.to_lowercase()), "{call}");
        }
    }
}

#[tokio::test]
async fn only_listed_methods_were_called_and_the_simulator_knew_each() {
    let lab = Lab::new(71).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    lab.gmail.evidence_base(mailbox).await.unwrap();
    lab.send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
        .await;
    lab.all_changes(mailbox, &cursor).await.unwrap();
    let allowed = [
        "GET /gmail/v1/users/me/profile",
        "POST /gmail/v1/users/me/messages/send",
        "GET /gmail/v1/users/me/messages/",
        "GET /gmail/v1/users/me/messages?",
        "GET /gmail/v1/users/me/history?",
        "GET /gmail/v1/users/me/settings/sendAs",
        "GET /o/oauth2/v2/auth?",
        "POST /token",
        "GET /oauth2/v3/certs",
    ];
    let root = lab.sim.gmail_url();
    for call in lab.recorder.calls.lock().unwrap().iter() {
        let call = call.replace(&root, "");
        assert!(
            allowed.iter().any(|start| call.starts_with(start)),
            "{call}"
        );
    }
    assert!(lab.sim.unexpected_calls().is_empty());
}
