//! The domains above a domain.

/// The domains above this one, from the nearest to the registrable one: whoever lists `acme.com` means
/// `mail.acme.com` too.
///
/// None of a domain that is registrable itself, as most are, and none of a public suffix.
pub fn parent_domains(domain: &str) -> Vec<&str> {
    let mut parents = Vec::new();
    let Some(registrable) = psl::domain_str(domain) else {
        return parents;
    };
    let mut rest = domain;
    while rest.len() > registrable.len()
        && let Some((_, above)) = rest.split_once('.')
    {
        parents.push(above);
        rest = above;
    }
    parents
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_end_at_what_can_be_registered() {
        for (domain, parents) in [
            ("acme.com", &[][..]),
            ("mail.acme.com", &["acme.com"]),
            ("a.b.acme.co.uk", &["b.acme.co.uk", "acme.co.uk"]),
            ("acme.co.uk", &[]),
            ("co.uk", &[]),
            ("com", &[]),
        ] {
            assert_eq!(parent_domains(domain), parents, "{domain}");
        }
    }
}
