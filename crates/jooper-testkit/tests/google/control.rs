//! The control API, on its own listener.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use crate::support::{ANN, client, http, mail, world};

#[tokio::test]
async fn the_two_listeners_do_not_know_each_others_paths() {
    let sim = world().start().await.unwrap();
    let stray = http()
        .get(format!("{}/_sim/ledger", sim.gmail_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(stray.status(), 501);
    let root = sim.control_url().replace("/_sim", "");
    assert_eq!(
        http()
            .get(format!("{root}/oauth2/v3/certs"))
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
}

#[tokio::test]
async fn everything_can_be_set_up_and_looked_at() {
    let sim = world().start().await.unwrap();
    let control = sim.control_url();
    let post = async |path: &str, body: Value| {
        let answer = http()
            .post(format!("{control}/{path}"))
            .json(&body)
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap_or(Value::Null),
        )
    };
    let get = async |path: &str| {
        http()
            .get(format!("{control}/{path}"))
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };

    assert_eq!(
        post(
            "users",
            json!({"email": "new@firm.example", "locale": "fr", "aliases": ["n@firm.example"]})
        )
        .await
        .0,
        200
    );
    let fresh = client(&sim, "n@firm.example");
    assert_eq!(
        fresh.ok("profile").await["emailAddress"],
        "new@firm.example"
    );
    let raw = URL_SAFE.encode("From: a@other.example\r\nSubject: x\r\n\r\nx");
    let id = post("deliver", json!({"account": ANN, "raw": raw})).await.1["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        post(
            "relabel",
            json!({"account": ANN, "id": id, "add": ["STARRED"]})
        )
        .await
        .1["found"],
        true
    );
    assert_eq!(
        get(&format!("mailbox?account={ANN}")).await["messages"][0]["labels"],
        json!(["INBOX", "STARRED", "UNREAD"])
    );
    assert_eq!(
        post("delete", json!({"account": ANN, "id": id})).await.1["found"],
        true
    );

    let reply = json!({"reactions": [{"act": {"reply": {"mood": "no", "form": "top_post"}}, "touch": 1, "after_ms": 1000}]});
    assert_eq!(
        post(
            "behavior",
            json!({"address": "bob@other.example", "behavior": reply})
        )
        .await
        .0,
        200
    );
    let ann = client(&sim, ANN);
    ann.send(&mail("bob@other.example", "Hi", ""), None).await;
    post("clock", json!({"advance_ms": 1000})).await;
    let ledger = get("ledger").await;
    assert_eq!(ledger["reactions"][0]["what"], "reply");
    assert_eq!(
        URL_SAFE
            .decode(ledger["accepted"][0]["posted"].as_str().unwrap())
            .unwrap(),
        mail("bob@other.example", "Hi", "").as_bytes()
    );
    post(
        "react",
        json!({"send": 0, "recipient": "bob@other.example", "act": {"away": "exchange"}}),
    )
    .await;
    assert_eq!(get("summary").await["reactions"], 2);

    let rule = json!({"method": "GET", "path": "*/profile", "when": {"nth": 1}, "fault": {"answer": {"too_many429": null}}});
    assert_eq!(post("faults", rule).await.1["id"], 1);
    assert_eq!(ann.get("profile").await.0, 429);
    assert_eq!(get("faults").await["fired"].as_array().unwrap().len(), 1);
    http()
        .delete(format!("{control}/faults"))
        .send()
        .await
        .unwrap();

    let put = async |path: &str, body: Value| {
        http()
            .put(format!("{control}/{path}"))
            .json(&body)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    assert_eq!(put("knobs", json!({"profile_available": false})).await, 200);
    assert_eq!(ann.get("profile").await.0, 404);
    assert_eq!(put("knobs", json!({"no_such_knob": 1})).await, 422);
    assert_eq!(put("mix", json!({"reply": 1000})).await, 200);
    assert_eq!(
        post(
            "consent",
            json!({"account": "nobody@firm.example", "script": "deny"})
        )
        .await
        .0,
        422
    );
    assert_eq!(
        post(
            "consent",
            json!({"account": ANN, "script": {"untick": ["email"]}})
        )
        .await
        .0,
        200
    );
    assert_eq!(
        post(
            "grants/end",
            json!({"account": ANN, "cause": "password_change"})
        )
        .await
        .0,
        200
    );
    assert_eq!(ann.get("labels").await.0, 401);
    assert_eq!(post("keys/rotate", json!({})).await.0, 200);
    assert_eq!(
        post("sent-elsewhere", json!({"account": ANN, "messages": 5}))
            .await
            .0,
        200
    );
    let moved = post("clock", json!({"set": "2027-01-01T00:00:00Z"}))
        .await
        .1;
    assert_eq!(moved["now"], "2027-01-01T00:00:00Z");
}
