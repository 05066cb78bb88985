//! The tolerances that a client needs: Gmail-compatible servers and proxies differ.

use std::time::Duration;

use jooper_testkit::google::{
    Canned, DeathCause, Fault, FaultRule, Inbound, IssuerForm, Mood, ReplyForm,
};
use jooper_transport::{Inbox, Outcome, Reconciliation, Transport, TransportError};

use crate::lab::{ADA, Lab};

const REPLY: Inbound = Inbound::Reply {
    mood: Mood::Interested,
    form: ReplyForm::Latin1,
};

/// Sends one mail, lets its recipient answer, and reads the answer: the whole round.
async fn round(lab: &Lab, what: &str) {
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let attempt = lab.attempt(mailbox, "p@firm.example", "r", Some(base));
    let sent = lab
        .send(&lab.gmail, mailbox, lab.mail(ADA, "p@firm.example", "r"))
        .await;
    let Outcome::Sent(receipt) = sent else {
        panic!("{what}: {sent:?}")
    };
    let back = lab
        .gmail
        .read_back(mailbox, &receipt.provider_id)
        .await
        .unwrap();
    assert!(back.message_id.is_some(), "{what}");
    let found = lab.gmail.reconcile(&attempt).await.unwrap();
    assert!(
        matches!(found, Reconciliation::Found(_)),
        "{what}: {found:?}"
    );
    lab.advance(Duration::from_secs(60));
    lab.react(0, "p@firm.example", &REPLY);
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    let reply = arrived.iter().find(|mail| !mail.outgoing);
    let reply = reply.unwrap_or_else(|| panic!("{what}: {arrived:?}"));
    assert!(
        reply.header("references").is_some(),
        "{what}: in any letter case"
    );
    let raw = lab.gmail.fetch(mailbox, &reply.provider_id).await.unwrap();
    assert_eq!(
        raw,
        lab.sim.mailbox(ADA).unwrap().last().unwrap().raw,
        "{what}"
    );
}

#[tokio::test]
async fn unknown_fields_and_values_are_passed_over() {
    for fault in [Fault::UnknownField, Fault::UnknownEnum] {
        let lab = Lab::new(50).await;
        lab.sim.add_fault(FaultRule::new(fault.clone()));
        round(&lab, &format!("{fault:?}")).await;
    }
}

#[tokio::test]
async fn get_profile_may_be_missing() {
    let lab = Lab::new(51).await;
    lab.sim.set_knobs(|knobs| knobs.profile_available = false);
    round(&lab, "without getProfile, in an empty mailbox").await;
    let lab = Lab::new(51).await;
    lab.sim.set_knobs(|knobs| knobs.profile_available = false);
    lab.sim
        .deliver(ADA, b"From: a@b.example\r\n\r\nhi", false)
        .unwrap();
    round(&lab, "without getProfile, with a newest message").await;
    let lab = Lab::new(51).await;
    let fault = Fault::OmitFields(vec!["historyId".to_owned()]);
    lab.sim
        .add_fault(FaultRule::new(fault).on("GET", "*/profile"));
    round(&lab, "a profile without a history id").await;
}

#[tokio::test]
async fn settings_may_be_missing() {
    for fault in [
        Fault::Answer(Canned::NotFound404),
        Fault::Answer(Canned::BadRequest400),
        Fault::OmitFields(vec!["sendAs".to_owned()]),
    ] {
        let lab = Lab::new(52).await;
        lab.sim
            .add_fault(FaultRule::new(fault).on("GET", "*/settings/sendAs"));
        round(&lab, "without sendAs").await;
        let mailbox = lab.connect(ADA).await;
        let stranger = lab.mail("ceo@sender.example", "z@firm.example", "z");
        let refused = lab.send(&lab.gmail, mailbox, stranger).await;
        assert!(
            matches!(refused, Outcome::NotSent { .. }),
            "the own address alone: {refused:?}"
        );
    }
}

#[tokio::test]
async fn header_names_may_be_compared_letter_by_letter() {
    let lab = Lab::new(53).await;
    lab.sim
        .set_knobs(|knobs| knobs.metadata_headers_any_case = false);
    round(&lab, "canonical names are asked for").await;
}

#[tokio::test]
async fn a_server_that_tells_no_header_fields_is_asked_for_the_text() {
    let lab = Lab::new(59).await;
    let fault = Fault::OmitFields(vec!["payload".to_owned()]);
    lab.sim
        .add_fault(FaultRule::new(fault).on("GET", "*/messages/*"));
    let mailbox = lab.connect(ADA).await;
    let cursor = lab.gmail.baseline(mailbox).await.unwrap();
    let base = lab.gmail.evidence_base(mailbox).await.unwrap();
    let attempt = lab.attempt(mailbox, "p@firm.example", "h", Some(base));
    lab.sim
        .add_fault(FaultRule::new(Fault::CommitThenReset).on_send());
    let mail = lab.mail(ADA, "p@firm.example", "h");
    let lost = lab.send(&lab.gmail, mailbox, mail).await;
    assert!(matches!(lost, Outcome::Unknown(_)), "{lost:?}");
    let found = lab.gmail.reconcile(&attempt).await.unwrap();
    let Reconciliation::Found(receipt) = found else {
        panic!("by its token: {found:?}")
    };
    let back = lab.gmail.read_back(mailbox, &receipt.provider_id).await;
    assert!(back.unwrap().message_id.is_some());
    lab.advance(Duration::from_secs(60));
    let form = ReplyForm::NewThread;
    let mood = Mood::Interested;
    lab.react(0, "p@firm.example", &Inbound::Reply { mood, form });
    let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
    let reply = arrived.iter().find(|mail| !mail.outgoing).unwrap();
    let from = reply.header("From").unwrap();
    assert!(from.contains("p@firm.example"), "{from}");
}

#[tokio::test]
async fn fields_that_are_no_proof_may_be_absent() {
    for field in [
        "internalDate",
        "labelIds",
        "threadId",
        "historyId",
        "resultSizeEstimate",
        "payload",
    ] {
        let lab = Lab::new(54).await;
        let fault = Fault::OmitFields(vec![field.to_owned()]);
        lab.sim
            .add_fault(FaultRule::new(fault).on("GET", "*/messages/*"));
        let mailbox = lab.connect(ADA).await;
        let cursor = lab.gmail.baseline(mailbox).await.unwrap();
        let raw = b"From: a@b.example\r\nSubject: s\r\n\r\nhi";
        lab.sim.deliver(ADA, raw, false).unwrap();
        let (arrived, _) = lab.all_changes(mailbox, &cursor).await.unwrap();
        assert_eq!(arrived.len(), 1, "{field}");
        assert!(
            !arrived[0].thread.is_empty(),
            "{field}: the list entry says it"
        );
        let id = &arrived[0].provider_id;
        assert_eq!(lab.gmail.fetch(mailbox, id).await.unwrap(), raw, "{field}");
    }
}

#[tokio::test]
async fn both_spellings_of_the_issuer_and_of_scopes_are_taken() {
    for (issuer, expand) in [
        (IssuerForm::WithScheme, true),
        (IssuerForm::Bare, true),
        (IssuerForm::Bare, false),
    ] {
        let lab = Lab::new(55).await;
        lab.sim.set_knobs(|knobs| {
            knobs.issuer = issuer;
            knobs.expand_identity_scopes = expand;
        });
        lab.connect(ADA).await;
    }
}

#[tokio::test]
async fn a_date_header_that_lies_hides_no_reply_from_a_full_search() {
    let lab = Lab::new(56).await;
    let mailbox = lab.connect(ADA).await;
    let mut wanted = Vec::new();
    for n in 0..60 {
        let raw =
            format!("From: x{n}@o.example\r\nDate: Thu, 01 Jan 1998 00:00:00 +0000\r\n\r\nhi");
        wanted.push(lab.sim.deliver(ADA, raw.as_bytes(), false).unwrap());
        lab.advance(Duration::from_secs(1));
    }
    let foreign = jooper_transport::Cursor(String::new());
    let (arrived, _) = lab.all_changes(mailbox, &foreign).await.unwrap();
    let seen: Vec<_> = arrived
        .iter()
        .map(|mail| mail.provider_id.clone())
        .collect();
    assert!(wanted.iter().all(|id| seen.contains(id)));
}

#[tokio::test]
async fn slow_and_cut_answers_are_asked_for_again() {
    for fault in [
        Fault::Trickle {
            bytes: 40,
            pause_ms: 1,
        },
        Fault::Truncate(30),
    ] {
        let lab = Lab::new(57).await;
        lab.sim.add_fault(
            FaultRule::new(fault.clone())
                .on("GET", "*/messages/*")
                .times(3),
        );
        round(&lab, &format!("{fault:?}")).await;
    }
}

#[tokio::test]
async fn bearer_rejection_may_be_missing() {
    let lab = Lab::new(58).await;
    lab.sim.set_knobs(|knobs| knobs.reject_bearer = false);
    round(&lab, "a server that never says 401").await;
    let mailbox = lab.connect(ADA).await;
    lab.gmail.baseline(mailbox).await.unwrap();
    let before = lab.calls("/token");
    lab.advance(Duration::from_secs(3_600));
    lab.gmail.baseline(mailbox).await.unwrap();
    assert_eq!(lab.calls("/token") - before, 1, "renewed by its own time");
    lab.sim.end_grants(ADA, DeathCause::UserRevoked).unwrap();
    lab.advance(Duration::from_secs(3_600));
    let dead = lab.gmail.baseline(mailbox).await;
    assert!(
        matches!(dead, Err(TransportError::NeedsReauth)),
        "a dead grant ends it though its last token is still taken: {dead:?}"
    );
}
