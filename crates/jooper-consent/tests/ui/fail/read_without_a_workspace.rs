//! No row of a tenant is read without naming the tenant.

use jooper_storage::tables::LeadRow;
use jooper_storage::{MemoryStore, StorageExt, Value};

async fn read(store: &MemoryStore, key: Value) {
    let _ = store.find::<LeadRow>(vec![key]).await;
}

fn main() {
    let _ = read;
}
