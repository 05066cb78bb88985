//! Proves that what a run has started is stopped once the run is gone, whatever ended it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "this test watches real processes, which no clock of ours can drive; a panic is its failure"
)]

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn guard_reading(pipe: Stdio) -> Child {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .arg("guard")
        .stdin(pipe)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn sleeper() -> Child {
    Command::new("sleep")
        .arg("300")
        .process_group(0)
        .spawn()
        .unwrap()
}

fn temporary(name: &str) -> std::path::PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("inner")).unwrap();
    dir
}

#[test]
fn a_closed_pipe_stops_groups_and_removes_folders() {
    let (mut guard, mut left, mut ended) = (guard_reading(Stdio::piped()), sleeper(), sleeper());
    let dir = temporary("guard-closed");
    let mut pipe = guard.stdin.take().unwrap();
    writeln!(pipe, "group\t{}", left.id()).unwrap();
    writeln!(pipe, "group\t{}", ended.id()).unwrap();
    writeln!(pipe, "ended\t{}", ended.id()).unwrap();
    writeln!(pipe, "directory\t{}", dir.display()).unwrap();
    drop(pipe);

    assert!(!left.wait().unwrap().success());
    assert!(guard.wait().unwrap().success());
    assert!(!dir.exists());
    assert!(
        ended.try_wait().unwrap().is_none(),
        "it was told to forget this one"
    );
    ended.kill().unwrap();
    ended.wait().unwrap();
}

#[test]
fn a_run_killed_outright_is_cleaned_up_after() {
    let dir = temporary("guard-killed");
    // A stand-in for the run: it holds the pipe to the guard, and is killed without a chance to react.
    let script = format!("echo 'directory\t{}'; exec sleep 300", dir.display());
    let mut run = Command::new("/bin/sh")
        .args(["-c", &script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pipe = run.stdout.take().unwrap();
    let mut guard = guard_reading(Stdio::from(pipe));

    std::thread::sleep(Duration::from_millis(300));
    assert!(dir.exists(), "nothing is removed while the run lives");
    assert!(guard.try_wait().unwrap().is_none());
    run.kill().unwrap();
    run.wait().unwrap();

    assert!(guard.wait().unwrap().success());
    assert!(!dir.exists());
}
