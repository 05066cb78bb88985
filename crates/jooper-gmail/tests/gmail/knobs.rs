//! Numbers of Google's that may be others than we think: what this crate does then.

use std::time::Duration;

use jooper_core::NotSentReason;
use jooper_gmail::ConnectError;
use jooper_testkit::google::{Inbound, Mood, ReplyForm};
use jooper_transport::{Inbox, MailboxRef, Outcome, OutgoingMail, TransportError};

use crate::lab::{ADA, Lab, start_time};
use crate::pushes::set_up;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

const REPLY: Inbound = Inbound::Reply {
    mood: Mood::Interested,
    form: ReplyForm::TopPost,
};

fn not_sent(reason: NotSentReason) -> Outcome {
    Outcome::NotSent {
        reason,
        retry_at: None,
    }
}

/// Sends a mail of about this size.
async fn send_sized(lab: &Lab, mailbox: MailboxRef, size: usize, token: &str) -> Outcome {
    let to = format!("{token}@firm.example");
    let mut raw = lab.mail(ADA, &to, token).raw().to_vec();
    while raw.len() < size {
        raw.extend_from_slice(&[b'x'; 76]);
        raw.extend_from_slice(b"\r\n");
    }
    let mail = OutgoingMail::new(raw, None).unwrap().with_notice();
    lab.send(&lab.gmail, mailbox, mail).await
}

/// Connects a mailbox so long after the owner has agreed.
async fn connect_late(lab: &Lab, late: Duration) -> Result<(), ConnectError> {
    let (url, pending) = lab.connect_flow().begin(Some(ADA));
    let callback = lab.browse(&url).await;
    lab.advance(late);
    let connected = lab.connect_flow().finish(callback, pending).await;
    connected.map(drop)
}

/// Signs somebody in so long after they have agreed.
async fn sign_in_late(lab: &Lab, late: Duration) -> Result<(), ConnectError> {
    lab.sim.sign_in(ADA).unwrap();
    let flow = lab.sign_in_flow();
    let (mut url, pending) = flow.begin();
    url.query_pairs_mut().append_pair("login_hint", ADA);
    let callback = lab.browse(&url).await;
    lab.advance(late);
    flow.finish(callback, pending).await.map(drop)
}

#[tokio::test]
async fn a_mail_that_gmail_finds_too_large_is_told_as_such_and_costs_one_attempt() {
    // Whatever the limit is, by whichever endpoint, and whichever status says so.
    for (limit, size) in [(20_000, 30_000), (3_600_000, 3_700_000)] {
        for status in [413, 400] {
            let lab = Lab::with(90, |settings| settings.timeouts.send_seconds = 60).await;
            let mailbox = lab.connect(ADA).await;
            lab.sim.set_knobs(|knobs| {
                knobs.max_message_bytes = limit;
                knobs.too_large_status = status;
            });
            let refused = send_sized(&lab, mailbox, size, "large").await;
            assert_eq!(
                refused,
                not_sent(NotSentReason::TooLarge),
                "{size} {status}"
            );
            assert_eq!(lab.calls("messages/send"), 1, "{size} {status}");
            assert_eq!(lab.accepted("large"), 0, "{size} {status}");
            let sent = send_sized(&lab, mailbox, 2_000, "small").await;
            assert!(
                matches!(sent, Outcome::Sent(_)),
                "{size} {status}: {sent:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_history_that_is_kept_for_hours_only_loses_no_reply() {
    // Google: "in rare circumstances only a few hours".
    for (horizon, resynced) in [(7 * 24 * HOUR, false), (3 * HOUR, true)] {
        let lab = Lab::new(91).await;
        let kept = i64::try_from(horizon.as_millis()).unwrap();
        lab.sim.set_knobs(|knobs| knobs.history_horizon_ms = kept);
        let mailbox = lab.connect(ADA).await;
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        let sent = send_sized(&lab, mailbox, 1, "one").await;
        assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
        lab.react(0, "one@firm.example", &REPLY);
        // Nobody polls over lunch.
        lab.advance(4 * HOUR);
        let delta = lab.gmail.changes(mailbox, &cursor, start_time()).await;
        assert_eq!(delta.unwrap().resynced, resynced, "{horizon:?}");
        let (arrived, next) = lab.all_changes(mailbox, &cursor).await.unwrap();
        let replies = arrived.iter().filter(|mail| !mail.outgoing).count();
        assert_eq!(replies, 1, "{horizon:?}");
        lab.react(0, "one@firm.example", &REPLY);
        let (arrived, _) = lab.all_changes(mailbox, &next).await.unwrap();
        assert_eq!(arrived.len(), 1, "{horizon:?}: and changes again");
    }
}

#[tokio::test]
async fn a_code_that_lives_for_seconds_only_asks_the_owner_once_more() {
    for (life, taken) in [(600, true), (30, false)] {
        let lab = Lab::new(92).await;
        lab.sim.set_knobs(|knobs| knobs.code_seconds = life);
        for late in [
            connect_late(&lab, MINUTE).await,
            sign_in_late(&lab, MINUTE).await,
        ] {
            match late {
                Ok(()) => assert!(taken, "{life}"),
                Err(error) => assert!(matches!(error, ConnectError::Code) && !taken, "{error:?}"),
            }
        }
        let prompt = connect_late(&lab, Duration::ZERO).await;
        assert!(prompt.is_ok(), "{life}: {prompt:?}");
    }
}

#[tokio::test]
async fn an_id_token_that_has_ended_names_nobody_and_one_within_two_minutes_does() {
    // What is left of the token when it comes, in seconds.
    for (life, taken) in [(3_600, true), (1, true), (-119, true), (-121, false)] {
        let lab = Lab::new(93).await;
        lab.sim.set_knobs(|knobs| knobs.id_token_seconds = life);
        for answer in [
            connect_late(&lab, Duration::ZERO).await,
            sign_in_late(&lab, Duration::ZERO).await,
        ] {
            match answer {
                Ok(()) => assert!(taken, "{life}"),
                Err(error) => {
                    assert!(
                        matches!(error, ConnectError::IdToken(_)) && !taken,
                        "{error:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn google_s_keys_are_asked_for_again_when_google_says_so() {
    // The age that is said, and the fetches of ten sign-ins, a minute apart.
    for (age, fetches) in [(23_474, 1), (180, 4), (60, 10), (0, 10)] {
        let lab = Lab::new(94).await;
        lab.sim.set_knobs(|knobs| knobs.certs_max_age_seconds = age);
        lab.sim.sign_in(ADA).unwrap();
        let flow = lab.sign_in_flow();
        for _ in 0..10 {
            let (mut url, pending) = flow.begin();
            url.query_pairs_mut().append_pair("login_hint", ADA);
            let callback = lab.browse(&url).await;
            flow.finish(callback, pending).await.unwrap();
            lab.advance(MINUTE);
        }
        assert_eq!(lab.calls("/certs"), fetches, "{age}");
    }
}

#[tokio::test]
async fn the_oldest_of_too_many_grants_ends_in_needs_reauth_and_the_others_live() {
    for (most, alive) in [(100, [true, true, true]), (2, [false, true, true])] {
        let lab = Lab::new(95).await;
        lab.sim
            .set_knobs(|knobs| knobs.refresh_tokens_per_client = most);
        let mut mailboxes = Vec::new();
        for _ in 0..3 {
            mailboxes.push(lab.connect(ADA).await);
            lab.advance(MINUTE);
        }
        lab.advance(HOUR);
        for (mailbox, alive) in mailboxes.into_iter().zip(alive) {
            let read = lab.gmail.baseline(mailbox).await;
            match alive {
                true => assert!(read.is_ok(), "{most}: {read:?}"),
                false => assert!(matches!(read, Err(TransportError::NeedsReauth)), "{read:?}"),
            }
            let sent = send_sized(&lab, mailbox, 1, "t").await;
            match alive {
                true => assert!(matches!(sent, Outcome::Sent(_)), "{most}: {sent:?}"),
                false => assert_eq!(sent, not_sent(NotSentReason::Unauthorized)),
            }
        }
    }
}

#[tokio::test]
async fn one_recipient_a_mail_is_all_that_is_needed() {
    for (most, outcome) in [(1, None), (0, Some(not_sent(NotSentReason::Invalid)))] {
        let lab = Lab::new(96).await;
        let mailbox = lab.connect(ADA).await;
        lab.sim
            .set_knobs(|knobs| knobs.recipients_per_message = most);
        let sent = send_sized(&lab, mailbox, 1, "only").await;
        match outcome {
            None => assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}"),
            Some(refused) => assert_eq!(sent, refused),
        }
        let ledger = lab.sim.ledger();
        let recipients = ledger.accepted().iter().map(|mail| mail.deliveries.len());
        assert_eq!(recipients.collect::<Vec<_>>(), vec![1; most]);
        assert_eq!(lab.calls("messages/send"), 1, "{most}");
    }
}

#[tokio::test]
async fn a_watch_that_costs_too_much_rests_and_reading_and_sending_go_on() {
    for (units, watched) in [(100, true), (6_001, false)] {
        let lab = Lab::with(97, set_up).await;
        let _listener = crate::pushes::target(&lab).await;
        let mailbox = lab.connect(ADA).await;
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        lab.sim.set_knobs(|knobs| knobs.watch_units = units);
        lab.gmail.keep_watch(mailbox).await;
        assert_eq!(lab.calls("/watch"), 1, "{units}");
        assert_eq!(lab.sim.quota_peak().1, u64::from(!watched), "{units}");
        let sent = send_sized(&lab, mailbox, 1, "t").await;
        assert!(matches!(sent, Outcome::Sent(_)), "{units}: {sent:?}");
        // Google's word is a pause of the account's reading until its minute is over.
        lab.advance(MINUTE);
        let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
        assert_eq!(arrived.len(), 1, "{units}");
        lab.advance(8 * MINUTE);
        lab.gmail.keep_watch(mailbox).await;
        assert_eq!(lab.calls("/watch"), 1, "{units}: after nine minutes");
        lab.advance(MINUTE);
        lab.gmail.keep_watch(mailbox).await;
        let asked = if watched { 1 } else { 2 };
        assert_eq!(
            lab.calls("/watch"),
            asked,
            "{units}: after ten minutes, no sooner"
        );
    }
}

#[tokio::test]
async fn a_stop_that_costs_too_much_keeps_nobody_from_disconnecting() {
    for units in [50, 6_001] {
        let lab = Lab::with(98, set_up).await;
        let _listener = crate::pushes::target(&lab).await;
        let mailbox = lab.connect(ADA).await;
        lab.gmail.keep_watch(mailbox).await;
        lab.sim.set_knobs(|knobs| knobs.stop_units = units);
        lab.gmail.disconnect(mailbox).await.unwrap();
        assert_eq!(lab.calls("/stop"), 1, "{units}: asked once");
        assert_eq!(lab.sim.quota_peak().1, u64::from(units > 6_000), "{units}");
        let gone = lab.gmail.baseline(mailbox).await;
        assert!(
            matches!(gone, Err(TransportError::Credentials(None))),
            "{units}: {gone:?}"
        );
        // Google watches on until the watch ends by itself; a push finds nobody.
    }
}
