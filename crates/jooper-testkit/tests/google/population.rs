//! What recipients do, and the mail that comes of it.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use jooper_testkit::google::{
    AwayStyle, Behavior, BounceStyle, Disposition, GoogleSimulator, Inbound, Mix, Mood, ReplyForm,
    UserSpec,
};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::{ANN, Client, HOUR, client, header, mail, world};

const BOB: &str = "bob@other.example";
const FOOTER: &str = "List-Unsubscribe: <mailto:leave@firm.example?subject=off%20x1>\r\n";

/// Sends one mail to somebody who does that, lets a day pass, and answers what came back.
async fn reaction(sim: &GoogleSimulator, ann: &Client, address: &str, act: Inbound) -> String {
    sim.set_behavior(address, Behavior::once(act, HOUR));
    ann.send(&mail(address, "Our offer", FOOTER), None).await;
    let before = sim.mailbox(ANN).unwrap().len();
    sim.advance(Duration::from_secs(3599)).await;
    assert_eq!(sim.mailbox(ANN).unwrap().len(), before);
    sim.advance(Duration::from_secs(1)).await;
    let all = sim.mailbox(ANN).unwrap();
    assert_eq!(all.len(), before + 1);
    String::from_utf8_lossy(&all[before].raw).into_owned()
}

fn wire(sim: &GoogleSimulator) -> String {
    sim.ledger().accepted().last().unwrap().wire_id.clone()
}

#[tokio::test]
async fn a_reply_comes_at_its_hour_in_the_thread_with_the_token() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_behavior(BOB, Behavior::replies(2 * HOUR).locale("de"));
    let cursor = ann.cursor().await;
    let sent = ann
        .send(
            &mail(
                &format!("Bob Other <{BOB}>"),
                "Our offer",
                "References: <jp.1@firm.example>\r\n",
            ),
            None,
        )
        .await;
    sim.advance(Duration::from_secs(2 * 3600)).await;
    let ann = client(&sim, ANN);
    let records = ann.history(&cursor).await;
    assert_eq!(records.len(), 2);
    let arrived = &records[1]["messagesAdded"][0]["message"];
    assert_eq!(arrived["threadId"], sent["threadId"]);
    assert_eq!(arrived["labelIds"], serde_json::json!(["INBOX", "UNREAD"]));
    let raw = ann.raw(arrived["id"].as_str().unwrap()).await;
    assert_eq!(header(&raw, "In-Reply-To").unwrap(), wire(&sim));
    assert!(
        header(&raw, "References")
            .unwrap()
            .contains("<jp.1@firm.example>")
    );
    assert_eq!(
        header(&raw, "From").unwrap(),
        format!("\"Bob Other\" <{BOB}>")
    );
    assert!(header(&raw, "Subject").unwrap().starts_with("AW: "));
    assert!(
        header(&raw, "Authentication-Results")
            .unwrap()
            .contains("dkim=pass")
    );
    let shown = ann
        .ok(&format!("messages/{}", arrived["id"].as_str().unwrap()))
        .await;
    assert_eq!(shown["internalDate"], sim.clock().now_ms_string());
    assert_eq!(sim.ledger().reaction_counts()["reply"], 1);
}

trait NowString {
    fn now_ms_string(&self) -> String;
}

impl NowString for jooper_testkit::google::SimClock {
    fn now_ms_string(&self) -> String {
        self.now().as_millisecond().to_string()
    }
}

#[tokio::test]
async fn reply_forms_differ_where_matching_gets_hard() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    let make = |form| Inbound::Reply {
        mood: Mood::Interested,
        form,
    };
    let threaded = |sim: &GoogleSimulator| {
        let all = sim.mailbox(ANN).unwrap();
        all[all.len() - 1].thread_id == all[all.len() - 2].thread_id
    };
    let no_refs = reaction(&sim, &ann, "a@other.example", make(ReplyForm::NoReferences)).await;
    assert!(
        header(&no_refs, "References").is_none()
            && header(&no_refs, "Subject").unwrap() == "Re: Our offer"
    );
    assert!(!threaded(&sim));
    let ann = client(&sim, ANN);
    let edited = reaction(
        &sim,
        &ann,
        "b@other.example",
        make(ReplyForm::SubjectEdited),
    )
    .await;
    assert_eq!(header(&edited, "In-Reply-To").unwrap(), wire(&sim));
    assert!(!threaded(&sim));
    let ann = client(&sim, ANN);
    let alias = reaction(&sim, &ann, "c@other.example", make(ReplyForm::Alias)).await;
    assert!(
        header(&alias, "From")
            .unwrap()
            .contains("c.direct@other.example")
            && threaded(&sim)
    );
    let ann = client(&sim, ANN);
    let colleague = reaction(&sim, &ann, "d@other.example", make(ReplyForm::Colleague)).await;
    assert!(
        !header(&colleague, "From").unwrap().contains("<d@")
            && header(&colleague, "From")
                .unwrap()
                .contains("@other.example")
    );
    let ann = client(&sim, ANN);
    let html = reaction(&sim, &ann, "e@other.example", make(ReplyForm::Html)).await;
    assert!(html.contains("text/html") && html.contains("gmail_quote"));
    let ann = client(&sim, ANN);
    assert!(
        reaction(&sim, &ann, "f@other.example", make(ReplyForm::Smime))
            .await
            .contains("multipart/signed")
    );
    let ann = client(&sim, ANN);
    sim.set_behavior("g@other.de", Behavior::ignores());
    reaction(
        &sim,
        &ann,
        "g@other.de",
        Inbound::Reply {
            mood: Mood::Question,
            form: ReplyForm::Latin1,
        },
    )
    .await;
    let raw = sim.mailbox(ANN).unwrap().pop().unwrap().raw;
    assert!(std::str::from_utf8(&raw).is_err() && raw.windows(4).any(|four| four == b"f\xfcr "));
    let ann = client(&sim, ANN);
    let fresh = reaction(&sim, &ann, "h@other.example", make(ReplyForm::NewThread)).await;
    assert!(!header(&fresh, "Subject").unwrap().contains("Our offer"));
}

#[tokio::test]
async fn bounces_look_like_their_servers() {
    let sim = world()
        .user(UserSpec::new("tiina@firm.example").locale("et"))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    let modern = reaction(
        &sim,
        &ann,
        "a@other.example",
        Inbound::Bounce(BounceStyle::GmailModern),
    )
    .await;
    assert_eq!(
        header(&modern, "X-Failed-Recipients").unwrap(),
        "a@other.example"
    );
    assert_eq!(header(&modern, "In-Reply-To").unwrap(), wire(&sim));
    assert!(
        header(&modern, "Content-Type")
            .unwrap()
            .contains("multipart/report")
    );
    assert!(
        modern.contains("Status: 5.1.1")
            && modern.contains(&format!("X-Original-Message-ID: {}", wire(&sim)))
    );
    // The subject is its own, and still the bounce is in the thread.
    let all = sim.mailbox(ANN).unwrap();
    assert_eq!(all[0].thread_id, all[1].thread_id);

    let ann = client(&sim, ANN);
    let old = reaction(
        &sim,
        &ann,
        "b@other.example",
        Inbound::Bounce(BounceStyle::GmailOld),
    )
    .await;
    assert!(
        header(&old, "In-Reply-To").is_none()
            && header(&old, "Content-Type")
                .unwrap()
                .starts_with("text/plain")
    );
    let ann = client(&sim, ANN);
    let empty = reaction(
        &sim,
        &ann,
        "c@other.example",
        Inbound::Bounce(BounceStyle::EmptyStatus),
    )
    .await;
    assert!(empty.contains("message/delivery-status") && !empty.contains("Final-Recipient"));
    let ann = client(&sim, ANN);
    let postfix = reaction(
        &sim,
        &ann,
        "d@other.example",
        Inbound::Bounce(BounceStyle::Postfix),
    )
    .await;
    assert!(
        header(&postfix, "References").is_none()
            && header(&postfix, "X-Failed-Recipients").is_none()
    );
    let ann = client(&sim, ANN);
    let partial = reaction(
        &sim,
        &ann,
        "e@other.example",
        Inbound::Bounce(BounceStyle::Partial),
    )
    .await;
    assert!(partial.contains("Action: delivered") && partial.contains("Action: failed"));
    let ann = client(&sim, ANN);
    let exchange = reaction(
        &sim,
        &ann,
        "f@other.example",
        Inbound::Bounce(BounceStyle::Exchange),
    )
    .await;
    assert!(
        header(&exchange, "Subject")
            .unwrap()
            .starts_with("Undeliverable: ")
    );
    let ann = client(&sim, ANN);
    let delay = reaction(&sim, &ann, "g@other.example", Inbound::Delay).await;
    assert!(header(&delay, "X-Failed-Recipients").is_none() && delay.contains("Action: delayed"));
    let ann = client(&sim, ANN);
    assert!(
        reaction(&sim, &ann, "h@other.example", Inbound::PolicyBlock)
            .await
            .contains("Status: 5.7.26")
    );
    let ann = client(&sim, ANN);
    let forged = reaction(&sim, &ann, "i@other.example", Inbound::ForgedBounce).await;
    assert!(
        header(&forged, "Authentication-Results")
            .unwrap()
            .contains("dkim=fail")
    );

    let counts = sim.ledger().dispositions();
    assert_eq!(
        (
            counts[&Disposition::Bounced],
            counts[&Disposition::Deferred],
            counts[&Disposition::Delivered]
        ),
        (7, 1, 1)
    );

    let tiina = client(&sim, "tiina@firm.example");
    sim.set_behavior("x@other.example", Behavior::bounces());
    tiina
        .send(
            "From: tiina@firm.example\r\nTo: x@other.example\r\nSubject: Tere\r\n\r\nx",
            None,
        )
        .await;
    sim.advance(Duration::from_secs(5)).await;
    let raw = String::from_utf8(
        sim.mailbox("tiina@firm.example")
            .unwrap()
            .pop()
            .unwrap()
            .raw,
    )
    .unwrap();
    assert!(raw.contains("Aadressi ei leitud"));
    assert_eq!(
        header(&raw, "Subject").unwrap(),
        "Delivery Status Notification (Failure)"
    );
}

#[tokio::test]
async fn absences_and_noise_are_marked_as_such() {
    let sim = world().start().await.unwrap();
    for (nth, (style, marked)) in [
        (AwayStyle::Gmail, true),
        (AwayStyle::Exchange, true),
        (AwayStyle::SubjectOnly, false),
    ]
    .into_iter()
    .enumerate()
    {
        let ann = client(&sim, ANN);
        let raw = reaction(
            &sim,
            &ann,
            &format!("away{nth}@other.example"),
            Inbound::Away(style),
        )
        .await;
        assert_eq!(header(&raw, "Auto-Submitted").is_some(), marked, "{raw}");
    }
    let checks: [(Inbound, &str); 9] = [
        (Inbound::ForwardThenReply, "Forwarded message"),
        (Inbound::QuotesFooter, "unsubscribe at any time"),
        (Inbound::UnsubscribeText, "take me off your list"),
        (Inbound::Objection, "object to the processing"),
        (Inbound::CalendarRequest, "METHOD:REQUEST"),
        (
            Inbound::CalendarReply { accepted: false },
            "PARTSTAT=3DDECLINED",
        ),
        (Inbound::CalendarCancel, "METHOD:CANCEL"),
        (Inbound::Challenge, "Confirm that you are a person"),
        (Inbound::ListDigest, "List-ID: <news.other.example>"),
    ];
    for (nth, (act, wanted)) in checks.into_iter().enumerate() {
        let ann = client(&sim, ANN);
        let raw = reaction(&sim, &ann, &format!("noise{nth}@other.example"), act)
            .await
            .replace("=\r\n", "");
        assert!(raw.contains(wanted), "{wanted}: {raw}");
    }
    let ann = client(&sim, ANN);
    let off = reaction(&sim, &ann, "leaver@other.example", Inbound::UnsubscribeMail).await;
    assert_eq!(
        (
            header(&off, "To").unwrap(),
            header(&off, "Subject").unwrap()
        ),
        ("leave@firm.example".to_owned(), "off x1".to_owned())
    );
    let ann = client(&sim, ANN);
    reaction(&sim, &ann, "junk@other.example", Inbound::JunkedReply).await;
    assert_eq!(
        sim.mailbox(ANN).unwrap().pop().unwrap().labels,
        ["SPAM", "UNREAD"]
    );
    let ann = client(&sim, ANN);
    assert!(
        reaction(&sim, &ann, "big@other.example", Inbound::Oversized)
            .await
            .len()
            > 3_000_000
    );
    let ann = client(&sim, ANN);
    reaction(&sim, &ann, "bomb@other.example", Inbound::MimeBomb).await;
    let bomb = sim.mailbox(ANN).unwrap().pop().unwrap().id;
    client(&sim, ANN).ok(&format!("messages/{bomb}")).await;
}

/// A server that answers one-click posts, and what it was asked.
async fn unsubscribe_server() -> (String, mpsc::UnboundedReceiver<String>) {
    let (tell, told) = mpsc::unbounded_channel();
    let answer = |State(tell): State<mpsc::UnboundedSender<String>>, body: String| async move {
        tell.send(body).unwrap();
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/u/token", listener.local_addr().unwrap());
    #[allow(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        axum::serve(
            listener,
            Router::new()
                .route("/u/token", post(answer))
                .with_state(tell),
        )
        .await
    });
    (url, told)
}

#[tokio::test]
async fn the_one_click_button_posts_to_the_link_in_the_mail() {
    let (url, mut told) = unsubscribe_server().await;
    let sim = world()
        .behavior(BOB, Behavior::one_click(HOUR))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    let both = format!(
        "List-Unsubscribe: <mailto:u@firm.example>, <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    );
    ann.send(&mail(BOB, "Our offer", &both), None).await;
    sim.advance(Duration::from_secs(3600)).await;
    assert_eq!(told.try_recv().unwrap(), "List-Unsubscribe=One-Click");
    let ledger = sim.ledger();
    assert_eq!(
        (
            ledger.one_clicks()[0].status,
            ledger.one_clicks()[0].url.as_str()
        ),
        (200, url.as_str())
    );
    assert_eq!(sim.mailbox(ANN).unwrap().len(), 1);

    // Without the second header there is no button; the person writes instead.
    sim.set_behavior("carol@other.example", Behavior::one_click(HOUR));
    let ann = client(&sim, ANN);
    ann.send(
        &mail(
            "carol@other.example",
            "Our offer",
            &format!("List-Unsubscribe: <{url}>\r\n"),
        ),
        None,
    )
    .await;
    sim.advance(Duration::from_secs(3600)).await;
    assert!(told.try_recv().is_err());
    assert_eq!(sim.mailbox(ANN).unwrap().len(), 3);
}

#[tokio::test]
async fn a_one_click_post_that_finds_nobody_is_tried_again_and_then_recorded() {
    let sim = world()
        .behavior(BOB, Behavior::one_click(0))
        .start()
        .await
        .unwrap();
    let ann = client(&sim, ANN);
    let nobody = "List-Unsubscribe: <http://127.0.0.1:1/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    ann.send(&mail(BOB, "Our offer", nobody), None).await;
    sim.settle().await;
    assert!(sim.ledger().one_clicks().is_empty());
    for _ in 0..10 {
        sim.advance(Duration::from_secs(600)).await;
    }
    assert_eq!(sim.ledger().one_clicks()[0].status, 0);
    assert_eq!(sim.next_event_at(), None);
}

#[tokio::test]
async fn a_complaint_leaves_no_mail_and_a_touch_waits_for_its_turn() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_behavior(BOB, Behavior::ignores().and(Inbound::Complaint, 2, 0));
    for nth in 1..=3 {
        ann.send(&mail(BOB, "Our offer", ""), None).await;
        sim.settle().await;
        assert_eq!(sim.ledger().reactions().len(), usize::from(nth > 1));
    }
    assert_eq!(sim.mailbox(ANN).unwrap().len(), 3);
    let touches: Vec<u32> = sim
        .ledger()
        .accepted()
        .iter()
        .map(|send| send.deliveries[0].touch)
        .collect();
    assert_eq!(touches, [1, 2, 3]);
}

#[tokio::test]
async fn a_whole_population_reacts_at_about_its_rates() {
    let sim = world().mix(Mix::default()).start().await.unwrap();
    sim.set_knobs(|knobs| knobs.workspace_daily_sends = 10_000);
    for batch in 0..10 {
        let ann = client(&sim, ANN);
        for nth in 0..40 {
            ann.send(
                &mail(
                    &format!("p{batch}x{nth}@other{nth}.example"),
                    "Our offer",
                    FOOTER,
                ),
                None,
            )
            .await;
        }
        sim.advance(Duration::from_secs(3600)).await;
    }
    sim.advance(Duration::from_secs(4 * 86_400)).await;
    let ledger = sim.ledger();
    let counts = ledger.reaction_counts();
    assert!(
        counts["reply"] >= 8 && counts["away"] >= 10 && counts["bounce"] >= 6,
        "{counts:?}"
    );
    let arrived = ledger
        .reactions()
        .iter()
        .filter(|reaction| reaction.message_id.is_some())
        .count();
    assert_eq!(sim.mailbox(ANN).unwrap().len(), 400 + arrived);
    let ids: Vec<Value> = ledger
        .accepted()
        .iter()
        .map(|send| send.message_id.clone().into())
        .collect();
    assert_eq!(
        ids.iter()
            .map(ToString::to_string)
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        400
    );
}
