//! Looking for the evidence of a send whose outcome is unknown.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    Clock, EmailAddress, EnrollmentState, EventKind, LeadState, ManualClock, NotSentReason, Origin,
    SearchResult, SendState, StepIndex, UserId,
};
use jooper_sequence::model::{Edit, Schedule, Sequence};
use jooper_sequence::{EngineError, EngineSettings, Runner};
use jooper_storage::tables::{
    AddressText, COUNTER, CounterRow, ENROLLMENT, EnrollmentRow, LEAD, LEAD_ADDRESS,
    LeadAddressRow, MESSAGE, MessageContent, MessageRow, SEND, SendRow, THREAD, ThreadRow,
};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, LogCursor, MemoryStore, Record, Scan, Storage, StorageExt, Write,
};
use jooper_transport::{
    Attempt, Cleared, EvidenceBase, MailboxRef, Outcome, Receipt, Reconciliation,
    RecordingTransport, Transport, TransportCapabilities, TransportError, UnknownCause,
};
use jooper_vault::{DetectReply, Place, VaultError};
use support::{LeaseOf, Mortal, Passing, Process, World, arrival, at};

/// A mailbox so full that a search in it is broken off so many times.
#[derive(Debug)]
struct Full {
    inner: RecordingTransport,
    clock: Arc<ManualClock>,
    asked: Mutex<Vec<(Timestamp, Attempt)>>,
    broken_off: AtomicUsize,
    /// Whether a search finds nothing.
    blind: AtomicBool,
    /// What a search comes to; `None`: what the inner transport says.
    says: Mutex<Option<Reconciliation>>,
    /// Whether the next mail is lost on its way.
    swallows: AtomicBool,
}

#[async_trait]
impl Transport for Full {
    fn capabilities(&self) -> TransportCapabilities {
        self.inner.capabilities()
    }

    async fn evidence_base(&self, mailbox: MailboxRef) -> Result<EvidenceBase, TransportError> {
        self.inner.evidence_base(mailbox).await
    }

    async fn send(&self, cleared: Cleared) -> Outcome {
        if self.swallows.swap(false, Ordering::Relaxed) {
            return Outcome::Unknown(UnknownCause::Timeout);
        }
        self.inner.send(cleared).await
    }

    async fn read_back(&self, mailbox: MailboxRef, id: &str) -> Result<Receipt, TransportError> {
        self.inner.read_back(mailbox, id).await
    }

    async fn reconcile(&self, attempt: &Attempt) -> Result<Reconciliation, TransportError> {
        let count = {
            let mut asked = self.asked.lock().unwrap();
            asked.push((self.clock.now(), attempt.clone()));
            asked.len()
        };
        if count <= self.broken_off.load(Ordering::Relaxed) {
            let after = Some(Duration::from_secs(60));
            return Err(TransportError::RateLimited { after });
        }
        if let Some(says) = self.says.lock().unwrap().clone() {
            return Ok(says);
        }
        if self.blind.load(Ordering::Relaxed) {
            return Ok(Reconciliation::NotFound { complete: false });
        }
        self.inner.reconcile(attempt).await
    }
}

/// A world whose first send ends unknown in a full mailbox.
async fn world(broken_off: usize) -> (World, Arc<Full>) {
    world_of(broken_off, None).await
}

async fn world_of(broken_off: usize, sequence: Option<&str>) -> (World, Arc<Full>) {
    world_on(Arc::new(MemoryStore::new()), broken_off, sequence).await
}

async fn world_on(
    store: Arc<dyn Storage>,
    broken_off: usize,
    sequence: Option<&str>,
) -> (World, Arc<Full>) {
    let mut world = World::on(store, 1).await;
    let transport = Arc::new(Full {
        inner: RecordingTransport::new(),
        clock: world.clock.clone(),
        asked: Mutex::default(),
        broken_off: AtomicUsize::new(broken_off),
        blind: AtomicBool::new(false),
        says: Mutex::default(),
        swallows: AtomicBool::new(false),
    });
    let lease = Arc::new(ManualClock::new(at("2026-01-01T00:00:00Z")));
    world.engine = Process {
        store: world.store.clone(),
        clock: world.clock.clone(),
        lease: Arc::new(LeaseOf(lease.clone())),
        sleeper: Arc::new(Passing(lease)),
        transport: transport.clone(),
        inbox: world.inbox.clone(),
        settings: EngineSettings::default(),
        number: 8,
    }
    .engine();
    let unknown = Outcome::Unknown(UnknownCause::Timeout);
    transport.inner.script(unknown);
    match sequence {
        Some(text) => world.campaign_of(text, Schedule::default()).await,
        None => world.campaign().await,
    };
    (world, transport)
}

async fn all<R: Record>(world: &World, scan: Scan) -> Vec<R> {
    let rows = world.store.collect::<R>(world.workspace, scan).await;
    rows.unwrap().into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn a_search_that_was_broken_off_goes_on_after_the_pause_and_knows_the_mail() {
    let (world, transport) = world(3).await;
    world.run_for(24).await;
    let asked = transport.asked.lock().unwrap().clone();
    let gaps: Vec<_> = asked
        .windows(2)
        .map(|pair| pair[1].0.duration_since(pair[0].0))
        .collect();
    // Time moves by ten minutes here, so that is how long a pause of one is.
    assert_eq!(gaps, [SignedDuration::from_mins(10); 3], "{asked:?}");
    let (_, attempt) = &asked[0];
    let to = attempt.to.as_ref().map(|to| to.as_str());
    assert_eq!(to, Some("lead0@person0.example"));
    assert_eq!(attempt.subject.as_deref(), Some("Hello Jo0"));
    let sends = all::<SendRow>(&world, Scan::table(&SEND)).await;
    assert_eq!(sends[0].state, SendState::Sent);
}

#[tokio::test]
async fn the_mail_to_a_person_who_is_out_of_reach_is_looked_for_by_its_token_alone() {
    let (world, transport) = world(3).await;
    while transport.inner.accepted().is_empty() {
        world.run_for(1).await;
    }
    transport.asked.lock().unwrap().clear();
    let key = Key::new(&LEAD, vec![world.leads[0].to_value()]);
    let restricted = ("state", ColumnOp::Set(LeadState::Restricted.to_value()));
    let patch = Write::Patch(key, vec![restricted]);
    world
        .store
        .commit(Batch::new(world.workspace).write(patch))
        .await
        .unwrap();
    world.run_for(24).await;
    let asked = transport.asked.lock().unwrap().clone();
    let (_, attempt) = asked.last().unwrap();
    assert_eq!((&attempt.to, &attempt.subject), (&None, &None));
    let sends = all::<SendRow>(&world, Scan::table(&SEND)).await;
    assert_eq!(sends[0].state, SendState::Sent);
}

#[tokio::test]
async fn what_was_released_and_then_ended_counts_as_given_up_and_not_as_skipped() {
    let (world, transport, row) = unknown().await;
    transport.broken_off.store(0, Ordering::Relaxed);
    transport.blind.store(true, Ordering::Relaxed);
    let campaigns = world.engine.campaigns(world.workspace);
    let id = row.enrollment.unwrap();
    release(&world, &row).await;
    // Commands of one millisecond have no order.
    world.clock.advance_millis(1);
    campaigns.end_enrollment(id).await.unwrap();
    world.run_for(24).await;
    // The first try did go, and nobody here ever knew.
    let states = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let states: Vec<_> = states.iter().map(|row| row.state).collect();
    let expected = [SendState::Abandoned, SendState::Skipped, SendState::Skipped];
    assert_eq!(states, expected);
    let log = world.store.read_log(world.workspace, LogCursor::after(0));
    let entries = log.await.unwrap().records;
    let released: Vec<_> = entries
        .iter()
        .filter(|record| record.entry.kind == EventKind::Released)
        .map(|record| record.entry.dimensions.reason)
        .collect();
    assert_eq!(released, [Some(1), Some(0)], "released, then given up");
}

/// The first try may have gone: nobody tries again by resuming or by an edit, though the second one was
/// certainly refused.
#[tokio::test]
async fn a_refused_try_whose_first_one_is_unknown_is_left_alone() {
    let (world, transport, row) = unknown().await;
    transport.broken_off.store(0, Ordering::Relaxed);
    transport.blind.store(true, Ordering::Relaxed);
    release(&world, &row).await;
    transport.inner.take_at_most(10);
    world.run_for(24).await;
    let tried = async || {
        let row = all::<SendRow>(&world, Scan::table(&SEND)).await.remove(0);
        (row.attempt, row.state)
    };
    assert_eq!(tried().await, (2, SendState::Unknown));
    transport.inner.take_at_most(25 << 20);
    let campaigns = world.engine.campaigns(world.workspace);
    let (id, by) = (
        row.enrollment.unwrap(),
        UserId::from_uuid(uuid::Uuid::nil()),
    );
    campaigns.resume_enrollment(id, by).await.unwrap();
    world.run_for(24).await;
    assert_eq!(tried().await, (2, SendState::Unknown));
    let text = support::SEQUENCE.replace("First", "Another first");
    let next = Sequence::from_toml(&text).unwrap();
    let campaign = row.campaign.unwrap();
    let edited = campaigns.edit(campaign, &next, &Edit::move_all()).await;
    edited.unwrap();
    world.run_for(24).await;
    campaigns.resume_enrollment(id, by).await.unwrap();
    world.run_for(24).await;
    assert_eq!(tried().await, (2, SendState::Unknown));
    assert_eq!(transport.inner.accepted().len(), 1, "the first try");
}

#[tokio::test]
async fn a_mail_that_was_given_up_is_not_told_as_skipped() {
    let (world, transport, row) = unknown().await;
    let campaigns = world.engine.campaigns(world.workspace);
    let given_up = campaigns.abandon(row.enrollment.unwrap(), StepIndex(0));
    given_up.await.unwrap();
    world.run_for(24 * 21).await;
    assert_eq!(transport.inner.accepted().len(), 3);
    let view = campaigns
        .explain(row.lead.unwrap())
        .await
        .unwrap()
        .remove(0);
    let last = &view.decisions.last().unwrap().1.summary;
    let end = "The sequence is over: 2 mails were sent, 1 mail was given up.";
    assert!(last.ends_with(end), "{last}");
}

#[tokio::test]
async fn a_mail_of_somebody_who_has_ended_is_released_by_nobody() {
    let (world, transport, row) = unknown().await;
    let campaigns = world.engine.campaigns(world.workspace);
    let id = row.enrollment.unwrap();
    campaigns.end_enrollment(id).await.unwrap();
    world.run_for(1).await;
    let by = UserId::from_uuid(uuid::Uuid::nil());
    let refused = campaigns.release(id, StepIndex(0), by).await.unwrap_err();
    assert!(matches!(refused, EngineError::State(_)), "{refused:?}");
    assert!(refused.to_string().contains("has ended"), "{refused}");
    assert_eq!(first(&world, &transport).await, (SendState::Unknown, 1));
    // To be given up it is still there.
    campaigns.abandon(id, StepIndex(0)).await.unwrap();
    world.run_for(1).await;
    assert_eq!(first(&world, &transport).await, (SendState::Abandoned, 1));
}

/// A world whose first send went, which nobody knows, and its send row.
async fn unknown() -> (World, Arc<Full>, SendRow) {
    let (world, transport) = world(usize::MAX).await;
    let runner = Runner::new(world.engine.clone());
    while transport.inner.accepted().is_empty() {
        world.clock.advance_millis(600_000);
        while runner.turn().await.unwrap() > 0 {}
    }
    let mut rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let row = rows.remove(0);
    assert_eq!(row.state, SendState::Unknown, "the search is broken off");
    (world, transport, row)
}

async fn release(world: &World, row: &SendRow) {
    let by = UserId::from_uuid(uuid::Uuid::nil());
    let campaigns = world.engine.campaigns(world.workspace);
    let released = campaigns.release(row.enrollment.unwrap(), StepIndex(0), by);
    released.await.unwrap();
}

async fn first(world: &World, transport: &Full) -> (SendState, usize) {
    let rows = all::<SendRow>(world, Scan::table(&SEND)).await;
    let row = rows.into_iter().find(|row| row.step == Some(StepIndex(0)));
    let row = row.unwrap();
    let accepted = transport.inner.accepted();
    let went = accepted.iter().filter(|(_, key, _)| *key == row.key);
    (row.state, went.count())
}

/// A person who releases a mail has read what the search came to: none of three looks like another.
#[tokio::test]
async fn an_unknown_mail_keeps_what_the_last_search_came_to() {
    let (world, transport, row) = unknown().await;
    let campaigns = world.engine.campaigns(world.workspace);
    let lead = row.lead.unwrap();
    let now = async || {
        let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
        let next = campaigns.explain(lead).await.unwrap().remove(0).next;
        (rows[0].clone(), next.unwrap())
    };
    let (before, next) = now().await;
    assert_eq!(before.searched, None, "each search was broken off");
    assert!(next.summary.contains("not searched yet"), "{next:?}");
    transport.broken_off.store(0, Ordering::Relaxed);
    for (says, result, words) in [
        (
            Reconciliation::NotFound { complete: false },
            SearchResult::Incomplete,
            "not everything could be searched",
        ),
        (
            Reconciliation::NotFound { complete: true },
            SearchResult::Nowhere,
            "The whole mailbox was searched",
        ),
        (
            Reconciliation::Inconclusive,
            SearchResult::Inconclusive,
            "cannot tell",
        ),
    ] {
        *transport.says.lock().unwrap() = Some(says);
        world.run_for(48).await;
        let (row, next) = now().await;
        assert_eq!(
            (row.state, row.searched),
            (SendState::Unknown, Some(result))
        );
        let at = row.searched_at.unwrap();
        assert!(at > row.posting_at.unwrap() && at <= world.clock.now());
        assert!(next.summary.contains(words), "{next:?}");
        let told = next.lines.iter().find(|line| line.rule == "evidence");
        assert_eq!(told.unwrap().verdict, result.name());
    }
    *transport.says.lock().unwrap() = None;
    world.run_for(48).await;
    let (row, _) = now().await;
    assert_eq!(row.state, SendState::Sent);
}

#[tokio::test]
async fn what_is_released_is_looked_for_once_more_and_does_not_go_again_where_it_is_found() {
    let (world, transport, row) = unknown().await;
    transport.broken_off.store(0, Ordering::Relaxed);
    release(&world, &row).await;
    world.run_for(24).await;
    assert_eq!(first(&world, &transport).await, (SendState::Sent, 1));
}

#[tokio::test]
async fn a_release_waits_for_a_search_that_was_broken_off() {
    let (world, transport, row) = unknown().await;
    let asked = transport.asked.lock().unwrap().len();
    transport.broken_off.store(asked + 2, Ordering::Relaxed);
    release(&world, &row).await;
    world.run_for(24).await;
    assert_eq!(first(&world, &transport).await, (SendState::Sent, 1));
}

#[tokio::test]
async fn a_release_by_a_host_whose_clock_is_ahead_waits_an_hour_and_no_longer() {
    const AHEAD: i64 = 6 * 3_600_000;
    let (world, transport, row) = unknown().await;
    let now = world.clock.now();
    world.clock.advance_millis(AHEAD);
    release(&world, &row).await;
    world.clock.set(now);
    world.run_for(1).await;
    assert_eq!(first(&world, &transport).await, (SendState::Unknown, 1));
    world.run_for(1).await;
    let (_, went) = first(&world, &transport).await;
    assert_eq!(went, 2, "the search is broken off for ever");
}

#[tokio::test]
async fn a_second_try_that_is_refused_for_good_does_not_say_that_the_first_failed() {
    let (world, transport, row) = unknown().await;
    transport.broken_off.store(0, Ordering::Relaxed);
    transport.blind.store(true, Ordering::Relaxed);
    transport.inner.script(Outcome::NotSent {
        reason: NotSentReason::Invalid,
        retry_at: None,
    });
    release(&world, &row).await;
    world.run_for(24).await;
    assert_eq!(first(&world, &transport).await, (SendState::Unknown, 1));
    let log = world.store.read_log(world.workspace, LogCursor::after(0));
    let failed = |kind| kind == EventKind::Failed;
    let entries = log.await.unwrap().records;
    assert!(!entries.iter().any(|record| failed(record.entry.kind)));
    transport.blind.store(false, Ordering::Relaxed);
    world.run_for(48).await;
    assert_eq!(first(&world, &transport).await, (SendState::Sent, 1));
}

#[tokio::test]
async fn the_copy_of_either_try_is_no_mail_that_the_owner_wrote_by_hand() {
    let (world, transport, row) = unknown().await;
    transport.broken_off.store(0, Ordering::Relaxed);
    transport.blind.store(true, Ordering::Relaxed);
    release(&world, &row).await;
    while transport.inner.accepted().len() < 2 {
        world.run_for(1).await;
    }
    let accepted = transport.inner.accepted();
    let raw = String::from_utf8_lossy(accepted[0].2.raw()).into_owned();
    let copy = arrival("m1", "t1", world.clock.now(), true, &raw);
    world.inbox.0.lock().unwrap().push(copy);
    world.run_for(1).await;
    let enrollments = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(enrollments[0].state, EnrollmentState::Active);
}

#[tokio::test]
async fn the_first_try_of_a_released_send_is_found_after_the_second_was_lost() {
    let (world, transport, row) = unknown().await;
    transport.swallows.store(true, Ordering::Relaxed);
    release(&world, &row).await;
    world.run_for(24).await;
    let swallowed = !transport.swallows.load(Ordering::Relaxed);
    assert!(swallowed, "the second try never left");
    assert_eq!(first(&world, &transport).await, (SendState::Unknown, 1));
    transport.broken_off.store(0, Ordering::Relaxed);
    world.run_for(48).await;
    assert_eq!(first(&world, &transport).await, (SendState::Sent, 1));
    // Each search begins before the first try.
    let asked = transport.asked.lock().unwrap();
    let base = Some(EvidenceBase("0".into()));
    assert!(
        asked
            .iter()
            .all(|(_, attempt)| attempt.evidence_base == base)
    );
}

/// A campaign's first sample does not wait for a mail whose way has ended: nobody may ever find out.
#[tokio::test]
async fn a_mail_of_unknown_fate_frees_its_place_in_the_sample_once_its_way_ends() {
    let (world, _transport, row) = unknown().await;
    let taken = async || {
        let rows = all::<CounterRow>(&world, Scan::table(&COUNTER)).await;
        let rows = rows.iter();
        let mut rows = rows.filter(|row| row.key.starts_with(b"consent.sample."));
        rows.next().map_or(0, |row| row.count)
    };
    assert_eq!(taken().await, 1, "it may have gone");
    let id = row.enrollment.unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.end_enrollment(id).await.unwrap();
    world.run_for(2).await;
    assert_eq!(taken().await, 0);
    // Given up as well, it frees no other's place.
    campaigns.abandon(id, StepIndex(0)).await.unwrap();
    world.run_for(2).await;
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    assert_eq!((rows[0].state, taken().await), (SendState::Abandoned, 0));
}

#[tokio::test]
async fn whoever_gives_the_only_mail_up_frees_one_place_in_the_sample() {
    let only = "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hi.\"\n";
    let (world, transport) = world_of(usize::MAX, Some(only)).await;
    while transport.inner.accepted().is_empty() {
        world.run_for(1).await;
    }
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let id = rows[0].enrollment.unwrap();
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.abandon(id, StepIndex(0)).await.unwrap();
    world.run_for(2).await;
    let enrollments = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(enrollments[0].state, EnrollmentState::Finished);
    let counters = all::<CounterRow>(&world, Scan::table(&COUNTER)).await;
    let sample = |row: &&CounterRow| row.key.starts_with(b"consent.sample.");
    let taken: Vec<_> = counters
        .iter()
        .filter(sample)
        .map(|row| row.count)
        .collect();
    assert_eq!(taken, [0]);
}

/// The second mail then begins the thread, under the subject that the first would have had, and the third
/// goes on in it: nobody is let go because a mail has no subject of its own.
#[tokio::test]
async fn behind_a_first_mail_that_was_given_up_both_others_go() {
    let (world, transport) = world(usize::MAX).await;
    while transport.inner.accepted().is_empty() {
        world.run_for(1).await;
    }
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let id = rows[0].enrollment.unwrap();
    campaigns.abandon(id, StepIndex(0)).await.unwrap();
    transport.broken_off.store(0, Ordering::Relaxed);
    world.run_for(24 * 21).await;
    let states = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let states: Vec<_> = states.iter().map(|row| row.state).collect();
    let expected = [SendState::Abandoned, SendState::Sent, SendState::Sent];
    assert_eq!(states, expected);
    let mails = transport.inner.accepted();
    let has = |mail: usize, line: &str| {
        let text = String::from_utf8_lossy(mails[mail].2.raw()).into_owned();
        text.lines().any(|found| found == line)
    };
    assert!(has(1, "Subject: Hello Jo0"));
    assert!(has(2, "Subject: Re: Hello Jo0"));
}

#[tokio::test]
async fn an_answer_is_looked_for_under_the_address_that_it_went_to() {
    let (world, transport) = world(0).await;
    world.run_for(24).await;
    let sent = all::<SendRow>(&world, Scan::table(&SEND)).await.remove(0);
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let subject = vault.subject(world.leads[0]).await.unwrap();
    let address = EmailAddress::parse("jo@private.example").unwrap();
    let email_index = vault.email_index(&address);
    let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
    let text = AddressText(address.to_string());
    let also = LeadAddressRow {
        email_index,
        lead: world.leads[0],
        contact_index: vault.contact_index(&address),
        domain_index: vault.domain_index(address.domain()),
        address: subject.seal(&place, Origin::Customer, &text).unwrap(),
    };
    let batch = Batch::new(world.workspace).insert(&also);
    world.store.commit(batch).await.unwrap();
    let raw = "From: Jo <jo@private.example>\r\nSubject: Re: Hello\r\n\
               Message-ID: <in1@private.example>\r\n\r\nYes, please call me.\r\n";
    let thread = sent.provider_thread.unwrap();
    let mail = arrival("in1", &thread, world.clock.now(), false, raw);
    world.inbox.0.lock().unwrap().push(mail);
    world.run_for(1).await;
    let thread = all::<ThreadRow>(&world, Scan::table(&THREAD))
        .await
        .remove(0);
    transport.asked.lock().unwrap().clear();
    let unknown = Outcome::Unknown(UnknownCause::Timeout);
    transport.inner.script(unknown);
    let desk = world.engine.conversations(world.workspace);
    let (key, by) = (
        uuid::Uuid::from_u128(1),
        UserId::from_uuid(uuid::Uuid::nil()),
    );
    desk.reply(thread.id, key, "Gladly.", by).await.unwrap();
    world.run_for(1).await;
    let asked = transport.asked.lock().unwrap().clone();
    let (_, attempt) = asked.last().unwrap();
    assert_eq!(attempt.to, Some(address));
}

/// The one mail of the conversation, sealed as it stands in the store.
async fn own_mail(world: &World) -> MessageRow {
    let mut mails = all::<MessageRow>(world, Scan::table(&MESSAGE)).await;
    assert_eq!(mails.len(), 1);
    mails.remove(0)
}

#[tokio::test]
async fn our_own_mail_read_back_from_the_mailbox_keeps_googles_label() {
    for read_back in [false, true] {
        let world = World::new(1).await;
        world.campaign().await;
        let vault = world.vault.workspace(world.workspace).await.unwrap();
        let raw = "From: ada@sender.example\r\nTo: lead0@person0.example\r\nSubject: Hello\r\n\
             Message-ID: <m1@mail.example>\r\n\r\nHi.\r\n";
        // Where the answer is lost, its words are read from the mailbox, which has them already.
        let copy = arrival("m1", "t1", world.clock.now(), true, raw);
        world.inbox.0.lock().unwrap().push(copy);
        if read_back {
            let unknown = Outcome::Unknown(UnknownCause::Timeout);
            world.transport.script(unknown);
        }
        world.run_for(12).await;
        let row = own_mail(&world).await;
        let subject = vault.subject(row.lead).await.unwrap();
        let place = Place::new(&MESSAGE, "content", &[row.id.to_value()]);
        let opened = subject.open::<MessageContent>(&place, &row.content);
        if read_back {
            assert_eq!(row.origin, Origin::Gmail);
            let refused = opened.err();
            assert!(
                matches!(refused, Some(VaultError::FromGmail { .. })),
                "{refused:?}"
            );
            let derived = subject.open_gmail(&place, &row.content).unwrap();
            assert_eq!(derived.lend(&DetectReply).text.trim(), "Hi.");
        } else {
            assert_eq!(row.origin, Origin::System);
            assert!(opened.is_ok_and(|content| content.text.contains("First")));
        }
    }
}

fn looks_for_whom_is_next(scan: &Scan) -> bool {
    scan.table.name == ENROLLMENT.name && scan.index == Some("by_turn")
}

/// A pass may take long, and the minute of a look falls into it, behind the searches of that pass.
#[tokio::test]
async fn a_look_whose_minute_falls_into_a_pass_is_made_in_the_next() {
    let store = Mortal::new(Arc::new(MemoryStore::new()));
    let (world, transport) = world_on(store.clone(), 0, None).await;
    transport.blind.store(true, Ordering::Relaxed);
    while transport.inner.accepted().is_empty() {
        world.run_for(1).await;
    }
    let rows = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let since = rows[0].posting_at.unwrap();
    // Six minutes of seven, so that two of these three fall into a pass wherever it begins.
    store.slow_down(looks_for_whom_is_next, world.clock.clone(), 6 * 60_000);
    let runner = Runner::new(world.engine.clone());
    while world.clock.now() < since + SignedDuration::from_hours(50) {
        runner.turn().await.unwrap();
        world.clock.advance_millis(60_000);
    }
    let asked = transport.asked.lock().unwrap().clone();
    let after: Vec<i64> = asked
        .iter()
        .map(|(at, _)| at.duration_since(since).as_mins())
        .collect();
    for look in [240, 1440, 2880] {
        let made = after.iter().any(|at| (look..look + 15).contains(at));
        assert!(made, "{look}: {after:?}");
    }
}

/// Whoever ended while nobody knew what became of a mail comes back once that is known.
#[tokio::test]
async fn evidence_behind_the_end_lets_its_lead_come_back() {
    let text = "name = \"Once\"\n[re_enroll]\nafter = \"30 days\"\nended = [\"removed\"]\n\
                [[step]]\n[[step.variant]]\nsubject = \"Hello\"\nbody = \"Hi.\"\n";
    let (world, transport) = world_of(0, Some(text)).await;
    transport.blind.store(true, Ordering::Relaxed);
    while transport.inner.accepted().is_empty() {
        world.run_for(1).await;
    }
    let row = all::<SendRow>(&world, Scan::table(&SEND)).await.remove(0);
    assert_eq!(row.state, SendState::Unknown);
    let campaigns = world.engine.campaigns(world.workspace);
    let id = row.enrollment.unwrap();
    campaigns.end_enrollment(id).await.unwrap();
    world.run_for(24 * 40).await;
    let campaign = row.campaign.unwrap();
    let early = campaigns.activate(campaign, &world.leads).await.unwrap();
    assert_eq!(early.enrolled, 0, "nobody knows what became of it");
    transport.blind.store(false, Ordering::Relaxed);
    world.run_for(48).await;
    assert_eq!(first(&world, &transport).await, (SendState::Sent, 1));
    let late = campaigns.activate(campaign, &world.leads).await.unwrap();
    assert_eq!(late.enrolled, 1, "{late:?}");
}
