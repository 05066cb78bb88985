//! A permit that was handed over is gone.

use jooper_consent::SendPermit;

fn dispatch(_: SendPermit) {}

fn twice(permit: SendPermit, other: SendPermit) {
    assert_ne!(permit.id(), other.id());
    dispatch(permit);
    dispatch(permit);
}

fn main() {
    let _ = twice;
}
