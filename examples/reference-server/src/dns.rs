//! Who is asked about mail domains, and about which.

use std::net::SocketAddr;

use jooper::JooperBuilder;
use jooper::consent::{MailDomainRules, SenderRules};
use jooper::dns::Resolver;
use serde::Deserialize;

use crate::error::{Context, ServerError};

/// What can be set about the DNS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Dns {
    /// Resolvers to ask instead of those that this machine is set up with.
    pub(crate) servers: Vec<SocketAddr>,
    /// Whether the domains of mailboxes must prove their mail. Left out: yes, unless Google's part is
    /// played by somebody else, whose domains prove nothing.
    pub(crate) check_senders: Option<bool>,
    /// What the domains of mailboxes are held to.
    pub(crate) senders: SenderRules,
    /// Whether the domains of leads are asked for mail servers before a campaign enrolls them.
    pub(crate) check_leads: bool,
    /// What is known of mail servers.
    pub(crate) leads: MailDomainRules,
}

impl Dns {
    /// Whether mailboxes are checked.
    pub(crate) fn checks_senders(&self) -> bool {
        self.check_senders.unwrap_or(false)
    }

    /// Gives the builder who is asked; nobody where nothing is.
    pub(crate) fn adopt(self, builder: JooperBuilder) -> Result<JooperBuilder, ServerError> {
        if !self.checks_senders() && !self.check_leads {
            return Ok(builder);
        }
        let resolver = match self.servers.as_slice() {
            [] => Resolver::of_this_machine(),
            servers => Resolver::of(servers),
        };
        let resolver = resolver.context(
            "the DNS; name resolvers in the config file ([dns] servers = [\"192.0.2.53:53\"])",
        )?;
        let builder = match self.check_senders {
            Some(true) => builder.sender_check(resolver.clone(), self.senders),
            _ => builder,
        };
        Ok(match self.check_leads {
            true => builder.mail_domain_check(resolver, self.leads),
            false => builder,
        })
    }
}
