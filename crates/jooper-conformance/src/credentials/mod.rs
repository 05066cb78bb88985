//! The suite for [`CredentialStore`].
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use jooper_core::{MailboxId, WorkspaceId};
use jooper_transport::{CredentialError, CredentialStore, Credentials, MailboxRef};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// Lists every case of the credential store suite as a test of its own, in a module of this name.
///
/// The factory returns a future of a guard and a fresh, empty store that knows any mailbox.
///
/// ```
/// jooper_conformance::credential_store_suite!(memory, || async {
///     ((), jooper_transport::MemoryCredentialStore::new())
/// });
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! credential_store_suite {
    ($name:ident, $factory:expr) => {
        $crate::__mail_cases! { $name, credentials, $factory,
            what_was_never_saved_is_not_there
            what_is_saved_is_loaded_with_its_version
            a_write_over_another_version_is_a_conflict_and_changes_nothing
            one_of_many_writers_over_the_same_version_succeeds
            a_version_never_comes_again
            deleting_is_idempotent_and_leaves_nothing
            mailboxes_and_workspaces_do_not_mix
            nothing_printed_holds_a_token
        }
    };
}

/// Runs one case.
#[doc(hidden)]
pub fn run<G, S: CredentialStore, Made, Ran>(
    make: impl FnOnce() -> Made,
    case: impl FnOnce(Arc<dyn CredentialStore>) -> Ran,
) where
    Made: Future<Output = (G, S)>,
    Ran: Future<Output = ()>,
{
    crate::transport::block_on(async {
        let (guard, store) = make().await;
        case(Arc::new(store)).await;
        drop(guard);
    });
}

fn mailbox(workspace: u128, mailbox: u128) -> MailboxRef {
    MailboxRef {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(workspace)),
        mailbox: MailboxId::from_uuid(Uuid::from_u128(mailbox)),
    }
}

fn tokens(text: &str) -> Credentials {
    Credentials {
        refresh_token: format!("refresh-{text}").into(),
        access_token: Some((format!("access-{text}").into(), Timestamp::UNIX_EPOCH)),
        scopes: vec!["a".to_owned(), text.to_owned()],
    }
}

async fn refresh_token(store: &Arc<dyn CredentialStore>, mailbox: MailboxRef) -> Option<String> {
    let stored = store.load(mailbox).await.expect("a store loads");
    stored.map(|stored| stored.credentials.refresh_token.expose_secret().to_owned())
}

#[doc(hidden)]
pub mod cases {
    use super::*;

    pub async fn what_was_never_saved_is_not_there(store: Arc<dyn CredentialStore>) {
        assert!(
            store
                .load(mailbox(1, 1))
                .await
                .expect("a store loads")
                .is_none()
        );
    }

    pub async fn what_is_saved_is_loaded_with_its_version(store: Arc<dyn CredentialStore>) {
        let at = mailbox(1, 1);
        let version = store
            .save(at, None, &tokens("x"))
            .await
            .expect("the first save works");
        let stored = store
            .load(at)
            .await
            .expect("a store loads")
            .expect("it is there");
        assert_eq!(stored.version, version);
        let credentials = stored.credentials;
        assert_eq!(credentials.refresh_token.expose_secret(), "refresh-x");
        let (access, end) = credentials.access_token.expect("the access token, too");
        assert_eq!(
            (access.expose_secret(), end),
            ("access-x", Timestamp::UNIX_EPOCH)
        );
        assert_eq!(credentials.scopes, ["a", "x"]);
        let bare = Credentials {
            access_token: None,
            scopes: Vec::new(),
            ..tokens("y")
        };
        store
            .save(at, Some(version), &bare)
            .await
            .expect("over the version that was read");
        let stored = store
            .load(at)
            .await
            .expect("a store loads")
            .expect("it is there");
        assert!(stored.credentials.access_token.is_none() && stored.credentials.scopes.is_empty());
    }

    pub async fn a_write_over_another_version_is_a_conflict_and_changes_nothing(
        store: Arc<dyn CredentialStore>,
    ) {
        let at = mailbox(1, 1);
        let conflict = |saved: Result<u64, CredentialError>| {
            assert!(matches!(saved, Err(CredentialError::Conflict)), "{saved:?}");
        };
        conflict(store.save(at, Some(1), &tokens("x")).await);
        assert!(store.load(at).await.expect("a store loads").is_none());
        let first = store
            .save(at, None, &tokens("x"))
            .await
            .expect("the first save works");
        conflict(store.save(at, None, &tokens("y")).await);
        let second = store
            .save(at, Some(first), &tokens("y"))
            .await
            .expect("over what was read");
        conflict(store.save(at, Some(first), &tokens("z")).await);
        conflict(store.save(at, Some(second + 1_000), &tokens("z")).await);
        assert_eq!(
            refresh_token(&store, at).await.as_deref(),
            Some("refresh-y")
        );
    }

    pub async fn one_of_many_writers_over_the_same_version_succeeds(
        store: Arc<dyn CredentialStore>,
    ) {
        let at = mailbox(1, 1);
        let mut version = None;
        for round in 0..5 {
            let all: Vec<Credentials> = (0..8).map(|n| tokens(&format!("{round}-{n}"))).collect();
            let saved = join_all(all.iter().map(|one| store.save(at, version, one))).await;
            let won: Vec<_> = saved
                .iter()
                .enumerate()
                .filter(|(_, saved)| saved.is_ok())
                .collect();
            assert_eq!(won.len(), 1, "{saved:?}");
            let kept = refresh_token(&store, at).await;
            assert_eq!(kept, Some(format!("refresh-{round}-{}", won[0].0)));
            version = won[0].1.as_ref().ok().copied();
        }
    }

    pub async fn a_version_never_comes_again(store: Arc<dyn CredentialStore>) {
        let at = mailbox(1, 1);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let first = store.save(at, None, &tokens("x")).await.expect("connected");
            let second = store
                .save(at, Some(first), &tokens("y"))
                .await
                .expect("renewed");
            seen.extend([first, second]);
            store.delete(at).await.expect("disconnected");
            let old = store.save(at, Some(second), &tokens("z")).await;
            assert!(
                old.is_err(),
                "whoever read before the disconnection cannot undo it"
            );
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    pub async fn deleting_is_idempotent_and_leaves_nothing(store: Arc<dyn CredentialStore>) {
        let at = mailbox(1, 1);
        store.delete(at).await.expect("deleting nothing works");
        store
            .save(at, None, &tokens("x"))
            .await
            .expect("the first save works");
        store.delete(at).await.expect("deleting works");
        store.delete(at).await.expect("deleting again works");
        assert!(store.load(at).await.expect("a store loads").is_none());
    }

    pub async fn mailboxes_and_workspaces_do_not_mix(store: Arc<dyn CredentialStore>) {
        let all = [mailbox(1, 1), mailbox(1, 2), mailbox(2, 1)];
        for (n, at) in all.iter().enumerate() {
            store
                .save(*at, None, &tokens(&n.to_string()))
                .await
                .expect("each is its own");
        }
        store.delete(all[0]).await.expect("deleting works");
        assert_eq!(refresh_token(&store, all[0]).await, None);
        assert_eq!(
            refresh_token(&store, all[1]).await.as_deref(),
            Some("refresh-1")
        );
        assert_eq!(
            refresh_token(&store, all[2]).await.as_deref(),
            Some("refresh-2")
        );
    }

    pub async fn nothing_printed_holds_a_token(store: Arc<dyn CredentialStore>) {
        let at = mailbox(1, 1);
        store
            .save(at, None, &tokens("canary"))
            .await
            .expect("the first save works");
        let stored = store.load(at).await.expect("a store loads");
        let conflict = store
            .save(at, None, &tokens("canary"))
            .await
            .expect_err("a conflict");
        let printed = format!("{store:?} {stored:?} {conflict:?} {conflict}");
        assert!(!printed.contains("refresh-canary") && !printed.contains("access-canary"));
    }
}
