//! The twin: a plug that denies.

use jooper_consent::{PolicyContext, PolicyVerdict, SendPolicy};

#[derive(Debug)]
struct Nothing;

impl SendPolicy for Nothing {
    fn name(&self) -> &str {
        "nothing goes"
    }

    fn judge(&self, _: &PolicyContext<'_>) -> PolicyVerdict {
        PolicyVerdict::Deny { permanent: true }
    }
}

fn main() {
    let _ = Nothing;
}
