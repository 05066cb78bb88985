//! A client as small as it can be.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use jooper_testkit::google::{GoogleSimulator, GoogleSimulatorBuilder, Mix, SimClock, UserSpec};
use serde_json::{Value, json};

pub(crate) const ANN: &str = "ann@firm.example";
pub(crate) const SEND: &str = "https://www.googleapis.com/auth/gmail.send";
pub(crate) const READ: &str = "https://www.googleapis.com/auth/gmail.readonly";
pub(crate) const HOUR: i64 = 3_600_000;
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A silent world with one account, at a fixed instant.
pub(crate) fn world() -> GoogleSimulatorBuilder {
    GoogleSimulator::builder()
        .seed(11)
        .clock(clock())
        .mix(Mix::silent())
        .user(UserSpec::new(ANN).name("Ann Example"))
}

pub(crate) fn clock() -> SimClock {
    SimClock::manual("2026-11-23T08:00:00Z".parse().unwrap())
}

pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// One signed-in account of one simulator.
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) token: String,
}

/// A client with both Gmail scopes.
pub(crate) fn client(sim: &GoogleSimulator, email: &str) -> Client {
    client_with(sim, email, &[SEND, READ])
}

pub(crate) fn client_with(sim: &GoogleSimulator, email: &str, scopes: &[&str]) -> Client {
    let tokens = sim
        .grant(email, GoogleSimulator::default_client().0, scopes)
        .unwrap();
    Client {
        http: http(),
        base: format!("{}/gmail/v1/users/me", sim.gmail_url()),
        token: tokens.access_token,
    }
}

impl Client {
    pub(crate) async fn get(&self, tail: &str) -> (u16, Value) {
        let answer = self
            .http
            .get(format!("{}/{tail}", self.base))
            .bearer_auth(&self.token)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json().await.unwrap_or(Value::Null),
        )
    }

    /// The body of a call that must succeed.
    pub(crate) async fn ok(&self, tail: &str) -> Value {
        let (status, body) = self.get(tail).await;
        assert_eq!(status, 200, "{tail}: {body}");
        body
    }

    pub(crate) async fn post(&self, tail: &str, body: &Value) -> (u16, Value) {
        let answer = self
            .http
            .post(format!("{}/{tail}", self.base))
            .bearer_auth(&self.token)
            .json(body)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json().await.unwrap_or(Value::Null),
        )
    }

    pub(crate) async fn try_send(
        &self,
        raw: &str,
        thread: Option<&str>,
    ) -> Result<(u16, Value), reqwest::Error> {
        let mut body = json!({"raw": URL_SAFE.encode(raw)});
        if let Some(thread) = thread {
            body["threadId"] = json!(thread);
        }
        let answer = self
            .http
            .post(format!("{}/messages/send", self.base))
            .bearer_auth(&self.token)
            .json(&body)
            .send()
            .await?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        ))
    }

    /// Sends; must succeed.
    pub(crate) async fn send(&self, raw: &str, thread: Option<&str>) -> Value {
        let (status, body) = self.try_send(raw, thread).await.unwrap();
        assert_eq!(status, 200, "{body}");
        body
    }

    /// All history records since an id, over all pages.
    pub(crate) async fn history(&self, since: &str) -> Vec<Value> {
        let mut all = Vec::new();
        let mut page = String::new();
        loop {
            let body = self
                .ok(&format!("history?startHistoryId={since}{page}"))
                .await;
            all.extend(body["history"].as_array().cloned().unwrap_or_default());
            match body["nextPageToken"].as_str() {
                Some(token) => page = format!("&pageToken={token}"),
                None => return all,
            }
        }
    }

    /// The raw bytes of a message, as text.
    pub(crate) async fn raw(&self, id: &str) -> String {
        let body = self.ok(&format!("messages/{id}?format=raw")).await;
        String::from_utf8_lossy(&URL_SAFE.decode(body["raw"].as_str().unwrap()).unwrap())
            .into_owned()
    }

    /// The current history id.
    pub(crate) async fn cursor(&self) -> String {
        self.ok("profile").await["historyId"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

/// A plain mail from the account.
pub(crate) fn mail(to: &str, subject: &str, extra: &str) -> String {
    format!(
        "From: Ann Example <{ANN}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <own.{}@firm.example>\r\n{extra}Content-Type: text/plain; charset=utf-8\r\n\r\nHello there,\r\nthis is the text.\r\n",
        subject.len()
    )
}

/// The value of a header in a raw message, folds undone.
pub(crate) fn header(raw: &str, name: &str) -> Option<String> {
    let head = raw
        .split("\r\n\r\n")
        .next()
        .unwrap_or(raw)
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ");
    head.lines().find_map(|line| {
        line.split_once(':')
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    })
}
