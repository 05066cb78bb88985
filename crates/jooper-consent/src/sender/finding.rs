//! What is wrong with a sender's domain, and what to publish instead.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rules::SenderRules;

/// One thing that is wrong with a sender's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SenderFinding {
    /// No SPF record.
    SpfMissing,
    /// More than one SPF record: receivers count none of them (RFC 7208 section 4.5).
    SpfSeveral,
    /// The SPF record, or one that it includes, cannot be read (RFC 7208 section 4.6).
    SpfInvalid,
    /// More than ten look-ups before mail of ours is judged (RFC 7208 section 4.6.4).
    SpfTooManyLookups,
    /// The SPF record does not let the provider's servers send.
    SpfWithoutProvider,
    /// Whether the SPF record lets the provider send is decided at each mail (a macro, RFC 7208
    /// section 7), which nobody can tell from outside. Keeps nothing back.
    SpfHidden,
    /// No key under any of the selectors.
    DkimMissing,
    /// The key was revoked: its `p=` is empty (RFC 6376 section 3.6.1).
    DkimRevoked,
    /// The key cannot be read, or is so short that receivers take it for none (RFC 8301 section 3.2).
    DkimInvalid,
    /// No DMARC policy.
    DmarcMissing,
    /// More than one DMARC policy: receivers count none of them (RFC 7489 section 6.6.3).
    DmarcSeveral,
    /// The DMARC policy names no policy that there is (RFC 7489 section 6.3).
    DmarcInvalid,
}

/// Every finding. Its place is the bit that stores keep: add at the end, and never move one.
const ALL: [SenderFinding; 12] = [
    SenderFinding::SpfMissing,
    SenderFinding::SpfSeveral,
    SenderFinding::SpfInvalid,
    SenderFinding::SpfTooManyLookups,
    SenderFinding::SpfWithoutProvider,
    SenderFinding::SpfHidden,
    SenderFinding::DkimMissing,
    SenderFinding::DkimRevoked,
    SenderFinding::DkimInvalid,
    SenderFinding::DmarcMissing,
    SenderFinding::DmarcSeveral,
    SenderFinding::DmarcInvalid,
];

impl SenderFinding {
    /// Every finding.
    pub const fn all() -> &'static [Self] {
        &ALL
    }

    /// Whether mail from the domain is kept back.
    pub const fn holds(self) -> bool {
        !matches!(self, Self::SpfHidden)
    }

    /// What is wrong and what to publish, for whoever looks after the domain.
    pub fn advice(self, domain: &str, rules: &SenderRules) -> String {
        let (include, selector) = (rules.include(), rules.selector());
        match self {
            Self::SpfMissing => format!(
                "{domain} has no SPF record; publish a TXT record at {domain}: \
                 v=spf1 include:{include} ~all"
            ),
            Self::SpfSeveral => format!(
                "{domain} has more than one SPF record, and receivers count none of them; put what they \
                 allow into one TXT record that begins with v=spf1"
            ),
            Self::SpfInvalid => format!(
                "the SPF record of {domain}, or one that it includes, cannot be read; look for a \
                 misspelled word, and for an include of a name without a record"
            ),
            Self::SpfTooManyLookups => format!(
                "the SPF record of {domain} needs more than 10 look-ups, and receivers give up; take \
                 out what no longer sends for you, and put include:{include} first"
            ),
            Self::SpfWithoutProvider => format!(
                "the SPF record of {domain} does not allow Google to send; add include:{include} to it, \
                 before its \"all\""
            ),
            Self::SpfHidden => format!(
                "whether the SPF record of {domain} allows Google to send cannot be seen from outside, \
                 since it decides mail by mail"
            ),
            Self::DkimMissing => format!(
                "{domain} has no DKIM key; have Google generate one (Admin console, Apps, Gmail, \
                 Authenticate email), publish it as a TXT record at {selector}._domainkey.{domain}, and \
                 start authentication there"
            ),
            Self::DkimRevoked => format!(
                "the DKIM key at {selector}._domainkey.{domain} is revoked (its p= is empty); have Google \
                 generate a new one and publish that"
            ),
            Self::DkimInvalid => format!(
                "the DKIM key at {selector}._domainkey.{domain} cannot be read, or is too short; publish \
                 the whole text that Google shows, of 1024 bits or more"
            ),
            Self::DmarcMissing => format!(
                "{domain} has no DMARC policy; publish a TXT record at _dmarc.{domain}: v=DMARC1; p=none"
            ),
            Self::DmarcSeveral => format!(
                "{domain} has more than one DMARC policy, and receivers count none of them; leave one TXT \
                 record at _dmarc.{domain}"
            ),
            Self::DmarcInvalid => format!(
                "the DMARC policy of {domain} does not say p=none, p=quarantine or p=reject; correct the \
                 TXT record at _dmarc.{domain}"
            ),
        }
    }
}

/// Everything that was found; empty when the domain proves its mail.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Findings(BTreeSet<SenderFinding>);

impl Findings {
    /// Whether mail from the domain is kept back.
    pub fn hold(&self) -> bool {
        self.0.iter().any(|finding| finding.holds())
    }

    /// Each one.
    pub fn iter(&self) -> impl Iterator<Item = SenderFinding> + '_ {
        self.0.iter().copied()
    }

    /// Adds what was found.
    pub fn add(&mut self, finding: SenderFinding) {
        self.0.insert(finding);
    }

    /// As stores keep it: a number without a name of anybody.
    pub fn bits(&self) -> i64 {
        let bit =
            |(at, finding): (usize, &SenderFinding)| i64::from(self.0.contains(finding)) << at;
        ALL.iter().enumerate().map(bit).sum()
    }

    /// As it was kept. What a newer version found and this one does not know is left out.
    pub fn from_bits(bits: i64) -> Self {
        let known = ALL.iter().enumerate();
        Self(
            known
                .filter(|(at, _)| bits >> at & 1 == 1)
                .map(|(_, finding)| *finding)
                .collect(),
        )
    }
}

impl FromIterator<SenderFinding> for Findings {
    fn from_iter<I: IntoIterator<Item = SenderFinding>>(found: I) -> Self {
        Self(found.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_says_what_to_do_at_which_name() {
        let rules = SenderRules::default();
        for finding in ALL {
            let advice = finding.advice("example.com", &rules);
            assert!(advice.contains("example.com"), "{advice}");
            assert!(
                !finding.holds() || advice.contains(';'),
                "no remedy: {advice}"
            );
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        for (at, finding) in ALL.into_iter().enumerate() {
            let one: Findings = [finding].into_iter().collect();
            assert_eq!(one.bits(), 1 << at, "a kept bit never moves");
            assert_eq!(Findings::from_bits(one.bits()), one);
            assert_eq!(one.hold(), finding != SenderFinding::SpfHidden);
        }
        let all: Findings = ALL.into_iter().collect();
        assert_eq!(Findings::from_bits(all.bits() | 1 << 40), all);
        assert_eq!(Findings::default().bits(), 0);
    }
}
