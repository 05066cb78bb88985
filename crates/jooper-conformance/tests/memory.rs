//! The suites on the stores in memory: as a value, boxed, shared and wrapped.

mod patient;

use std::sync::Arc;

use jooper_core::{SystemClock, SystemLeaseClock};
use jooper_storage::{
    ChaosStore, Faults, ForkSettings, ForkStore, MemoryStore, MemoryWitness, ObservedCall,
    ObservedStore, Storage, StoreObserver,
};

jooper_conformance::storage_suite!(value, || async { ((), MemoryStore::new()) });

jooper_conformance::storage_suite!(boxed, || async {
    let store: Box<dyn Storage> = Box::new(MemoryStore::new());
    ((), store)
});

jooper_conformance::storage_suite!(shared, || async {
    let store: Arc<dyn Storage> = Arc::new(MemoryStore::new());
    ((), store)
});

// A fork of an empty store keeps every promise of a store.
jooper_conformance::storage_suite!(fork, || async {
    let base = Arc::new(MemoryStore::new());
    let settings = ForkSettings::default();
    ((), ForkStore::new(base, Arc::new(SystemClock), settings))
});

jooper_conformance::witness_suite!(witness, || async { ((), MemoryWitness::new()) });

#[derive(Debug)]
struct Nobody;

impl StoreObserver for Nobody {
    fn ended(&self, _: ObservedCall) {}
}

jooper_conformance::storage_suite!(observed, || async {
    let clock = Arc::new(SystemLeaseClock::new());
    let store = ObservedStore::new(MemoryStore::new(), clock, Arc::new(Nobody));
    ((), store)
});

jooper_conformance::storage_suite!(chaos_without_faults, || async {
    ((), ChaosStore::new(MemoryStore::new(), 1, Faults::NONE))
});

// With faults on: every promise holds for a caller who heeds what the errors say.
jooper_conformance::storage_suite!(chaos_with_faults, || async {
    ((), patient::Patient::new(7))
});
