//! The files of the repository, read once.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support;

/// Folders that hold no source: what cargo builds, what git keeps, what the demo writes.
const SKIPPED: &[&str] = &["target", ".git", "demo-data", "node_modules"];

/// Every text file of the repository by its path from the root, with `/`.
#[derive(Debug, Default)]
pub(crate) struct Files(pub(crate) BTreeMap<String, String>);

impl Files {
    /// Reads the repository.
    pub(crate) fn read() -> Self {
        let mut files = Self::default();
        files.walk(support::root(), "");
        assert!(files.0.len() > 20, "the repository was not found");
        files
    }

    fn walk(&mut self, folder: &Path, prefix: &str) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    self.walk(&entry.path(), &format!("{path}/"));
                }
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                self.0.insert(path, text);
            }
        }
    }

    /// Returns a file's text; empty when there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.0.get(path).map_or("", String::as_str)
    }

    /// Returns the files whose name ends so.
    pub(crate) fn ending<'a>(
        &'a self,
        end: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        let all = self.0.iter().filter(move |(path, _)| path.ends_with(end));
        all.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Builds a repository for the tests of the checks.
    #[cfg(test)]
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        let pairs = files
            .iter()
            .map(|(path, text)| ((*path).into(), (*text).into()));
        Self(pairs.collect())
    }
}

/// Finds paths of a developer's machine: they work for one person, and tell about her.
pub(crate) fn machine_paths(files: &Files) -> Vec<String> {
    // Put together here, so that this file does not contain what it looks for.
    let folders = ["home", "work", "root", "Users", "farm"].map(|name| format!("/{name}/"));
    let mut found = Vec::new();
    for (path, text) in &files.0 {
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(bad) = folders.iter().find(|folder| starts_a_path(line, folder)) {
                found.push(format!("{path}:{number}: a path under {bad}"));
            }
        }
    }
    found
}

/// Whether `folder` occurs where a path begins, and not inside a longer path or a URL.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"/._-~}".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_machine_is_found_and_part_of_a_url_is_not() {
        let bad = format!("see `/{}/me/notes`", "home");
        let good = format!(
            "https://example.com/{}/page and crates/{}/x",
            "home", "work"
        );
        let files = Files::sample(&[("a.md", &bad), ("b.md", &good)]);
        let found = machine_paths(&files);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a.md:1"));
    }
}
