//! Domains that a workspace has beside those of its mailboxes.

use std::collections::BTreeSet;
use std::fmt;

use crate::quality::is_free_mail;
use crate::sender::DnsName;

/// Why a domain cannot be named as a workspace's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotOwn {
    /// It is no domain of the DNS.
    #[error("this is not a domain: give one such as brand.example, an international one as xn--…")]
    NoDomain,
    /// Others live below it as well.
    #[error("this domain is everybody's, a provider's or a registry's; name one of your own")]
    Everybodys,
    /// There are too many.
    #[error("a workspace can name {} domains of its own at most", OwnDomains::MOST)]
    TooMany,
}

/// The domains that a workspace named as its own: the sender's name of its mails may show them, and
/// what lies below them, beside the domain that the mail comes from.
///
/// Nobody can prove here whose a brand is: a named person answers for each, which the audit chain
/// records. `Debug` prints how many, as they tell who the customer is.
///
/// ```
/// use jooper_consent::{NotOwn, OwnDomains};
///
/// let own = OwnDomains::parse(["Brand.example", "brand.co.uk"])?;
/// assert_eq!(own.names().collect::<Vec<_>>(), ["brand.co.uk", "brand.example"]);
/// assert_eq!(OwnDomains::parse(["co.uk"]), Err(NotOwn::Everybodys));
/// assert_eq!(OwnDomains::parse(["gmail.com"]), Err(NotOwn::Everybodys));
/// # Ok::<(), NotOwn>(())
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct OwnDomains(BTreeSet<DnsName>);

impl OwnDomains {
    /// So many can be named.
    pub const MOST: usize = 50;

    /// Reads domains as somebody typed them.
    ///
    /// # Errors
    /// [`NotOwn`] says what is wrong with the first that cannot be named.
    pub fn parse<D: AsRef<str>>(domains: impl IntoIterator<Item = D>) -> Result<Self, NotOwn> {
        let all: Result<BTreeSet<_>, _> = domains
            .into_iter()
            .map(|domain| own(domain.as_ref()))
            .collect();
        let all = all?;
        if all.len() > Self::MOST {
            return Err(NotOwn::TooMany);
        }
        Ok(Self(all))
    }

    /// Those of a stored list that can be named.
    pub fn known(domains: &[String]) -> Self {
        let all = domains.iter().filter_map(|domain| own(domain).ok());
        Self(all.take(Self::MOST).collect())
    }

    /// In lower case, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(DnsName::as_str)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a word is one of them, or lies below one.
    pub(super) fn has(&self, word: &str) -> bool {
        !self.is_empty()
            && DnsName::parse(word)
                .is_ok_and(|word| self.0.iter().any(|domain| word.is_within(domain)))
    }
}

impl fmt::Debug for OwnDomains {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnDomains({})", self.0.len())
    }
}

fn own(text: &str) -> Result<DnsName, NotOwn> {
    let name = DnsName::parse(text.trim()).map_err(|_| NotOwn::NoDomain)?;
    if !name.as_str().contains('.') {
        return Err(NotOwn::NoDomain);
    }
    let shared = psl::domain_str(name.as_str()).is_none();
    if shared || is_free_mail(name.organization().as_str()) {
        return Err(NotOwn::Everybodys);
    }
    Ok(name)
}
