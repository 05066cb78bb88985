//! A permit that was given back is gone: no stop waits for it any more.

use jooper_consent::{Gate, SendPermit};

fn dispatch(_: SendPermit) {}

async fn give_back(gate: &Gate, permit: SendPermit, other: SendPermit) {
    assert_ne!(permit.id(), other.id());
    let _ = gate.release(permit).await;
    dispatch(permit);
}

fn main() {
    let _ = give_back;
}
