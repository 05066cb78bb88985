//! pgbouncer for the tests that go through a transaction pooler. They start it themselves.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Found, apt, find, variable};
use crate::run;

/// Debian keeps it where only root's search path looks.
const ELSEWHERE: &str = "/usr/sbin/pgbouncer";

/// Finds the program, or installs it.
///
/// # Errors
/// When it is missing; with the remedy.
pub(crate) fn provide(guard: &Guard) -> Result<Found, Failure> {
    let program = match find_it()? {
        Some(program) => program,
        None => {
            let name = variable::PGBOUNCER;
            apt::install(guard, &["pgbouncer"])
                .map_err(|e| Failure(format!("no pgbouncer: {e}, or set {name} to the program")))?;
            find_it()?.ok_or_else(|| {
                Failure("apt-get installed pgbouncer, but its program is not found".into())
            })?
        }
    };
    let version = run::output(Command::new(&program).arg("--version"))?;
    let version = version.lines().next().unwrap_or("?").to_owned();
    Ok(Found {
        line: format!("{version} from {}", program.display()),
        variables: vec![(variable::PGBOUNCER, program.into())],
    })
}

fn find_it() -> Result<Option<PathBuf>, Failure> {
    let name = variable::PGBOUNCER;
    match find::variable(name).map(PathBuf::from) {
        Some(path) if find::is_program(&path) => Ok(Some(path)),
        Some(path) => Err(Failure(format!(
            "{name} names {}, which is not a program",
            path.display()
        ))),
        None => {
            let elsewhere = Path::new(ELSEWHERE);
            let there = find::is_program(elsewhere).then(|| elsewhere.to_owned());
            Ok(find::program(&["pgbouncer"]).or(there))
        }
    }
}
