//! What lets a mail through, and what does not.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;
#[path = "gate/tightened.rs"]
mod tightened;

use std::sync::Arc;

use jooper_consent::{
    Acquired, Ceilings, GateError, GateName, PersonalAct, PolicyContext, PolicyVerdict, Recipient,
    RefusalReason, SendIntent, SendPolicy, StopError, StopScope, Verdict, explain,
};
use jooper_core::{
    BasisKind, Clock, CompanyId, EnrollmentState, LeadState, MailboxId, Purpose, StopReason,
    StopSource, UserId, WaitReason, WorkspaceState,
};
use jooper_storage::tables::{
    ContactFenceRow, EarlierMails, EnrollmentRow, LEAD, LeadRow, PERMIT, WORKSPACE,
};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, Record, Scope, StorageExt, Value, Write,
};
use support::{World, country, id, index, known_as, start};

async fn verdict(world: &World, intent: &SendIntent) -> Verdict {
    world.gate.judge(world.ws, intent).await.unwrap().verdict
}

async fn reason(world: &World, intent: &SendIntent) -> RefusalReason {
    let verdict = verdict(world, intent).await;
    verdict.reason().expect("refused").clone()
}

async fn patch(world: &World, key: Key, column: &'static str, value: Value) {
    let write = Write::Patch(key, vec![(column, ColumnOp::Set(value))]);
    world.commit(world.batch().write(write)).await;
}

fn lead_key(world: &World, n: u128) -> Key {
    Key::new(&LEAD, vec![world.recipient(n).lead.unwrap().to_value()])
}

#[tokio::test]
async fn a_consented_lead_gets_a_permit_and_a_stopped_one_none() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let Acquired::Permit(permit, trace) = acquired.unwrap() else {
        panic!("refused");
    };
    assert!(trace.0.iter().all(|step| step.verdict.is_allow()));
    assert_eq!(permit.recipient(), &intent.recipient.address);
    assert_eq!(permit.send_key(), &intent.key);
    assert!(permit.must_carry().unsubscribe && permit.must_carry().notice);
    let lease = permit.lease_until().duration_since(start());
    assert_eq!(lease.as_secs(), 10);
    // The margin is taken off at the sender's end: the last byte leaves before the lease ends.
    let since = |permit: &jooper_consent::SendPermit| permit.deadline().since(world.lease.now());
    assert_eq!(since(&permit).as_secs(), 7);
    world.gate.release(permit).await.unwrap();
    let stop = StopReason::Unsubscribed;
    world
        .stops
        .stop(world.ws, world.person(1), stop, StopSource::Person)
        .await
        .unwrap();
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let refused = Verdict::Deny {
        reason: RefusalReason::Suppressed(stop),
        permanent: true,
    };
    assert_eq!(acquired.unwrap().verdict(), &refused);
}

#[tokio::test]
async fn judging_writes_nothing_and_says_what_acquiring_does() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    for _ in 0..3 {
        assert!(verdict(&world, &intent).await.is_allow());
    }
    let permits = world.store.scan(
        Scope::Workspace(world.ws),
        jooper_storage::Scan::table(&PERMIT),
    );
    assert!(permits.await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn the_workspace_must_be_active_and_say_who_it_is() {
    let world = World::new().await;
    world.consented(1).await;
    let mut intent = world.intent(1);
    intent.identity_complete = false;
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoIdentity);
    intent.identity_complete = true;
    let key = Key::new(&WORKSPACE, vec![world.ws.to_value()]);
    patch(&world, key.clone(), "identity", Value::Null).await;
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoIdentity);
    for (state, why) in [
        (WorkspaceState::Paused, RefusalReason::WorkspacePaused),
        (WorkspaceState::Leaving, RefusalReason::WorkspaceLeaving),
    ] {
        patch(&world, key.clone(), "state", state.to_value()).await;
        assert_eq!(
            world
                .gate
                .judge(world.ws, &intent)
                .await
                .unwrap()
                .trace
                .0
                .iter()
                .find_map(|step| step.verdict.reason()),
            Some(&why)
        );
    }
    world.commit(world.batch().write(Write::Delete(key))).await;
    let unknown = RefusalReason::UnknownWorkspace;
    assert_eq!(reason(&world, &intent).await, unknown);
}

/// What is not looked up is not found: the gate knows the address, and counts.
#[tokio::test]
async fn a_recipient_who_lacks_an_index_is_not_judged_at_all() {
    let world = World::new().await;
    let mut whole = world.intent(1);
    whole.recipient = known_as(whole.recipient, "p.1+x@mail.firm1.example");
    assert_eq!(whole.recipient.parent_domains.len(), 1);
    assert!(world.gate.judge(world.ws, &whole).await.is_ok());
    let lacks: [fn(&mut Recipient); 4] = [
        |to| to.platform_variants.clear(),
        |to| to.platform_variants.truncate(1),
        |to| to.variants.truncate(1),
        |to| to.parent_domains.clear(),
    ];
    for lack in lacks {
        let mut intent = whole.clone();
        lack(&mut intent.recipient);
        let judged = world.gate.judge(world.ws, &intent).await;
        assert!(matches!(judged, Err(GateError::Invalid(_))), "{judged:?}");
        let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
        assert!(matches!(acquired, Err(GateError::Invalid(_))));
    }
}

#[tokio::test]
async fn every_variant_of_the_address_the_domain_and_the_platform_keep_back() {
    for at in 0..3 {
        let world = World::new().await;
        world.consented(1).await;
        let to = world.recipient(1);
        let scope = match at {
            // Only the address as typed, with its tag.
            0 => StopScope::person(to.variants[0], vec![]),
            1 => StopScope::Domain(to.domain_index),
            _ => StopScope::person(index("somebody else"), vec![to.variants[1]]),
        };
        world
            .stops
            .stop(world.ws, scope, StopReason::Listed, StopSource::User)
            .await
            .unwrap();
        let expected = RefusalReason::Suppressed(StopReason::Listed);
        assert_eq!(reason(&world, &world.intent(1)).await, expected);
    }
    // Whatever forms the caller's vault knows are looked up, each of them.
    for at in 0..world_forms().len() {
        let world = World::new().await;
        world.consented(1).await;
        let mut intent = world.intent(1);
        intent.recipient.variants = world_forms();
        let scope = StopScope::person(world_forms()[at], vec![]);
        world
            .stops
            .stop(world.ws, scope, StopReason::Listed, StopSource::User)
            .await
            .unwrap();
        let expected = RefusalReason::Suppressed(StopReason::Listed);
        assert_eq!(reason(&world, &intent).await, expected);
    }
    // The exact and the widest form are looked up also where the caller names others.
    let to = support::recipient(1);
    for form in [to.email_index, to.contact_index] {
        let world = World::new().await;
        world.consented(1).await;
        let mut intent = world.intent(1);
        let variants = intent.recipient.variants.iter_mut();
        variants.for_each(|known| *known = index("somebody else"));
        let scope = StopScope::person(form, vec![]);
        world
            .stops
            .stop(world.ws, scope, StopReason::Listed, StopSource::User)
            .await
            .unwrap();
        let expected = RefusalReason::Suppressed(StopReason::Listed);
        assert_eq!(reason(&world, &intent).await, expected);
    }
    let world = World::new().await;
    world.consented(1).await;
    let widest = *world.recipient(1).platform_variants.last().unwrap();
    let objected = |proof, reason, at| {
        let act = PersonalAct { proof, at };
        world
            .stops
            .do_not_contact(std::slice::from_ref(&widest), reason, act)
    };
    let page = support::on_their_page();
    // Neither an opt-in nor a bounce nor a list nor a page that is opened tomorrow says so.
    for (kind, reason, at) in [
        (support::opted_in(), StopReason::Objected, start()),
        (page, StopReason::Bounced, start()),
        (page, StopReason::Listed, start()),
        (page, StopReason::StopWords, start()),
        (
            page,
            StopReason::Objected,
            start() + jiff::SignedDuration::from_secs(1),
        ),
    ] {
        let refused = objected(kind, reason, at).await;
        assert!(
            matches!(refused, Err(StopError::NotTheirAct(_))),
            "{kind:?} {reason:?}"
        );
    }
    assert!(
        world.witness.0.lock().unwrap().is_empty(),
        "nothing is listed"
    );
    let ack = objected(page, StopReason::Objected, start()).await.unwrap();
    assert_eq!(
        reason(&world, &world.intent(1)).await,
        RefusalReason::DoNotContact
    );
    let waited = ack.acknowledged_at.duration_since(start()).as_secs();
    assert_eq!(waited, 10, "one whole lease");
}

fn world_forms() -> Vec<jooper_core::KeyedIndex> {
    ["one form", "another", "a third"].map(index).to_vec()
}

#[tokio::test]
async fn a_margin_only_makes_deadlines_earlier() {
    let world = World::new().await;
    for (n, (margin, left)) in [(1, 7), (5, 5), (60, 0)].into_iter().enumerate() {
        let n = n as u128 + 1;
        world.consented(n).await;
        let margin = std::time::Duration::from_secs(margin);
        let gate = world.gate.clone().with_margin(margin);
        let intent = world.intent(n);
        let acquired = gate.acquire(world.ws, &intent, world.batch());
        let Acquired::Permit(permit, _) = acquired.await.unwrap() else {
            panic!("refused");
        };
        let until = permit.deadline().since(world.lease.now());
        assert_eq!(until.as_secs(), left);
    }
}

/// What the gate sees in an address counts; what the caller says of it only adds rules (law L6).
#[tokio::test]
async fn a_caller_s_word_that_an_address_is_a_desk_s_loosens_nothing() {
    let world = World::new().await;
    let lead = world.lead(1, country("BE")).await;
    let kind = BasisKind::LegitimateInterest;
    let mut basis = world.basis(lead, kind, country("BE"));
    // Everything that the row asks to be stated.
    basis.stated = Some(i64::MAX);
    world.commit(world.batch().put(&basis)).await;
    // The transport is not what this test is about: Belgium's row comes before it.
    let by_transport = RefusalReason::BasisNotOverTransport(kind);
    let by_country = RefusalReason::BasisNotInCountry(kind);
    for (address, said, why) in [
        ("jane@firm.example", false, &by_country),
        ("jane@firm.example", true, &by_country),
        ("info@firm.example", false, &by_transport),
        ("info@firm.example", true, &by_transport),
    ] {
        let mut intent = world.intent(1);
        intent.recipient.address = jooper_core::EmailAddress::parse(address).unwrap();
        intent.recipient.role_address = said;
        assert_eq!(&reason(&world, &intent).await, why, "{address} {said}");
    }
}

#[tokio::test]
async fn every_standing_stop_keeps_back_until_it_is_resumed() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let company = CompanyId::from_uuid(id(0xCC));
    let key = lead_key(&world, 1);
    patch(&world, key, "company", company.to_value()).await;
    let by = UserId::from_uuid(id(9));
    for scope in [
        StopScope::Workspace,
        StopScope::Mailbox(world.mailbox),
        StopScope::Campaign(world.campaign),
        StopScope::Enrollment(world.intent(1).enrollment().unwrap()),
        StopScope::Lead(lead),
        // The caller does not know the company; the lead's row does.
        StopScope::Company(company),
    ] {
        let stop = world.stops.stop(
            world.ws,
            scope.clone(),
            StopReason::Paused,
            StopSource::User,
        );
        stop.await.unwrap();
        let why = reason(&world, &world.intent(1)).await;
        assert!(
            matches!(why, RefusalReason::Stopped { .. }),
            "{scope:?}: {why:?}"
        );
        world
            .stops
            .resume(world.ws, scope.clone(), by)
            .await
            .unwrap();
        assert!(
            verdict(&world, &world.intent(1)).await.is_allow(),
            "{scope:?}"
        );
    }
}

#[tokio::test]
async fn restricted_held_and_erased_leads_get_no_mail() {
    let world = World::new().await;
    world.consented(1).await;
    for state in [LeadState::Restricted, LeadState::Held] {
        patch(&world, lead_key(&world, 1), "state", state.to_value()).await;
        assert_eq!(
            reason(&world, &world.intent(1)).await,
            RefusalReason::Restricted
        );
    }
    let gone = world.batch().write(Write::Delete(lead_key(&world, 1)));
    world.commit(gone).await;
    assert_eq!(
        reason(&world, &world.intent(1)).await,
        RefusalReason::UnknownLead
    );
}

#[tokio::test]
async fn an_index_that_is_not_the_address_s_own_is_no_way_around() {
    let world = World::new().await;
    world.consented(1).await;
    let mut contact = world.intent(1);
    contact.recipient.contact_index = index("nobody");
    let mut domain = world.intent(1);
    domain.recipient.domain_index = index("nowhere");
    let mut other = world.intent(1);
    other.recipient.email_index = index("somebody");
    // The address is another lead's, who has it under the same indexes.
    let mut theirs = world.intent(1);
    theirs.recipient.lead = Some(world.consented(2).await);
    for intent in [contact, domain, other, theirs] {
        let why = reason(&world, &intent).await;
        assert_eq!(why, RefusalReason::NotTheirAddress);
    }
}

#[tokio::test]
async fn machines_abuse_desks_and_slips_of_the_pen_get_no_offers() {
    let world = World::new().await;
    world.consented(1).await;
    for (address, why) in [
        ("postmaster@firm.example", RefusalReason::RoleAddress),
        ("jane@gmial.com", RefusalReason::TypoDomain),
    ] {
        let mut intent = world.intent(1);
        intent.recipient.address = jooper_core::EmailAddress::parse(address).unwrap();
        assert_eq!(reason(&world, &intent).await, why);
    }
}

#[tokio::test]
async fn a_step_belongs_to_its_campaign_lead_and_mailbox() {
    let world = World::new().await;
    world.consented(1).await;
    let mut nameless = world.intent(1);
    nameless.campaign = None;
    let expected = RefusalReason::NotThisEnrollment;
    assert_eq!(reason(&world, &nameless).await, expected);
    // Nobody's step is refused as such, before anything that only a lead has is looked for.
    let mut nobody = world.intent(1);
    nobody.recipient.lead = None;
    assert_eq!(reason(&world, &nobody).await, expected);
    assert!(verdict(&world, &world.intent(1)).await.is_allow());
    let mut elsewhere = world.intent(1);
    elsewhere.mailbox = MailboxId::from_uuid(id(0xB2));
    assert_eq!(reason(&world, &elsewhere).await, expected);
    let mut other = world.intent(1);
    other.campaign = Some(jooper_core::CampaignId::from_uuid(id(0xC2)));
    assert_eq!(reason(&world, &other).await, expected);
    // Nobody was enrolled: a caller's word makes no step.
    let gone = Write::Delete(world.enrollment(1).key());
    world.commit(world.batch().write(gone)).await;
    assert_eq!(reason(&world, &world.intent(1)).await, expected);
    let step = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &step, world.batch());
    let verdict = acquired.await.unwrap().verdict().clone();
    assert_eq!(verdict.reason(), Some(&expected));
    // A preview is of whoever will be enrolled.
    let preview = world.gate.preview(world.ws, &[world.intent(1)]).await;
    assert_eq!(preview.unwrap().allowed, 1);
}

#[tokio::test]
async fn a_caller_that_speaks_of_an_earlier_mail_does_not_skip_the_notice_of_the_first() {
    let world = World::new().await;
    world.consented(1).await;
    let mut intent = world.intent(1);
    intent.caps.first_contact = false;
    intent.caps.follow_ups_sent = 1;
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    let Acquired::Permit(permit, trace) = acquired.unwrap() else {
        panic!("refused");
    };
    assert!(permit.must_carry().notice);
    let sampled = |step: &jooper_consent::GateStep| step.gate == jooper_consent::GateName::Sample;
    assert!(
        trace.0.iter().any(sampled),
        "it counts as one of the sample"
    );
}

#[tokio::test]
async fn a_basis_must_be_there_in_force_and_admitted() {
    let world = World::new().await;
    let lead = world.lead(1, country("DE")).await;
    let intent = world.intent(1);
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoBasis);
    let kind = BasisKind::Consent;
    let mut basis = world.basis(lead, kind, country("DE"));
    let ended = Some("2026-11-01T00:00:00Z".parse().unwrap());
    basis.expires_at = ended;
    world.commit(world.batch().put(&basis)).await;
    let expired = RefusalReason::BasisExpired(kind);
    assert_eq!(reason(&world, &intent).await, expired);
    (basis.expires_at, basis.withdrawn_at) = (None, ended);
    world.commit(world.batch().put(&basis)).await;
    let withdrawn = RefusalReason::BasisWithdrawn(kind);
    assert_eq!(reason(&world, &intent).await, withdrawn);
    // A clock was set back: nobody is given up for that.
    let obtained = basis.obtained_at;
    let tomorrow = world
        .clock
        .now()
        .saturating_add(jiff::SignedDuration::from_hours(24))
        .unwrap();
    (basis.withdrawn_at, basis.obtained_at) = (None, tomorrow);
    world.commit(world.batch().put(&basis)).await;
    let not_yet = Verdict::Defer {
        until: Some(tomorrow),
        reason: RefusalReason::BasisNotYet(kind),
    };
    assert_eq!(verdict(&world, &intent).await, not_yet);
    basis.obtained_at = obtained;
    // Recorded for another purpose.
    (basis.withdrawn_at, basis.purpose) = (None, Purpose::Analytics);
    let other = world
        .batch()
        .put(&basis)
        .write(Write::Delete(world.basis(lead, kind, country("DE")).key()));
    world.commit(other).await;
    assert_eq!(reason(&world, &intent).await, RefusalReason::NoBasis);
    basis.purpose = Purpose::Outreach;
    world.commit(world.batch().put(&basis)).await;
    assert!(verdict(&world, &intent).await.is_allow());
    tightened::refuses_for_good(&world, kind).await;
    let refused = RefusalReason::BasisRefusedHere(kind);
    assert_eq!(reason(&world, &intent).await, refused);
}

#[tokio::test]
async fn follow_ups_have_a_ceiling_and_a_pause() {
    let world = World::new().await;
    world.consented(1).await;
    let mut row = world.enrollment(1);
    for (sent, limit, allowed) in [
        (1, None, true),
        (3, None, true),
        (4, None, false),
        (4, Some(6), true),
        (6, Some(6), true),
        (7, Some(6), false),
        (7, Some(60), false),
        (2, Some(1), false),
    ] {
        row.sent = sent;
        world.commit(world.batch().put(&row)).await;
        let mut intent = world.step(1, sent);
        intent.caps.follow_up_limit = limit;
        let verdict = verdict(&world, &intent).await;
        assert_eq!(verdict.is_allow(), allowed, "{sent} {limit:?}: {verdict:?}");
    }
    // Whoever knows of more mails is believed: the row, or the caller.
    for (sent, told, allowed) in [(1, 4, false), (4, 1, false), (1, 1, true)] {
        row.sent = sent;
        world.commit(world.batch().put(&row)).await;
        let mut intent = world.step(1, sent);
        intent.caps.follow_ups_sent = told;
        let verdict = verdict(&world, &intent).await;
        assert_eq!(verdict.is_allow(), allowed, "{sent} {told}: {verdict:?}");
    }
    // The caller knows of a later mail than the rows do.
    row.sent = 1;
    world.commit(world.batch().put(&row)).await;
    let mut told = world.step(1, 1);
    told.caps.last_sent_at = Some(start());
    assert_eq!(reason(&world, &told).await, RefusalReason::TooSoon);
    row.last_sent_at = Some(start());
    world.commit(world.batch().put(&row)).await;
    let until: jiff::Timestamp = "2026-11-25T21:00:00Z".parse().unwrap();
    let soon = Verdict::Defer {
        until: Some(until),
        reason: RefusalReason::TooSoon,
    };
    assert_eq!(verdict(&world, &world.step(1, 1)).await, soon);
    world.clock.set(until);
    assert!(verdict(&world, &world.step(1, 1)).await.is_allow());
}

/// A lead that is deleted and imported anew is written to no sooner and no more often.
#[tokio::test]
async fn what_a_deleted_lead_was_sent_counts_for_whoever_comes_back() {
    let world = World::new().await;
    world.consented(1).await;
    let other = jooper_core::CampaignId::from_uuid(id(0xC2));
    let had = async |campaign, mails| {
        let fence = ContactFenceRow::of(world.recipient(1).contact_index);
        let earlier = EarlierMails {
            campaign,
            mails,
            last_at: start(),
        };
        let fence = fence.remembering(&[earlier]).unwrap();
        world.commit(world.batch().put(&fence)).await;
    };
    for (campaign, mails, refused) in [
        (world.campaign, 3, None),
        (world.campaign, 4, Some(RefusalReason::FollowUpCeiling)),
        (other, 6, None),
        (other, 7, Some(RefusalReason::FollowUpCeiling)),
    ] {
        world.clock.set(start());
        had(campaign, mails).await;
        let soon = verdict(&world, &world.intent(1)).await;
        let expected = refused.clone().unwrap_or(RefusalReason::TooSoon);
        assert_eq!(soon.reason(), Some(&expected), "{mails}");
        let lasts = matches!(soon, Verdict::Deny { .. });
        assert_eq!(lasts, refused.is_some() && campaign == world.campaign);
        world.clock.set("2026-11-25T21:00:00Z".parse().unwrap());
        let later = verdict(&world, &world.intent(1)).await;
        assert_eq!(later.reason(), refused.as_ref(), "{mails}");
    }
    // A month later none of it counts.
    world.clock.set(start() + Ceilings::SPAN);
    assert!(verdict(&world, &world.intent(1)).await.is_allow());
    // A mail that goes, and a stop, leave it as it is.
    let intent = world.intent(1);
    let acquired = world.gate.acquire(world.ws, &intent, world.batch()).await;
    assert!(acquired.unwrap().verdict().is_allow());
    let stop = (StopReason::Replied, StopSource::Person);
    let stopped = world.stops.stop(world.ws, world.person(1), stop.0, stop.1);
    stopped.await.unwrap();
    let key = vec![world.recipient(1).contact_index.to_value()];
    let fence = world.store.find::<ContactFenceRow>(world.ws, key).await;
    let fence = fence.unwrap().unwrap().record;
    assert_eq!(fence.earlier_mails().unwrap()[0].mails, 7);
}

#[tokio::test]
async fn one_campaign_at_a_time_writes_to_a_person() {
    let world = World::new().await;
    let lead = world.consented(1).await;
    let mut mine = world.enrollment(1);
    let mut other = EnrollmentRow {
        lead,
        campaign: jooper_core::CampaignId::from_uuid(id(0xC2)),
        ..world.enrollment(2)
    };
    mine.created_at = "2026-11-22T00:00:00Z".parse().unwrap();
    world.commit(world.batch().put(&mine).put(&other)).await;
    assert!(verdict(&world, &world.intent(1)).await.is_allow(), "older");
    other.created_at = "2026-11-21T00:00:00Z".parse().unwrap();
    world.commit(world.batch().put(&other)).await;
    let busy = RefusalReason::AnotherCampaign;
    assert_eq!(reason(&world, &world.intent(1)).await, busy);
    mine.sent = 1;
    world.commit(world.batch().put(&mine)).await;
    assert!(verdict(&world, &world.step(1, 1)).await.is_allow(), "wrote");
    mine.sent = 0;
    other.state = EnrollmentState::Finished;
    world.commit(world.batch().put(&mine).put(&other)).await;
    assert!(verdict(&world, &world.intent(1)).await.is_allow(), "ended");
    // A mail that may have gone, and a task in between, hold others back as well.
    other.state = EnrollmentState::Parked;
    for (wait, holds) in [
        (WaitReason::ManualTask, true),
        (WaitReason::SendUnknown, true),
        (WaitReason::MailboxDown, false),
    ] {
        other.wait = Some(wait);
        world.commit(world.batch().put(&other)).await;
        let verdict = verdict(&world, &world.intent(1)).await;
        assert_eq!(verdict.is_allow(), !holds, "{wait:?}");
    }
    // It may have written first, however young it is.
    other.created_at = "2026-11-22T12:00:00Z".parse().unwrap();
    for (wait, holds) in [
        (WaitReason::ManualTask, false),
        (WaitReason::SendUnknown, true),
    ] {
        other.wait = Some(wait);
        world.commit(world.batch().put(&other)).await;
        let verdict = verdict(&world, &world.intent(1)).await;
        assert_eq!(verdict.is_allow(), !holds, "{wait:?}");
    }
    other.state = EnrollmentState::Finished;
    // Whoever wrote last, the pause between two mails holds across campaigns.
    other.last_sent_at = Some(world.clock.now());
    world.commit(world.batch().put(&other)).await;
    assert_eq!(
        reason(&world, &world.intent(1)).await,
        RefusalReason::TooSoon
    );
}

#[tokio::test]
async fn two_sends_to_one_person_are_never_out_at_once() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    let first = world.gate.acquire(world.ws, &intent, world.batch());
    let Acquired::Permit(permit, _) = first.await.unwrap() else {
        panic!("refused");
    };
    let other = world.step(1, 1);
    assert_eq!(reason(&world, &other).await, RefusalReason::AnotherSend);
    // The same send may be tried again by whoever took the lane over.
    assert!(verdict(&world, &world.intent(1)).await.is_allow());
    world.gate.release(permit).await.unwrap();
    assert!(verdict(&world, &other).await.is_allow());
}

#[tokio::test]
async fn the_caller_s_own_checks_are_told_apart_from_the_gate_s() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    let row: LeadRow = world
        .store
        .find(world.ws, lead_key(&world, 1).values().to_vec())
        .await
        .unwrap()
        .unwrap()
        .record;
    let reserve = world
        .batch()
        .check(Check::Version(row.key(), 1))
        .check(Check::Absent(row.key()));
    let acquired = world.gate.acquire(world.ws, &intent, reserve);
    assert!(matches!(
        acquired.await,
        Err(GateError::Reserve { check: 1 })
    ));
    let fenced = world.batch().fenced(world.mailbox, 3);
    let acquired = world.gate.acquire(world.ws, &intent, fenced);
    assert!(matches!(acquired.await, Err(GateError::FenceLost)));
    let platform = Batch::new(Scope::Platform);
    let acquired = world.gate.acquire(world.ws, &intent, platform);
    assert!(matches!(acquired.await, Err(GateError::Invalid(_))));
}

/// Says what it is told to.
#[derive(Debug)]
struct Says(PolicyVerdict);

impl SendPolicy for Says {
    fn name(&self) -> &str {
        "quiet weeks"
    }

    fn judge(&self, context: &PolicyContext<'_>) -> PolicyVerdict {
        assert_eq!(context.purpose, Purpose::Outreach);
        self.0.clone()
    }
}

#[tokio::test]
async fn a_plug_denies_or_defers_and_cannot_allow() {
    let world = World::new().await;
    world.consented(1).await;
    world.lead(2, country("DE")).await;
    for (said, allowed) in [
        (PolicyVerdict::Pass, true),
        (PolicyVerdict::Defer { until: None }, false),
        (PolicyVerdict::Deny { permanent: false }, false),
    ] {
        let gate = world.gate.clone().with_policy(Arc::new(Says(said)));
        let judged = gate.judge(world.ws, &world.intent(1)).await.unwrap();
        assert_eq!(judged.verdict.is_allow(), allowed);
        let judged = gate.judge(world.ws, &world.intent(2)).await.unwrap();
        assert!(!judged.verdict.is_allow(), "no basis stays no basis");
    }
    // Of two deferrals the longer one is told: until somebody acts outlasts any date.
    let mut soon = world.intent(1);
    soon.caps.last_sent_at = Some(start());
    assert_eq!(reason(&world, &soon).await, RefusalReason::TooSoon);
    let quiet = Says(PolicyVerdict::Defer { until: None });
    let gate = world.gate.clone().with_policy(Arc::new(quiet));
    let judged = gate.judge(world.ws, &soon).await.unwrap();
    let reason = RefusalReason::Policy("quiet weeks".to_owned());
    let waits = Verdict::Defer {
        until: None,
        reason,
    };
    assert_eq!(judged.verdict, waits);
}

#[tokio::test]
async fn a_preview_names_each_lead_that_may_not_be_written_to_and_the_remedy() {
    let world = World::new().await;
    world.consented(1).await;
    world.lead(2, country("DE")).await;
    let french = world.lead(3, country("FR")).await;
    let basis = world.basis(french, BasisKind::LegitimateInterest, country("FR"));
    world.commit(world.batch().put(&basis)).await;
    let intents: Vec<_> = (1..=3).map(|n| world.intent(n)).collect();
    let preview = world.gate.preview(world.ws, &intents).await.unwrap();
    assert_eq!(preview.allowed, 1);
    let said: Vec<_> = preview
        .refused
        .iter()
        .map(|(at, judgement)| (*at, explain(&judgement.trace)))
        .collect();
    let [(1, none), (2, transport)] = &said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(
        none[..],
        [
            "Nothing is recorded that allows you to write to this person. Import the proof of a \
             consent, or record how the person asked for mail."
        ]
    );
    assert!(transport[0].starts_with(
        "The legitimate interest is enough for the law, but not for the mail provider's rules."
    ));
}

#[tokio::test]
async fn a_trace_reads_back_and_holds_no_personal_data() {
    let world = World::new().await;
    world.consented(1).await;
    let intent = world.intent(1);
    let judged = world.gate.judge(world.ws, &intent).await.unwrap();
    let text = serde_json::to_string(&judged).unwrap();
    let back: jooper_consent::Judgement = serde_json::from_str(&text).unwrap();
    assert_eq!(back, judged);
    let gates: Vec<_> = judged.trace.0.iter().map(|step| step.gate).collect();
    for gate in [
        GateName::Workspace,
        GateName::Suppression,
        GateName::DoNotContact,
        GateName::Stops,
        GateName::Rights,
        GateName::Basis,
        GateName::Transport,
        GateName::Ceilings,
    ] {
        assert!(gates.contains(&gate), "{gate:?}");
    }
    let everything = format!("{text}{intent:?}{judged:?}");
    for part in ["p.1", "firm1"] {
        assert!(!everything.contains(part), "{part}");
    }
}
