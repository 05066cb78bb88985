//! There is no flag, no allow list and no force.

use jooper_consent::{Gate, SendIntent};
use jooper_core::WorkspaceId;
use jooper_storage::Batch;

async fn force(gate: &Gate, ws: WorkspaceId, intent: &SendIntent) {
    let _ = gate.acquire(ws, intent, Batch::new(ws)).await;
}

fn main() {
    let _ = force;
}
