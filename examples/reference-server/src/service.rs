//! Opening the files and putting the suite together.

use jooper::core::Clock;
use jooper::gmail::GmailSettings;
use jooper::sequence::EngineSettings;
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::vault::FileKms;
use jooper::{Jooper, JooperBuilder};
use url::Url;

use crate::error::{Context, ServerError};
use crate::files::Files;

/// What a service is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) files: Files,
    pub(crate) passphrase: String,
    pub(crate) google: GmailSettings,
    pub(crate) public_url: Url,
    pub(crate) engine: EngineSettings,
}

/// Opens everything and builds the suite; `adjust` may exchange parts (the demo's clock).
pub(crate) async fn open(
    parts: Parts,
    adjust: impl FnOnce(JooperBuilder) -> JooperBuilder,
) -> Result<Jooper, ServerError> {
    parts.files.create()?;
    let kms = FileKms::open_or_create(&parts.files.keys, &parts.passphrase)
        .context(format!("key file {}", parts.files.keys.display()))?;
    let storage = SqliteStorage::open(&parts.files.database)
        .await
        .context(format!("data {}", parts.files.database.display()))?;
    let witness = FileWitness::open(&parts.files.witness)
        .await
        .context(format!("witness {}", parts.files.witness.display()))?;
    let builder = Jooper::builder(storage, kms)
        .transport(parts.google)
        .tracking(parts.public_url)
        .witness(witness)
        .settings(parts.engine);
    adjust(builder)
        .build()
        .context("the server cannot be put together")
}

/// The machine's wall clock, unless the demo brings another.
pub(crate) fn wall() -> impl Clock {
    jooper::core::SystemClock
}
