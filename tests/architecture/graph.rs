//! The dependency graph as cargo resolves it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// A member of the workspace, as its manifest declares it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Whether `publish = false` is absent.
    pub(crate) published: bool,
    /// What its manifest names.
    pub(crate) dependencies: Vec<Dependency>,
    /// The features that are on by default.
    pub(crate) default_features: Vec<String>,
}

/// A line of a manifest.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dependency {
    /// The package it names.
    pub(crate) name: String,
    /// Whether it is there for tests, benches and examples only.
    pub(crate) dev: bool,
    /// Whether a feature turns it on.
    pub(crate) optional: bool,
    /// The version it asks for; `*` when it is named by path alone.
    pub(crate) version: String,
}

/// Members, and what each package reaches through normal and build dependencies.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// The members of the workspace.
    pub(crate) members: Vec<Member>,
    /// Package id to name.
    names: BTreeMap<String, String>,
    /// Package id to the ids it needs to be built.
    edges: BTreeMap<String, Vec<String>>,
}

impl Graph {
    /// Reads the output of `cargo metadata`.
    pub(crate) fn parse(metadata: &Value) -> Self {
        let members: BTreeSet<&str> = list(&metadata["workspace_members"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut graph = Self::default();
        for package in list(&metadata["packages"]) {
            let id = text(&package["id"]);
            if members.contains(id.as_str()) {
                graph.members.push(member(package));
            }
            graph.names.insert(id, text(&package["name"]));
        }
        for node in list(&metadata["resolve"]["nodes"]) {
            let needed = list(&node["deps"])
                .iter()
                .filter(|edge| needed_to_build(edge));
            let needed = needed.map(|edge| text(&edge["pkg"])).collect();
            graph.edges.insert(text(&node["id"]), needed);
        }
        graph
    }

    /// Returns the names of all packages that are built into the member `name`.
    pub(crate) fn reach(&self, name: &str) -> BTreeSet<String> {
        let start = self.names.iter().find(|(_, named)| *named == name);
        let mut open: Vec<&String> = start.map(|(id, _)| id).into_iter().collect();
        let mut seen: BTreeSet<&String> = BTreeSet::new();
        while let Some(id) = open.pop() {
            for next in self.edges.get(id).into_iter().flatten() {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        seen.iter()
            .filter_map(|id| self.names.get(*id).cloned())
            .collect()
    }
}

fn member(package: &Value) -> Member {
    Member {
        name: text(&package["name"]),
        published: package["publish"].is_null(),
        dependencies: list(&package["dependencies"])
            .iter()
            .map(dependency)
            .collect(),
        default_features: list(&package["features"]["default"])
            .iter()
            .map(text)
            .collect(),
    }
}

fn dependency(value: &Value) -> Dependency {
    Dependency {
        name: text(&value["name"]),
        dev: value["kind"] == "dev",
        optional: value["optional"] == true,
        version: text(&value["req"]),
    }
}

fn needed_to_build(edge: &Value) -> bool {
    list(&edge["dep_kinds"])
        .iter()
        .any(|kind| kind["kind"] != "dev")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Builds small graphs for the tests of the checks.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A graph of members only, each with its dependencies.
    pub(crate) fn graph(members: Vec<Member>) -> Graph {
        let mut graph = Graph::default();
        for member in &members {
            let normal = member.dependencies.iter().filter(|one| !one.dev);
            let needed: Vec<String> = normal.map(|one| one.name.clone()).collect();
            for name in needed.iter().chain([&member.name]) {
                graph.names.insert(name.clone(), name.clone());
            }
            graph.edges.insert(member.name.clone(), needed);
        }
        graph.members = members;
        graph
    }

    /// A published member with normal dependencies that carry a version.
    pub(crate) fn member(name: &str, needs: &[&str]) -> Member {
        Member {
            name: name.into(),
            published: true,
            dependencies: needs.iter().map(|need| normal(need)).collect(),
            default_features: Vec::new(),
        }
    }

    /// A normal dependency with a version.
    pub(crate) fn normal(name: &str) -> Dependency {
        Dependency {
            name: name.into(),
            version: "^0.1".into(),
            ..Dependency::default()
        }
    }
}

#[test]
fn reach_follows_normal_and_build_edges_but_not_dev_edges() {
    let metadata = serde_json::json!({
        "workspace_members": ["a"],
        "packages": [
            {"id": "a", "name": "a"}, {"id": "b", "name": "b"},
            {"id": "c", "name": "c"}, {"id": "d", "name": "d"}],
        "resolve": {"nodes": [
            {"id": "a", "deps": [
                {"pkg": "b", "dep_kinds": [{"kind": "build"}]},
                {"pkg": "d", "dep_kinds": [{"kind": "dev"}]}]},
            {"id": "b", "deps": [{"pkg": "c", "dep_kinds": [{"kind": "dev"}, {"kind": null}]}]}]},
    });
    let reached: Vec<String> = Graph::parse(&metadata).reach("a").into_iter().collect();
    assert_eq!(reached, ["b", "c"]);
}
