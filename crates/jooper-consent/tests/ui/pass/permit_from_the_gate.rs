//! The twin: a permit comes out of the gate, and is used by value.

use jooper_consent::{Acquired, Gate, SendIntent, SendPermit};
use jooper_core::WorkspaceId;
use jooper_storage::Batch;

fn dispatch(permit: SendPermit) {
    let _ = permit.recipient();
}

async fn send(gate: &Gate, ws: WorkspaceId, intent: &SendIntent) {
    if let Ok(Acquired::Permit(permit, _)) = gate.acquire(ws, intent, Batch::new(ws)).await {
        dispatch(permit);
    }
}

fn main() {
    let _ = send;
}
