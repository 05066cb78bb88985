//! Wrong input on purpose: one clear message with place and remedy, an exit code that is not 0, and
//! nothing half-done.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

mod config_file;
mod copies;
mod demo;
mod lists;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::{Command, Output};

use jooper::core::InstallationId;
use jooper::postgres::PostgresOptions;
use jooper::sqlite::{FileWitness, SqliteStorage};
use jooper::storage::{Standing, Storage};
use postgres::Schema;
use support::{SERVER, free_port};

fn run(arguments: &[&str], passphrase: Option<&str>) -> Output {
    let mut command = Command::new(SERVER);
    command
        .args(arguments)
        .env_remove("JOOPER_PASSPHRASE")
        .env_remove("JOOPER_STORAGE")
        .env("RUST_LOG", "error");
    if let Some(passphrase) = passphrase {
        command.env("JOOPER_PASSPHRASE", passphrase);
    }
    command.output().unwrap()
}

fn refused(output: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "it succeeded: {text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

fn config(dir: &Path, change: impl Fn(String) -> String) -> String {
    let path = dir.join("jooper.toml");
    let port = free_port();
    let text = format!(
        r#"
        directory = "{}"
        listen = "127.0.0.1:{port}"
        public_url = "http://127.0.0.1:{port}/"
        [identity]
        name = "Example"
        legal_name = "Example GmbH"
        postal_address = "Hauptstr. 1, 10115 Berlin"
        privacy_url = "https://example.com/privacy"
        [google.mailbox]
        id = "id"
        secret = "secret"
        redirect_uri = "http://127.0.0.1:{port}/oauth/callback"
        "#,
        dir.join("home").display()
    );
    std::fs::write(&path, change(text)).unwrap();
    path.to_str().unwrap().to_owned()
}

const PASSPHRASE: Option<&str> = Some("correct horse battery");

fn import(dir: &Path, csv: &[u8], more: &[&str]) -> Output {
    let config = config(dir, |text| text);
    let file = dir.join("leads.csv");
    std::fs::write(&file, csv).unwrap();
    let mut arguments = vec!["import", "--config", &config];
    arguments.extend(more);
    arguments.push(file.to_str().unwrap());
    run(&arguments, PASSPHRASE)
}

/// The command finds no data, then says of data that was started that it is a copy.
fn declared_a_copy(
    dir: &Path,
    config: &str,
    settle: impl AsyncFnOnce(&FileWitness, InstallationId),
) {
    let restored = || run(&["restored", "--config", config], None);
    refused(&restored(), &["there is no data"]);
    let file = dir.join("leads.csv");
    std::fs::write(&file, "Email\nada@example.com\n").unwrap();
    let import = ["import", "--config", config, file.to_str().unwrap()];
    let output = run(&import, PASSPHRASE);
    assert!(output.status.success(), "{output:?}");
    let says_copy = || {
        let output = run(&["doctor", "--config", config], PASSPHRASE);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).contains("was put back")
    };
    // Data that was never started knows no mark yet.
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let witness = dir.join("home/witness/jooper.witness");
        let witness = FileWitness::open(witness).await.unwrap();
        let keys = dir.join("home/keys/jooper.keys");
        let ours = jooper::vault::FileKms::installation_of(&keys).unwrap();
        settle(&witness, ours).await;
    });
    assert!(!says_copy());
    let output = restored();
    assert!(output.status.success(), "{output:?}");
    assert!(says_copy());
}

async fn settled(store: &dyn Storage, witness: &FileWitness, ours: InstallationId) {
    let standing = Standing::read(store, witness, ours).await.unwrap();
    let at = jooper::core::from_millis(1);
    standing.settle(store, witness, 0, at).await.unwrap();
}

#[test]
fn data_that_other_tools_put_back_is_declared_a_copy_by_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    declared_a_copy(dir.path(), &config, async |witness, ours| {
        let file = dir.path().join("home/data/jooper.db");
        let store = SqliteStorage::open(file).await.unwrap();
        settled(&store, witness, ours).await;
        store.close();
    });
}

#[test]
fn data_that_was_put_back_into_postgresql_is_declared_a_copy_by_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let schema = Schema::new();
    let config = config(dir.path(), |text| {
        format!("storage = \"{}\"\n{text}", schema.address())
    });
    declared_a_copy(dir.path(), &config, async |witness, ours| {
        let options = PostgresOptions::new(&postgres::address()).unwrap();
        let store = options.schema(schema.name()).open().await.unwrap();
        settled(&store, witness, ours).await;
        store.close();
    });
}

#[test]
fn the_server_runs_on_postgresql_and_says_where_its_backups_are_made() {
    let dir = tempfile::tempdir().unwrap();
    let schema = Schema::new();
    let config = config(dir.path(), |text| {
        format!("storage = \"{}\"\n{text}", schema.address())
    });
    let file = dir.path().join("leads.csv");
    std::fs::write(&file, "Email\nada@example.com\n").unwrap();
    let output = run(
        &["import", "--config", &config, file.to_str().unwrap()],
        PASSPHRASE,
    );
    assert!(output.status.success(), "{output:?}");
    let output = run(&["doctor", "--config", &config], PASSPHRASE);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("1 leads") && text.contains(schema.name()),
        "{text}"
    );
    assert!(!dir.path().join("home/data").exists(), "no file holds data");
    let mistyped = Schema::new();
    let typo = dir.path().join("typo.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&typo, text.replace(&schema.address(), &mistyped.address())).unwrap();
    let typo = typo.to_str().unwrap();
    for command in [
        &["doctor", "--config", typo][..],
        &["campaign", "--config", typo, "list"],
    ] {
        refused(
            &run(command, PASSPHRASE),
            &["there is no data", mistyped.name()],
        );
    }
    let copy = dir.path().join("copy");
    let output = run(
        &["backup", "--config", &config, copy.to_str().unwrap()],
        PASSPHRASE,
    );
    refused(&output, &["pg_dump"]);
    assert!(!copy.exists());

    let config = dir.path().join("wrong.toml");
    let text = std::fs::read_to_string(dir.path().join("jooper.toml")).unwrap();
    let nowhere = "postgres://nobody:secret@127.0.0.1:1/none";
    std::fs::write(&config, text.replace(&schema.address(), nowhere)).unwrap();
    let output = run(
        &["doctor", "--config", config.to_str().unwrap()],
        PASSPHRASE,
    );
    refused(&output, &["data in PostgreSQL"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("secret"), "{told}");
}
