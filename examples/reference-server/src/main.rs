//! The reference server. Everything is in the library beside it.

use std::process::ExitCode;

/// A mail asks for memory some thousand times, and for little each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    reference_server::main()
}
