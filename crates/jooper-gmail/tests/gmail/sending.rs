//! Sending, evidence and reading back.

use std::time::Duration;

use jooper_core::NotSentReason;
use jooper_testkit::google::{Canned, Fault, FaultRule, Inbound, Mood, ReplyForm};
use jooper_transport::{Inbox, Outcome, Reconciliation, Transport, UnknownCause};

use crate::lab::{ADA, ALIAS, Lab};

const REPLY: Inbound = Inbound::Reply {
    mood: Mood::Interested,
    form: ReplyForm::TopPost,
};

#[tokio::test]
async fn a_mail_goes_out_and_its_real_message_id_comes_back() {
    let lab = Lab::new(2).await;
    let mailbox = lab.connect(ADA).await;
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    assert!(!base.0.is_empty());
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "one"))
        .await;
    let Outcome::Sent(receipt) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(receipt.message_id, None);
    let back = lab
        .gmail
        .read_back(mailbox, &receipt.provider_id)
        .await
        .unwrap();
    let wire = &lab.sim.ledger().accepted()[0].wire_id.clone();
    assert_eq!(
        back.message_id
            .as_deref()
            .map(|id| id.trim_matches(['<', '>'])),
        Some(wire.trim_matches(['<', '>']))
    );
    assert_eq!(back.thread, receipt.thread);
    assert_eq!(lab.accepted("one"), 1);
    assert!(lab.sim.unexpected_calls().is_empty());
}

#[tokio::test]
async fn a_reply_arrives_behind_the_baseline() {
    let lab = Lab::new(3).await;
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "two"))
        .await;
    assert!(matches!(outcome, Outcome::Sent(_)), "{outcome:?}");
    let delta = lab
        .gmail
        .changes(mailbox, &cursor, crate::lab::start_time())
        .await
        .unwrap();
    assert_eq!(delta.arrived.len(), 1);
    assert!(delta.arrived[0].outgoing);
    assert!(
        delta.arrived[0]
            .header("References")
            .unwrap()
            .contains("jp.two@")
    );
    lab.sim.react(0, "p@firm.example", &REPLY);
    let delta = lab
        .gmail
        .changes(mailbox, &delta.next, crate::lab::start_time())
        .await
        .unwrap();
    assert_eq!(delta.arrived.len(), 1, "{delta:?}");
    let reply = &delta.arrived[0];
    assert!(!reply.outgoing && !delta.more && !delta.resynced);
    let raw = lab.gmail.fetch(mailbox, &reply.provider_id).await.unwrap();
    let stored = lab.sim.mailbox(ADA).unwrap();
    assert_eq!(raw, stored.last().unwrap().raw);
}

#[tokio::test]
async fn an_unknown_outcome_is_found_by_its_token() {
    for fault in [
        Fault::CommitThenClose,
        Fault::CommitThenReset,
        Fault::CommitThenStatus(502),
        Fault::CommitThenHang,
    ] {
        let lab = Lab::new(4).await;
        let mailbox = lab.connect(ADA).await;
        let base = lab.gmail.evidence_base(mailbox).await.unwrap();
        lab.sim.add_fault(FaultRule::new(fault.clone()).on_send());
        let attempt = lab.attempt(mailbox, "p@firm.example", "three", Some(base));
        let outcome = lab
            .send(
                &lab.gmail,
                mailbox,
                lab.mail(ADA, "p@firm.example", "three"),
            )
            .await;
        assert!(
            matches!(outcome, Outcome::Unknown(_)),
            "{fault:?}: {outcome:?}"
        );
        assert_eq!(lab.accepted("three"), 1);
        let found = lab.gmail.reconcile(&attempt).await.unwrap();
        let Reconciliation::Found(receipt) = found else {
            panic!("{fault:?}: {found:?}")
        };
        assert_eq!(
            receipt.provider_id,
            lab.sim.ledger().accepted()[0].message_id
        );
    }
}

#[tokio::test]
async fn a_request_that_never_arrived_leaves_no_trace() {
    let lab = Lab::new(5).await;
    let mailbox = lab.connect(ADA).await;
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    lab.sim
        .add_fault(FaultRule::new(Fault::Answer(Canned::Backend(503))).on_send());
    let attempt = lab.attempt(mailbox, "p@firm.example", "four", Some(base));
    let outcome = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "four"))
        .await;
    assert_eq!(outcome, Outcome::Unknown(UnknownCause::ServerError));
    let found = lab.gmail.reconcile(&attempt).await.unwrap();
    assert_eq!(found, Reconciliation::NotFound { complete: true });
    assert_eq!(lab.accepted("four"), 0);
}

#[tokio::test]
async fn only_a_verified_sender_address_is_used() {
    let lab = Lab::new(6).await;
    let mailbox = lab.connect(ADA).await;
    let sent = lab
        .send(
            &lab.gmail,
            mailbox,
            lab.mail(ALIAS, "p@firm.example", "alias"),
        )
        .await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
    let refused = lab
        .send(
            &lab.gmail,
            mailbox,
            lab.mail("ceo@sender.example", "q@firm.example", "ceo"),
        )
        .await;
    assert_eq!(
        refused,
        Outcome::NotSent {
            reason: NotSentReason::Invalid,
            retry_at: None
        }
    );
    assert_eq!(lab.accepted("ceo"), 0);
    lab.sim
        .change_user(ADA, |user| {
            user.aliases.push("ceo@sender.example".to_owned())
        })
        .unwrap();
    lab.advance(Duration::from_secs(61));
    let sent = lab
        .send(
            &lab.gmail,
            mailbox,
            lab.mail("ceo@sender.example", "r@firm.example", "ceo"),
        )
        .await;
    assert!(
        matches!(sent, Outcome::Sent(_)),
        "a new alias counts after a minute: {sent:?}"
    );
}

/// A page of somebody on the way says nothing about the mailbox's aliases: a mail from one waits for a
/// better moment, not for a person.
#[tokio::test]
async fn an_alias_waits_while_somebody_on_the_way_hides_the_list_of_aliases() {
    let unreachable = Outcome::NotSent {
        reason: NotSentReason::Unreachable,
        retry_at: None,
    };
    for canned in [
        Canned::Html(404),
        Canned::Html(400),
        Canned::ForeignJson(404),
        Canned::Empty(400),
        Canned::Backend(503),
        // JSON that names no address at all.
        Canned::ForeignJson(200),
    ] {
        let lab = Lab::new(8).await;
        let mailbox = lab.connect(ADA).await;
        let page = FaultRule::new(Fault::Answer(canned.clone()));
        lab.sim.add_fault(page.on("GET", "*/settings/sendAs"));
        let send = |from: &'static str, token: &str| {
            let mail = lab.mail(from, "p@firm.example", token);
            lab.send(&lab.gmail, mailbox, mail)
        };
        assert_eq!(send(ALIAS, "a").await, unreachable, "{canned:?}");
        let own = send(ADA, "b").await;
        assert!(matches!(own, Outcome::Sent(_)), "{canned:?}: {own:?}");
        lab.sim.clear_faults();
        // Nothing of it is remembered.
        let alias = send(ALIAS, "c").await;
        assert!(matches!(alias, Outcome::Sent(_)), "{canned:?}: {alias:?}");
    }
}

#[tokio::test]
async fn a_fallback_list_of_senders_is_asked_for_again_at_once() {
    let lab = Lab::new(9).await;
    let mailbox = lab.connect(ADA).await;
    let page = FaultRule::new(Fault::Answer(Canned::NotFound404));
    let page = page.on("GET", "*/settings/sendAs").times(1);
    lab.sim.add_fault(page);
    lab.gmail.evidence_base(mailbox).await.unwrap();
    let mail = lab.mail(ALIAS, "p@firm.example", "a");
    let sent = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(sent, Outcome::Sent(_)), "{sent:?}");
}
