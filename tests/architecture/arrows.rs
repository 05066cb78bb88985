//! The arrows between our own crates, as data.

use crate::graph::{Dependency, Graph, Member};

/// Who may need whom: a crate, and every crate of ours that its normal and build dependencies may name.
/// docs/architecture.md explains the table; a new arrow needs a note in docs/decisions.
pub(crate) const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("message", &["core"]),
    ("storage", &["core"]),
    ("vault", &["core", "storage"]),
    ("consent", &["core", "storage"]),
    ("transport", &["core", "consent"]),
    ("gmail", &["core", "message", "transport"]),
    ("dns", &["consent"]),
    (
        "sequence",
        &[
            "core",
            "storage",
            "vault",
            "message",
            "consent",
            "transport",
        ],
    ),
    (
        "tracking",
        &["core", "storage", "vault", "message", "consent"],
    ),
    ("analytics", &["core", "storage"]),
    ("leads", &["core", "storage", "vault", "consent"]),
    ("rights", &["core", "storage", "vault", "consent"]),
    ("storage-sqlite", &["core", "storage"]),
    ("storage-postgres", &["core", "storage"]),
    (
        "testkit",
        &["core", "storage", "vault", "consent", "transport"],
    ),
    (
        "conformance",
        &[
            "core",
            "storage",
            "vault",
            "message",
            "consent",
            "transport",
            "rights",
        ],
    ),
    (
        "misuse",
        &["core", "storage", "vault", "consent", "transport", "gmail"],
    ),
    ("sim", ALL_BUT_DATABASES),
    ("facade", PUBLISHED),
    ("reference-server", &["facade", "testkit"]),
    ("xtask", &[]),
];

/// What is published beside the facade.
const PUBLISHED: &[&str] = &[
    "core",
    "message",
    "storage",
    "vault",
    "consent",
    "transport",
    "gmail",
    "dns",
    "sequence",
    "tracking",
    "analytics",
    "leads",
    "rights",
    "storage-sqlite",
    "storage-postgres",
];

/// What the simulator may use: it runs on memory, so that a seed tells the whole run.
const ALL_BUT_DATABASES: &[&str] = &[
    "core",
    "message",
    "storage",
    "vault",
    "consent",
    "transport",
    "gmail",
    "sequence",
    "tracking",
    "analytics",
    "leads",
    "rights",
    "testkit",
    "conformance",
];

/// Helpers that any crate may use for its tests.
const FOR_TESTS: &[&str] = &["testkit", "conformance"];

/// Further arrows of tests alone: the suites run on a real store, and two stores play the same
/// histories (docs/decisions/0004-tests-run-on-the-embedded-store.md).
const IN_TESTS: &[(&str, &str)] = &[
    ("conformance", "storage-sqlite"),
    ("conformance", "storage-postgres"),
    ("consent", "transport"),
    ("storage-postgres", "storage-sqlite"),
    ("sequence", "storage-postgres"),
    ("sequence", "storage-sqlite"),
];

/// The root package: it holds the top-level tests, benches and examples and is part of nothing.
const ROOT: &str = "workspace";

/// Implementations that an embedder chooses: the facade names them behind features.
const CHOSEN: &[&str] = &["gmail", "dns", "storage-sqlite", "storage-postgres"];

/// Returns the short name of a crate of ours; `None` for those of others.
fn ours(package: &str) -> Option<&str> {
    match package {
        "jooper" => Some("facade"),
        "xtask" => Some("xtask"),
        "reference-server" | "jooper-reference-server" => Some("reference-server"),
        _ => package.strip_prefix("jooper-"),
    }
}

/// Returns every dependency that is not an arrow.
pub(crate) fn violations(graph: &Graph) -> Vec<String> {
    graph
        .members
        .iter()
        .flat_map(|one| of_member(one, graph))
        .collect()
}

fn of_member(member: &Member, graph: &Graph) -> Vec<String> {
    let Some(name) = ours(&member.name) else {
        return vec![format!("{}: a member must be called jooper-*", member.name)];
    };
    let to_ours = member
        .dependencies
        .iter()
        .filter_map(|need| Some((need, ours(&need.name)?)));
    if name == ROOT {
        let normal = to_ours.filter(|(need, _)| !need.dev);
        return normal
            .map(|(_, target)| format!("the root package needs {target} outside its tests"))
            .collect();
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(from, _)| *from == name) else {
        return vec![format!("{name} has no row in ARROWS")];
    };
    to_ours
        .filter_map(|(need, target)| wrong(member, need, target, allowed, graph))
        .map(|why| format!("{name} -> {why}"))
        .collect()
}

fn wrong(
    member: &Member,
    need: &Dependency,
    target: &str,
    allowed: &[&str],
    graph: &Graph,
) -> Option<String> {
    let for_tests = need.dev && FOR_TESTS.contains(&target);
    let short = member.name.trim_start_matches("jooper-");
    let in_tests = need.dev && IN_TESTS.contains(&(short, target));
    if !for_tests && !in_tests && !allowed.contains(&target) {
        let kind = if need.dev { " (in tests)" } else { "" };
        return Some(format!("{target}{kind}"));
    }
    // With a version the cycle between a crate and its own test kit could not be published.
    if for_tests && member.published && need.version != "*" {
        return Some(format!(
            "{target}: name it by path alone, not {}",
            need.version
        ));
    }
    let unpublished = graph
        .members
        .iter()
        .any(|one| one.name == need.name && !one.published);
    if member.published && !need.dev && unpublished {
        return Some(format!(
            "{target}: published code cannot need what is not published"
        ));
    }
    None
}

/// Returns what the facade turns on without being asked.
pub(crate) fn facade_violations(graph: &Graph) -> Vec<String> {
    let Some(facade) = graph.members.iter().find(|one| one.name == "jooper") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if !facade.default_features.is_empty() {
        found.push(format!(
            "default features: {}",
            facade.default_features.join(", ")
        ));
    }
    for need in facade
        .dependencies
        .iter()
        .filter(|need| !need.dev && !need.optional)
    {
        if ours(&need.name).is_some_and(|target| CHOSEN.contains(&target)) {
            found.push(format!("{} is not optional", need.name));
        }
    }
    found
}

/// Crates whose row on the page is a sentence, because the list would be nearly everything.
const IN_WORDS: &[&str] = &["sim", "facade"];

/// Returns the rows of the table that the page lacks, written there as `storage → core`.
pub(crate) fn missing_from_page(page: &str) -> Vec<String> {
    let lines: Vec<&str> = page.lines().map(str::trim).collect();
    let rows = ARROWS.iter().map(
        |(from, to)| match (to.is_empty(), IN_WORDS.contains(from)) {
            (_, true) => format!("{from} → all "),
            (true, false) => format!("{from} → nothing of ours"),
            (false, false) => format!("{from} → {}", to.join(", ")),
        },
    );
    rows.filter(|row| {
        let in_words = row.ends_with(' ');
        !lines
            .iter()
            .any(|line| line == row || (in_words && line.starts_with(row.as_str())))
    })
    .map(|row| format!("lacks the line `{row}`"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, member, normal};

    #[test]
    fn an_arrow_against_the_table_is_found() {
        let found = violations(&graph(vec![member(
            "jooper-core",
            &["jooper-storage", "serde"],
        )]));
        assert_eq!(found, ["core -> storage"]);
    }

    #[test]
    fn an_unknown_crate_is_found() {
        let found = violations(&graph(vec![
            member("jooper-extra", &[]),
            member("helper", &[]),
        ]));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn tests_may_use_the_kits_but_only_by_path() {
        let dev = |name: &str, version: &str| Dependency {
            dev: true,
            version: version.into(),
            ..normal(name)
        };
        let mut crate_with_kit = member("jooper-storage", &["jooper-core"]);
        crate_with_kit
            .dependencies
            .push(dev("jooper-conformance", "*"));
        assert!(violations(&graph(vec![crate_with_kit.clone()])).is_empty());

        crate_with_kit
            .dependencies
            .push(dev("jooper-testkit", "^0.1"));
        crate_with_kit.dependencies.push(dev("jooper-gmail", "*"));
        let found = violations(&graph(vec![crate_with_kit]));
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn published_code_cannot_need_a_kit() {
        let mut kit = member("jooper-conformance", &["jooper-core"]);
        kit.published = false;
        let found = violations(&graph(vec![
            member("jooper-storage", &["jooper-conformance"]),
            kit,
        ]));
        assert_eq!(found, ["storage -> conformance"]);
    }

    #[test]
    fn a_facade_that_chooses_for_the_embedder_is_found() {
        let mut facade = member("jooper", &["jooper-core", "jooper-gmail"]);
        facade.default_features = vec!["gmail".into()];
        assert_eq!(facade_violations(&graph(vec![facade.clone()])).len(), 2);

        facade.default_features.clear();
        facade.dependencies[1].optional = true;
        assert!(facade_violations(&graph(vec![facade])).is_empty());
    }

    #[test]
    fn a_page_without_a_row_is_found() {
        assert!(missing_from_page("").contains(&"lacks the line `storage → core`".to_owned()));
        let page = ["core → nothing of ours", "storage → core"].join("\n");
        assert!(!missing_from_page(&page).contains(&"lacks the line `storage → core`".to_owned()));
    }
}
