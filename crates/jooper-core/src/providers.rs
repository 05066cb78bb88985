//! Providers that serve one mailbox under several domains.

use std::sync::OnceLock;

const TABLE: &str = include_str!("providers.txt");

/// The domains of each provider.
fn groups() -> &'static [Vec<&'static str>] {
    static GROUPS: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    GROUPS.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let domains = lines.filter_map(|line| line.split('|').next());
        domains
            .map(|domains| domains.split_whitespace().collect())
            .collect()
    })
}

/// The domains at which a mailbox of this one has the same name, this one among them: none where its
/// provider is not known.
pub(crate) fn of(domain: &str) -> &'static [&'static str] {
    let group = groups().iter().find(|group| group.contains(&domain));
    group.map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_has_domains_a_source_and_a_date() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        let mut known = BTreeSet::new();
        for line in lines {
            let [domains, source, date] = line.split(" | ").collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let domains: Vec<_> = domains.split(' ').collect();
            assert!(domains.len() > 1, "{line}");
            for domain in domains {
                assert!(known.insert(domain), "{domain} stands twice");
                assert_eq!(domain, domain.to_lowercase());
            }
            assert!(source.starts_with("https://"), "{line}");
            assert!(date.parse::<jiff::civil::Date>().is_ok(), "{line}");
        }
        assert_eq!(known.len(), groups().iter().map(Vec::len).sum::<usize>());
    }
}
