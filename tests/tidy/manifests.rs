//! Manifests: one license, the shared lints, every version only in the root.

use crate::files::Files;

/// Returns what is wrong in any manifest.
pub(crate) fn violations(files: &Files) -> Vec<String> {
    files
        .ending("Cargo.toml")
        .filter(|(path, _)| !path.contains("testdata/"))
        .flat_map(|(path, text)| {
            let found = of_manifest(path, text, files);
            found.into_iter().map(move |what| format!("{path}: {what}"))
        })
        .collect()
}

fn of_manifest(path: &str, text: &str, files: &Files) -> Vec<String> {
    let sections = sections(text);
    let has = |name: &str, line: &str| {
        let mut named = sections.iter().filter(|section| section.name == name);
        named.any(|section| section.lines.contains(&line))
    };
    let mut found = Vec::new();
    if !has("package", "license.workspace = true") {
        found.push("no `license.workspace = true`".to_owned());
    }
    if !has("lints", "workspace = true") {
        found.push("no `[lints] workspace = true`".to_owned());
    }
    let folder = path.strip_suffix("Cargo.toml").unwrap_or_default();
    let is_library = files.0.contains_key(&format!("{folder}src/lib.rs"));
    if is_library && !has("lib", "bench = false") {
        // Without it `cargo bench -- --save-baseline x` stops at the library's own test harness.
        found.push("no `[lib] bench = false`".to_owned());
    }
    if path.starts_with("crates/") && !has("package", "publish = false") {
        let described = sections.iter().filter(|section| section.name == "package");
        let mut lines = described.flat_map(|section| &section.lines);
        if !lines.any(|line| line.starts_with("description = \"") && line.len() > 30) {
            found.push("a published crate needs a `description`".to_owned());
        }
    }
    for section in sections
        .iter()
        .filter(|section| is_dependencies(section.name))
    {
        found.extend(section.versions());
    }
    found
}

#[derive(Debug)]
struct Section<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

impl Section<'_> {
    /// Returns dependencies that do not take their version from the root.
    fn versions(&self) -> Vec<String> {
        // `[dependencies.name]` spreads one dependency over lines.
        if self.name.contains("dependencies.") {
            let inherits = self.lines.contains(&"workspace = true");
            let wrong = format!("[{}] names a version", self.name);
            return if inherits { Vec::new() } else { vec![wrong] };
        }
        let path_only = |line: &str| {
            self.name == "dev-dependencies" && line.contains("path = ") && !line.contains("version")
        };
        let own = self.lines.iter().filter(|line| line.contains('='));
        own.filter(|line| !line.contains("workspace = true") && !path_only(line))
            .map(|line| format!("a version of its own: {line}"))
            .collect()
    }
}

fn is_dependencies(section: &str) -> bool {
    !section.starts_with("workspace.")
        && section
            .split('.')
            .any(|part| part.ends_with("dependencies"))
}

/// Splits a manifest at its headers; comments and blank lines are dropped, and a value that spreads over
/// lines is joined.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = header(line).filter(|_| !open) {
            sections.push(Section {
                name,
                lines: Vec::new(),
            });
        } else if let Some(section) = sections.last_mut() {
            if !open {
                section.lines.push(line);
            }
            open = (open || line.ends_with('[')) && !line.starts_with(']');
        }
    }
    sections
}

fn header(line: &str) -> Option<&str> {
    let name = line.strip_prefix('[')?.strip_suffix(']')?;
    Some(name.trim_matches(['[', ']']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
[package]
name = \"jooper-x\"
license.workspace = true
description = \"Does one thing, and says which in a sentence.\"
[lib]
bench = false
[dependencies]
serde.workspace = true
tokio = { workspace = true, features = [
  \"sync\",
] }
[dev-dependencies]
jooper-testkit = { path = \"../jooper-testkit\" }
[lints]
workspace = true
";

    fn found_in(text: &str) -> Vec<String> {
        violations(&Files::sample(&[
            ("crates/jooper-x/Cargo.toml", text),
            ("crates/jooper-x/src/lib.rs", ""),
        ]))
    }

    #[test]
    fn a_good_manifest_passes() {
        assert_eq!(found_in(GOOD), [""; 0]);
    }

    #[test]
    fn each_missing_line_is_found() {
        for line in [
            "license.workspace = true",
            "bench = false",
            "[lints]\nworkspace = true",
        ] {
            let found = found_in(&GOOD.replacen(line, "", 1));
            assert_eq!(found.len(), 1, "without {line:?}: {found:?}");
        }
        assert_eq!(found_in(&GOOD.replace("[lints]", "[lint]")).len(), 1);
        assert_eq!(
            found_in(&GOOD.replace("Does one thing, and says which in a sentence.", "tbd")).len(),
            1
        );
    }

    #[test]
    fn a_version_of_its_own_is_found() {
        for (from, to) in [
            ("serde.workspace = true", "serde = \"1\""),
            (
                "serde.workspace = true",
                "jooper-testkit = { path = \"../jooper-testkit\" }",
            ),
            ("[lints]", "[dependencies.csv]\nversion = \"1\"\n[lints]"),
            (
                "[lints]",
                "[target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[lints]",
            ),
            (
                "path = \"../jooper-testkit\"",
                "path = \"../jooper-testkit\", version = \"0.1\"",
            ),
        ] {
            let found = found_in(&GOOD.replace(from, to));
            assert_eq!(found.len(), 1, "{to}: {found:?}");
        }
    }
}
