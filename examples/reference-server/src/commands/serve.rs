//! Runs for real.

use std::sync::Arc;

use clap::Args;

use super::ConfigOption;
use crate::config::{Config, passphrase};
use crate::demo::{say, spawn};
use crate::error::{Context, ServerError};
use crate::interrupts::Interrupts;
use crate::service::{self, Parts};
use crate::web::{self, App, Listening};

/// Options of `serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    #[command(flatten)]
    config: ConfigOption,
}

/// Serves until it is stopped.
pub(crate) async fn serve(options: ServeOptions) -> Result<(), ServerError> {
    let config = Config::read(&options.config.config)?;
    let passphrase = passphrase()?;
    config.refuse_without_sign_in()?;
    let listening = Listening::bind(config.listen, "listen in the config file").await?;
    let parts = Parts {
        files: config.files(),
        passphrase,
        google: config.google.clone(),
        public_url: config.public_url.clone(),
        engine: config.engine.clone(),
        dns: config.dns(),
        rules: config.policy.clone(),
    };
    let jooper = service::open(parts, |builder| builder).await?;
    let app = Arc::new(App::serve(jooper.clone(), &config).await?);
    let server = web::spawn(listening, app);
    let mut interrupts = Interrupts::heed()?;
    say(&format!(
        "Serving {} on {}",
        config.public_url, config.listen
    ));
    let (stop, mut stopped) = tokio::sync::watch::channel(false);
    let mut worker = spawn(async move {
        jooper
            .run(async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            })
            .await
    });
    // Workers end by themselves only when they could not begin.
    let early = tokio::select! {
        biased;
        () = interrupts.next() => None,
        ended = &mut worker => Some(ended),
    };
    say("Stopping …");
    let _ = stop.send(true);
    let ended = match early {
        Some(ended) => ended,
        // What is under way settles and its lanes are given back before anything else closes; who
        // cannot wait interrupts again.
        None => tokio::select! {
            biased;
            () = interrupts.next() => return Ok(()),
            ended = worker => ended,
        },
    };
    server.stop().await;
    ended
        .context("the workers broke off")?
        .context("the workers did not start")
}
