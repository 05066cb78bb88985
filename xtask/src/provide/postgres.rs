//! A PostgreSQL server for the tests.
//!
//! Ours is a fresh cluster in a temporary folder, on a free port of the loopback interface, open to local
//! users, with fsync on: durability is part of what is tested.

use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::failure::Failure;
use crate::guard::Guard;
use crate::provide::user::RunAs;
use crate::provide::{Found, apt, find, variable};
use crate::run;

/// Uses the server named by the environment, or starts one.
///
/// # Errors
/// When the named server does not answer, or there is none to start; with the remedy.
pub(crate) fn provide(guard: &Guard) -> Result<Found, Failure> {
    if let Some(url) = find::variable(variable::POSTGRES) {
        probe(&url)?;
        return Ok(found(&url, format!("the server of {}", variable::POSTGRES)));
    }
    let binaries = match local_binaries() {
        Some(binaries) => binaries,
        None => {
            apt::install(guard, &["postgresql"]).map_err(|e| {
                let name = variable::POSTGRES;
                Failure(format!(
                    "no server: {e}, or set {name} to one for tests only"
                ))
            })?;
            local_binaries().ok_or_else(|| {
                Failure("apt-get installed PostgreSQL, but its programs are not found".into())
            })?
        }
    };
    start(guard, &binaries)
}

fn found(url: &str, line: String) -> Found {
    Found {
        line,
        variables: vec![(variable::POSTGRES, url.into())],
    }
}

/// Tries the address of a URL, so that a wrong one fails here and not in two hundred tests.
fn probe(url: &str) -> Result<(), Failure> {
    let name = variable::POSTGRES;
    let (host, port) = address(url).ok_or_else(|| {
        Failure(format!(
            "{name} must look like postgres://user@host:5432/database"
        ))
    })?;
    let reached = (host.as_str(), port)
        .to_socket_addrs()
        .into_iter()
        .flatten()
        .any(|addr| TcpStream::connect_timeout(&addr, Duration::from_secs(5)).is_ok());
    if reached {
        Ok(())
    } else {
        Err(Failure(format!(
            "{name} names {host}:{port}, where nothing answers: start it, or unset the variable"
        )))
    }
}

/// Reads host and port of a `postgres://` URL.
fn address(url: &str) -> Option<(String, u16)> {
    let rest = url
        .strip_prefix("postgres://")
        .or_else(|| url.strip_prefix("postgresql://"))?;
    let authority = rest.split(['/', '?']).next()?;
    let place = authority.rsplit('@').next()?;
    match place.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() => {
            Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
        }
        None if !place.is_empty() => Some((place.to_owned(), 5432)),
        _ => None,
    }
}

/// Returns the folder with `initdb`, `pg_ctl` and `postgres`: the search path, `pg_config`, or Debian's
/// folder of the highest version.
fn local_binaries() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    // The link on the search path is resolved: its neighbours may not be linked.
    let initdb = find::program(&["initdb"]).and_then(|path| path.canonicalize().ok());
    folders.extend(initdb.as_deref().and_then(Path::parent).map(PathBuf::from));
    if let Ok(folder) = run::output(Command::new("pg_config").arg("--bindir")) {
        folders.push(folder.trim().into());
    }
    folders.extend(debian_folders(Path::new("/usr/lib/postgresql")));
    folders.into_iter().find(|folder| is_complete(folder))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"]
        .iter()
        .all(|name| find::is_program(&folder.join(name)))
}

fn debian_folders(base: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(base).into_iter().flatten().flatten();
    let mut versions: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable();
    let newest_first = versions.into_iter().rev();
    newest_first
        .map(|version| base.join(version.to_string()).join("bin"))
        .collect()
}

fn start(guard: &Guard, binaries: &Path) -> Result<Found, Failure> {
    let user = RunAs::unprivileged()?;
    let dir = std::env::temp_dir().join(format!("jooper-test-{}", std::process::id()));
    let mut builder = std::fs::DirBuilder::new();
    builder
        .mode(0o700)
        .create(&dir)
        .map_err(|e| Failure::io(format_args!("creating {}", dir.display()), &e))?;
    guard.directory(&dir)?;
    user.own(&dir)?;
    let data = dir.join("data");
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb.arg("-D").arg(&data);
    initdb.args(["-U", "jooper", "-A", "trust", "-E", "UTF8", "--no-locale"]);
    run::output(user.apply(&mut initdb).current_dir(&dir))?;

    let pg_ctl = binaries.join("pg_ctl");
    guard.cluster(&pg_ctl, &data, user)?;
    // A port found free may be taken before the server binds it: try another.
    let mut last = Failure("no free port".into());
    for _ in 0..5 {
        let port = free_port()?;
        match start_on(port, &pg_ctl, &data, &dir, user) {
            Ok(()) => return Ok(started(binaries, port)),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

fn started(binaries: &Path, port: u16) -> Found {
    let version = run::output(Command::new(binaries.join("postgres")).arg("--version"));
    let version = version.unwrap_or_default();
    let number = version.split_whitespace().nth(2).unwrap_or("?");
    let folder = binaries.display();
    found(
        &format!("postgres://jooper@127.0.0.1:{port}/postgres"),
        format!("{number} from {folder}, a temporary cluster on 127.0.0.1:{port}"),
    )
}

fn free_port() -> Result<u16, Failure> {
    let failed = |e: std::io::Error| Failure::io("finding a free port", &e);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    Ok(listener.local_addr().map_err(failed)?.port())
}

fn start_on(port: u16, pg_ctl: &Path, data: &Path, dir: &Path, user: RunAs) -> Result<(), Failure> {
    let log = dir.join("log");
    let options = format!(
        "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
    );
    let mut command = Command::new(pg_ctl);
    command.arg("-D").arg(data).arg("-l").arg(&log);
    command.args(["-w", "-t", "60", "-o", &options, "start"]);
    let status = user
        .apply(&mut command)
        .current_dir(dir)
        // The server outlives pg_ctl: it must not hold our terminal or a pipe.
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|e| Failure::io("starting pg_ctl", &e))?;
    if status.success() {
        return Ok(());
    }
    let said = std::fs::read_to_string(&log).unwrap_or_default();
    let last = said.lines().last().unwrap_or("it left no log");
    Err(Failure(format!("PostgreSQL does not start: {last}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_from_urls() {
        let read = |url: &str| address(url).map(|(host, port)| format!("{host} {port}"));
        assert_eq!(
            read("postgres://me:p%40ss@db.example:5433/x").as_deref(),
            Some("db.example 5433")
        );
        assert_eq!(
            read("postgresql://localhost").as_deref(),
            Some("localhost 5432")
        );
        assert_eq!(
            read("postgres://u@[::1]:5432/x").as_deref(),
            Some("::1 5432")
        );
        assert_eq!(read("host=localhost"), None);
        assert_eq!(read("postgres://u@:5432/x"), None);
    }

    #[test]
    fn a_server_that_does_not_answer_is_named() {
        let port = free_port().unwrap();
        let wrong = probe(&format!("postgres://u@127.0.0.1:{port}/x")).unwrap_err();
        assert!(wrong.0.contains(&format!("127.0.0.1:{port}")), "{wrong}");
    }

    #[test]
    fn a_folder_without_initdb_is_not_complete() {
        assert!(!is_complete(Path::new("/bin")));
    }
}
