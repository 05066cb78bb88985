//! Evidence for a send whose answer was lost: several witnesses, none of them the search index.

use std::time::Duration;

use jooper_testkit::google::{Canned, Fault, FaultRule};
use jooper_transport::{
    Attempt, EvidenceBase, MailboxRef, Outcome, OutgoingMail, Reconciliation, Transport,
    TransportError,
};

use crate::lab::{ADA, Lab};

/// A send whose answer is lost after Google accepted the mail.
async fn lose(lab: &Lab, mailbox: MailboxRef, mail: OutgoingMail) {
    let rule = lab
        .sim
        .add_fault(FaultRule::new(Fault::CommitThenClose).on_send().times(1));
    let outcome = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
    lab.sim.remove_fault(rule);
}

async fn lost(lab: &Lab, mailbox: MailboxRef, token: &str) -> Attempt {
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let attempt = lab.attempt(mailbox, "p@firm.example", token, Some(base));
    lose(lab, mailbox, lab.mail(ADA, "p@firm.example", token)).await;
    attempt
}

async fn found(lab: &Lab, attempt: &Attempt) -> bool {
    match lab.gmail.reconcile(attempt).await.unwrap() {
        Reconciliation::Found(receipt) => {
            let accepted = lab.sim.ledger().accepted().last().cloned().unwrap();
            assert_eq!(receipt.provider_id, accepted.message_id);
            assert_eq!(receipt.thread, accepted.thread_id);
            assert!(
                receipt
                    .message_id
                    .unwrap()
                    .contains(accepted.wire_id.trim_matches(['<', '>']))
            );
            true
        }
        _ => false,
    }
}

#[tokio::test]
async fn a_search_index_that_sees_nothing_does_not_matter() {
    let lab = Lab::new(40).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim
        .set_knobs(|knobs| knobs.search_missing_per_mille = 1_000);
    let attempt = lost(&lab, mailbox, "x").await;
    assert!(found(&lab, &attempt).await);
    assert_eq!(lab.calls("q="), 0);
}

#[tokio::test]
async fn a_copy_that_somebody_on_the_way_calls_missing_is_not_absent() {
    let lab = Lab::new(41).await;
    let mailbox = lab.connect(ADA).await;
    let attempt = lost(&lab, mailbox, "x").await;
    let page = FaultRule::new(Fault::Answer(Canned::Html(404)));
    let rule = lab.sim.add_fault(page.on("GET", "*/messages/*"));
    let looked = lab.gmail.reconcile(&attempt).await;
    assert!(
        matches!(looked, Err(TransportError::Unavailable)),
        "{looked:?}"
    );
    lab.sim.remove_fault(rule);
    assert!(found(&lab, &attempt).await);
}

#[tokio::test]
async fn history_is_enough_while_the_list_lags() {
    let lab = Lab::new(41).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim
        .set_knobs(|knobs| knobs.label_list_lag_ms = 3_600_000);
    let attempt = lost(&lab, mailbox, "x").await;
    assert!(found(&lab, &attempt).await);
}

#[tokio::test]
async fn the_list_is_enough_when_the_history_has_a_gap() {
    let lab = Lab::new(42).await;
    let mailbox = lab.connect(ADA).await;
    let mut attempt = lost(&lab, mailbox, "x").await;
    let gap = FaultRule::new(Fault::Answer(Canned::NotFound404)).on("GET", "*/history");
    lab.sim.add_fault(gap);
    assert!(found(&lab, &attempt).await);
    attempt.evidence_base = None;
    assert!(found(&lab, &attempt).await);
    attempt.token = "jp.never@sender.example".to_owned();
    let none = lab.gmail.reconcile(&attempt).await.unwrap();
    assert_eq!(
        none,
        Reconciliation::NotFound { complete: false },
        "one witness is not all"
    );
}

#[tokio::test]
async fn a_lag_of_both_is_not_found_yet_and_found_later() {
    let lab = Lab::new(43).await;
    let mailbox = lab.connect(ADA).await;
    lab.sim.set_knobs(|knobs| {
        knobs.label_list_lag_ms = 300_000;
        knobs.history_lag_ms = 300_000;
    });
    let attempt = lost(&lab, mailbox, "x").await;
    assert!(!found(&lab, &attempt).await);
    lab.advance(Duration::from_secs(301));
    assert!(found(&lab, &attempt).await);
}

#[tokio::test]
async fn the_same_mail_of_another_attempt_is_not_ours() {
    let lab = Lab::new(44).await;
    let mailbox = lab.connect(ADA).await;
    let attempt = lab.attempt(
        mailbox,
        "p@firm.example",
        "mine",
        Some(lab.gmail.evidence_base(mailbox).await.unwrap()),
    );
    // Same recipient, subject and time, but the token of somebody else's send.
    let other = lab
        .send(
            &lab.gmail,
            mailbox,
            lab.mail(ADA, "p@firm.example", "other"),
        )
        .await;
    assert!(matches!(other, Outcome::Sent(_)));
    let none = lab.gmail.reconcile(&attempt).await.unwrap();
    assert_eq!(none, Reconciliation::NotFound { complete: true });
}

#[tokio::test]
async fn without_a_token_recipient_subject_and_time_decide_if_they_are_alone() {
    let lab = Lab::new(45).await;
    let mailbox = lab.connect(ADA).await;
    let bare = |to: &str| {
        let raw = format!(
            "From: {ADA}\r\nTo: P <{to}>\r\nSubject: Hello\r\n  there\r\n\
             List-Unsubscribe: <https://t.sender.example/u>\r\n\
             List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n\
             hi https://t.sender.example/u\r\n"
        );
        OutgoingMail::new(raw.into_bytes(), None)
            .unwrap()
            .with_notice()
    };
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let attempt = lab.attempt(mailbox, "p@firm.example", "gone", Some(base));
    lose(&lab, mailbox, bare("other@firm.example")).await;
    let none = lab.gmail.reconcile(&attempt).await.unwrap();
    assert_eq!(
        none,
        Reconciliation::NotFound { complete: true },
        "another recipient"
    );
    lose(&lab, mailbox, bare("p@firm.example")).await;
    assert!(found(&lab, &attempt).await);
    lose(&lab, mailbox, bare("p@firm.example")).await;
    assert_eq!(
        lab.gmail.reconcile(&attempt).await.unwrap(),
        Reconciliation::Inconclusive
    );
    let mut later = attempt.clone();
    later.began_at += jiff::SignedDuration::from_hours(2);
    let none = lab.gmail.reconcile(&later).await.unwrap();
    assert_eq!(
        none,
        Reconciliation::NotFound { complete: true },
        "another time"
    );
}

#[tokio::test]
async fn a_mail_that_its_owner_trashed_meanwhile_was_still_sent() {
    let lab = Lab::new(46).await;
    let mailbox = lab.connect(ADA).await;
    let mut attempt = lost(&lab, mailbox, "x").await;
    let id = lab.sim.ledger().accepted()[0].message_id.clone();
    lab.sim.relabel(ADA, &id, &["TRASH"], &[]).unwrap();
    assert!(found(&lab, &attempt).await);
    attempt.evidence_base = None;
    assert!(found(&lab, &attempt).await);
}

/// Whoever trusts a complete search and sends again would send a second time.
#[tokio::test]
async fn a_mail_that_its_owner_deleted_for_good_leaves_the_search_incomplete() {
    let lab = Lab::new(50).await;
    let mailbox = lab.connect(ADA).await;
    let attempt = lost(&lab, mailbox, "x").await;
    let id = lab.sim.ledger().accepted()[0].message_id.clone();
    assert!(lab.sim.delete_message(ADA, &id).unwrap());
    for _ in 0..2 {
        let none = lab.gmail.reconcile(&attempt).await.unwrap();
        assert_eq!(none, Reconciliation::NotFound { complete: false });
    }
    // What was deleted before the attempt began is behind its evidence base.
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let later = lab.attempt(mailbox, "p@firm.example", "y", Some(base));
    let none = lab.gmail.reconcile(&later).await.unwrap();
    assert_eq!(none, Reconciliation::NotFound { complete: true });
}

#[tokio::test]
async fn it_is_found_under_a_hundred_others_and_after_a_restart() {
    let lab = Lab::new(47).await;
    let mailbox = lab.connect(ADA).await;
    let attempt = lost(&lab, mailbox, "x").await;
    for n in 0..130 {
        let raw = format!("From: {ADA}\r\nTo: x{n}@elsewhere.example\r\n\r\nhi");
        let id = lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap();
        lab.sim.relabel(ADA, &id, &["SENT"], &["INBOX"]).unwrap();
        lab.advance(Duration::from_secs(2));
    }
    let gmail = lab.restarted();
    for base in [attempt.evidence_base.clone(), None] {
        let mut attempt = attempt.clone();
        attempt.evidence_base = base;
        let found = gmail.reconcile(&attempt).await;
        assert!(matches!(found, Ok(Reconciliation::Found(_))), "{found:?}");
        lab.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_read_now_is_an_error_and_no_answer() {
    let lab = Lab::new(48).await;
    let mailbox = lab.connect(ADA).await;
    let attempt = lost(&lab, mailbox, "x").await;
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::Backend(503))));
    assert!(lab.gmail.reconcile(&attempt).await.is_err());
    lab.sim.clear_faults();
    assert!(found(&lab, &attempt).await);
    let foreign = EvidenceBase("not-a-number".to_owned());
    let attempt = Attempt {
        evidence_base: Some(foreign),
        ..attempt
    };
    assert!(
        found(&lab, &attempt).await,
        "a base that the server refuses leaves the list"
    );
}

#[tokio::test]
async fn a_search_longer_than_a_minutes_quota_goes_on_where_it_was_broken_off() {
    const LATER: usize = 330;
    let lab = Lab::new(49).await;
    let mailbox = lab.connect(ADA).await;
    let mut attempt = lost(&lab, mailbox, "x").await;
    // Only the list is left, newest first: the mail stands at its very end.
    attempt.evidence_base = None;
    for n in 0..LATER {
        let mail = lab.mail(ADA, "q@firm.example", &format!("n{n}"));
        let outcome = lab.send(&lab.gmail, mailbox, mail).await;
        assert!(matches!(outcome, Outcome::Sent(_)), "{n}: {outcome:?}");
        lab.advance(Duration::from_secs(3));
    }
    lab.advance(Duration::from_secs(60));
    let read = lab.calls("/messages/");
    let mut pauses = 0;
    let found = loop {
        match lab.gmail.reconcile(&attempt).await {
            Ok(found) => break found,
            Err(TransportError::RateLimited { after: Some(after) }) => {
                pauses += 1;
                assert!(pauses < 5, "it never ends");
                lab.advance(after);
            }
            Err(error) => panic!("{error}"),
        }
    };
    assert!(matches!(found, Reconciliation::Found(_)), "{found:?}");
    assert!(pauses > 0, "one minute was not enough");
    let read = lab.calls("/messages/") - read;
    assert_eq!(read, LATER + 1, "each mail was looked at once");
}
