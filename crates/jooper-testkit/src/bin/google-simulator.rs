//! The Google simulator as a process of its own: prints its addresses as one line of JSON, runs until
//! Ctrl-C, and keeps its state in a file if asked to, so that clients can be killed around it.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use jooper_testkit::google::{
    ClientSpec, GoogleSimulator, Mix, ProjectSpec, SimClock, SimulatorError, UserSpec,
};

/// A simulator of Google sign-in and Gmail on loopback.
#[derive(Debug, Parser)]
#[command(name = "google-simulator")]
struct Options {
    /// What every drawn value depends on.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Keep the state in this file, and resume from it where it exists.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Where virtual time starts, as 2026-11-23T08:00:00Z; the present by default.
    #[arg(long)]
    start: Option<Timestamp>,
    /// Virtual seconds for each real one; 0 stands still until `/_sim/clock` moves it.
    #[arg(long, default_value_t = 1.0)]
    factor: f64,
    /// Port of the Google paths; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of the control API; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// An account, by address; may be repeated.
    #[arg(long = "user")]
    users: Vec<String>,
    /// The Cloud project.
    #[arg(long, default_value = "sim-project")]
    project: String,
    /// The OAuth client.
    #[arg(long, default_value = "sim-client.apps.googleusercontent.com")]
    client_id: String,
    /// Its secret.
    #[arg(long, default_value = "sim-secret")]
    client_secret: String,
    /// Where codes may go; any loopback address when absent.
    #[arg(long)]
    redirect_uri: Option<String>,
    /// Nobody reacts to any mail until told to.
    #[arg(long)]
    silent: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        #[allow(clippy::print_stderr, reason = "a program tells its user why it ends")]
        Err(error) => {
            eprintln!("google-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), SimulatorError> {
    let clock = match (options.start, options.factor) {
        (None, 1.0) => SimClock::wall(),
        (start, factor) => {
            let start = start.unwrap_or_else(|| SimClock::wall().now());
            if factor == 0.0 {
                SimClock::manual(start)
            } else {
                SimClock::accelerated(start, factor)
            }
        }
    };
    let client = match &options.redirect_uri {
        Some(uri) => ClientSpec::new(
            &options.project,
            &options.client_id,
            &options.client_secret,
            uri,
        ),
        None => ClientSpec::loopback(&options.project, &options.client_id, &options.client_secret),
    };
    let mut builder = GoogleSimulator::builder()
        .seed(options.seed)
        .clock(clock)
        .project(ProjectSpec::new(&options.project))
        .client(client)
        .ports(options.port, options.control_port);
    for user in &options.users {
        builder = builder.user(UserSpec::new(user));
    }
    if options.silent {
        builder = builder.mix(Mix::silent());
    }
    if let Some(path) = options.state {
        builder = builder.state_file(path);
    }
    let simulator = builder.start().await?;
    announce(&simulator);
    // Without a signal handler there is only SIGKILL, which the state file survives.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    simulator.shutdown().await;
    Ok(())
}

#[allow(
    clippy::print_stdout,
    reason = "the one line that a parent process reads"
)]
fn announce(simulator: &GoogleSimulator) {
    println!(
        "{}",
        serde_json::json!({
            "authorize": simulator.authorize_url(),
            "token": simulator.token_url(),
            "revoke": simulator.revoke_url(),
            "certs": simulator.certs_url(),
            "userinfo": simulator.userinfo_url(),
            "gmail": simulator.gmail_url(),
            "batch": simulator.batch_url(),
            "control": simulator.control_url(),
        })
    );
}
