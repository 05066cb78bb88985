//! Sets up and runs every check of the repository.
fn main() {}
