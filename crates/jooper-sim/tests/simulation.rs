//! Seeds that run every day, those that failed once, and the proof that the laws watch.

#![allow(clippy::unwrap_used, reason = "a test")]

use jooper_sim::{Mutant, Options, Report, Shape, simulate};

/// Seeds that once found a bug, with the campaign they ran (`None`: the seed's own), its days and
/// leads, under two workers and four times as many crashes as usual.
const FAILED: &[(u64, Option<Shape>, u32, usize)] = &[
    // Evidence came under a lost fence while the new holder knew the enrollment as waiting for it.
    (139, Some(Shape::Linear), 12, 16),
    (153, Some(Shape::Linear), 12, 16),
    // Nobody looked at what a downtime had made overdue.
    (944, None, 12, 16),
    // A person released a mail that had gone, its reader unsubscribed, and it counted as skipped.
    (16, None, 5, 10),
    // A person released a mail that had gone, the second try was lost, and nobody looked for the first.
    (275, None, 12, 16),
    // Given up on a Saturday, a mail of Friday afternoon had its working days counted from midnight.
    (396, None, 12, 16),
    // A mail that had gone was given up, and what its owner answered in its thread was taken for it.
    (10, Some(Shape::Desk), 5, 10),
    // Consents of the very day were refused for good once the clock was set back.
    (3, Some(Shape::Senses), 5, 10),
];

fn run(options: &Options) -> Report {
    let report = simulate(options);
    if let Some(violation) = &report.violation {
        panic!(
            "{violation}\nseed: {}\nreplay: {}",
            options.seed,
            options.replay()
        );
    }
    report
}

fn small(seed: u64) -> Options {
    let mut options = Options::new(seed);
    options.days = 5;
    options.leads = 10;
    options
}

fn seeds(from: u64, to: u64) {
    seeds_of(None, from, to);
}

fn seeds_of(shape: Option<Shape>, from: u64, to: u64) {
    let mut crashes = 0;
    for seed in from..to {
        let mut options = small(seed);
        options.shape = shape;
        options.workers = 2 + usize::from(seed.is_multiple_of(3));
        options.crash_factor = 1 + seed % 4;
        crashes += run(&options).crashed();
    }
    assert!(crashes > 100, "{crashes} crashes are no chaos");
}

#[test]
fn every_law_holds_over_the_first_seeds() {
    seeds(0, 12);
}

#[test]
fn every_law_holds_over_further_seeds() {
    seeds(12, 24);
}

#[test]
fn every_law_holds_where_an_answer_stops_a_company() {
    seeds_of(Some(Shape::Company), 0, 6);
}

#[test]
fn every_law_holds_where_answers_have_senses() {
    seeds_of(Some(Shape::Senses), 0, 6);
}

#[test]
fn every_law_holds_where_people_work_beside_the_sequence() {
    seeds_of(Some(Shape::Desk), 0, 6);
}

#[test]
fn seeds_that_failed_once_hold_now() {
    for (seed, shape, days, leads) in FAILED.iter().copied() {
        let mut options = Options::new(seed);
        options.shape = shape;
        options.days = days;
        options.leads = leads;
        options.crash_factor = 4;
        // Errands broke off in none of them.
        options.errands_crash = false;
        run(&options);
    }
}

#[test]
fn the_same_seed_leaves_the_same_trace_and_another_seed_another() {
    let first = run(&small(71));
    let again = run(&small(71));
    assert_eq!(first, again, "everything in the report is the same");
    assert_eq!(first.trace.len(), 64);
    assert_ne!(first.trace, run(&small(72)).trace);
}

/// Runs worlds without one safeguard until so many of them were noticed, `tries` at most.
fn must_notice(mutant: Mutant, words: &[&str], floor: usize, tries: u64) {
    let seeds = 1_000..1_000 + tries;
    must_notice_in(Shape::Linear, mutant, words, floor, seeds);
}

fn must_notice_in(
    shape: Shape,
    mutant: Mutant,
    words: &[&str],
    floor: usize,
    seeds: std::ops::Range<u64>,
) {
    let mut found = Vec::new();
    let mut seen = 0;
    for seed in seeds {
        let mut options = Options::new(seed);
        options.mutant = Some(mutant);
        options.shape = Some(shape);
        let text = simulate(&options).violation.map(|law| law.to_string());
        let right = |text: &String| words.iter().any(|word| text.contains(word));
        seen += usize::from(text.as_ref().is_some_and(right));
        found.push(text);
        if seen == floor {
            return;
        }
    }
    panic!("without {}: {found:#?}", mutant.name());
}

/// Every answer comes when another worker has the lane. Its receipt is written down by whoever had the lane
/// before, who looks at the row right before; and between that look and the write the row becomes another.
/// Nothing else goes wrong, so that it is the same each time.
fn late(seed: u64) -> Options {
    let mut options = Options::new(seed);
    options.shape = Some(Shape::Linear);
    options.days = 0;
    options.leads = 4;
    options.late_answers = true;
    options
}

#[test]
fn every_law_holds_where_receipts_are_written_late() {
    for seed in 0..4 {
        let report = run(&late(seed));
        let kept = report.held_back;
        assert!(kept > 4, "{kept} of {} came late", report.accepted);
    }
}

#[test]
fn a_ledger_without_its_unique_key_is_noticed() {
    for seed in 0..4 {
        let mut options = late(seed);
        options.mutant = Some(Mutant::UniqueKey);
        let text = simulate(&options).violation.map(|law| law.to_string());
        let noticed = text
            .as_ref()
            .is_some_and(|text| text.contains("had not read"));
        assert!(noticed, "seed {seed}: {text:?}");
    }
}

#[test]
fn lanes_without_a_fence_are_noticed() {
    must_notice(Mutant::Fence, &["L1", "L12"], 3, 4);
}

#[test]
fn a_mail_without_its_second_commit_is_noticed() {
    must_notice(
        Mutant::SecondCommit,
        &["effect before intent", "to Posting"],
        4,
        4,
    );
}

#[test]
fn unknown_sends_without_evidence_are_noticed() {
    // Receipts that come late are evidence, too: few seeds are left that notice.
    must_notice_in(
        Shape::Linear,
        Mutant::Evidence,
        &["stays unknown"],
        1,
        2..22,
    );
}

#[test]
fn a_gate_that_does_not_look_again_is_noticed() {
    must_notice(Mutant::Recheck, &["L4"], 2, 6);
}

#[test]
fn mails_outside_their_windows_are_noticed() {
    must_notice(Mutant::Windows, &["outside its window"], 3, 3);
}

#[test]
fn mails_that_come_too_early_are_noticed() {
    for shape in Shape::ALL {
        must_notice_in(shape, Mutant::Delays, &["too early"], 1, 0..6);
    }
}

#[test]
fn more_mails_than_a_budget_allows_are_noticed() {
    // The first seeds that notice come first; a change of the engine's draws moves them.
    let hour = &["mails in an hour"];
    must_notice_in(Shape::Branches, Mutant::Hour, hour, 1, 23..74);
    let day = &["mails in 24 hours"];
    must_notice_in(Shape::Branches, Mutant::Day, day, 1, 21..89);
    let shared = &["of the workspace", "of the domain", "to one domain"];
    must_notice_in(Shape::Waits, Mutant::Shared, shared, 1, 0..62);
}

#[test]
fn mails_to_the_colleagues_of_whoever_answered_are_noticed() {
    let words = &["the answer of a colleague"];
    must_notice_in(Shape::Company, Mutant::Colleagues, words, 2, 0..12);
    let shared = &["of the workspace", "of the domain"];
    must_notice_in(Shape::Company, Mutant::Shared, shared, 1, 11..41);
}

#[test]
fn mails_of_the_wrong_way_behind_an_answer_are_noticed() {
    must_notice_in(Shape::Senses, Mutant::Senses, &["senses: "], 2, 0..12);
}

#[test]
fn mails_behind_what_the_owner_wrote_by_hand_are_noticed() {
    must_notice_in(Shape::Desk, Mutant::Owner, &["written by hand"], 2, 0..12);
}

#[test]
fn mails_that_are_passed_over_and_leads_that_are_let_go_for_nothing_are_noticed() {
    for shape in Shape::ALL {
        must_notice_in(shape, Mutant::Way, &["owed and is lost"], 1, 0..6);
        let ended = &["nothing had happened that ends it"];
        must_notice_in(shape, Mutant::End, ended, 1, 0..6);
    }
}

#[test]
fn errands_that_broke_off_and_that_nobody_does_again_are_noticed() {
    let left_out = &["of them enrolled"];
    must_notice_in(Shape::Company, Mutant::Retry, left_out, 1, 0..3);
}

#[test]
fn mails_and_tests_that_nobody_asked_for_are_noticed() {
    let tests = &["nobody had asked for it"];
    must_notice_in(Shape::Desk, Mutant::Desk, tests, 1, 0..20);
    let early = &["too early", "outside its window"];
    must_notice_in(Shape::Desk, Mutant::Desk, early, 1, 0..30);
}
