//! Where everything lies on disk, and where it is logged.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;

use crate::error::ServerError;
use crate::place::Place;

/// The parts of one installation.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    /// The data: leads, ledger, log. Sealed.
    pub(crate) database: Place,
    /// The keys, apart from the data.
    pub(crate) keys: PathBuf,
    /// What a restored backup must not forget, apart from the data.
    pub(crate) witness: Place,
}

impl Files {
    /// Data in one directory, keys and witness in directories beside it.
    pub(crate) fn below(root: &Path) -> Self {
        Self {
            database: Place::File(root.join("data").join("jooper.db")),
            keys: root.join("keys").join("jooper.keys"),
            witness: Place::File(root.join("witness").join("jooper.witness")),
        }
    }

    /// Makes the directories that are missing, readable by their owner only.
    pub(crate) fn create(&self) -> Result<(), ServerError> {
        let files = [&self.database, &self.witness]
            .into_iter()
            .filter_map(|place| match place {
                Place::File(path) => Some(path),
                Place::Postgres(_) => None,
            });
        for parent in files.chain([&self.keys]).filter_map(|path| path.parent()) {
            make_private_dir(parent)?;
        }
        Ok(())
    }
}

/// Makes a directory for its owner only, with those above it. One that is there stays as it is: it may
/// be somebody else's.
pub(crate) fn make_private_dir(path: &Path) -> Result<(), ServerError> {
    // The parent of a bare file name: the directory where the program runs.
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| ServerError::File {
        what: "directory",
        path: path.to_owned(),
        source,
    })
}

/// A new file, readable by its owner only.
pub(crate) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Logs to standard error; `RUST_LOG` chooses, warnings are the default.
pub(crate) fn log_to_stderr() {
    let chosen = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    // The resolver names what is asked: whose domain, and whom a list is about (law L8).
    let silent = [
        "hickory_resolver=off",
        "hickory_net=off",
        "hickory_proto=off",
    ];
    let silent = silent.into_iter().flat_map(str::parse);
    let filter = silent.fold(chosen, EnvFilter::add_directive);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
