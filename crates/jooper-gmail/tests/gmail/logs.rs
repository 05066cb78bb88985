//! What is written down while mail goes out and comes in: ids, never tokens, addresses or texts.

use std::sync::Arc;
use std::time::Duration;

use jooper_conformance::transport::ManualLease;
use jooper_gmail::{Callback, ConnectError};
use jooper_testkit::google::{
    Canned, DeathCause, Fault, FaultRule, Inbound, Mood, PushFault, ReplyForm,
};
use jooper_transport::{CredentialStore, Inbox, Outcome, OutgoingMail, Transport};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::book::Book;
use crate::lab::{ADA, ALIAS, Lab};
use crate::pushes::{endpoint, read, set_up, target};

/// The texts under these names.
fn texts(value: &Value, names: &[&str]) -> Vec<String> {
    let texts = names.iter().filter_map(|name| value[*name].as_str());
    texts.map(str::to_owned).collect()
}

/// What nobody but a browser and its session may know of a request for consent.
fn secrets_of(pending: &impl serde::Serialize) -> Vec<String> {
    let pending = serde_json::to_value(pending).unwrap();
    let secrets = texts(&pending, &["state", "nonce", "verifier"]);
    assert_eq!(secrets.len(), 3, "{pending}");
    secrets
}

/// Every token that the token endpoint gave so far.
fn tokens_of(lab: &Lab) -> Vec<String> {
    let answers = lab.recorder.tokens.lock().unwrap();
    let answers = answers
        .iter()
        .filter_map(|body| serde_json::from_slice(body).ok());
    let names = ["access_token", "refresh_token", "id_token"];
    answers
        .flat_map(|answer: Value| texts(&answer, &names))
        .collect()
}

#[tokio::test]
async fn the_log_at_trace_holds_no_token_no_address_and_no_text() {
    let (book, _guard) = Book::open();
    // Megabytes take their time where much else runs: the permit's is not what is looked at.
    let lease = Arc::new(ManualLease::default());
    let lab = Lab::by(lease, 70, |settings| settings.timeouts.send_seconds = 60).await;
    let (url, pending) = lab.connect_flow().begin(Some(ADA));
    let mut secrets = secrets_of(&pending);
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
    // A large one goes by the upload endpoint.
    let mail = lab.mail_in(
        ADA,
        "canary-person@firm.example",
        "e",
        "Canary subject",
        None,
    );
    let mut raw = mail.raw().to_vec();
    while raw.len() < 3_600_000 {
        raw.extend_from_slice(b"Canary text and more of it, so that the mail is large.\r\n");
    }
    let mail = OutgoingMail::new(raw, None).unwrap().with_notice();
    let sent = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
    assert_eq!(lab.calls("/upload/"), 1);
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
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::Html(502))).on("GET", "*"));
    lab.gmail.baseline(mailbox).await.unwrap_err();
    lab.sim.clear_faults();
    lab.sim.end_grants(ADA, DeathCause::PasswordChange).unwrap();
    lab.advance(Duration::from_secs(3_700));
    let dead = lab.gmail.baseline(mailbox).await.unwrap_err();
    tracing::trace!(?dead, ?credentials, ?attempt, ?arrived, settings = ?lab.settings, "debug of everything");

    let tokens = tokens_of(&lab);
    assert!(tokens.len() >= 4, "of the connection and of a renewal");
    secrets.extend(tokens);
    secrets.extend([sub, credentials.refresh_token.expose_secret().to_owned()]);
    let words = [
        "mailbox-secret",
        ADA,
        ALIAS,
        "canary-person",
        "Canary subject",
        "Hello, this is",
        "jp.c@sender",
        "jp.e@sender",
        "Canary text",
    ];
    secrets.extend(words.map(str::to_owned));
    assert_eq!(book.telling(&secrets), [""; 0]);
    assert!(
        book.holds("jooper_gmail") && book.holds("hyper_util"),
        "both kinds of log are caught"
    );
    tracing::trace!("control: {}", secrets[0]);
    assert!(book.holds(&secrets[0]), "the search can find");

    assert_eq!(urls(&lab).telling(&secrets), [""; 0]);
}

/// Every URL that was asked for but the consent screen's, which the owner's own browser opens.
fn urls(lab: &Lab) -> Book {
    let calls = lab.recorder.calls.lock().unwrap();
    let calls = calls.iter().filter(|call| !call.contains("/o/oauth2/"));
    let calls: Vec<&str> = calls.map(String::as_str).collect();
    Book::of(&calls.join("\n"))
}

#[tokio::test]
async fn nor_does_it_tell_of_signing_in_of_pushes_of_renewals_or_of_ends() {
    let (book, _guard) = Book::open();
    let lab = Lab::with(72, set_up).await;
    let mut secrets = vec![
        "sign-in-secret".to_owned(),
        "mailbox-secret".to_owned(),
        ADA.to_owned(),
    ];
    let away = |place: &str, fault: Fault| FaultRule::new(fault).on("POST", place).times(1);

    // Signing in: with an answer that fails, one that breaks off, one of another's, and as it should.
    for fault in [
        Some(Fault::Answer(Canned::Html(502))),
        Some(Fault::Truncate(300)),
        Some(Fault::Answer(Canned::ForeignJson(400))),
        None,
    ] {
        let fails = fault.is_some();
        if let Some(fault) = fault {
            lab.sim.add_fault(away("/token", fault));
        }
        let (mut url, pending) = lab.sign_in_flow().begin();
        secrets.extend(secrets_of(&pending));
        url.query_pairs_mut().append_pair("login_hint", ADA);
        let back = lab.sent_back(&url).await;
        let code = back.query_pairs().find(|(name, _)| name == "code");
        secrets.push(code.unwrap().1.into_owned());
        let callback = Callback::from_query(back.query().unwrap()).unwrap();
        tracing::trace!(?pending, ?callback, "what a session holds");
        let signed_in = lab.sign_in_flow().finish(callback, pending).await;
        assert_eq!(signed_in.is_err(), fails);
        tracing::trace!(?signed_in, "signed in");
        secrets.extend(signed_in.ok().map(|one| one.sub));
    }
    let (mut url, pending) = lab.sign_in_flow().begin();
    url.query_pairs_mut().append_pair("login_hint", ADA);
    let (_, other) = lab.sign_in_flow().begin();
    secrets.extend(secrets_of(&pending));
    let (flow, callback) = (lab.sign_in_flow(), lab.browse(&url).await);
    let mixed_up = flow.finish(callback, other).await.unwrap_err();
    assert!(matches!(mixed_up, ConnectError::State));
    tracing::trace!(?mixed_up, "another's state");

    // Notifications: genuine, forged, and for somebody else.
    let mailbox = lab.connect(ADA).await;
    let (endpoint, listener) = (endpoint(&lab), target(&lab).await);
    for flaw in [
        None,
        Some(PushFault::Forged),
        Some(PushFault::WrongAudience),
    ] {
        lab.sim.clear_faults();
        if let Some(flaw) = flaw {
            let rule = FaultRule::new(Fault::Push(flaw)).on("PUSH", "*");
            lab.sim.add_fault(rule);
        }
        lab.advance(Duration::from_secs(5));
        lab.gmail.watch(mailbox).await.unwrap();
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = read(&mut stream).await.unwrap();
            let proof = request.headers()["authorization"].to_str().unwrap();
            let proof = proof.strip_prefix("Bearer ").unwrap().to_owned();
            let answer = endpoint.handle(request, |hint| async move {
                tracing::trace!(?hint, "a hint");
                false
            });
            let answer = answer.await;
            tracing::trace!(?answer, ?endpoint, "answered");
            proof
        };
        let proof = tokio::select! {
            biased;
            proof = serve => proof,
            () = lab.sim.settle() => panic!("a push comes"),
        };
        secrets.push(proof.rsplit_once('.').unwrap().1.to_owned());
        secrets.push(proof);
    }
    lab.sim.clear_faults();

    // Renewals: one that fails, one that breaks off, one that is as it should be.
    for fault in [
        Some(Fault::Answer(Canned::Backend(503))),
        Some(Fault::Truncate(200)),
        None,
    ] {
        if let Some(fault) = fault {
            lab.sim.add_fault(away("/token", fault));
        }
        lab.advance(Duration::from_secs(3_700));
        lab.gmail.baseline(mailbox).await.unwrap();
    }

    // The end: a proxy's word first, then Google's; and a mailbox that is only disconnected.
    let revoked = Fault::Answer(Canned::ForeignJson(400));
    lab.sim.add_fault(away("/revoke", revoked));
    let refused = lab.gmail.revoke_and_disconnect(mailbox).await.unwrap_err();
    tracing::trace!(?refused, "not revoked");
    lab.gmail.revoke_and_disconnect(mailbox).await.unwrap();
    lab.connect_as(mailbox, ADA).await;
    let stop = Fault::Answer(Canned::Html(502));
    lab.sim.add_fault(FaultRule::new(stop).on("POST", "*/stop"));
    lab.gmail.disconnect(mailbox).await.unwrap();
    assert!(lab.calls("/revoke") >= 2 && lab.calls("/stop") >= 2);

    let tokens = tokens_of(&lab);
    assert!(tokens.len() >= 8, "{} tokens were given", tokens.len());
    secrets.extend(tokens);
    assert_eq!(book.telling(&secrets), [""; 0]);
    assert_eq!(urls(&lab).telling(&secrets), [""; 0]);
    assert!(book.holds("token endpoint"), "what happened is told");
    let last = secrets.last().unwrap();
    tracing::trace!("control: {last}");
    let told = book.telling(&secrets);
    assert!(told.contains(last), "the search can find: {told:?}");
    // It is an ID token: whose it is stands in it, in base64.
    assert!(told.iter().any(|word| word == ADA), "{told:?}");
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
