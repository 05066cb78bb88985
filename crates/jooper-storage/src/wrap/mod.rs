//! Stores around stores.

mod chaos;
mod observed;

pub use chaos::{ChaosStore, Faults};
pub use observed::{ObservedCall, ObservedStore, Outcome, StoreMethod, StoreObserver};
