//! Whether a recipient's domain takes mail.

use serde::{Deserialize, Serialize};

use super::dns::{Answer, DnsError, MailDns, MailServer, ServerName};
use super::name::DnsName;

/// What a recipient's domain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MailDomain {
    /// It takes mail.
    Receives,
    /// It takes none: it does not exist, has neither a mail server nor an address (RFC 5321 section
    /// 5.1), or says so (RFC 7505).
    ReceivesNone,
    /// Its mail servers are known to belong to somebody who collects mail that nobody asked for.
    Trap,
}

/// What an operator knows about mail servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailDomainRules {
    /// Mail servers of spam traps and of parked domains: each name, and every name below it.
    pub traps: Vec<DnsName>,
}

impl MailDomainRules {
    fn traps(&self, server: &DnsName) -> bool {
        self.traps.iter().any(|trap| server.is_within(trap))
    }
}

/// What the mail servers of a domain say about it; nothing where its address decides (RFC 5321 section
/// 5.1). Pure.
fn judge(servers: &Answer<MailServer>, rules: &MailDomainRules) -> Option<MailDomain> {
    let servers = match servers {
        Answer::NoSuchName => return Some(MailDomain::ReceivesNone),
        Answer::Records(servers) if servers.is_empty() => return None,
        Answer::Records(servers) => servers,
    };
    if servers.iter().all(|server| server.name == ServerName::Root) {
        return Some(MailDomain::ReceivesNone);
    }
    let traps = |server: &MailServer| match &server.name {
        ServerName::Named(name) => rules.traps(name),
        ServerName::Root | ServerName::Unreadable => false,
    };
    Some(match servers.iter().any(traps) {
        true => MailDomain::Trap,
        false => MailDomain::Receives,
    })
}

/// Asks whether a domain takes mail.
///
/// # Errors
/// [`DnsError`]: it could not be asked, and nothing is known.
pub async fn look_at_mail_domain(
    dns: &dyn MailDns,
    domain: &DnsName,
    rules: &MailDomainRules,
) -> Result<MailDomain, DnsError> {
    let servers = dns.mail_servers(domain).await?;
    if let Some(judged) = judge(&servers, rules) {
        return Ok(judged);
    }
    // The domain is its own mail server then.
    Ok(match dns.has_address(domain).await? {
        true if rules.traps(domain) => MailDomain::Trap,
        true => MailDomain::Receives,
        false => MailDomain::ReceivesNone,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(names: &[&str]) -> Answer<MailServer> {
        let server = |name: &&str| MailServer {
            preference: 10,
            name: match *name {
                "." => ServerName::Root,
                name => DnsName::parse(name).map_or(ServerName::Unreadable, ServerName::Named),
            },
        };
        Answer::Records(names.iter().map(server).collect())
    }

    #[test]
    fn mail_servers_decide_and_their_absence_leaves_it_to_the_address() {
        let rules = MailDomainRules {
            traps: vec![DnsName::parse("trap.example").unwrap()],
        };
        let judged = |names: &[&str]| judge(&servers(names), &rules);
        assert_eq!(judged(&["mx.a.example"]), Some(MailDomain::Receives));
        assert_eq!(judged(&[]), None);
        // RFC 7505: the root alone says that no mail is taken.
        assert_eq!(judged(&["."]), Some(MailDomain::ReceivesNone));
        assert_eq!(judged(&["mx/1.a.example"]), Some(MailDomain::Receives));
        let beside = judged(&["mx.a.example", "in.trap.example"]);
        assert_eq!(beside, Some(MailDomain::Trap));
        assert_eq!(judged(&["nottrap.example"]), Some(MailDomain::Receives));
        let gone = judge(&Answer::NoSuchName, &rules);
        assert_eq!(gone, Some(MailDomain::ReceivesNone));
    }
}
