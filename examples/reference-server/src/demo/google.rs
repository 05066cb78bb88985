//! The simulated Google: in this process, or one that runs already.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use jooper::core::{AcceleratedClock, Clock};
use jooper::gmail::{ClientSecret, Endpoints, GmailSettings, OAuthClient};
use jooper_testkit::google::{
    ClientSpec, GoogleSimulator, Knobs, Mix, ProjectSpec, SimClock, UserSpec,
};
use url::Url;

use super::state::DemoState;
use super::{DemoOptions, say};
use crate::error::{Context, ServerError};
use crate::interrupts::Interrupts;

const PROJECT: &str = "demo-mailboxes";
const CLIENT: &str = "demo.apps.googleusercontent.com";
const SECRET: &str = "demo-secret";
const SEED: u64 = 7;

/// The two people who connect their mailboxes.
pub(crate) const OWNERS: [(&str, &str); 2] = [
    ("ada.winter@northwind.example", "Ada Winter"),
    ("ben.sommer@northwind.example", "Ben Sommer"),
];

/// Google, as far as the demo is concerned.
pub(crate) struct Google {
    root: Url,
    simulator: Option<GoogleSimulator>,
}

/// Options of the hidden `simulator` command.
#[derive(Debug, Args)]
pub(crate) struct SimulatorOptions {
    /// Where it keeps its state.
    #[arg(long)]
    state: PathBuf,
    /// The port of Google's paths.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The port of the control API.
    #[arg(long, default_value_t = 0)]
    control_port: u16,
    /// What the machine's clock showed when virtual time began.
    #[arg(long)]
    real_start: Timestamp,
    /// Virtual seconds for each real one.
    #[arg(long, default_value_t = 7200)]
    speed: u32,
}

fn build(state: PathBuf, clock: SimClock) -> jooper_testkit::google::GoogleSimulatorBuilder {
    let mut builder = GoogleSimulator::builder()
        .seed(SEED)
        .clock(clock)
        .project(ProjectSpec::new(PROJECT))
        .client(ClientSpec::loopback(PROJECT, CLIENT, SECRET))
        .mix(mix())
        .knobs(knobs())
        .state_file(state);
    for (email, name) in OWNERS {
        let mut user = UserSpec::new(email);
        user.name = name.to_owned();
        builder = builder.user(user);
    }
    builder
}

/// How long tokens, codes and open consent screens live, in virtual days: about as long in real
/// time as they do at Google. On accelerated time an hour is half a second, and a stall of the
/// machine would outlive a token.
const LIFE_DAYS: i64 = 60;

/// Google, with one thing changed: how long things live.
fn knobs() -> Knobs {
    let mut knobs = Knobs::default();
    knobs.access_token_seconds = LIFE_DAYS * 86_400;
    knobs.code_seconds = LIFE_DAYS * 86_400;
    knobs.id_token_seconds = LIFE_DAYS * 86_400;
    knobs
}

/// How invented people behave: most ignore, some answer, a few of everything else. Few enough
/// bounce or ask to stop that no circuit breaker has to stop the campaign.
fn mix() -> Mix {
    let mut mix = Mix::default();
    mix.hard_bounce = 10;
    mix.unsubscribe_text = 5;
    mix.unsubscribe_mail = 0;
    mix.objection = 3;
    mix.complaint = 0;
    mix
}

/// Starts the simulator, or takes the one that was named.
pub(super) async fn start(
    options: &DemoOptions,
    _state: &DemoState,
    clock: SimClock,
) -> Result<Google, ServerError> {
    if let Some(root) = &options.google {
        return Ok(Google {
            root: root.clone(),
            simulator: None,
        });
    }
    let simulator = build(options.dir.join("google.state"), clock)
        .start()
        .await
        .context("the simulator of Google cannot start")?;
    let root = simulator
        .gmail_url()
        .parse()
        .context("the simulator's address")?;
    Ok(Google {
        root,
        simulator: Some(simulator),
    })
}

impl Google {
    /// Settings that point at the simulator.
    pub(super) fn settings(&self, public_url: &Url) -> Result<GmailSettings, ServerError> {
        let redirect = public_url
            .join("oauth/callback")
            .context("the redirect address")?;
        let client = OAuthClient::new(CLIENT, ClientSecret::new(SECRET), redirect);
        let endpoints = Endpoints::below(&self.root).context("the simulator's address")?;
        let mut settings = GmailSettings::new(client).with_endpoints(endpoints);
        settings.timeouts.consent_minutes = 60 * 24 * LIFE_DAYS.unsigned_abs() as u32;
        Ok(settings)
    }

    /// How many mails it accepted, if it runs in this process.
    pub(super) fn accepted(&self) -> Option<usize> {
        self.simulator
            .as_ref()
            .map(|simulator| simulator.ledger().accepted().len())
    }

    /// What people did, by kind, if it runs in this process.
    pub(super) fn reactions(&self) -> Vec<(String, usize)> {
        let Some(simulator) = &self.simulator else {
            return Vec::new();
        };
        let ledger = simulator.ledger();
        ledger
            .reaction_counts()
            .into_iter()
            .map(|(what, n)| (what.to_owned(), n))
            .collect()
    }

    pub(super) async fn stop(self) {
        if let Some(simulator) = self.simulator {
            simulator.shutdown().await;
        }
    }
}

/// Runs only the simulator, and prints its addresses as one line of JSON.
pub(crate) async fn simulator(options: SimulatorOptions) -> Result<(), ServerError> {
    let begin: Timestamp = "2026-11-23T07:30:00Z"
        .parse()
        .context("the first instant")?;
    let clock = AcceleratedClock::new(options.real_start, begin, options.speed);
    let simulator = build(options.state, SimClock::external(move || clock.now()))
        .ports(options.port, options.control_port)
        .start()
        .await
        .context("the simulator of Google cannot start")?;
    let mut interrupts = Interrupts::heed()?;
    say(&serde_json::json!({
        "google": simulator.gmail_url(),
        "control": simulator.control_url(),
    })
    .to_string());
    interrupts.next().await;
    simulator.shutdown().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jooper_testkit::google::{Behavior, Inbound};

    use super::super::setup::LEADS;
    use super::*;

    /// Everybody of the shipped file whom the gate may admit, by what they do.
    fn reactions() -> BTreeMap<&'static str, usize> {
        let admitted = ["consent", "requested", "existing_customer", "prior_reply"];
        let mut counts = BTreeMap::new();
        for line in LEADS.lines().skip(1) {
            let address = line.split(',').next().unwrap().to_lowercase();
            if !line.split(',').any(|field| admitted.contains(&field)) {
                continue;
            }
            for reaction in Behavior::draw(0, &mix(), &address).reactions {
                let what = match reaction.act {
                    Inbound::Reply { .. } => "answers",
                    Inbound::Away(_) => "is away",
                    Inbound::Bounce(_) => "bounces",
                    Inbound::OneClick => "unsubscribes",
                    Inbound::Objection => "objects",
                    Inbound::UnsubscribeText | Inbound::UnsubscribeMail | Inbound::Complaint => {
                        "asks to stop"
                    }
                    _ => "something else",
                };
                *counts.entry(what).or_default() += 1;
            }
        }
        counts
    }

    #[test]
    fn people_of_every_kind_are_there_and_too_few_ask_to_stop_to_trip_a_breaker() {
        let counts = reactions();
        let of = |what| counts.get(what).copied().unwrap_or_default();
        let kinds = [
            "answers",
            "is away",
            "bounces",
            "unsubscribes",
            "objects",
            "asks to stop",
        ];
        for what in kinds {
            assert!(of(what) > 0, "nobody {what}: {counts:?}");
        }
        assert!(of("objects") + of("asks to stop") <= 2, "{counts:?}");
        assert!(of("bounces") < 3, "{counts:?}");
    }
}
