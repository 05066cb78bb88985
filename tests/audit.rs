//! A whole campaign, audited: exported, checked by somebody who has only the file, and tampered with.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use jooper::consent::{
    AuditLine, AuditReport, Finding, LeafLine, Note, PersonalAct, StopScope, check_export,
};
use jooper::core::{
    CampaignId, Clock, EmailAddress, EnrollmentState, KeyedIndex, LeadId, StopReason, StopSource,
    UserId,
};
use jooper::storage::tables::EnrollmentRow;
use jooper_testkit::google::Mix;
use uuid::Uuid;
use world::World;

type Lines = Vec<AuditLine>;

fn text(lines: &Lines) -> String {
    let lines = lines
        .iter()
        .map(|line| serde_json::to_string(line).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

fn leaf(line: &mut AuditLine) -> Option<&mut LeafLine> {
    match line {
        AuditLine::Leaf(leaf) => Some(leaf),
        _ => None,
    }
}

/// Where the leaf of this place stands.
fn at(lines: &mut Lines, seq: u64) -> usize {
    let is = |line: &mut AuditLine| leaf(line).is_some_and(|leaf| leaf.seq == seq);
    lines.iter_mut().position(is).unwrap()
}

fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(1))
}

/// The address of an imported person, as stops know it.
async fn person(
    world: &World,
    lead: LeadId,
    email: &str,
) -> (StopScope, KeyedIndex, Vec<KeyedIndex>) {
    let vault = world.jooper.vault().workspace(world.workspace).await;
    let (vault, address) = (vault.unwrap(), email.parse::<EmailAddress>().unwrap());
    let (contact_index, variants) = (
        vault.contact_index(&address),
        vault.variant_indexes(&address),
    );
    let scope = StopScope::Person {
        contact_index,
        variants: variants.clone(),
        lead: Some(lead),
    };
    (scope, contact_index, variants)
}

/// The way of a lead through its campaign.
async fn way(world: &World, lead: LeadId) -> EnrollmentRow {
    let campaigns = world.jooper.workspace(world.workspace).campaigns();
    let views = campaigns.explain(lead).await.unwrap();
    views[0].enrollment.clone()
}

/// Everything that may be taken back is, behind mails and before mails of the same people: a stop that
/// is over forbids nothing, and the chain tells who took it away.
async fn taken_back(world: &World, leads: &[LeadId], campaign: CampaignId) {
    let campaigns = world.jooper.workspace(world.workspace).campaigns();
    let stops = world.jooper.stops();
    // The first fifty were not waited for.
    let breakers = world.jooper.breakers();
    let cleared = breakers.clear_sample(world.workspace, campaign, user());
    cleared.await.unwrap();
    // Some were paused for a day; whoever has answered is not.
    let mut paused = Vec::new();
    for lead in &leads[1..6] {
        let way = way(world, *lead).await;
        if way.state == EnrollmentState::Active {
            campaigns.pause_enrollment(way.id).await.unwrap();
            paused.push(way.id);
        }
    }
    // Others asked for no more mail, and a little later for mail once more.
    for (n, lead) in leads.iter().enumerate().take(11).skip(6) {
        let email = format!("person{n}@people.example");
        let (scope, contact, variants) = person(world, *lead, &email).await;
        let (reason, source) = (StopReason::Unsubscribed, StopSource::Person);
        let stop = stops.stop(world.workspace, scope, reason, source);
        stop.await.unwrap();
        world.clock.0.advance_millis(1000);
        let act = PersonalAct {
            proof: jooper::core::ActProof::PreferencePage {
                mail: jooper::core::SendKey::Service {
                    request: jooper::core::RequestId::from_uuid(uuid::Uuid::from_u128(1)),
                    kind: 0,
                },
            },
            at: world.clock.now(),
        };
        let lift = stops.lift(world.workspace, contact, &variants, act);
        assert!(lift.await.unwrap().lifted > 0);
    }
    world.pass(24).await;
    for way in paused {
        // Whoever answered meanwhile is not resumed.
        let _ = campaigns.resume_enrollment(way, user()).await;
    }
}

/// What was taken back, as the notes of an export tell it.
fn notes(lines: &mut Lines) -> Vec<Note> {
    let leaves = lines.iter_mut().filter_map(leaf);
    let payloads = leaves.filter_map(|leaf| leaf.record.as_ref()?.payload.clone());
    let bytes = payloads.map(|hex| {
        let pairs = (0..hex.len()).step_by(2);
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        pairs.map(byte).collect::<Vec<u8>>()
    });
    bytes
        .filter_map(|bytes| Note::from_payload(&bytes))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audited_campaign_is_checked_offline_and_whoever_tampers_is_named() {
    let mut mix = Mix::default();
    mix.earliest_ms = 60_000;
    let world = World::with_mix(&["ada@sender.example"], mix).await;
    let leads = world.import(30, "people.example").await;
    let campaign = world.campaign(&leads).await;
    world.pass(24).await;
    let person = StopScope::Lead(leads[0]);
    let stops = world.jooper.stops();
    let stop = stops.stop(
        world.workspace,
        person,
        StopReason::Listed,
        StopSource::User,
    );
    stop.await.unwrap();
    taken_back(&world, &leads, campaign).await;
    world.pass(24 * 13).await;
    for some in [&leads[1..6], &leads[6..11]] {
        let mut sent = Vec::new();
        for lead in some {
            sent.push(way(&world, *lead).await.sent);
        }
        let on = sent.iter().any(|sent| *sent > 1);
        assert!(on, "written to behind the stop that is over: {sent:?}");
    }

    let mut export = Vec::new();
    let key = world
        .jooper
        .audit_export(world.workspace, &mut export)
        .await
        .unwrap();
    let check = |text: &str| -> AuditReport { check_export(text.as_bytes(), [key]).unwrap() };
    let honest = String::from_utf8(export).unwrap();
    let report = check(&honest);
    assert_eq!(report.findings, [], "{report:?}");
    assert_eq!(
        report.sends as usize,
        world.google.ledger().accepted().len()
    );
    assert!(
        report.permits >= report.sends && report.sends > 30,
        "{report:?}"
    );
    assert!(report.stops >= 1 && report.heads > 1, "{report:?}");
    let here = world.jooper.audit_verify(world.workspace).await.unwrap();
    assert_eq!(here, report, "the same where it lies");
    assert!(!honest.contains("people.example") && !honest.contains("Person"));

    let mut lines: Lines = honest
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told = notes(&mut lines);
    let tells = |is: fn(&Note) -> bool| told.iter().any(is);
    assert!(tells(|note| matches!(note, Note::SampleCleared { .. })));
    assert!(tells(|note| matches!(note, Note::Lift { .. })));
    let resumed = |note: &Note| matches!(note, Note::Resume { by, .. } if *by == user());
    assert!(tells(resumed), "{told:?}");
    let seq = report.leaves / 2;
    let tampered = |change: &dyn Fn(&mut Lines)| {
        let mut lines = lines.clone();
        change(&mut lines);
        check(&text(&lines)).findings
    };
    // A flipped bit.
    let found = tampered(&|lines| {
        let place = at(lines, seq);
        leaf(&mut lines[place]).unwrap().record.as_mut().unwrap().at ^= 1;
    });
    assert!(found.contains(&Finding::Altered { seq }), "{found:?}");
    // A leaf that was removed.
    let found = tampered(&|lines| {
        let place = at(lines, seq);
        lines.remove(place);
    });
    assert_eq!(found[0], Finding::Removed { from: seq, to: seq });
    // Two leaves in each other's place.
    let found = tampered(&|lines| {
        let (one, two) = (at(lines, seq), at(lines, seq + 1));
        lines.swap(one, two);
    });
    assert!(found.contains(&Finding::Reordered { seq }), "{found:?}");
    // A head that the key did not sign.
    let found = tampered(&|lines| {
        for line in lines.iter_mut().rev() {
            if let AuditLine::Head(head) = line {
                head.signed_at += 1;
                return;
            }
        }
    });
    let size = report.leaves;
    assert!(found.contains(&Finding::ForgedHead { size }), "{found:?}");
    for finding in found {
        assert!(!finding.to_string().is_empty());
    }
}
