//! The suite as the server has it, for commands that only read.

use jiff::Timestamp;
use jooper::Jooper;
use jooper::core::{UserId, WorkspaceId};

use super::ConfigOption;
use crate::config::{Config, passphrase};
use crate::error::ServerError;
use crate::service::{self, Parts};
use crate::web::App;

/// The data, opened.
pub(super) struct Opened {
    pub(super) jooper: Jooper,
    pub(super) workspace: WorkspaceId,
    pub(super) owner: UserId,
    pub(super) now: Timestamp,
    /// Who answers for policy tables that are not the shipped ones.
    pub(super) reviewer: Option<String>,
}

/// Opens the data of a config file. The server must be stopped: one process owns the file.
pub(super) async fn open(option: &ConfigOption) -> Result<Opened, ServerError> {
    let config = Config::read(&option.config)?;
    let files = config.files();
    service::must_exist(&files.database).await?;
    let parts = Parts {
        files,
        passphrase: passphrase()?,
        google: config.google.clone(),
        public_url: config.public_url.clone(),
        engine: config.engine.clone(),
        dns: config.dns(),
        rules: config.policy.clone(),
    };
    let jooper = service::open(parts, |builder| builder).await?;
    let app = App::serve(jooper, &config).await?;
    Ok(Opened {
        workspace: app.workspace,
        owner: app.owner,
        now: app.now(),
        reviewer: app.reviewer,
        jooper: app.jooper,
    })
}
