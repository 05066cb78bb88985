//! A plug has no way to allow.

use jooper_consent::{PolicyContext, PolicyVerdict, SendPolicy};

#[derive(Debug)]
struct Anything;

impl SendPolicy for Anything {
    fn name(&self) -> &str {
        "anything goes"
    }

    fn judge(&self, _: &PolicyContext<'_>) -> PolicyVerdict {
        PolicyVerdict::Allow
    }
}

fn main() {
    let _ = Anything;
}
