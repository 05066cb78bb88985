//! Asking the DNS.

use std::fmt::Debug;

use async_trait::async_trait;
use jooper_core::Retry;

use super::name::DnsName;

/// Whoever can ask the DNS about mail.
///
/// An implementation follows aliases (CNAME), joins the strings of a TXT record without anything in
/// between (RFC 7208 section 3.3) and bounds the time of a question itself. What it answers is kept
/// for as long as it sees fit.
#[async_trait]
pub trait MailDns: Debug + Send + Sync + 'static {
    /// The TXT records of a name.
    ///
    /// # Errors
    /// [`DnsError`]: nothing is known; no answer is no "no".
    async fn txt(&self, name: &DnsName) -> Result<Answer<String>, DnsError>;

    /// The mail servers of a domain (MX), in any order.
    ///
    /// # Errors
    /// As [`MailDns::txt`].
    async fn mail_servers(&self, domain: &DnsName) -> Result<Answer<MailServer>, DnsError>;

    /// Whether a name has an address, of either version.
    ///
    /// # Errors
    /// As [`MailDns::txt`].
    async fn has_address(&self, name: &DnsName) -> Result<bool, DnsError>;
}

const _OBJECT_SAFE: Option<&dyn MailDns> = None;

/// What the DNS knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// There is no such name (NXDOMAIN): nobody registered it, or it has expired.
    NoSuchName,
    /// These records; the name may be there and have none of them.
    Records(Vec<T>),
}

impl<T> Answer<T> {
    /// The records, none where there is no such name.
    pub fn records(&self) -> &[T] {
        match self {
            Self::NoSuchName => &[],
            Self::Records(records) => records,
        }
    }
}

/// One mail server of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// The lower, the sooner it is tried.
    pub preference: u16,
    /// What it is called.
    pub name: ServerName,
}

/// What a mail server is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerName {
    /// The root, by which a domain says that it takes no mail (RFC 7505).
    Root,
    /// A name.
    Named(DnsName),
    /// Something that is no name of a host, and is no word against mail either.
    Unreadable,
}

/// Why the DNS could not be asked. Holds no name: names tell who the customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// No server answered in time, or none was reached.
    #[error("no DNS server answered; look whether this machine may ask one")]
    Unreachable,
    /// A server answered that it cannot tell (SERVFAIL): its own way is cut, or a signature of the
    /// domain does not hold.
    #[error("the DNS server could not find out")]
    Failed,
    /// A server does not answer this machine. Configure another.
    #[error("the DNS server refuses to answer this machine; configure another")]
    Refused,
}

impl DnsError {
    /// What the caller may do next.
    pub const fn retry(&self) -> Retry {
        match self {
            Self::Unreachable | Self::Failed => Retry::Backoff,
            Self::Refused => Retry::Never,
        }
    }
}
