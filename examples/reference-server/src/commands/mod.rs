//! Everything but the demo.

mod audit;
mod backup;
mod daily;
mod doctor;
mod explain;
mod forecast;
mod import;
mod open;
mod password;
mod policy;
mod serve;
mod tested;
mod unlawful;

use std::path::PathBuf;

use clap::Args;

pub(crate) use audit::{AuditCommand, audit, hex as audit_hex, looked_at as audit_looked_at};
pub(crate) use backup::{BackupOptions, backup, restore, restored};
pub(crate) use daily::{CampaignOptions, campaign};
pub(crate) use doctor::doctor;
pub(crate) use explain::{ExplainOptions, explain};
pub(crate) use forecast::{ForecastOptions, forecast};
pub(crate) use import::{ImportOptions, import};
pub(crate) use password::{hash_password, is_hash, matches as password_matches};
pub(crate) use policy::{PolicyOptions, basis as policy_basis, policy, stale as policy_stale};
pub(crate) use serve::{ServeOptions, serve};

/// Where the settings are.
#[derive(Debug, Args)]
pub(crate) struct ConfigOption {
    /// The config file; `jooper.example.toml` explains every line.
    #[arg(long, default_value = "jooper.toml")]
    pub(crate) config: PathBuf,
}
