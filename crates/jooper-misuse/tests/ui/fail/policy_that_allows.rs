//! A plug can deny, and has no way to allow.

use jooper_consent::{PolicyContext, PolicyVerdict, SendPolicy};

#[derive(Debug)]
struct Plug;

impl SendPolicy for Plug {
    fn name(&self) -> &str {
        "plug"
    }

    fn judge(&self, _: &PolicyContext<'_>) -> PolicyVerdict {
        PolicyVerdict::Allow
    }
}

fn main() {
    let _ = Plug;
}
