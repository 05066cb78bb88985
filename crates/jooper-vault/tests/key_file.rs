//! The key store in a file: what it survives, and how it says what is wrong.
#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

use std::fs;
use std::path::PathBuf;

use jooper_vault::{FileKms, FileKmsSettings, KeyBytes, Kms, KmsError};
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jooper.keys");
    (dir, path)
}

fn create(path: &PathBuf) -> FileKms {
    FileKms::create_with(path, "passphrase", FileKmsSettings::cheap()).unwrap()
}

fn key(byte: u8) -> KeyBytes {
    KeyBytes::from_bytes([byte; 32])
}

#[tokio::test]
async fn a_key_file_gives_back_what_it_wrapped_after_a_restart() {
    let (_dir, path) = place();
    let kms = create(&path);
    let wrapped = kms.wrap(1, b"for this", &key(5)).await.unwrap();
    let index = kms.mac("index", b"workspace").await.unwrap();

    let again = FileKms::open(&path, "passphrase").unwrap();
    assert_eq!(again.installation(), kms.installation());
    let back = again.unwrap(1, b"for this", &wrapped).await.unwrap();
    assert_eq!(back.expose(), &[5; 32]);
    let same = again.mac("index", b"workspace").await.unwrap();
    assert_eq!(same.expose(), index.expose());
    let other = again.mac("index", b"another").await.unwrap();
    assert_ne!(other.expose(), index.expose());
    let error = again.unwrap(1, b"for that", &wrapped).await.err();
    assert!(matches!(error, Some(KmsError::NotAuthentic)));
    let error = again.wrap(2, b"", &key(5)).await.err();
    assert!(matches!(error, Some(KmsError::UnknownEpoch { epoch: 2 })));
}

#[tokio::test]
async fn a_destroyed_epoch_is_gone_for_every_process_and_its_number_is_not_reused() {
    let (_dir, path) = place();
    let kms = create(&path);
    let other = FileKms::open(&path, "passphrase").unwrap();
    let wrapped = kms.wrap(1, b"", &key(5)).await.unwrap();

    assert_eq!(kms.new_epoch().await.unwrap(), 2);
    assert_eq!(other.current_epoch().await.unwrap(), 2, "read anew");
    let error = other.destroy_epoch(2).await.err();
    assert!(matches!(error, Some(KmsError::CurrentEpoch { epoch: 2 })));
    other.destroy_epoch(1).await.unwrap();
    other.destroy_epoch(1).await.unwrap();
    assert_eq!(kms.epochs().await.unwrap(), [2]);
    let error = kms.unwrap(1, b"", &wrapped).await.err();
    assert!(matches!(error, Some(KmsError::UnknownEpoch { epoch: 1 })));
    assert_eq!(kms.new_epoch().await.unwrap(), 3);
}

#[tokio::test]
async fn what_a_change_replaces_is_overwritten() {
    let (dir, path) = place();
    let kms = create(&path);
    let old = dir.path().join("a second name of the old bytes");
    fs::hard_link(&path, &old).unwrap();
    kms.new_epoch().await.unwrap();
    let bytes = fs::read(&old).unwrap();
    assert!(!bytes.is_empty() && bytes.iter().all(|byte| *byte == 0));
    FileKms::open(&path, "passphrase").unwrap();
}

#[test]
fn a_wrong_passphrase_names_the_file_and_the_remedy() {
    let (_dir, path) = place();
    create(&path);
    let error = FileKms::open(&path, "Passphrase").unwrap_err();
    assert!(matches!(error, KmsError::WrongPassphrase { .. }));
    let text = error.to_string();
    assert!(text.contains("jooper.keys") && text.contains("give the one it was created with"));
    // Opening or creating never makes a second installation of a typing mistake.
    let error = FileKms::open_or_create(&path, "Passphrase").unwrap_err();
    assert!(matches!(error, KmsError::WrongPassphrase { .. }));
    FileKms::open_or_create(&path, "passphrase").unwrap();
}

#[test]
fn a_missing_existing_or_empty_one_is_told_apart() {
    let (_dir, path) = place();
    let error = FileKms::open(&path, "passphrase").unwrap_err();
    assert!(matches!(error, KmsError::Missing { .. }));
    let error = FileKms::create(&path, "").unwrap_err();
    assert!(matches!(error, KmsError::EmptyPassphrase { .. }));
    assert!(!path.exists());
    create(&path);
    let before = fs::read(&path).unwrap();
    let error = FileKms::create(&path, "another").unwrap_err();
    assert!(matches!(error, KmsError::Exists { .. }));
    assert_eq!(fs::read(&path).unwrap(), before, "nothing half-done");
}

#[test]
fn a_damaged_file_is_refused_and_a_changed_header_does_not_open() {
    let (_dir, path) = place();
    create(&path);
    let text = fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("jooper key file", "other key file"),
        ("\"version\": 1", "\"version\": 2"),
        ("{", "<"),
        ("\"salt\": \"", "\"salt\": \"*"),
        ("\"memory_kib\"", "\"memory\""),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let error = FileKms::open(&path, "passphrase").unwrap_err();
        assert!(matches!(error, KmsError::Damaged { .. }), "{from}: {error}");
        assert!(error.to_string().contains("jooper.keys"));
    }
    // Cheaper guessing cannot be written into the header, nor memory without bound.
    fs::write(
        &path,
        text.replace("\"iterations\": 1", "\"iterations\": 2"),
    )
    .unwrap();
    let error = FileKms::open(&path, "passphrase").unwrap_err();
    assert!(matches!(error, KmsError::WrongPassphrase { .. }));
    let greedy = text.replace("\"memory_kib\": 8", "\"memory_kib\": 4294967295");
    fs::write(&path, greedy).unwrap();
    let error = FileKms::open(&path, "passphrase").unwrap_err();
    assert!(matches!(error, KmsError::Settings(_)));
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let error = FileKms::open(&path, "passphrase").unwrap_err();
    assert!(matches!(error, KmsError::Damaged { .. }));
}

#[tokio::test]
async fn a_crash_while_replacing_leaves_a_whole_file() {
    let (dir, path) = place();
    let kms = create(&path);
    fs::write(dir.path().join("jooper.keys.new"), "half of a fi").unwrap();
    let again = FileKms::open(&path, "passphrase").unwrap();
    assert_eq!(again.new_epoch().await.unwrap(), 2);
    assert_eq!(kms.epochs().await.unwrap(), [1, 2]);
    assert!(!dir.path().join("jooper.keys.new").exists());
}

#[tokio::test]
async fn two_processes_that_begin_epochs_at_once_lose_none() {
    let (_dir, path) = place();
    create(&path);
    let threads: Vec<_> = (0..4)
        .map(|_| FileKms::open(&path, "passphrase").unwrap())
        .map(|kms| {
            #[allow(clippy::disallowed_methods, reason = "the race is what is tested")]
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                let runtime = runtime.unwrap();
                (0..8)
                    .map(|_| runtime.block_on(kms.new_epoch()).unwrap())
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut given: Vec<u64> = threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect();
    given.sort_unstable();
    assert_eq!(given, (2..=33).collect::<Vec<_>>());
}

#[tokio::test]
async fn another_passphrase_keeps_the_keys_and_shuts_the_old_one_out() {
    let (_dir, path) = place();
    let kms = create(&path);
    let wrapped = kms.wrap(1, b"", &key(5)).await.unwrap();
    let cheap = FileKmsSettings::cheap();
    let error = FileKms::change_passphrase(&path, "wrong", "new", cheap).unwrap_err();
    assert!(matches!(error, KmsError::WrongPassphrase { .. }));
    let changed = FileKms::change_passphrase(&path, "passphrase", "new", cheap).unwrap();
    assert_eq!(changed.installation(), kms.installation());

    let error = FileKms::open(&path, "passphrase").unwrap_err();
    assert!(matches!(error, KmsError::WrongPassphrase { .. }));
    let error = kms.current_epoch().await.unwrap_err();
    assert!(
        matches!(error, KmsError::WrongPassphrase { .. }),
        "open since before"
    );
    let again = FileKms::open(&path, "new").unwrap();
    let back = again.unwrap(1, b"", &wrapped).await.unwrap();
    assert_eq!(back.expose(), &[5; 32]);
}

#[cfg(unix)]
#[test]
fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, path) = place();
    create(&path);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn nothing_secret_is_in_the_clear_or_in_debug() {
    let (_dir, path) = place();
    let kms = create(&path);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("passphrase"));
    let debug = format!("{kms:?}");
    assert!(debug.contains("ins_") && !debug.contains("passphrase") && debug.len() < 200);
}

/// What the first release wrote must open with every later one.
#[tokio::test]
async fn a_key_file_of_version_1_still_opens() {
    let kms = FileKms::open(
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/version-1.keys"),
        "correct horse",
    )
    .unwrap();
    assert_eq!(kms.epochs().await.unwrap(), [2, 3]);
    let index = kms.mac("workspace index root", b"golden").await.unwrap();
    assert_eq!(
        hex(index.expose()),
        "71c987424ca14ec8bf05962471be8f87c279d29dc9bbe7599fe906e9c775fae9"
    );
    let wrapped = unhex(
        "b282ba964b1c7487eeb5a99c4af5eaf0d34e19c34f5ecee75d648b9f7df834a1ad1ddcdd60ff87abfdd5fd0f3e8e67bc15351b9e907baa02e72460da",
    );
    let back = kms.unwrap(3, b"golden", &wrapped).await.unwrap();
    assert_eq!(back.expose(), &[0x42; 32]);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
