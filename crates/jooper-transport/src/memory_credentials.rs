//! A credential store that forgets with the process: for tests and demonstrations.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::credentials::{CredentialError, CredentialStore, Credentials, StoredCredentials};
use crate::transport::MailboxRef;

/// Keeps tokens in memory, unsealed. Never for production: a credential store seals.
#[derive(Debug, Default)]
pub struct MemoryCredentialStore {
    stored: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    all: BTreeMap<MailboxRef, StoredCredentials>,
    /// Versions never come again, also after a mailbox was disconnected and connected anew.
    saved: u64,
}

impl MemoryCredentialStore {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl CredentialStore for MemoryCredentialStore {
    async fn load(
        &self,
        mailbox: MailboxRef,
    ) -> Result<Option<StoredCredentials>, CredentialError> {
        let kept = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.all.get(&mailbox).cloned())
    }

    async fn save(
        &self,
        mailbox: MailboxRef,
        expected: Option<u64>,
        credentials: &Credentials,
    ) -> Result<u64, CredentialError> {
        let mut kept = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.all.get(&mailbox).map(|stored| stored.version) != expected {
            return Err(CredentialError::Conflict);
        }
        kept.saved += 1;
        let version = kept.saved;
        let credentials = credentials.clone();
        kept.all.insert(
            mailbox,
            StoredCredentials {
                credentials,
                version,
            },
        );
        Ok(version)
    }

    async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError> {
        let mut kept = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        kept.all.remove(&mailbox);
        Ok(())
    }
}
