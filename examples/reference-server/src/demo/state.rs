//! What the demo remembers between two starts.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jooper::core::{AcceleratedClock, CampaignId};
use serde::{Deserialize, Serialize};

use super::{DemoOptions, real_now};
use crate::error::{Context, ServerError};
use crate::files::make_private_dir;

/// Monday morning in Berlin: the demo always begins here.
const BEGIN: &str = "2026-11-23T07:30:00Z";

/// Kept beside the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DemoState {
    /// The passphrase of the demo's own key file.
    pub(crate) passphrase: String,
    /// Virtual seconds for each real one.
    pub(crate) speed: u32,
    /// When the demo was started first, in real time.
    pub(crate) real_start: Timestamp,
    /// What the virtual clock showed last.
    pub(crate) virtual_now: Timestamp,
    /// The campaign, once it is active.
    pub(crate) campaign: Option<CampaignId>,
    /// Whether the data lies in PostgreSQL. Its address is not kept: it may hold a password.
    #[serde(default)]
    pub(crate) on_postgres: bool,
}

/// Held while a demo runs in its directory; it ends with the process, also when that is killed.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

fn lock(dir: &Path) -> Result<Lock, ServerError> {
    let path = dir.join("demo.lock");
    let failed = |source| ServerError::File {
        what: "lock file",
        path: path.clone(),
        source,
    };
    let options = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let file = options.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(ServerError::Usage(format!(
            "another demo runs in {}; stop it, or choose another --dir",
            dir.display()
        ))),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn path(dir: &Path) -> PathBuf {
    dir.join("demo.json")
}

impl DemoState {
    /// Reads the state of this directory, or begins a new one; nobody else may as long as the lock is held.
    #[allow(
        clippy::disallowed_methods,
        reason = "the demo's own names and passphrase"
    )]
    pub(crate) fn load_or_new(options: &DemoOptions) -> Result<(Self, Lock), ServerError> {
        let dir = &options.dir;
        make_private_dir(dir)?;
        let lock = lock(dir)?;
        if path(dir).exists() {
            let state = Self::load(dir)?;
            if state.on_postgres != options.postgres.is_some() {
                return Err(ServerError::Usage(format!(
                    "the demo in {} was begun {}; start it so again, or choose another --dir",
                    dir.display(),
                    if state.on_postgres {
                        "with --postgres"
                    } else {
                        "without --postgres"
                    }
                )));
            }
            return Ok((state, lock));
        }
        let begin: Timestamp = BEGIN.parse().context("the demo's first instant")?;
        let state = Self {
            passphrase: uuid::Builder::from_random_bytes(random())
                .into_uuid()
                .simple()
                .to_string(),
            speed: options.speed.max(1),
            real_start: options.real_start.unwrap_or_else(real_now),
            virtual_now: begin,
            campaign: None,
            on_postgres: options.postgres.is_some(),
        };
        state.save(dir)?;
        Ok((state, lock))
    }

    /// Reads the state of a demo that was started before.
    pub(crate) fn load(dir: &Path) -> Result<Self, ServerError> {
        let path = path(dir);
        let text = std::fs::read_to_string(&path).map_err(|source| ServerError::File {
            what: "demo state",
            path: path.clone(),
            source,
        })?;
        serde_json::from_str(&text).context(format!(
            "{} does not read; delete the directory to begin anew",
            path.display()
        ))
    }

    /// The accelerated clock. With a simulator of its own the demo stands still while it is
    /// stopped; with one that runs on, time runs on too.
    pub(crate) fn clock(&self, runs_on: bool) -> AcceleratedClock {
        if runs_on {
            let begin = BEGIN.parse().unwrap_or(self.virtual_now);
            return AcceleratedClock::new(self.real_start, begin, self.speed);
        }
        AcceleratedClock::new(real_now(), self.virtual_now, self.speed)
    }

    pub(crate) fn remember(&mut self, now: Timestamp) {
        self.virtual_now = self.virtual_now.max(now);
    }

    /// Writes it whole or not at all.
    pub(crate) fn save(&self, dir: &Path) -> Result<(), ServerError> {
        let path = path(dir);
        let text = serde_json::to_string_pretty(self).context("the demo's state")?;
        let next = path.with_extension("json.next");
        let failed = |source| ServerError::File {
            what: "demo state",
            path: path.clone(),
            source,
        };
        std::fs::write(&next, text).map_err(failed)?;
        std::fs::rename(&next, &path).map_err(failed)
    }
}

fn random() -> [u8; 16] {
    use jooper::core::IdSource;
    let ids = jooper::core::SystemIds;
    let (a, b) = (ids.uuid(real_now()), ids.uuid(real_now()));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a.as_bytes()[8..]);
    bytes[8..].copy_from_slice(&b.as_bytes()[8..]);
    bytes
}
