//! A permit is given back by whoever has given it up, and not by its name.

use jooper_consent::{Gate, SendPermit};
use jooper_storage::Write;

fn give_back(permit: SendPermit) -> Write {
    assert!(!permit.transport().is_empty());
    Gate::release_write(permit.id())
}

fn main() {
    let _ = give_back;
}
