//! Sets up and runs every check of the repository: `cargo xtask test`.
//!
//! It is the first thing a fresh machine compiles, so it stands on the standard library and one JSON parser.
//! What it starts is stopped by a second process that outlives it (`guard`), so that Ctrl-C, a failure and a
//! plain end all clean up along the same path.
#![allow(
    clippy::print_stdout,
    reason = "a command line tool speaks on its standard output"
)]

mod args;
mod clock;
mod counts;
mod failure;
mod guard;
mod long;
mod provide;
mod report;
mod run;
mod steps;
mod suite;
mod workspace;

use std::process::ExitCode;

use args::Command;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match args::parse(&args) {
        Ok(Command::Help) => {
            println!("{}", args::USAGE);
            Ok(true)
        }
        Ok(Command::ListSteps) => {
            steps::print_list();
            Ok(true)
        }
        Ok(Command::Test(options)) => suite::run(&options),
        Ok(Command::With(command)) => suite::run_with_services(&command),
        Ok(Command::Long(request)) => long::run(&request, long::CAMPAIGNS),
        Ok(Command::Guard) => guard::serve(std::io::stdin().lock()),
        Err(wrong) => {
            println!("{wrong}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            println!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
