//! Other tables of law and of providers' rules than the shipped ones, under a person who answers for them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jooper::consent::{InstalledBy, PolicyError, PolicySet};
use jooper::core::UserId;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Context, ServerError};

/// What can be set about the tables.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rules {
    /// A table of countries; the shipped row holds for each country that it does not mention.
    countries: Option<PathBuf>,
    /// A table of transports, in the same way.
    transports: Option<PathBuf>,
    /// Who has read the sources and answers for both.
    reviewer: Option<String>,
}

/// The id by which the audit chain knows a reviewer: whoever knows the name finds it in the chain.
fn id_of(name: &str) -> UserId {
    let hash = Sha256::digest(["jooper policy reviewer v1\n", name.trim()].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    UserId::from_uuid(Uuid::from_bytes(bytes))
}

fn text_of(path: &Path) -> Result<String, ServerError> {
    std::fs::read_to_string(path).map_err(|source| ServerError::File {
        what: "policy table",
        path: path.to_owned(),
        source,
    })
}

impl Rules {
    /// A table needs somebody who answers for it.
    pub(crate) fn check(&self) -> Result<(), String> {
        let named = self.reviewer().is_some();
        if (self.countries.is_some() || self.transports.is_some()) && !named {
            return Err(
                "[policy] a table needs its reviewer: write reviewer = \"First Last\", who has read the \
                 sources and answers for it"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Who answers for the tables that are not the shipped ones.
    pub(crate) fn reviewer(&self) -> Option<&str> {
        let name = self.reviewer.as_deref().map(str::trim);
        name.filter(|name| !name.is_empty())
    }

    /// The tables in force from `now` on.
    pub(crate) fn policies(&self, now: Timestamp) -> Result<PolicySet, ServerError> {
        type Install = fn(PolicySet, &str, InstalledBy) -> Result<PolicySet, PolicyError>;
        let by = InstalledBy {
            reviewer: id_of(self.reviewer().unwrap_or_default()),
            at: now,
        };
        let tables: [(&Option<PathBuf>, Install); 2] = [
            (&self.countries, PolicySet::with_countries),
            (&self.transports, PolicySet::with_transports),
        ];
        let mut policies = PolicySet::shipped();
        for (path, install) in tables {
            if let Some(path) = path {
                let installed = install(policies, &text_of(path)?, by);
                policies = installed.context(format!("the policy table {}", path.display()))?;
            }
        }
        Ok(policies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reviewer_has_one_id_however_the_name_stands_in_the_file() {
        assert_eq!(id_of("Ada Byron"), id_of(" Ada Byron "));
        assert_ne!(id_of("Ada Byron"), id_of("Eve Byron"));
    }
}
