//! The look for leaks finds one: a server that stores one field in the clear, on purpose.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

#[path = "support/grep.rs"]
mod grep;
#[path = "support/leaks.rs"]
mod leaks;
#[path = "support/people.rs"]
mod people;
mod support;

use leaks::Watched;

#[test]
fn a_field_that_is_stored_in_the_clear_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let watched = Watched::start(env!("CARGO_BIN_EXE_leaky-server"), dir.path(), 4);
    let found = watched.leaks();
    let spilled = watched.people.iter().find(|one| {
        let of_one = |word: &str| found.iter().any(|line| line.starts_with(word));
        of_one(&one.email) && of_one(&one.first) && of_one(&one.canary)
    });
    assert!(spilled.is_some(), "one person is spilled whole: {found:#?}");
    assert!(
        found.iter().all(|line| line.contains("/data/")),
        "in the data and nowhere else: {found:#?}"
    );
}
