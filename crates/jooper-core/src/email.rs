//! E-mail addresses: one normal form, and the variants under which a person may be known.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::providers;

/// An e-mail address in normal form: NFC, lower case, domain as IDNA A-labels.
///
/// `Display` prints it whole (it is what goes on the wire), `Debug` masks it. The grammar is that
/// of RFC 5321 section 4.1.2 without quoted local parts, address literals and comments: no
/// mailbox that people write to uses them, and each is a way around a suppression list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    text: String,
    at: usize,
}

/// Why a text is not an address that jooper would write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEmail {
    /// There is nothing in it.
    #[error("the address is empty")]
    Empty,
    /// It is longer than RFC 5321 allows (254 bytes, 64 before the `@`).
    #[error("the address is longer than 254 bytes, or its part before the @ longer than 64")]
    TooLong,
    /// It has control, zero-width or direction-changing characters.
    #[error("the address has invisible or control characters")]
    Invisible,
    /// The shape is not `name@domain`.
    #[error("the address is not of the form name@domain.tld")]
    Syntax,
    /// The domain is not a name in the DNS.
    #[error("the part after the @ is not a domain name")]
    Domain,
}

/// Zero-width and direction-changing characters, which make two addresses look alike.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{180e}' | '\u{feff}'
        )
        || ('\u{200b}'..='\u{200f}').contains(&c)
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2060}'..='\u{2069}').contains(&c)
}

/// Whether IDNA leaves a domain as it is: labels of lower-case letters, digits and single hyphens
/// between them, none too long. Others may stay as they are as well.
fn is_plain_domain(domain: &str) -> bool {
    let is_plain = |label: &str| {
        let ends = label.starts_with('-') || label.ends_with('-') || label.contains("--");
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=63).contains(&label.len()) && !ends && label.bytes().all(fits)
    };
    domain.len() <= 253 && domain.split('.').all(is_plain)
}

/// Whether the part before the `@` is words of ASCII letters, digits, `_`, `-` and `+` with single dots
/// between them: then it needs no grammar. Others may be well formed too.
fn is_plain_local(local: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+');
    let is_plain = |word: &str| !word.is_empty() && word.bytes().all(fits);
    local.len() <= 64 && local.split('.').all(is_plain)
}

impl EmailAddress {
    /// Reads and normalizes an address.
    ///
    /// # Errors
    /// [`InvalidEmail`] says which rule the text breaks, without repeating the text.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(InvalidEmail::Empty);
        }
        if trimmed.len() > 1024 {
            return Err(InvalidEmail::TooLong);
        }
        let normal = if trimmed.is_ascii() {
            // Is its own NFC, and hides nothing but control characters.
            if trimmed.bytes().any(|byte| byte.is_ascii_control()) {
                return Err(InvalidEmail::Invisible);
            }
            trimmed.to_ascii_lowercase()
        } else {
            if trimmed.chars().any(is_invisible) {
                return Err(InvalidEmail::Invisible);
            }
            trimmed.nfc().collect::<String>().to_lowercase()
        };
        let (local, domain) = normal.rsplit_once('@').ok_or(InvalidEmail::Syntax)?;
        let plain_local = is_plain_local(local);
        let odd = |local: &str| local.is_empty() || local.contains(['"', '@', '(', ')', '\\']);
        if domain.is_empty() || !plain_local && odd(local) {
            return Err(InvalidEmail::Syntax);
        }
        let mapped;
        let plain = is_plain_domain(domain);
        let domain = if plain {
            domain
        } else {
            mapped = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail::Domain)?;
            &mapped
        };
        let (name, tld) = domain.rsplit_once('.').ok_or(InvalidEmail::Domain)?;
        if name.is_empty() || tld.is_empty() || tld.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidEmail::Domain);
        }
        if local.len() > 64 || local.len() + 1 + domain.len() > 254 {
            return Err(InvalidEmail::TooLong);
        }
        let at = local.len();
        if plain && plain_local {
            return Ok(Self { at, text: normal });
        }
        let text = format!("{local}@{domain}");
        if !email_address::EmailAddress::is_valid(&text) {
            return Err(InvalidEmail::Syntax);
        }
        Ok(Self { at, text })
    }

    /// The whole address in normal form.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part before the `@`.
    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// The part after the `@`, as A-labels.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// Every form under which the same mailbox may have objected: the exact one first, the widest one and
    /// the same name at the other domains of its provider among the others, none twice.
    ///
    /// A stop for any of them is a stop for all (`+tag` sub-addressing, RFC 5233; Gmail ignores
    /// dots and serves `googlemail.com`). Consent, by contrast, holds for the exact form only.
    pub fn variants(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        let widest = self.widest();
        let plain = self.plain();
        if plain != self.local() {
            all.push(Self::at(plain, self.domain()));
        }
        for domain in providers::of(self.domain()) {
            if *domain != self.domain() {
                all.push(Self::at(plain, domain));
            }
        }
        if !all.contains(&widest) {
            all.push(widest);
        }
        all
    }

    /// The part before the `@` without `+tag`.
    fn plain(&self) -> &str {
        match self.local().split('+').next() {
            Some(plain) if !plain.is_empty() => plain,
            _ => self.local(),
        }
    }

    fn at(local: &str, domain: &str) -> Self {
        Self {
            at: local.len(),
            text: format!("{local}@{domain}"),
        }
    }

    /// The widest form: without `+tag`, without dots at Gmail, and at one domain for all of its provider. One
    /// for each mailbox, as far as addresses tell: keys a person's fence row.
    pub fn widest(&self) -> Self {
        let plain = self.plain();
        let gmail = matches!(self.domain(), "gmail.com" | "googlemail.com");
        if gmail && plain.contains(|c| c != '.') {
            let local = plain.replace('.', "");
            return Self {
                at: local.len(),
                text: local + "@gmail.com",
            };
        }
        let domain = providers::of(self.domain()).first().copied();
        Self::at(plain, domain.unwrap_or(self.domain()))
    }
}

impl EmailAddress {
    /// The widest form first, and behind it those that earlier versions took for it: one at each domain of
    /// the provider. What such a version filed is found under one of them.
    pub fn filed_under(&self) -> Vec<Self> {
        let widest = self.widest();
        let others = providers::of(widest.domain()).iter();
        let others = others.filter(|domain| **domain != widest.domain());
        let others: Vec<_> = others
            .map(|domain| Self::at(widest.local(), domain))
            .collect();
        [vec![widest], others].concat()
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        Self::parse(text)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bad_addresses_are_refused_with_their_reason() {
        let long = format!("{}@example.com", "a".repeat(255));
        for (bad, why) in [
            ("", InvalidEmail::Empty),
            ("@", InvalidEmail::Syntax),
            ("a@b", InvalidEmail::Domain),
            ("a@@b.c", InvalidEmail::Syntax),
            ("a b@c.de", InvalidEmail::Syntax),
            ("\"a\\\"b\"@c.de", InvalidEmail::Syntax),
            ("a@[127.0.0.1]", InvalidEmail::Domain),
            (
                "user@example.com\r\nBcc:x@y.example",
                InvalidEmail::Invisible,
            ),
            ("us\u{200d}er@example.com", InvalidEmail::Invisible),
            ("us\u{202e}er@example.com", InvalidEmail::Invisible),
            ("a\0b@example.com", InvalidEmail::Invisible),
            (long.as_str(), InvalidEmail::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(why), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_plain_local_part_is_well_formed(local in "[a-c0-9._+-]{1,70}") {
            if is_plain_local(&local) {
                let text = format!("{local}@example.com");
                prop_assert!(email_address::EmailAddress::is_valid(&text), "{local}");
            }
        }

        #[test]
        fn a_plain_domain_is_what_idna_makes_of_it(domain in "[a-c0-9.-]{0,70}(\\.[a-z0-9]{1,63}){0,4}") {
            if is_plain_domain(&domain) {
                let mapped = idna::domain_to_ascii_strict(&domain);
                prop_assert_eq!(mapped.ok(), Some(domain));
            }
        }

        #[test]
        fn an_address_of_ascii_is_read_as_any_other(text in "[ -~\\t\\n]{0,20}@[A-Za-c0-9.-]{0,20}\\.[a-z]{2}") {
            // A letter that NFC makes of two takes the long way, and all that differs is that letter.
            let long = EmailAddress::parse(&format!("e\u{301}{text}"));
            let short = EmailAddress::parse(&format!("e{text}"));
            let same = long.map(|address| address.as_str().replacen('\u{e9}', "e", 1));
            prop_assert_eq!(same, short.map(|address| address.to_string()));
        }
    }

    #[test]
    fn case_and_unicode_fold_to_one_form() {
        let plain = EmailAddress::parse("user@example.com").unwrap();
        assert_eq!(EmailAddress::parse(" USER@Example.COM ").unwrap(), plain);
        let idn = EmailAddress::parse("info@müller.example").unwrap();
        assert_eq!(idn.domain(), "xn--mller-kva.example");
    }

    #[test]
    fn a_gmail_address_is_known_under_its_variants() {
        let address = EmailAddress::parse("U.s.e.r+tag@googlemail.com").unwrap();
        let variants: Vec<_> = address.variants().iter().map(ToString::to_string).collect();
        assert_eq!(
            variants,
            [
                "u.s.e.r+tag@googlemail.com",
                "u.s.e.r@googlemail.com",
                "user@gmail.com"
            ]
        );
    }

    #[test]
    fn an_address_is_known_at_every_domain_of_its_provider() {
        for (text, known) in [
            (
                "Ada@me.com",
                &["ada@me.com", "ada@icloud.com", "ada@mac.com"][..],
            ),
            (
                "ada+x@icloud.com",
                &[
                    "ada+x@icloud.com",
                    "ada@icloud.com",
                    "ada@me.com",
                    "ada@mac.com",
                ],
            ),
            (
                "ada@pm.me",
                &[
                    "ada@pm.me",
                    "ada@proton.me",
                    "ada@protonmail.com",
                    "ada@protonmail.ch",
                ],
            ),
            ("ada@b.example", &["ada@b.example"]),
        ] {
            let address = EmailAddress::parse(text).unwrap();
            let variants: Vec<_> = address.variants().iter().map(ToString::to_string).collect();
            assert_eq!(variants, known);
        }
    }

    #[test]
    fn every_form_of_a_mailbox_has_one_widest_form() {
        for (widest, others) in [
            ("ada@icloud.com", &["ada+x@me.com", "ada@mac.com"][..]),
            ("ada@proton.me", &["ada@pm.me", "ada+x@protonmail.ch"]),
            ("ada@gmail.com", &["a.da+x@googlemail.com"]),
            ("a.da@b.example", &["a.da+x@b.example"]),
        ] {
            let parse = |text: &str| EmailAddress::parse(text).unwrap();
            for text in others.iter().chain([&widest]) {
                assert_eq!(parse(text).widest(), parse(widest), "{text}");
                for form in parse(text).variants() {
                    assert_eq!(form.widest(), parse(widest), "{form}");
                }
            }
        }
    }

    #[test]
    fn debug_does_not_print_the_address() {
        let address = EmailAddress::parse("user@example.com").unwrap();
        assert!(!format!("{address:?}").contains("user"));
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(text in "\\PC{0,40}@?\\PC{0,20}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(EmailAddress::parse(address.as_str()), Ok(address.clone()));
                prop_assert_eq!(address.widest().widest(), address.widest());
                let variants = address.variants();
                prop_assert_eq!(variants.first(), Some(&address));
                prop_assert!(variants.contains(&address.widest()));
            }
        }
    }
}
