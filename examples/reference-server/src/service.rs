//! Opening the files and putting the suite together.

use std::sync::Arc;

use jooper::core::Clock;
use jooper::gmail::GmailSettings;
use jooper::postgres::PostgresWitness;
use jooper::sequence::EngineSettings;
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::storage::tables::{WORKSPACE_DIRECTORY, WorkspaceDirectoryRow};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use jooper::vault::FileKms;
use jooper::{Jooper, JooperBuilder};
use url::Url;

use crate::dns::Dns;
use crate::error::{Context, ServerError};
use crate::files::Files;
use crate::memory;
use crate::place::{self, Place};
use crate::rules::Rules;

/// What a service is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) files: Files,
    pub(crate) passphrase: String,
    pub(crate) google: GmailSettings,
    pub(crate) public_url: Url,
    pub(crate) engine: EngineSettings,
    pub(crate) dns: Dns,
    pub(crate) rules: Rules,
}

/// Opens everything and builds the suite; `adjust` may exchange parts (the demo's clock).
pub(crate) async fn open(
    parts: Parts,
    adjust: impl FnOnce(JooperBuilder) -> JooperBuilder,
) -> Result<Jooper, ServerError> {
    let data = || format!("data {}", parts.files.database);
    let policies = parts.rules.policies(wall().now())?;
    refuse_to_begin_anew(&parts.files)?;
    let builder = match &parts.files.database {
        Place::File(path) => {
            let kms = keys(&parts, path.exists()).await?;
            parts.files.create()?;
            Jooper::builder(SqliteStorage::open(path).await.context(data())?, kms)
        }
        Place::Postgres(database) => {
            let options = database.options(place::DATA_SCHEMA)?;
            // A wrong passphrase makes no schema.
            let found = match parts.files.keys.exists() {
                true => Some(keys(&parts, true).await?),
                false => None,
            };
            let storage = options.open().await.context(data())?;
            let scan = Scan::table(&WORKSPACE_DIRECTORY);
            let known = storage
                .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
                .await
                .context(data())?;
            let kms = match found {
                Some(kms) => kms,
                None => keys(&parts, !known.is_empty()).await?,
            };
            Jooper::builder(storage, kms)
        }
    };
    let witness = || format!("witness {}", parts.files.witness);
    let builder = match &parts.files.witness {
        Place::File(path) => builder.witness(FileWitness::open(path).await.context(witness())?),
        Place::Postgres(database) => {
            let options = database.options(place::WITNESS_SCHEMA)?.connections(2);
            let opened = PostgresWitness::open_with(options).await;
            builder.witness(opened.context(witness())?)
        }
    };
    let builder = builder
        .transport(parts.google)
        .tracking(parts.public_url)
        .settings(parts.engine)
        .policies(policies);
    let builder = parts.dns.adopt(builder)?;
    adjust(builder)
        .build()
        .context("the server cannot be put together")
}

/// Data that is there was sealed under keys that exist somewhere: new ones would only hide that they
/// are missing.
async fn keys(parts: &Parts, data_exists: bool) -> Result<FileKms, ServerError> {
    let path = &parts.files.keys;
    let opened = if data_exists {
        FileKms::open(path, &parts.passphrase)
    } else {
        parts.files.create()?;
        FileKms::open_or_create(path, &parts.passphrase)
    };
    let opened = opened.context(format!("key file {}", path.display()))?;
    memory::give_back().await;
    Ok(opened)
}

/// A witness that knows something had data: a disk that is not mounted must not look like a new
/// installation.
fn refuse_to_begin_anew(files: &Files) -> Result<(), ServerError> {
    let (Place::File(data), Place::File(witness)) = (&files.database, &files.witness) else {
        return Ok(());
    };
    let knows = std::fs::metadata(witness).is_ok_and(|file| file.len() > 0);
    if data.exists() || !knows {
        return Ok(());
    }
    Err(ServerError::Usage(format!(
        "the witness {} belongs to data that is missing: {}; bring the data back or restore a backup, \
         or move keys and witness away to begin anew",
        witness.display(),
        data.display()
    )))
}

/// Commands that only look make no data.
pub(crate) async fn must_exist(place: &Place) -> Result<(), ServerError> {
    let exists = match place {
        Place::File(path) => path.exists(),
        Place::Postgres(database) => {
            let options = database.options(place::DATA_SCHEMA)?.connections(1);
            options.exists().await.context(format!("data {place}"))?
        }
    };
    if exists {
        return Ok(());
    }
    Err(ServerError::Usage(format!(
        "there is no data at {place}; start the server once, or restore a backup"
    )))
}

/// The data where it lies, for commands that look at it.
pub(crate) async fn data(place: &Place) -> Result<Arc<dyn Storage>, ServerError> {
    let doing = || format!("data {place}");
    Ok(match place {
        Place::File(path) => Arc::new(SqliteStorage::open(path).await.context(doing())?),
        Place::Postgres(database) => {
            let options = database.options(place::DATA_SCHEMA)?.connections(2);
            Arc::new(options.open().await.context(doing())?)
        }
    })
}

/// The machine's wall clock, unless the demo brings another.
pub(crate) fn wall() -> impl Clock {
    jooper::core::SystemClock
}
