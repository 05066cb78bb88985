//! The reference server. Everything is in the library beside it.

use std::process::ExitCode;

fn main() -> ExitCode {
    reference_server::main()
}
