//! A permit is not written down and read back.

use jooper_consent::SendPermit;

fn read(text: &str) -> SendPermit {
    serde_json::from_str(text).unwrap()
}

fn write(permit: &SendPermit) -> String {
    serde_json::to_string(permit).unwrap()
}

fn main() {
    let _ = (read, write);
}
