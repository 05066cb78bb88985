//! What a sender's domain is held to.

use serde::{Deserialize, Serialize};

use super::name::DnsName;

/// How mail of the connected accounts proves itself: by whose servers it goes, and under which names
/// its keys lie. The defaults are those of Google Workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SenderRules {
    /// Records of which a domain's SPF must include one. Add the name under which somebody keeps a
    /// flattened copy of the provider's.
    pub includes: Vec<DnsName>,
    /// Names of keys, `SELECTOR._domainkey.DOMAIN`: one must be there.
    pub selectors: Vec<DnsName>,
    /// Domains of private accounts, which the provider itself authenticates.
    pub of_provider: Vec<DnsName>,
}

impl Default for SenderRules {
    fn default() -> Self {
        let names = |texts: &[&str]| texts.iter().flat_map(|text| DnsName::parse(text)).collect();
        Self {
            includes: names(&["_spf.google.com"]),
            selectors: names(&["google"]),
            of_provider: names(&["gmail.com", "googlemail.com"]),
        }
    }
}

impl SenderRules {
    /// The name to include, where somebody is told to.
    pub(super) fn include(&self) -> &str {
        self.includes
            .first()
            .map_or("_spf.google.com", DnsName::as_str)
    }

    /// The name of the key, where somebody is told to publish it.
    pub(super) fn selector(&self) -> &str {
        self.selectors.first().map_or("google", DnsName::as_str)
    }
}
