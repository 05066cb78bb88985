//! Data, keys, witness, and copies of them.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::support::{Program, SERVER};
use super::{PASSPHRASE, config, import, refused, run};

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
