//! Why the program ends, in words for whoever started it.

use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;

/// A failure with its place and its remedy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error("{what} {}: cannot be read or written{}", path.display(), remedy(what, source.kind()))]
    File {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}: {message}", path.display())]
    Config { path: PathBuf, message: String },
    #[error("{0}")]
    Usage(String),
    #[error("{address} is taken; stop what listens there, or choose another port with {option}")]
    PortTaken {
        address: String,
        option: &'static str,
    },
    #[error(
        "refusing to serve {0}: it is no loopback address and no sign-in is configured; set [login] password_hash (see `reference-server hash-password`), or [login] google_accounts with [google.sign_in]"
    )]
    NoSignIn(String),
    #[error(
        "the campaign stopped by itself: too many mails came back or were complained about; start the demo in {} again without --exit-when-done, look at its page /safety and let it go on",
        .0.display()
    )]
    Tripped(PathBuf),
    #[error("set the passphrase of the key file in the environment variable {0}")]
    NoPassphrase(&'static str),
    #[error("{context}")]
    Other {
        context: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

/// What to do about a file that cannot be used, where there is something to do.
fn remedy(what: &str, kind: ErrorKind) -> &'static str {
    match (kind, what) {
        (ErrorKind::NotFound, "config file") => {
            "; copy jooper.example.toml there and fill it in, or name yours with --config"
        }
        (ErrorKind::NotFound, "data" | "key file" | "witness") => {
            "; start the server once before a backup, and give `restore` the directory that `backup` wrote"
        }
        (ErrorKind::NotFound, "CSV file" | "sequence file" | "schedule file") => {
            "; check how its name is spelled"
        }
        (ErrorKind::PermissionDenied, _) => {
            "; let the user that runs this program read and write it"
        }
        (ErrorKind::AlreadyExists, _) => "; it is there already, and nothing is ever overwritten",
        _ => "",
    }
}

/// Adds where it happened.
pub(crate) trait Context<T> {
    fn context(self, context: impl Into<String>) -> Result<T, ServerError>;
}

impl<T, E: Error + Send + Sync + 'static> Context<T> for Result<T, E> {
    fn context(self, context: impl Into<String>) -> Result<T, ServerError> {
        self.map_err(|error| ServerError::Other {
            context: context.into(),
            source: Box::new(error),
        })
    }
}
