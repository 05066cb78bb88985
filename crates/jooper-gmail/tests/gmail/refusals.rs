//! What each refusal means, for a send and for a read.

use std::sync::Arc;
use std::time::Duration;

use jooper_conformance::transport::ManualLease;
use jooper_core::NotSentReason::{
    self, Forbidden, Invalid, NoMailService, RateLimited, SendingLimit, TooLarge,
};
use jooper_testkit::google::{Canned, Fault, FaultRule, UnknownThread};
use jooper_transport::{
    Inbox, Outcome, OutgoingMail, ReqwestSettings, Transport, TransportError, UnknownCause,
};

use crate::lab::{ADA, Lab, start_time};

const MINUTE: Duration = Duration::from_secs(60);

fn not_sent(reason: NotSentReason, after: Option<i64>) -> Outcome {
    let retry_at = after.map(|ms| start_time() + jiff::SignedDuration::from_millis(ms));
    Outcome::NotSent { reason, retry_at }
}

#[tokio::test]
async fn each_refusal_of_a_send_is_one_outcome_and_one_request() {
    let hour = 3_600_000;
    let server = Outcome::Unknown(UnknownCause::ServerError);
    for (canned, outcome) in [
        (Canned::BadRequest400, not_sent(Invalid, None)),
        (Canned::NotFound404, not_sent(Invalid, None)),
        (Canned::Html(413), not_sent(TooLarge, None)),
        (Canned::NoMailService400, not_sent(NoMailService, None)),
        (
            Canned::Credentials401,
            not_sent(NotSentReason::TokenRefused, None),
        ),
        (Canned::Scope403, not_sent(Forbidden, None)),
        (Canned::DomainPolicy403, not_sent(Forbidden, None)),
        (
            Canned::UserRate403(Some(hour)),
            not_sent(RateLimited, Some(hour)),
        ),
        (Canned::UserRate403(None), not_sent(RateLimited, None)),
        (Canned::ProjectRate403, not_sent(RateLimited, None)),
        (Canned::DailyLimit403, not_sent(RateLimited, Some(hour))),
        (
            Canned::TooMany429(Some(hour)),
            not_sent(RateLimited, Some(hour)),
        ),
        (Canned::Concurrent429, not_sent(RateLimited, None)),
        (
            Canned::SendingLimit429(Some(5 * hour)),
            not_sent(SendingLimit, Some(5 * hour)),
        ),
        (
            Canned::SendingLimit429(Some(900 * hour)),
            not_sent(SendingLimit, Some(24 * hour)),
        ),
        (
            Canned::SendingLimit429(None),
            not_sent(SendingLimit, Some(hour)),
        ),
        (Canned::Backend(500), server.clone()),
        (Canned::Backend(503), server.clone()),
        (Canned::Html(502), server.clone()),
        (Canned::ForeignJson(504), server.clone()),
        (Canned::Empty(500), server),
        // No word of Google's: the answer to a mail that was accepted may have been withheld.
        (
            Canned::Html(403),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Empty(403),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Html(404),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Html(400),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Html(401),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Html(407),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::ForeignJson(451),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Empty(429),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        // Nor are words enough: a gateway can use the same.
        (
            Canned::Words(429, "Too many concurrent requests".to_owned()),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Words(429, "Too many requests (Mail sending)".to_owned()),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Words(400, "Request Entity Too Large".to_owned()),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Words(400, "Mail service not enabled".to_owned()),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Empty(302),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::Html(200),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
        (
            Canned::ForeignJson(200),
            Outcome::Unknown(UnknownCause::Unreadable),
        ),
    ] {
        let lab = Lab::new(30).await;
        let mailbox = lab.connect(ADA).await;
        lab.sim
            .add_fault(FaultRule::new(Fault::Answer(canned.clone())).on_send());
        let got = lab
            .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "t"))
            .await;
        assert_eq!(got, outcome, "{canned:?}");
        assert_eq!(
            lab.calls("messages/send"),
            1,
            "{canned:?}: never tried again"
        );
        assert_eq!(lab.accepted("t"), 0, "{canned:?}");
    }
}

#[tokio::test]
async fn a_sending_limit_parks_the_mailbox_until_it_is_over() {
    let lab = Lab::new(31).await;
    let mailbox = lab.connect(ADA).await;
    let limit = Fault::Answer(Canned::SendingLimit429(Some(2 * 3_600_000)));
    lab.sim.add_fault(FaultRule::new(limit).on_send().times(1));
    lab.send(&lab.gmail, mailbox, lab.mail(ADA, "a@firm.example", "a"))
        .await;
    let parked = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "b@firm.example", "b"))
        .await;
    assert_eq!(parked, not_sent(SendingLimit, Some(2 * 3_600_000)));
    let base = lab.gmail.evidence_base(mailbox).await;
    assert!(
        matches!(base, Err(TransportError::RateLimited { after: Some(_) })),
        "{base:?}"
    );
    assert_eq!(
        lab.calls("messages/send"),
        1,
        "Google is not asked meanwhile"
    );
    assert!(lab.gmail.baseline(mailbox).await.is_ok(), "reading goes on");
    lab.advance(121 * MINUTE);
    let sent = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "c@firm.example", "c"))
        .await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
}

#[tokio::test]
async fn the_simulators_own_limit_is_kept_and_the_grace_shows_as_sent() {
    let lab = Lab::new(32).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim.sent_elsewhere(ADA, 2_000).unwrap();
    let grace = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "a@firm.example", "a"))
        .await;
    assert!(
        matches!(grace, Outcome::Sent(_)),
        "a 200 in the grace is no proof: {grace:?}"
    );
    lab.advance(11 * MINUTE);
    let over = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "b@firm.example", "b"))
        .await;
    assert!(
        matches!(
            over,
            Outcome::NotSent {
                reason: SendingLimit,
                retry_at: Some(_)
            }
        ),
        "{over:?}"
    );
}

#[tokio::test]
async fn reads_back_off_and_then_give_up() {
    for (canned, tries) in [
        (Canned::Backend(500), 4),
        (Canned::Html(502), 4),
        (Canned::Html(200), 4),
        (Canned::UserRate403(None), 4),
        (Canned::Concurrent429, 4),
        (Canned::UserRate403(Some(60_000)), 1),
        (Canned::Scope403, 1),
        (Canned::DomainPolicy403, 1),
        (Canned::NoMailService400, 1),
        (Canned::DailyLimit403, 1),
    ] {
        let lab = Lab::new(33).await;
        let mailbox = lab.connect(ADA).await;
        let began = lab.now_ms();
        let rule = FaultRule::new(Fault::Answer(canned.clone())).on("GET", "*/profile");
        lab.sim.add_fault(rule);
        let failed = lab.gmail.baseline(mailbox).await.unwrap_err();
        assert_eq!(lab.calls("/profile"), tries, "{canned:?}: {failed:?}");
        let waited = lab.now_ms() - began;
        match tries {
            1 => assert_eq!(waited, 0, "{canned:?}"),
            _ => assert!(
                (7_000..=14_000).contains(&waited),
                "{canned:?}: 1+2+4 s and jitter: {waited}"
            ),
        }
        let text = failed.to_string();
        assert!(!text.contains('@') && !text.contains("http"), "{text}");
    }
}

#[tokio::test]
async fn a_read_that_fails_twice_succeeds_the_third_time() {
    for fault in [
        Fault::DropUnread,
        Fault::ResetUnread,
        Fault::CommitThenClose,
        Fault::Truncate(5),
        Fault::DuplicateChunk,
        Fault::Answer(Canned::Backend(503)),
    ] {
        let lab = Lab::new(34).await;
        let mailbox = lab.connect(ADA).await;
        lab.sim.add_fault(
            FaultRule::new(fault.clone())
                .on("GET", "*/profile")
                .times(2),
        );
        let base = lab.gmail.baseline(mailbox).await;
        assert!(base.is_ok(), "{fault:?}: {base:?}");
    }
}

#[tokio::test]
async fn after_a_named_time_nothing_is_asked_before_it() {
    let lab = Lab::new(35).await;
    let mailbox = lab.connect(ADA).await;
    let rate = Fault::Answer(Canned::UserRate403(Some(60_000)));
    lab.sim
        .add_fault(FaultRule::new(rate).on("GET", "*/profile").times(1));
    assert!(lab.gmail.baseline(mailbox).await.is_err());
    let quiet = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(
            quiet,
            Err(TransportError::RateLimited {
                after: Some(MINUTE)
            })
        ),
        "{quiet:?}"
    );
    assert_eq!(lab.calls("/profile"), 1);
    lab.advance(MINUTE);
    assert!(lab.gmail.baseline(mailbox).await.is_ok());
}

#[tokio::test]
async fn size_decides_the_endpoint_and_too_much_is_refused_here() {
    // Megabytes take their time where much else runs: the permit's is not what is looked at.
    let lease = Arc::new(ManualLease::default());
    let lab = Lab::by(lease, 36, |settings| settings.timeouts.send_seconds = 60).await;
    let mailbox = lab.connect(ADA).await;
    let sized = |size: usize, to: &str| {
        let mut raw = lab.mail(ADA, to, &format!("s{size}")).raw().to_vec();
        while raw.len() < size {
            raw.extend_from_slice(&[b'x'; 76]);
            raw.extend_from_slice(b"\r\n");
        }
        OutgoingMail::new(raw, None).unwrap().with_notice()
    };
    for (size, upload) in [(3_400_000, 0), (3_600_000, 1), (12_000_000, 2)] {
        let to = format!("p{size}@firm.example");
        let sent = lab.send(&lab.gmail, mailbox, sized(size, &to)).await;
        assert!(matches!(sent, Outcome::Sent(_)), "{size}: {sent:?}");
        assert_eq!(lab.calls("/upload/"), upload, "{size}");
    }
    let huge = lab
        .send(&lab.gmail, mailbox, sized(26 << 20, "huge@firm.example"))
        .await;
    assert_eq!(huge, not_sent(TooLarge, None));
    let thread = lab.sim.ledger().accepted()[0].thread_id.clone();
    let reply = OutgoingMail::new(
        sized(3_600_000, "p3400000@firm.example").raw().to_vec(),
        Some(thread.clone()),
    );
    let Outcome::Sent(receipt) = lab
        .send(&lab.gmail, mailbox, reply.unwrap().with_notice())
        .await
    else {
        panic!("a large follow-up goes out")
    };
    assert!(!receipt.thread.is_empty());
}

#[tokio::test]
async fn a_mail_that_no_permit_has_time_for_is_refused_before_google_is_asked() {
    let mut http = ReqwestSettings::default();
    // Seven seconds of it: 700,000 bytes of body, and JSON has a third more than the mail.
    http.least_upload = 100_000;
    let lease = Arc::new(ManualLease::default());
    let lab = Lab::over(http, lease, 42, |_| {}).await;
    let mailbox = lab.connect(ADA).await;
    let most = lab.gmail.capabilities().max_bytes;
    assert!((500_000..525_000).contains(&most), "{most}");
    let before = lab.calls("");
    for (size, outcome) in [
        (most + 2_000, Some(not_sent(TooLarge, None))),
        (most - 2_000, None),
    ] {
        let mut raw = lab.mail(ADA, "p@firm.example", "t").raw().to_vec();
        while raw.len() < size {
            raw.extend_from_slice(b"xxxxxxxxxx\r\n");
        }
        let mail = OutgoingMail::new(raw, None).unwrap().with_notice();
        let got = lab.send(&lab.gmail, mailbox, mail).await;
        match outcome {
            Some(refused) => {
                assert_eq!(got, refused);
                assert_eq!(lab.calls(""), before, "nothing was asked");
            }
            None => assert!(matches!(got, Outcome::Sent(_)), "{got:?}"),
        }
    }
}

#[tokio::test]
async fn a_follow_up_joins_its_thread() {
    let lab = Lab::new(37).await;
    let mailbox = lab.connect(ADA).await;
    let Outcome::Sent(first) = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "one"))
        .await
    else {
        panic!("sent")
    };
    let wire = lab
        .gmail
        .read_back(mailbox, &first.provider_id)
        .await
        .unwrap()
        .message_id
        .unwrap();
    let plain = lab.mail_in(ADA, "p@firm.example", "two", "Re: Hello there", None);
    let raw = String::from_utf8(plain.raw().to_vec()).unwrap().replace(
        "References: ",
        &format!("In-Reply-To: {wire}\r\nReferences: {wire} "),
    );
    let follow_up = OutgoingMail::new(raw.into_bytes(), Some(first.thread.clone()))
        .unwrap()
        .with_notice();
    let Outcome::Sent(second) = lab.send(&lab.gmail, mailbox, follow_up).await else {
        panic!("sent")
    };
    assert_eq!(second.thread, first.thread);
    for knob in [
        UnknownThread::NotFound,
        UnknownThread::Invalid,
        UnknownThread::NewThread,
    ] {
        lab.sim.set_knobs(|knobs| knobs.unknown_thread = knob);
        let foreign = lab.mail_in(
            ADA,
            "q@firm.example",
            "three",
            "Hello",
            Some("ffffffffffffffff"),
        );
        let outcome = lab.send(&lab.gmail, mailbox, foreign).await;
        if knob == UnknownThread::NewThread {
            assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
        } else {
            let gone = not_sent(NotSentReason::ThreadGone, None);
            assert_eq!(outcome, gone, "a thread that is not there: {knob:?}");
        }
    }
}

#[tokio::test]
async fn only_google_s_own_word_says_that_a_conversation_is_gone() {
    let unread = Outcome::Unknown(UnknownCause::Unreadable);
    let gone = not_sent(NotSentReason::ThreadGone, None);
    for (canned, outcome) in [
        (Canned::NotFound404, gone.clone()),
        (Canned::BadRequest400, gone),
        (Canned::Html(404), unread.clone()),
        (Canned::ForeignJson(404), unread.clone()),
        (Canned::Empty(404), unread.clone()),
        (Canned::Html(400), unread),
    ] {
        let lab = Lab::new(40).await;
        let mailbox = lab.connect(ADA).await;
        let mail = lab.mail(ADA, "p@firm.example", "one");
        let Outcome::Sent(first) = lab.send(&lab.gmail, mailbox, mail).await else {
            panic!("sent")
        };
        let rule = FaultRule::new(Fault::Answer(canned.clone())).on_send();
        lab.sim.add_fault(rule);
        let thread = Some(first.thread.as_str());
        let mail = lab.mail_in(ADA, "p@firm.example", "two", "Re: Hello there", thread);
        let refused = lab.send(&lab.gmail, mailbox, mail).await;
        assert_eq!(refused, outcome, "{canned:?}");
    }
}

#[tokio::test]
async fn a_password_that_somebody_on_the_way_wants_ends_no_grant() {
    let lab = Lab::new(41).await;
    let mailbox = lab.connect(ADA).await;
    let strange = FaultRule::new(Fault::Answer(Canned::Html(401)));
    lab.sim.add_fault(strange.clone().on_send());
    lab.sim.add_fault(strange.on("GET", "*/profile"));
    for token in ["a", "b", "c"] {
        let mail = lab.mail(ADA, "p@firm.example", token);
        let sent = lab.send(&lab.gmail, mailbox, mail).await;
        assert_eq!(sent, Outcome::Unknown(UnknownCause::Unreadable), "{token}");
        let read = lab.gmail.baseline(mailbox).await;
        assert!(matches!(read, Err(TransportError::Unavailable)), "{read:?}");
    }
    lab.sim.clear_faults();
    let read = lab.gmail.baseline(mailbox).await;
    assert!(read.is_ok(), "{read:?}");
    let mail = lab.mail(ADA, "p@firm.example", "d");
    let sent = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
}

#[tokio::test]
async fn a_cap_of_the_project_stops_every_mailbox_without_asking_google_again() {
    let lab = Lab::new(38).await;
    let (one, other) = (lab.connect(ADA).await, lab.connect(ADA).await);
    let cap = FaultRule::new(Fault::Answer(Canned::DailyLimit403));
    lab.sim.add_fault(cap.on("GET", "*/profile").times(1));
    let hour = Some(60 * MINUTE);
    for mailbox in [one, other, one] {
        let stopped = lab.gmail.baseline(mailbox).await;
        assert!(
            matches!(stopped, Err(TransportError::RateLimited { after }) if after == hour),
            "{stopped:?}"
        );
    }
    assert_eq!(lab.calls("/profile"), 1);
    lab.advance(60 * MINUTE);
    assert!(lab.gmail.baseline(other).await.is_ok());
}

#[tokio::test]
async fn too_many_at_once_makes_a_mailbox_read_one_by_one() {
    let lab = Lab::new(39).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    lab.sim
        .set_knobs(|knobs| knobs.concurrent_requests = Some(1));
    for n in 0..120 {
        let raw = format!("From: x{n}@other.example\r\nTo: {ADA}\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    let mut seen = std::collections::BTreeSet::new();
    let mut cursor = cursor;
    // What was refused too often on the first page is asked for again from the same cursor.
    for _ in 0..20 {
        match lab.gmail.changes(mailbox, &cursor, start_time()).await {
            Ok(delta) => {
                seen.extend(delta.arrived.into_iter().map(|mail| mail.provider_id));
                cursor = delta.next;
            }
            Err(TransportError::RateLimited { after }) => lab.advance(after.unwrap_or(MINUTE)),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(seen.len(), 120);
    let before = lab.calls("messages/");
    for n in 0..30 {
        let raw = format!("From: y{n}@other.example\r\nTo: {ADA}\r\n\r\nhi");
        lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
    }
    lab.all_changes(mailbox, &cursor).await.unwrap();
    assert_eq!(
        lab.calls("messages/") - before,
        30,
        "each once: none was refused"
    );
}
