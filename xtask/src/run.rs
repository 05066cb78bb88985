//! Runs other programs: each in its own process group, known to the guard while it lives.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::guard::Guard;

/// Returns a command for the cargo that runs us, in `root`, without what `cargo run` put into our
/// environment: build scripts would see it change between `cargo xtask test` and a plain `cargo test`, and
/// build again.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    for (key, _) in std::env::vars_os() {
        if set_by_cargo_run(&key) {
            command.env_remove(key);
        }
    }
    command
}

fn set_by_cargo_run(key: &OsStr) -> bool {
    let Some(key) = key.to_str() else {
        return false;
    };
    key.starts_with("CARGO_PKG_")
        || key.starts_with("CARGO_MANIFEST_")
        || key.starts_with("CARGO_BIN_")
        || matches!(key, "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "CARGO")
}

/// Prints a command as a person would type it.
pub(crate) fn show(command: &Command) -> String {
    let mut words = Vec::new();
    for (key, value) in command.get_envs() {
        if let Some(value) = value
            && !key.to_string_lossy().starts_with("JOOPER_TEST_")
        {
            words.push(format!("{}={}", key.display(), quote(value)));
        }
    }
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    words.push(quote(name));
    words.extend(command.get_args().map(quote));
    words.join(" ")
}

fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs a command to its end with our output as its output.
///
/// # Errors
/// When it does not start, or ends otherwise than with exit code 0.
pub(crate) fn run(guard: &Guard, command: &mut Command) -> Result<(), Failure> {
    run_with(guard, command, None)
}

/// Runs a command to its end, shows each line of its standard output and hands it to `line`.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_reading(
    guard: &Guard,
    command: &mut Command,
    mut line: impl FnMut(&str),
) -> Result<(), Failure> {
    run_with(guard, command, Some(&mut line))
}

fn run_with(
    guard: &Guard,
    command: &mut Command,
    line: Option<&mut dyn FnMut(&str)>,
) -> Result<(), Failure> {
    println!("  $ {}", show(command));
    let name = command.get_program().to_string_lossy().into_owned();
    if line.is_some() {
        command.stdout(Stdio::piped());
    }
    let mut child = command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|e| Failure::io(format_args!("starting {name}"), &e))?;
    let group = child.id();
    guard.group(group)?;
    if let (Some(line), Some(output)) = (line, child.stdout.take()) {
        for text in BufReader::new(output).lines() {
            let text = text.map_err(|e| Failure::io(format_args!("reading from {name}"), &e))?;
            println!("{text}");
            line(&text);
        }
    }
    let status = child
        .wait()
        .map_err(|e| Failure::io(format_args!("waiting for {name}"), &e))?;
    guard.group_ended(group)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(status.to_string()))
    }
}

/// Runs a command and returns its standard output.
///
/// # Errors
/// When it does not start, or ends otherwise than with exit code 0; with its standard error.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let shown = show(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Failure::io(format_args!("starting `{shown}`"), &e))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        Err(Failure(format!("`{shown}`: {status}: {}", said.trim())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_so_that_they_can_be_pasted() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["doc", "a b"])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(show(&command), "RUSTDOCFLAGS='-D warnings' cargo doc 'a b'");
    }

    #[test]
    fn only_the_traces_of_cargo_run_are_removed() {
        assert!(set_by_cargo_run(OsStr::new("CARGO_PKG_VERSION")));
        assert!(set_by_cargo_run(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!set_by_cargo_run(OsStr::new("CARGO_TARGET_DIR")));
        assert!(!set_by_cargo_run(OsStr::new("CARGO_HOME")));
    }

    #[test]
    fn a_failing_command_says_why() {
        let wrong = output(Command::new("/bin/sh").args(["-c", "echo no disk >&2; exit 3"]));
        let wrong = wrong.unwrap_err();
        assert!(
            wrong.0.contains("no disk") && wrong.0.contains('3'),
            "{wrong}"
        );
    }
}
