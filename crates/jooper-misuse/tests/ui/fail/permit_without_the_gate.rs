//! Nobody but the gate makes a permit.

use jooper_consent::SendPermit;
use jooper_core::PermitId;

fn kept(_: PermitId, real: SendPermit) -> SendPermit {
    real
}

fn forge(id: PermitId, real: SendPermit) -> SendPermit {
    SendPermit { id, ..real }
}

fn main() {
    let _ = forge;
}
