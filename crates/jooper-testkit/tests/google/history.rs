//! The change log and its ends.

use serde_json::json;

use crate::support::{ANN, DAY, client, mail, world};

#[tokio::test]
async fn records_grow_with_gaps_and_are_listed_after_the_cursor() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let start = ann.cursor().await;
    let empty = ann.ok(&format!("history?startHistoryId={start}")).await;
    assert_eq!(empty, json!({"historyId": start}));
    for n in 0..4 {
        ann.send(&mail("bob@other.example", &format!("n{n}"), ""), None)
            .await;
    }
    let records = ann.history(&start).await;
    let ids: Vec<u64> = records
        .iter()
        .map(|r| r["id"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(
        ids.windows(2).all(|pair| pair[0] < pair[1])
            && ids.windows(2).any(|pair| pair[1] - pair[0] > 1)
    );
    assert_eq!(
        records[0]["messagesAdded"][0]["message"]["labelIds"],
        json!(["SENT"])
    );
    let paged = ann
        .ok(&format!("history?startHistoryId={start}&maxResults=3"))
        .await;
    assert_eq!(paged["history"].as_array().unwrap().len(), 3);
    assert!(paged["nextPageToken"].is_string());
    assert_eq!(ann.history(&ids[2].to_string()).await.len(), 1);
}

#[tokio::test]
async fn label_changes_and_deletions_are_records_too() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let start = ann.cursor().await;
    let id = sim
        .deliver(ANN, b"From: b@other.example\r\nSubject: x\r\n\r\nx", false)
        .unwrap();
    sim.relabel(ANN, &id, &["TRASH"], &["INBOX"]).unwrap();
    sim.delete_message(ANN, &id).unwrap();
    let kinds: Vec<bool> = ann
        .history(&start)
        .await
        .iter()
        .map(|r| r.get("messagesAdded").is_some())
        .collect();
    assert_eq!(kinds, [true, false, false, false]);
    let of = |query: &str| format!("history?startHistoryId={start}&{query}");
    let count = |body: serde_json::Value| body["history"].as_array().map_or(0, Vec::len);
    assert_eq!(count(ann.ok(&of("historyTypes=labelRemoved")).await), 1);
    assert_eq!(
        count(
            ann.ok(&of("historyTypes=messageAdded&historyTypes=messageDeleted"))
                .await
        ),
        2
    );
    assert_eq!(count(ann.ok(&of("labelId=SENT")).await), 0);
    assert_eq!(ann.get(&of("historyTypes=nonsense")).await.0, 400);
    // The first record still names a message that is gone.
    assert_eq!(ann.get(&format!("messages/{id}")).await.0, 404);
}

#[tokio::test]
async fn an_old_or_foreign_cursor_is_not_found() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let start = ann.cursor().await;
    ann.send(&mail("bob@other.example", "old", ""), None).await;
    let old = ann.cursor().await;
    sim.advance(DAY * 6).await;
    let ann = client(&sim, ANN);
    assert_eq!(ann.history(&start).await.len(), 1);
    sim.advance(DAY * 2).await;
    let ann = client(&sim, ANN);
    assert_eq!(
        ann.get(&format!("history?startHistoryId={start}")).await.0,
        404
    );
    // Nothing is lost after the last expired record, so that cursor still holds.
    assert_eq!(
        ann.get(&format!("history?startHistoryId={old}")).await.0,
        200
    );
    assert_eq!(ann.get("history?startHistoryId=99999999999").await.0, 404);
    assert_eq!(ann.get("history?startHistoryId=x").await.0, 400);
    assert_eq!(ann.get("history").await.0, 400);
}

#[tokio::test]
async fn a_lag_hides_records_without_losing_them() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| knobs.history_lag_ms = 60_000);
    let start = ann.cursor().await;
    ann.send(&mail("bob@other.example", "late", ""), None).await;
    let body = ann.ok(&format!("history?startHistoryId={start}")).await;
    assert_eq!(body["historyId"], start.as_str());
    sim.advance(std::time::Duration::from_secs(60)).await;
    assert_eq!(
        ann.history(body["historyId"].as_str().unwrap()).await.len(),
        1
    );
}
