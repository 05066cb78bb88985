//! The reference server: a whole outreach product assembled from the jooper crates.

mod commands;
mod config;
mod demo;
mod dns;
mod error;
mod files;
mod interrupts;
#[cfg(feature = "leak-mutant")]
mod leak;
mod memory;
mod place;
mod rules;
mod service;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
#[cfg(feature = "leak-mutant")]
pub use leak::main as leaky_main;

/// Sales e-mail from your own mailboxes that can prove what it did.
#[derive(Debug, Parser)]
#[command(name = "reference-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs a whole campaign against a simulator of Google, on accelerated time.
    Demo(demo::DemoOptions),
    /// Runs for real, from one config file.
    Serve(commands::ServeOptions),
    /// Looks for what is wrong with the data, the keys and the settings.
    Doctor(commands::ConfigOption),
    /// Copies data, keys and witness into a directory, while the server runs or not.
    Backup(commands::BackupOptions),
    /// Puts a backup in place of missing data.
    Restore(commands::BackupOptions),
    /// Says of data that the database's own tools put back that it is a copy, before its first start.
    Restored(commands::ConfigOption),
    /// Exports, verifies or checks the audit chain.
    #[command(subcommand)]
    Audit(commands::AuditCommand),
    /// Imports a CSV file of leads.
    Import(commands::ImportOptions),
    /// Looks at campaigns and does what people do with them day by day.
    Campaign(commands::CampaignOptions),
    /// Foresees a whole campaign: every mail, what is skipped and why, how many days it takes.
    Forecast(commands::ForecastOptions),
    /// Says why each mail to a person went or did not, and what comes next.
    Explain(commands::ExplainOptions),
    /// Shows the rules in force and the workspace's own, and refuses more for it.
    Policy(commands::PolicyOptions),
    /// Prints the hash of a password, for the config file.
    HashPassword,
    /// Runs only the simulator of Google, for tests that kill the server around it.
    #[command(hide = true)]
    Simulator(demo::SimulatorOptions),
}

/// Runs the program that the command line asks for.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    files::log_to_stderr();
    memory::in_small_pages();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Demo(options) => demo::run(options).await,
            Command::Serve(options) => commands::serve(options).await,
            Command::Doctor(options) => commands::doctor(options).await,
            Command::Backup(options) => commands::backup(options).await,
            Command::Restore(options) => commands::restore(options).await,
            Command::Restored(options) => commands::restored(options).await,
            Command::Audit(command) => commands::audit(command).await,
            Command::Import(options) => commands::import(options).await,
            Command::Campaign(options) => commands::campaign(options).await,
            Command::Forecast(options) => commands::forecast(options).await,
            Command::Explain(options) => commands::explain(options).await,
            Command::Policy(options) => commands::policy(options).await,
            Command::HashPassword => commands::hash_password(),
            Command::Simulator(options) => demo::simulator(options).await,
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Prints an error and everything behind it.
#[allow(clippy::print_stderr, reason = "a program tells its user why it ends")]
fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        eprintln!("  because: {cause}");
        source = cause.source();
    }
    ExitCode::FAILURE
}
