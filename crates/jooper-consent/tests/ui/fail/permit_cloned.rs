//! One permit, one hand-over.

use jooper_consent::SendPermit;

fn twice(permit: &SendPermit) -> (SendPermit, SendPermit) {
    (permit.clone(), permit.clone())
}

fn main() {
    let _ = twice;
}
