//! Mail between accounts of the same world.

use jooper_testkit::google::UserSpec;

use crate::support::{ANN, client, header, mail, world};

#[tokio::test]
async fn accounts_write_to_each_other_and_threads_form_on_both_sides() {
    let sim = world()
        .user(UserSpec::new("bob@firm.example"))
        .start()
        .await
        .unwrap();
    let (ann, bob) = (client(&sim, ANN), client(&sim, "bob@firm.example"));
    ann.send(&mail("bob@firm.example", "Lunch", ""), None).await;
    let got = &sim.mailbox("bob@firm.example").unwrap()[0];
    let wire = header(&String::from_utf8_lossy(&got.raw), "Message-ID").unwrap();
    let reply = format!(
        "From: bob@firm.example\r\nTo: {ANN}\r\nSubject: Re: Lunch\r\nIn-Reply-To: {wire}\r\nReferences: {wire}\r\n\r\nYes"
    );
    let sent = bob.send(&reply, Some(&got.thread_id)).await;
    assert_eq!(sent["threadId"], got.thread_id.as_str());
    let mine = sim.mailbox(ANN).unwrap();
    assert_eq!(mine.len(), 2);
    assert_eq!(mine[0].thread_id, mine[1].thread_id);
    assert_ne!(mine[0].id, got.id);
}

#[tokio::test]
async fn mail_to_oneself_is_sent_and_received_once() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let sent = ann.send(&mail(ANN, "Note", ""), None).await;
    assert_eq!(
        sent["labelIds"],
        serde_json::json!(["SENT", "INBOX", "UNREAD"])
    );
    assert_eq!(sim.mailbox(ANN).unwrap().len(), 1);
}
