//! What the checker still says once a person's notes were erased (law L14).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_consent::{Exporter, Finding, StopScope, check_export, erased_fact};
use jooper_core::{
    EventKind, LeadId, SendKey, StepIndex, StopReason, StopSource, SubjectId, WorkspaceId,
};
use jooper_storage::{
    Batch, Capabilities, Claim, Claimed, Erase, Erased, Key, LogCursor, LogPage, Page, Row, Scan,
    Scope, Storage, StoreError,
};

use crate::support::{self, World};
use crate::{Audited, mail};

/// Takes a person's payloads away.
async fn withhold(world: &World, n: u128) {
    let erase = Erase {
        workspace: world.ws,
        subject: world.recipient(n).lead.unwrap().into(),
    };
    world.store.erase(erase).await.unwrap();
}

/// The same, and says so.
pub(super) async fn erase(audited: &Audited, n: u128) {
    let world = &audited.world;
    let lead = world.recipient(n).lead.unwrap();
    let said = erased_fact(lead, jooper_core::Clock::now(&*world.clock));
    world.commit(world.batch().append(said)).await;
    withhold(world, n).await;
    audited.writer.seal(world.ws).await.unwrap();
}

/// The person asks for mail again: confirmed from the address itself.
pub(super) async fn opts_in(
    world: &World,
    contact: jooper_core::KeyedIndex,
    forms: &[jooper_core::KeyedIndex],
) {
    world.clock.advance_millis(60_000);
    let act = jooper_consent::PersonalAct {
        proof: support::opted_in(),
        at: jooper_core::Clock::now(&*world.clock),
    };
    let lifted = world.stops.lift(world.ws, contact, forms, act).await;
    assert!(lifted.unwrap().lifted > 0);
    world.clock.advance_millis(1000);
}

#[tokio::test]
async fn a_bounce_of_one_address_accuses_no_mail_to_another_once_the_person_is_erased() {
    let audited = Audited::new().await;
    let world = &audited.world;
    // One lead with two addresses: what went is to the one that did not bounce.
    let there = world.recipient(33);
    let scope = StopScope::Person {
        contact_index: there.contact_index,
        variants: there.variants.clone(),
        lead: world.recipient(3).lead,
    };
    let stop = world
        .stops
        .stop(world.ws, scope, StopReason::Bounced, StopSource::System);
    stop.await.unwrap();
    world.clock.advance_millis(1000);
    audited.send(3).await;
    audited.writer.seal(world.ws).await.unwrap();
    let before = audited.verify().await;
    assert_eq!((before.findings, before.unjudged), (vec![], 0));
    erase(&audited, 3).await;
    let after = audited.verify().await;
    assert_eq!((after.findings, after.unjudged), (vec![], 1));
}

/// Law L14: erasure takes the notes that tell what was taken back; what they leave accuses nobody.
#[tokio::test]
async fn a_mail_behind_a_lifted_stop_accuses_nobody_once_the_person_is_erased() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let to = world.recipient(2);
    opts_in(world, to.contact_index, &to.variants).await;
    audited.send(2).await;
    audited.writer.seal(world.ws).await.unwrap();
    let before = audited.verify().await;
    assert_eq!((before.findings, before.unjudged), (vec![], 0));
    erase(&audited, 2).await;
    let report = audited.verify().await;
    assert_eq!(report.findings, []);
    assert_eq!(report.unjudged, 1, "nothing can be said of that mail");
    let export = String::from_utf8(audited.export().await).unwrap();
    let contact = serde_json::to_string(&to.contact_index).unwrap();
    let contact: String = contact.bytes().map(|b| format!("{b:02x}")).collect();
    assert!(!export.contains(&contact), "the lift's indexes are gone");
    // A stop behind the lift is another matter.
    let person = world.person(2);
    let (reason, source) = (StopReason::Erased, StopSource::Person);
    let stops = &world.stops;
    stops.stop(world.ws, person, reason, source).await.unwrap();
    world.clock.advance_millis(1000);
    erase(&audited, 2).await;
    audited.append(EventKind::Permitted, 2, None).await;
    audited.append(EventKind::Sent, 2, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    let found = audited.verify().await.findings;
    assert!(
        matches!(
            found[..],
            [
                Finding::PermitAfterStop { .. },
                Finding::SendAfterStop { .. }
            ]
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_mail_behind_an_ended_restriction_accuses_nobody_once_the_person_is_erased() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let lead = world.recipient(3).lead.unwrap();
    let scope = StopScope::Lead(lead);
    let (reason, source) = (StopReason::Restricted, StopSource::Person);
    let stop = world.stops.stop(world.ws, scope.clone(), reason, source);
    stop.await.unwrap();
    world.clock.advance_millis(1000);
    let by = jooper_core::UserId::from_uuid(support::id(9));
    let ended = world.stops.resume_from(world.ws, scope, reason, by);
    ended.await.unwrap();
    world.clock.advance_millis(1000);
    audited.send(3).await;
    audited.writer.seal(world.ws).await.unwrap();
    erase(&audited, 3).await;
    let report = audited.verify().await;
    assert_eq!((report.findings, report.unjudged), (vec![], 1));
    // Ending a restriction takes back no objection.
    let audited = Audited::with_stop(StopReason::Objected).await;
    let world = &audited.world;
    let scope = StopScope::Lead(world.recipient(2).lead.unwrap());
    let stop = world.stops.stop(world.ws, scope.clone(), reason, source);
    stop.await.unwrap();
    world.clock.advance_millis(1000);
    let ended = world.stops.resume_from(world.ws, scope, reason, by);
    ended.await.unwrap();
    world.clock.advance_millis(1000);
    audited.append(EventKind::Permitted, 2, None).await;
    audited.append(EventKind::Sent, 2, None).await;
    audited.writer.seal(world.ws).await.unwrap();
    erase(&audited, 2).await;
    let found = audited.verify().await.findings;
    assert_eq!(found.len(), 2, "{found:?}");
}

/// Law L14: without its note, an entry that names no step may be of an answer, which a stop of its
/// campaign does not reach.
#[tokio::test]
async fn an_answer_behind_a_stop_of_its_campaign_accuses_nobody_once_the_person_is_erased() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let reply = |n| SendKey::Reply {
        thread: jooper_core::ThreadId::from_uuid(support::id(70)),
        key: support::id(n),
    };
    let source = StopSource::Person;
    let campaign = StopScope::Campaign(world.campaign);
    let stop = world
        .stops
        .stop(world.ws, campaign, StopReason::Paused, source);
    stop.await.unwrap();
    for kind in [EventKind::Permitted, EventKind::Sent] {
        mail(&audited, kind, reply(81), Some(3), Some(world.campaign)).await;
    }
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings, []);
    erase(&audited, 3).await;
    let report = audited.verify().await;
    assert_eq!((report.findings, report.unjudged), (vec![], 0));
    // An objection keeps back answers too, but no service mail: which of both it was is erased.
    let person = world.person(3);
    let stop = world
        .stops
        .stop(world.ws, person, StopReason::Objected, source);
    stop.await.unwrap();
    for kind in [EventKind::Permitted, EventKind::Sent] {
        mail(&audited, kind, reply(82), Some(3), Some(world.campaign)).await;
    }
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings.len(), 2);
    erase(&audited, 3).await;
    let report = audited.verify().await;
    assert_eq!((report.findings, report.unjudged), (vec![], 1));
}

/// An entry without its note tells neither enrollment nor company.
#[tokio::test]
async fn a_step_behind_a_stop_that_only_its_note_told_is_counted_once_the_person_is_erased() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let enrollment = jooper_core::EnrollmentId::from_uuid(support::id(90));
    let step = SendKey::Step {
        enrollment,
        step: StepIndex(4),
    };
    let scope = StopScope::Enrollment(enrollment);
    let source = StopSource::Person;
    let stop = world
        .stops
        .stop(world.ws, scope, StopReason::Paused, source);
    stop.await.unwrap();
    for kind in [EventKind::Permitted, EventKind::Sent] {
        mail(&audited, kind, step, Some(3), Some(world.campaign)).await;
    }
    audited.writer.seal(world.ws).await.unwrap();
    assert_eq!(audited.verify().await.findings.len(), 2);
    erase(&audited, 3).await;
    let report = audited.verify().await;
    assert_eq!((report.findings, report.unjudged), (vec![], 1));
}

/// Law L14: a payload that somebody keeps back looks like one that was erased, but nothing says so.
#[tokio::test]
async fn a_payload_that_is_withheld_is_found() {
    let audited = Audited::new().await;
    let world = &audited.world;
    // Person 3's permit; another person's erasure excuses nothing.
    erase(&audited, 1).await;
    withhold(world, 3).await;
    let report = audited.verify().await;
    assert_eq!(report.findings, [Finding::PayloadWithheld { seq: 7 }]);
    assert_eq!(report.erased, 1);
    // An erasure that is under way has stopped the person, and says the rest when it is done.
    let stop = world.stops.stop(
        world.ws,
        world.person(3),
        StopReason::Erased,
        StopSource::Person,
    );
    stop.await.unwrap();
    audited.writer.seal(world.ws).await.unwrap();
    let report = audited.verify().await;
    assert_eq!((report.findings, report.erased), (vec![], 2));
    // Kept back from the file alone.
    let mut lines = audited.lines().await;
    let position = crate::at(&lines, 9);
    let record = crate::leaf(&mut lines[position]).record.as_mut();
    record.unwrap().payload = None;
    assert_eq!(audited.check(&lines), [Finding::PayloadWithheld { seq: 9 }]);
}

/// A store in which somebody is erased once the first page of the log was read.
#[derive(Debug)]
struct Meanwhile {
    inner: Arc<dyn Storage>,
    lead: LeadId,
    erased: AtomicBool,
}

#[async_trait]
impl Storage for Meanwhile {
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
        workspace: WorkspaceId,
        mut cursor: LogCursor,
    ) -> Result<LogPage, StoreError> {
        cursor.limit = 4;
        let begun = cursor.after > 0;
        if begun && !self.erased.swap(true, Ordering::SeqCst) {
            let at = self.inner.now().await?;
            let said = Batch::new(workspace).append(erased_fact(self.lead, at));
            self.inner.commit(said).await?;
            let subject = SubjectId::from(self.lead);
            self.inner.erase(Erase { workspace, subject }).await?;
        }
        self.inner.read_log(workspace, cursor).await
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

/// The entry that says so stands behind the end that the chain had when the export began.
#[tokio::test]
async fn an_erasure_while_the_chain_is_read_accuses_nobody() {
    let audited = Audited::new().await;
    let ws = audited.world.ws;
    let while_read = || Meanwhile {
        inner: audited.world.store.clone(),
        lead: audited.world.recipient(3).lead.unwrap(),
        erased: AtomicBool::new(false),
    };
    let mut out = Vec::new();
    let exporter = Exporter::new(Arc::new(while_read()), audited.key.clone());
    let exporter = exporter.sealed_by(audited.writer.clone());
    exporter.write(ws, &mut out).await.unwrap();
    let report = check_export(&*out, [audited.key.public()]).unwrap();
    assert_eq!((report.findings, report.erased), (vec![], 1));
    assert_eq!(report.leaves, 14);
    // A payload that is kept back is found all the same, and is not waited for.
    withhold(&audited.world, 4).await;
    let exporter = Exporter::new(audited.world.store.clone(), audited.key.clone());
    let exporter = exporter.sealed_by(audited.writer.clone());
    let report = exporter.check(ws).await.unwrap();
    assert_eq!(report.findings, [Finding::PayloadWithheld { seq: 9 }]);
}

/// Whoever was deleted may come back as somebody new, of whom no note tells that they had objected.
#[tokio::test]
async fn stops_of_people_whose_data_is_gone_are_counted_and_not_passed_over() {
    let audited = Audited::new().await;
    let world = &audited.world;
    let stop = world.stops.stop(
        world.ws,
        world.person(3),
        StopReason::Objected,
        StopSource::Person,
    );
    stop.await.unwrap();
    audited.writer.seal(world.ws).await.unwrap();
    let said = |report: &jooper_consent::AuditReport| report.conclusion().unwrap();
    let before = audited.verify().await;
    assert_eq!(before.nameless, 0);
    assert!(!said(&before).contains("whose data is gone"));
    erase(&audited, 3).await;
    let after = audited.verify().await;
    assert_eq!((after.findings.clone(), after.nameless), (vec![], 1));
    assert!(said(&after).contains("1 of the stops are of people whose data is gone"));
}
