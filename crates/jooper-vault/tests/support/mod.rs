//! What the tests of the vault share.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::future_not_send, reason = "driven on one thread")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use jooper_core::{InstallationId, LeadId, Origin, Sealed, SubjectId, WorkspaceId};
use jooper_storage::tables::LEAD;
use jooper_storage::{Batch, Column, MemoryStore, Storage};
use jooper_vault::{KeyBytes, Kms, KmsError, MemoryKms, Place, Vault, VaultError, WorkspaceVault};
use uuid::Uuid;

/// The nth workspace; apart from the nth lead.
pub(crate) fn workspace(n: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(Uuid::from_u128(n << 64))
}

pub(crate) fn lead(n: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(n))
}

pub(crate) fn profile_of(lead: LeadId) -> Place {
    Place::new(&LEAD, "profile", &[lead.to_value()])
}

pub(crate) fn vault(store: &MemoryStore, kms: &Arc<dyn Kms>) -> Vault {
    Vault::new(Arc::new(store.clone()), Arc::clone(kms))
}

/// Gives a lead a key and seals a text under it.
pub(crate) async fn add(
    store: &MemoryStore,
    ours: &WorkspaceVault,
    lead: LeadId,
    text: &str,
) -> Sealed<String> {
    let (subject, key) = ours.new_subject(lead).unwrap();
    let sealed = subject.seal(&profile_of(lead), Origin::Customer, &text.to_owned());
    let batch = key.add_to(Batch::new(ours.workspace()));
    store.commit(batch).await.unwrap();
    sealed.unwrap()
}

pub(crate) async fn read(
    vault: &Vault,
    workspace: WorkspaceId,
    lead: LeadId,
    sealed: &Sealed<String>,
) -> Result<String, VaultError> {
    let ours = vault.workspace(workspace).await?;
    ours.subject(lead).await?.open(&profile_of(lead), sealed)
}

pub(crate) fn erase(
    workspace: WorkspaceId,
    subject: impl Into<SubjectId>,
) -> jooper_storage::Erase {
    jooper_storage::Erase {
        workspace,
        subject: subject.into(),
    }
}

/// Polls a future at most so many times, then drops it, as a process that dies there.
pub(crate) fn crash_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// Polls a future at most so many times, lets something else happen, then finishes it. The flag
/// tells whether it had finished before.
pub(crate) async fn overtaken_after<F: Future>(
    polls: usize,
    future: F,
    other: impl Future<Output = ()>,
) -> (F::Output, bool) {
    let mut future = pin!(future);
    for _ in 0..polls {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            other.await;
            return (output, true);
        }
    }
    other.await;
    (future.await, false)
}

/// A key store that suspends before and after every call, so that a crash can fall there.
#[derive(Debug)]
pub(crate) struct SuspendingKms(pub(crate) MemoryKms);

struct Suspend(bool);

impl Future for Suspend {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

async fn around<T>(call: impl Future<Output = T>) -> T {
    Suspend(false).await;
    let result = call.await;
    Suspend(false).await;
    result
}

#[async_trait]
impl Kms for SuspendingKms {
    fn installation(&self) -> InstallationId {
        self.0.installation()
    }

    async fn current_epoch(&self) -> Result<u64, KmsError> {
        around(self.0.current_epoch()).await
    }

    async fn epochs(&self) -> Result<Vec<u64>, KmsError> {
        around(self.0.epochs()).await
    }

    async fn new_epoch(&self) -> Result<u64, KmsError> {
        around(self.0.new_epoch()).await
    }

    async fn destroy_epoch(&self, epoch: u64) -> Result<(), KmsError> {
        around(self.0.destroy_epoch(epoch)).await
    }

    async fn wrap(&self, epoch: u64, context: &[u8], key: &KeyBytes) -> Result<Vec<u8>, KmsError> {
        around(self.0.wrap(epoch, context, key)).await
    }

    async fn unwrap(
        &self,
        epoch: u64,
        context: &[u8],
        wrapped: &[u8],
    ) -> Result<KeyBytes, KmsError> {
        around(self.0.unwrap(epoch, context, wrapped)).await
    }

    async fn mac(&self, label: &str, data: &[u8]) -> Result<KeyBytes, KmsError> {
        around(self.0.mac(label, data)).await
    }
}
