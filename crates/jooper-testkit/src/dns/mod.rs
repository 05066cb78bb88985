//! A DNS emulator: answers over real UDP and TCP on this machine from a table that a test fills,
//! and fails on demand.
//!
//! It writes the wire format itself, so that a resolver is not tested against its own idea of it.

mod serve;
mod wire;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::JoinHandle;

/// One record of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnsRecord {
    /// A text; written in strings of 255 bytes.
    Txt(String),
    /// A mail server with its preference; `.` is the root.
    Mx(u16, String),
    /// An address.
    A(Ipv4Addr),
    /// Another name that stands for this one.
    Cname(String),
}

/// How the emulator behaves to every question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DnsFault {
    /// It answers.
    #[default]
    None,
    /// It says that it cannot tell (SERVFAIL).
    Fails,
    /// It says that it will not (REFUSED).
    Refuses,
    /// It says nothing.
    Silent,
}

#[derive(Debug, Default)]
struct State {
    zone: Vec<(String, DnsRecord)>,
    fault: DnsFault,
    asked: Vec<String>,
}

/// The emulator. Ends with its value.
#[derive(Debug)]
pub struct DnsEmulator {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    tasks: Vec<JoinHandle<()>>,
}

impl DnsEmulator {
    /// Listens on a free port of this machine, by UDP and TCP. No name exists yet.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start() -> io::Result<Self> {
        let (udp, tcp) = serve::listen().await?;
        let state = Arc::new(Mutex::new(State::default()));
        Ok(Self {
            address: udp.local_addr()?,
            tasks: vec![
                crate::google::rt::spawn(serve::datagrams(udp, state.clone())),
                crate::google::rt::spawn(serve::connections(tcp, state.clone())),
            ],
            state,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives a name these records in place of all that it has; none: it does not exist any more,
    /// unless a name below it does.
    pub fn set(&self, name: &str, records: impl IntoIterator<Item = DnsRecord>) {
        let name = name.to_ascii_lowercase();
        let mut state = lock(&self.state);
        state.zone.retain(|(known, _)| *known != name);
        let new = records.into_iter().map(|record| (name.clone(), record));
        state.zone.extend(new);
    }

    /// Behaves so from now on.
    pub fn behave(&self, fault: DnsFault) {
        lock(&self.state).fault = fault;
    }

    /// What was asked so far: `TXT example.com`, in order.
    pub fn asked(&self) -> Vec<String> {
        lock(&self.state).asked.clone()
    }
}

impl Drop for DnsEmulator {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
