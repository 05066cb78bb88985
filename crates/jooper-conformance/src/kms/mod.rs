//! The suite for [`Kms`].
#![allow(
    missing_docs,
    reason = "a case is documented by its name: it is the promise"
)]

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use jooper_vault::{KeyBytes, Kms, KmsError};

/// A key store under test.
#[async_trait]
pub trait KmsSubject: Debug + Send + Sync + 'static {
    /// The key store.
    fn kms(&self) -> Arc<dyn Kms>;

    /// The same key store as another process would open it later. `None`: it does not outlive its
    /// process, so that there is nothing to prove.
    async fn reopened(&self) -> Option<Arc<dyn Kms>>;
}

/// Lists every case of the key store suite as a test of its own, in a module of this name.
///
/// The factory returns a future of a [`KmsSubject`] around a fresh key store. The suite destroys
/// keys: never give it one that protects anything.
#[macro_export]
macro_rules! kms_suite {
    ($name:ident, $factory:expr) => {
        $crate::__mail_cases! { $name, kms, $factory,
            the_installation_is_always_the_same
            a_fresh_key_store_has_an_epoch_and_that_is_the_current_one
            a_new_epoch_is_higher_and_becomes_the_current_one
            epochs_begun_at_once_are_different
            a_key_comes_out_as_it_went_in
            a_key_comes_out_for_its_own_context_only
            a_key_comes_out_under_its_own_epoch_only
            a_wrapped_key_that_was_changed_does_not_come_out
            a_wrapped_key_does_not_show_the_key
            a_destroyed_epoch_opens_nothing_and_the_others_still_do
            the_number_of_a_destroyed_epoch_never_comes_again
            the_current_epoch_cannot_be_destroyed
            an_epoch_that_never_was_is_named
            derived_keys_depend_on_label_and_data_and_on_no_epoch
            what_was_there_is_there_for_the_next_process
            nothing_printed_holds_a_key
        }
    };
}

/// Runs one case.
#[doc(hidden)]
pub fn run<S: KmsSubject, Made, Ran>(
    make: impl FnOnce() -> Made,
    case: impl FnOnce(Arc<dyn KmsSubject>) -> Ran,
) where
    Made: Future<Output = S>,
    Ran: Future<Output = ()>,
{
    crate::transport::block_on(async { case(Arc::new(make().await)).await });
}

const CONTEXT: &[u8] = b"workspace 1, generation 1";

fn key(n: u8) -> KeyBytes {
    KeyBytes::from_bytes([n; 32])
}

async fn current(kms: &Arc<dyn Kms>) -> u64 {
    kms.current_epoch().await.expect("a current epoch")
}

async fn wrapped(kms: &Arc<dyn Kms>, epoch: u64, n: u8) -> Vec<u8> {
    kms.wrap(epoch, CONTEXT, &key(n)).await.expect("it wraps")
}

async fn opens(kms: &Arc<dyn Kms>, epoch: u64, wrapped: &[u8], n: u8) -> bool {
    match kms.unwrap(epoch, CONTEXT, wrapped).await {
        Ok(found) => {
            assert_eq!(found.expose(), &[n; 32], "another key came out");
            true
        }
        Err(_) => false,
    }
}

#[doc(hidden)]
pub mod cases {
    use super::*;

    type Subject = Arc<dyn KmsSubject>;

    pub async fn the_installation_is_always_the_same(subject: Subject) {
        let kms = subject.kms();
        let installation = kms.installation();
        kms.new_epoch().await.expect("a new epoch");
        assert_eq!(kms.installation(), installation);
        if let Some(again) = subject.reopened().await {
            assert_eq!(again.installation(), installation);
        }
    }

    pub async fn a_fresh_key_store_has_an_epoch_and_that_is_the_current_one(subject: Subject) {
        let kms = subject.kms();
        let epochs = kms.epochs().await.expect("epochs");
        assert_eq!(epochs, [current(&kms).await]);
        assert!(epochs[0] >= 1, "epochs are counted from 1");
    }

    pub async fn a_new_epoch_is_higher_and_becomes_the_current_one(subject: Subject) {
        let kms = subject.kms();
        let mut all = vec![current(&kms).await];
        for _ in 0..3 {
            let new = kms.new_epoch().await.expect("a new epoch");
            assert!(all.iter().all(|old| *old < new));
            assert_eq!(current(&kms).await, new);
            all.push(new);
        }
        assert_eq!(kms.epochs().await.expect("epochs"), all, "ascending");
    }

    pub async fn epochs_begun_at_once_are_different(subject: Subject) {
        let kms = subject.kms();
        let begun = join_all((0..8).map(|_| kms.new_epoch())).await;
        let mut begun: Vec<u64> = begun.into_iter().map(|e| e.expect("an epoch")).collect();
        begun.sort_unstable();
        begun.dedup();
        assert_eq!(begun.len(), 8);
        assert_eq!(current(&kms).await, begun[7]);
        for epoch in begun {
            let sealed = wrapped(&kms, epoch, 1).await;
            assert!(opens(&kms, epoch, &sealed, 1).await);
        }
    }

    pub async fn a_key_comes_out_as_it_went_in(subject: Subject) {
        let kms = subject.kms();
        let epoch = current(&kms).await;
        for n in 0..4 {
            let sealed = wrapped(&kms, epoch, n).await;
            assert!(opens(&kms, epoch, &sealed, n).await, "and is key {n}");
        }
        let sealed = kms.wrap(epoch, b"", &key(9)).await.expect("no context");
        let found = kms.unwrap(epoch, b"", &sealed).await.expect("it opens");
        assert_eq!(found.expose(), &[9; 32]);
    }

    pub async fn a_key_comes_out_for_its_own_context_only(subject: Subject) {
        let kms = subject.kms();
        let epoch = current(&kms).await;
        let sealed = wrapped(&kms, epoch, 1).await;
        for other in [
            &b""[..],
            b"workspace 1, generation 2",
            b"workspace 1, generation 11",
        ] {
            let opened = kms.unwrap(epoch, other, &sealed).await;
            assert!(matches!(opened, Err(KmsError::NotAuthentic)));
        }
    }

    pub async fn a_key_comes_out_under_its_own_epoch_only(subject: Subject) {
        let kms = subject.kms();
        let first = current(&kms).await;
        let second = kms.new_epoch().await.expect("a new epoch");
        let sealed = wrapped(&kms, first, 1).await;
        let opened = kms.unwrap(second, CONTEXT, &sealed).await;
        assert!(matches!(opened, Err(KmsError::NotAuthentic)));
        assert!(opens(&kms, first, &sealed, 1).await);
    }

    pub async fn a_wrapped_key_that_was_changed_does_not_come_out(subject: Subject) {
        let kms = subject.kms();
        let epoch = current(&kms).await;
        let sealed = wrapped(&kms, epoch, 1).await;
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(!opens(&kms, epoch, &changed, 1).await, "byte {at}");
        }
        for short in [0, 1, sealed.len() / 2, sealed.len() - 1] {
            assert!(
                !opens(&kms, epoch, &sealed[..short], 1).await,
                "{short} bytes"
            );
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(!opens(&kms, epoch, &longer, 1).await, "a byte more");
    }

    pub async fn a_wrapped_key_does_not_show_the_key(subject: Subject) {
        let kms = subject.kms();
        let epoch = current(&kms).await;
        let (one, two) = (wrapped(&kms, epoch, 1).await, wrapped(&kms, epoch, 2).await);
        assert!(!one.windows(8).any(|window| window == [1; 8]));
        assert_ne!(one, two);
    }

    pub async fn a_destroyed_epoch_opens_nothing_and_the_others_still_do(subject: Subject) {
        let kms = subject.kms();
        let first = current(&kms).await;
        let second = kms.new_epoch().await.expect("a new epoch");
        let (old, new) = (
            wrapped(&kms, first, 1).await,
            wrapped(&kms, second, 2).await,
        );
        for _ in 0..2 {
            kms.destroy_epoch(first).await.expect("as often as asked");
            let opened = kms.unwrap(first, CONTEXT, &old).await;
            assert!(matches!(opened, Err(KmsError::UnknownEpoch { epoch }) if epoch == first));
            let closed = kms.wrap(first, CONTEXT, &key(1)).await;
            assert!(matches!(closed, Err(KmsError::UnknownEpoch { .. })));
            assert!(opens(&kms, second, &new, 2).await);
            assert_eq!(kms.epochs().await.expect("epochs"), [second]);
        }
        if let Some(again) = subject.reopened().await {
            assert!(
                !opens(&again, first, &old, 1).await,
                "nor for the next process"
            );
            assert!(opens(&again, second, &new, 2).await);
        }
    }

    pub async fn the_number_of_a_destroyed_epoch_never_comes_again(subject: Subject) {
        let kms = subject.kms();
        let mut seen = vec![current(&kms).await];
        for _ in 0..4 {
            let new = kms.new_epoch().await.expect("a new epoch");
            assert!(!seen.contains(&new));
            for old in &seen {
                kms.destroy_epoch(*old).await.expect("an old epoch");
            }
            seen.push(new);
        }
    }

    pub async fn the_current_epoch_cannot_be_destroyed(subject: Subject) {
        let kms = subject.kms();
        let epoch = current(&kms).await;
        let sealed = wrapped(&kms, epoch, 1).await;
        let refused = kms.destroy_epoch(epoch).await;
        assert!(matches!(refused, Err(KmsError::CurrentEpoch { epoch: e }) if e == epoch));
        assert!(opens(&kms, epoch, &sealed, 1).await);
    }

    pub async fn an_epoch_that_never_was_is_named(subject: Subject) {
        let kms = subject.kms();
        let future = current(&kms).await + 7;
        let closed = kms.wrap(future, CONTEXT, &key(1)).await;
        assert!(matches!(closed, Err(KmsError::UnknownEpoch { epoch }) if epoch == future));
    }

    pub async fn derived_keys_depend_on_label_and_data_and_on_no_epoch(subject: Subject) {
        let kms = subject.kms();
        let pairs = [
            ("index", "ab"),
            ("index", "a"),
            ("inde", "xab"),
            ("", "indexab"),
        ];
        let mut derived = Vec::new();
        for (label, data) in pairs {
            let found = kms.mac(label, data.as_bytes()).await.expect("a key");
            derived.push(*found.expose());
        }
        let first = current(&kms).await;
        kms.new_epoch().await.expect("a new epoch");
        kms.destroy_epoch(first).await.expect("an old epoch");
        for ((label, data), before) in pairs.iter().zip(&derived) {
            let found = kms.mac(label, data.as_bytes()).await.expect("a key");
            assert_eq!(found.expose(), before, "{label} {data}");
        }
        derived.sort_unstable();
        derived.dedup();
        assert_eq!(derived.len(), pairs.len());
    }

    pub async fn what_was_there_is_there_for_the_next_process(subject: Subject) {
        let kms = subject.kms();
        let first = current(&kms).await;
        let second = kms.new_epoch().await.expect("a new epoch");
        let (old, new) = (
            wrapped(&kms, first, 1).await,
            wrapped(&kms, second, 2).await,
        );
        let derived = *kms.mac("index", b"x").await.expect("a key").expose();
        let Some(again) = subject.reopened().await else {
            return;
        };
        assert_eq!(again.epochs().await.expect("epochs"), [first, second]);
        assert!(opens(&again, first, &old, 1).await);
        assert!(opens(&again, second, &new, 2).await);
        let found = again.mac("index", b"x").await.expect("a key");
        assert_eq!(found.expose(), &derived);
    }

    pub async fn nothing_printed_holds_a_key(subject: Subject) {
        let kms = subject.kms();
        let derived = kms.mac("index", b"x").await.expect("a key");
        let missing = kms
            .wrap(9_999, CONTEXT, &derived)
            .await
            .expect_err("no epoch");
        let printed = format!("{kms:?} {subject:?} {missing:?} {missing}");
        let bytes = derived.expose();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for shown in [hex, format!("{bytes:?}")] {
            assert!(!printed.contains(&shown), "{printed}");
        }
        assert!(
            printed.len() < 4_096,
            "a key store prints little: {printed}"
        );
    }
}
