//! What an address looks like: a person's, a desk's, a machine's, or a slip of the pen.

use jooper_core::EmailAddress;

/// What kind of address a local part names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// A person's, as far as one can tell.
    Named,
    /// A desk's (`info@`, `sales@`): some countries treat it differently.
    Generic,
    /// A machine's or an abuse desk's (RFC 2142): nobody writes offers to it, and many are traps.
    Blocked,
}

/// Local parts that no offer goes to: RFC 2142 sections 4 and 5, and machines.
const BLOCKED: &[&str] = &[
    "abuse",
    "bounce",
    "bounces",
    "complaints",
    "daemon",
    "dmarc",
    "dpo",
    "gdpr",
    "hostmaster",
    "nobody",
    "noc",
    "postmaster",
    "privacy",
    "root",
    "security",
    "spam",
    "unsubscribe",
    "webmaster",
];

/// Machines whose names have more than one word, however these are joined: `no_reply` as `no-reply`.
/// Shorter names are not compared so: `a.buse` is a person.
const MACHINES: &[&str] = &[
    "dmarcreports",
    "donotreply",
    "mailerdaemon",
    "noreply",
    "spamtrap",
];

/// Local parts of desks: RFC 2142 section 3, and what European companies print.
const GENERIC: &[&str] = &[
    "accounting",
    "admin",
    "bestellung",
    "billing",
    "booking",
    "buchhaltung",
    "career",
    "careers",
    "compras",
    "contact",
    "contacto",
    "empfang",
    "enquiries",
    "finance",
    "hello",
    "help",
    "hr",
    "info",
    "jobs",
    "kontakt",
    "mail",
    "marketing",
    "office",
    "orders",
    "post",
    "press",
    "presse",
    "reception",
    "sales",
    "secretariat",
    "sekretariat",
    "service",
    "support",
    "team",
    "ventas",
    "vertrieb",
];

/// Misspellings of large mail providers. Some belong to people who collect such mail.
const TYPO_DOMAINS: &[&str] = &[
    "gamil.com",
    "gmai.com",
    "gmail.co",
    "gmail.con",
    "gmial.com",
    "gmil.com",
    "gnail.com",
    "hotmai.com",
    "hotmail.con",
    "hotmial.com",
    "icloud.con",
    "outlok.com",
    "outlook.con",
    "yaho.com",
    "yahoo.con",
    "yhoo.com",
];

/// What an address looks like, by its local part without `+tag`.
pub fn classify(address: &EmailAddress) -> AddressClass {
    let local = address.local().split('+').next().unwrap_or_default();
    let has = |list: &[&str]| list.binary_search(&local).is_ok();
    let joined = local.replace(['-', '_', '.'], "");
    if has(BLOCKED) || MACHINES.contains(&&*joined) {
        AddressClass::Blocked
    } else if has(GENERIC) {
        AddressClass::Generic
    } else {
        AddressClass::Named
    }
}

/// Whether a domain is a known misspelling of a large mail provider.
pub fn is_typo_domain(domain: &str) -> bool {
    TYPO_DOMAINS.binary_search(&domain).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> AddressClass {
        classify(&EmailAddress::parse(text).unwrap())
    }

    #[test]
    fn the_lists_are_sorted_as_the_search_needs() {
        for list in [BLOCKED, MACHINES, GENERIC, TYPO_DOMAINS] {
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn addresses_are_classified_by_their_local_part() {
        assert_eq!(class("Postmaster@example.com"), AddressClass::Blocked);
        assert_eq!(class("no-reply+x@example.com"), AddressClass::Blocked);
        for machine in [
            "no_reply",
            "no.reply",
            "noreply",
            "do_not_reply",
            "do.not-reply",
            "mailer_daemon",
            "Mailer-Daemon",
            "dmarc_reports",
            "spam.trap",
        ] {
            let address = format!("{machine}@example.com");
            assert_eq!(class(&address), AddressClass::Blocked, "{machine}");
        }
        assert_eq!(class("a.buse@example.com"), AddressClass::Named);
        assert_eq!(class("info+fair@example.com"), AddressClass::Generic);
        assert_eq!(class("jane.doe@example.com"), AddressClass::Named);
        assert_eq!(class("abuser@example.com"), AddressClass::Named);
        assert!(is_typo_domain("gmial.com"));
        assert!(!is_typo_domain("gmail.com"));
    }
}
