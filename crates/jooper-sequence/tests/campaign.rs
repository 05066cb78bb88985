//! A campaign over a store in memory and a transport that records: from activation to its end.

#![allow(clippy::unwrap_used, reason = "a test")]

mod support;

use jiff::SignedDuration;
use jooper_consent::QualityFinding;
use jooper_core::{
    CampaignId, Clock, EnrollmentState, EventKind, FinishReason, LeadState, Origin, SendState,
    SkipReason, StepIndex,
};
use jooper_sequence::model::{CampaignSettings, Schedule, Sequence};
use jooper_sequence::{EngineError, NewCampaign};
use jooper_storage::tables::{
    ENROLLMENT, EnrollmentRow, LEAD, LeadProfile, LeadRow, SEND, SendRow,
};
use jooper_storage::{Batch, Column, ColumnOp, Key, LogCursor, Scan, StorageExt, Write};
use jooper_transport::{Arrived, Outcome, UnknownCause};
use jooper_vault::Place;
use support::World;

async fn enrollments(world: &World) -> Vec<EnrollmentRow> {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&ENROLLMENT))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

async fn sends(world: &World) -> Vec<SendRow> {
    let rows = world
        .store
        .collect(world.workspace, Scan::table(&SEND))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn every_lead_gets_every_mail_once() {
    let world = World::new(5).await;
    world.campaign().await;
    world.run_for(24 * 21).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 15);
    let mut keys: Vec<_> = accepted.iter().map(|(_, key, _)| *key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 15, "no send twice");
    for enrollment in enrollments(&world).await {
        assert_eq!(enrollment.finish, Some(FinishReason::Completed));
    }
    let follow_up = String::from_utf8_lossy(accepted.last().unwrap().2.raw()).into_owned();
    assert!(follow_up.contains("Subject: Re: Hello"), "{follow_up}");
    assert!(follow_up.contains("In-Reply-To: <m"), "{follow_up}");
    assert!(accepted.last().unwrap().2.thread().is_some());
}

#[tokio::test]
async fn a_lead_without_a_basis_is_skipped_and_the_reason_is_told() {
    let mut world = World::new(1).await;
    let lead = world.add_lead(9, false).await;
    world.campaign().await;
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
    let views = world
        .engine
        .campaigns(world.workspace)
        .explain(lead)
        .await
        .unwrap();
    assert_eq!(views[0].enrollment.finish, Some(FinishReason::Refused));
    let summary = &views[0].decisions.last().unwrap().1.summary;
    assert!(
        summary.contains("Nothing is recorded that allows"),
        "{summary}"
    );
    let skipped = sends(&world).await;
    let reasons: Vec<_> = skipped.iter().filter_map(|row| row.skip).collect();
    assert_eq!(reasons, [SkipReason::NoBasis; 3]);
}

#[tokio::test]
async fn an_unknown_send_is_found_by_its_evidence_and_never_sent_again() {
    let world = World::new(1).await;
    world
        .transport
        .script(Outcome::Unknown(UnknownCause::Timeout));
    world.campaign().await;
    world.run_for(24 * 21).await;
    assert_eq!(world.transport.accepted().len(), 3);
    assert!(
        sends(&world)
            .await
            .iter()
            .all(|row| row.state == SendState::Sent)
    );
}

#[tokio::test]
async fn an_answer_stops_the_rest() {
    let world = World::new(2).await;
    world.campaign().await;
    world.run_for(24).await;
    let accepted = world.transport.accepted();
    assert_eq!(accepted.len(), 2);
    let mail = &accepted[0].2;
    let raw = String::from_utf8_lossy(mail.raw()).into_owned();
    let token = raw.split("jp.").nth(1).unwrap().split('>').next().unwrap();
    let headers = vec![
        ("From".to_owned(), mail.to().to_string()),
        ("References".to_owned(), format!("<jp.{token}>")),
        (
            "Message-ID".to_owned(),
            "<answer@person.example>".to_owned(),
        ),
    ];
    let text = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"));
    let reply = format!("{}\r\nSounds good, call me.\r\n", text.collect::<String>());
    let arrived = Arrived {
        provider_id: "in1".to_owned(),
        thread: "another".to_owned(),
        at: world.clock.now(),
        outgoing: false,
        headers,
    };
    world
        .inbox
        .0
        .lock()
        .unwrap()
        .push((arrived, reply.into_bytes()));
    world.run_for(24 * 21).await;
    assert_eq!(
        world.transport.accepted().len(),
        4,
        "one lead got one mail, the other three"
    );
    let finished: Vec<_> = enrollments(&world)
        .await
        .iter()
        .map(|row| row.finish)
        .collect();
    let log = world
        .store
        .read_log(world.workspace, LogCursor::after(0))
        .await;
    let log = log.unwrap().records.into_iter().map(|record| record.entry);
    let answers: Vec<_> = log
        .filter(|entry| entry.kind == EventKind::Replied)
        .collect();
    assert_eq!(answers.len(), 1);
    let of = answers[0].dimensions;
    assert_eq!(
        (of.step, of.variant),
        (Some(StepIndex(0)), Some(0)),
        "it counts for the variant that was answered"
    );
    assert!(
        finished.contains(&Some(FinishReason::Replied)),
        "{finished:?}"
    );
    assert!(
        finished.contains(&Some(FinishReason::Completed)),
        "{finished:?}"
    );
}

#[tokio::test]
async fn a_paused_campaign_sends_nothing_until_it_is_resumed() {
    let world = World::new(1).await;
    let campaign = world.campaign().await;
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.pause(campaign).await.unwrap();
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 0);
    let by = jooper_core::UserId::from_uuid(uuid::Uuid::from_u128(1));
    campaigns.resume(campaign, by).await.unwrap();
    world.run_for(24 * 2).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

#[tokio::test]
async fn the_daily_cap_holds_and_mails_keep_their_distance() {
    let world = World::new(60).await;
    world.campaign().await;
    world.run_for(14).await;
    let sent = sends(&world).await;
    let mut times: Vec<_> = sent.iter().filter_map(|row| row.settled_at).collect();
    times.sort();
    assert!(times.len() <= 40, "{} in a day", times.len());
    for pair in times.windows(2) {
        assert!(pair[1].duration_since(pair[0]) >= SignedDuration::from_secs(90));
    }
    let active = enrollments(&world).await;
    assert!(
        active
            .iter()
            .any(|row| row.state == EnrollmentState::Active)
    );
}

#[tokio::test]
async fn what_comes_next_is_explained_by_every_rule_that_will_be_asked() {
    let mut world = World::new(1).await;
    let barred = world.add_lead(9, false).await;
    world.campaign().await;
    let campaigns = world.engine.campaigns(world.workspace);
    // Before anything was sent: one would go, the other would not, and the reasons are told.
    let runner = jooper_sequence::Runner::new(world.engine.clone());
    let next = async |lead| {
        let views = campaigns.explain(lead).await.unwrap();
        (views[0].decisions.clone(), views[0].next.clone())
    };
    while runner.turn().await.unwrap() > 0 {}
    let (_, first) = next(world.leads[0]).await;
    let first = first.unwrap();
    assert!(
        first.summary.starts_with("Mail 1 goes at 2026-11-2"),
        "{}",
        first.summary
    );
    let rules: Vec<&str> = first.lines.iter().map(|line| &*line.rule).collect();
    for rule in [
        "plan",
        "who sends",
        "your do-not-mail list",
        "the reason you may write",
    ] {
        assert!(rules.contains(&rule), "{rules:?}");
    }
    let (_, no) = next(barred).await;
    let no = no.unwrap();
    assert!(no.summary.contains("would not go"), "{}", no.summary);
    assert!(
        no.summary.contains("Nothing is recorded that allows"),
        "{}",
        no.summary
    );
    world.run_for(24).await;
    let (past, second) = next(world.leads[0]).await;
    let sent = &past.last().unwrap().1;
    assert_eq!(sent.summary, "Mail 1 was sent.");
    assert!(
        sent.lines
            .iter()
            .any(|line| line.rule == "the reason you may write")
    );
    assert!(
        second
            .unwrap()
            .summary
            .starts_with("Mail 2 goes at 2026-11-2")
    );
    // What was refused is stored with every gate, and has no next.
    let (past, none) = next(barred).await;
    assert!(past.last().unwrap().1.lines.len() > 8, "{past:?}");
    assert_eq!(none, None);
}

async fn created(world: &World) -> CampaignId {
    let new = NewCampaign {
        settings: CampaignSettings {
            name: "Test".to_owned(),
            mailboxes: vec![world.mailbox],
            schedule: Schedule::default(),
        },
        sequence: Sequence::from_toml(
            "name = \"One\"\n[[step]]\n[[step.variant]]\nsubject = \"{{ first_name }}, hello\"\nbody = \"Hi.\"",
        )
        .unwrap(),
        seed: 7,
    };
    let campaigns = world.engine.campaigns(world.workspace);
    campaigns.create(&new).await.unwrap()
}

#[tokio::test]
async fn a_field_that_makes_a_subject_pretend_to_answer_is_refused_and_the_others_go() {
    let mut world = World::new(2).await;
    let posing = world.add_person(7, "jo@posing.example", "Re: Jo").await;
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, 2, "{report:?}");
    let [refused] = &report.refused[..] else {
        panic!("{report:?}");
    };
    assert_eq!(refused.lead, posing);
    assert!(refused.reason.contains("pretend"), "{}", refused.reason);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

#[tokio::test]
async fn a_list_of_desks_and_throw_away_mailboxes_is_refused_until_it_is_mended() {
    let mut world = World::new(3).await;
    for (n, email) in [
        "info@one.example",
        "office@two.example",
        "noreply@three.example",
        "a@mailinator.com",
        "b@mailinator.com",
        "c@yopmail.com",
    ]
    .into_iter()
    .enumerate()
    {
        world.add_person(20 + n, email, "Jo").await;
    }
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let refused = campaigns.activate(id, &world.leads).await.unwrap_err();
    let EngineError::List(findings) = &refused else {
        panic!("{refused}");
    };
    let wrong = [QualityFinding::Role, QualityFinding::Disposable];
    assert_eq!(findings[..], wrong);
    let said = refused.to_string();
    assert!(
        said.contains("info@") && said.contains("throw-away"),
        "{said}"
    );
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 0, "nobody is enrolled");
    assert_eq!(enrollments(&world).await.len(), 0);
    let report = campaigns.activate(id, &world.leads[..3]).await.unwrap();
    assert_eq!(report.enrolled, 3);
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 3);
    // In small pieces it is the same list; who is in already counts once.
    let more = campaigns.activate(id, &world.leads[..5]).await.unwrap();
    assert_eq!((more.enrolled, more.refused.len()), (2, 3));
    let desk = campaigns.activate(id, &world.leads[5..6]).await;
    let Err(EngineError::List(findings)) = desk else {
        panic!("{desk:?}");
    };
    assert_eq!(findings[..], [QualityFinding::Role]);
}

/// Who looks at the first mails sees what the list is made of, however many pieces it came in.
#[tokio::test]
async fn private_addresses_and_missing_countries_are_counted_for_whoever_looks() {
    let mut world = World::new(2).await;
    world.add_person(20, "jo@gmail.com", "Jo").await;
    world.add_person(21, "kim@web.de", "Kim").await;
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let nothing = campaigns.list_quality(id).await.unwrap();
    assert_eq!((nothing.people, nothing.free_mail), (0, 0));
    let key = vec![world.leads[0].to_value()];
    let found = world.store.find::<LeadRow>(world.workspace, key);
    let found = found.await.unwrap().unwrap();
    let row = LeadRow {
        country: None,
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&row, found.version);
    world.store.commit(batch).await.unwrap();
    campaigns.activate(id, &world.leads[..3]).await.unwrap();
    world.run_for(1).await;
    campaigns.activate(id, &world.leads[3..]).await.unwrap();
    let people = campaigns.list_quality(id).await.unwrap();
    assert_eq!(
        (people.people, people.free_mail, people.without_country),
        (4, 2, 1)
    );
}

/// A long list of before does not hide a poor one that comes behind it.
#[tokio::test]
async fn a_poor_list_is_refused_behind_a_long_good_one() {
    let mut world = World::new(100).await;
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let good = world.leads.clone();
    assert_eq!(campaigns.activate(id, &good).await.unwrap().enrolled, 100);
    for n in 0..4 {
        let email = format!("info@desk{n}.example");
        world.add_person(200 + n, &email, "Jo").await;
    }
    let refused = campaigns.activate(id, &world.leads[100..]).await;
    let Err(EngineError::List(findings)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(findings[..], [QualityFinding::Role]);
}

/// A campaign with unlawful leads names each, the rule and the remedy, and sends the others.
#[tokio::test]
async fn whom_no_mail_may_go_to_is_named_when_the_campaign_starts() {
    let mut world = World::new(2).await;
    let without = world.add_lead(7, false).await;
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    // Nothing is written yet: whom a start would not write to.
    let audience = campaigns.audience(id).await.unwrap();
    let lawful = campaigns.lawful(id, &audience).await.unwrap();
    let groups = (lawful.may_go, lawful.waiting.len(), lawful.refused.len());
    assert_eq!((lawful.people, groups), (3, (2, 0, 1)));
    let refusal = &lawful.refused[0];
    assert_eq!(refusal.lead, without);
    let table = jooper_consent::PolicySet::shipped();
    let table = table.countries().version().to_owned();
    let rule = format!("the reason you may write (row US of countries {table}, named address)");
    assert_eq!(refusal.rule, rule);
    assert!(
        refusal.why.starts_with("Nothing is recorded"),
        "{refusal:?}"
    );
    assert!(
        refusal.remedy.starts_with("Import the proof"),
        "{refusal:?}"
    );
    assert_eq!(enrollments(&world).await.len(), 0);
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!((report.enrolled, report.refused.len()), (3, 0));
    let [unlawful] = &report.unlawful[..] else {
        panic!("{report:?}");
    };
    assert_eq!(unlawful.lead, without);
    let why = &unlawful.reason;
    assert!(why.contains("Import the proof of a consent"), "{why}");
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 2);
}

/// Neither group swallows the other: who waits is not refused, and does not get a mail either.
#[tokio::test]
async fn who_waits_is_told_from_whom_nothing_may_go_to() {
    let mut world = World::new(1).await;
    let provisional = world.add_person(7, "jo@firm.example", "Jo").await;
    let above = world.add_person(8, "jo@mail.closed.example", "Jo").await;
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let address = jooper_core::EmailAddress::parse("jo@firm.example").unwrap();
    let stops = world.stops();
    let person = jooper_consent::StopScope::person(
        vault.contact_index(&address),
        vault.variant_indexes(&address),
    );
    let domain = jooper_consent::StopScope::Domain(vault.domain_index("closed.example"));
    for (scope, reason) in [
        (person, jooper_core::StopReason::StopWords),
        (domain, jooper_core::StopReason::Listed),
    ] {
        let source = jooper_core::StopSource::User;
        stops
            .stop(world.workspace, scope, reason, source)
            .await
            .unwrap();
    }
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let audience = campaigns.audience(id).await.unwrap();
    let lawful = campaigns.lawful(id, &audience).await.unwrap();
    assert_eq!((lawful.people, lawful.may_go), (3, 1));
    let [waits] = &lawful.waiting[..] else {
        panic!("{lawful:?}");
    };
    assert_eq!(waits.lead, provisional);
    assert!(waits.remedy.starts_with("Read the reply"), "{waits:?}");
    let [refused] = &lawful.refused[..] else {
        panic!("{lawful:?}");
    };
    assert_eq!(
        refused.lead, above,
        "a domain's entry reaches those below it"
    );
    assert_eq!(refused.rule, "your do-not-mail list");
    campaigns.activate(id, &audience).await.unwrap();
    world.run_for(24).await;
    assert_eq!(world.transport.accepted().len(), 1);
}

/// What a first mail must tell is known before anybody is enrolled (GDPR Art. 14(2)(f)).
#[tokio::test]
async fn nobody_is_enrolled_whose_data_came_from_nobody_knows_where() {
    let mut world = World::new(2).await;
    let lead = world.add_lead(7, true).await;
    let key = vec![lead.to_value()];
    let found = world.store.find::<LeadRow>(world.workspace, key.clone());
    let found = found.await.unwrap().unwrap();
    let vault = world.vault.workspace(world.workspace).await.unwrap();
    let subject = vault.subject(lead).await.unwrap();
    let place = Place::new(&LEAD, "profile", &key);
    let mut profile: LeadProfile = subject.open(&place, &found.record.profile).unwrap();
    (profile.source, profile.imported) = (String::new(), Some("leads.csv, line 7".to_owned()));
    let row = LeadRow {
        profile: subject.seal(&place, Origin::Customer, &profile).unwrap(),
        ..found.record
    };
    let batch = Batch::new(world.workspace).update(&row, found.version);
    world.store.commit(batch).await.unwrap();
    let id = created(&world).await;
    let campaigns = world.engine.campaigns(world.workspace);
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!(report.enrolled, 2);
    assert_eq!(report.refused[0].lead, lead);
    let why = &report.refused[0].reason;
    assert!(why.contains("where the data came from"), "{why}");
}

/// Whoever starts a campaign is told of those whom it is begun without.
#[tokio::test]
async fn who_is_left_out_at_the_start_is_named_with_the_reason_and_the_remedy() {
    let world = World::new(3).await;
    let campaigns = world.engine.campaigns(world.workspace);
    for (lead, state) in [(1, LeadState::Restricted), (2, LeadState::Held)] {
        let key = Key::new(&LEAD, vec![world.leads[lead].to_value()]);
        let state = vec![("state", ColumnOp::Set(state.to_value()))];
        let batch = Batch::new(world.workspace).write(Write::Patch(key, state));
        world.store.commit(batch).await.unwrap();
    }
    let out = campaigns.left_out().await.unwrap();
    let named: Vec<_> = out.iter().map(|refusal| refusal.lead).collect();
    assert_eq!(named, world.leads[1..]);
    assert!(out[0].reason.contains("end the restriction"), "{out:?}");
    assert!(out[1].reason.contains("held for a legal claim"), "{out:?}");
    // Named by hand, they are told of in the same words.
    let id = created(&world).await;
    let report = campaigns.activate(id, &world.leads).await.unwrap();
    assert_eq!((report.enrolled, report.refused), (1, out));
}
