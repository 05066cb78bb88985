//! Tokens of mailboxes in the store, sealed under the mailbox's own key.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use jooper_core::{Clock, Origin, from_millis, to_millis};
use jooper_storage::tables::{CREDENTIAL, Credential, CredentialRow};
use jooper_storage::{Batch, Column, Storage, StorageExt, Versioned};
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

    async fn found(
        &self,
        mailbox: MailboxRef,
    ) -> Result<Option<Versioned<CredentialRow>>, CredentialError> {
        let key = vec![mailbox.mailbox.to_value()];
        let found = self
            .storage
            .find::<CredentialRow>(mailbox.workspace, key)
            .await;
        found.map_err(failed)
    }

    /// What a row holds; `None` for what was deleted, by hand or with its key.
    async fn content(
        &self,
        mailbox: MailboxRef,
        row: &CredentialRow,
    ) -> Result<Option<Credential>, CredentialError> {
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
        let content: Credential = subject
            .open(&Self::place(mailbox), &row.tokens)
            .map_err(failed)?;
        Ok(Some(content).filter(|content| !content.refresh_token.is_empty()))
    }

    async fn write(
        &self,
        mailbox: MailboxRef,
        over: Option<u64>,
        content: &Credential,
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
        let tokens = subject
            .seal(&Self::place(mailbox), Origin::System, content)
            .map_err(failed)?;
        let row = CredentialRow {
            mailbox: mailbox.mailbox,
            updated_at: self.clock.now(),
            tokens,
        };
        let batch = match over {
            Some(version) => batch.update(&row, version),
            None => batch.insert(&row),
        };
        match self.storage.commit(batch).await {
            Ok(()) => Ok(over.unwrap_or(0) + 1),
            Err(error) if error.is_conflict() => Err(CredentialError::Conflict),
            Err(error) => Err(failed(error)),
        }
    }
}

fn sealed(credentials: &Credentials) -> Credential {
    let (access_token, access_expires_at) = match &credentials.access_token {
        Some((token, until)) => (Some(token.expose_secret().to_owned()), to_millis(*until)),
        None => (None, 0),
    };
    Credential {
        refresh_token: credentials.refresh_token.expose_secret().to_owned(),
        access_token,
        access_expires_at,
        scopes: credentials.scopes.clone(),
    }
}

/// What stands in the place of deleted tokens, so that the versions of this mailbox go on: one
/// that came again would let a process take tokens of before for those of after.
const fn nothing() -> Credential {
    Credential {
        refresh_token: String::new(),
        access_token: None,
        access_expires_at: 0,
        scopes: Vec::new(),
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
        let Some(found) = self.found(mailbox).await? else {
            return Ok(None);
        };
        let content = self.content(mailbox, &found.record).await?;
        Ok(content.map(|content| StoredCredentials {
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
        // The place that deleted tokens left is taken over the version it has come to.
        let before = self.found(mailbox).await?;
        let known = match &before {
            Some(found) => self.content(mailbox, &found.record).await?.is_some(),
            None => false,
        };
        let base = before.map(|found| found.version);
        if known != expected.is_some() || known && base != expected {
            return Err(CredentialError::Conflict);
        }
        self.write(mailbox, base, &sealed(credentials)).await
    }

    async fn delete(&self, mailbox: MailboxRef) -> Result<(), CredentialError> {
        loop {
            let Some(found) = self.found(mailbox).await? else {
                return Ok(());
            };
            // Under a key that is gone nothing is left to delete.
            if self.content(mailbox, &found.record).await?.is_none() {
                return Ok(());
            }
            match self.write(mailbox, Some(found.version), &nothing()).await {
                Err(CredentialError::Conflict) => {}
                written => return written.map(|_| ()),
            }
        }
    }
}
