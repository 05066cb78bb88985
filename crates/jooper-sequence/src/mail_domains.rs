//! Whether the domains of leads take mail: asked before a campaign enrolls them, once for each domain.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use jooper_consent::{
    DnsError, DnsName, MailDns, MailDomain, MailDomainRules, look_at_mail_domain,
};
use jooper_core::{EmailAddress, KeyedIndex, to_millis};
use jooper_storage::tables::{COUNTER, CounterRow, LeadProfile};
use jooper_storage::{Batch, Column, ColumnOp, Key, Record, Value, Write};
use jooper_vault::WorkspaceVault;

use crate::engine::Engine;
use crate::error::EngineError;

/// How long an answer is good for, for every list of the workspace.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many domains are asked about at a time.
const AT_ONCE: usize = 16;
/// How many answers are read or kept by one call.
const CHUNK: usize = 200;

/// Who is asked about the domains of leads.
#[derive(Debug)]
pub(crate) struct MailDomainCheck {
    dns: Arc<dyn MailDns>,
    rules: MailDomainRules,
}

impl Engine {
    /// Has the domains of leads asked for mail servers before a campaign enrolls them (MX, RFC 5321
    /// section 5.1). Off unless opted in: it tells a DNS server whom a list is about. Forecasts ask, too.
    #[must_use]
    pub fn with_mail_domain_check(mut self, dns: Arc<dyn MailDns>, rules: MailDomainRules) -> Self {
        self.mail_domains = Some(Arc::new(MailDomainCheck { dns, rules }));
        self
    }

    /// The domains among these that take no mail, or that are traps. What could not be asked is not
    /// among them.
    pub(crate) async fn closed_domains(
        &self,
        vault: &WorkspaceVault,
        domains: impl Iterator<Item = String> + Send,
    ) -> Result<BTreeMap<String, MailDomain>, EngineError> {
        let mut closed = BTreeMap::new();
        let Some(check) = self.mail_domains.clone() else {
            return Ok(closed);
        };
        let domains: BTreeSet<_> = domains.collect();
        let domains: Vec<_> = domains
            .into_iter()
            .map(|domain| (vault.index("mail domain", &domain), domain))
            .collect();
        for chunk in domains.chunks(CHUNK) {
            for (domain, judged) in self.judged_domains(vault, &check, chunk).await? {
                if judged != MailDomain::Receives {
                    closed.insert(domain, judged);
                }
            }
        }
        Ok(closed)
    }

    /// What is known of these domains, by earlier answers and by asking.
    async fn judged_domains(
        &self,
        vault: &WorkspaceVault,
        check: &MailDomainCheck,
        domains: &[(KeyedIndex, String)],
    ) -> Result<Vec<(String, MailDomain)>, EngineError> {
        let now = to_millis(self.now());
        let keys: Vec<Key> = domains
            .iter()
            .map(|(index, _)| Key::new(&COUNTER, vec![key(*index).to_value()]))
            .collect();
        let scope = vault.workspace().into();
        let rows = self.storage().get(scope, &keys).await?;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for ((index, domain), row) in domains.iter().zip(rows) {
            let row = row
                .map(|row| CounterRow::from_values(row.values))
                .transpose()?;
            let row = row.filter(|row| row.expires_at > now);
            match row.and_then(|row| of_code(row.count)) {
                Some(judged) => known.push((domain.clone(), judged)),
                None => unknown.push((*index, domain.clone())),
            }
        }
        let expires_at = to_millis(self.now()).saturating_add(GOOD_FOR.as_millis() as i64);
        let mut batch = Batch::new(vault.workspace()).bulk();
        for some in unknown.chunks(AT_ONCE) {
            let asked = join_all(some.iter().map(|(_, domain)| check.ask(domain))).await;
            let silent = asked.iter().all(is_silent);
            for ((index, domain), answer) in some.iter().zip(asked) {
                let Ok(judged) = answer else { continue };
                batch = keep(batch, *index, judged, expires_at);
                known.push((domain.clone(), judged));
            }
            if silent {
                // The rest would wait its time out as well. Nobody is refused for it. Where some answer,
                // the others' own servers are dead.
                tracing::warn!(
                    "the DNS does not answer about the domains of leads; they are let pass"
                );
                break;
            }
        }
        self.storage().commit(batch).await?;
        Ok(known)
    }
}

/// The domain of a lead's address; nothing of what is no address.
pub(crate) fn domain_of(profile: &LeadProfile) -> Option<String> {
    let address = EmailAddress::parse(&profile.email).ok()?;
    Some(address.domain().to_owned())
}

/// Why somebody at such a domain is not enrolled, and what to do.
pub(crate) const fn refusal(domain: MailDomain) -> &'static str {
    match domain {
        MailDomain::Trap => {
            "their mail would go to somebody who collects mail that nobody asked for; delete the lead, \
             and ask where the address came from"
        }
        _ => "nobody receives mail at the domain of this address; correct it, or ask for another",
    }
}

impl MailDomainCheck {
    async fn ask(&self, domain: &str) -> Result<MailDomain, DnsError> {
        let Ok(name) = DnsName::parse(domain) else {
            // Nothing that the DNS could hold.
            return Ok(MailDomain::ReceivesNone);
        };
        look_at_mail_domain(&*self.dns, &name, &self.rules).await
    }
}

const fn is_silent(answer: &Result<MailDomain, DnsError>) -> bool {
    matches!(answer, Err(DnsError::Unreachable | DnsError::Refused))
}

fn key(domain: KeyedIndex) -> Vec<u8> {
    let mut key = b"mail.domain.".to_vec();
    key.extend_from_slice(domain.as_bytes());
    key
}

fn keep(batch: Batch, domain: KeyedIndex, judged: MailDomain, expires_at: i64) -> Batch {
    let row = CounterRow {
        key: key(domain),
        count: code(judged),
        expires_at,
    };
    let set = vec![
        ("count", ColumnOp::Set(Value::Int(row.count))),
        ("expires_at", ColumnOp::Set(Value::Int(row.expires_at))),
    ];
    batch.write(Write::Upsert(row.key(), row.to_values(), set))
}

const fn code(judged: MailDomain) -> i64 {
    match judged {
        MailDomain::ReceivesNone => 2,
        MailDomain::Trap => 3,
        _ => 1,
    }
}

const fn of_code(code: i64) -> Option<MailDomain> {
    match code {
        1 => Some(MailDomain::Receives),
        2 => Some(MailDomain::ReceivesNone),
        3 => Some(MailDomain::Trap),
        _ => None,
    }
}
