//! What the tests of the repository itself share: its root, its files, and what cargo says about it.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Returns the folder of the root manifest.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[allow(dead_code, reason = "each test target uses its part of this module")]
/// Asks cargo about the workspace. Offline and locked: these tests read, they never change or fetch.
pub(crate) fn metadata(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .args(arguments)
        .output()
        .expect("cargo runs: it runs this test");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}
