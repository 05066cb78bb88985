//! Proves the rules of this repository that no compiler checks: each rule is a function over text, tried
//! here on the real files and, beside its definition, on samples that break it.

mod benches;
mod files;
mod laws;
mod manifests;
mod migrations;
mod sources;
#[path = "../support/mod.rs"]
mod support;

use files::Files;

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "\n  {}", found.join("\n  "));
}

#[test]
fn every_manifest_inherits_license_lints_and_versions() {
    assert_none(&manifests::violations(&Files::read()));
}

#[test]
fn every_bench_is_listed() {
    assert_none(&benches::violations(&Files::read()));
}

#[test]
fn no_source_breaks_a_house_rule() {
    assert_none(&sources::violations(&Files::read()));
}

#[test]
fn the_core_crates_are_deterministic_in_form() {
    assert_none(&sources::chance_violations(&Files::read()));
}

#[test]
fn no_file_names_the_machine_it_was_written_on() {
    assert_none(&files::machine_paths(&Files::read()));
}

#[test]
fn no_migration_was_edited() {
    assert_none(&migrations::violations(&Files::read()));
}

#[test]
fn every_law_has_an_owner_and_a_test_that_exists() {
    let files = Files::read();
    assert_none(&laws::violations(&files));
    assert_none(&laws::readme(&files));
}

#[test]
fn ci_runs_the_same_command_as_everybody() {
    let files = Files::read();
    let last = files.text(".ci/run").lines().last();
    assert_eq!(last, Some("exec cargo xtask test"));
}
