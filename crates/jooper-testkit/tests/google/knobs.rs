//! What nobody has verified, flipped.

use std::time::Duration;

use jooper_testkit::google::{Behavior, Inbound, MessageIdPolicy, UserSpec};
use serde_json::Value;

use crate::support::{ANN, READ, client, client_with, header, mail, world};

#[tokio::test]
async fn message_ids_may_differ_by_kind_of_account() {
    let sim = world()
        .user(UserSpec::new("lea@gmail.com"))
        .start()
        .await
        .unwrap();
    sim.set_knobs(|knobs| knobs.workspace_message_id = Some(MessageIdPolicy::Preserve));
    for email in [ANN, "lea@gmail.com"] {
        client(&sim, email)
            .send(
                "To: b@other.example\r\nMessage-ID: <own@x>\r\nSubject: x\r\n\r\nx",
                None,
            )
            .await;
    }
    let wire: Vec<bool> = sim
        .ledger()
        .accepted()
        .iter()
        .map(|send| send.wire_id == "<own@x>")
        .collect();
    assert_eq!(wire, [true, false]);
}

#[tokio::test]
async fn listings_may_lag_and_headers_may_come_as_they_are() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| {
        knobs.label_list_lag_ms = 5_000;
        knobs.decode_headers = false;
        knobs.metadata_headers_any_case = false;
        knobs.rewrite_date = false;
    });
    let sent = ann
        .send(
            &mail(
                "b@other.example",
                "=?utf-8?q?=C3=9C?=",
                "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\n",
            ),
            None,
        )
        .await;
    assert!(
        ann.ok("messages?labelIds=SENT")
            .await
            .get("messages")
            .is_none()
    );
    sim.advance(Duration::from_secs(5)).await;
    assert!(
        ann.ok("messages?labelIds=SENT")
            .await
            .get("messages")
            .is_some()
    );
    let id = sent["id"].as_str().unwrap();
    let shown = ann
        .ok(&format!(
            "messages/{id}?format=metadata&metadataHeaders=Subject&metadataHeaders=date"
        ))
        .await;
    let headers = shown["payload"]["headers"].as_array().unwrap();
    assert_eq!(
        (headers.len(), &headers[0]["value"]),
        (1, &Value::from("=?utf-8?q?=C3=9C?="))
    );
    assert!(ann.raw(id).await.contains("Date: Mon, 1 Jan 2024"));
}

#[tokio::test]
async fn large_parts_come_apart_and_attachment_ids_may_stay() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| (knobs.inline_part_limit, knobs.stable_attachment_ids) = (10, true));
    let id = sim
        .deliver(
            ANN,
            b"From: b@other.example\r\nSubject: x\r\n\r\nmore than ten bytes",
            false,
        )
        .unwrap();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let body = ann.ok(&format!("messages/{id}")).await["payload"]["body"].clone();
        assert!(body.get("data").is_none());
        ids.push(body["attachmentId"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        ann.ok(&format!("messages/{id}/attachments/{}", ids[0]))
            .await["size"],
        19
    );
}

#[tokio::test]
async fn refusals_costs_and_notices_have_other_forms() {
    let sim = world()
        .behavior("b@other.example", Behavior::once(Inbound::Delay, 0))
        .start()
        .await
        .unwrap();
    sim.set_knobs(|knobs| {
        knobs.scope_error_details = false;
        knobs.plain_delays = true;
        knobs.threads_list_units = 1_000;
        knobs.user_minute_units = Some(1_500);
        knobs.enforce_quota = false;
    });
    let reader = client_with(&sim, ANN, &[READ]);
    assert!(
        reader
            .try_send(&mail("b@other.example", "x", ""), None)
            .await
            .unwrap()
            .1["error"]
            .get("details")
            .is_none()
    );
    let ann = client(&sim, ANN);
    ann.send(&mail("b@other.example", "x", ""), None).await;
    sim.settle().await;
    let raw = String::from_utf8(sim.mailbox(ANN).unwrap().pop().unwrap().raw).unwrap();
    assert!(
        header(&raw, "Content-Type")
            .unwrap()
            .starts_with("text/plain")
            && header(&raw, "Subject").unwrap().ends_with("(Delay)")
    );
    ann.ok("threads").await;
    ann.ok("threads").await;
    assert_eq!(sim.quota_units(ANN), 2_100);
    sim.set_knobs(|knobs| knobs.enforce_quota = true);
    assert_eq!(ann.get("threads").await.0, 403);
}
