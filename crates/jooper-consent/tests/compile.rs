//! What must not compile, each beside a twin that does.

#[test]
fn there_is_no_permit_but_the_gate_s() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
