//! No row of a tenant is read without naming the tenant.

use jooper_core::WorkspaceId;
use jooper_storage::tables::LeadRow;
use jooper_storage::{MemoryStore, StorageExt, Value};

async fn read(store: &MemoryStore, ws: WorkspaceId, key: Value) {
    assert!(!ws.uuid().is_nil());
    let _ = store.find::<LeadRow>(ws, vec![key]).await;
}

fn main() {
    let _ = read;
}
