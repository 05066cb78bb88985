//! The command `simulate`: what it prints, and how it ends.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::{Command, Output};

fn simulate(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_simulate"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    (output, text)
}

fn line<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

#[test]
fn a_seed_prints_its_trace_and_the_same_one_again() {
    let arguments = ["--seed", "5", "--days", "3", "--leads", "6"];
    let (output, text) = simulate(&arguments);
    assert!(output.status.success(), "{text}");
    let trace = line(&text, "trace: ").unwrap();
    assert_eq!(trace.len(), 64);
    assert!(trace.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(line(&simulate(&arguments).1, "trace: "), Some(trace));
}

#[test]
fn a_broken_law_ends_in_failure_with_its_seed_and_how_to_see_it_again() {
    let arguments = ["--seed", "7", "--days", "3", "--mutant", "second-commit"];
    let (output, text) = simulate(&arguments);
    assert!(!output.status.success(), "{text}");
    assert_eq!(line(&text, "seed: "), Some("7"), "{text}");
    assert!(line(&text, "BROKEN ").is_some(), "{text}");
    let replay = line(&text, "replay: ").unwrap();
    let (_, again) = replay.split_once(" -- ").unwrap();
    let words: Vec<&str> = again.split(' ').collect();
    let (repeated, same) = simulate(&words);
    assert!(!repeated.status.success());
    assert_eq!(line(&same, "trace: "), line(&text, "trace: "));
    assert_eq!(line(&same, "BROKEN "), line(&text, "BROKEN "));
}
