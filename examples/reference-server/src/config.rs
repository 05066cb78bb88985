//! The config file of `serve`: one commented TOML file. The passphrase comes from the environment, and
//! the address of the database may.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use jooper::core::EmailAddress;
use jooper::gmail::{Endpoints, GmailSettings};
use jooper::sequence::EngineSettings;
use serde::Deserialize;
use url::{Host, Url};

use crate::commands::is_hash;
use crate::dns::Dns;
use crate::error::ServerError;
use crate::place::Place;
use crate::rules::Rules;
use crate::web::CALLBACKS;

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
    /// Who is asked about mail domains.
    #[serde(default)]
    dns: Dns,
    /// Which tables of law and of providers' rules are in force.
    #[serde(default)]
    pub(crate) policy: Rules,
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

/// Line and column, counted from 1, of a byte.
fn place_of(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

fn loopback() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

impl Config {
    /// Reads the file and checks it.
    pub(crate) fn read(path: &Path) -> Result<Self, ServerError> {
        let text = std::fs::read_to_string(path).map_err(|source| ServerError::File {
            what: "config file",
            path: path.to_owned(),
            source,
        })?;
        let wrong = |message| ServerError::Config {
            path: path.to_owned(),
            message,
        };
        // Without the line itself, as the error would print it: it may hold a secret.
        let config: Self = toml::from_str(&text).map_err(|error| {
            wrong(match error.span() {
                Some(span) => {
                    let (line, column) = place_of(&text, span.start);
                    format!("line {line}, column {column}: {}", error.message())
                }
                None => error.message().to_owned(),
            })
        })?;
        config.check().map_err(wrong)?;
        Ok(config)
    }

    /// What no type says: parts that must fit together.
    fn check(&self) -> Result<(), String> {
        self.policy.check()?;
        let url = &self.public_url;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(format!(
                "public_url = \"{url}\": pages and links begin at the root of a host; write {} and give the \
                 server a host name of its own",
                url.join("/")
                    .map_or_else(|_| "https://host/".to_owned(), String::from)
            ));
        }
        if url.scheme() != "https" && !self.is_local() {
            return Err(format!(
                "public_url = \"{url}\": beyond this machine it must begin with https:// (RFC 8058, section 3.1)"
            ));
        }
        let sign_in = self.google.sign_in.as_ref();
        for (name, client, route) in [
            ("mailbox", Some(&self.google.mailbox), "oauth/callback"),
            ("sign_in", sign_in, "login/callback"),
        ] {
            // Elsewhere the browser has no cookie of ours, and the trip could not be ended.
            if let Some(client) = client
                && !self.comes_back(&client.redirect_uri)
            {
                return Err(format!(
                    "[google.{name}] redirect_uri = \"{}\": Google would not bring people back to this server; \
                     write {url}{route}, here and in the Google Cloud console",
                    client.redirect_uri
                ));
            }
        }
        for (at, account) in self.login.google_accounts.iter().enumerate() {
            EmailAddress::parse(account)
                .map_err(|error| format!("[login] google_accounts, entry {}: {error}", at + 1))?;
        }
        if !self.login.google_accounts.is_empty() && self.google.sign_in.is_none() {
            return Err(
                "[login] google_accounts needs the OAuth client [google.sign_in]; add it, or use \
                 [login] password_hash"
                    .to_owned(),
            );
        }
        let engine = &self.engine;
        for (name, value) in [
            ("lease_millis", engine.lease_millis),
            ("sync_seconds", engine.sync_seconds.into()),
            ("claim_limit", engine.claim_limit as u64),
            ("lanes_at_once", engine.lanes_at_once as u64),
            ("poll_millis", engine.poll_millis),
        ] {
            if value == 0 {
                return Err(format!(
                    "[engine] {name} = 0: with it nothing would be sent; leave it out, or write 1 or more"
                ));
            }
        }
        Ok(())
    }

    /// Whether a browser that is sent there ends its trip to Google at this server.
    fn comes_back(&self, redirect: &Url) -> bool {
        redirect.origin() == self.public_url.origin() && CALLBACKS.contains(&redirect.path())
    }

    /// Whether browsers reach the server on this machine only.
    fn is_local(&self) -> bool {
        match self.public_url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
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
        if self.is_local() {
            Ok(())
        } else {
            Err(ServerError::NoSignIn(self.public_url.to_string()))
        }
    }

    /// Who is asked about mail domains, with what is left out filled in.
    pub(crate) fn dns(&self) -> Dns {
        let of_google = self.google.endpoints.gmail == Endpoints::default().gmail;
        let check_senders = self.dns.check_senders.or(Some(of_google));
        Dns {
            check_senders,
            ..self.dns.clone()
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
