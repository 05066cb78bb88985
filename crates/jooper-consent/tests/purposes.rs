//! Every purpose has rules of its own: replies, tests, service mails, answers to requests.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use jooper_consent::{
    ACCESS_REQUESTED, Acquired, ContentFinding, GateName, MailPart, OPT_IN_REQUESTED, Proof,
    RefusalReason, SendIntent, ServiceRequest, StopScope, Verdict,
};
use jooper_core::{
    Clock, CompanyId, EnrollmentId, InboundKind, MailboxId, ManualClock, MessageId, Origin, Sealed,
    SendKey, SendState, StepIndex, StopReason, StopSource, SystemLeaseClock, ThreadId, UserId,
};
use jooper_storage::tables::{EnrollmentRow, LEAD, MessageRow, PendingRow, SendRow, SignInRow};
use jooper_storage::{
    Batch, Column, ColumnOp, Key, MemoryStore, ObservedCall, ObservedStore, Scope, StoreMethod,
    StoreObserver, Write,
};
use support::{World, country, id, index, start};

async fn verdict(world: &World, intent: &SendIntent) -> Verdict {
    world.gate.judge(world.ws, intent).await.unwrap().verdict
}

async fn reason(world: &World, intent: &SendIntent) -> RefusalReason {
    let verdict = verdict(world, intent).await;
    verdict.reason().expect("refused").clone()
}

#[tokio::test]
async fn a_reply_needs_a_mail_of_the_person_and_no_basis() {
    let world = World::new().await;
    let lead = world.lead(1, None).await;
    let thread = ThreadId::from_uuid(id(0x71));
    let message = MessageId::from_uuid(id(0x72));
    let mut intent = world.intent(1);
    intent.key = SendKey::Reply {
        thread,
        key: id(0x73),
    };
    intent.campaign = None;
    intent.enrollment = None;
    let missing = RefusalReason::NothingToAnswer;
    assert_eq!(reason(&world, &intent).await, missing);
    intent.proof = Proof::Inbound(message);
    assert_eq!(reason(&world, &intent).await, missing);
    let mut row = MessageRow {
        id: message,
        thread: ThreadId::from_uuid(id(0x99)),
        mailbox: world.mailbox,
        lead,
        provider_id: "m1".to_owned(),
        at: start(),
        kind: Some(InboundKind::Reply),
        send_key: None,
        origin: Origin::Gmail,
        content: Sealed::from_envelope(vec![5]),
    };
    let (mailbox, stranger) = (row.mailbox, world.lead(2, None).await);
    let about = Some(SendKey::Step {
        enrollment: EnrollmentId::from_uuid(id(0x74)),
        step: StepIndex(0),
    });
    for (thread_of, kind, about) in [
        (
            ThreadId::from_uuid(id(0x99)),
            Some(InboundKind::Reply),
            about,
        ),
        (thread, Some(InboundKind::OutOfOffice), about),
        (thread, None, about),
        // Somebody else of the person's company wrote: it is tied to no send.
        (thread, Some(InboundKind::Reply), None),
    ] {
        (row.thread, row.kind, row.send_key) = (thread_of, kind, about);
        world.commit(world.batch().put(&row)).await;
        assert_eq!(reason(&world, &intent).await, missing, "{kind:?}");
    }
    (row.kind, row.send_key) = (Some(InboundKind::Reply), about);
    // It arrived in another mailbox, or another person wrote it.
    for (mailbox_of, lead_of) in [(MailboxId::from_uuid(id(0xB2)), lead), (mailbox, stranger)] {
        (row.mailbox, row.lead) = (mailbox_of, lead_of);
        world.commit(world.batch().put(&row)).await;
        assert_eq!(
            reason(&world, &intent).await,
            missing,
            "{mailbox_of} {lead_of}"
        );
    }
    (row.mailbox, row.lead) = (mailbox, lead);
    world.commit(world.batch().put(&row)).await;
    assert!(verdict(&world, &intent).await.is_allow());
    // That they replied ends the campaign, not the conversation; that they object ends both.
    for (stop, allowed) in [(StopReason::Replied, true), (StopReason::Objected, false)] {
        world
            .stops
            .stop(world.ws, world.person(1), stop, StopSource::Person)
            .await
            .unwrap();
        assert_eq!(verdict(&world, &intent).await.is_allow(), allowed);
    }
}

/// An answer of the ledger, as far as the gate looks at it.
fn answer_row(key: SendKey, mailbox: MailboxId, state: SendState) -> SendRow {
    SendRow {
        key,
        kind: key.kind(),
        state,
        enrollment: None,
        step: None,
        campaign: None,
        lead: None,
        mailbox,
        variant: 0,
        attempt: 1,
        fence: 1,
        permit: None,
        evidence_base: None,
        planned_at: start(),
        posting_at: None,
        posted_at: None,
        settled_at: None,
        not_sent: None,
        skip: None,
        provider_id: None,
        provider_thread: None,
        message_index: None,
        email_index: None,
        domain_index: None,
        released: 0,
        released_by: None,
        searched: None,
        searched_at: None,
    }
}

/// Somebody who wrote once gets no endless series of mails "by hand", in no conversation.
#[tokio::test]
async fn answers_in_a_row_have_the_ceiling_of_follow_ups() {
    let world = World::new().await;
    let lead = world.lead(1, None).await;
    let thread = ThreadId::from_uuid(id(0x71));
    let theirs = MessageId::from_uuid(id(0x72));
    let reply = |n: u128| SendKey::Reply {
        // Each in a conversation of its own but the last.
        thread: ThreadId::from_uuid(id(0x7100 + n)),
        key: id(0x7300 + n),
    };
    let mail = |n: u128, key, kind, minutes: i64| MessageRow {
        id: MessageId::from_uuid(id(n)),
        thread,
        mailbox: world.mailbox,
        lead,
        provider_id: format!("m{n}"),
        at: start() + jiff::SignedDuration::from_mins(minutes),
        kind,
        send_key: Some(key),
        origin: Origin::Gmail,
        content: Sealed::from_envelope(vec![5]),
    };
    let about = SendKey::Step {
        enrollment: EnrollmentId::from_uuid(id(0x74)),
        step: StepIndex(0),
    };
    let wrote = |minutes| mail(0x72, about, Some(InboundKind::Reply), minutes);
    world.commit(world.batch().put(&wrote(0))).await;
    let mut intent = world.intent(1);
    intent.key = SendKey::Reply {
        thread,
        key: id(0x75),
    };
    intent.campaign = None;
    intent.enrollment = None;
    intent.proof = Proof::Inbound(theirs);
    intent.caps.follow_up_limit = Some(1);
    let too_many = Some(RefusalReason::AnswerCeiling);
    for (n, state, refused) in [
        (1, SendState::Sent, None),
        // These went nowhere, or not yet.
        (2, SendState::NotSent, None),
        (3, SendState::Skipped, None),
        (4, SendState::Planned, None),
        (5, SendState::Unknown, too_many),
    ] {
        let answer = mail(0x200 + n, reply(n), None, i64::try_from(n).unwrap());
        let row = answer_row(reply(n), world.mailbox, state);
        world.commit(world.batch().put(&answer).put(&row)).await;
        let said = verdict(&world, &intent).await;
        assert_eq!(said.reason(), refused.as_ref(), "{n}");
    }
    // Three follow-ups, where nobody says how many.
    intent.caps.follow_up_limit = None;
    assert!(verdict(&world, &intent).await.is_allow());
    intent.caps.follow_up_limit = Some(1);
    // They write again.
    world.commit(world.batch().put(&wrote(60))).await;
    assert!(verdict(&world, &intent).await.is_allow());
}

#[tokio::test]
async fn a_test_goes_to_the_user_s_own_address_only() {
    let world = World::new().await;
    let user = UserId::from_uuid(id(0x51));
    let mut intent = world.intent(1);
    intent.key = SendKey::Test {
        user,
        key: id(0x52),
    };
    intent.recipient.lead = None;
    let own = intent.recipient.platform_variants[0];
    intent.proof = Proof::OwnAddress(own);
    let refused = RefusalReason::NotOwnAddress;
    assert_eq!(reason(&world, &intent).await, refused);
    let mut row = SignInRow {
        sub_index: own,
        workspace: world.ws,
        user: UserId::from_uuid(id(0x99)),
    };
    let platform = |row: &SignInRow| Batch::new(Scope::Platform).put(row);
    world.commit(platform(&row)).await;
    assert_eq!(reason(&world, &intent).await, refused, "another user's");
    row.user = user;
    row.workspace = jooper_core::WorkspaceId::from_uuid(id(0x57));
    world.commit(platform(&row)).await;
    assert_eq!(
        reason(&world, &intent).await,
        refused,
        "of another workspace"
    );
    row.workspace = world.ws;
    world.commit(platform(&row)).await;
    assert!(verdict(&world, &intent).await.is_allow());
    // The proof is the user's own; the mail goes to somebody else.
    let mut elsewhere = intent.clone();
    let somebody = |form: &mut _| *form = index("platform somebody");
    let forms = elsewhere.recipient.platform_variants.iter_mut();
    forms.for_each(somebody);
    assert_eq!(reason(&world, &elsewhere).await, refused);
}

#[tokio::test]
async fn a_service_mail_answers_an_open_request_and_asks_nobody_who_objected() {
    let world = World::new().await;
    let mut intent = world.intent(1);
    let asked = start();
    let of = |contact| ServiceRequest::OptIn {
        contact,
        week: ServiceRequest::week_of(asked),
    };
    let request = of(intent.recipient.contact_index).id();
    intent.key = SendKey::Service { request, kind: 1 };
    intent.recipient.lead = None;
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoRequest);
    let row = PendingRow {
        id: request,
        kind: OPT_IN_REQUESTED,
        expires_at: ServiceRequest::opt_in_ends(asked),
        content: None,
    };
    world.commit(world.batch().put(&row)).await;
    // Somebody else's open request is no leave, and neither is a row of another kind.
    let mut other = world.intent(2);
    (other.key, other.recipient.lead) = (intent.key, None);
    assert_eq!(reason(&world, &other).await, RefusalReason::NoRequest);
    let job = PendingRow {
        kind: 7,
        ..row.clone()
    };
    world.commit(world.batch().put(&job)).await;
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoRequest);
    world.commit(world.batch().put(&row)).await;
    world.clock.set("2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoRequest);
    world.clock.set(asked);
    // Whoever unsubscribed may want mail again. Whoever objected or complained is not asked by what
    // anybody can type into a page, and the objection does not hide the complaint.
    for (stop, expected) in [
        (StopReason::Unsubscribed, None),
        (StopReason::Complained, Some(StopReason::Complained)),
        (StopReason::Objected, Some(StopReason::Objected)),
    ] {
        world
            .stops
            .stop(world.ws, world.person(1), stop, StopSource::Person)
            .await
            .unwrap();
        let said = verdict(&world, &intent).await;
        let expected = expected.map(RefusalReason::Suppressed);
        assert_eq!(said.reason(), expected.as_ref(), "{stop:?}");
    }
    // Nor are traps asked, which anybody can type in.
    for trap in ["abuse@people.example", "eve@gmial.com"] {
        let world = World::new().await;
        world.commit(world.batch().put(&row)).await;
        let mut intent = intent.clone();
        assert!(verdict(&world, &intent).await.is_allow());
        intent.recipient.address = trap.parse().unwrap();
        assert!(!verdict(&world, &intent).await.is_allow(), "{trap}");
    }
    // Nor is who wrote that they want no mail, or was erased, whatever else was said of them before or since.
    for (first, then) in [
        (StopReason::Erased, StopReason::Unsubscribed),
        (StopReason::StopWords, StopReason::Unsubscribed),
        (StopReason::StopWords, StopReason::Listed),
        (StopReason::Restricted, StopReason::StopWords),
    ] {
        for order in [[first, then], [then, first]] {
            let world = World::new().await;
            world.commit(world.batch().put(&row)).await;
            for stop in order {
                let stopped = world
                    .stops
                    .stop(world.ws, world.person(1), stop, StopSource::Person);
                stopped.await.unwrap();
            }
            assert!(!verdict(&world, &intent).await.is_allow(), "{order:?}");
        }
    }
    // A dead address stays dead behind a word that would let the question pass.
    let world = World::new().await;
    world.commit(world.batch().put(&row)).await;
    for stop in [StopReason::Bounced, StopReason::Unsubscribed] {
        let stopped = world
            .stops
            .stop(world.ws, world.person(1), stop, StopSource::Person);
        stopped.await.unwrap();
        let dead = RefusalReason::Suppressed(StopReason::Bounced);
        assert_eq!(reason(&world, &intent).await, dead, "{stop:?}");
    }
}

#[tokio::test]
async fn a_rights_request_is_answered_to_the_person_who_made_it() {
    let world = World::new().await;
    let (lead, other) = (world.lead(1, None).await, world.lead(2, None).await);
    let kind = ACCESS_REQUESTED;
    let request = ServiceRequest::Rights { lead, kind }.id();
    let row = PendingRow {
        id: request,
        kind,
        expires_at: jiff::Timestamp::MAX,
        content: None,
    };
    world.commit(world.batch().put(&row)).await;
    for (n, lead, allowed) in [(1, lead, true), (2, other, false)] {
        let mut intent = world.intent(n);
        intent.key = SendKey::Service { request, kind: 2 };
        assert_eq!(intent.recipient.lead, Some(lead));
        assert_eq!(verdict(&world, &intent).await.is_allow(), allowed, "{n}");
    }
}

/// How often a store was asked, by method.
#[derive(Debug, Default)]
struct Counted(Mutex<BTreeMap<StoreMethod, usize>>);

impl StoreObserver for Counted {
    fn ended(&self, call: ObservedCall) {
        *self.0.lock().unwrap().entry(call.method).or_default() += 1;
    }
}

#[tokio::test]
async fn a_preview_of_many_says_what_each_is_told_alone_and_reads_for_a_hundred_at_a_time() {
    let clock = Arc::new(ManualClock::new(start()));
    let memory = MemoryStore::with_clock(clock.clone() as Arc<dyn Clock>);
    let (counted, lease) = (
        Arc::new(Counted::default()),
        Arc::new(SystemLeaseClock::new()),
    );
    let store = ObservedStore::new(memory, lease, counted.clone());
    let world = World::over(Arc::new(store), clock).await;
    let company = CompanyId::from_uuid(id(0xC0));
    for n in 1..=120_u128 {
        let lead = match n % 3 {
            0 => world.lead(n, country("FR")).await,
            _ => world.consented(n).await,
        };
        let works = vec![("company", ColumnOp::Set(company.to_value()))];
        let key = Key::new(&LEAD, vec![lead.to_value()]);
        if n % 10 == 0 {
            let batch = world.batch().write(Write::Patch(key, works));
            world.commit(batch).await;
        }
    }
    let stops = &world.stops;
    let (why, who) = (StopReason::Paused, StopSource::User);
    let scope = StopScope::Company(company);
    stops.stop(world.ws, scope, why, who).await.unwrap();
    let (why, who) = (StopReason::Objected, StopSource::Person);
    let scope = world.person(7);
    stops.stop(world.ws, scope, why, who).await.unwrap();
    let act = jooper_consent::PersonalAct {
        proof: support::on_their_page(),
        at: start(),
    };
    let everywhere = world.recipient(107).platform_variants;
    stops.do_not_contact(&everywhere, why, act).await.unwrap();
    // Another campaign writes to one, and a mail to another is under way.
    let busy = EnrollmentRow {
        lead: world.recipient(8).lead.unwrap(),
        campaign: jooper_core::CampaignId::from_uuid(id(0xC9)),
        sent: 1,
        ..world.enrollment(1008)
    };
    world.commit(world.batch().put(&busy)).await;
    let intent = world.intent(11);
    let under_way = world.gate.acquire(world.ws, &intent, world.batch());
    assert!(under_way.await.unwrap().verdict().is_allow());

    let mut intents: Vec<_> = (1..=120).map(|n| world.intent(n)).collect();
    intents[10].key = SendKey::Step {
        enrollment: world.intent(11).enrollment().unwrap(),
        step: StepIndex(1),
    };
    let mut alone = Vec::new();
    for (at, intent) in intents.iter().enumerate() {
        let judged = world.gate.judge(world.ws, intent).await.unwrap();
        if !judged.verdict.is_allow() {
            alone.push((at, judged));
        }
    }
    counted.0.lock().unwrap().clear();
    let preview = world.gate.preview(world.ws, &intents).await.unwrap();
    assert_eq!(preview.refused, alone);
    assert_eq!(preview.allowed, 120 - alone.len());
    for at in [6, 7, 9, 10, 106] {
        assert!(alone.iter().any(|(refused, _)| *refused == at), "{at}");
    }
    let asked = counted.0.lock().unwrap();
    let asked = |method| asked.get(&method).copied().unwrap_or_default();
    assert_eq!(asked(StoreMethod::Now), 2);
    assert!(asked(StoreMethod::Get) <= 6, "{}", asked(StoreMethod::Get));
    assert_eq!(asked(StoreMethod::Scan), 120 + 2, "one for each lead");
}

#[tokio::test]
async fn what_a_mail_holds_is_asked_about_again_and_travels_with_the_permit() {
    let world = World::new().await;
    world.consented(1).await;
    let held = ContentFinding::Shortener {
        host: "bit.ly".to_owned(),
        part: MailPart::Text,
    };
    let mut intent = world.intent(1);
    intent.content = Some(vec![held.clone()]);
    let refused = Verdict::Deny {
        reason: RefusalReason::Content(held),
        permanent: false,
    };
    assert_eq!(verdict(&world, &intent).await, refused);
    intent.content = Some(Vec::new());
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let Acquired::Permit(permit, trace) = acquired.unwrap() else {
        panic!("refused");
    };
    let step = trace.0.iter().find(|step| step.gate == GateName::Content);
    assert!(step.unwrap().verdict.is_allow());
    let rules = permit.content_rules().unwrap();
    assert_eq!(rules.shortener("acme.bit.ly"), Some("bit.ly"));
}
