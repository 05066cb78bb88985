//! Runs one case on a fresh runtime and a fresh subject.

use std::future::Future;
use std::sync::Arc;

use jooper_storage::{Storage, Witness};

fn runtime() -> tokio::runtime::Runtime {
    // Several threads: what runs at once in production must run at once here.
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Runs a case of the storage suite.
///
/// # Panics
/// When the store is not empty, or the case fails.
pub fn storage<G, S, Made, Ran>(
    make: impl FnOnce() -> Made,
    case: impl FnOnce(Arc<dyn Storage>) -> Ran,
) where
    S: Storage,
    Made: Future<Output = (G, S)>,
    Ran: Future<Output = ()>,
{
    runtime().block_on(async {
        let (guard, store) = make().await;
        let store: Arc<dyn Storage> = Arc::new(store);
        crate::storage::refuse_data(&store).await;
        case(store).await;
        drop(guard);
    });
}

/// Runs a case of the witness suite.
///
/// # Panics
/// When the witness is not empty, or the case fails.
pub fn witness<G, W, Made, Ran>(
    make: impl FnOnce() -> Made,
    case: impl FnOnce(Arc<dyn Witness>) -> Ran,
) where
    W: Witness,
    Made: Future<Output = (G, W)>,
    Ran: Future<Output = ()>,
{
    runtime().block_on(async {
        let (guard, witness) = make().await;
        let witness: Arc<dyn Witness> = Arc::new(witness);
        let found = witness.position().await.expect("a fresh witness answers");
        assert_eq!(
            found, 0,
            "this suite is destructive: give it an empty witness"
        );
        case(witness).await;
        drop(guard);
    });
}
