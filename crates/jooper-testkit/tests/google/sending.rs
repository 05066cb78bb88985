//! What happens to a mail on its way out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use jooper_testkit::google::{Keep, MessageIdPolicy, SubjectMatch, UnknownThread, UserSpec};
use serde_json::{Value, json};

use crate::support::{ANN, client, header, mail, world};

#[tokio::test]
async fn the_message_id_is_rewritten_and_the_rest_survives() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let posted = mail(
        "Bob <bob@other.example>",
        "Hi",
        "References: <jp.token@firm.example>\r\nIn-Reply-To: <jp.token@firm.example>\r\nX-Own: 1\r\n",
    );
    let sent = ann.send(&posted, None).await;
    assert_eq!(sent["labelIds"], json!(["SENT"]));
    assert_eq!(sent["id"], sent["threadId"]);
    assert_eq!(sent.as_object().unwrap().len(), 3);

    let id = sent["id"].as_str().unwrap();
    let shown = ann
        .ok(&format!(
            "messages/{id}?format=metadata&metadataHeaders=message-id&metadataHeaders=References"
        ))
        .await;
    let names: Vec<_> = shown["payload"]["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["value"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), 2);
    let wire = names
        .iter()
        .find(|value| value.contains("mail.gmail.com"))
        .unwrap();
    assert!(wire.starts_with("<CA"));
    let raw = ann.raw(id).await;
    assert!(!raw.contains("own.2@firm.example"));
    assert_eq!(
        header(&raw, "References").unwrap(),
        "<jp.token@firm.example>"
    );
    assert_eq!(header(&raw, "X-Own").unwrap(), "1");
    assert_eq!(
        header(&raw, "Date").unwrap(),
        "Mon, 23 Nov 2026 08:00:00 +0000"
    );

    let ledger = sim.ledger();
    let entry = ledger
        .with_reference("jp.token@firm.example")
        .next()
        .unwrap();
    assert_eq!(
        (&entry.wire_id, entry.caller_id.as_deref()),
        (wire, Some("<own.2@firm.example>"))
    );
    assert_eq!(ledger.posted(0).unwrap(), posted.as_bytes());
    assert_eq!(ledger.sends_per_reference()["<jp.token@firm.example>"], 1);
    assert_eq!(entry.deliveries[0].recipient, "bob@other.example");
}

#[tokio::test]
async fn knobs_change_what_nobody_has_verified() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| {
        knobs.message_id = MessageIdPolicy::Preserve;
        knobs.x_headers = Keep::Strip;
        knobs.list_unsubscribe = Keep::Strip;
        knobs.regenerate_text = true;
    });
    let posted = format!(
        "From: {ANN}\r\nTo: bob@other.example\r\nSubject: Hi\r\nMessage-ID: <own@firm.example>\r\nX-Own: 1\r\nList-Unsubscribe: <https://firm.example/u>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nwritten by hand\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>from <b>html</b></p>\r\n--b--\r\n"
    );
    let sent = ann.send(&posted, None).await;
    let raw = ann.raw(sent["id"].as_str().unwrap()).await;
    assert_eq!(header(&raw, "Message-ID").unwrap(), "<own@firm.example>");
    assert!(header(&raw, "X-Own").is_none() && header(&raw, "List-Unsubscribe").is_none());
    assert!(!raw.contains("written by hand") && raw.contains("from html"));
}

#[tokio::test]
async fn only_a_verified_sender_is_honoured() {
    let mut user = UserSpec::new(ANN)
        .name("Ann Example")
        .alias("sales@firm.example");
    user.pending_aliases.push("new@firm.example".to_owned());
    let sim = jooper_testkit::google::GoogleSimulator::builder()
        .clock(crate::support::clock())
        .user(user)
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    for (from, kept) in [
        ("sales@firm.example", true),
        ("new@firm.example", false),
        ("ceo@elsewhere.example", false),
    ] {
        let sent = ann
            .send(
                &format!("From: The Boss <{from}>\r\nTo: b@other.example\r\nSubject: x\r\n\r\nx"),
                None,
            )
            .await;
        let raw = ann.raw(sent["id"].as_str().unwrap()).await;
        assert_eq!(header(&raw, "From").unwrap().contains(from), kept, "{raw}");
        assert_eq!(header(&raw, "X-Google-Original-From").is_none(), kept);
    }
    let listed = ann.ok("settings/sendAs").await;
    let status: Vec<_> = listed["sendAs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["verificationStatus"].as_str())
        .collect();
    assert_eq!(status, [None, Some("accepted"), Some("pending")]);
    assert_eq!(
        ann.ok("settings/sendAs/sales%40firm.example").await["treatAsAlias"],
        true
    );
}

#[tokio::test]
async fn a_thread_needs_its_id_its_references_and_its_subject() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let first = ann
        .send(&mail("bob@other.example", "Offer", ""), None)
        .await;
    let thread = first["threadId"].as_str().unwrap();
    let wire = sim.ledger().accepted()[0].wire_id.clone();
    let refs = format!("In-Reply-To: {wire}\r\nReferences: {wire}\r\n");
    let joined = |sent: &Value| sent["threadId"] == thread;
    assert!(joined(
        &ann.send(&mail("bob@other.example", "Re: Offer", &refs), Some(thread))
            .await
    ));
    assert!(!joined(
        &ann.send(&mail("bob@other.example", "Re: Offer", ""), Some(thread))
            .await
    ));
    assert!(!joined(
        &ann.send(&mail("bob@other.example", "Another", &refs), Some(thread))
            .await
    ));
    // The API does not look for a thread that is not named.
    assert!(!joined(
        &ann.send(&mail("bob@other.example", "Re: Offer", &refs), None)
            .await
    ));
    assert_eq!(
        ann.ok(&format!("threads/{thread}?format=minimal")).await["messages"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    sim.set_knobs(|knobs| knobs.subject_match = SubjectMatch::Exact);
    assert!(!joined(
        &ann.send(
            &mail("bob@other.example", "Re: Re: Offer", &refs),
            Some(thread)
        )
        .await
    ));

    let before = sim.ledger().accepted().len();
    assert_eq!(
        ann.try_send(&mail("b@other.example", "x", ""), Some("1999999999999999"))
            .await
            .unwrap()
            .0,
        404
    );
    sim.set_knobs(|knobs| knobs.unknown_thread = UnknownThread::Invalid);
    assert_eq!(
        ann.try_send(&mail("b@other.example", "x", ""), Some("1999999999999999"))
            .await
            .unwrap()
            .0,
        400
    );
    assert_eq!(sim.ledger().accepted().len(), before);
    sim.set_knobs(|knobs| knobs.unknown_thread = UnknownThread::NewThread);
    ann.send(&mail("b@other.example", "x", ""), Some("1999999999999999"))
        .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_not_in_the_ledger() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    for raw in ["Subject: nobody\r\n\r\nx", "To: not an address\r\n\r\nx"] {
        let (status, body) = ann.try_send(raw, None).await.unwrap();
        assert_eq!(
            (status, &body["error"]["status"]),
            (400, &json!("INVALID_ARGUMENT"))
        );
    }
    // The standard alphabet is not base64url.
    let standard =
        STANDARD.encode("To: b@other.example\r\nSubject: \u{3f3f}\u{ffff}\r\n\r\n?>?>?>~~~");
    assert!(standard.contains(['+', '/']));
    assert_eq!(
        ann.post("messages/send", &json!({"raw": standard})).await.0,
        400
    );
    assert_eq!(ann.post("messages/send", &json!({})).await.0, 400);
    let crowd: Vec<String> = (0..501).map(|n| format!("p{n}@other.example")).collect();
    assert_eq!(
        ann.try_send(&mail(&crowd.join(", "), "x", ""), None)
            .await
            .unwrap()
            .0,
        400
    );
    sim.set_knobs(|knobs| knobs.json_body_limit = 1000);
    assert_eq!(
        ann.try_send(&mail("b@other.example", &"x".repeat(2000), ""), None)
            .await
            .unwrap()
            .0,
        413
    );
    assert!(sim.ledger().accepted().is_empty());
}

#[tokio::test]
async fn uploads_send_as_well() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let upload = |kind: &str, content_type: &str, body: String| {
        let url = format!(
            "{}/upload/gmail/v1/users/me/messages/send?uploadType={kind}",
            sim.gmail_url()
        );
        let call = ann
            .http
            .post(url)
            .bearer_auth(&ann.token)
            .header("Content-Type", content_type)
            .body(body);
        async move {
            let answer = call.send().await.unwrap();
            (
                answer.status().as_u16(),
                answer.json::<Value>().await.unwrap(),
            )
        }
    };
    let (status, first) = upload(
        "media",
        "message/rfc822",
        mail("bob@other.example", "Up", ""),
    )
    .await;
    assert_eq!(status, 200, "{first}");
    let wire = sim.ledger().accepted()[0].wire_id.clone();
    let reply = mail(
        "bob@other.example",
        "Re: Up",
        &format!("In-Reply-To: {wire}\r\nReferences: {wire}\r\n"),
    );
    let body = format!(
        "--xx\r\nContent-Type: application/json\r\n\r\n{}\r\n--xx\r\nContent-Type: message/rfc822\r\n\r\n{reply}\r\n--xx--",
        json!({"threadId": first["threadId"]})
    );
    let (status, second) = upload("multipart", "multipart/related; boundary=xx", body).await;
    assert_eq!((status, &second["threadId"]), (200, &first["threadId"]));
    assert_eq!(sim.ledger().posted(1).unwrap(), reply.as_bytes());
    assert_eq!(
        upload("media", "text/plain", mail("b@other.example", "x", ""))
            .await
            .0,
        400
    );
    assert_eq!(
        upload("resumable", "message/rfc822", String::new()).await.0,
        501
    );
}

#[tokio::test]
async fn blind_copies_go_out_and_do_not_show() {
    let sim = world()
        .user(UserSpec::new("bob@firm.example"))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    ann.send(
        &mail(
            "carol@other.example",
            "Hi",
            "Bcc: bob@firm.example, dave@other.example\r\n",
        ),
        None,
    )
    .await;
    let ledger = sim.ledger();
    let recipients: Vec<_> = ledger.accepted()[0]
        .deliveries
        .iter()
        .map(|d| d.recipient.as_str())
        .collect();
    assert_eq!(
        recipients,
        [
            "carol@other.example",
            "bob@firm.example",
            "dave@other.example"
        ]
    );
    let copy = &sim.mailbox("bob@firm.example").unwrap()[0];
    assert!(copy.labels.contains(&"INBOX".to_owned()));
    assert!(header(&String::from_utf8_lossy(&copy.raw), "Bcc").is_none());
    assert!(header(std::str::from_utf8(ledger.sent(0).unwrap()).unwrap(), "Bcc").is_some());
}

#[tokio::test]
async fn a_batch_answers_each_part_on_its_own() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let sent = ann.send(&mail("bob@other.example", "Hi", ""), None).await;
    let id = sent["id"].as_str().unwrap();
    let send =
        json!({"raw": URL_SAFE.encode(mail("eve@other.example", "Batched", ""))}).to_string();
    let body = format!(
        "--b\r\nContent-Type: application/http\r\nContent-ID: <one>\r\n\r\nGET /gmail/v1/users/me/messages/{id}?format=minimal HTTP/1.1\r\n\r\n\r\n\
         --b\r\nContent-Type: application/http\r\nContent-ID: <two>\r\n\r\nGET /gmail/v1/users/me/messages/none HTTP/1.1\r\n\r\n\r\n\
         --b\r\nContent-Type: application/http\r\nContent-ID: <three>\r\n\r\nPOST /gmail/v1/users/me/messages/send HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{send}\r\n--b--\r\n"
    );
    let answer = ann
        .http
        .post(sim.batch_url())
        .bearer_auth(&ann.token)
        .header("Content-Type", "multipart/mixed; boundary=b")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    for wanted in [
        "<response-one>",
        "<response-two>",
        "<response-three>",
        "HTTP/1.1 404 Not Found",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(sim.ledger().accepted().len(), 2);
}
