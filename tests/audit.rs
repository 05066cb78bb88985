//! A whole campaign, audited: exported, checked by somebody who has only the file, and tampered with.

#![allow(clippy::unwrap_used, reason = "a test")]

mod world;

use jooper::consent::{AuditLine, AuditReport, Finding, LeafLine, StopScope, check_export};
use jooper::core::{StopReason, StopSource};
use jooper_testkit::google::Mix;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audited_campaign_is_checked_offline_and_whoever_tampers_is_named() {
    let mut mix = Mix::default();
    mix.earliest_ms = 60_000;
    let world = World::with_mix(&["ada@sender.example"], mix).await;
    let leads = world.import(30, "people.example").await;
    world.campaign(&leads).await;
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
    world.pass(24 * 13).await;

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

    let lines: Lines = honest
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
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
