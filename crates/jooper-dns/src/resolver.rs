//! The resolver of one process.

use std::net::SocketAddr;
use std::time::Duration;

use async_trait::async_trait;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use jooper_consent::{Answer, DnsError, DnsName, MailDns, MailServer, ServerName};

use crate::error::{Failure, NoResolver, failure};

/// How long one try of a question waits for its answer; there are two.
const TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 2;
/// How long an answer is kept at most, whatever its owner says: whoever mends a record asks again and
/// waits for it.
const KEPT: Duration = Duration::from_secs(60);

/// Asks the resolvers of this machine, or those that it is given.
#[derive(Debug, Clone)]
pub struct Resolver(TokioResolver);

impl Resolver {
    /// Asks the resolvers that this machine is set up with (`/etc/resolv.conf`).
    ///
    /// # Errors
    /// [`NoResolver`] when there is no such setting, or it cannot be read.
    pub fn of_this_machine() -> Result<Self, NoResolver> {
        Self::build(TokioResolver::builder_tokio().map_err(no_resolver)?)
    }

    /// Asks these resolvers, by UDP, and by TCP where an answer is too long for it.
    ///
    /// # Errors
    /// [`NoResolver`] when there are none.
    pub fn of(servers: &[SocketAddr]) -> Result<Self, NoResolver> {
        if servers.is_empty() {
            return Err(NoResolver("no server is named".to_owned()));
        }
        let servers = servers.iter().map(|server| {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(|mut connection| {
                connection.port = server.port();
                connection
            });
            NameServerConfig::new(server.ip(), true, connections.to_vec())
        });
        let config = ResolverConfig::from_name_servers(servers.collect());
        let provider = TokioRuntimeProvider::default();
        Self::build(TokioResolver::builder_with_config(config, provider))
    }

    fn build(mut builder: ResolverBuilder<TokioRuntimeProvider>) -> Result<Self, NoResolver> {
        let options: &mut ResolverOpts = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = ATTEMPTS;
        options.positive_max_ttl = Some(KEPT);
        options.negative_max_ttl = Some(KEPT);
        // Records of mail stand in the DNS alone.
        options.use_hosts_file = ResolveHosts::Never;
        // A key of 2048 bits and its neighbors in one datagram, without fragments.
        options.edns0 = true;
        builder.build().map(Self).map_err(no_resolver)
    }

    /// The records of a kind, or whether there is at least such a name.
    async fn ask<T>(
        &self,
        name: &DnsName,
        kind: RecordType,
        pick: impl Fn(&RData) -> Option<T> + Send,
    ) -> Result<Answer<T>, DnsError> {
        // With its dot: no search list of this machine is tried.
        let whole = format!("{name}.");
        match self.0.lookup(whole, kind).await {
            Ok(found) => {
                let records = found.answers().iter();
                Ok(Answer::Records(
                    records.filter_map(|record| pick(&record.data)).collect(),
                ))
            }
            Err(error) => match failure(&error) {
                Failure::Nothing { name_exists: false } => Ok(Answer::NoSuchName),
                Failure::Nothing { name_exists: true } => Ok(Answer::Records(Vec::new())),
                Failure::Unknown(error) => Err(error),
            },
        }
    }
}

fn no_resolver(error: NetError) -> NoResolver {
    NoResolver(error.to_string())
}

/// Only the root says that no mail is taken (RFC 7505): what does not read is a server all the same.
fn server_name(name: &Name) -> ServerName {
    if name.is_root() {
        return ServerName::Root;
    }
    DnsName::parse(&name.to_ascii()).map_or(ServerName::Unreadable, ServerName::Named)
}

#[async_trait]
impl MailDns for Resolver {
    async fn txt(&self, name: &DnsName) -> Result<Answer<String>, DnsError> {
        self.ask(name, RecordType::TXT, |data| match data {
            RData::TXT(text) => {
                let whole: Vec<u8> = text.txt_data.concat();
                Some(String::from_utf8_lossy(&whole).into_owned())
            }
            _ => None,
        })
        .await
    }

    async fn mail_servers(&self, domain: &DnsName) -> Result<Answer<MailServer>, DnsError> {
        self.ask(domain, RecordType::MX, |data| match data {
            RData::MX(server) => Some(MailServer {
                preference: server.preference,
                name: server_name(&server.exchange),
            }),
            _ => None,
        })
        .await
    }

    async fn has_address(&self, name: &DnsName) -> Result<bool, DnsError> {
        for kind in [RecordType::A, RecordType::AAAA] {
            let found = self.ask(name, kind, |data| match data {
                RData::A(_) | RData::AAAA(_) => Some(()),
                _ => None,
            });
            match found.await? {
                Answer::NoSuchName => return Ok(false),
                Answer::Records(records) if !records.is_empty() => return Ok(true),
                Answer::Records(_) => {}
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn only_the_root_is_no_server() {
        let of = |labels: &[&str]| {
            let labels = labels.iter().map(|label| label.as_bytes());
            server_name(&Name::from_labels(labels).unwrap())
        };
        let named = ServerName::Named(DnsName::parse("mx.a.example").unwrap());
        assert_eq!(of(&["mx", "a", "example"]), named);
        assert_eq!(of(&["mx/1", "a", "example"]), ServerName::Unreadable);
        assert_eq!(server_name(&Name::root()), ServerName::Root);
    }
}
