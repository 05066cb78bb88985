//! Who answers, which mail it answers, and where an answer by hand goes.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jooper_consent::StopError;
use jooper_core::{
    Clock, EmailAddress, EventKind, FinishReason, InboundKind, KeyedIndex, LeadId, NotSentReason,
    Origin, SendKey, SendState, StepIndex, StopReason, ThreadId,
};
use jooper_sequence::model::{Limits, Schedule};
use jooper_sequence::{EngineError, TestMail};
use jooper_storage::tables::{
    AddressText, ENROLLMENT, EnrollmentRow, LEAD_ADDRESS, LeadAddressRow, MessageRow, SEND,
    SendRow, SuppressionRow, THREAD, ThreadRow,
};
use jooper_storage::{Batch, Column, LogCursor, Scan, Storage as _};
use jooper_transport::{Outcome, OutgoingMail, UnknownCause};
use jooper_vault::Place;
use support::arrivals::{DAYS, all, arrive, arrived, dismissed, listed, me, token, written_to};
use support::{SEQUENCE, World, arrival};
use uuid::Uuid;

fn key(n: u128) -> Uuid {
    Uuid::from_u128(0xfeed_0000 + n)
}

async fn thread(world: &World, provider: &str) -> ThreadId {
    let threads = all::<ThreadRow>(world, Scan::table(&THREAD)).await;
    let of = |row: &ThreadRow| row.provider_thread == provider;
    threads.into_iter().find(of).unwrap().id
}

async fn contact(world: &World, address: &str) -> KeyedIndex {
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    vault.contact_index(&EmailAddress::parse(address).unwrap())
}

/// Gives a lead one more address.
async fn also_at(world: &World, lead: LeadId, address: &str) {
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let address = EmailAddress::parse(address).unwrap();
    let subject = vault.subject(lead).await.unwrap();
    let email_index = vault.email_index(&address);
    let place = Place::new(&LEAD_ADDRESS, "address", &[email_index.to_value()]);
    let text = AddressText(address.to_string());
    let row = LeadAddressRow {
        email_index,
        lead,
        contact_index: vault.contact_index(&address),
        domain_index: vault.domain_index(address.domain()),
        address: subject.seal(&place, Origin::Customer, &text).unwrap(),
    };
    let batch = Batch::new(world.workspace).insert(&row);
    world.store.commit(batch).await.unwrap();
}

#[tokio::test]
async fn who_objects_in_anothers_conversation_is_heard_and_so_is_the_other() {
    let world = World::new(2).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 2);
    let mut mails = accepted.iter().map(|(_, _, mail)| mail);
    let of_lead_0 = |mail: &&OutgoingMail| mail.to().as_str().starts_with("lead0@");
    let first = mails.find(of_lead_0).unwrap();
    // Lead 0 has passed it on to lead 1, and to somebody whom nobody knows.
    for (n, from) in [(1, "lead1@person1.example"), (2, "eve@else.example")] {
        let headers = [
            ("From", from),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token(first)),
        ];
        arrive(&world, n, &headers, "Please remove me from your list.");
    }
    world.run_for(20 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 2, "nobody gets more");
    let rows = listed(&world).await;
    let provisional = |row: &SuppressionRow| row.provisional && row.reason == StopReason::StopWords;
    assert!(rows.iter().all(provisional));
    let addresses = [
        "lead0@person0.example",
        "lead1@person1.example",
        "eve@else.example",
    ];
    for address in addresses {
        let index = contact(&world, address).await;
        assert!(rows.iter().any(|row| row.index == index), "{address}");
    }

    // A person who judges the words judges them for everybody they have listed.
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    desk.confirm_objection(thread, me()).await.unwrap();
    let rows = listed(&world).await;
    for (address, firm) in addresses.into_iter().zip([true, true, false]) {
        let index = contact(&world, address).await;
        let row = rows.iter().find(|row| row.index == index).unwrap();
        assert_eq!(!row.provisional, firm, "{address}");
    }
}

#[tokio::test]
async fn a_buttons_mail_is_final_only_from_the_person_themselves() {
    let forged = "mx.google.com; dmarc=fail header.from=person0.example";
    let vouched = "mx.google.com; dmarc=pass header.from=person0.example";
    let of_another =
        "mx.google.com; dkim=pass header.i=@evil.example; spf=pass smtp.mailfrom=x@evil.example";
    for (from, results, answers, provisional) in [
        ("lead0@person0.example", "", true, false),
        ("lead0@person0.example", vouched, false, false),
        ("lead0@person0.example", "", false, true),
        ("lead0@person0.example", of_another, false, true),
        ("lead0@person0.example", forged, true, true),
        ("eve@else.example", "", true, true),
    ] {
        let (world, mail) = written_to().await;
        let references = token(&mail);
        let mut headers = vec![("From", from), ("Subject", "unsubscribe")];
        if answers {
            headers.push(("References", references.as_str()));
        }
        if !results.is_empty() {
            headers.insert(0, ("Authentication-Results", results));
        }
        arrive(&world, 1, &headers, "");
        world.run_for(1).await;
        let rows = listed(&world).await;
        assert!(!rows.is_empty(), "{from} {results}");
        for row in rows {
            assert_eq!(row.provisional, provisional, "{from} {results}");
        }
    }
}

#[tokio::test]
async fn taking_an_objection_back_frees_whoever_wrote_it() {
    let mut world = World::new(1).await;
    world.campaign().await;
    world.run_for(DAYS).await;
    let mail = world.transport.accepted()[0].2.clone();
    // A lead of another campaign, with two addresses.
    let eve = world.add_person(7, "eve@else.example", "Eve").await;
    also_at(&world, eve, "eve@private.example").await;
    let headers = [
        ("From", "eve@else.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Please remove me from your list.");
    world.run_for(1).await;
    let rows = listed(&world).await;
    for address in [
        "lead0@person0.example",
        "eve@else.example",
        "eve@private.example",
    ] {
        let index = contact(&world, address).await;
        assert!(rows.iter().any(|row| row.index == index), "{address}");
    }
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    dismissed(&desk, thread).await.unwrap();
    assert_eq!(listed(&world).await, []);
}

/// Somebody answers from another domain of their provider, or is known under two spellings of one address:
/// what lists one lists the other.
#[tokio::test]
async fn an_objection_of_somebody_with_several_addresses_of_one_mailbox_is_taken_back_at_once() {
    for (known, also, writes) in [
        ("ada@me.com", None, "ada@icloud.com"),
        ("ada@b.example", Some("ada+x@b.example"), "ada@b.example"),
    ] {
        let mut world = World::new(0).await;
        let lead = world.add_person(7, known, "Ada").await;
        if let Some(also) = also {
            also_at(&world, lead, also).await;
        }
        world.campaign().await;
        world.run_for(DAYS).await;
        let mail = world.transport.accepted()[0].2.clone();
        let headers = [
            ("From", writes),
            ("Subject", "Re: Hello Ada"),
            ("References", &token(&mail)),
        ];
        arrive(&world, 1, &headers, "Please remove me from your list.");
        world.run_for(1).await;
        assert_ne!(listed(&world).await, [], "{known}");
        let desk = world.engine.conversations(world.workspace);
        let thread = thread(&world, "their-thread-1").await;
        assert!(dismissed(&desk, thread).await.unwrap() > 0, "{known}");
        assert_eq!(listed(&world).await, [], "{known}");
        let (row, _) = arrived(&world).await.remove(0);
        assert_eq!(row.kind, Some(InboundKind::Reply), "{known}");
    }
}

/// An earlier version filed a mailbox under the address at its own domain.
#[tokio::test]
async fn whoever_was_filed_by_an_earlier_version_is_written_to_and_heard() {
    let mut world = World::new(0).await;
    let lead = world.add_person(7, "ada@me.com", "Ada").await;
    let mut row = all::<LeadAddressRow>(&world, Scan::table(&LEAD_ADDRESS)).await;
    let mut row = row.remove(0);
    row.contact_index = row.email_index;
    let earlier = Batch::new(world.workspace).put(&row);
    world.store.commit(earlier).await.unwrap();
    world.campaign().await;
    world.run_for(DAYS).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 1);
    let mail = accepted[0].2.clone();
    let headers = [
        ("From", "ada@me.com"),
        ("Subject", "Re: Hello Ada"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Yes, tell me more.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 2, "{lead}");
}

/// A user reads one objection; until they press the button, the person writes once more.
#[tokio::test]
async fn an_objection_that_nobody_looked_at_stands() {
    let (world, mail) = written_to().await;
    let says = async |n, words: &str| {
        let headers = [
            ("From", "lead0@person0.example"),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token(&mail)),
        ];
        arrive(&world, n, &headers, words);
        world.run_for(1).await;
    };
    says(1, "Please remove me from your list.").await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    let looked_at = desk.objection(thread, me()).await.unwrap();
    // Asked again, the same.
    assert_eq!(desk.objection(thread, me()).await.unwrap(), looked_at);
    says(2, "I mean it: stop writing to me.").await;
    let before = listed(&world).await;
    let dismissed_now = desk.dismiss_objection(thread, me(), &looked_at.seen).await;
    assert!(
        matches!(dismissed_now, Err(EngineError::Stop(StopError::NotAsSeen))),
        "{dismissed_now:?}"
    );
    assert_eq!(listed(&world).await, before);
    // The second one is in a conversation of its own, which is named.
    let now = desk.objection(thread, me()).await.unwrap();
    assert_eq!(now.elsewhere.len(), 1, "{now:?}");
    // Whoever has read both may say so.
    assert!(dismissed(&desk, thread).await.unwrap() > 0);
    assert_eq!(listed(&world).await, []);
    let after = desk.objection(thread, me()).await.unwrap();
    assert!(after.elsewhere.is_empty(), "{after:?}");
}

#[tokio::test]
async fn words_that_were_no_objection_are_an_answer_in_every_number() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Please remove me from your list.");
    world.run_for(1).await;
    let finish = async || {
        let rows = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
        rows[0].finish
    };
    assert_eq!(finish().await, Some(FinishReason::Unsubscribed));
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    for _ in 0..2 {
        dismissed(&desk, thread).await.unwrap();
        world.run_for(1).await;
    }
    assert_eq!(listed(&world).await, []);
    assert_eq!(finish().await, Some(FinishReason::Replied));
    let (row, _) = arrived(&world).await.remove(0);
    assert_eq!(row.kind, Some(InboundKind::Reply));
    let threads = all::<ThreadRow>(&world, Scan::table(&THREAD)).await;
    let kinds = threads.iter().filter_map(|row| row.last_kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [InboundKind::Reply]);
    let log = world
        .store
        .read_log(world.workspace, LogCursor::start())
        .await
        .unwrap();
    let told = |kind: EventKind| {
        let facts = log.records.iter().map(|fact| &fact.entry);
        let facts = facts.filter(move |fact| fact.kind == kind);
        facts
            .map(|fact| (fact.at, fact.dimensions.step, fact.dimensions.reason))
            .collect::<Vec<_>>()
    };
    let objection = told(EventKind::Unsubscribed);
    assert_eq!(objection.len(), 1);
    assert_eq!(told(EventKind::ObjectionDismissed), objection);
    let answer = (
        objection[0].0,
        objection[0].1,
        Some(InboundKind::Reply.code()),
    );
    assert_eq!(told(EventKind::Replied), [answer]);
    let corrected = told(EventKind::FinishCorrected);
    let reasons = corrected.iter().map(|(_, _, reason)| *reason);
    let reasons: Vec<_> = reasons.collect();
    assert_eq!(reasons, [Some(FinishReason::Replied.code())]);
    world.run_for(20 * DAYS).await;
    assert_eq!(
        world.transport.accepted().len(),
        1,
        "nothing goes after all"
    );
}

#[tokio::test]
async fn an_objection_that_comes_through_a_list_is_heard_and_its_footer_is_not() {
    for (text, objects) in [
        ("Please remove me from your list.", true),
        (
            "The news of our house this week.\r\n\r\nUnsubscribe here",
            false,
        ),
    ] {
        let (world, _) = written_to().await;
        let headers = [
            ("From", "lead0@person0.example"),
            ("Subject", "Your mails"),
            ("List-Id", "<all.person0.example>"),
        ];
        arrive(&world, 1, &headers, text);
        // Whom nobody has written to is nobody's business, whatever they say.
        let stranger = [("From", "eve@else.example"), headers[1], headers[2]];
        arrive(&world, 2, &stranger, text);
        world.run_for(1).await;
        let rows = listed(&world).await;
        assert_eq!(!rows.is_empty(), objects, "{text}");
        let provisional =
            |row: &SuppressionRow| row.provisional && row.reason == StopReason::StopWords;
        assert!(rows.iter().all(provisional), "{text}");
        let stranger = contact(&world, "eve@else.example").await;
        assert!(rows.iter().all(|row| row.index != stranger), "{text}");
        if objects {
            let desk = world.engine.conversations(world.workspace);
            let thread = thread(&world, "their-thread-1").await;
            dismissed(&desk, thread).await.unwrap();
            world.run_for(1).await;
            let (row, _) = arrived(&world).await.remove(0);
            assert_eq!(row.kind, Some(InboundKind::Noise));
        }
    }
}

#[tokio::test]
async fn a_notice_whose_words_were_no_objection_is_nobodys_answer() {
    let (world, mail) = written_to().await;
    let now = jiff::tz::TimeZone::UTC.to_datetime(world.clock.now());
    let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Automatic reply: Hello Jo0"),
        ("Date", &date),
        ("Auto-Submitted", "auto-replied"),
        ("References", &token(&mail)),
    ];
    let text = "I am out of the office until 12 March. Please remove me from your list.";
    arrive(&world, 1, &headers, text);
    world.run_for(1).await;
    assert_ne!(listed(&world).await, []);
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    dismissed(&desk, thread).await.unwrap();
    world.run_for(1).await;
    assert_eq!(listed(&world).await, []);
    let (row, content) = arrived(&world).await.remove(0);
    assert_eq!(row.kind, Some(InboundKind::OutOfOffice));
    let back_on = content.verdict["back_on"].as_str().unwrap();
    assert!(back_on.ends_with("-03-13"), "{back_on}");
    let rows = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_ne!(rows[0].finish, Some(FinishReason::Replied));
    let log = world
        .store
        .read_log(world.workspace, LogCursor::start())
        .await
        .unwrap();
    let told = |kind| log.records.iter().any(|fact| fact.entry.kind == kind);
    assert!(told(EventKind::ObjectionDismissed));
    assert!(!told(EventKind::Replied), "nobody answered");
}

#[tokio::test]
async fn whose_objection_was_confirmed_has_objected_in_every_number() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Please remove me from your list.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    desk.confirm_objection(thread, me()).await.unwrap();
    assert_eq!(dismissed(&desk, thread).await.unwrap(), 0);
    world.run_for(1).await;
    let rows = all::<EnrollmentRow>(&world, Scan::table(&ENROLLMENT)).await;
    assert_eq!(rows[0].finish, Some(FinishReason::Unsubscribed));
    let (row, _) = arrived(&world).await.remove(0);
    assert_eq!(row.kind, Some(InboundKind::Unsubscribe));
}

/// Three mails, by each budget that holds for a mailbox.
fn three() -> [Limits; 3] {
    let none = Limits::default();
    [
        Limits {
            workspace: Some(3),
            ..none
        },
        Limits {
            sender_domain: Some(3),
            ..none
        },
        Limits {
            rolling_day: Some(3),
            ..none
        },
    ]
}

/// Three more people in a campaign that sets a budget.
async fn three_more(world: &mut World, limits: Limits) {
    world.leads.clear();
    for n in 1..4 {
        world.add_lead(n, true).await;
    }
    let schedule = Schedule {
        limits,
        ..Schedule::default()
    };
    world.campaign_of(SEQUENCE, schedule).await;
    world.run_for(3).await;
}

#[tokio::test]
async fn a_test_takes_from_every_budget_and_waits_for_none() {
    for limits in three() {
        let mut world = World::new(1).await;
        let test = TestMail {
            campaign: world.campaign().await,
            step: StepIndex(0),
            variant: 0,
            lead: world.leads[0],
            mailbox: world.mailbox,
            user: me(),
        };
        let campaigns = world.engine.campaigns(world.workspace);
        world.run_for(1).await;
        // One that did not go takes nothing.
        world.transport.script(Outcome::NotSent {
            reason: NotSentReason::Unreachable,
            retry_at: None,
        });
        for gone in [1, 2] {
            campaigns.test_mail(&test, key(1)).await.unwrap();
            world.run_for(1).await;
            assert_eq!(world.transport.accepted().len(), gone);
        }
        three_more(&mut world, limits).await;
        let mails = world.transport.accepted().len();
        assert_eq!(mails, 3, "a mail and a test had gone: {limits:?}");
        campaigns.test_mail(&test, key(2)).await.unwrap();
        world.run_for(1).await;
        assert_eq!(world.transport.accepted().len(), 4, "{limits:?}");
    }
}

#[tokio::test]
async fn an_answer_by_hand_takes_from_every_budget_and_waits_for_none() {
    for limits in three() {
        let mut world = World::new(1).await;
        world.campaign().await;
        world.run_for(1).await;
        let mail = world.transport.accepted()[0].2.clone();
        let headers = [
            ("From", "lead0@person0.example"),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token(&mail)),
        ];
        arrive(&world, 1, &headers, "Tell me more.");
        world.run_for(1).await;
        let desk = world.engine.conversations(world.workspace);
        let thread = thread(&world, "their-thread-1").await;
        // One that did not go takes nothing.
        world.transport.script(Outcome::NotSent {
            reason: NotSentReason::Unreachable,
            retry_at: None,
        });
        for gone in [1, 2] {
            desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
            world.run_for(1).await;
            assert_eq!(world.transport.accepted().len(), gone);
        }
        three_more(&mut world, limits).await;
        let mails = world.transport.accepted().len();
        assert_eq!(mails, 3, "a mail and an answer had gone: {limits:?}");
        desk.reply(thread, key(2), "More.", me()).await.unwrap();
        world.run_for(1).await;
        assert_eq!(world.transport.accepted().len(), 4, "{limits:?}");
    }
}

#[tokio::test]
async fn one_key_is_one_text() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    for _ in ["before it goes", "behind that"] {
        let other = desk.reply(thread, key(1), "A second answer.", me()).await;
        assert!(matches!(other, Err(EngineError::OtherAnswer)), "{other:?}");
        for same in ["Gladly.", "Gladly.\r\n", ""] {
            desk.reply(thread, key(1), same, me()).await.unwrap();
        }
        world.run_for(1).await;
    }
    assert_eq!(world.transport.accepted().len(), 2);
    let second = desk.reply(thread, key(2), "A second answer.", me()).await;
    world.run_for(1).await;
    let state = desk.state(&second.unwrap()).await.unwrap();
    assert_eq!(state, Some(SendState::Sent));
}

#[tokio::test]
async fn an_answer_goes_to_the_address_that_wrote_and_names_the_mail_it_answers() {
    let (world, mail) = written_to().await;
    also_at(&world, world.leads[0], "jo@private.example").await;
    let headers = [
        ("From", "Jo <jo@private.example>"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    let away = format!(
        "From: jo@private.example\r\nSubject: Automatic reply: Hello\r\nAuto-Submitted: auto-replied\r\n\
         References: {}\r\nMessage-ID: <away@private.example>\r\n\r\nI am away.\r\n",
        token(&mail)
    );
    let later = world.clock.now() + jiff::SignedDuration::from_mins(1);
    let away = arrival("away", "their-thread-1", later, false, &away);
    world.inbox.0.lock().unwrap().push(away);
    world.run_for(1).await;
    assert_eq!(arrived(&world).await.len(), 2);
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    let sent = desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(1).await;
    assert_eq!(desk.state(&sent).await.unwrap(), Some(SendState::Sent));
    let answer = &world.transport.accepted()[1].2;
    assert_eq!(answer.to().as_str(), "jo@private.example");
    let raw = String::from_utf8_lossy(answer.raw()).into_owned();
    assert!(raw.contains("In-Reply-To: <in1@person.example>"), "{raw}");
    assert!(!raw.contains("away@private.example"), "{raw}");
}

#[tokio::test]
async fn a_stranger_in_the_conversation_is_not_answered_in_the_leads_name() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "eve@else.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "I answer for Jo: tell me more.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    let refused = desk.reply(thread, key(1), "Gladly.", me()).await;
    assert!(
        matches!(refused, Err(EngineError::OtherWriter)),
        "{refused:?}"
    );
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 1);

    // Once somebody has found out that it is the same person, it goes.
    also_at(&world, world.leads[0], "eve@else.example").await;
    desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(1).await;
    assert_eq!(
        world.transport.accepted()[1].2.to().as_str(),
        "eve@else.example"
    );
}

/// The step that an arrival is taken to answer.
async fn answered(world: &World, provider_id: &str) -> (Option<SendKey>, String) {
    let mails = arrived(world).await;
    let of = |(row, _): &&(MessageRow, _)| row.provider_id == provider_id;
    let (row, content) = mails.iter().find(of).unwrap();
    let by = content.verdict["matched_by"].as_str().unwrap();
    (row.send_key, by.to_owned())
}

fn is_step(key: Option<SendKey>, wanted: u16) -> bool {
    matches!(key, Some(SendKey::Step { step, .. }) if step == StepIndex(wanted))
}

#[tokio::test]
async fn an_answer_is_to_the_mail_that_it_names_last() {
    let (world, _) = written_to().await;
    world.run_for(20 * DAYS).await;
    assert_eq!(world.transport.accepted().len(), 3);
    let ours = |n: u32| format!("<m{n}@recording.invalid>");
    let many: String = (0..150).map(|n| format!("<a{n}@else.example> ")).collect();
    for (n, (before, last, step)) in [
        // The nearest counts, not the first by the alphabet.
        (format!("{} {}", ours(1), ours(2)), ours(2), 1),
        (format!("{} {}", ours(2), ours(1)), ours(1), 0),
        (
            format!("{} {}", ours(1), ours(3)),
            "<x@else.example>".to_owned(),
            2,
        ),
        // However many others are named.
        (format!("{many} {}", ours(2)), ours(2), 1),
    ]
    .into_iter()
    .enumerate()
    {
        let headers = [
            ("From", "lead0@person0.example"),
            ("Subject", "Re: Hello Jo0"),
            ("References", &before),
            ("In-Reply-To", &last),
        ];
        arrive(&world, n, &headers, "Tell me more.");
        world.run_for(1).await;
        let (key, by) = answered(&world, &format!("in{n}")).await;
        assert_eq!(by, "message id", "{before}");
        assert!(is_step(key, step), "{before}: {key:?}");
    }
}

#[tokio::test]
async fn what_comes_in_a_thread_is_about_the_last_mail_that_went_into_it() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    let mut last = None;
    // The later one has the smaller key.
    for n in [2, 1] {
        last = Some(desk.reply(thread, key(n), "Gladly.", me()).await.unwrap());
        world.run_for(1).await;
    }
    assert_eq!(world.transport.accepted().len(), 3);
    let raw = "From: eve@else.example\r\nSubject: Re: Hello Jo0\r\n\r\nTell me more.\r\n";
    let mail = arrival("more", "their-thread-1", world.clock.now(), false, raw);
    world.inbox.0.lock().unwrap().push(mail);
    world.run_for(1).await;
    assert_eq!(answered(&world, "more").await, (last, "thread".to_owned()));
}

/// As many go in a row as a campaign has mails; then the person writes, or gets no more.
#[tokio::test]
async fn answers_by_hand_in_a_row_end_with_the_ceiling_of_follow_ups() {
    let (world, mail) = written_to().await;
    let theirs = |n, words: &str| {
        let headers = [
            ("From", "lead0@person0.example"),
            ("Subject", "Re: Hello Jo0"),
            ("References", &token(&mail)),
        ];
        arrive(&world, n, &headers, words);
    };
    theirs(1, "Tell me more.");
    world.run_for(1).await;
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    for (n, mails) in (1..=4).zip(2..) {
        desk.reply(thread, key(n), "Gladly.", me()).await.unwrap();
        world.run_for(1).await;
        assert_eq!(world.transport.accepted().len(), mails);
    }
    let refused = desk.reply(thread, key(5), "Did you see it?", me()).await;
    let EngineError::State(why) = refused.unwrap_err() else {
        panic!("another refusal");
    };
    assert!(why.contains("`follow_ups`"), "{why}");
    // The same button twice is no second answer.
    desk.reply(thread, key(4), "Gladly.", me()).await.unwrap();
    theirs(2, "I did. And?");
    world.run_for(1).await;
    desk.reply(thread, key(5), "So.", me()).await.unwrap();
    world.run_for(1).await;
    assert_eq!(world.transport.accepted().len(), 6);
}

#[tokio::test]
async fn a_colleague_is_found_among_many_who_were_never_written_to() {
    let mut world = World::new(0).await;
    let mut people = Vec::new();
    for n in 0..120 {
        let address = format!("p{n}@large.example");
        let lead = world.add_person(n, &address, "Jo").await;
        let vault = world.vault.workspace(world.workspace).await.unwrap();
        let index = vault.email_index(&EmailAddress::parse(&address).unwrap());
        people.push((index, lead));
    }
    people.sort_unstable();
    // The one who is written to stands last of them all.
    world.leads = vec![people[119].1];
    world.campaign().await;
    world.run_for(DAYS).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let headers = [("From", "boss@large.example"), ("Subject", "Re: Hello Jo")];
    arrive(&world, 1, &headers, "Not us.");
    world.run_for(1).await;
    let (_, by) = answered(&world, "in1").await;
    assert_eq!(by, "company");
}

/// A stop may be acknowledged while the answer of the provider is waited for: the log must not say
/// that the mail began behind it.
#[tokio::test]
async fn an_answer_by_hand_that_stays_unknown_is_told_as_of_its_beginning() {
    let (world, mail) = written_to().await;
    let headers = [
        ("From", "lead0@person0.example"),
        ("Subject", "Re: Hello Jo0"),
        ("References", &token(&mail)),
    ];
    arrive(&world, 1, &headers, "Tell me more.");
    world.run_for(1).await;
    // The clock ran ahead for a while, and was set right.
    let right = world.clock.now();
    world.run_for(5).await;
    world.clock.set(right);
    world
        .transport
        .script(Outcome::Unknown(UnknownCause::Timeout));
    let desk = world.engine.conversations(world.workspace);
    let thread = thread(&world, "their-thread-1").await;
    let sent = desk.reply(thread, key(1), "Gladly.", me()).await.unwrap();
    world.run_for(1).await;
    let sends = all::<SendRow>(&world, Scan::table(&SEND)).await;
    let posting_at = sends.iter().find(|row| row.key == sent).unwrap().posting_at;
    let posting_at = posting_at.unwrap();
    assert!(
        posting_at.duration_since(right).as_hours() < 1,
        "{posting_at}"
    );
    let cursor = LogCursor::start();
    let log = world.store.read_log(world.workspace, cursor).await.unwrap();
    let told = log
        .records
        .iter()
        .filter(|record| record.entry.kind == EventKind::SendUnknown);
    let told: Vec<_> = told.map(|record| record.entry.at).collect();
    assert_eq!(told, [posting_at]);
}
