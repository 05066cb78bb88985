//! The twin: the workspace is named.

use jooper_core::WorkspaceId;
use jooper_storage::tables::LeadRow;
use jooper_storage::{MemoryStore, StorageExt, Value};

async fn read(store: &MemoryStore, ws: WorkspaceId, key: Value) {
    let _ = store.find::<LeadRow>(ws, vec![key]).await;
}

fn main() {
    let _ = read;
}
