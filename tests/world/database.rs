//! Where a world keeps its data: in a file, or in a schema of the server that
//! `JOOPER_TEST_POSTGRES_URL` names; and its backups, made with the database's own tools.

use std::path::Path;
use std::process::Command;

use jooper::postgres::{PostgresOptions, PostgresStorage, PostgresWitness};
use jooper::sqlite::SqliteStorage;
use jooper::storage::put_back;

/// Data in files of the world's directory, or in PostgreSQL.
#[derive(Debug)]
pub enum Database {
    Files,
    Postgres(Schema),
}

/// Two schemas, for data and witness, which are dropped at the end, also when the test fails.
#[derive(Debug)]
pub struct Schema(String);

/// The server for tests. Missing is a failure, never a reason to skip.
fn address() -> String {
    std::env::var("JOOPER_TEST_POSTGRES_URL").expect(
        "set JOOPER_TEST_POSTGRES_URL to a PostgreSQL server for tests, as `cargo xtask test` does",
    )
}

fn tool(name: &str, arguments: &[&str]) {
    let output = Command::new(name)
        .arg(format!("--dbname={}", address()))
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name} of PostgreSQL's client is needed: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {said}");
}

fn run(sql: &str) {
    tool(
        "psql",
        &["--quiet", "--set=ON_ERROR_STOP=1", "--command", sql],
    );
}

impl Schema {
    pub async fn storage(&self) -> PostgresStorage {
        let options = PostgresOptions::new(&address()).unwrap().schema(&self.0);
        options.open().await.unwrap()
    }

    pub async fn witness(&self) -> PostgresWitness {
        let schema = format!("{}_witness", self.0);
        let options = PostgresOptions::new(&address()).unwrap().schema(&schema);
        PostgresWitness::open_with(options).await.unwrap()
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        let name = &self.0;
        run(&format!(
            "DROP SCHEMA IF EXISTS \"{name}\" CASCADE; DROP SCHEMA IF EXISTS \"{name}_witness\" CASCADE"
        ));
    }
}

impl Database {
    pub fn postgres() -> Self {
        #[allow(clippy::disallowed_methods, reason = "a name that no other test has")]
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_nanos();
        Self::Postgres(Schema(format!("world_{}_{now}", std::process::id())))
    }

    /// Copies the data while it is used; neither keys nor witness.
    pub async fn back_up(&self, dir: &Path, to: &Path) {
        match self {
            Self::Files => {
                let store = dir.join("jooper.db");
                SqliteStorage::backup_file(store, to).await.unwrap();
            }
            Self::Postgres(Schema(name)) => {
                let file = format!("--file={}", to.display());
                tool("pg_dump", &[&format!("--schema={name}"), &file]);
            }
        }
    }

    /// The place of the witness is empty. Nobody has it open.
    pub fn lose_witness(&self, dir: &Path) {
        match self {
            Self::Files => std::fs::remove_file(dir.join("witness")).unwrap(),
            Self::Postgres(Schema(name)) => run(&format!("DROP SCHEMA \"{name}_witness\" CASCADE")),
        }
    }

    /// Puts a copy into the place of what was lost, as docs/operations.md says.
    pub async fn restore(&self, from: &Path, dir: &Path) {
        match self {
            Self::Files => {
                let store = dir.join("jooper.db");
                SqliteStorage::restore(from, store).await.unwrap();
            }
            Self::Postgres(schema) => {
                run(&format!("DROP SCHEMA \"{}\" CASCADE", schema.0));
                let file = format!("--file={}", from.display());
                tool("psql", &["--quiet", "--set=ON_ERROR_STOP=1", &file]);
                let storage = schema.storage().await;
                put_back(&storage).await.unwrap();
                storage.close();
            }
        }
    }
}
