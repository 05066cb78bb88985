//! Copies of data, keys and witness, and putting them back.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use jooper::sqlite::SqliteStorage;
use jooper::vault::FileKms;

use super::ConfigOption;
use crate::config::Config;
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::files::{Files, make_private_dir, private_file};
use crate::place::Place;
use crate::service;

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

/// Before anything is copied: that it is there and can be read.
fn readable(what: &'static str, path: &Path) -> Result<(), ServerError> {
    std::fs::File::open(path)
        .map(|_| ())
        .map_err(|source| ServerError::File {
            what,
            path: path.to_owned(),
            source,
        })
}

fn copy(what: &'static str, from: &Path, to: &Path) -> Result<(), ServerError> {
    if let Some(parent) = to.parent() {
        make_private_dir(parent)?;
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| ServerError::File { what, path, source }
    };
    let mut source = File::open(from).map_err(failed(from))?;
    // Never over a file that is there: it may be the very one that is copied.
    let mut target = private_file(to).map_err(failed(to))?;
    let copied = io::copy(&mut source, &mut target).and_then(|_| target.sync_all());
    copied.map_err(|error| {
        let _ = std::fs::remove_file(to);
        failed(to)(error)
    })
}

/// Copies everything into an empty directory, consistently, also while the server runs.
pub(crate) async fn backup(options: BackupOptions) -> Result<(), ServerError> {
    let (_, files) = installed(&options.config)?;
    let copies = copies(&options.directory);
    let taken = [&copies.database, &copies.keys, &copies.witness];
    if let Some(taken) = taken.into_iter().find(|path| path.exists()) {
        return Err(ServerError::Usage(format!(
            "{} exists already; choose an empty directory, nothing is ever overwritten",
            taken.display()
        )));
    }
    readable("data", &files.database)?;
    readable("key file", &files.keys)?;
    readable("witness", &files.witness)?;
    make_private_dir(&options.directory)?;
    SqliteStorage::backup_file(&files.database, &copies.database)
        .await
        .context(format!("copying {}", files.database.display()))?;
    // The witness after the data: it may know more than the copy, never less.
    let mut made = vec![&copies.database];
    for (what, from, to) in [
        ("key file", &files.keys, &copies.keys),
        ("witness", &files.witness, &copies.witness),
    ] {
        if let Err(error) = copy(what, from, to) {
            // A copy without its keys is no backup, and would stand in the way of the next try.
            for path in made {
                let _ = std::fs::remove_file(path);
            }
            return Err(error);
        }
        made.push(to);
    }
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
    readable("data", &copies.database)?;
    let (keys, witness) = (files.keys.exists(), files.witness.exists());
    if keys {
        same_installation(&files.keys, &copies.keys)?;
    } else {
        readable("key file", &copies.keys)?;
    }
    if !witness {
        readable("witness", &copies.witness)?;
    }
    all.create()?;
    // The data last: as long as it is missing, the restore can be repeated.
    if !keys {
        copy("key file", &copies.keys, &files.keys)?;
    }
    if !witness {
        copy("witness", &copies.witness, &files.witness)?;
        say("The witness was missing too: stops and erasures after the backup are not known here.");
    }
    let restored = SqliteStorage::restore(&copies.database, &files.database).await;
    if restored.is_err() {
        // Keys and witness without their data would be taken for a new installation's.
        for (was_there, path) in [(keys, &files.keys), (witness, &files.witness)] {
            if !was_there {
                let _ = std::fs::remove_file(path);
            }
        }
    }
    restored.context(format!("restoring {}", files.database.display()))?;
    say(
        "Restored. Before anything is sent, the server repeats what the witness knows and reads what each \
         mailbox sent since the copy was made.",
    );
    Ok(())
}

/// Says of data that was put back by other means that it is a copy, before its first start.
pub(crate) async fn restored(option: ConfigOption) -> Result<(), ServerError> {
    let files = Config::read(&option.config)?.files();
    service::must_exist(&files.database).await?;
    let storage = service::data(&files.database).await?;
    jooper::storage::put_back(&*storage)
        .await
        .context(format!("data {}", files.database))?;
    say(&format!(
        "The data {} counts as put back: before anything is sent, the next start repeats what the \
         witness knows and reads what each mailbox sent since the copy was made.",
        files.database
    ));
    Ok(())
}

/// A key file of another installation opens nothing of this backup. One of the same is kept: its epochs
/// are newer.
fn same_installation(installed: &Path, copied: &Path) -> Result<(), ServerError> {
    if !copied.exists() {
        return Ok(());
    }
    let read = |path: &Path| {
        FileKms::installation_of(path).context(format!("key file {}", path.display()))
    };
    if read(installed)? == read(copied)? {
        return Ok(());
    }
    Err(ServerError::Usage(format!(
        "{} belongs to another installation than the backup; move it away first, nothing is ever overwritten",
        installed.display()
    )))
}
