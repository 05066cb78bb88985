//! Runs the checks and says how they ended.

use std::process::Command;

use crate::args::TestOptions;
use crate::clock::Stopwatch;
use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Need, Services};
use crate::report::{Report, Verdict};
use crate::run;
use crate::steps::{Context, STEPS, Step};
use crate::workspace::Workspace;

/// Runs the chosen steps and prints the table; returns whether all passed. A failed step does not stop the
/// later ones: one run tells everything that is wrong.
///
/// # Errors
/// When the workspace cannot be read or the guard not be started.
pub(crate) fn run(options: &TestOptions) -> Result<bool, Failure> {
    let total = Stopwatch::start();
    let workspace = Workspace::read()?;
    let guard = Guard::start()?;
    let mut report = Report::default();
    let steps = chosen(&options.only);

    let needs = needs_of(&steps);
    if !needs.is_empty() {
        println!("what the tests need:");
    }
    let services = Services::provide(&needs, &workspace, &guard, &mut report);
    let context = Context {
        workspace: &workspace,
        services: &services,
        guard: &guard,
        runner: &options.runner,
    };
    for step in steps {
        println!("\n{}: {}", step.name, step.about);
        let watch = Stopwatch::start();
        let verdict = match (step.run)(&context) {
            Ok(note) => Verdict::Ok(note),
            Err(failure) => {
                println!("  FAILED: {failure}");
                Verdict::Failed(failure.0)
            }
        };
        report.add(step.name, verdict, watch.elapsed());
    }

    println!();
    let watch = Stopwatch::start();
    if let Err(failure) = guard.finish() {
        report.add("clean up", Verdict::Failed(failure.0), watch.elapsed());
    }
    println!("{}", report.render(total.elapsed()));
    Ok(report.failed().is_empty())
}

/// Runs one command with everything that the tests get; returns whether it succeeded.
///
/// # Errors
/// When a service is missing, or the command does not start.
pub(crate) fn run_with_services(words: &[String]) -> Result<bool, Failure> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failure("`with` needs a command to run".into()));
    };
    let workspace = Workspace::read()?;
    let guard = Guard::start()?;
    let mut report = Report::default();
    let needs = [Need::Postgres, Need::Pooler, Need::Browser, Need::Python];
    let services = Services::provide(&needs, &workspace, &guard, &mut report);
    let missing = report.failed().join(", ");
    let outcome = if missing.is_empty() {
        let mut command = if program == "cargo" {
            run::cargo(&workspace.root)
        } else {
            Command::new(program)
        };
        run::run(&guard, services.apply(command.args(arguments)))
    } else {
        Err(Failure(format!("missing, see above: {missing}")))
    };
    guard.finish()?;
    outcome.map(|()| true)
}

fn chosen(only: &[String]) -> Vec<&'static Step> {
    STEPS
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
        .collect()
}

fn needs_of(steps: &[&Step]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for need in steps.iter().flat_map(|step| step.needs) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_their_order_whatever_order_was_asked() {
        let only = ["doc", "fmt"].map(String::from);
        let names: Vec<&str> = chosen(&only).iter().map(|step| step.name).collect();
        assert_eq!(names, ["fmt", "doc"]);
        assert_eq!(chosen(&[]).len(), STEPS.len());
    }

    #[test]
    fn only_what_is_needed_is_provided() {
        assert!(needs_of(&chosen(&["fmt".into()])).is_empty());
        assert_eq!(needs_of(&chosen(&["deny".into()])), [Need::CargoDeny]);
        assert!(needs_of(&chosen(&[])).contains(&Need::Postgres));
    }
}
