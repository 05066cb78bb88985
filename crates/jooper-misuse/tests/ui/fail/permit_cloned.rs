//! One permit, one hand-over.

use jooper_consent::SendPermit;

fn copied<T: Clone>(one: &T) -> [T; 2] {
    [one.clone(), one.clone()]
}

fn twice(permit: &SendPermit) {
    let _ = copied(permit);
}

fn main() {
    let _ = twice;
}
