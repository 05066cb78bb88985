//! The suite for credential stores on the one that seals tokens in the store.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{MailboxId, ManualClock, WorkspaceId};
use jooper_sequence::VaultCredentials;
use jooper_storage::tables::{CREDENTIAL, CredentialRow};
use jooper_storage::{MemoryStore, Scan, StorageExt};
use jooper_transport::{CredentialStore, Credentials, MailboxRef};
use jooper_vault::{MemoryKms, Vault};
use uuid::Uuid;

fn sealed() -> (Arc<MemoryStore>, VaultCredentials) {
    let store = Arc::new(MemoryStore::new());
    let vault = Vault::new(store.clone(), Arc::new(MemoryKms::from_seed(7)));
    // A clock that stands still: no version comes from it.
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let credentials = VaultCredentials::new(store.clone(), vault, clock);
    (store, credentials)
}

jooper_conformance::credential_store_suite!(vault, || async { sealed() });

#[tokio::test]
async fn a_deleted_token_leaves_nothing_of_itself_in_the_store() {
    let (store, credentials) = sealed();
    let mailbox = MailboxRef {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        mailbox: MailboxId::from_uuid(Uuid::from_u128(2)),
    };
    let tokens = Credentials {
        refresh_token: "r".repeat(4_000).into(),
        access_token: None,
        scopes: Vec::new(),
    };
    credentials.save(mailbox, None, &tokens).await.unwrap();
    let kept = || async {
        let rows = store.collect::<CredentialRow>(mailbox.workspace, Scan::table(&CREDENTIAL));
        rows.await.unwrap().remove(0).record.tokens
    };
    let before = kept().await;
    credentials.delete(mailbox).await.unwrap();
    let after = kept().await;
    let bytes = |sealed: &jooper_core::Sealed<_>| sealed.envelope().len();
    assert!(bytes(&before) > 4_000, "{}", bytes(&before));
    assert!(bytes(&after) < 400, "{}", bytes(&after));
}
