//! A permit is not written down.

use jooper_consent::SendPermit;

fn written(permit: &SendPermit) -> String {
    serde_json::to_string(permit).unwrap()
}

fn main() {
    let _ = written;
}
