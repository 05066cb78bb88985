//! The suites on the stores in memory: as a value, boxed and shared.

use std::sync::Arc;

use jooper_storage::{MemoryStore, MemoryWitness, Storage};

jooper_conformance::storage_suite!(value, || async { ((), MemoryStore::new()) });

jooper_conformance::storage_suite!(boxed, || async {
    let store: Box<dyn Storage> = Box::new(MemoryStore::new());
    ((), store)
});

jooper_conformance::storage_suite!(shared, || async {
    let store: Arc<dyn Storage> = Arc::new(MemoryStore::new());
    ((), store)
});

jooper_conformance::witness_suite!(witness, || async { ((), MemoryWitness::new()) });
