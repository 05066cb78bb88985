//! The reference server, broken on purpose: it stores one field in the clear. Only the test that looks
//! for leaks builds it (`--features leak-mutant`).

use std::process::ExitCode;

fn main() -> ExitCode {
    reference_server::leaky_main()
}
