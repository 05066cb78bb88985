//! Dependencies of others that only certain crates may name or reach.

use crate::graph::Graph;

/// A package (or a family, where it ends in `-`) and the crates that may name it. The root package may name
/// the drivers and the mail parser too: its benches measure our code against them.
const CONFINED: &[(&str, &[&str])] = &[
    ("mail-", &["jooper-message", "jooper-workspace"]),
    ("oauth2", &["jooper-gmail"]),
    ("hickory-", &["jooper-dns"]),
    ("rusqlite", &["jooper-storage-sqlite", "jooper-workspace"]),
    (
        "tokio-postgres",
        // Tests of the gate, of workers and of the server drop the schemas that they made.
        &[
            "jooper-storage-postgres",
            "jooper-conformance",
            "jooper-sequence",
            "jooper-workspace",
            "reference-server",
        ],
    ),
    (
        "axum",
        // The Google simulator listens with it; only tests and the demo use that crate.
        &[
            "reference-server",
            "jooper-reference-server",
            "jooper-testkit",
            "jooper-workspace",
        ],
    ),
    ("anyhow", &[]),
];

/// What must not be built into a pure crate, however far down.
const ABSENT: &[&str] = &[
    "tokio",
    "reqwest",
    "hyper",
    "axum",
    "rusqlite",
    "tokio-postgres",
    "mio",
    "rand",
];

/// The crates that decide and never act.
const PURE: &[&str] = &["jooper-core"];

/// Returns each confined package that a crate names although it may not, in any kind of dependency.
pub(crate) fn named_elsewhere(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for member in &graph.members {
        for need in &member.dependencies {
            let rule = CONFINED.iter().find(|(name, _)| is(&need.name, name));
            if rule.is_some_and(|(_, allowed)| !allowed.contains(&member.name.as_str())) {
                found.push(format!("{} names {}", member.name, need.name));
            }
        }
    }
    found
}

fn is(package: &str, rule: &str) -> bool {
    package == rule || (rule.ends_with('-') && package.starts_with(rule))
}

/// Returns what a pure crate reaches, and which published library reaches a web framework.
pub(crate) fn reached_from_pure(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for member in &graph.members {
        let reach = graph.reach(&member.name);
        if PURE.contains(&member.name.as_str()) {
            let bad = ABSENT.iter().filter(|name| reach.contains(**name));
            found.extend(bad.map(|bad| format!("{} reaches {bad}", member.name)));
        }
        if member.published && reach.contains("axum") {
            found.push(format!("{} reaches axum", member.name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, member};

    #[test]
    fn a_second_reader_of_mail_is_found() {
        let found = named_elsewhere(&graph(vec![
            member("jooper-message", &["mail-parser"]),
            member("jooper-gmail", &["mail-builder", "oauth2"]),
        ]));
        assert_eq!(found, ["jooper-gmail names mail-builder"]);
    }

    #[test]
    fn a_runtime_behind_another_crate_is_found() {
        let found = reached_from_pure(&graph(vec![
            member("jooper-core", &["helper"]),
            member("helper", &["tokio"]),
        ]));
        assert_eq!(found, ["jooper-core reaches tokio"]);
    }

    #[test]
    fn a_published_library_on_a_web_framework_is_found() {
        let mut server = member("reference-server", &["axum"]);
        server.published = false;
        let found = reached_from_pure(&graph(vec![member("jooper-tracking", &["axum"]), server]));
        assert_eq!(found, ["jooper-tracking reaches axum"]);
    }
}
