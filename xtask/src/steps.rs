//! The checks of `cargo xtask test`, as one table, in the order in which they run.

use std::process::Command;

use crate::counts::Counts;
use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Need, Services, find};
use crate::run;
use crate::workspace::Workspace;

/// What a step works with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    /// The workspace under test.
    pub(crate) workspace: &'a Workspace,
    /// What was found or started for it.
    pub(crate) services: &'a Services,
    /// Who stops what we start.
    pub(crate) guard: &'a Guard,
    /// Arguments for the test runner; empty means the whole workspace.
    pub(crate) runner: &'a [String],
}

/// One check.
#[derive(Debug)]
pub(crate) struct Step {
    /// Its name on the command line and in the table.
    pub(crate) name: &'static str,
    /// What it proves.
    pub(crate) about: &'static str,
    /// What must stand before it runs.
    pub(crate) needs: &'static [Need],
    /// Runs it; returns a note for the table.
    pub(crate) run: fn(&Context<'_>) -> Result<String, Failure>,
}

/// Every check, in order.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "lock",
        about: "Cargo.lock fits the manifests; every dependency is fetched",
        needs: &[],
        run: lock,
    },
    Step {
        name: "fmt",
        about: "rustfmt has nothing to change",
        needs: &[],
        run: fmt,
    },
    Step {
        name: "clippy",
        about: "no warning in any target, with the bans of clippy.toml",
        needs: &[],
        run: clippy,
    },
    Step {
        name: "test",
        about: "unit, conformance, simulation, end-to-end, browser and repository tests",
        needs: &[Need::Postgres, Need::Pooler, Need::Browser, Need::Python],
        run: test,
    },
    Step {
        name: "doctest",
        about: "every example in the documentation compiles and holds",
        needs: &[],
        run: doctest,
    },
    Step {
        name: "doc",
        about: "the documentation builds without a warning",
        needs: &[],
        run: doc,
    },
    Step {
        name: "deny",
        about: "licenses, bans and sources of every dependency, offline",
        needs: &[Need::CargoDeny],
        run: deny,
    },
    Step {
        name: "features",
        about: "the facade builds with no feature, each feature alone, and all",
        needs: &[],
        run: features,
    },
];

/// Returns the names of all steps.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|step| step.name).collect()
}

/// Returns whether there is a step of that name.
pub(crate) fn exists(name: &str) -> bool {
    STEPS.iter().any(|step| step.name == name)
}

/// Prints what there is.
pub(crate) fn print_list() {
    for step in STEPS {
        println!("{:<10} {}", step.name, step.about);
    }
}

fn cargo(context: &Context<'_>, arguments: &[&str]) -> Command {
    let mut command = run::cargo(&context.workspace.root);
    command.args(arguments);
    command
}

fn run_cargo(context: &Context<'_>, arguments: &[&str]) -> Result<String, Failure> {
    run::run(context.guard, &mut cargo(context, arguments)).map(|()| String::new())
}

fn lock(context: &Context<'_>) -> Result<String, Failure> {
    run_cargo(context, &["fetch", "--locked"])
}

fn fmt(context: &Context<'_>) -> Result<String, Failure> {
    run_cargo(context, &["fmt", "--all", "--check"])
}

fn clippy(context: &Context<'_>) -> Result<String, Failure> {
    const CLIPPY: &str = "clippy --workspace --all-features --all-targets --locked -- -D warnings";
    run_cargo(context, &CLIPPY.split(' ').collect::<Vec<_>>())
}

fn test(context: &Context<'_>) -> Result<String, Failure> {
    if find::program(&["cargo-nextest"]).is_some() {
        nextest(context)
    } else {
        println!("  no cargo-nextest on the search path: using `cargo test` (slower, same tests)");
        libtest(context)
    }
}

fn nextest(context: &Context<'_>) -> Result<String, Failure> {
    // Below the root, wherever cargo builds; see [profile.suite] in .config/nextest.toml. A report of an
    // earlier run must not be taken for this one's.
    let report = context
        .workspace
        .root
        .join("target/nextest/suite/junit.xml");
    let _ = std::fs::remove_file(&report);
    let mut command = cargo(
        context,
        &["nextest", "run", "--profile", "suite", "--locked"],
    );
    choose_tests(context, &mut command);
    let outcome = run::run(context.guard, context.services.apply(&mut command));
    let counts = std::fs::read_to_string(&report)
        .ok()
        .and_then(|xml| Counts::from_junit(&xml));
    conclude(outcome, counts)
}

fn libtest(context: &Context<'_>) -> Result<String, Failure> {
    let mut command = cargo(context, &["test", "--locked", "--no-fail-fast"]);
    // Doc tests have their own step.
    command.args(["--tests", "--examples"]);
    choose_tests(context, &mut command);
    let mut counts = Counts::default();
    let command = context.services.apply(&mut command);
    let outcome = run::run_reading(context.guard, command, |line| counts.add_libtest_line(line));
    conclude(outcome, Some(counts))
}

fn choose_tests(context: &Context<'_>, command: &mut Command) {
    if context.runner.is_empty() {
        command.args(["--workspace", "--all-features"]);
    } else {
        command.args(context.runner);
    }
}

/// The runner's exit code decides; the counts are shown either way, and a green run without any is not one.
fn conclude(outcome: Result<(), Failure>, counts: Option<Counts>) -> Result<String, Failure> {
    match (outcome, counts) {
        (Ok(()), Some(counts)) if counts.failed == 0 => Ok(counts.to_string()),
        (Ok(()), Some(counts)) => Err(Failure(counts.to_string())),
        (Ok(()), None) => Err(Failure("the test runner left no report".into())),
        (Err(failure), Some(counts)) => Err(Failure(format!("{counts}; {failure}"))),
        (Err(failure), None) => Err(Failure(format!("no test ran; {failure}"))),
    }
}

fn doctest(context: &Context<'_>) -> Result<String, Failure> {
    let mut counts = Counts::default();
    let mut command = cargo(
        context,
        &["test", "--workspace", "--all-features", "--doc", "--locked"],
    );
    let command = context.services.apply(&mut command);
    let outcome = run::run_reading(context.guard, command, |line| counts.add_libtest_line(line));
    conclude(outcome, Some(counts))
}

fn doc(context: &Context<'_>) -> Result<String, Failure> {
    let mut command = cargo(
        context,
        &[
            "doc",
            "--workspace",
            "--all-features",
            "--no-deps",
            "--locked",
        ],
    );
    command.env("RUSTDOCFLAGS", "-D warnings");
    run::run(context.guard, &mut command).map(|()| String::new())
}

fn deny(context: &Context<'_>) -> Result<String, Failure> {
    let program = context
        .services
        .cargo_deny
        .as_ref()
        .ok_or_else(|| Failure("cargo-deny is missing, see above".into()))?;
    let mut command = Command::new(program);
    command.current_dir(&context.workspace.root);
    command.args([
        "--workspace",
        "--all-features",
        "--offline",
        "--locked",
        "check",
    ]);
    command.args(["--hide-inclusion-graph", "licenses", "bans", "sources"]);
    run::run(context.guard, &mut command).map(|()| String::new())
}

fn features(context: &Context<'_>) -> Result<String, Failure> {
    let features = context
        .workspace
        .features("jooper")
        .ok_or_else(|| Failure("no package `jooper` in the workspace".into()))?;
    for set in feature_sets(&features) {
        let mut command = cargo(context, &["clippy", "-p", "jooper", "--locked"]);
        command.args(["--no-default-features", "--features", &set]);
        command.args(["--", "-D", "warnings"]);
        run::run(context.guard, &mut command)
            .map_err(|e| Failure(format!("with features `{set}`: {e}")))?;
    }
    Ok(format!("{} features", features.len()))
}

/// None, each alone, all together.
fn feature_sets(features: &[String]) -> Vec<String> {
    let named = features.iter().filter(|name| *name != "default");
    let mut sets = vec![String::new()];
    sets.extend(named.clone().cloned());
    let all: Vec<&str> = named.map(String::as_str).collect();
    if all.len() > 1 {
        sets.push(all.join(","));
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names = names();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn each_feature_is_tried_alone_and_with_all_others() {
        let features = ["default", "gmail", "sqlite"].map(String::from);
        assert_eq!(
            feature_sets(&features),
            ["", "gmail", "sqlite", "gmail,sqlite"]
        );
        assert_eq!(feature_sets(&[]), [""]);
    }

    #[test]
    fn a_green_exit_needs_a_green_report() {
        let red = Counts {
            passed: 3,
            failed: 1,
            skipped: 0,
        };
        let green = Counts { failed: 0, ..red };
        assert_eq!(conclude(Ok(()), Some(green)).unwrap(), "3 passed, 0 failed");
        assert!(conclude(Ok(()), Some(red)).is_err());
        assert!(conclude(Ok(()), None).is_err());
        let wrong = conclude(Err(Failure("exit 100".into())), Some(green)).unwrap_err();
        assert_eq!(wrong.0, "3 passed, 0 failed; exit 100");
    }
}
