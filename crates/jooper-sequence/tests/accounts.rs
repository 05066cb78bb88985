//! What the ledger says of a mail is what went, and a refusal is counted as what it was.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use jooper_core::{
    Clock, EnrollmentState, FinishReason, NotSentReason, SendKey, SendState, SkipReason, WaitReason,
};
use jooper_sequence::model::{Edit, Schedule, Sequence};
use jooper_sequence::{EngineSettings, Runner};
use jooper_storage::tables::{ENROLLMENT, EnrollmentRow, MAILBOX, SEND, SendRow};
use jooper_storage::{Batch, Column, ColumnOp, Key, Scan, Storage as _, StorageExt, Write};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError,
};
use support::{LeaseOf, Passing, Process, SEQUENCE, World, arrival, at};

async fn sends(world: &World) -> Vec<SendRow> {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let scan = Scan::table(&ENROLLMENT);
    let rows = world.store.collect(world.workspace, scan).await.unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn mails_beyond_the_most_follow_ups_are_counted_as_refused() {
    let asks = EngineSettings {
        follow_ups: 6,
        ..EngineSettings::default()
    };
    let store = Arc::new(jooper_storage::MemoryStore::new());
    let world = World::paced(store.clone(), 1, asks).await;
    let mut text = SEQUENCE.to_owned();
    for body in ["Fourth.", "Fifth.", "Sixth."] {
        text.push_str("[[step]]\nwait = \"4 working days\"\n[[step.variant]]\n");
        text.push_str(&format!("body = \"{body}\"\n"));
    }
    world.campaign_of(&text, Schedule::default()).await;
    // The setting is lowered while it runs.
    let world = world.restarted(store, EngineSettings::default());
    world.run_for(24 * 60).await;
    assert_eq!(
        world.transport.accepted().len(),
        4,
        "one, and three after it"
    );
    let mut skipped: Vec<_> = sends(&world)
        .await
        .into_iter()
        .map(|row| row.skip)
        .collect();
    skipped.retain(Option::is_some);
    assert_eq!(skipped, [Some(SkipReason::Refused); 2]);
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Refused));
}

#[tokio::test]
async fn a_mail_that_is_written_anew_between_two_tries_counts_as_the_one_that_went() {
    let one = "name = \"One\"\n[[step]]\nid = \"1\"\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"the old way\"\n";
    let two = format!("{one}[[step.variant]]\nsubject = \"Hello\"\nbody = \"the new way\"\n");
    let world = World::new(6).await;
    let campaign = world.campaign_of(one, Schedule::default()).await;
    for _ in 0..12 {
        world.transport.script(Outcome::NotSent {
            reason: NotSentReason::Unreachable,
            retry_at: None,
        });
    }
    world.run_for(1).await;
    let tried = sends(&world).await.len();
    assert!(tried > 0 && world.transport.accepted().is_empty());
    let campaigns = world.engine.campaigns(world.workspace);
    let new = Sequence::from_toml(&two).unwrap();
    let edited = campaigns.edit(campaign, &new, &Edit::move_all()).await;
    edited.unwrap();
    world.run_for(48).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 6);
    let mut changed = 0;
    for row in sends(&world).await {
        assert_eq!(row.state, SendState::Sent);
        let mail = accepted.iter().find(|(_, key, _)| *key == row.key).unwrap();
        let new_way = String::from_utf8_lossy(mail.2.raw()).contains("the new way");
        assert_eq!(row.variant, u8::from(new_way), "{row:?}");
        changed += usize::from(new_way && row.attempt > 1);
    }
    assert!(changed > 0, "nobody's variant changed between two tries");
}

#[tokio::test]
async fn whoever_may_come_back_waits_since_the_end_and_not_since_the_last_mail() {
    let text = "name = \"Long\"\n[re_enroll]\nafter = \"30 days\"\nended = [\"replied\"]\n\
                [[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"b\"\n\
                [[step]]\nwait = \"60 days\"\n[[step.variant]]\nbody = \"c\"\n";
    let world = World::new(1).await;
    let campaign = world.campaign_of(text, Schedule::default()).await;
    world.run_for(24 * 20).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let raw = "From: Jo <lead0@person0.example>\r\nSubject: Your mail\r\n\
               Message-ID: <in1@elsewhere.example>\r\n\r\nI would like to know more, please call me.\r\n";
    let mail = arrival("in1", "theirs", world.clock.now(), false, raw);
    world.inbox.0.lock().unwrap().push(mail);
    world.run_for(24 * 15).await;
    let row = enrollments(&world).await.remove(0);
    assert_eq!(row.finish, Some(FinishReason::Replied));
    let campaigns = world.engine.campaigns(world.workspace);
    let early = campaigns.activate(campaign, &world.leads).await.unwrap();
    assert_eq!(
        early.enrolled, 0,
        "35 days since the mail, 15 since the end"
    );
    world.clock.advance_millis(24 * 16 * 3_600_000);
    let late = campaigns.activate(campaign, &world.leads).await.unwrap();
    assert_eq!(late.enrolled, 1, "{late:?}");
}

#[tokio::test]
async fn a_mail_that_was_to_go_at_once_waits_for_the_next_days_window() {
    let world = World::new(2).await;
    let schedule = Schedule {
        daily_cap: 1,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(4).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let waits = enrollments(&world)
        .await
        .into_iter()
        .find(|row| row.sent == 0);
    let id = waits.unwrap().id;
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.send_now(id).await.unwrap();
    world.run_for(48).await;
    let key = SendKey::Step {
        enrollment: id,
        step: jooper_core::StepIndex(0),
    };
    let rows = sends(&world).await;
    let row = rows.iter().find(|row| row.key == key).unwrap();
    let went = row.posting_at.unwrap();
    assert!(went >= at("2026-11-24T09:00:00Z"), "it went at {went}");
    assert!(went < at("2026-11-24T17:00:00Z"), "it went at {went}");
}

/// An account whose provider forbids the look before a mail.
#[derive(Debug, Default)]
struct Forbids {
    inner: RecordingTransport,
    asked: AtomicUsize,
}

#[async_trait]
impl Transport for Forbids {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, _: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        Err(TransportError::Forbidden("a scope is missing"))
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        self.inner.send(cleared).await
    }

    async fn read_back(
        &self,
        account: MailboxRef,
        provider_id: &str,
    ) -> Result<Receipt, TransportError> {
        self.inner.read_back(account, provider_id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        self.inner.reconcile(attempt).await
    }
}

#[tokio::test]
async fn an_account_that_may_not_look_before_a_mail_waits_for_its_owner() {
    let world = World::new(3).await;
    let lease = Arc::new(jooper_core::ManualClock::new(at("2026-01-01T00:00:00Z")));
    let transport = Arc::new(Forbids::default());
    let process = Process {
        store: world.store.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(lease.clone())),
        sleeper: Arc::new(Passing(lease)),
        transport: transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 9,
    };
    let runner = Runner::new(process.engine());
    world.campaign().await;
    for _ in 0..(24 * 60) {
        while runner.turn().await.unwrap() > 0 {}
        world.clock.advance_millis(60_000);
    }
    let asked = transport.asked.load(Ordering::SeqCst);
    assert!((1..=3).contains(&asked), "asked {asked} times in a day");
    for row in enrollments(&world).await {
        let waits = (EnrollmentState::Parked, Some(WaitReason::MailboxDown));
        assert_eq!((row.state, row.wait), waits);
    }
}

#[tokio::test]
async fn a_follow_up_into_a_deleted_conversation_goes_in_a_new_one() {
    let world = World::new(1).await;
    world.campaign().await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
    // The next try goes without the thread, and so does the one behind that.
    for reason in [NotSentReason::ThreadGone, NotSentReason::TokenRefused] {
        let retry_at = None;
        let refusal = Outcome::NotSent { reason, retry_at };
        world.transport.script(refusal);
    }
    world.run_for(24 * 20).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 3);
    let raw = |n: usize| String::from_utf8_lossy(accepted[n].2.raw()).into_owned();
    assert_eq!(accepted[1].2.thread(), None);
    assert!(
        raw(1).contains("<m1@recording.invalid>"),
        "it follows: {}",
        raw(1)
    );
    // From then on the conversation goes on where it is.
    let second = sends(&world).await.into_iter().find(|row| row.attempt == 3);
    let second = second.unwrap();
    assert_eq!(second.state, SendState::Sent);
    assert_eq!(accepted[2].2.thread(), second.provider_thread.as_deref());
    for id in ["<m1@recording.invalid>", "<m2@recording.invalid>"] {
        assert!(
            raw(2).contains(id),
            "{id} is among those it follows: {}",
            raw(2)
        );
    }
}

#[tokio::test]
async fn follow_ups_leave_accounts_that_may_not_read_only_where_somebody_opted_in() {
    for (opted_in, mails) in [(false, 1), (true, 3)] {
        let settings = EngineSettings {
            follow_ups_unread: opted_in,
            ..EngineSettings::default()
        };
        let store = Arc::new(jooper_storage::MemoryStore::new());
        let world = World::paced(store, 1, settings).await;
        let key = Key::new(&MAILBOX, vec![world.mailbox.to_value()]);
        let state = ColumnOp::Set(jooper_core::MailboxState::SendOnly.to_value());
        let patch = Write::Patch(key, vec![("state", state)]);
        let batch = Batch::new(world.workspace).write(patch);
        world.store.commit(batch).await.unwrap();
        world.campaign().await;
        world.run_for(24 * 20).await;
        let accepted = world.transport.accepted().len();
        assert_eq!(accepted, mails, "opted in: {opted_in}");
    }
}

#[tokio::test]
async fn a_mail_is_dated_now_to_the_second() {
    let world = World::new(3).await;
    world.campaign().await;
    world.run_for(24 * 20).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 9);
    for row in sends(&world).await {
        let mail = accepted.iter().find(|(_, key, _)| *key == row.key).unwrap();
        let raw = String::from_utf8_lossy(mail.2.raw()).into_owned();
        let dated = raw.lines().find_map(|line| line.strip_prefix("Date: "));
        let dated = jiff::fmt::rfc2822::parse(dated.unwrap()).unwrap();
        let posted = row.posting_at.unwrap();
        assert_eq!(dated.timestamp().as_second(), posted.as_second());
    }
}
