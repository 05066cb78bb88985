//! Google's own client library drives the simulator, in a Python of its own.
//!
//! The script calls every method that both sides have, batch and upload included, and checks every
//! answer against the discovery document that comes with the library.
#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::Command;

const VARIABLE: &str = "JOOPER_TEST_PYTHON";

#[test]
fn google_s_own_client_finds_every_answer_as_google_describes_it() {
    let python = std::env::var_os(VARIABLE).unwrap_or_else(|| {
        panic!(
            "{VARIABLE} names no Python with the packages of crates/jooper-testkit/check/\
             requirements.txt; `cargo xtask test` and `cargo xtask with` provide one"
        )
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("check/check.py");
    let output = Command::new(python)
        .arg(script)
        .arg(env!("CARGO_BIN_EXE_google-simulator"))
        // Nothing is written beside the sources.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}\n{complained}");
    let (answers, methods) = counts(&said).unwrap_or_else(|| panic!("no count in: {said}"));
    // The script refuses to end well with a method left out; this keeps the script from shrinking.
    assert!(answers >= 60 && methods >= 79, "{said}");
    assert!(said.contains("3 spoiled ones were found ("), "{said}");
}

/// Reads `67 answers of 79 methods fit`.
fn counts(said: &str) -> Option<(usize, usize)> {
    let (answers, rest) = said.trim().split_once(" answers of ")?;
    let (methods, _) = rest.split_once(' ')?;
    Some((answers.parse().ok()?, methods.parse().ok()?))
}
