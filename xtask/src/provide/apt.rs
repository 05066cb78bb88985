//! Installs Debian packages, where we are root and apt exists.

use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{find, user};
use crate::run;

/// Installs packages; they stay installed, and the line printed says so.
///
/// # Errors
/// When we may not, with the command that a person may run; or when apt fails.
pub(crate) fn install(guard: &Guard, packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    let Some(apt) = find::program(&["apt-get"]).filter(|_| user::is_root()) else {
        return Err(Failure(format!(
            "install it (on Debian as root: apt-get install {list})"
        )));
    };
    println!("  installing  {list} with apt-get; these packages stay installed");
    for arguments in [&["update", "-qq"][..], &install_arguments(packages)[..]] {
        run::run(guard, quiet(&apt).args(arguments))
            .map_err(|e| Failure(format!("apt-get {}: {e}", arguments.join(" "))))?;
    }
    Ok(())
}

fn install_arguments<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["install", "-qq", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    arguments
}

fn quiet(apt: &std::path::Path) -> Command {
    let mut command = Command::new(apt);
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        // A package's service is not started by its installation: we start our own, and stop it.
        .env("RUNLEVEL", "1")
        // Hundreds of lines about unpacking; what goes wrong is told on standard error.
        .stdout(Stdio::null());
    command
}
