//! Proves that the crates depend on each other only along the arrows of docs/architecture.md, and that what
//! is deliberately absent from a crate is absent.

mod arrows;
mod confined;
mod graph;
#[path = "../support/mod.rs"]
mod support;

use graph::Graph;

fn workspace() -> Graph {
    let host = "x86_64-unknown-linux-gnu";
    Graph::parse(&support::metadata(&[
        "--all-features",
        "--filter-platform",
        host,
    ]))
}

fn assert_none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn crates_depend_only_along_the_arrows() {
    assert_none(
        "not an allowed arrow (a new one needs a note in docs/decisions)",
        &arrows::violations(&workspace()),
    );
}

#[test]
fn what_is_confined_to_a_crate_is_named_by_no_other() {
    assert_none(
        "named outside its crate",
        &confined::named_elsewhere(&workspace()),
    );
}

#[test]
fn the_core_reaches_no_runtime_and_no_backend() {
    assert_none(
        "reached from a pure crate",
        &confined::reached_from_pure(&workspace()),
    );
}

#[test]
fn the_facade_turns_nothing_on_by_itself() {
    assert_none("facade", &arrows::facade_violations(&workspace()));
}

/// The table in the code and the one that people read are the same.
#[test]
fn the_architecture_page_shows_the_same_arrows() {
    let page = std::fs::read_to_string(support::root().join("docs/architecture.md")).unwrap();
    assert_none("docs/architecture.md", &arrows::missing_from_page(&page));
}
