//! A PostgreSQL server of the test's own, to be killed.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Cluster {
    dir: tempfile::TempDir,
    bin: PathBuf,
    user: u32,
    port: u16,
}

/// The folder with `initdb` and `pg_ctl`: the search path's, or Debian's of the highest version.
fn programs() -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut debian: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    debian.sort();
    on_path
        .chain(debian.into_iter().rev())
        .find(|dir| dir.join("initdb").exists() && dir.join("pg_ctl").exists())
        .expect("install PostgreSQL's server: initdb and pg_ctl are needed")
}

/// A user who may run the server: it refuses root.
pub(crate) fn server_user() -> u32 {
    let me = std::fs::metadata("/proc/self").unwrap().uid();
    if me != 0 {
        return me;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let id = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.starts_with(&format!("{name}:")))?;
        line.split(':').nth(2)?.parse().ok()
    };
    id("postgres")
        .or_else(|| id("nobody"))
        .expect("a user who is not root")
}

/// A port that nobody listened on a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Cluster {
    /// A fresh, running server.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let cluster = Self {
            bin: programs(),
            user: server_user(),
            port: free_port(),
            dir,
        };
        std::fs::set_permissions(cluster.dir.path(), std::fs::Permissions::from_mode(0o700))
            .unwrap();
        chown(cluster.dir.path(), Some(cluster.user), None).unwrap();
        cluster.run(
            "initdb",
            &["-U", "jooper", "-A", "trust", "-E", "UTF8", "--no-locale"],
        );
        cluster.again();
        cluster
    }

    /// A fresh, running server that takes encrypted connections only.
    #[allow(dead_code, reason = "only the test of encryption asks for it")]
    pub(crate) fn start_encrypted() -> Self {
        let cluster = Self::start();
        cluster.kill();
        let data = cluster.dir.path().join("data");
        let put = |name: &str, text: &str| {
            let file = data.join(name);
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            chown(&file, Some(cluster.user), None).unwrap();
        };
        put("server.crt", include_str!("tls/server.pem"));
        put("server.key", include_str!("tls/server.key"));
        put("pg_hba.conf", "hostssl all all 127.0.0.1/32 trust\n");
        let settings = std::fs::read_to_string(data.join("postgresql.conf")).unwrap();
        put("postgresql.conf", &format!("{settings}\nssl = on\n"));
        cluster.again();
        cluster
    }

    /// The certificate of the authority that signed the server's.
    #[allow(dead_code, reason = "only the test of encryption asks for it")]
    pub(crate) const fn authority() -> &'static [u8] {
        include_bytes!("tls/ca.pem")
    }

    pub(crate) fn address(&self) -> String {
        format!("postgres://jooper@127.0.0.1:{}/postgres", self.port)
    }

    /// Lets the server keep tables in this folder, under the name of a tablespace.
    #[allow(dead_code, reason = "only the test of a full disk asks for it")]
    pub(crate) fn give(&self, folder: &Path) {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        chown(folder, Some(self.user), None).unwrap();
    }

    /// Ends it at once, as a power cut would: no checkpoint, no goodbye.
    pub(crate) fn kill(&self) {
        self.run("pg_ctl", &["stop", "-m", "immediate", "-w"]);
    }

    /// Starts it again; it recovers from its log.
    pub(crate) fn again(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=on",
            self.port
        );
        let log = self.dir.path().join("log");
        self.run(
            "pg_ctl",
            &[
                "start",
                "-w",
                "-t",
                "60",
                "-l",
                log.to_str().unwrap(),
                "-o",
                &options,
            ],
        );
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let data: &Path = &self.dir.path().join("data");
        let status = Command::new(self.bin.join(program))
            .arg("-D")
            .arg(data)
            .args(arguments)
            .uid(self.user)
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{program} {arguments:?}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let stopped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.kill()));
        if stopped.is_err() && !std::thread::panicking() {
            panic!("the server of the test did not stop");
        }
    }
}
