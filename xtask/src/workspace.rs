//! What cargo knows about this workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::Failure;
use crate::run;

/// The workspace this tool belongs to.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder with the root manifest.
    pub(crate) root: PathBuf,
    /// Where cargo builds; our tools and reports go there too, so that nothing else is written.
    pub(crate) target: PathBuf,
    metadata: Value,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When a manifest does not parse; with cargo's own words.
    pub(crate) fn read() -> Result<Self, Failure> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest);
        let mut command: Command = run::cargo(root);
        command.args(["metadata", "--format-version", "1", "--no-deps"]);
        Self::parse(&run::output(&mut command)?)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let metadata: Value = serde_json::from_str(text)
            .map_err(|e| Failure(format!("reading `cargo metadata`: {e}")))?;
        let path = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .ok_or_else(|| Failure(format!("`cargo metadata` gives no {key}")))
        };
        Ok(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            metadata,
        })
    }

    /// Returns the features of a member, sorted, or `None` when there is no such member.
    pub(crate) fn features(&self, package: &str) -> Option<Vec<String>> {
        let members = self.metadata["packages"].as_array()?;
        let found = members.iter().find(|member| member["name"] == package)?;
        let features = found["features"].as_object()?;
        let mut names: Vec<String> = features.keys().cloned().collect();
        names.sort();
        Some(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_read_by_member() {
        let text = r#"{"workspace_root":"r","target_directory":"t","packages":[
            {"name":"jooper","features":{"sqlite":["dep:x"],"default":[]}},
            {"name":"other","features":{}}]}"#;
        let workspace = Workspace::parse(text).unwrap();
        assert_eq!(workspace.features("jooper").unwrap(), ["default", "sqlite"]);
        assert_eq!(workspace.features("absent"), None);
        assert!(Workspace::parse("{}").is_err());
    }
}
