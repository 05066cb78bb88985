//! Tokens of mailboxes in the store, sealed under the mailbox's own key.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, Origin, from_millis, to_millis};
use jooper_storage::tables::{CREDENTIAL, Credential, CredentialRow};
use jooper_storage::{Batch, Column, Key, Storage, StorageExt, Write};
use jooper_transport::{
    CredentialError, CredentialStore, Credentials, MailboxRef, StoredCredentials,
};
use jooper_vault::{Place, Vault, VaultError};
use secrecy::{ExposeSecret, SecretString};

/// The [`CredentialStore`] over a [`Storage`] and a [`Vault`].
#[derive(Debug, Clone)]
pub struct VaultCredentials {
    storage: Arc<dyn Storage>,
    vault: Vault,
    clock: Arc<dyn Clock>,
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> CredentialError {
    CredentialError::Store(Box::new(error))
}

impl VaultCredentials {
    /// Keeps tokens in this store.
    pub fn new(storage: Arc<dyn Storage>, vault: Vault, clock: Arc<dyn Clock>) -> Self {
        Self {
            storage,
            vault,
            clock,
        }
    }

    fn place(mailbox: MailboxRef) -> Place {
        Place::new(&CREDENTIAL, "tokens", &[mailbox.mailbox.to_value()])
    }

    fn row(
        &self,
        mailbox: MailboxRef,
        vault: &jooper_vault::SubjectVault,
        credentials: &Credentials,
    ) -> Result<CredentialRow, VaultError> {
        let (access_token, access_expires_at) = match &credentials.access_token {
            Some((token, until)) => (Some(token.expose_secret().to_owned()), to_millis(*until)),
            None => (None, 0),
        };
        let content = Credential {
            refresh_token: credentials.refresh_token.expose_secret().to_owned(),
            access_token,
            access_expires_at,
            scopes: credentials.scopes.clone(),
        };
        Ok(CredentialRow {
            mailbox: mailbox.mailbox,
            updated_at: self.clock.now(),
            tokens: vault.seal(&Self::place(mailbox), Origin::System, &content)?,
        })
    }
}

fn opened(content: Credential) -> Credentials {
    let until: Timestamp = from_millis(content.access_expires_at);
    Credentials {
        refresh_token: SecretString::from(content.refresh_token),
        access_token: content
            .access_token
            .map(|token| (SecretString::from(token), until)),
        scopes: content.scopes,
    }
}

#[async_trait]
impl CredentialStore for VaultCredentials {
    async fn load(
        &self,
        mailbox: MailboxRef,
    ) -> Result<Option<StoredCredentials>, CredentialError> {
        let key = vec![mailbox.mailbox.to_value()];
        let found = self
            .storage
            .find::<CredentialRow>(mailbox.workspace, key)
            .await;
        let Some(found) = found.map_err(failed)? else {
            return Ok(None);
        };
        let vault = self
            .vault
            .workspace(mailbox.workspace)
            .await
            .map_err(failed)?;
        let subject = match vault.subject(mailbox.mailbox).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let content = subject
            .open(&Self::place(mailbox), &found.record.tokens)
            .map_err(failed)?;
        Ok(Some(StoredCredentials {
            credentials: opened(content),
            version: found.version,
        }))
    }

    async fn save(
        &self,
        mailbox: MailboxRef,
        expected: Option<u64>,
        credentials: &Credentials,
    ) -> Result<u64, CredentialError> {
        let vault = self
            .vault
            .workspace(mailbox.workspace)
            .await
            .map_err(failed)?;
        let mut batch = Batch::new(mailbox.workspace);
        let subject = match vault.subject(mailbox.mailbox).await {
            Ok(subject) => subject,
            Err(VaultError::NoKey { .. }) => {
                let (subject, key) = vault.new_subject(mailbox.mailbox).map_err(failed)?;
                batch = key.add_to(batch);
                subject
            }
            Err(error) => return Err(failed(error)),
        };
        if let Some(guard) = subject.guard() {
            batch = batch.check(guard);
        }
        let row = self.row(mailbox, &subject, credentials).map_err(failed)?;
        let batch = match expected {
            Some(version) => batch.update(&row, version),
            None => batch.insert(&row),
        };
        match self.storage.commit(batch).await {
            Ok(()) => Ok(expected.unwrap_or(0) + 1),
            Err(error) if error.is_conflict() => Err(CredentialError::Conflict),
            Err(error) => Err(failed(error)),
        }
    }

    async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError> {
        let key = Key::new(&CREDENTIAL, vec![mailbox.mailbox.to_value()]);
        let batch = Batch::new(mailbox.workspace).write(Write::Delete(key));
        self.storage.commit(batch).await.map_err(failed)?;
        Ok(())
    }
}
