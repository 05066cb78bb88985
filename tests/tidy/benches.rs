//! Benches: each file is a target with its own harness, and each target has its file.

use crate::files::Files;

/// Returns benches that are not listed, and listed ones that are not there, in every package.
pub(crate) fn violations(files: &Files) -> Vec<String> {
    files
        .ending("Cargo.toml")
        .flat_map(|(path, manifest)| {
            let folder = path.strip_suffix("Cargo.toml").unwrap_or_default();
            of_package(folder, manifest, files)
        })
        .collect()
}

fn of_package(folder: &str, manifest: &str, files: &Files) -> Vec<String> {
    let listed: Vec<&str> = manifest
        .split("[[bench]]")
        .skip(1)
        .map(|rest| rest.split("\n[").next().unwrap_or_default())
        .collect();
    let mut found = Vec::new();
    let names: Vec<&str> = listed
        .iter()
        .filter_map(|entry| value(entry, "name"))
        .collect();
    for entry in &listed {
        let name = value(entry, "name").unwrap_or("?");
        if !entry.lines().any(|line| line.trim() == "harness = false") {
            found.push(format!(
                "{folder}Cargo.toml: bench `{name}` without `harness = false`"
            ));
        }
        let places = match value(entry, "path") {
            Some(path) => vec![format!("{folder}{path}")],
            None => vec![
                format!("{folder}benches/{name}.rs"),
                format!("{folder}benches/{name}/main.rs"),
            ],
        };
        if !places.iter().any(|place| files.0.contains_key(place)) {
            found.push(format!("{folder}Cargo.toml: bench `{name}` has no file"));
        }
    }
    let inside = format!("{folder}benches/");
    for name in files
        .0
        .keys()
        .filter_map(|path| target(path.strip_prefix(&inside)?))
    {
        if !names.contains(&name) {
            found.push(format!(
                "{inside}{name}: not listed as [[bench]] in {folder}Cargo.toml"
            ));
        }
    }
    found
}

/// Returns the target that a file below `benches/` would be: `NAME.rs` or `NAME/main.rs`.
fn target(path: &str) -> Option<&str> {
    path.strip_suffix("/main.rs")
        .or_else(|| path.strip_suffix(".rs"))
        .filter(|name| !name.contains('/'))
}

fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    entry.lines().find_map(|line| {
        let rest = line.trim().strip_prefix(key)?.trim_start();
        Some(rest.strip_prefix('=')?.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str =
        "[[bench]]\nname = \"decide\"\nharness = false\n\n[lints]\nworkspace = true\n";

    #[test]
    fn listed_benches_pass() {
        let files = Files::sample(&[
            ("Cargo.toml", LISTED),
            ("benches/decide.rs", ""),
            ("benches/floors/common.rs", ""),
        ]);
        assert_eq!(violations(&files), [""; 0]);
    }

    #[test]
    fn unlisted_missing_and_wrongly_listed_benches_are_found() {
        let files = Files::sample(&[
            ("Cargo.toml", &LISTED.replace("harness = false", "")),
            ("benches/storage.rs", ""),
            ("benches/floor/main.rs", ""),
        ]);
        let found = violations(&files);
        assert_eq!(found.len(), 4, "{found:?}");
    }
}
