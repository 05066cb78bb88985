//! Watches and the notifications they bring.

use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode};
use jooper_testkit::google::{Fault, FaultRule, GoogleSimulator, PushFault, PushTarget};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::support::{ANN, Client, DAY, client, http, mail, world};

const PROJECT: &str = "sim-project";
type Got = (String, Value);

/// A push endpoint that refuses its first call, if asked to.
async fn endpoint(refuse_first: bool) -> (String, UnboundedReceiver<Got>) {
    let (tell, told) = mpsc::unbounded_channel();
    let refused = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(!refuse_first));
    let answer = move |State(tell): State<UnboundedSender<Got>>,
                       headers: HeaderMap,
                       body: String| async move {
        tell.send((
            headers["authorization"]
                .to_str()
                .unwrap()
                .replace("Bearer ", ""),
            serde_json::from_str(&body).unwrap(),
        ))
        .unwrap();
        if refused.swap(true, std::sync::atomic::Ordering::SeqCst) {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/push", listener.local_addr().unwrap());
    #[allow(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        axum::serve(
            listener,
            Router::new().route("/push", post(answer)).with_state(tell),
        )
        .await
    });
    (url, told)
}

async fn watch(ann: &Client) -> Value {
    let (status, body) = ann.post("watch", &json!({"topicName": format!("projects/{PROJECT}/topics/gmail"), "labelIds": ["INBOX"]})).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn drain(told: &mut UnboundedReceiver<Got>) -> Vec<Got> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

fn history_of(got: &Got) -> u64 {
    let data = URL_SAFE
        .decode(got.1["message"]["data"].as_str().unwrap())
        .unwrap();
    serde_json::from_slice::<Value>(&data).unwrap()["historyId"]
        .as_u64()
        .unwrap()
}

/// The claims of a JWT, and whether its signature holds against the published keys.
async fn check(sim: &GoogleSimulator, jwt: &str) -> (Value, bool) {
    let pieces: Vec<&str> = jwt.split('.').collect();
    let json = |piece: &str| {
        serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(piece).unwrap()).unwrap()
    };
    let certs: Value = http()
        .get(sim.certs_url())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let key = certs["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["kid"] == json(pieces[0])["kid"])
        .cloned();
    let good = key.is_some_and(|key| {
        let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
        RsaPublicKeyComponents {
            n: number("n"),
            e: number("e"),
        }
        .verify(
            &RSA_PKCS1_2048_8192_SHA256,
            format!("{}.{}", pieces[0], pieces[1]).as_bytes(),
            &URL_SAFE_NO_PAD.decode(pieces[2]).unwrap(),
        )
        .is_ok()
    });
    (json(pieces[1]), good)
}

fn arrive(sim: &GoogleSimulator) {
    sim.deliver(ANN, b"From: b@other.example\r\nSubject: x\r\n\r\nx", false)
        .unwrap();
}

#[tokio::test]
async fn a_watch_notifies_at_once_and_then_of_what_its_filter_lets_through() {
    let (url, mut told) = endpoint(false).await;
    let sim = world()
        .push(PROJECT, PushTarget::new(PROJECT, &url))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    let watched = watch(&ann).await;
    assert!(watched["historyId"].is_string() && watched["expiration"].is_string());
    sim.settle().await;
    let first = drain(&mut told);
    assert_eq!(first.len(), 1);
    let (claims, good) = check(&sim, &first[0].0).await;
    assert!(good);
    assert_eq!(
        (&claims["aud"], &claims["email_verified"]),
        (&json!(url), &json!(true))
    );
    assert_eq!(
        first[0].1["subscription"],
        format!("projects/{PROJECT}/subscriptions/gmail")
    );

    sim.advance(Duration::from_secs(2)).await;
    ann.send(&mail("b@other.example", "sent is not inbox", ""), None)
        .await;
    sim.settle().await;
    assert!(drain(&mut told).is_empty());
    arrive(&sim);
    arrive(&sim);
    sim.settle().await;
    let second = drain(&mut told);
    // One a second; what comes sooner is dropped.
    assert_eq!(second.len(), 1);
    assert!(history_of(&second[0]) > history_of(&first[0]));

    assert_eq!(
        ann.post("watch", &json!({"topicName": "projects/another/topics/x"}))
            .await
            .0,
        400
    );
    assert_eq!(ann.post("stop", &json!({})).await.0, 204);
    sim.advance(Duration::from_secs(2)).await;
    arrive(&sim);
    sim.settle().await;
    assert!(drain(&mut told).is_empty());
}

#[tokio::test]
async fn an_unacknowledged_push_comes_again_and_a_watch_ends_after_seven_days() {
    let (url, mut told) = endpoint(true).await;
    let sim = world()
        .push(PROJECT, PushTarget::new(PROJECT, &url))
        .start()
        .await
        .unwrap();
    watch(&client(&sim, ANN)).await;
    sim.settle().await;
    assert_eq!(drain(&mut told).len(), 1);
    sim.advance(Duration::from_secs(10)).await;
    assert_eq!(drain(&mut told).len(), 1);
    sim.advance(DAY * 6).await;
    arrive(&sim);
    sim.settle().await;
    assert_eq!(drain(&mut told).len(), 1);
    sim.advance(DAY).await;
    arrive(&sim);
    sim.settle().await;
    assert!(drain(&mut told).is_empty());
}

#[tokio::test]
async fn push_faults_duplicate_delay_drop_and_forge() {
    let (url, mut told) = endpoint(false).await;
    let sim = world()
        .push(PROJECT, PushTarget::new(PROJECT, &url))
        .start()
        .await
        .unwrap();
    watch(&client(&sim, ANN)).await;
    sim.settle().await;
    drain(&mut told);
    let mut after = async |fault: PushFault| {
        sim.add_fault(FaultRule::new(Fault::Push(fault)).on("PUSH", "*").times(1));
        sim.advance(Duration::from_secs(2)).await;
        arrive(&sim);
        sim.settle().await;
        drain(&mut told)
    };
    assert_eq!(after(PushFault::Duplicate).await.len(), 2);
    assert!(after(PushFault::Drop).await.is_empty());
    // The delayed one comes together with a later one, and behind it.
    assert!(after(PushFault::Delay(3_000)).await.is_empty());
    let expired = after(PushFault::Expired).await;
    assert_eq!(expired.len(), 1);
    let (claims, good) = check(&sim, &expired[0].0).await;
    assert!(good && claims["exp"].as_i64().unwrap() < sim.clock().now().as_second());
    let late = after(PushFault::WrongAudience).await;
    assert_eq!(late.len(), 2);
    assert!(history_of(&late[0]) < history_of(&expired[0]));
    assert_ne!(check(&sim, &late[1].0).await.0["aud"], json!(url));
    for fault in [PushFault::Forged, PushFault::UnknownKey] {
        let got = after(fault).await;
        assert!(!check(&sim, &got[0].0).await.1, "{fault:?}");
    }
    let stranger = after(PushFault::WrongAccount).await;
    assert_eq!(
        check(&sim, &stranger[0].0).await.0["email"],
        "push@another.iam.gserviceaccount.com"
    );
}

#[tokio::test]
async fn a_watch_can_end_without_a_word() {
    let (url, mut told) = endpoint(false).await;
    let sim = world()
        .push(PROJECT, PushTarget::new(PROJECT, &url))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    watch(&ann).await;
    sim.settle().await;
    drain(&mut told);
    sim.add_fault(
        FaultRule::new(Fault::ExpireWatch)
            .on("GET", "*/labels")
            .times(1),
    );
    ann.ok("labels").await;
    sim.advance(Duration::from_secs(2)).await;
    arrive(&sim);
    sim.settle().await;
    assert!(drain(&mut told).is_empty());
}
