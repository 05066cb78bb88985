//! What the offline checker finds, and what it accepts.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "audit/clocks.rs"]
mod clocks;
#[path = "audit/domains.rs"]
mod domains;
#[path = "audit/erased.rs"]
mod erased;
#[path = "audit/gone.rs"]
mod gone;
#[path = "audit/history.rs"]
mod history;
#[path = "audit/pauses.rs"]
mod pauses;
#[path = "audit/providers.rs"]
mod providers;
#[path = "audit/restored.rs"]
mod restored;
#[path = "audit/slow.rs"]
mod slow;
mod support;

use std::sync::Arc;

use async_trait::async_trait;
use erased::opts_in;
use jiff::Timestamp;
use jooper_consent::{
    Acquired, AuditKey, AuditLine, AuditReport, AuditWriter, Exporter, Finding, Note, PermitNote,
    SENT_ADOPTED, check_export, verify,
};
use jooper_core::{
    CampaignId, Dimensions, EventId, EventKind, LeadId, MailboxId, ManualClock, SendKey, StepIndex,
    StopReason, StopSource, WorkspaceId,
};
use jooper_storage::tables::LEAD;
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Column, ColumnOp, Erase, Erased, Key, LogCursor, LogEntry,
    LogPage, MemoryStore, Page, Row, Scan, Scope, Storage, StoreError, Write,
};
use proptest::prelude::*;
use support::{World, country};

/// A campaign of a few mails with a stop in it, audited.
struct Audited {
    world: World,
    key: Arc<AuditKey>,
    writer: AuditWriter,
}

impl Audited {
    async fn new() -> Self {
        Self::with_stop(StopReason::Unsubscribed).await
    }

    /// With the memory that it is in, to make copies of.
    async fn copied() -> (Self, MemoryStore) {
        let clock = Arc::new(ManualClock::new(support::start()));
        let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn jooper_core::Clock>);
        let world = World::over(Arc::new(memory.clone()), clock).await;
        (Self::of(world, StopReason::Unsubscribed).await, memory)
    }

    /// The same people over other data.
    fn over(self, store: MemoryStore) -> Self {
        let store: Arc<dyn Storage> = Arc::new(store);
        let (key, clock) = (self.key.clone(), self.world.clock.clone());
        Self {
            writer: AuditWriter::new(store.clone(), key, clock),
            world: self.world.with_store(store),
            key: self.key,
        }
    }

    async fn with_stop(reason: StopReason) -> Self {
        Self::of(World::new().await, reason).await
    }

    async fn of(world: World, reason: StopReason) -> Self {
        let key = Arc::new(AuditKey::from_seed(&[7; 32]));
        let writer = AuditWriter::new(world.store.clone(), key.clone(), world.clock.clone());
        world.gate.record_policies(world.ws).await.unwrap();
        let audited = Self { world, key, writer };
        for n in 1..=4 {
            audited.world.consented(n).await;
            audited.send(n).await;
            audited.world.clock.advance_millis(30_000);
            audited.writer.follow(audited.world.ws).await.unwrap();
        }
        let person = audited.world.person(2);
        let stops = &audited.world.stops;
        stops
            .stop(audited.world.ws, person, reason, StopSource::Person)
            .await
            .unwrap();
        audited.world.consented(5).await;
        audited.send(5).await;
        audited.writer.seal(audited.world.ws).await.unwrap();
        audited
    }

    async fn send_more(&self, n: u128) {
        self.world.consented(n).await;
        self.send(n).await;
    }

    async fn send(&self, n: u128) {
        let world = &self.world;
        let intent = world.intent(n);
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        let Acquired::Permit(permit, _) = acquired.unwrap() else {
            panic!("{n} was refused");
        };
        world.clock.advance_millis(1);
        self.append(EventKind::Sent, n, None).await;
        world.gate.release(permit).await.unwrap();
    }

    /// An entry about a step to a lead, as the engine would append it.
    async fn append(&self, kind: EventKind, n: u128, note: Option<Note>) {
        let at = jooper_core::Clock::now(&*self.world.clock);
        self.append_at(kind, n, note, at).await;
    }

    async fn append_at(&self, kind: EventKind, n: u128, note: Option<Note>, at: Timestamp) {
        let world = &self.world;
        let lead: LeadId = world.recipient(n).lead.unwrap();
        let entry = LogEntry {
            id: EventId::from_source(
                kind,
                &[lead.uuid().as_bytes(), &at.as_millisecond().to_be_bytes()],
            ),
            at,
            kind,
            dimensions: Dimensions {
                campaign: Some(world.campaign),
                step: Some(StepIndex(0)),
                mailbox: Some(world.mailbox),
                ..Dimensions::default()
            },
            lead: Some(lead),
            subject: Some(lead.into()),
            payload: note.map(|note| note.to_payload()),
            rollups: Vec::new(),
        };
        world.commit(Batch::new(world.ws).append(entry)).await;
    }

    async fn verify(&self) -> AuditReport {
        verify(self.world.store.clone(), self.world.ws, self.key.clone())
            .await
            .unwrap()
    }

    async fn export(&self) -> Vec<u8> {
        let mut out = Vec::new();
        Exporter::new(self.world.store.clone(), self.key.clone())
            .write(self.world.ws, &mut out)
            .await
            .unwrap();
        out
    }

    async fn lines(&self) -> Vec<AuditLine> {
        parse(&self.export().await)
    }

    fn check(&self, lines: &[AuditLine]) -> Vec<Finding> {
        let text: String = lines
            .iter()
            .map(|line| serde_json::to_string(line).unwrap() + "\n")
            .collect();
        check_export(text.as_bytes(), [self.key.public()])
            .unwrap()
            .findings
    }
}

fn parse(export: &[u8]) -> Vec<AuditLine> {
    let text = std::str::from_utf8(export).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Where the leaf of this place stands.
fn at(lines: &[AuditLine], seq: u64) -> usize {
    lines
        .iter()
        .position(|line| matches!(line, AuditLine::Leaf(leaf) if leaf.seq == seq))
        .unwrap()
}

fn leaf(line: &mut AuditLine) -> &mut jooper_consent::LeafLine {
    match line {
        AuditLine::Leaf(leaf) => leaf,
        _ => panic!("not a leaf"),
    }
}

#[tokio::test]
async fn an_honest_campaign_verifies_in_the_store_and_from_its_export() {
    let audited = Audited::new().await;
    let report = audited.verify().await;
    assert_eq!(report.findings, []);
    assert_eq!((report.permits, report.sends, report.stops), (5, 5, 1));
    assert!(report.leaves == 13 && report.heads >= 2, "{report:?}");
    let export = audited.export().await;
    let offline = check_export(&*export, [audited.key.public()]).unwrap();
    assert_eq!(offline, report);
}

#[tokio::test]
async fn the_chain_verifies_after_an_erasure() {
    let audited = Audited::new().await;
    erased::erase(&audited, 1).await;
    let report = audited.verify().await;
    assert_eq!(report.findings, []);
    assert_eq!(report.erased, 1);
    let export = String::from_utf8(audited.export().await).unwrap();
    let contact = audited.world.recipient(1).contact_index;
    let bytes = serde_json::to_string(&contact).unwrap();
    assert!(!export.contains(&bytes));
}

/// A store whose oldest log entries went with their partition.
#[derive(Debug)]
struct Retained {
    inner: Arc<dyn Storage>,
    gone: u64,
}

#[async_trait]
impl Storage for Retained {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.inner.commit(batch).await
    }

    async fn get(&self, scope: Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get(scope, keys).await
    }

    async fn scan(&self, scope: Scope, scan: Scan) -> Result<Page, StoreError> {
        self.inner.scan(scope, scan).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Claimed>, StoreError> {
        self.inner.claim(claim).await
    }

    async fn read_log(
        &self,
        ws: WorkspaceId,
        mut cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.after = cursor.after.max(self.gone);
        self.inner.read_log(ws, cursor).await
    }

    async fn erase(&self, erase: Erase) -> Result<Erased, StoreError> {
        self.inner.erase(erase).await
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.inner.now().await
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

#[tokio::test]
async fn the_chain_verifies_after_retention_and_grows_on() {
    let audited = Audited::new().await;
    let whole = audited.verify().await;
    // Entries 1 to 5 are gone: two policies, a permit, its mail, and the permit of entry 6.
    let kept: Arc<dyn Storage> = Arc::new(Retained {
        inner: audited.world.store.clone(),
        gone: 5,
    });
    let ws = audited.world.ws;
    let check = || verify(kept.clone(), ws, audited.key.clone());
    let report = check().await.unwrap();
    assert_eq!(report.findings, []);
    assert_eq!((report.gone, report.unjudged), (5, 1), "{report:?}");
    let said = [&whole, &report].map(|report| report.conclusion().unwrap());
    assert!(!said[0].contains("cannot be seen") && said[1].contains("in entries 6 and later"));
    assert_eq!((report.leaves, report.heads), (whole.leaves, whole.heads));
    // What comes later is chained to leaves whose entries nobody has any more.
    audited.send_more(6).await;
    let writer = AuditWriter::new(
        kept.clone(),
        audited.key.clone(),
        audited.world.clock.clone(),
    );
    writer.seal(ws).await.unwrap();
    let report = check().await.unwrap();
    assert_eq!((report.findings, report.leaves), (vec![], whole.leaves + 2));
    // A leaf that goes with its entry is missed all the same.
    let mut out = Vec::new();
    let exporter = Exporter::new(kept, audited.key.clone());
    exporter.write(ws, &mut out).await.unwrap();
    let mut lines = parse(&out);
    lines.remove(at(&lines, 3));
    let found = audited.check(&lines);
    assert_eq!(found[0], Finding::Removed { from: 3, to: 3 });
}

#[tokio::test]
async fn a_flipped_bit_is_found_and_named() {
    let audited = Audited::new().await;
    let mut lines = audited.lines().await;
    let position = at(&lines, 5);
    leaf(&mut lines[position]).record.as_mut().unwrap().at ^= 1;
    assert_eq!(audited.check(&lines), [Finding::Altered { seq: 5 }]);
    let mut lines = audited.lines().await;
    leaf(&mut lines[position]).leaf[31] ^= 1;
    let found = audited.check(&lines);
    assert!(found.contains(&Finding::Broken { seq: 5 }), "{found:?}");
    let mut lines = audited.lines().await;
    let payload = &mut leaf(&mut lines[position]).record.as_mut().unwrap().payload;
    *payload = payload.take().map(|text| text.replacen("22", "23", 1));
    assert_eq!(audited.check(&lines), [Finding::PayloadChanged { seq: 5 }]);
}

#[tokio::test]
async fn removed_and_reordered_leaves_are_found_and_named() {
    let audited = Audited::new().await;
    let mut lines = audited.lines().await;
    let position = at(&lines, 6);
    lines.remove(position);
    let found = audited.check(&lines);
    assert_eq!(found[0], Finding::Removed { from: 6, to: 6 });
    let mut lines = audited.lines().await;
    let (one, two) = (at(&lines, 12), at(&lines, 13));
    lines.swap(one, two);
    let found = audited.check(&lines);
    assert!(found.contains(&Finding::Reordered { seq: 12 }), "{found:?}");
    let mut lines = audited.lines().await;
    lines.truncate(at(&lines, 12));
    let found = audited.check(&lines);
    assert!(
        found.contains(&Finding::Removed { from: 12, to: 13 }),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_forged_head_is_found_and_named() {
    let audited = Audited::new().await;
    let mut lines = audited.lines().await;
    let Some(AuditLine::Head(head)) = lines.last_mut() else {
        panic!("the last line is the head");
    };
    let size = head.size;
    head.signed_at += 1;
    let found = audited.check(&lines);
    assert!(found.contains(&Finding::ForgedHead { size }), "{found:?}");
}

#[tokio::test]
async fn a_chain_made_anew_over_another_history_does_not_match_the_signed_heads() {
    // The forger has salts and can compute every hash, but holds only the heads that were signed
    // for the true history.
    let honest = Audited::new().await;
    let other = Audited::with_stop(StopReason::Bounced).await;
    let forged: Vec<_> = other
        .lines()
        .await
        .into_iter()
        .zip(honest.lines().await)
        .map(|(forged, honest)| match honest {
            AuditLine::Head(_) => honest,
            _ => forged,
        })
        .collect();
    let found = honest.check(&forged);
    assert!(
        matches!(found[..], [Finding::HeadMismatch { from, to }] if from <= 11 && 11 <= to),
        "{found:?}"
    );
    let stranger = AuditKey::from_seed(&[8; 32]);
    let export = honest.export().await;
    let report = check_export(&*export, [stranger.public()]).unwrap();
    assert!(matches!(report.findings[0], Finding::ForgedHead { .. }));
}

#[tokio::test]
async fn a_permit_and_a_send_behind_a_stop_are_found() {
    let audited = Audited::new().await;
    let world = &audited.world;
    // Whoever writes around the gate leaves these traces.
    world.clock.advance_millis(60_000);
    audited.append(EventKind::Sent, 2, None).await;
    audited.append(EventKind::Permitted, 2, None).await;
    world.lead(9, country("DE")).await;
    audited.append(EventKind::Sent, 9, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    let stop = 11;
    let expected = [
        Finding::SendAfterStop { send: 14, stop },
        Finding::PermitAfterStop { permit: 15, stop },
        Finding::SendWithoutPermit { send: 16 },
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_entry_that_is_withheld_is_found_and_a_cut_file_tells_where_it_ends() {
    let audited = Audited::new().await;
    let world = &audited.world;
    world.clock.advance_millis(60_000);
    audited.append(EventKind::Sent, 2, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    let whole = audited.lines().await;
    let stop = 11;
    let late = Finding::SendAfterStop { send: 14, stop };
    assert_eq!(audited.check(&whole), [late]);
    // Without the stop nothing speaks against the mail: that it is not there has to.
    for seq in [stop, 14] {
        let mut lines = whole.clone();
        let position = at(&lines, seq);
        leaf(&mut lines[position]).record = None;
        assert_eq!(audited.check(&lines), [Finding::Withheld { seq }]);
    }
    // Cut behind an older head, all is in order; the report says how old that head is.
    let mut lines = whole;
    let older = lines
        .iter()
        .rposition(|line| matches!(line, AuditLine::Head(head) if head.size < stop));
    lines.truncate(older.unwrap() + 1);
    let Some(AuditLine::Head(head)) = lines.last().cloned() else {
        panic!("cut behind a head");
    };
    let Some(AuditLine::Start(start)) = lines.first_mut() else {
        panic!("the first line is the start");
    };
    start.leaves = head.size;
    let text: String = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap() + "\n")
        .collect();
    let report = check_export(text.as_bytes(), [audited.key.public()]).unwrap();
    assert_eq!(report.findings, []);
    let last = report.last_head.unwrap();
    assert_eq!(last.size, head.size);
    assert_eq!(last.signed_at.as_millisecond(), head.signed_at);
}

/// Entries about a mail that is no step: a permit, and that it was sent.
async fn without_a_step(audited: &Audited, kind: EventKind, key: SendKey, lead: bool) {
    let campaign = None;
    mail(audited, kind, key, lead.then_some(2), campaign).await;
}

/// The same, of a mail that goes to a person in a campaign's conversation.
async fn mail(
    audited: &Audited,
    kind: EventKind,
    key: SendKey,
    lead: Option<u128>,
    campaign: Option<CampaignId>,
) {
    let world = &audited.world;
    world.clock.advance_millis(1000);
    let now = jooper_core::Clock::now(&*world.clock);
    let to = world.recipient(lead.unwrap_or(2));
    let lead = to.lead.filter(|_| lead.is_some());
    let (step, enrollment) = match key {
        SendKey::Step {
            step, enrollment, ..
        } => (Some(step), Some(enrollment)),
        _ => (None, None),
    };
    let note = match kind {
        EventKind::Permitted => Note::Permit(Box::new(PermitNote {
            permit: jooper_core::PermitId::from_uuid(support::id(77)),
            send_key: key,
            checked_from: now,
            lease_until: now,
            contact: to.contact_index,
            domain: to.domain_index,
            parent_domains: Vec::new(),
            lead,
            company: None,
            company_beside: None,
            campaign,
            enrollment,
            sampled: false,
            mailbox: world.mailbox,
            basis: None,
            receipt: None,
            country: None,
            policy: Default::default(),
        })),
        _ => Note::Send {
            send_key: key,
            began: None,
        },
    };
    let entry = LogEntry {
        id: EventId::from_source(kind, &[&key.to_bytes()]),
        at: now,
        kind,
        dimensions: Dimensions {
            campaign,
            step,
            mailbox: Some(world.mailbox),
            ..Dimensions::default()
        },
        lead,
        subject: lead.map(Into::into),
        payload: Some(note.to_payload()),
        rollups: Vec::new(),
    };
    world.commit(Batch::new(world.ws).append(entry)).await;
}

#[tokio::test]
async fn a_reply_that_began_behind_a_stop_or_without_a_permit_is_found() {
    // The first reason lets a reply pass, the second does not.
    let audited = Audited::with_stop(StopReason::Replied).await;
    let world = &audited.world;
    let reply = |n: u128| SendKey::Reply {
        thread: jooper_core::ThreadId::from_uuid(support::id(70)),
        key: support::id(n),
    };
    without_a_step(&audited, EventKind::Permitted, reply(71), true).await;
    let (person, source) = (world.person(2), StopSource::Person);
    let stops = &world.stops;
    stops
        .stop(world.ws, person, StopReason::Objected, source)
        .await
        .unwrap();
    without_a_step(&audited, EventKind::Sent, reply(71), true).await;
    without_a_step(&audited, EventKind::Sent, reply(72), true).await;
    audited.writer.seal(world.ws).await.unwrap();
    let stop = 15;
    let expected = [
        Finding::SendAfterStop { send: 16, stop },
        Finding::SendWithoutPermit { send: 17 },
    ];
    assert_eq!(audited.verify().await.findings, expected);
}

/// Whichever company was judged: the lead's own, and the one that whoever sent named.
#[tokio::test]
async fn a_mail_behind_the_stop_of_either_of_two_companies_is_found() {
    for stopped in [0xC0, 0xC1] {
        let audited = Audited::new().await;
        let world = &audited.world;
        let lead = world.consented(6).await;
        let company = |n| jooper_core::CompanyId::from_uuid(support::id(n));
        let works = vec![("company", ColumnOp::Set(company(0xC0).to_value()))];
        let key = Key::new(&LEAD, vec![lead.to_value()]);
        let batch = world.batch().write(Write::Patch(key, works));
        world.commit(batch).await;
        let mut intent = world.intent(6);
        intent.recipient.company = Some(company(0xC1));
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        assert!(acquired.unwrap().verdict().is_allow());
        let scope = jooper_consent::StopScope::Company(company(stopped));
        let (reason, source) = (StopReason::Paused, StopSource::User);
        let stop = world.stops.stop(world.ws, scope, reason, source);
        stop.await.unwrap();
        world.clock.advance_millis(1000);
        audited.append(EventKind::Sent, 6, None).await;
        audited.writer.seal(world.ws).await.unwrap();
        let found = audited.verify().await.findings;
        let late = matches!(found[..], [Finding::SendAfterStop { .. }]);
        assert!(late, "{stopped:x}: {found:?}");
    }
}

#[tokio::test]
async fn a_mail_found_after_a_restore_is_not_held_against_the_sender() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let lead = world.recipient(9).lead.unwrap();
    let dimensions = Dimensions {
        campaign: Some(world.campaign),
        step: Some(StepIndex(0)),
        mailbox: Some(world.mailbox),
        reason: Some(SENT_ADOPTED),
        ..Dimensions::default()
    };
    let at = jooper_core::Clock::now(&*world.clock);
    let entry = LogEntry::new(EventKind::Sent, at, &[b"found"], dimensions).about(lead);
    world.commit(Batch::new(world.ws).append(entry)).await;
    audited.writer.seal(world.ws).await.unwrap();
    let report = audited.verify().await;
    assert_eq!(report.findings, []);
    assert_eq!((report.adopted, report.unjudged), (1, 0));
}

#[tokio::test]
async fn a_stop_that_the_person_lifted_forbids_nothing_any_more() {
    let audited = Audited::new().await;
    let world = &audited.world;
    world.clock.advance_millis(60_000);
    let to = world.recipient(2);
    let act = jooper_consent::PersonalAct {
        proof: support::on_their_page(),
        at: jooper_core::Clock::now(&*world.clock),
    };
    let lifted = world
        .stops
        .lift(world.ws, to.contact_index, &to.variants, act)
        .await
        .unwrap();
    assert!(lifted.lifted > 0);
    audited.append(EventKind::Permitted, 2, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings, []);
}

#[tokio::test]
async fn a_stop_of_one_address_says_nothing_of_a_mail_to_another_of_the_same_person() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let lead = world.recipient(3).lead;
    // One lead with two addresses: the person's, and one more.
    let (here, there) = (world.recipient(3), world.recipient(33));
    let (reason, source) = (StopReason::Objected, StopSource::Person);
    for to in [&here, &there] {
        let scope = jooper_consent::StopScope::Person {
            contact_index: to.contact_index,
            variants: to.variants.clone(),
            lead,
        };
        let stop = world.stops.stop(world.ws, scope, reason, source);
        stop.await.unwrap();
    }
    opts_in(world, here.contact_index, &here.variants).await;
    audited.send(3).await;
    audited.writer.seal(world.ws).await.unwrap();
    let report = audited.verify().await;
    assert_eq!((report.findings, report.unjudged), (vec![], 0));
}

#[tokio::test]
async fn a_stop_of_a_mailbox_is_checked_until_it_is_resumed() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let mailbox: MailboxId = world.mailbox;
    let scope = jooper_consent::StopScope::Mailbox(mailbox);
    world
        .stops
        .stop(
            world.ws,
            scope.clone(),
            StopReason::Paused,
            StopSource::User,
        )
        .await
        .unwrap();
    world.clock.advance_millis(1000);
    audited.append(EventKind::Permitted, 3, None).await;
    let by = jooper_core::UserId::from_uuid(support::id(9));
    world.stops.resume(world.ws, scope, by).await.unwrap();
    audited.append(EventKind::Permitted, 4, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    let expected = Finding::PermitAfterStop {
        permit: 15,
        stop: 14,
    };
    assert_eq!(found, [expected]);
}

#[tokio::test]
async fn two_writers_make_one_chain() {
    let audited = Audited::new().await;
    let world = &audited.world;
    for n in 10..30 {
        audited.append(EventKind::Enrolled, n, None).await;
        world.clock.advance_millis(20_000);
        let second = audited.writer.clone();
        let (one, two) =
            futures_util::future::join(audited.writer.follow(world.ws), second.follow(world.ws))
                .await;
        assert_eq!(one.unwrap().entries + two.unwrap().entries, 1);
    }
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings, []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_byte_of_an_export_goes_unnoticed(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        static EXPORT: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let export = EXPORT.get_or_init(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async { Audited::new().await.export().await })
        });
        let mut changed = export.clone();
        let at = place.index(changed.len());
        changed[at] ^= 1 << bit;
        let key = AuditKey::from_seed(&[7; 32]);
        let read = |text: &[u8]| -> Option<Vec<AuditLine>> {
            let text = std::str::from_utf8(text).ok()?;
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(|line| serde_json::from_str(line).ok()).collect()
        };
        // Letters of hexadecimal texts read the same in either case.
        let same = read(&changed).is_some_and(|lines| hexed(&lines) == hexed(&parse(export)));
        match check_export(&*changed, [key.public()]) {
            Ok(report) => prop_assert!(same || !report.is_clean(), "byte {at} bit {bit}"),
            Err(_) => prop_assert!(!same),
        }
    }
}

fn hexed(lines: &[AuditLine]) -> String {
    let lines: Vec<_> = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap())
        .collect();
    lines.join("\n").to_lowercase()
}
