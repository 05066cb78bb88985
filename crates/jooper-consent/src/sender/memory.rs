//! A DNS in memory, for tests and for trying things out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::dns::{Answer, DnsError, MailDns, MailServer};
use super::name::DnsName;

/// Answers from a table that can be changed at any time; fails on demand.
#[derive(Debug, Default)]
pub struct MemoryDns {
    zone: Mutex<Zone>,
    asked: AtomicUsize,
}

#[derive(Debug, Default)]
struct Zone {
    txt: BTreeMap<DnsName, Vec<String>>,
    mail_servers: BTreeMap<DnsName, Vec<MailServer>>,
    addresses: BTreeSet<DnsName>,
    failing: Option<DnsError>,
    silent: BTreeMap<DnsName, DnsError>,
}

impl MemoryDns {
    /// A DNS in which no name exists.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the TXT records of a name; none: it has none any more.
    pub fn set_txt(&self, name: DnsName, records: &[&str]) {
        let records: Vec<_> = records.iter().map(ToString::to_string).collect();
        let mut zone = self.zone();
        match records.is_empty() {
            true => zone.txt.remove(&name),
            false => zone.txt.insert(name, records),
        };
    }

    /// Sets the mail servers of a domain.
    pub fn set_mail_servers(&self, domain: DnsName, servers: Vec<MailServer>) {
        self.zone().mail_servers.insert(domain, servers);
    }

    /// Gives a name an address.
    pub fn add_address(&self, name: DnsName) {
        self.zone().addresses.insert(name);
    }

    /// Has every question fail so, until told otherwise.
    pub fn fail(&self, error: Option<DnsError>) {
        self.zone().failing = error;
    }

    /// Has every question about a name and what lies below it fail so, until told otherwise: its own
    /// servers do not answer.
    pub fn fail_at(&self, name: DnsName, error: Option<DnsError>) {
        let mut zone = self.zone();
        match error {
            None => zone.silent.remove(&name),
            Some(error) => zone.silent.insert(name, error),
        };
    }

    /// How many questions were asked so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn zone(&self) -> MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, name: &DnsName) -> Result<MutexGuard<'_, Zone>, DnsError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let zone = self.zone();
        let mut silent = zone.silent.iter();
        let silent = silent.find_map(|(at, error)| name.is_within(at).then_some(*error));
        zone.failing.or(silent).map_or(Ok(zone), Err)
    }
}

impl Zone {
    fn knows(&self, name: &DnsName) -> bool {
        let mut names = self.txt.keys().chain(self.mail_servers.keys());
        names.any(|known| known.is_within(name)) || self.addresses.contains(name)
    }

    fn answer<T: Clone>(&self, name: &DnsName, found: Option<&Vec<T>>) -> Answer<T> {
        match found {
            Some(records) => Answer::Records(records.clone()),
            None if self.knows(name) => Answer::Records(Vec::new()),
            None => Answer::NoSuchName,
        }
    }
}

#[async_trait]
impl MailDns for MemoryDns {
    async fn txt(&self, name: &DnsName) -> Result<Answer<String>, DnsError> {
        let zone = self.ask(name)?;
        Ok(zone.answer(name, zone.txt.get(name)))
    }

    async fn mail_servers(&self, domain: &DnsName) -> Result<Answer<MailServer>, DnsError> {
        let zone = self.ask(domain)?;
        Ok(zone.answer(domain, zone.mail_servers.get(domain)))
    }

    async fn has_address(&self, name: &DnsName) -> Result<bool, DnsError> {
        let zone = self.ask(name)?;
        Ok(zone.addresses.contains(name))
    }
}
