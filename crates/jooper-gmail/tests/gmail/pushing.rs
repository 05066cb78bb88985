//! Push notifications: taken with proof only, and never needed.

use std::time::Duration;

use bytes::Bytes;
use jooper_testkit::google::{Canned, Fault, FaultRule, PushFault};
use jooper_transport::{Inbox, TransportError};

use crate::lab::{ADA, Lab, start_time};
use crate::pushes::{endpoint, pushes, read, set_up, target};

async fn lab() -> Lab {
    Lab::with(60, set_up).await
}

#[tokio::test]
async fn a_genuine_notification_wakes_and_is_acknowledged() {
    let lab = lab().await;
    let listener = target(&lab).await;
    let mailbox = lab.connect(ADA).await;
    let watch = lab.gmail.watch(mailbox).await.unwrap().unwrap();
    assert_eq!(
        watch.expires_at,
        start_time() + jiff::SignedDuration::from_hours(7 * 24)
    );
    assert_eq!(
        watch.renew_at,
        start_time() + jiff::SignedDuration::from_hours(24)
    );
    assert!(!watch.is_due(start_time()) && watch.is_due(watch.renew_at));
    let endpoint = endpoint(&lab);
    let (statuses, hints) = pushes(&lab, &endpoint, &listener).await;
    assert_eq!((statuses, hints.len()), (vec![204], 1), "one at once");
    lab.advance(Duration::from_secs(5));
    lab.sim
        .deliver(ADA, b"From: a@b.example\r\n\r\nhi", false)
        .unwrap();
    let (statuses, hints) = pushes(&lab, &endpoint, &listener).await;
    assert_eq!((statuses, hints.len()), (vec![204], 1));
}

#[tokio::test]
async fn a_notification_without_proof_wakes_nobody() {
    for fault in [
        PushFault::Forged,
        PushFault::UnknownKey,
        PushFault::WrongAudience,
        PushFault::Expired,
        PushFault::WrongAccount,
    ] {
        let lab = lab().await;
        let listener = target(&lab).await;
        let mailbox = lab.connect(ADA).await;
        let endpoint = endpoint(&lab);
        lab.gmail.watch(mailbox).await.unwrap();
        pushes(&lab, &endpoint, &listener).await;
        let rule = FaultRule::new(Fault::Push(fault)).on("PUSH", "*").times(1);
        lab.sim.add_fault(rule);
        lab.advance(Duration::from_secs(5));
        lab.sim
            .deliver(ADA, b"From: a@b.example\r\n\r\nhi", false)
            .unwrap();
        let (statuses, hints) = pushes(&lab, &endpoint, &listener).await;
        assert_eq!(statuses.first(), Some(&401), "{fault:?}");
        assert!(hints.is_empty(), "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_lost_late_or_doubled_is_polled_all_the_same() {
    for fault in [
        PushFault::Drop,
        PushFault::Duplicate,
        PushFault::Delay(60_000),
    ] {
        let lab = lab().await;
        let listener = target(&lab).await;
        let mailbox = lab.connect(ADA).await;
        let endpoint = endpoint(&lab);
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        lab.gmail.watch(mailbox).await.unwrap();
        lab.sim
            .add_fault(FaultRule::new(Fault::Push(fault)).on("PUSH", "*"));
        lab.advance(Duration::from_secs(5));
        lab.sim
            .deliver(ADA, b"From: a@b.example\r\n\r\nhi", false)
            .unwrap();
        pushes(&lab, &endpoint, &listener).await;
        let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
        assert_eq!(arrived.len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_hint_that_was_not_kept_is_brought_again() {
    let lab = lab().await;
    let endpoint = endpoint(&lab);
    let listener = target(&lab).await;
    let mailbox = lab.connect(ADA).await;
    lab.gmail.watch(mailbox).await.unwrap();
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read(&mut stream).await.unwrap();
        let (parts, body) = request.into_parts();
        let copy = || http::Request::from_parts(parts.clone(), body.clone());
        let refused = endpoint.handle(copy(), |_| async { false }).await;
        assert_eq!(refused.status(), 503);
        let mut other = copy();
        *other.method_mut() = http::Method::GET;
        assert_eq!(
            endpoint.handle(other, |_| async { true }).await.status(),
            405
        );
        let mut unsigned = copy();
        unsigned.headers_mut().clear();
        assert_eq!(
            endpoint.handle(unsigned, |_| async { true }).await.status(),
            401
        );
        let mut garbled = copy();
        *garbled.body_mut() = Bytes::from_static(b"{");
        let status = endpoint
            .handle(garbled, |_| async { panic!("no hint") })
            .await
            .status();
        assert_eq!(status, 204, "genuine but unreadable: not again");
        let mut elsewhere = copy();
        let text = String::from_utf8(body.to_vec())
            .unwrap()
            .replace("subscriptions/gmail", "subscriptions/x");
        *elsewhere.body_mut() = Bytes::from(text);
        assert_eq!(
            endpoint
                .handle(elsewhere, |_| async { true })
                .await
                .status(),
            403
        );
    };
    tokio::select! {
        biased;
        () = serve => {}
        () = lab.sim.settle() => panic!("a push comes"),
    }
}

#[tokio::test]
async fn without_push_set_up_there_is_no_watch_and_disconnecting_ends_one() {
    let plain = Lab::new(61).await;
    let mailbox = plain.connect(ADA).await;
    assert_eq!(plain.gmail.watch(mailbox).await.unwrap(), None);
    assert_eq!(plain.calls("/watch"), 0);
    let lab = lab().await;
    let mailbox = lab.connect(ADA).await;
    lab.gmail.watch(mailbox).await.unwrap();
    lab.gmail.disconnect(mailbox).await.unwrap();
    assert_eq!(lab.calls("/stop"), 1);
    let gone = lab.gmail.watch(mailbox).await;
    assert!(matches!(gone, Err(TransportError::Credentials(None))));
}

#[tokio::test]
async fn a_notification_comes_again_while_its_keys_cannot_be_had() {
    let lab = lab().await;
    let (endpoint, listener) = (endpoint(&lab), target(&lab).await);
    let mailbox = lab.connect(ADA).await;
    lab.gmail.watch(mailbox).await.unwrap();
    let away = FaultRule::new(Fault::Answer(Canned::Backend(503))).on("GET", "*/certs");
    let away = lab.sim.add_fault(away);
    let serve = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (parts, body) = read(&mut stream).await.unwrap().into_parts();
        let copy = || http::Request::from_parts(parts.clone(), body.clone());
        for _ in 0..3 {
            let asked = endpoint.handle(copy(), |_| async { panic!("not proven") });
            assert_eq!(asked.await.status(), 503, "neither forged nor taken");
        }
        lab.sim.remove_fault(away);
        lab.advance(Duration::from_secs(10));
        let taken = endpoint.handle(copy(), |_| async { true }).await;
        assert_eq!(taken.status(), 204);
    };
    tokio::select! {
        biased;
        () = serve => {}
        () = lab.sim.settle() => panic!("a push comes"),
    }
}

#[tokio::test]
async fn a_watch_that_is_refused_rests_for_ten_minutes_and_reading_does_not_notice() {
    let lab = lab().await;
    let mailbox = lab.connect(ADA).await;
    let refused = FaultRule::new(Fault::Answer(Canned::Scope403)).on("POST", "*/watch");
    lab.sim.add_fault(refused);
    for (seconds, calls) in [(0, 1), (1, 1), (598, 1), (1, 2), (599, 2), (1, 3)] {
        lab.advance(Duration::from_secs(seconds));
        lab.gmail.keep_watch(mailbox).await;
        assert_eq!(lab.calls("/watch"), calls, "after {seconds} s more");
    }
    assert!(lab.gmail.baseline(mailbox).await.is_ok());
    lab.sim.clear_faults();
    lab.advance(Duration::from_secs(600));
    for _ in 0..3 {
        lab.gmail.keep_watch(mailbox).await;
    }
    assert_eq!(lab.calls("/watch"), 4, "kept for a day");
}

#[tokio::test]
async fn a_watch_that_another_process_ended_with_its_grant_is_begun_again() {
    let lab = lab().await;
    let mailbox = lab.connect(ADA).await;
    let other = lab.restarted();
    lab.gmail.keep_watch(mailbox).await;
    lab.gmail.keep_watch(mailbox).await;
    assert_eq!(lab.calls("/watch"), 1, "kept for a day");
    other.disconnect(mailbox).await.unwrap();
    lab.gmail.keep_watch(mailbox).await;
    assert_eq!((lab.calls("/stop"), lab.calls("/watch")), (1, 1));
    lab.connect_as(mailbox, ADA).await;
    for _ in 0..2 {
        lab.gmail.keep_watch(mailbox).await;
    }
    assert_eq!(lab.calls("/watch"), 2, "with the new grant, once");
}

#[tokio::test]
async fn a_watch_is_kept_for_a_day_whichever_clock_is_ahead() {
    for minutes in [0, 5, 30, -5, -8 * 24 * 60] {
        let lab = lab().await;
        let _listener = target(&lab).await;
        let mailbox = lab.connect(ADA).await;
        let jump = FaultRule::new(Fault::ClockJump(minutes * 60_000)).on("POST", "*/watch");
        lab.sim.add_fault(jump.times(1));
        for _ in 0..3 {
            lab.gmail.keep_watch(mailbox).await;
            lab.advance(Duration::from_secs(1));
        }
        assert_eq!(lab.calls("/watch"), 1, "Google is {minutes} minutes ahead");
        // Our own clock was wrong until now: nobody knows how much of the watch is left.
        lab.clock.advance_millis(-2 * 86_400_000);
        for _ in 0..3 {
            lab.gmail.keep_watch(mailbox).await;
        }
        assert_eq!(lab.calls("/watch"), 2, "Google is {minutes} minutes ahead");
    }
}
