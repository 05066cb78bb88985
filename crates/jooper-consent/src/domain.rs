//! The domains above a domain.

/// The domains above this one, from the nearest to the one below its top level: whoever lists `acme.com`
/// means `mail.acme.com` too, and whoever lists `gov.uk` or `github.io` means everybody who has a name
/// there.
///
/// None of a domain right below its top level, as most are: a top level is nobody's to list.
pub fn parent_domains(domain: &str) -> Vec<&str> {
    let mut parents = Vec::new();
    let mut rest = domain;
    while let Some((_, above)) = rest
        .split_once('.')
        .filter(|(_, above)| above.contains('.'))
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
    fn parents_end_below_the_top_level() {
        for (domain, parents) in [
            ("acme.com", &[][..]),
            ("mail.acme.com", &["acme.com"]),
            ("a.b.acme.co.uk", &["b.acme.co.uk", "acme.co.uk", "co.uk"]),
            ("dept.gov.uk", &["gov.uk"]),
            ("acme.github.io", &["github.io"]),
            ("co.uk", &[]),
            ("com", &[]),
        ] {
            assert_eq!(parent_domains(domain), parents, "{domain}");
        }
    }
}
