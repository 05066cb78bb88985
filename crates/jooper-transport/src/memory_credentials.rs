//! A credential store that forgets with the process: for tests and demonstrations.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use crate::credentials::{CredentialError, CredentialStore, Credentials, StoredCredentials};
use crate::transport::MailboxRef;

/// Keeps tokens in memory, unsealed. Never for production: a credential store seals.
#[derive(Debug, Default)]
pub struct MemoryCredentialStore {
    /// As in a table of rows, versions begin anew once a mailbox was disconnected.
    stored: Mutex<BTreeMap<MailboxRef, StoredCredentials>>,
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
        Ok(kept.get(&mailbox).cloned())
    }

    async fn save(
        &self,
        mailbox: MailboxRef,
        expected: Option<u64>,
        credentials: &Credentials,
    ) -> Result<u64, CredentialError> {
        let mut kept = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(&mailbox).map(|stored| stored.version) != expected {
            return Err(CredentialError::Conflict);
        }
        let version = expected.unwrap_or(0) + 1;
        let credentials = credentials.clone();
        kept.insert(
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
        kept.remove(&mailbox);
        Ok(())
    }
}
