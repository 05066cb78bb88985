//! Wrong input on purpose: one clear message with place and remedy, an exit code that is not 0, and
//! nothing half-done.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

#[path = "support/postgres.rs"]
mod postgres;
mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use postgres::Schema;
use support::{Google, Program, SERVER, client, free_port};

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

#[test]
fn a_missing_column_names_the_columns_that_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let output = import(dir.path(), b"Name,Telephone\nAda,123\n", &[]);
    refused(&output, &["leads.csv", "e-mail", "Telephone"]);
}

#[test]
fn a_broken_csv_names_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let csv = b"Email,Name\nada@example.com,Ada\nben@example.com,\"Ben\n";
    let output = import(dir.path(), csv, &[]);
    refused(&output, &["line 3"]);
    assert!(!dir.path().join("home").exists(), "nothing was made");
}

#[test]
fn nothing_of_a_file_that_breaks_late_is_stored() {
    let dir = tempfile::tempdir().unwrap();
    let good = |n| format!("p{n}@example.com,P\n");
    let rows: String = (0..700).map(good).collect();
    let broken = format!("Email,Name\n{rows}ben@example.com,\"Ben\n");
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let output = import(dir.path(), broken.as_bytes(), &[]);
    refused(&output, &["line 702", "0 leads"]);
    let again = import(dir.path(), format!("Email,Name\n{rows}").as_bytes(), &[]);
    let told = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(told.contains("700 imported, 0 known already"), "{told}");
}

#[test]
fn a_command_that_looks_makes_nothing_in_a_mistyped_directory() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    let lead = "lead_01a207fe7b80700499eef79530ccf6d7";
    for command in [
        &["campaign", "--config", &config, "list"][..],
        &["explain", "--config", &config, lead],
        &["doctor", "--config", &config],
    ] {
        let output = run(command, PASSPHRASE);
        refused(&output, &["there is no data", "restore a backup"]);
    }
    assert!(!dir.path().join("home").exists(), "nothing was made");
}

#[test]
fn lost_keys_are_missed_and_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let keys = dir.path().join("home/keys/jooper.keys");
    std::fs::remove_file(&keys).unwrap();
    let output = import(dir.path(), b"Email\nben@example.com\n", &[]);
    refused(&output, &["jooper.keys"]);
    assert!(!keys.exists(), "no new keys were made");
}

#[test]
fn a_backup_is_restored_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let config = config(dir.path(), |text| text);
    let (home, copy) = (dir.path().join("home"), dir.path().join("copy"));
    let (data, keys) = (home.join("data/jooper.db"), home.join("keys/jooper.keys"));
    let backup = ["backup", "--config", &config, copy.to_str().unwrap()];
    let restore = ["restore", "--config", &config, copy.to_str().unwrap()];

    let aside = dir.path().join("keys.aside");
    std::fs::rename(&keys, &aside).unwrap();
    refused(
        &run(&backup, PASSPHRASE),
        &["key file", "jooper.keys", "start the server once"],
    );
    assert!(!copy.exists(), "nothing was copied");
    std::fs::rename(&aside, &keys).unwrap();
    // The folder of the keys: a copy onto itself would empty them.
    let (folder, before) = (keys.parent().unwrap(), std::fs::read(&keys).unwrap());
    let onto_itself = ["backup", "--config", &config, folder.to_str().unwrap()];
    refused(
        &run(&onto_itself, PASSPHRASE),
        &["jooper.keys exists already"],
    );
    assert_eq!(std::fs::read(&keys).unwrap(), before);
    assert!(!folder.join("jooper.db").exists(), "nothing was copied");
    assert!(run(&backup, PASSPHRASE).status.success());

    std::fs::remove_dir_all(home.join("data")).unwrap();
    // Keys of another installation stand in the way of the right ones.
    let other = dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    assert!(
        import(&other, b"Email\neve@example.com\n", &[])
            .status
            .success()
    );
    std::fs::copy(other.join("home/keys/jooper.keys"), &keys).unwrap();
    refused(&run(&restore, PASSPHRASE), &["another installation"]);
    assert!(!data.exists(), "nothing was restored");
    std::fs::remove_file(&keys).unwrap();
    // A backup without its keys.
    std::fs::rename(copy.join("jooper.keys"), &aside).unwrap();
    refused(&run(&restore, PASSPHRASE), &["key file"]);
    assert!(!data.exists(), "nothing was restored");
    std::fs::rename(&aside, copy.join("jooper.keys")).unwrap();
    // A damaged copy of the data: what was put in place before is taken away again.
    let (whole, witness) = (copy.join("jooper.db"), home.join("witness/jooper.witness"));
    std::fs::copy(&whole, &aside).unwrap();
    std::fs::write(&whole, b"no database at all").unwrap();
    std::fs::remove_file(&witness).unwrap();
    refused(&run(&restore, PASSPHRASE), &["jooper.db"]);
    assert!(!data.exists() && !keys.exists() && !witness.exists());
    std::fs::copy(&aside, &whole).unwrap();
    assert!(run(&restore, PASSPHRASE).status.success());
    assert!(
        run(&["doctor", "--config", &config], PASSPHRASE)
            .status
            .success()
    );
}

#[test]
fn a_mapping_of_a_column_that_is_not_there_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let output = import(
        dir.path(),
        b"Email\nada@example.com\n",
        &["--map", "title=Rank"],
    );
    refused(&output, &["Rank"]);
}

#[test]
fn a_wrong_passphrase_says_so_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let config = config(dir.path(), |text| text);
    let keys = dir.path().join("home/keys/jooper.keys");
    let before = std::fs::read(&keys).unwrap();
    let output = run(&["doctor", "--config", &config], Some("another passphrase"));
    refused(&output, &["jooper.keys", "passphrase"]);
    assert_eq!(std::fs::read(&keys).unwrap(), before);
    let output = run(&["doctor", "--config", &config], None);
    refused(&output, &["JOOPER_PASSPHRASE"]);
}

#[test]
fn a_taken_port_is_named_with_the_option_that_changes_it() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let demo = dir.path().join("demo");
    let output = run(
        &["demo", "--dir", demo.to_str().unwrap(), "--port", &port],
        None,
    );
    refused(&output, &[&port, "--port"]);
    assert!(!demo.exists(), "nothing was made");
}

#[test]
fn another_address_than_loopback_needs_a_sign_in() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace("listen = \"127.0.0.1", "listen = \"0.0.0.0")
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["0.0.0.0", "hash-password", "google_accounts"]);
}

#[test]
fn a_public_address_behind_a_proxy_needs_a_sign_in_too() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace(
            "public_url = \"http://127.0.0.1",
            "public_url = \"https://mail.example.com",
        )
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["mail.example.com", "hash-password"]);
}

#[test]
fn a_password_hash_that_is_none_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    for wrong in [
        "",
        "hunter2hunter2",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ",
    ] {
        let config = config(dir.path(), |text| {
            text.replace(
                "[identity]",
                &format!("[login]\npassword_hash = \"{wrong}\"\n[identity]"),
            )
        });
        let output = run(&["serve", "--config", &config], PASSPHRASE);
        refused(&output, &["password_hash", "hash-password"]);
    }
}

#[test]
fn the_shipped_config_reads_and_asks_for_a_sign_in() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/jooper.example.toml");
    let output = run(&["serve", "--config", example], PASSPHRASE);
    refused(
        &output,
        &["outreach.example.com", "no sign-in is configured"],
    );
    // The route that the server has.
    let text = std::fs::read_to_string(example).unwrap();
    assert!(text.contains("https://outreach.example.com/login/callback\""));
}

#[test]
fn a_config_mistake_names_file_and_line() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text.replace("legal_name", "legalname"));
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(
        &output,
        &["jooper.toml", "line 7, column 9", "legalname", "legal_name"],
    );
    let output = run(&["serve", "--config", "/nowhere/jooper.toml"], PASSPHRASE);
    refused(
        &output,
        &["/nowhere/jooper.toml", "jooper.example.toml", "--config"],
    );
}

#[test]
fn a_config_whose_parts_do_not_fit_is_refused_before_anything_is_made() {
    let dir = tempfile::tempdir().unwrap();
    for (from, to, says) in [
        (
            "/\"\n        [id",
            "/outreach/\"\n        [id",
            "root of a host",
        ),
        (
            "public_url = \"http://127.0.0.1",
            "public_url = \"http://mail.example.com",
            "https://",
        ),
        (
            "[identity]",
            "[login]\ngoogle_accounts = [\"nobody\"]\n[identity]",
            "entry 1",
        ),
        (
            "[identity]",
            "[login]\ngoogle_accounts = [\"ada@example.com\"]\n[identity]",
            "[google.sign_in]",
        ),
        (
            "[identity]",
            "[engine]\nlanes_at_once = 0\n[identity]",
            "lanes_at_once",
        ),
    ] {
        let config = config(dir.path(), |text| {
            assert!(text.contains(from), "{from:?} in {text}");
            text.replace(from, to)
        });
        for command in ["serve", "doctor"] {
            refused(
                &run(&[command, "--config", &config], PASSPHRASE),
                &["jooper.toml", says],
            );
        }
    }
    assert!(!dir.path().join("home").exists(), "nothing was made");
}

#[test]
fn a_mistake_beside_a_secret_does_not_show_the_secret() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| {
        text.replace("[identity]", "[login]\npassword = \"hunter2\"\n[identity]")
    });
    let output = run(&["serve", "--config", &config], PASSPHRASE);
    refused(&output, &["line 6", "password_hash"]);
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
}

#[test]
fn doctor_refuses_what_serve_refuses_and_makes_no_witness() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let wrong = config(dir.path(), |text| {
        text.replace(
            "[identity]",
            "[login]\npassword_hash = \"hunter2\"\n[identity]",
        )
    });
    refused(
        &run(&["doctor", "--config", &wrong], PASSPHRASE),
        &["password_hash"],
    );
    let right = config(dir.path(), |text| text);
    let witness = dir.path().join("home/witness/jooper.witness");
    std::fs::remove_file(&witness).unwrap();
    refused(
        &run(&["doctor", "--config", &right], PASSPHRASE),
        &["jooper.witness is missing", "put its newest copy back"],
    );
    assert!(!witness.exists(), "a witness was made");
}

#[test]
fn data_that_is_missing_is_no_new_installation() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let config = config(dir.path(), |text| text);
    // The witness knows an installation as soon as its server has run.
    let arguments = ["serve", "--config", &config];
    let mut server = Program::start_with(
        &arguments,
        "error",
        &[("JOOPER_PASSPHRASE", PASSPHRASE.unwrap())],
    );
    server.says("Serving", Duration::from_secs(60));
    server.interrupt();
    assert_eq!(server.wait(Duration::from_secs(60)), Some(0));
    let data = dir.path().join("home/data");
    std::fs::remove_dir_all(&data).unwrap();
    let output = run(&arguments, PASSPHRASE);
    refused(
        &output,
        &[
            "jooper.witness belongs to data that is missing",
            "restore a backup",
        ],
    );
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_directory_that_was_there_keeps_its_rights() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let ours = dir.path().join("etc");
    std::fs::create_dir(&ours).unwrap();
    std::fs::set_permissions(&ours, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = config(dir.path(), |text| {
        format!("keys = \"{}/jooper.keys\"\n{text}", ours.display())
    });
    let file = dir.path().join("leads.csv");
    std::fs::write(&file, "Email\nada@example.com\n").unwrap();
    let output = run(
        &["import", "--config", &config, file.to_str().unwrap()],
        PASSPHRASE,
    );
    assert!(output.status.success(), "{output:?}");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&ours), 0o755);
    assert_eq!(mode(&ours.join("jooper.keys")), 0o600);
    assert_eq!(mode(&dir.path().join("home/data")), 0o700);
}

#[test]
fn whoever_stops_listening_does_not_break_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    let mut child = Command::new(SERVER)
        .args(["serve", "--config", &config])
        .env("JOOPER_PASSPHRASE", "correct horse battery")
        .env_remove("JOOPER_STORAGE")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
    assert!(line.contains("Serving"), "{line}");
    drop(reader);
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_second_demo_in_the_same_directory_is_refused_and_touches_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("demo");
    let start = || {
        let port = free_port().to_string();
        let arguments = ["demo", "--dir", home.to_str().unwrap(), "--port", &port];
        Program::start(&arguments, "error")
    };
    let mut first = start();
    first.says("Started", Duration::from_secs(120));
    let mut second = start();
    assert_ne!(second.wait(Duration::from_secs(60)), Some(0));
    let told: Vec<_> = second.stderr.try_iter().collect();
    assert!(
        told.iter()
            .any(|line| line.contains("another demo runs in") && line.contains("--dir")),
        "{told:?}"
    );
    first.interrupt();
    assert_eq!(first.wait(Duration::from_secs(60)), Some(0));
}

#[test]
fn a_second_process_on_the_same_data_is_told_about_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    let server = {
        // The first one holds the data.
        let mut child = Command::new(SERVER)
            .args(["serve", "--config", &config])
            .env("JOOPER_PASSPHRASE", "correct horse battery")
            .env_remove("JOOPER_STORAGE")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut reader, &mut line).unwrap();
        assert!(line.contains("Serving"), "{line}");
        child
    };
    let output = run(&["doctor", "--config", &config], PASSPHRASE);
    let mut server = server;
    server.kill().unwrap();
    server.wait().unwrap();
    refused(&output, &["PostgreSQL"]);
}

#[test]
fn a_backup_is_never_written_over_and_restores() {
    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let config = config(dir.path(), |text| text);
    let copy = dir.path().join("copy");
    let copy = copy.to_str().unwrap();
    let output = run(&["backup", "--config", &config, copy], None);
    assert!(output.status.success(), "{output:?}");
    refused(
        &run(&["backup", "--config", &config, copy], None),
        &["jooper.db exists already", "empty directory"],
    );
    refused(
        &run(&["restore", "--config", &config, copy], None),
        &["nothing is ever overwritten"],
    );
    std::fs::remove_dir_all(dir.path().join("home/data")).unwrap();
    let output = run(&["restore", "--config", &config, copy], None);
    assert!(output.status.success(), "{output:?}");
    let output = run(&["doctor", "--config", &config], PASSPHRASE);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("1 leads"), "{text}");
}

#[test]
fn data_that_other_tools_put_back_is_declared_a_copy_by_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path(), |text| text);
    refused(
        &run(&["restored", "--config", &config], None),
        &["there is no data"],
    );
    assert!(
        import(dir.path(), b"Email\nada@example.com\n", &[])
            .status
            .success()
    );
    let says_copy = || {
        let output = run(&["doctor", "--config", &config], PASSPHRASE);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).contains("was put back")
    };
    // Data that was never started knows no mark yet.
    let file = dir.path().join("home/data/jooper.db");
    let witness = dir.path().join("home/witness/jooper.witness");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        use jooper::sqlite::{FileWitness, SqliteStorage};
        use jooper::storage::Standing;
        let store = SqliteStorage::open(file).await.unwrap();
        let witness = FileWitness::open(witness).await.unwrap();
        let keys = dir.path().join("home/keys/jooper.keys");
        let ours = jooper::vault::FileKms::installation_of(&keys).unwrap();
        let standing = Standing::read(&store, &witness, ours).await.unwrap();
        standing
            .settle(&store, &witness, 0, jooper::core::from_millis(1))
            .await
            .unwrap();
        store.close();
    });
    assert!(!says_copy());
    let output = run(&["restored", "--config", &config], None);
    assert!(output.status.success(), "{output:?}");
    assert!(says_copy());
}

#[test]
fn the_demo_refuses_a_file_that_is_no_csv_of_leads() {
    let dir = tempfile::tempdir().unwrap();
    let csv = dir.path().join("mine.csv");
    std::fs::write(&csv, "no,name,here\n1,2,3\n").unwrap();
    let demo = dir.path().join("demo");
    let port = free_port().to_string();
    let mut program = Program::start(
        &[
            "demo",
            "--dir",
            demo.to_str().unwrap(),
            "--port",
            &port,
            "--leads",
            csv.to_str().unwrap(),
        ],
        "error",
    );
    assert_ne!(program.wait(Duration::from_secs(60)), Some(0));
    let told: Vec<_> = program.stderr.try_iter().collect();
    assert!(told.iter().any(|line| line.contains("e-mail")), "{told:?}");
    assert!(!demo.exists(), "nothing was made");
}

#[test]
fn doctor_names_the_leads_whose_key_is_missing() {
    use jooper::sqlite::SqliteStorage;
    use jooper::storage::tables::{
        LEAD, LeadRow, SUBJECT_KEY, WORKSPACE_DIRECTORY, WorkspaceDirectoryRow,
    };
    use jooper::storage::{Batch, Column, Key, Scan, Scope, Storage, StorageExt, Write};

    let dir = tempfile::tempdir().unwrap();
    assert!(
        import(
            dir.path(),
            b"Email\nada@example.com\nbob@example.com\n",
            &[]
        )
        .status
        .success()
    );
    let config = config(dir.path(), |text| text);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lost = runtime.block_on(async {
        let file = dir.path().join("home/data/jooper.db");
        let store = SqliteStorage::open(file).await.unwrap();
        let scan = Scan::table(&WORKSPACE_DIRECTORY);
        let workspaces = store
            .collect::<WorkspaceDirectoryRow>(Scope::Platform, scan)
            .await;
        let workspace = workspaces.unwrap()[0].record.id;
        let leads = store
            .collect::<LeadRow>(workspace, Scan::table(&LEAD))
            .await;
        let lead = leads.unwrap()[0].record.id;
        let key = Key::new(&SUBJECT_KEY, vec![lead.to_value()]);
        store
            .commit(Batch::new(workspace).write(Write::Delete(key)))
            .await
            .unwrap();
        store.close();
        lead.uuid().to_string()
    });
    let output = run(&["doctor", "--config", &config], PASSPHRASE);
    refused(&output, &["key is missing", "1 problems"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.replace('-', "").contains(&lost.replace('-', "")),
        "{lost} in {text}"
    );
}

#[test]
fn a_field_that_no_lead_has_is_named_with_a_suggestion_and_nothing_is_started() {
    let dir = tempfile::tempdir().unwrap();
    let (sequence, demo) = (dir.path().join("mails.toml"), dir.path().join("demo"));
    let text = r#"
        name = "Wrong"
        [[step]]
        [[step.variant]]
        subject = "Hello"
        body = "Hello {{ first_nam }}"
    "#;
    std::fs::write(&sequence, text).unwrap();
    let port = free_port().to_string();
    let start = || {
        run(
            &[
                "demo",
                "--dir",
                demo.to_str().unwrap(),
                "--port",
                &port,
                "--sequence",
                sequence.to_str().unwrap(),
            ],
            None,
        )
    };
    let output = start();
    refused(&output, &["first_nam", "first_name", "nothing was started"]);
    assert!(!demo.exists(), "nothing was made");
    std::fs::write(&sequence, text.replace("[[step]]", "[[stap]]")).unwrap();
    refused(&start(), &["mails.toml", "stap"]);
    assert!(!demo.exists(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_has_run_out_is_told_on_the_page_and_by_the_doctor() {
    let dir = tempfile::tempdir().unwrap();
    let google = Google::start(dir.path(), 7200);
    let home = dir.path().join("home");
    let mut demo = google.demo_with(&home, "error", &[]);
    let line = demo.says("The pages are at", Duration::from_secs(60));
    let root = line.rsplit(' ').next().unwrap().to_owned();
    demo.says("Started", Duration::from_secs(120));
    let ended = serde_json::json!({
        "account": "ada.winter@northwind.example", "cause": "grant_expired",
    });
    google.post("/_sim/grants/end", ended).await;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let page = client()
            .get(format!("{root}mailboxes"))
            .send()
            .await
            .unwrap();
        if page
            .text()
            .await
            .unwrap()
            .contains("Needs to be connected again")
        {
            break;
        }
        assert!(Instant::now() < until, "the page never says so");
    }
    demo.interrupt();
    assert_eq!(demo.wait(Duration::from_secs(60)), Some(0));

    let state = std::fs::read_to_string(home.join("demo.json")).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    let config = config(dir.path(), |text| text);
    let output = run(
        &["doctor", "--config", &config],
        state["passphrase"].as_str(),
    );
    refused(&output, &["mailbox", "needs reauth", "connects it again"]);
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
