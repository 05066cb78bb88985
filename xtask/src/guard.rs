//! Stops what was started, whatever ends the run.
//!
//! A second process of this same program (`xtask guard`, in its own process group, so that Ctrl-C does not
//! reach it) holds the reading end of a pipe. It is told what exists; when the pipe closes, because the run
//! ended, failed, was interrupted or was killed outright, it stops process groups and database clusters and
//! removes directories. There is no other clean-up path, so every run tests this one.

use std::collections::BTreeSet;
use std::io::{BufRead, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crate::clock;
use crate::failure::Failure;
use crate::provide::user::RunAs;

/// The running process's end of the pipe.
#[derive(Debug)]
pub(crate) struct Guard {
    child: Child,
    pipe: ChildStdin,
}

impl Guard {
    /// Starts the guarding process.
    ///
    /// # Errors
    /// When this program cannot start itself again.
    pub(crate) fn start() -> Result<Self, Failure> {
        let program =
            std::env::current_exe().map_err(|e| Failure::io("finding xtask itself", &e))?;
        let mut child = Command::new(program)
            .arg("guard")
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| Failure::io("starting the guard process", &e))?;
        let pipe = child
            .stdin
            .take()
            .ok_or_else(|| Failure("the guard process has no pipe".into()))?;
        Ok(Self { child, pipe })
    }

    /// Has `dir` removed at the end.
    pub(crate) fn directory(&self, dir: &Path) -> Result<(), Failure> {
        self.tell(&format!("directory\t{}", dir.display()))
    }

    /// Has the cluster in `data` stopped at the end, by the `pg_ctl` that started it.
    pub(crate) fn cluster(&self, pg_ctl: &Path, data: &Path, user: RunAs) -> Result<(), Failure> {
        let (pg_ctl, data) = (pg_ctl.display(), data.display());
        self.tell(&format!("cluster\t{pg_ctl}\t{data}\t{user}"))
    }

    /// Has the process group `id` stopped at the end, unless [`Guard::group_ended`] comes first.
    pub(crate) fn group(&self, id: u32) -> Result<(), Failure> {
        self.tell(&format!("group\t{id}"))
    }

    /// Forgets a process group that has ended by itself.
    pub(crate) fn group_ended(&self, id: u32) -> Result<(), Failure> {
        self.tell(&format!("ended\t{id}"))
    }

    /// Ends the run: everything is stopped and removed when this returns.
    ///
    /// # Errors
    /// When something could not be stopped or removed; the guard has printed what.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        drop(self.pipe);
        let status = self
            .child
            .wait()
            .map_err(|e| Failure::io("waiting for the guard process", &e))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure("something was left behind, see above".into()))
        }
    }

    fn tell(&self, line: &str) -> Result<(), Failure> {
        writeln!(&self.pipe, "{line}").map_err(|e| Failure::io("telling the guard process", &e))
    }
}

/// What the guard has been told.
#[derive(Debug, Default)]
struct Charge {
    groups: BTreeSet<u32>,
    clusters: Vec<(PathBuf, PathBuf, RunAs)>,
    directories: Vec<PathBuf>,
}

/// The guarding process: reads until the pipe closes, then cleans up. Returns whether all of it worked.
///
/// # Errors
/// Never: a line it cannot read counts as something it could not clean up.
pub(crate) fn serve(pipe: impl BufRead) -> Result<bool, Failure> {
    let mut charge = Charge::default();
    let mut clean = true;
    for line in pipe.lines() {
        let understood = line.is_ok_and(|line| charge.note(&line).is_some());
        clean &= understood;
    }
    Ok(charge.clean_up() && clean)
}

impl Charge {
    fn note(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split('\t').collect();
        match words[..] {
            ["group", id] => {
                self.groups.insert(id.parse().ok()?);
            }
            ["ended", id] => {
                self.groups.remove(&id.parse().ok()?);
            }
            ["directory", dir] => self.directories.push(dir.into()),
            ["cluster", pg_ctl, data, user] => {
                self.clusters
                    .push((pg_ctl.into(), data.into(), RunAs::parse(user)?));
            }
            _ => return None,
        }
        Some(())
    }

    /// Cleans up everything, also after one part failed.
    fn clean_up(&self) -> bool {
        let mut clean = true;
        for id in &self.groups {
            clean &= stop_group(*id);
        }
        for (pg_ctl, data, user) in &self.clusters {
            clean &= stop_cluster(pg_ctl, data, *user);
        }
        for dir in &self.directories {
            clean &= remove(dir);
        }
        clean
    }
}

/// Asks a process group to end, and ends it when it has not within ten seconds.
fn stop_group(id: u32) -> bool {
    signal(id, "TERM");
    let ended = clock::wait_until(Duration::from_secs(10), || !lives(id)) || {
        signal(id, "KILL");
        clock::wait_until(Duration::from_secs(5), || !lives(id))
    };
    say(&format!("  clean up    stopped process group {id}"), ended);
    ended
}

/// Returns whether a group has a process that still runs. Signal 0 would not tell: dead processes whose
/// parent died before them answer it until somebody collects them, and in a container nobody may.
fn lives(group: u32) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return signal(group, "0");
    };
    processes
        .flatten()
        .filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok())
        .any(|stat| runs_in(&stat, group))
}

/// Reads state and group from a line of /proc/PID/stat: `PID (NAME) STATE PARENT GROUP ...`; proc(5).
fn runs_in(stat: &str, group: u32) -> bool {
    let Some((_, rest)) = stat.rsplit_once(')') else {
        return false;
    };
    let fields: Vec<&str> = rest.split_whitespace().take(3).collect();
    match fields[..] {
        [state, _, id] => !matches!(state, "Z" | "X") && id.parse() == Ok(group),
        _ => false,
    }
}

/// Sends a signal to a group through the shell's own `kill`: the standard library has none, and a minimal
/// Debian has no `kill` program. Returns whether the group exists.
fn signal(group: u32, name: &str) -> bool {
    Command::new("/bin/sh")
        .args(["-c", "kill -s \"$1\" -- \"-$2\"", "sh", name])
        .arg(group.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn stop_cluster(pg_ctl: &Path, data: &Path, user: RunAs) -> bool {
    if !data.join("postmaster.pid").exists() {
        return true;
    }
    // Immediate: the data is thrown away next, and a test that hangs on a connection must not hold us up.
    let mut command = Command::new(pg_ctl);
    command
        .args(["stop", "-w", "-m", "immediate", "-D"])
        .arg(data);
    let stopped = user
        .apply(&mut command)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    say("  clean up    stopped the temporary PostgreSQL", stopped);
    stopped
}

fn remove(dir: &Path) -> bool {
    let removed = match std::fs::remove_dir_all(dir) {
        Ok(()) => true,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    say(&format!("  clean up    removed {}", dir.display()), removed);
    removed
}

/// Speaks without failing: after Ctrl-C in a pipeline nobody may be listening, and cleaning up goes first.
fn say(what: &str, done: bool) {
    let text = if done { "" } else { ": FAILED" };
    let _ = writeln!(std::io::stdout(), "{what}{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_group_is_left_alone() {
        let mut charge = Charge::default();
        assert!(charge.note("group\t41").is_some());
        assert!(charge.note("group\t42").is_some());
        assert!(charge.note("ended\t41").is_some());
        assert_eq!(charge.groups, BTreeSet::from([42]));
    }

    #[test]
    fn dead_processes_do_not_keep_a_group_alive() {
        assert!(runs_in("7 (a) b) S 1 42 42 0", 42));
        assert!(!runs_in("7 (sleep) Z 1 42 42 0", 42));
        assert!(!runs_in("7 (sleep) S 42 41 42 0", 42));
        assert!(!runs_in("", 42));
    }

    #[test]
    fn a_garbled_line_is_not_taken_for_clean() {
        assert!(Charge::default().note("group\tmany").is_none());
        assert!(Charge::default().note("rm\t/").is_none());
        assert_eq!(serve(&b"nonsense\n"[..]), Ok(false));
        assert_eq!(serve(&b""[..]), Ok(true));
    }
}
