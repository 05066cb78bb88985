//! What must not compile, each beside a twin that differs in one line and does.
//!
//! The twins are modules of this test, so that they are compiled with it and cost no run of their own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "only that it compiles matters"
)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[path = "ui/twin/cleared_without_the_dispatcher.rs"]
mod cleared_without_the_dispatcher;
#[path = "ui/twin/gmail_text_for_another_purpose.rs"]
mod gmail_text_for_another_purpose;
#[path = "ui/twin/gmail_text_mapped_for_another_purpose.rs"]
mod gmail_text_mapped_for_another_purpose;
#[path = "ui/twin/gmail_text_mapped_to_a_training_sink.rs"]
mod gmail_text_mapped_to_a_training_sink;
#[path = "ui/twin/gmail_text_mapped_without_a_purpose.rs"]
mod gmail_text_mapped_without_a_purpose;
#[path = "ui/twin/gmail_text_printed.rs"]
mod gmail_text_printed;
#[path = "ui/twin/gmail_text_to_a_training_sink.rs"]
mod gmail_text_to_a_training_sink;
#[path = "ui/twin/permit_cloned.rs"]
mod permit_cloned;
#[path = "ui/twin/permit_given_back_and_used.rs"]
mod permit_given_back_and_used;
#[path = "ui/twin/permit_given_back_by_name.rs"]
mod permit_given_back_by_name;
#[path = "ui/twin/permit_read_back.rs"]
mod permit_read_back;
#[path = "ui/twin/permit_spent_twice.rs"]
mod permit_spent_twice;
#[path = "ui/twin/permit_used_twice.rs"]
mod permit_used_twice;
#[path = "ui/twin/permit_without_the_gate.rs"]
mod permit_without_the_gate;
#[path = "ui/twin/permit_written_down.rs"]
mod permit_written_down;
#[path = "ui/twin/policy_that_allows.rs"]
mod policy_that_allows;
#[path = "ui/twin/read_without_a_workspace.rs"]
mod read_without_a_workspace;
#[path = "ui/twin/send_without_cleared.rs"]
mod send_without_cleared;
#[path = "ui/twin/sign_in_token_opens_a_mailbox.rs"]
mod sign_in_token_opens_a_mailbox;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/ui")
        .join(name)
}

fn programs(name: &str) -> Vec<String> {
    let files = fs::read_dir(folder(name)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut programs: Vec<String> = names.filter(|name| name.ends_with(".rs")).collect();
    programs.sort();
    programs
}

const NAME: &str = "what_would_break_a_law_does_not_compile";
/// The flags that trybuild gives to the programs, for everything below them as well. Else it checks
/// all dependencies twice: with and without the width of the messages.
const FLAGS: [&str; 6] = [
    "--cfg",
    "trybuild",
    "--verbose",
    "-A",
    "dead_code",
    "--diagnostic-width=140",
];
/// Where cargo looks for flags before all else; they are apart by this character.
const VARIABLE: &str = "CARGO_ENCODED_RUSTFLAGS";
const BETWEEN: &str = "\u{1f}";

#[test]
fn what_would_break_a_law_does_not_compile() {
    let flags = FLAGS.join(BETWEEN);
    if std::env::var(VARIABLE).as_deref() == Ok(&flags) {
        return trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
    }
    // The variable must stand before trybuild starts cargo, so this test runs itself once more.
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env(VARIABLE, flags)
        .status()
        .unwrap();
    assert!(status.success(), "see above");
}

#[test]
fn every_twin_differs_in_one_line_and_was_compiled_with_this_test() {
    let this = include_str!("compile.rs");
    let programs = (programs("fail"), programs("twin"));
    assert_eq!(programs.0, programs.1, "each has its twin");
    assert!(programs.0.len() >= 19);
    for name in programs.0 {
        assert!(
            this.contains(&format!("#[path = \"ui/twin/{name}\"]")),
            "{name}"
        );
        let [fail, twin] =
            ["fail", "twin"].map(|side| fs::read_to_string(folder(side).join(&name)).unwrap());
        assert_eq!(fail.lines().count(), twin.lines().count(), "{name}");
        let differing = fail.lines().zip(twin.lines()).filter(|(a, b)| a != b);
        assert_eq!(differing.count(), 1, "{name}");
    }
}
