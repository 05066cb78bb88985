//! What the witness's file survives, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::fs;
use std::path::Path;

use jooper_core::{SubjectId, WorkspaceId, from_millis};
use jooper_storage::{Witness, WitnessEntry, WitnessError};
use jooper_storage_sqlite::FileWitness;
use uuid::Uuid;

fn erased(n: u128) -> WitnessEntry {
    WitnessEntry::Erased {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        subject: SubjectId::from_uuid(Uuid::from_u128(n)),
    }
}

/// Three appends: entries 1, 2 and 3, 4.
async fn written(path: &Path) -> Vec<u8> {
    let witness = FileWitness::open(path).await.unwrap();
    witness.append(from_millis(1), &[erased(1)]).await.unwrap();
    witness
        .append(from_millis(2), &[erased(2), erased(3)])
        .await
        .unwrap();
    witness.append(from_millis(3), &[erased(4)]).await.unwrap();
    drop(witness);
    fs::read(path).unwrap()
}

#[tokio::test]
async fn a_last_line_torn_anywhere_is_cut_off_and_appending_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let whole = written(&path).await;
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for end in (last..whole.len()).step_by(7).chain([whole.len() - 1]) {
        fs::write(&path, &whole[..end]).unwrap();
        let witness = FileWitness::open(&path).await.unwrap();
        assert_eq!(witness.position().await.unwrap(), 3, "torn at {end}");
        assert_eq!(
            witness.append(from_millis(4), &[erased(5)]).await.unwrap(),
            4
        );
        drop(witness);
        let witness = FileWitness::open(&path).await.unwrap();
        let records = witness.read(0, 10).await.unwrap();
        assert_eq!(records.len(), 4);
        assert_eq!(records[3].entry, erased(5));
    }
    // Pages that never reached the disk read as zeros, newline or not.
    let mut zeroed = whole.clone();
    zeroed[last + 20..whole.len() - 1].fill(0);
    fs::write(&path, &zeroed).unwrap();
    let witness = FileWitness::open(&path).await.unwrap();
    assert_eq!(witness.position().await.unwrap(), 3);
}

#[tokio::test]
async fn damage_before_the_last_line_names_the_record() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let whole = written(&path).await;
    let lines: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
    let refused = async |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        match FileWitness::open(&path).await {
            Err(WitnessError::Corrupt { position }) => position,
            other => panic!("{other:?}"),
        }
    };
    for byte in [0, 17, 40, lines[0].len() - 2] {
        let mut flipped = whole.clone();
        flipped[byte] ^= 1;
        assert_eq!(refused(&flipped).await, 1);
    }
    let removed = [lines[0], lines[2]].concat();
    assert_eq!(refused(&removed).await, 2, "a removed line");
    let swapped = [lines[0], lines[2], lines[1]].concat();
    assert_eq!(refused(&swapped).await, 2, "lines in another order");
    let mut edited = whole.clone();
    let end = whole.len() - 3;
    edited[end] ^= 1;
    assert_eq!(
        refused(&edited).await,
        4,
        "an edited last line is not a torn one"
    );
}

#[tokio::test]
async fn one_process_owns_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let first = FileWitness::open(&path).await.unwrap();
    let second = FileWitness::open(&path).await;
    assert!(matches!(second, Err(WitnessError::Unavailable(_))));
    drop(first);
    FileWitness::open(&path).await.unwrap();
}

#[tokio::test]
async fn reading_begins_in_the_middle_of_a_long_file() {
    let dir = tempfile::tempdir().unwrap();
    let witness = FileWitness::open(dir.path().join("witness")).await.unwrap();
    for n in 1..=600 {
        witness
            .append(from_millis(1), &[erased(n), erased(n)])
            .await
            .unwrap();
    }
    for after in [0, 1, 511, 512, 513, 1023, 1024, 1199] {
        let page = witness.read(after, 3).await.unwrap();
        assert_eq!(page[0].position, after + 1);
        assert_eq!(page[0].entry, erased(u128::from(after / 2 + 1)));
    }
}

#[tokio::test]
async fn a_long_append_is_several_lines_and_a_line_beyond_every_bound_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let witness = FileWitness::open(&path).await.unwrap();
    let many: Vec<_> = (1..=2_500).map(erased).collect();
    let last = witness.append(from_millis(1), &many).await.unwrap();
    assert_eq!(last, 2_500);
    drop(witness);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert!(text.lines().all(|line| line.len() < 1 << 19));
    let witness = FileWitness::open(&path).await.unwrap();
    let records = witness.read(0, 3_000).await.unwrap();
    assert_eq!(records.len(), 2_500);
    assert_eq!(records[2_499].entry, erased(2_500));
    let page = witness.read(999, 2).await.unwrap();
    let places: Vec<_> = page.iter().map(|record| record.position).collect();
    assert_eq!(places, [1_000, 1_001], "over the end of a line");
    drop(witness);
    // A line of 2 MiB is none of ours: it is not even read to its end.
    let mut longer = text.into_bytes();
    longer.extend(vec![b'a'; 2 << 20]);
    longer.extend(b"\n");
    fs::write(&path, longer).unwrap();
    let refused = FileWitness::open(&path).await;
    assert!(
        matches!(refused, Err(WitnessError::Corrupt { position: 2_501 })),
        "{refused:?}"
    );
}

async fn fill_the_disk(dir: &Path) {
    let (ballast, path) = (dir.join("ballast"), dir.join("witness"));
    fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let witness = FileWitness::open(&path).await.unwrap();
    let entries: Vec<_> = (0..100).map(erased).collect();
    let mut known = 0;
    let refused = loop {
        match witness.append(from_millis(1), &entries).await {
            Ok(position) => known = position,
            Err(error) => break error,
        }
        assert!(known < 100_000, "the disk never filled");
    };
    assert!(
        matches!(refused, WitnessError::Unavailable(_)),
        "{refused:?}"
    );
    assert!(known > 1_000, "{known}");
    let all = async || {
        let records = witness.read(0, usize::MAX).await.unwrap();
        records.len() as u64
    };
    assert_eq!(
        (witness.position().await.unwrap(), all().await),
        (known, known)
    );
    let again = witness.append(from_millis(1), &entries).await;
    assert!(
        matches!(again, Err(WitnessError::Unavailable(_))),
        "{again:?}"
    );
    fs::remove_file(ballast).unwrap();
    let last = witness.append(from_millis(2), &entries).await.unwrap();
    assert_eq!((last, all().await), (known + 100, known + 100));
    drop(witness);
    let witness = FileWitness::open(&path).await.unwrap();
    assert_eq!(witness.position().await.unwrap(), known + 100);
}

/// On a file system of 4 MiB in a mount namespace of its own, so that no other process sees it.
#[test]
fn a_full_disk_acknowledges_nothing_and_the_witness_goes_on_when_there_is_room() {
    if let Ok(dir) = std::env::var("JOOPER_FULL_DISK") {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(fill_the_disk(Path::new(&dir)));
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=4m tmpfs "$JOOPER_FULL_DISK" && exec "$0" "$@""#;
    let status = std::process::Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", script])
        .arg(std::env::current_exe().unwrap())
        .args([
            "a_full_disk_acknowledges_nothing_and_the_witness_goes_on_when_there_is_room",
            "--exact",
        ])
        .env("JOOPER_FULL_DISK", dir.path())
        .status()
        .expect("`unshare` of util-linux makes the small file system");
    assert!(status.success(), "see above");
    let left = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(left, 0, "it ran on the real disk");
}
