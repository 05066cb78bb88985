//! A permit is not read back.

use jooper_consent::SendPermit;
use jooper_core::PermitId;

fn read(text: &str, known: (&SendPermit, PermitId)) -> bool {
    assert_eq!(known.0.id(), known.1);
    let read: Option<PermitId> = serde_json::from_str(text).ok();
    read.is_some()
}

fn main() {
    let _ = read;
}
