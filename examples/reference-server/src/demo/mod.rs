//! The demo: simulator, server and a whole campaign in one command.

mod browser;
mod google;
mod setup;
mod state;
mod summary;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use jooper::core::{AcceleratedClock, Clock, SystemClock};
use jooper::sequence::EngineSettings;
use jooper_testkit::google::SimClock;

use crate::dns::Dns;
use crate::error::{Context as _, ServerError};
use crate::files::Files;
use crate::interrupts::Interrupts;
use crate::place::Place;
use crate::rules::Rules;
use crate::service::{self, Parts};
use crate::web::{self, App, Listening};

pub(crate) use google::{SimulatorOptions, simulator};
pub(crate) use state::DemoState;

/// Options of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// Where the demo keeps everything; delete it to begin anew.
    #[arg(long, default_value = "demo-data")]
    dir: PathBuf,
    /// The port of the pages.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Virtual seconds for each real one; kept from the first start.
    #[arg(long, default_value_t = 7200)]
    speed: u32,
    /// Your own CSV file instead of the shipped one.
    #[arg(long)]
    leads: Option<PathBuf>,
    /// Your own sequence (TOML) instead of the shipped one.
    #[arg(long)]
    sequence: Option<PathBuf>,
    /// Your own schedule (TOML: zone, windows, caps) instead of the shipped one.
    #[arg(long)]
    schedule: Option<PathBuf>,
    /// Keep the data in PostgreSQL: `postgres://user@host:5432/database?schema=name`.
    #[arg(long, value_name = "ADDRESS")]
    postgres: Option<Place>,
    /// End when the campaign has ended, instead of keeping the pages up.
    #[arg(long)]
    exit_when_done: bool,
    /// The address of a simulator that runs already.
    #[arg(long, hide = true)]
    google: Option<url::Url>,
    /// What the machine's clock showed when that simulator's time began.
    #[arg(long, hide = true)]
    real_start: Option<jiff::Timestamp>,
    /// How long a lane of a killed server stays held, in real milliseconds.
    #[arg(long, hide = true, default_value_t = 30_000)]
    lease_millis: u64,
}

impl DemoOptions {
    fn files(&self) -> Files {
        let mut files = Files::below(&self.dir);
        if let Some(place) = &self.postgres {
            files.database = place.clone();
        }
        files
    }
}

/// Runs the demo until it is stopped, or done.
pub(crate) async fn run(options: DemoOptions) -> Result<(), ServerError> {
    let listening = Listening::bind(([127, 0, 0, 1], options.port).into(), "--port").await?;
    let plan = setup::Plan::read(&options)?;
    let (mut state, _lock) = DemoState::load_or_new(&options)?;
    let clock = state.clock(options.google.is_some());
    let google = google::start(&options, &state, SimClock::external(move || clock.now())).await?;
    let public_url = listening.url();
    let jooper = service::open(
        Parts {
            files: options.files(),
            passphrase: state.passphrase.clone(),
            google: google.settings(&public_url)?,
            public_url: public_url.clone(),
            engine: pace(options.lease_millis),
            // The simulator's domains are in no DNS.
            dns: Dns::default(),
            rules: Rules::default(),
        },
        |builder| builder.clock(clock),
    )
    .await?;
    let app = App::demo(
        jooper.clone(),
        google.settings(&public_url)?,
        public_url.clone(),
        clock,
    )
    .await?;
    let app = Arc::new(app);
    let server = web::spawn(listening, Arc::clone(&app));
    let mut interrupts = Interrupts::heed()?;
    say(&format!("The pages are at {public_url}"));
    if google.accepted().is_some() {
        say(
            "Jooper's data is sealed; google.state beside it is the simulator's own, as open as a mailbox.",
        );
    }
    say(&format!(
        "Time runs {} times as fast; the campaign lives in {}. Stop with Ctrl-C; start again to go on.",
        state.speed,
        options.dir.display()
    ));
    if state.campaign.is_none() {
        let prepared = tokio::select! {
            biased;
            () = interrupts.next() => None,
            prepared = setup::prepare(&app, &public_url, &plan, &mut state) => Some(prepared),
        };
        let Some(prepared) = prepared else {
            say("Stopping …");
            server.stop().await;
            google.stop().await;
            return Ok(());
        };
        prepared?;
        state.save(&options.dir)?;
    } else {
        say("Going on where it stopped.");
        if options.leads.is_some() || options.sequence.is_some() || options.schedule.is_some() {
            say(
                "Leads, sequence and schedule are those of the first start; for others choose another --dir.",
            );
        }
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut worker = {
        let (jooper, mut stopped) = (jooper.clone(), stopped.clone());
        spawn(async move {
            jooper
                .run(async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                })
                .await
        })
    };
    // Workers end by themselves only when they could not begin.
    let (outcome, ended) = tokio::select! {
        biased;
        outcome = watch(&app, &google, &mut state, &options, clock, &mut interrupts) => (outcome, None),
        ended = &mut worker => (Ok(()), Some(ended)),
    };
    let _ = stop.send(true);
    let ended = match ended {
        Some(ended) => ended,
        None => worker.await,
    };
    state.remember(clock.now());
    state.save(&options.dir)?;
    server.stop().await;
    google.stop().await;
    ended
        .context("the workers broke off")?
        .context("the workers did not start")?;
    outcome
}

/// The demo reads its mailboxes every half hour of virtual time: four times a second.
fn pace(lease_millis: u64) -> EngineSettings {
    EngineSettings {
        sync_seconds: 1800,
        poll_millis: 20,
        lease_millis,
        ..EngineSettings::default()
    }
}

/// Tells how it goes until it is done or stopped.
async fn watch(
    app: &App,
    google: &google::Google,
    state: &mut DemoState,
    options: &DemoOptions,
    clock: AcceleratedClock,
    interrupts: &mut Interrupts,
) -> Result<(), ServerError> {
    let (mut done, mut stopped) = (false, false);
    let mut last = String::new();
    loop {
        tokio::select! {
            biased;
            () = interrupts.next() => {
                say("Stopping …");
                return Ok(());
            }
            () = pause(Duration::from_millis(1000)) => {}
        }
        state.remember(clock.now());
        state.save(&options.dir)?;
        let progress = summary::progress(app).await?;
        let line = progress.line(clock.now());
        if line != last && !done {
            say(&line);
            last = line;
        }
        let waits = summary::stopped(app).await?;
        if waits && !stopped {
            if options.exit_when_done {
                return Err(ServerError::Tripped(options.dir.clone()));
            }
            say(&format!(
                "Stopped by itself: too many mails came back or were complained about. Look at {}safety and let it go on.",
                app.public_url
            ));
        }
        stopped = waits;
        if progress.is_done() && !done {
            done = true;
            let summary = summary::summary(app, google).await?;
            say(&summary.text);
            if options.exit_when_done {
                return if summary.agrees {
                    Ok(())
                } else {
                    Err(ServerError::Usage(
                        "the counts differ; that is a defect of jooper, please report it with the directory of the demo".to_owned(),
                    ))
                };
            }
            say("The pages stay up; stop with Ctrl-C.");
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the program owns its tasks; the handle is kept"
)]
pub(crate) fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}

#[allow(
    clippy::disallowed_methods,
    reason = "the demo's own real-time refresh"
)]
pub(crate) async fn pause(duration: Duration) {
    tokio::time::sleep(duration).await;
}

/// Tells whoever started the program. When nobody listens any more (a pipe that has ended), the program
/// still ends as it should.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The present, by the machine's clock.
pub(crate) fn real_now() -> jiff::Timestamp {
    SystemClock.now()
}
