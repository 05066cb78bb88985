//! Copies of data, keys and witness, and putting them back.

use std::path::{Path, PathBuf};

use clap::Args;
use jooper::sqlite::SqliteStorage;

use super::ConfigOption;
use crate::config::Config;
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::files::{Files, make_private_dir};
use crate::place::Place;

/// Options of `backup` and `restore`.
#[derive(Debug, Args)]
pub(crate) struct BackupOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// The directory of the backup.
    directory: PathBuf,
}

/// The three files of an installation, or of a copy of one.
struct Three {
    database: PathBuf,
    keys: PathBuf,
    witness: PathBuf,
}

/// The files of this installation; of one on PostgreSQL the server's own tools make copies.
fn installed(config: &ConfigOption) -> Result<(Files, Three), ServerError> {
    let files = Config::read(&config.config)?.files();
    let (Place::File(database), Place::File(witness)) = (&files.database, &files.witness) else {
        return Err(ServerError::Usage(format!(
            "the data lies {}, the witness {}: copy what is in PostgreSQL with pg_dump, and keys \
             and witness apart from it (docs/operations.md, \u{201c}Backups\u{201d})",
            files.database, files.witness
        )));
    };
    let three = Three {
        database: database.clone(),
        keys: files.keys.clone(),
        witness: witness.clone(),
    };
    Ok((files, three))
}

fn copies(directory: &Path) -> Three {
    Three {
        database: directory.join("jooper.db"),
        keys: directory.join("jooper.keys"),
        witness: directory.join("jooper.witness"),
    }
}

fn copy(what: &'static str, from: &Path, to: &Path) -> Result<(), ServerError> {
    if let Some(parent) = to.parent() {
        make_private_dir(parent)?;
    }
    std::fs::copy(from, to)
        .map(|_| ())
        .map_err(|source| ServerError::File {
            what,
            path: from.to_owned(),
            source,
        })
}

/// Copies everything into an empty directory, consistently, also while the server runs.
pub(crate) async fn backup(options: BackupOptions) -> Result<(), ServerError> {
    let (_, files) = installed(&options.config)?;
    let copies = copies(&options.directory);
    if copies.database.exists() {
        return Err(ServerError::Usage(format!(
            "{} holds a backup already; choose an empty directory",
            options.directory.display()
        )));
    }
    make_private_dir(&options.directory)?;
    SqliteStorage::backup_file(&files.database, &copies.database)
        .await
        .context(format!("copying {}", files.database.display()))?;
    copy("key file", &files.keys, &copies.keys)?;
    copy("witness", &files.witness, &copies.witness)?;
    say(&format!(
        "Copied data, keys and witness to {}.",
        options.directory.display()
    ));
    say(
        "Keep the copy of the keys apart from the copy of the data, and for no longer than you promise.",
    );
    Ok(())
}

/// Puts a backup in place of *missing* data. A witness that is there is kept: it knows more.
pub(crate) async fn restore(options: BackupOptions) -> Result<(), ServerError> {
    let (all, files) = installed(&options.config)?;
    let copies = copies(&options.directory);
    if files.database.exists() {
        return Err(ServerError::Usage(format!(
            "{} exists; move it away first, nothing is ever overwritten",
            files.database.display()
        )));
    }
    all.create()?;
    SqliteStorage::restore(&copies.database, &files.database)
        .await
        .context(format!("restoring {}", files.database.display()))?;
    if !files.keys.exists() {
        copy("key file", &copies.keys, &files.keys)?;
    }
    if !files.witness.exists() {
        copy("witness", &copies.witness, &files.witness)?;
        say("The witness was missing too: stops and erasures after the backup are not known here.");
    }
    say(
        "Restored. Before anything is sent, the server repeats what the witness knows and reads what each \
         mailbox sent since the copy was made.",
    );
    Ok(())
}
