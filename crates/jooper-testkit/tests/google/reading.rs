//! Listing, searching and showing messages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use crate::support::{ANN, client, mail, world};

fn ids(body: &Value) -> Vec<String> {
    body["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|m| m["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn search_lags_behind_labels_and_history() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| (knobs.search_lag_min_ms, knobs.search_lag_max_ms) = (600_000, 600_000));
    let before = ann.cursor().await;
    let sent = ann
        .send(&mail("bob@other.example", "Findable", ""), None)
        .await;
    let id = sent["id"].as_str().unwrap().to_owned();
    assert_eq!(ann.history(&before).await.len(), 1);
    assert_eq!(
        ids(&ann.ok("messages?labelIds=SENT").await),
        std::slice::from_ref(&id)
    );
    let search = "messages?q=subject:findable%20in:sent";
    let empty = ann.ok(search).await;
    assert!(empty.get("messages").is_none(), "{empty}");
    sim.advance(std::time::Duration::from_secs(600)).await;
    assert_eq!(ids(&ann.ok(search).await), [id]);

    sim.set_knobs(|knobs| knobs.search_missing_per_mille = 1000);
    ann.send(&mail("bob@other.example", "Never", ""), None)
        .await;
    sim.advance(crate::support::DAY / 48).await;
    assert!(ids(&ann.ok("messages?q=subject:never").await).is_empty());
    assert_eq!(ids(&ann.ok("messages?labelIds=SENT").await).len(), 2);
}

#[tokio::test]
async fn searches_know_gmails_operators() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| (knobs.search_lag_min_ms, knobs.search_lag_max_ms) = (0, 0));
    ann.send(&mail("bob@other.example", "First", ""), None)
        .await;
    sim.advance(std::time::Duration::from_secs(60)).await;
    ann.send(&mail("carol@other.example", "Second", ""), None)
        .await;
    let wire = sim.ledger().accepted()[1]
        .wire_id
        .trim_matches(['<', '>'])
        .to_owned();
    let at = sim.clock().now().as_second();
    for (query, wanted) in [
        ("to:bob@other.example".to_owned(), 1),
        (format!("rfc822msgid:{wire}"), 1),
        ("rfc822msgid:own.5@firm.example".to_owned(), 0),
        (format!("after:{at}"), 1),
        (format!("before:{at}"), 1),
        ("in:sent -subject:first".to_owned(), 1),
        ("from:ann".to_owned(), 2),
        ("\"this is the text\"".to_owned(), 2),
        ("in:inbox".to_owned(), 0),
        ("to:bob OR to:carol".to_owned(), 2),
    ] {
        let found = ids(&ann
            .ok(&format!("messages?q={}", query.replace(' ', "%20")))
            .await);
        assert_eq!(found.len(), wanted, "{query}");
    }
}

#[tokio::test]
async fn lists_page_and_leave_spam_out_unless_asked() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    for n in 0..5 {
        sim.deliver(
            ANN,
            format!("From: p{n}@other.example\r\nSubject: {n}\r\n\r\nx").as_bytes(),
            n == 4,
        )
        .unwrap();
    }
    let first = ann.ok("messages?maxResults=3").await;
    assert_eq!(
        (ids(&first).len(), &first["resultSizeEstimate"]),
        (3, &json!(4))
    );
    let second = ann
        .ok(&format!(
            "messages?maxResults=3&pageToken={}",
            first["nextPageToken"].as_str().unwrap()
        ))
        .await;
    assert_eq!(ids(&second).len(), 1);
    assert!(second.get("nextPageToken").is_none());
    assert_eq!(
        ids(&ann.ok("messages?includeSpamTrash=true").await).len(),
        5
    );
    assert_eq!(ids(&ann.ok("messages?labelIds=SPAM").await).len(), 1);
    assert_eq!(
        ids(&ann.ok("messages?labelIds=INBOX&labelIds=SPAM").await).len(),
        0
    );
    assert_eq!(
        ann.ok("threads?maxResults=2").await["threads"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(ann.get("messages?pageToken=garbage").await.0, 400);
    // A token names a page of its own listing, for a while.
    let token = first["nextPageToken"].as_str().unwrap();
    let page = |query: &str| format!("messages?maxResults=3{query}&pageToken={token}");
    let (other, spam) = (page("&labelIds=INBOX"), page("&includeSpamTrash=true"));
    for listing in [other, spam, format!("threads?pageToken={token}")] {
        assert_eq!(ann.get(&listing).await.0, 400, "{listing}");
    }
    let moved = token.replacen("p3.", "p4.", 1);
    assert_ne!(moved, token);
    let moved = format!("messages?maxResults=3&pageToken={moved}");
    assert_eq!(ann.get(&moved).await.0, 400);
    assert_eq!(ann.get(&page("")).await.0, 200);
    sim.set_knobs(|knobs| knobs.page_token_seconds = -1);
    assert_eq!(ann.get(&page("")).await.0, 400, "too old");
}

#[tokio::test]
async fn formats_show_what_they_should() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let raw = "From: b@other.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: text/plain; charset=utf-8\r\n\
               Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n--o\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8=\r\n--o--\r\n";
    let id = sim.deliver(ANN, raw.as_bytes(), false).unwrap();
    let minimal = ann.ok(&format!("messages/{id}?format=minimal")).await;
    assert!(
        minimal.get("payload").is_none()
            && minimal["historyId"].is_string()
            && minimal["internalDate"].is_string()
    );
    assert_eq!(ann.raw(&id).await, raw);

    let full = ann.ok(&format!("messages/{id}")).await;
    assert_eq!(full["snippet"], "Grüße");
    let subject = full["payload"]["headers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|h| h["name"] == "Subject")
        .unwrap();
    assert_eq!(subject["value"], "Grüße");
    let text = &full["payload"]["parts"][0];
    assert_eq!(
        (&text["partId"], &text["mimeType"]),
        (&json!("0"), &json!("text/plain"))
    );
    assert_eq!(
        URL_SAFE
            .decode(text["body"]["data"].as_str().unwrap())
            .unwrap(),
        "Grüße".as_bytes()
    );

    let attachment = full["payload"]["parts"][1]["body"]["attachmentId"]
        .as_str()
        .unwrap()
        .to_owned();
    let bytes = ann
        .ok(&format!("messages/{id}/attachments/{attachment}"))
        .await;
    assert_eq!(
        (
            &bytes["size"],
            URL_SAFE.decode(bytes["data"].as_str().unwrap()).unwrap()
        ),
        (&json!(5), b"Hello".to_vec())
    );
    let again = ann.ok(&format!("messages/{id}")).await;
    assert_ne!(
        again["payload"]["parts"][1]["body"]["attachmentId"],
        attachment
    );
    assert_eq!(
        ann.get(&format!("messages/{id}/attachments/garbage"))
            .await
            .0,
        400
    );
    assert_eq!(ann.get("messages/19000000deadbeef").await.0, 404);
    assert_eq!(ann.get(&format!("messages/{id}?format=odd")).await.0, 400);
}

#[tokio::test]
async fn partial_answers_and_compression_are_given_on_request() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let body = ann.ok("profile?fields=emailAddress").await;
    assert_eq!(body, json!({"emailAddress": ANN}));
    assert_eq!(ann.get("profile?fields=a(").await.0, 400);
    let answer = ann
        .http
        .get(format!("{}/profile", ann.base))
        .bearer_auth(&ann.token)
        .header("Accept-Encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let bytes = answer.bytes().await.unwrap();
    assert_eq!(bytes[..2], [0x1f, 0x8b]);
    // A stored block: the JSON lies in the open after ten bytes of header and five of block.
    assert!(bytes[15..].starts_with(b"{"));
}

#[tokio::test]
async fn labels_and_settings_can_be_read() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.deliver(ANN, b"From: b@other.example\r\nSubject: x\r\n\r\nx", false)
        .unwrap();
    assert!(
        ann.ok("labels").await["labels"]
            .as_array()
            .unwrap()
            .iter()
            .any(|label| label["id"] == "INBOX")
    );
    assert_eq!(ann.ok("labels/INBOX").await["messagesUnread"], 1);
    assert_eq!(ann.get("labels/NONE").await.0, 404);
    for tail in [
        "settings/vacation",
        "settings/autoForwarding",
        "settings/imap",
        "settings/pop",
        "settings/language",
        "settings/filters",
        "settings/forwardingAddresses",
        "drafts",
    ] {
        ann.ok(tail).await;
    }
    let mine = ann
        .http
        .get(ann.base.replace("/me", "/bob@firm.example") + "/profile")
        .bearer_auth(&ann.token)
        .send()
        .await
        .unwrap();
    assert_eq!(mine.status(), 403);
}
