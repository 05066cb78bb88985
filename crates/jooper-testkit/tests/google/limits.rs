//! Quotas and sending limits.

use std::time::Duration;

use jooper_testkit::google::{GoogleSimulator, Knobs, ProjectSpec, UserKind, UserSpec};

use crate::support::{ANN, DAY, client, mail, world};

#[tokio::test]
async fn a_user_has_six_thousand_units_a_minute_and_the_text_says_when_more() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    for _ in 0..60 {
        ann.send(&mail("bob@other.example", "x", ""), None).await;
    }
    let (status, body) = ann.get("profile").await;
    assert_eq!(
        (status, body["error"]["errors"][0]["reason"].as_str()),
        (403, Some("userRateLimitExceeded"))
    );
    assert_eq!(
        body["error"]["message"],
        "User-rate limit exceeded.  Retry after 2026-11-23T08:01:00.000Z"
    );
    assert_eq!(
        (sim.quota_units(ANN), sim.quota_peak()),
        (6_000, (6_000, 1))
    );
    sim.advance(Duration::from_secs(60)).await;
    ann.ok("profile").await;

    let mut old = ProjectSpec::new(GoogleSimulator::default_project());
    old.old_quota = true;
    sim.add_project(old);
    let before = sim.quota_units(ANN);
    let id = sim.mailbox(ANN).unwrap()[0].id.clone();
    ann.ok(&format!("messages/{id}?format=minimal")).await;
    assert_eq!(sim.quota_units(ANN) - before, 5);
    sim.add_project(ProjectSpec::new(GoogleSimulator::default_project()));
    ann.ok(&format!("messages/{id}?format=minimal")).await;
    assert_eq!(sim.quota_units(ANN) - before, 25);
}

#[tokio::test]
async fn a_project_s_day_of_quota_turns_at_midnight_pacific_time() {
    // Summer begins on the second Sunday in March: its first midnight comes an hour earlier.
    for (begin, last, first) in [
        (
            "2027-03-13T12:00:00Z",
            "2027-03-14T07:59:59Z",
            "2027-03-14T08:00:00Z",
        ),
        (
            "2027-03-14T12:00:00Z",
            "2027-03-15T06:59:59Z",
            "2027-03-15T07:00:00Z",
        ),
    ] {
        let sim = world().start().await.unwrap();
        sim.clock().set(begin.parse().unwrap());
        sim.set_knobs(|knobs| knobs.project_day_units = Some(2));
        let ann = client(&sim, ANN);
        ann.ok("profile").await;
        ann.ok("profile").await;
        sim.set_knobs(|knobs| knobs.reject_bearer = false);
        sim.clock().set(last.parse().unwrap());
        let (status, body) = ann.get("profile").await;
        let reason = body["error"]["errors"][0]["reason"].as_str();
        assert_eq!(
            (status, reason),
            (403, Some("dailyLimitExceeded")),
            "{last}"
        );
        sim.clock().set(first.parse().unwrap());
        ann.ok("profile").await;
    }
}

#[tokio::test]
async fn over_the_sending_limit_comes_grace_then_429_then_a_new_day() {
    let sim = world()
        .user(UserSpec::new("lea@gmail.com"))
        .start()
        .await
        .unwrap();
    sim.sent_elsewhere("lea@gmail.com", 499).unwrap();
    let lea = client(&sim, "lea@gmail.com");
    let post = "From: lea@gmail.com\r\nTo: bob@other.example\r\nSubject: x\r\n\r\nx";
    lea.send(post, None).await;
    // The limit is reached, and still there is a 200: the mail comes back instead.
    lea.send(post, None).await;
    sim.advance(Duration::from_secs(60)).await;
    let all = sim.mailbox("lea@gmail.com").unwrap();
    assert!(
        String::from_utf8_lossy(&all[2].raw).contains("You have reached a limit for sending mail")
    );
    assert_eq!(all[2].thread_id, all[1].thread_id);
    sim.advance(Duration::from_secs(540)).await;
    let (status, body) = lea.try_send(post, None).await.unwrap();
    assert_eq!(status, 429);
    let message = body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("(Mail sending)")
            && message.ends_with("Retry after 2026-11-24T08:00:00.000Z"),
        "{message}"
    );
    assert_eq!(sim.ledger().accepted().len(), 2);
    sim.advance(DAY).await;
    client(&sim, "lea@gmail.com").send(post, None).await;
}

#[tokio::test]
async fn the_limit_depends_on_the_account() {
    let knobs = Knobs::default();
    assert_eq!(
        (
            knobs.consumer_daily_sends,
            knobs.workspace_daily_sends,
            knobs.trial_daily_sends
        ),
        (500, 2_000, 500)
    );
    let sim = world()
        .user(UserSpec::new("tom@firm.example").kind(UserKind::Trial))
        .start()
        .await
        .unwrap();
    sim.set_knobs(|knobs| knobs.sending_grace_ms = 0);
    for (email, refused) in [(ANN, 200), ("tom@firm.example", 429)] {
        sim.sent_elsewhere(email, 500).unwrap();
        let status = client(&sim, email)
            .try_send(&mail("bob@other.example", "x", ""), None)
            .await
            .unwrap()
            .0;
        assert_eq!(status, refused, "{email}");
    }
}

#[tokio::test]
async fn different_recipients_are_counted_each_once() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| {
        (
            knobs.unique_recipients_daily,
            knobs.external_recipients_daily,
            knobs.sending_grace_ms,
        ) = (4, 2, 0);
    });
    let mut status = Vec::new();
    for to in [
        "a@other.example",
        "b@other.example",
        "a@other.example",
        "c@other.example",
        "x@firm.example",
        "y@firm.example",
        "z@firm.example",
    ] {
        status.push(ann.try_send(&mail(to, "x", ""), None).await.unwrap().0);
    }
    assert_eq!(status, [200, 200, 200, 429, 200, 200, 429]);
}

#[tokio::test]
async fn parallel_requests_can_be_too_many() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.set_knobs(|knobs| knobs.concurrent_requests = Some(1));
    sim.add_fault(
        jooper_testkit::google::FaultRule::new(jooper_testkit::google::Fault::CommitThenPause(300))
            .times(1),
    );
    let (first, second) = tokio::join!(ann.get("profile"), async {
        while sim.fired_faults().is_empty() {
            tokio::task::yield_now().await;
        }
        ann.get("labels").await
    });
    assert_eq!((first.0, second.0), (200, 429));
    assert_eq!(
        second.1["error"]["message"],
        "Too many concurrent requests for user"
    );
    assert_eq!(ann.get("profile").await.0, 200);
}

#[tokio::test]
async fn accounts_without_gmail_and_blocked_ones_say_so() {
    let sim = world().start().await.unwrap();
    let ann = client(&sim, ANN);
    sim.change_user(ANN, |user| user.gmail_apps_blocked = true)
        .unwrap();
    assert_eq!(
        ann.get("profile").await.1["error"]["errors"][0]["reason"],
        "domainPolicy"
    );
    sim.change_user(ANN, |user| user.gmail_enabled = false)
        .unwrap();
    let (status, body) = ann.get("profile").await;
    assert_eq!(
        (status, body["error"]["message"].as_str()),
        (400, Some("Mail service not enabled"))
    );
    assert!(sim.change_user("nobody@firm.example", |_| {}).is_err());
}
