//! Leads from the command line.

use std::io::Seek as _;
use std::path::PathBuf;

use clap::Args;
use jooper::leads::{Mapping, Target, check_csv};

use super::ConfigOption;
use crate::config::{Config, passphrase};
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::service::{self, Parts};
use crate::web::App;

/// Options of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// The CSV file.
    file: PathBuf,
    /// A column's meaning, as `email=E-Mail Address`; may be repeated.
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    map: Vec<String>,
    /// Where these people's data came from, for lines that do not say so; their first mail tells them.
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,
}

/// What a column holds, by the name that the pages and reports use; anything else is a field.
fn target(name: &str) -> Target {
    match name {
        "email" => Target::Email,
        "first_name" => Target::FirstName,
        "last_name" => Target::LastName,
        "title" => Target::Title,
        "company" => Target::Company,
        "phone" => Target::Phone,
        "country" => Target::Country,
        "zone" => Target::Zone,
        "source" => Target::Source,
        "basis" => Target::Basis,
        "basis_source" => Target::BasisSource,
        "basis_date" => Target::BasisDate,
        "basis_proof" => Target::BasisProof,
        "basis_notice" => Target::BasisNotice,
        "basis_expires" => Target::BasisExpires,
        "ignore" => Target::Ignore,
        field => Target::Field(field.to_owned()),
    }
}

/// Imports while the server is stopped; a running server imports on its pages.
pub(crate) async fn import(options: ImportOptions) -> Result<(), ServerError> {
    let config = Config::read(&options.config.config)?;
    let mut mapping = Mapping::default();
    for entry in &options.map {
        let (field, column) = entry.split_once('=').ok_or_else(|| {
            ServerError::Usage(format!(
                "`{entry}`: write --map FIELD=COLUMN, as email=\"E-Mail\""
            ))
        })?;
        mapping = mapping.column(column.trim(), target(field.trim()));
    }
    if let Some(source) = &options.source {
        mapping = mapping.with_source(source);
    }
    let failed = |source| ServerError::File {
        what: "CSV file",
        path: options.file.clone(),
        source,
    };
    let mut file = std::fs::File::open(&options.file).map_err(failed)?;
    // Nothing of a broken file is stored, and no installation is made for it. A pipe cannot be read
    // twice and says so here.
    check_csv(&file, &mapping).context(format!("{}", options.file.display()))?;
    file.rewind().map_err(failed)?;
    let parts = Parts {
        files: config.files(),
        passphrase: passphrase()?,
        google: config.google.clone(),
        public_url: config.public_url.clone(),
        engine: config.engine.clone(),
        dns: config.dns(),
        rules: config.policy.clone(),
    };
    let jooper = service::open(parts, |builder| builder).await?;
    let app = App::serve(jooper, &config).await?;
    let name = options
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let report = app
        .jooper
        .workspace(app.workspace)
        .leads()
        .import_csv(app.workspace, file, &mapping, &name)
        .await
        .context(format!("{}", options.file.display()))?;
    say(&format!(
        "{} imported, {} updated, {} known already, {} blocked, {} rejected",
        report.imported, report.updated, report.duplicates, report.blocked, report.rejected_rows
    ));
    if report.without_source > 0 {
        say(&format!(
            "{} without a source: no campaign takes them; import with a column \"Source\" or --source",
            report.without_source
        ));
    }
    for reject in &report.rejected {
        say(&format!("  {reject}"));
    }
    Ok(())
}
