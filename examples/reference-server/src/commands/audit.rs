//! The audit chain on the command line: out of the data, and checked by whoever has the file.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use jooper::consent::{
    AuditKey, AuditReport, AuditWriter, Exporter, check_export, verify as verify_chain,
};
use jooper::core::{Clock, WorkspaceId};
use jooper::storage::tables::{WORKSPACE_DIRECTORY, WorkspaceDirectoryRow};
use jooper::storage::{Scan, Scope, Storage, StorageExt};
use jooper::vault::{FileKms, Vault};

use crate::config::{Config, passphrase};
use crate::demo::{DemoState, say};
use crate::error::{Context, ServerError};
use crate::files::Files;
use crate::service;

/// What to do with the audit chain.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Writes the chain into a file, with a fresh signed head, and prints the public key.
    Export {
        #[command(flatten)]
        source: Source,
        /// The file to write. It must not exist.
        file: PathBuf,
    },
    /// Checks the chain where it lies.
    Verify {
        #[command(flatten)]
        source: Source,
    },
    /// Checks an exported file; needs no data and no keys of the sender's.
    Check {
        /// The exported file.
        file: PathBuf,
        /// The public key, 64 hexadecimal digits, from elsewhere than the file; may be repeated.
        #[arg(long = "key", required = true, value_parser = key)]
        keys: Vec<[u8; 32]>,
    },
}

/// Whose data, while its server is stopped; a running server exports on its pages.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// The config file.
    #[arg(long, default_value = "jooper.toml")]
    config: PathBuf,
    /// The directory of a demo instead.
    #[arg(long, conflicts_with = "config")]
    demo: Option<PathBuf>,
}

struct Opened {
    storage: Arc<dyn Storage>,
    key: Arc<AuditKey>,
    clock: Arc<dyn Clock>,
    workspace: WorkspaceId,
}

/// 64 hexadecimal digits.
fn key(text: &str) -> Result<[u8; 32], String> {
    let wrong = || "a public key is 64 hexadecimal digits".to_owned();
    if text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut key = [0; 32];
    for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| wrong())?;
    }
    Ok(key)
}

/// A public key as people copy it.
pub(crate) fn hex(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Source {
    async fn open(&self) -> Result<Opened, ServerError> {
        let (files, passphrase, clock): (Files, String, Arc<dyn Clock>) = match &self.demo {
            Some(dir) => {
                let state = DemoState::load(dir)?;
                if state.on_postgres {
                    return Err(ServerError::Usage(format!(
                        "the demo in {} keeps its data in PostgreSQL; write a config file with \
                         its address as `storage`, and give --config",
                        dir.display()
                    )));
                }
                let clock = Arc::new(state.clock(false));
                (Files::below(dir), state.passphrase, clock)
            }
            None => {
                let config = Config::read(&self.config)?;
                (config.files(), passphrase()?, Arc::new(service::wall()))
            }
        };
        service::must_exist(&files.database).await?;
        let kms = FileKms::open(&files.keys, &passphrase)
            .context(format!("key file {}", files.keys.display()))?;
        let storage = service::data(&files.database).await?;
        let vault = Vault::new(storage.clone(), Arc::new(kms));
        let seed = vault.secret("audit chain").await.context("the keys")?;
        let known = storage
            .page::<WorkspaceDirectoryRow>(Scope::Platform, Scan::table(&WORKSPACE_DIRECTORY))
            .await
            .context("the workspaces")?;
        let first = known.records.first();
        let workspace = first.map(|row| row.record.id).ok_or_else(|| {
            ServerError::Usage("there is no workspace in this data yet".to_owned())
        })?;
        let opened = Opened {
            key: Arc::new(AuditKey::from_seed(seed.expose())),
            storage,
            clock,
            workspace,
        };
        let writer = AuditWriter::new(
            opened.storage.clone(),
            opened.key.clone(),
            opened.clock.clone(),
        );
        writer.seal(workspace).await.context("the audit chain")?;
        Ok(opened)
    }
}

/// Runs one of the commands; an error when anything is wrong with the chain.
pub(crate) async fn audit(command: AuditCommand) -> Result<(), ServerError> {
    match command {
        AuditCommand::Export { source, file } => export(&source, &file).await,
        AuditCommand::Verify { source } => {
            let opened = source.open().await?;
            let report = verify_chain(opened.storage, opened.workspace, opened.key).await;
            told(&report.context("the audit chain")?, Asked::WhatIsHere)
        }
        AuditCommand::Check { file, keys } => {
            let opened = File::open(&file).map_err(|source| ServerError::File {
                what: "export",
                path: file.clone(),
                source,
            })?;
            let report = check_export(BufReader::new(opened), keys);
            let report = report.context(file.display().to_string())?;
            told(&report, Asked::ForProof)
        }
    }
}

async fn export(source: &Source, path: &Path) -> Result<(), ServerError> {
    let opened = source.open().await?;
    let failed = |source| ServerError::File {
        what: "export",
        path: path.to_owned(),
        source,
    };
    let file = File::create_new(path).map_err(failed)?;
    let mut out = BufWriter::new(file);
    let exporter = Exporter::new(opened.storage, Arc::clone(&opened.key));
    let written = exporter.write(opened.workspace, &mut out).await;
    written.context(path.display().to_string())?;
    out.flush().map_err(failed)?;
    say(&format!("Wrote {}.", path.display()));
    say(&format!("Public key: {}", hex(&opened.key.public())));
    say("Give the key to whoever checks the file by another way than the file.");
    Ok(())
}

/// What was looked at, in one sentence.
pub(crate) fn looked_at(report: &AuditReport) -> String {
    format!(
        "{} leaves under {} signed heads: {} permits, {} mails, {} stops; {} entries and {} \
         payloads are gone by retention or erasure; {} mails lost their permit to it, so nothing can \
         be said of these; {} were found in their mailbox after a restore and were held against the \
         stops alone; {}",
        report.leaves,
        report.heads,
        report.permits,
        report.sends,
        report.stops,
        report.gone,
        report.erased,
        report.unjudged,
        report.adopted,
        vouched(report),
    )
}

/// How far the signatures reach, and what retention has taken.
fn vouched(report: &AuditReport) -> String {
    let from = match report.gone {
        0 => String::new(),
        gone => format!("entries 1 to {gone} are gone and cannot be judged; "),
    };
    match report.last_head {
        Some(head) => format!(
            "{from}the last head was signed at {} over {} leaves, and what came later is not here",
            head.signed_at, head.size
        ),
        None => format!("{from}no head vouches for anything"),
    }
}

/// What somebody asks who has the chain looked at.
#[derive(Clone, Copy)]
enum Asked {
    /// Whether what lies here is as it was written: of a new installation that is all there is to say.
    WhatIsHere,
    /// Whether a file proves that no mail went behind a stop.
    ForProof,
}

fn told(report: &AuditReport, asked: Asked) -> Result<(), ServerError> {
    say(&looked_at(report));
    for part in &report.restored {
        say(&format!("restored  {part}"));
    }
    for finding in &report.findings {
        say(&format!("finding   {finding}"));
    }
    if let Some(conclusion) = report.conclusion() {
        if report.judged() > 0 {
            say(&format!("Nothing is wrong. {conclusion}"));
            return Ok(());
        }
        say(&conclusion);
        return match asked {
            Asked::WhatIsHere => Ok(()),
            // Whoever asks by the exit code alone takes no silence for an answer.
            Asked::ForProof => Err(ServerError::Usage(
                "nothing is proved: the file tells of no mail that could be held against a stop"
                    .to_owned(),
            )),
        };
    }
    let count = report.findings.len();
    Err(ServerError::Usage(format!("{count} findings; see above")))
}
