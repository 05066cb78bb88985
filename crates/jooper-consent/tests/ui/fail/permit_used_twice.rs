//! A permit that was handed over is gone.

use jooper_consent::SendPermit;

fn dispatch(_: SendPermit) {}

fn twice(permit: SendPermit) {
    dispatch(permit);
    dispatch(permit);
}

fn main() {
    let _ = twice;
}
