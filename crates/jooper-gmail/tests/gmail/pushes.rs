//! The receiving end of Pub/Sub, for tests.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jooper_gmail::{GmailSettings, PushEndpoint, PushSettings};
use jooper_testkit::google::PushTarget;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::lab::{ADA, Lab};

const SUBSCRIPTION: &str = "projects/mailboxes/subscriptions/gmail";
const AUDIENCE: &str = "https://jooper.example/push";
const ACCOUNT: &str = "pusher@mailboxes.iam.gserviceaccount.com";

/// Switches push on.
pub fn set_up(settings: &mut GmailSettings) {
    let topic = "projects/mailboxes/topics/gmail";
    settings.push = Some(PushSettings::new(topic, SUBSCRIPTION, AUDIENCE, ACCOUNT));
}

/// Where notifications are answered.
pub fn endpoint(lab: &Lab) -> PushEndpoint {
    PushEndpoint::new(lab.settings.clone(), lab.http.clone(), lab.clock.clone()).unwrap()
}

/// Lets the simulator push until it is done, answers each push by the endpoint, and tells the
/// statuses and the hints.
pub async fn pushes(
    lab: &Lab,
    endpoint: &PushEndpoint,
    listener: &TcpListener,
) -> (Vec<u16>, Vec<String>) {
    pushes_kept_if(lab, endpoint, listener, |_| true).await
}

/// The same where not every hint can be kept; only those that are kept are told.
pub async fn pushes_kept_if(
    lab: &Lab,
    endpoint: &PushEndpoint,
    listener: &TcpListener,
    keep: impl Fn(&str) -> bool + Send + Sync,
) -> (Vec<u16>, Vec<String>) {
    let (statuses, hints) = (
        Arc::new(Mutex::new(Vec::new())),
        Arc::new(Mutex::new(Vec::new())),
    );
    let serve = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let Some(request) = read(&mut stream).await else {
                continue;
            };
            let (hints, keep) = (hints.clone(), &keep);
            let answer = endpoint
                .handle(request, |hint| async move {
                    assert_eq!(hint.address.as_str(), ADA);
                    let kept = keep(&hint.history_id);
                    if kept {
                        hints.lock().unwrap().push(hint.history_id);
                    }
                    kept
                })
                .await;
            statuses.lock().unwrap().push(answer.status().as_u16());
            let text = format!(
                "HTTP/1.1 {} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                answer.status().as_u16()
            );
            stream.write_all(text.as_bytes()).await.unwrap();
        }
    };
    tokio::select! {
        biased;
        () = lab.sim.settle() => {}
        () = serve => {}
    }
    let statuses = std::mem::take(&mut *statuses.lock().unwrap());
    let hints = std::mem::take(&mut *hints.lock().unwrap());
    (statuses, hints)
}

/// Reads one request as a web server does.
pub async fn read(stream: &mut tokio::net::TcpStream) -> Option<http::Request<Bytes>> {
    let mut all = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&all).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let field = |name: &str| {
                let mut lines = head.lines().filter_map(|line| line.split_once(':'));
                lines.find_map(|(key, value)| {
                    key.eq_ignore_ascii_case(name)
                        .then(|| value.trim().to_owned())
                })
            };
            if body.len() >= field("content-length")?.parse().ok()? {
                let mut request = http::Request::post("/push");
                if let Some(bearer) = field("authorization") {
                    request = request.header("authorization", bearer);
                }
                return request.body(Bytes::from(body.to_owned())).ok();
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => all.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A listener that the simulator pushes to.
pub async fn target(lab: &Lab) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/push", listener.local_addr().unwrap());
    let mut target = PushTarget::new("mailboxes", &url);
    AUDIENCE.clone_into(&mut target.audience);
    ACCOUNT.clone_into(&mut target.service_account);
    SUBSCRIPTION.clone_into(&mut target.subscription);
    lab.sim.set_push("mailboxes", target);
    listener
}
