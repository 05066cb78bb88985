//! The rules in force, and a workspace's own, on the command line.

use std::collections::BTreeSet;

use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use jooper::consent::{PolicySet, StaleRow, TightenError, refused_bases};
use jooper::core::{BasisKind, Code, UserId};

use super::ConfigOption;
use super::open::{Opened, open};
use crate::demo::say;
use crate::error::{Context, ServerError};
use crate::web::words;

/// Options of `policy`.
#[derive(Debug, Args)]
pub(crate) struct PolicyOptions {
    #[command(flatten)]
    config: ConfigOption,
    /// A basis that this workspace does not rely on from now on, in the owner's name and for good; may be
    /// repeated.
    #[arg(long, value_parser = basis)]
    refuse: Vec<BasisKind>,
}

/// A basis by its name in the tables.
pub(crate) fn basis(name: &str) -> Result<BasisKind, String> {
    let mut all = BasisKind::all().iter().copied();
    all.find(|kind| kind.name() == name).ok_or_else(|| {
        let names: Vec<_> = BasisKind::all().iter().map(|kind| kind.name()).collect();
        format!("a basis is one of {}", names.join(", "))
    })
}

/// Rows of the tables in force that were compared with their source too long ago.
pub(crate) fn stale(policies: &PolicySet, now: Timestamp) -> Vec<StaleRow> {
    policies.stale(now.to_zoned_datetime(TimeZone::UTC).date())
}

/// Shows the rules in force while the server is stopped, and refuses more.
pub(crate) async fn policy(options: PolicyOptions) -> Result<(), ServerError> {
    let Opened {
        jooper,
        workspace,
        owner,
        now,
        reviewer,
    } = open(&options.config).await?;
    let storage = jooper.storage();
    let known = refused_bases(&**storage, workspace).await;
    let mut refused = known.context("the workspace's rules")?;
    if !options.refuse.is_empty() {
        let all: BTreeSet<_> = refused.iter().copied().chain(options.refuse).collect();
        let done = jooper.stops().refuse_bases(workspace, &all, owner).await;
        done.map_err(|error| match error {
            TightenError::Store(_) => ServerError::Usage(
                "somebody changed the workspace's rules just now; look, and ask again".to_owned(),
            ),
            other => ServerError::Usage(other.to_string()),
        })?;
        refused = all;
    }
    let policies = jooper.policies();
    let by = |by: Option<UserId>| match by {
        Some(id) => {
            let name = reviewer.as_deref().unwrap_or_default();
            format!("installed under the reviewer {name} ({id})")
        }
        None => "as shipped".to_owned(),
    };
    say(&format!(
        "countries   version {}, {}",
        policies.countries().version(),
        by(policies.countries_by().map(|by| by.reviewer))
    ));
    say(&format!(
        "transports  version {}, {}",
        policies.transports().version(),
        by(policies.transports_by().map(|by| by.reviewer))
    ));
    for row in stale(policies, now) {
        say(&format!("stale       {row}"));
    }
    for kind in refused {
        say(&format!(
            "refused     {}: {}",
            kind.name(),
            words::basis(kind)
        ));
    }
    Ok(())
}
