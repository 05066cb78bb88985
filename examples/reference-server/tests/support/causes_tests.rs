//! The judge of the kills: every cause that there is, and one loss of every kind.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jooper::core::{
    CampaignId, EnrollmentId, EnrollmentState, FinishReason, LeadId, MailboxId, SendKey, SendState,
    SkipReason, StepIndex, WaitReason,
};
use jooper::storage::tables::EnrollmentRow;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::causes::{Books, Judgement, World, judge};

const MAILS: u16 = 3;

fn id() -> EnrollmentId {
    EnrollmentId::from_uuid(Uuid::from_u128(7))
}

fn key(mail: u16) -> SendKey {
    SendKey::Step {
        enrollment: id(),
        step: StepIndex(mail),
    }
}

fn enrollment() -> EnrollmentRow {
    let one = Uuid::from_u128(1);
    let (campaign, lead) = (CampaignId::from_uuid(one), LeadId::from_uuid(one));
    let mailbox = MailboxId::from_uuid(one);
    EnrollmentRow::fresh(id(), campaign, lead, mailbox, 1, Timestamp::UNIX_EPOCH)
}

fn finished(finish: FinishReason) -> EnrollmentRow {
    EnrollmentRow {
        state: EnrollmentState::Finished,
        finish: Some(finish),
        ..enrollment()
    }
}

fn waiting(wait: WaitReason) -> EnrollmentRow {
    EnrollmentRow {
        state: EnrollmentState::Parked,
        wait: Some(wait),
        ..enrollment()
    }
}

/// The simulator's ledger after it took so many mails, and what was done about the first.
fn ledger(accepted: u16, acts: &[&str]) -> Value {
    let mails = (0..accepted).map(|mail| {
        let digits: Vec<_> = key(mail)
            .to_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let token = format!("<jp.{}0001abcd@us.example>", digits.concat());
        json!({ "number": mail, "references": ["<theirs@there.example>", token] })
    });
    let acts = acts.iter().map(|what| json!({ "send": 0, "what": what }));
    json!({
        "accepted": mails.collect::<Vec<_>>(),
        "reactions": acts.collect::<Vec<_>>(),
        "one_clicks": [],
    })
}

type Ends = [(SendState, Option<SkipReason>); 3];

const SENT: (SendState, Option<SkipReason>) = (SendState::Sent, None);
const UNKNOWN: (SendState, Option<SkipReason>) = (SendState::Unknown, None);

const fn skipped(reason: SkipReason) -> (SendState, Option<SkipReason>) {
    (SendState::Skipped, Some(reason))
}

fn judged(
    row: EnrollmentRow,
    sends: &[(SendState, Option<SkipReason>)],
    ledger: &Value,
) -> Judgement {
    let cut = BTreeSet::from([key(1)]);
    judged_with(row, sends, ledger, &cut)
}

fn judged_with(
    row: EnrollmentRow,
    sends: &[(SendState, Option<SkipReason>)],
    ledger: &Value,
    cut: &BTreeSet<SendKey>,
) -> Judgement {
    let numbered = (0..).zip(sends.iter().copied());
    let sends: BTreeMap<_, _> = numbered.map(|(mail, end)| (key(mail), end)).collect();
    let books = Books {
        enrollments: &[row],
        sends,
        mails: MAILS,
    };
    judge(&books, &World::of(ledger), cut)
}

fn no_loss(skipped: usize, behind: usize) -> Judgement {
    Judgement {
        skipped,
        behind,
        losses: Vec::new(),
    }
}

#[test]
fn whoever_got_every_mail_is_done() {
    let all = judged(
        finished(FinishReason::Completed),
        &[SENT; 3],
        &ledger(3, &[]),
    );
    assert_eq!(all, no_loss(0, 0));
}

#[test]
fn a_mail_that_was_never_accepted_is_lost_and_named() {
    let lost = judged(
        finished(FinishReason::Completed),
        &[SENT; 3],
        &ledger(2, &[]),
    );
    let [loss] = lost.losses.as_slice() else {
        panic!("{lost:?}");
    };
    let lead = LeadId::from_uuid(Uuid::from_u128(1)).to_string();
    for part in ["mail 2 ", lead.as_str(), "completed"] {
        assert!(loss.contains(part), "{part:?} is not in {loss:?}");
    }
}

#[test]
fn an_end_counts_when_somebody_brought_it_about() {
    let ends: Ends = [SENT, skipped(SkipReason::Ended), skipped(SkipReason::Ended)];
    for (finish, cause, another) in [
        (FinishReason::Replied, "reply", "away"),
        (FinishReason::Replied, "junked_reply", "challenge"),
        (FinishReason::Bounced, "bounce", "delay"),
        (FinishReason::Unsubscribed, "one_click", "reply"),
        (FinishReason::Unsubscribed, "objection", "bounce"),
        (FinishReason::Complained, "complaint", "reply"),
    ] {
        let for_a_cause = judged(finished(finish), &ends, &ledger(1, &[cause]));
        assert_eq!(for_a_cause, no_loss(2, 0), "{finish:?} by {cause}");
        // The end, and both mails behind it.
        let for_nothing = judged(finished(finish), &ends, &ledger(1, &[another]));
        assert_eq!(for_nothing.losses.len(), 3, "{finish:?} by {another}");
    }
    for finish in [
        FinishReason::Removed,
        FinishReason::Stopped,
        FinishReason::LeftCompany,
    ] {
        let for_nothing = judged(finished(finish), &ends, &ledger(1, &["reply"]));
        assert_eq!(for_nothing.losses.len(), 3, "{finish:?}");
    }
}

#[test]
fn a_press_of_the_button_is_known_by_itself() {
    let ends: Ends = [SENT, skipped(SkipReason::Ended), skipped(SkipReason::Ended)];
    let mut ledger = ledger(1, &[]);
    ledger["one_clicks"] = json!([{ "send": 0, "status": 200 }]);
    let pressed = judged(finished(FinishReason::Unsubscribed), &ends, &ledger);
    assert_eq!(pressed, no_loss(2, 0));
}

#[test]
fn a_skip_counts_when_somebody_brought_it_about() {
    let refused: Ends = [
        SENT,
        skipped(SkipReason::Suppressed),
        skipped(SkipReason::Suppressed),
    ];
    let stopped = judged(
        finished(FinishReason::Refused),
        &refused,
        &ledger(1, &["one_click"]),
    );
    assert_eq!(stopped, no_loss(2, 0));
    let for_nothing = judged(finished(FinishReason::Refused), &refused, &ledger(1, &[]));
    assert_eq!(for_nothing.losses.len(), 3, "{for_nothing:?}");
    for reason in [SkipReason::Branch, SkipReason::NoBasis, SkipReason::Ended] {
        let passed: Ends = [SENT, skipped(reason), SENT];
        let completed = finished(FinishReason::Completed);
        let mut two = ledger(3, &["reply"]);
        two["accepted"].as_array_mut().unwrap().remove(1);
        let passed = judged(completed, &passed, &two);
        assert_eq!(passed.losses.len(), 1, "{reason:?}: {passed:?}");
    }
}

#[test]
fn what_a_kill_left_open_waits_and_nothing_else_does() {
    let unknown = [SENT, UNKNOWN];
    let ledger = ledger(1, &["reply"]);
    let row = || waiting(WaitReason::SendUnknown);
    assert_eq!(judged(row(), &unknown, &ledger), no_loss(0, 1));
    // Nobody was killed there: the wait, the mail, and the one behind it.
    let elsewhere = judged_with(row(), &unknown, &ledger, &BTreeSet::from([key(0)]));
    assert_eq!(elsewhere.losses.len(), 3, "{elsewhere:?}");
    let for_nothing = judged(waiting(WaitReason::MailboxDown), &unknown, &ledger);
    assert_eq!(for_nothing.losses.len(), 1, "{for_nothing:?}");
    // Somebody answered meanwhile.
    let ends: Ends = [SENT, UNKNOWN, skipped(SkipReason::Ended)];
    let answered = judged(finished(FinishReason::Replied), &ends, &ledger);
    assert_eq!(answered, no_loss(1, 0));
    // It goes on as if it had been sent.
    let went_on = judged(finished(FinishReason::Completed), &ends, &ledger);
    assert_eq!(went_on.losses.len(), 2, "{went_on:?}");
}

#[test]
fn a_mail_without_a_row_is_lost() {
    let lost = judged(
        finished(FinishReason::Completed),
        &[SENT; 2],
        &ledger(2, &[]),
    );
    assert_eq!(lost.losses.len(), 1, "{lost:?}");
    assert!(lost.losses[0].contains("no row"), "{lost:?}");
}
