//! The whole suite through a transaction pooler: every transaction may get another connection.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jooper_storage_postgres::{PostgresOptions, PostgresStorage};
use tokio_postgres::config::Host;

#[allow(dead_code, reason = "the test of a cluster uses the rest")]
mod cluster;
mod common;

/// A running pgbouncer in front of the server for tests, with fewer connections than callers.
struct Pooler {
    child: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Pooler {
    async fn start() -> Self {
        let program = std::env::var_os("JOOPER_TEST_PGBOUNCER").expect(
            "set JOOPER_TEST_PGBOUNCER to the pgbouncer program, as `cargo xtask test` does",
        );
        let dir = tempfile::tempdir().unwrap();
        let port = cluster::free_port();
        let file = dir.path().join("pgbouncer.ini");
        std::fs::write(&file, settings(port)).unwrap();
        let user = cluster::server_user();
        for path in [dir.path(), &file] {
            chown(path, Some(user), None).unwrap();
        }
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
        let child = Command::new(program)
            .arg(&file)
            .uid(user)
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let pooler = Self {
            child,
            port,
            _dir: dir,
        };
        pooler.wait().await;
        pooler
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "a real program takes real time to start"
    )]
    async fn wait(&self) {
        for _ in 0..500 {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("pgbouncer does not answer on port {}", self.port);
    }

    fn options(&self, schema: &common::Schema) -> PostgresOptions {
        let address = format!("postgres://anybody@127.0.0.1:{}/tests", self.port);
        PostgresOptions::new(&address)
            .unwrap()
            .schema(&schema.0)
            .connections(8)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Two connections to the server for everybody.
fn settings(port: u16) -> String {
    let server: tokio_postgres::Config = common::address().parse().unwrap();
    let host = match &server.get_hosts()[0] {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    };
    let to = server.get_ports().first().copied().unwrap_or(5432);
    let user = server.get_user().unwrap_or("postgres");
    let database = server.get_dbname().unwrap_or(user);
    let password = server.get_password().map_or_else(String::new, |password| {
        format!(" password={}", String::from_utf8_lossy(password))
    });
    format!(
        "[databases]\ntests = host={host} port={to} user={user} dbname={database}{password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 100\n"
    )
}

async fn pooled() -> ((PostgresStorage, Pooler, common::Schema), PostgresStorage) {
    let schema = common::Schema::new();
    let pooler = Pooler::start().await;
    let store = pooler.options(&schema).open().await.unwrap();
    ((store.clone(), pooler, schema), store)
}

jooper_conformance::storage_suite!(through_a_pooler, pooled);
