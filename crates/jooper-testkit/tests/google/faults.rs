//! Each fault, as a client meets it.

use std::time::Duration;

use jooper_testkit::google::{
    Canned, DeathCause, Fault, FaultRule, GoogleSimulator, HistoryFault, When,
};
use serde_json::{Value, json};

use crate::support::{ANN, READ, SEND, client, http, mail, world};

async fn accepted_under(fault: Fault) -> (Result<(u16, Value), String>, usize, Option<bool>) {
    let sim = world().start().await.unwrap();
    let mut ann = client(&sim, ANN);
    ann.http = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_millis(400))
        .build()
        .unwrap();
    sim.add_fault(FaultRule::new(fault).on_send());
    let answer = ann
        .try_send(&mail("bob@other.example", "x", ""), None)
        .await
        .map_err(|error| format!("{error:?}"));
    let ledger = sim.ledger();
    assert_eq!(sim.mailbox(ANN).unwrap().len(), ledger.accepted().len());
    assert_eq!(sim.fired_faults().len(), 1);
    (
        answer,
        ledger.accepted().len(),
        ledger.accepted().first().map(|send| send.answered),
    )
}

#[tokio::test]
async fn before_the_commit_nothing_is_sent() {
    for fault in [Fault::DropUnread, Fault::ResetUnread] {
        let (answer, accepted, _) = accepted_under(fault).await;
        assert!(answer.is_err());
        assert_eq!(accepted, 0);
    }
    for (canned, status) in [
        (Canned::UserRate403(Some(60_000)), 403),
        (Canned::ProjectRate403, 403),
        (Canned::DailyLimit403, 403),
        (Canned::TooMany429(None), 429),
        (Canned::SendingLimit429(Some(3_600_000)), 429),
        (Canned::Concurrent429, 429),
        (Canned::Credentials401, 401),
        (Canned::Scope403, 403),
        (Canned::DomainPolicy403, 403),
        (Canned::NoMailService400, 400),
        (Canned::BadRequest400, 400),
        (Canned::NotFound404, 404),
        (Canned::Backend(503), 503),
        (Canned::Html(502), 502),
        (Canned::ForeignJson(500), 500),
        (Canned::Empty(500), 500),
    ] {
        let (answer, accepted, _) = accepted_under(Fault::Answer(canned.clone())).await;
        assert_eq!((answer.unwrap().0, accepted), (status, 0), "{canned:?}");
    }
}

#[tokio::test]
async fn after_the_commit_the_mail_is_out_whatever_the_client_sees() {
    for fault in [
        Fault::CommitThenClose,
        Fault::CommitThenReset,
        Fault::CommitThenHang,
        Fault::Truncate(10),
    ] {
        let (answer, accepted, answered) = accepted_under(fault.clone()).await;
        assert!(answer.is_err(), "{fault:?}: {answer:?}");
        assert_eq!((accepted, answered), (1, Some(false)), "{fault:?}");
    }
    for status in [502, 504] {
        let (answer, accepted, answered) = accepted_under(Fault::CommitThenStatus(status)).await;
        assert_eq!(
            (answer.unwrap().0, accepted, answered),
            (status, 1, Some(false))
        );
    }
    for fault in [
        Fault::CommitThenPause(100),
        Fault::SlowToAccept(100),
        Fault::Trickle {
            bytes: 20,
            pause_ms: 1,
        },
    ] {
        let (answer, accepted, answered) = accepted_under(fault.clone()).await;
        assert_eq!(
            (answer.unwrap().0, accepted, answered),
            (200, 1, Some(true)),
            "{fault:?}"
        );
    }
    let (answer, accepted, _) = accepted_under(Fault::DuplicateChunk).await;
    let (status, body) = answer.unwrap();
    assert!(status == 200 && body.is_string() && accepted == 1, "{body}");
}

#[tokio::test]
async fn a_reset_is_a_reset_and_a_close_is_a_close() {
    use std::io::ErrorKind;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    for (fault, reset) in [
        (Fault::CommitThenReset, true),
        (Fault::CommitThenClose, false),
    ] {
        let sim = world().start().await.unwrap();
        sim.add_fault(FaultRule::new(fault));
        let host = sim.gmail_url().replace("http://", "");
        let mut socket = tokio::net::TcpStream::connect(&host).await.unwrap();
        socket
            .write_all(format!("GET /oauth2/v3/certs HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut got = Vec::new();
        let end = socket.read_to_end(&mut got).await;
        assert!(got.is_empty());
        assert_eq!(
            end.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
            reset
        );
    }
}

#[tokio::test]
async fn an_unfinished_request_body_sends_nothing() {
    use tokio::io::AsyncWriteExt;
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let host = sim.gmail_url().replace("http://", "");
    let body = json!({"raw": "VG86IGJAb3RoZXIuZXhhbXBsZQ0KDQp4"}).to_string();
    for missing in [1, 0] {
        let mut socket = tokio::net::TcpStream::connect(&host).await.unwrap();
        let head = format!(
            "POST /gmail/v1/users/me/messages/send HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            ann.token,
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket
            .write_all(&body.as_bytes()[..body.len() - missing])
            .await
            .unwrap();
        socket.shutdown().await.unwrap();
        let mut rest = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut socket, &mut rest).await;
        assert_eq!(sim.ledger().accepted().len(), 1 - missing);
    }
}

#[tokio::test]
async fn answers_can_hold_what_no_client_knows() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.add_fault(FaultRule::new(Fault::UnknownField));
    sim.add_fault(FaultRule::new(Fault::UnknownEnum));
    sim.add_fault(FaultRule::new(Fault::OmitFields(vec![
        "threadsTotal".to_owned(),
    ])));
    let sent = ann.send(&mail("bob@other.example", "x", ""), None).await;
    assert_eq!(sent["labelIds"], json!(["SENT", "FUTURE_LABEL"]));
    let profile = ann.ok("profile").await;
    assert!(profile["futureField"].is_object() && profile.get("threadsTotal").is_none());
}

#[tokio::test]
async fn token_faults_act_on_the_token_in_the_request() {
    let (id, secret) = GoogleSimulator::default_client();
    let refresh = async |sim: &GoogleSimulator, token: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", id),
            ("client_secret", secret),
            ("refresh_token", token),
        ];
        let answer = http()
            .post(sim.token_url())
            .form(&form)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap_or(Value::Null),
        )
    };
    let sim = world().start().await.unwrap();
    let tokens = sim.grant(ANN, id, &[SEND, READ]).unwrap();
    sim.add_fault(
        FaultRule::new(Fault::ShrinkScope(READ.to_owned()))
            .on("POST", "/token")
            .when(When::Nth(1)),
    );
    sim.add_fault(
        FaultRule::new(Fault::Answer(Canned::Backend(503)))
            .on("POST", "/token")
            .when(When::Nth(2)),
    );
    sim.add_fault(
        FaultRule::new(Fault::OmitFields(vec!["scope".to_owned()]))
            .on("POST", "/token")
            .when(When::Nth(3)),
    );
    sim.add_fault(
        FaultRule::new(Fault::KillGrant(DeathCause::SessionControl))
            .on("POST", "/token")
            .when(When::Nth(4)),
    );
    assert_eq!(refresh(&sim, &tokens.refresh_token).await.1["scope"], SEND);
    assert_eq!(refresh(&sim, &tokens.refresh_token).await.0, 503);
    assert!(
        refresh(&sim, &tokens.refresh_token)
            .await
            .1
            .get("scope")
            .is_none()
    );
    let (status, body) = refresh(&sim, &tokens.refresh_token).await;
    assert_eq!(
        (status, &body["error_subtype"]),
        (400, &json!("invalid_rapt"))
    );
    assert_eq!(refresh(&sim, &tokens.refresh_token).await.0, 400);

    let tokens = sim.grant(ANN, id, &[READ]).unwrap();
    let mut ann = client(&sim, ANN);
    ann.token = tokens.access_token;
    let kill = Fault::KillGrant(DeathCause::UserRevoked);
    sim.add_fault(FaultRule::new(kill).on("GET", "*/profile").times(1));
    assert_eq!(ann.get("profile").await.0, 401, "by its bearer");
    assert_eq!(refresh(&sim, &tokens.refresh_token).await.0, 400);

    let tokens = sim.grant(ANN, id, &[READ]).unwrap();
    ann.token = tokens.access_token;
    sim.add_fault(
        FaultRule::new(Fault::ExpireAccess)
            .on("GET", "*/profile")
            .times(1),
    );
    assert_eq!(ann.get("profile").await.0, 401);
    assert_eq!(ann.get("labels").await.0, 401);
    ann.token = refresh(&sim, &tokens.refresh_token).await.1["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(ann.get("profile").await.0, 200);
}

#[tokio::test]
async fn history_pages_go_wrong_in_five_ways() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let start = ann.cursor().await;
    for n in 0..3 {
        ann.send(&mail("bob@other.example", &format!("n{n}"), ""), None)
            .await;
    }
    let honest = ann.history(&start).await;
    let under = async |kind: HistoryFault| {
        let id = sim.add_fault(
            FaultRule::new(Fault::History(kind))
                .on("GET", "*/history")
                .times(1),
        );
        let records = ann.history(&start).await;
        sim.remove_fault(id);
        records
    };
    assert_eq!(under(HistoryFault::EmptyPage).await, honest);
    let mut reversed = under(HistoryFault::OutOfOrder).await;
    assert_ne!(reversed, honest);
    reversed.reverse();
    assert_eq!(reversed, honest);
    assert_eq!(under(HistoryFault::Duplicates).await.len(), 6);
    let ghost = under(HistoryFault::Vanished).await.pop().unwrap();
    assert_eq!(
        ann.get(&format!(
            "messages/{}",
            ghost["messagesAdded"][0]["message"]["id"].as_str().unwrap()
        ))
        .await
        .0,
        404
    );
    assert_eq!(
        under(HistoryFault::LabelRace).await[0]["messagesAdded"][0]["message"]["labelIds"],
        json!(["UNREAD"])
    );
    sim.add_fault(
        FaultRule::new(Fault::Answer(Canned::NotFound404))
            .on("GET", "*/history")
            .times(1),
    );
    assert_eq!(
        ann.get(&format!("history?startHistoryId={start}")).await.0,
        404
    );
}

#[tokio::test]
async fn the_clock_jumps_when_told_and_chances_are_drawn_from_the_seed() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let before = sim.clock().now();
    sim.add_fault(
        FaultRule::new(Fault::ClockJump(-3_600_000))
            .on("GET", "*/profile")
            .times(1),
    );
    ann.ok("profile").await;
    assert_eq!(before.duration_since(sim.clock().now()).as_secs(), 3_600);

    let run = async |seed| {
        let sim = world().seed(seed).start().await.unwrap();
        let ann = client(&sim, ANN);
        sim.add_fault(
            FaultRule::new(Fault::Answer(Canned::Backend(500))).when(When::PerMille(500)),
        );
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.push(ann.get("labels").await.0);
        }
        seen
    };
    let first = run(1).await;
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
    assert!(first.contains(&200) && first.contains(&500));
}
