//! Where everything lies on disk, and where it is logged.

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

    /// Makes the directories, readable by their owner only.
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

pub(crate) fn make_private_dir(path: &Path) -> Result<(), ServerError> {
    let failed = |source| ServerError::File {
        what: "directory",
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}

/// Logs to standard error; `RUST_LOG` chooses, warnings are the default.
pub(crate) fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
