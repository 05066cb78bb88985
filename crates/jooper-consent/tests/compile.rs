//! What must not compile, each beside a twin that does.
//!
//! The twins are modules of this very test, so that they are compiled with it: a refusal below is
//! then about the one thing that differs, and not about a misspelled path.

#![allow(
    dead_code,
    clippy::pedantic,
    clippy::nursery,
    reason = "the twins are compiled, not run"
)]

#[path = "ui/pass/cleared_by_the_dispatcher.rs"]
mod cleared_by_the_dispatcher;
#[path = "ui/pass/permit_from_the_gate.rs"]
mod permit_from_the_gate;
#[path = "ui/pass/policy_that_denies.rs"]
mod policy_that_denies;
#[path = "ui/pass/read_of_a_workspace.rs"]
mod read_of_a_workspace;

#[test]
fn what_must_not_compile_does_not() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/fail/*.rs");
}
