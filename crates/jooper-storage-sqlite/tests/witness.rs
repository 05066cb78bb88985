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
