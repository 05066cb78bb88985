//! The config file of `serve`: one commented TOML file. The passphrase comes from the environment, and
//! the address of the database may.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jooper::gmail::GmailSettings;
use jooper::sequence::EngineSettings;
use serde::Deserialize;
use url::{Host, Url};

use crate::commands::is_hash;
use crate::error::ServerError;
use crate::place::Place;

/// The environment variable with the key file's passphrase.
pub(crate) const PASSPHRASE: &str = "JOOPER_PASSPHRASE";
/// The environment variable that stands above `storage`: an address may hold a password.
pub(crate) const STORAGE: &str = "JOOPER_STORAGE";

/// Everything that can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where data, keys and witness lie unless said otherwise.
    pub(crate) directory: PathBuf,
    /// The data, if it lies elsewhere: a file, or `postgres://user@host:5432/database`.
    pub(crate) storage: Option<Place>,
    /// The key file, if it lies elsewhere.
    pub(crate) keys: Option<PathBuf>,
    /// The witness, if it lies elsewhere: a file, or another database.
    pub(crate) witness: Option<Place>,
    /// Where to listen.
    #[serde(default = "loopback")]
    pub(crate) listen: SocketAddr,
    /// The address that browsers and mail clients reach this server under.
    pub(crate) public_url: Url,
    /// Who may sign in.
    #[serde(default)]
    pub(crate) login: Login,
    /// Who sends.
    pub(crate) identity: Identity,
    /// Google's clients.
    pub(crate) google: GmailSettings,
    /// How the engine paces itself.
    #[serde(default)]
    pub(crate) engine: EngineSettings,
}

/// Who may sign in.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Login {
    /// The Argon2id hash of the one password, from `hash-password`.
    pub(crate) password_hash: Option<String>,
    /// Google accounts that may sign in.
    pub(crate) google_accounts: Vec<String>,
}

impl Login {
    pub(crate) fn is_configured(&self) -> bool {
        self.password_hash.is_some() || !self.google_accounts.is_empty()
    }
}

/// Who sends, as the law wants it told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) legal_name: String,
    pub(crate) postal_address: String,
    pub(crate) privacy_url: Url,
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

impl Config {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self, ServerError> {
        let text = std::fs::read_to_string(path).map_err(|source| ServerError::File {
            what: "config file",
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| ServerError::Config {
            path: path.to_owned(),
            message: error.to_string(),
        })
    }

    /// Refuses what would stand open to the world: an address beyond this machine, to listen on or to be
    /// reached under (a proxy in front), without a sign-in.
    pub(crate) fn refuse_without_sign_in(&self) -> Result<(), ServerError> {
        if let Some(hash) = &self.login.password_hash
            && !is_hash(hash)
        {
            return Err(ServerError::Usage(
                "[login] password_hash is no Argon2id hash; write there what \
                 `reference-server hash-password` prints"
                    .to_owned(),
            ));
        }
        if self.login.is_configured() {
            return Ok(());
        }
        if !self.listen.ip().is_loopback() {
            return Err(ServerError::NoSignIn(self.listen.to_string()));
        }
        let here = match self.public_url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if here {
            Ok(())
        } else {
            Err(ServerError::NoSignIn(self.public_url.to_string()))
        }
    }

    /// Where everything lies.
    pub(crate) fn files(&self) -> crate::files::Files {
        let mut files = crate::files::Files::below(&self.directory);
        let of_environment = std::env::var(STORAGE).ok().filter(|text| !text.is_empty());
        if let Some(storage) = of_environment
            .map(Place::from)
            .or_else(|| self.storage.clone())
        {
            files.database = storage;
        }
        if let Some(keys) = &self.keys {
            files.keys.clone_from(keys);
        }
        if let Some(witness) = &self.witness {
            files.witness.clone_from(witness);
        }
        files
    }
}

/// The passphrase from the environment.
pub(crate) fn passphrase() -> Result<String, ServerError> {
    std::env::var(PASSPHRASE)
        .ok()
        .filter(|passphrase| !passphrase.is_empty())
        .ok_or(ServerError::NoPassphrase(PASSPHRASE))
}
