//! Whether a list is fit to be written to, before the first mail goes.

use std::collections::BTreeSet;

use jooper_core::{Country, EmailAddress, KeyedIndex};
use serde::{Deserialize, Serialize};

use crate::address::{AddressClass, classify, is_typo_domain};
use crate::sender::MailDomain;

/// Providers of mailboxes that vanish after minutes. An operator adds more with
/// [`ListQuality::with_disposable`].
const DISPOSABLE: &[&str] = &[
    "10minutemail.com",
    "discard.email",
    "dispostable.com",
    "emailondeck.com",
    "fakeinbox.com",
    "getnada.com",
    "guerrillamail.com",
    "mailcatch.com",
    "maildrop.cc",
    "mailinator.com",
    "mailnesia.com",
    "mintemail.com",
    "mohmal.com",
    "mytemp.email",
    "sharklasers.com",
    "spamgourmet.com",
    "temp-mail.org",
    "tempmail.com",
    "throwawaymail.com",
    "trashmail.com",
    "yopmail.com",
];

/// Providers of private mailboxes: a named person there is rarely written to at work.
const FREE_MAIL: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mail.ru",
    "me.com",
    "orange.fr",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "web.de",
    "wp.pl",
    "yahoo.com",
    "yandex.ru",
];

/// Whether anybody gets an address of this domain.
pub(crate) fn is_free_mail(domain: &str) -> bool {
    FREE_MAIL.binary_search(&domain).is_ok()
}

/// Looks at a list address by address, and says at the end whether it may be used.
///
/// Holds indexes and counts only, so that a list of a million leads fits.
#[derive(Debug, Clone, Default)]
pub struct ListQuality {
    disposable: BTreeSet<String>,
    seen: BTreeSet<KeyedIndex>,
    report: QualityReport,
}

/// What a list is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct QualityReport {
    /// Different people.
    pub people: usize,
    /// Lines about somebody who was there already.
    pub duplicates: usize,
    /// Lines that are no address.
    pub invalid: usize,
    /// Impersonal addresses.
    pub generic: usize,
    /// Addresses of machines and abuse desks.
    pub blocked: usize,
    /// Mailboxes that vanish.
    pub disposable: usize,
    /// Private mailboxes.
    pub free_mail: usize,
    /// Misspelled providers.
    pub typos: usize,
    /// People whose country is unknown: the strictest rules apply to them.
    pub without_country: usize,
    /// Lines that do not say where the data came from.
    pub without_source: usize,
    /// People whose domain takes no mail, where the DNS was asked.
    #[serde(default)]
    pub unreachable: usize,
    /// People whose mail goes to a known collector of unwanted mail, where the DNS was asked.
    #[serde(default)]
    pub traps: usize,
}

/// Why a list is not used as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum QualityFinding {
    /// Nobody is on it.
    Empty,
    /// More than 5 % are impersonal or a machine's.
    Role,
    /// More than 1 % are mailboxes that vanish.
    Disposable,
    /// More than 2 % are no addresses, or misspelled.
    Invalid,
    /// Somebody's data has no source.
    NoSource,
    /// More than 2 % are at domains that take no mail.
    Unreachable,
    /// Three or more lead to a known collector of unwanted mail.
    Trap,
}

/// So few lines of a kind say nothing about a list.
const LEAST: usize = 3;

impl QualityFinding {
    /// What is wrong and what to do about it, for the person who sells.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Empty => "nobody is on the list; import people first",
            Self::Role => {
                "more than 5 % of the addresses belong to desks or machines (info@, noreply@); \
                 use addresses of people instead"
            }
            Self::Disposable => {
                "more than 1 % of the addresses are throw-away mailboxes; take them out"
            }
            Self::Invalid => {
                "more than 2 % of the addresses are misspelled or none at all; correct them"
            }
            Self::NoSource => {
                "it is not stated where the data came from, which the first mail must tell; delete the \
                 lead and import it with its source"
            }
            Self::Unreachable => {
                "more than 2 % of the addresses are at domains that take no mail: the list is old, or \
                 made up; take them out, and ask where the rest comes from"
            }
            Self::Trap => {
                "three or more of the addresses lead to somebody who collects mail that nobody asked \
                 for: nobody there gave an address away; do not use lists from this source"
            }
        }
    }
}

impl ListQuality {
    /// Nothing looked at yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from what was looked at before, for a list that comes in pieces.
    pub fn beside(before: QualityReport) -> Self {
        Self {
            report: before,
            ..Self::default()
        }
    }

    /// Knows these domains as disposable too.
    #[must_use]
    pub fn with_disposable(mut self, domains: impl IntoIterator<Item = String>) -> Self {
        self.disposable.extend(domains);
        self
    }

    /// Looks at a line that is no address.
    pub const fn add_invalid(&mut self) {
        self.report.invalid += 1;
    }

    /// Looks at a person whose domain takes no mail, or only such as nobody asked for. They are not
    /// written to.
    pub const fn add_closed(&mut self, domain: MailDomain) {
        match domain {
            MailDomain::Receives => {}
            MailDomain::ReceivesNone => self.report.unreachable += 1,
            MailDomain::Trap => self.report.traps += 1,
        }
    }

    /// Looks at a person: the address, its widest form's index, the country, and whether the
    /// source of the data is stated.
    pub fn add(
        &mut self,
        address: &EmailAddress,
        contact: KeyedIndex,
        country: Option<Country>,
        source_stated: bool,
    ) {
        let report = &mut self.report;
        if !self.seen.insert(contact) {
            report.duplicates += 1;
            return;
        }
        report.people += 1;
        let domain = address.domain();
        let has = |list: &[&str]| list.binary_search(&domain).is_ok();
        match classify(address) {
            AddressClass::Blocked => report.blocked += 1,
            AddressClass::Generic => report.generic += 1,
            AddressClass::Named => {}
        }
        if is_typo_domain(domain) {
            report.typos += 1;
        } else if has(DISPOSABLE) || self.disposable.contains(domain) {
            report.disposable += 1;
        } else if has(FREE_MAIL) {
            report.free_mail += 1;
        }
        report.without_country += usize::from(country.is_none());
        report.without_source += usize::from(!source_stated);
    }

    /// What the list is made of.
    pub const fn report(&self) -> &QualityReport {
        &self.report
    }
}

impl QualityReport {
    /// What must be mended before a campaign starts with this list; nothing: it may start, with
    /// its first sample.
    ///
    /// Lines: at most 5 % role addresses and 1 % disposable ones (privacy requirements, section
    /// 6.1), at most 2 % that are no addresses at all or take no mail; fewer than three of a kind
    /// are let pass.
    pub fn findings(&self) -> Vec<QualityFinding> {
        let lines = self.people + self.invalid + self.unreachable + self.traps;
        let over =
            |part: usize, percent: usize, of: usize| part >= LEAST && part * 100 > of * percent;
        let checks = [
            (self.people == 0, QualityFinding::Empty),
            (
                over(self.generic + self.blocked, 5, self.people),
                QualityFinding::Role,
            ),
            (
                over(self.disposable, 1, self.people),
                QualityFinding::Disposable,
            ),
            (
                over(self.invalid + self.typos, 2, lines),
                QualityFinding::Invalid,
            ),
            (self.without_source > 0, QualityFinding::NoSource),
            (
                over(self.unreachable, 2, lines),
                QualityFinding::Unreachable,
            ),
            // Of any length: such a list was not given by the people on it.
            (self.traps >= LEAST, QualityFinding::Trap),
        ];
        let found = checks.into_iter().filter(|(is, _)| *is);
        found.map(|(_, finding)| finding).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(addresses: &[(&str, usize)]) -> QualityReport {
        let mut quality = ListQuality::new();
        let mut n = 0_u8;
        for (form, times) in addresses {
            for _ in 0..*times {
                n += 1;
                let text = form.replace('#', &n.to_string());
                let address = EmailAddress::parse(&text).unwrap();
                let index = KeyedIndex::from_bytes([n; 32]);
                quality.add(&address, index, None, true);
            }
        }
        quality.report().clone()
    }

    #[test]
    fn the_lists_are_sorted_as_the_search_needs() {
        for list in [DISPOSABLE, FREE_MAIL] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn shares_over_the_lines_are_found() {
        assert_eq!(list(&[("p#@a.example", 100)]).findings(), []);
        assert_eq!(list(&[]).findings(), [QualityFinding::Empty]);
        let few = list(&[("p#@a.example", 95), ("info@a#.example", 5)]);
        assert_eq!(few.findings(), []);
        let many = list(&[("p#@a.example", 94), ("info@a#.example", 6)]);
        assert_eq!(many.findings(), [QualityFinding::Role]);
        let gone = list(&[("p#@a.example", 97), ("p#@yopmail.com", 3)]);
        assert_eq!(gone.findings(), [QualityFinding::Disposable]);
        let small = list(&[("p#@a.example", 8), ("info@a#.example", 2)]);
        assert_eq!(small.findings(), [], "two desks among ten say nothing");
        let typos = list(&[("p#@a.example", 97), ("p#@gmial.com", 3)]);
        assert_eq!(typos.findings(), [QualityFinding::Invalid]);
    }

    #[test]
    fn domains_that_take_no_mail_are_counted_beside_the_people() {
        let of = |people: usize, none: usize, traps: usize| {
            let mut quality = ListQuality::beside(QualityReport {
                people,
                ..QualityReport::default()
            });
            (0..none).for_each(|_| quality.add_closed(MailDomain::ReceivesNone));
            (0..traps).for_each(|_| quality.add_closed(MailDomain::Trap));
            quality.add_closed(MailDomain::Receives);
            quality.report().findings()
        };
        assert_eq!(of(98, 2, 0), []);
        assert_eq!(of(147, 3, 0), [], "2 % of 150");
        assert_eq!(of(146, 3, 0), [QualityFinding::Unreachable]);
        assert_eq!(of(10, 2, 0), [], "two of twelve say nothing");
        assert_eq!(of(10_000, 0, 2), []);
        assert_eq!(of(10_000, 0, 3), [QualityFinding::Trap]);
    }

    #[test]
    fn a_person_counts_once() {
        let mut quality = ListQuality::new();
        let address = EmailAddress::parse("a@b.example").unwrap();
        for source in [true, false] {
            let index = KeyedIndex::from_bytes([1; 32]);
            quality.add(&address, index, None, source);
        }
        assert_eq!(
            (quality.report().people, quality.report().duplicates),
            (1, 1)
        );
        assert_eq!(quality.report().without_source, 0);
    }
}
