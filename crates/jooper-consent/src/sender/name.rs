//! Names that the DNS is asked about.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A name in the DNS, in lower case and without the dot at its end.
///
/// Letters, digits, hyphens and underscores (RFC 1035 section 2.3.1; underscores as RFC 8552 names
/// records of services). `Display` prints it, `Debug` masks it: it may tell who the customer is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DnsName(String);

/// Why a text is no name in the DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a name in the DNS: labels of letters, digits, hyphens and underscores, 253 bytes in all"
)]
pub struct BadName;

impl DnsName {
    /// Reads a name.
    ///
    /// # Errors
    /// [`BadName`].
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(fits);
        if text.len() > 253 || !text.split('.').all(is_label) {
            return Err(BadName);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with further labels in front: `google._domainkey` of `example.com`.
    ///
    /// # Errors
    /// [`BadName`] when it gets too long, or the labels are none.
    pub fn below(&self, labels: &str) -> Result<Self, BadName> {
        Self::parse(&format!("{labels}.{}", self.0))
    }

    /// Whether it is that name, or one below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_suffix(other.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The name under which organizations register: `example.co.uk` of `mail.example.co.uk` (RFC
    /// 7489 section 3.2), by the public suffix list.
    #[must_use]
    pub fn organization(&self) -> Self {
        psl::domain_str(&self.0).map_or_else(|| self.clone(), |found| Self(found.to_owned()))
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DnsName(…)")
    }
}

impl TryFrom<String> for DnsName {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<DnsName> for String {
    fn from(name: DnsName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_labels_of_what_the_dns_holds() {
        let long = "a".repeat(64);
        let whole = ["a".repeat(63).as_str(); 4].join(".");
        for bad in [
            "",
            ".",
            "a..b",
            "a b.example",
            "%{i}.example",
            &long,
            &whole,
        ] {
            assert_eq!(DnsName::parse(bad), Err(BadName), "{bad}");
        }
        let name = DnsName::parse("_DMARC.Example.COM.").unwrap();
        assert_eq!(name.as_str(), "_dmarc.example.com");
        assert_eq!(format!("{name:?}"), "DnsName(…)");
    }

    #[test]
    fn names_know_what_they_lie_below() {
        let name = |text| DnsName::parse(text).unwrap();
        assert!(name("mx.trap.example").is_within(&name("trap.example")));
        assert!(name("trap.example").is_within(&name("trap.example")));
        assert!(!name("nottrap.example").is_within(&name("trap.example")));
        let organization = name("a.b.example.co.uk").organization();
        assert_eq!(organization.as_str(), "example.co.uk");
        assert_eq!(name("com").organization().as_str(), "com");
    }
}
