//! Power cuts and damage, page by page.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use std::fs;
use std::path::Path;

use jooper_core::{SubjectId, WorkspaceId, from_millis};
use uuid::Uuid;

use super::*;

const PAGE: usize = 4096;

fn erased(n: u64) -> WitnessEntry {
    WitnessEntry::Erased {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        subject: SubjectId::from_uuid(Uuid::from_u128(n.into())),
    }
}

fn open(path: &Path) -> Result<Log, WitnessError> {
    let mut options = fs::OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false);
    Log::open(options.open(path).unwrap())
}

fn append(log: &mut Log, counts: &[u64]) {
    let mut n = log.position();
    let appends: Vec<_> = counts
        .iter()
        .map(|count| {
            let entries = (n + 1..=n + count).map(erased).collect();
            n += count;
            (from_millis(1), entries)
        })
        .collect();
    log.append(&appends).unwrap();
}

/// Entry n stands at position n, and appending goes on.
fn goes_on(path: &Path, what: &str) -> u64 {
    let mut log = open(path).unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let kept = log.position();
    append(&mut log, &[2]);
    drop(log);
    let mut log = open(path).unwrap();
    let records = log.read(0, usize::MAX).unwrap();
    assert_eq!(records.len() as u64, kept + 2, "{what}");
    for (record, n) in records.iter().zip(1..) {
        assert_eq!((record.position, &record.entry), (n, &erased(n)), "{what}");
    }
    kept
}

fn corrupt(path: &Path, bytes: &[u8]) -> u64 {
    fs::write(path, bytes).unwrap();
    match open(path) {
        Err(WitnessError::Corrupt { position }) => position,
        other => panic!("{other:?}"),
    }
}

/// A file of acknowledged writes of one and of several lines; then one write of several callers
/// and several lines. Returns the bytes and where the last write begins.
fn written(path: &Path) -> (Vec<u8>, usize) {
    let mut log = open(path).unwrap();
    append(&mut log, &[1]);
    append(&mut log, &[3, 1_001]);
    append(&mut log, &[5]);
    let began = usize::try_from(log.end.offset).unwrap();
    append(&mut log, &[1_050, 1, 1, 60]);
    (fs::read(path).unwrap(), began)
}

/// Positions before the last write of [`written`], and behind it.
const BEFORE: u64 = 1_010;
const BEHIND: u64 = BEFORE + 1_112;

#[test]
fn whatever_pages_of_the_last_write_a_power_cut_loses_the_rest_stands() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let (whole, began) = written(&path);
    let pages = began / PAGE..whole.len().div_ceil(PAGE);
    assert!(pages.len() > 25, "{pages:?}");
    let zero = |bytes: &mut [u8], page: usize| {
        let end = bytes.len().min((page + 1) * PAGE);
        bytes[began.max(page * PAGE)..end].fill(0);
    };
    let lose = |lost: &dyn Fn(usize) -> bool, what: &str| {
        let mut bytes = whole.clone();
        let gone: Vec<_> = pages.clone().filter(|page| lost(*page)).collect();
        gone.iter().for_each(|page| zero(&mut bytes, *page));
        fs::write(&path, bytes).unwrap();
        let kept = goes_on(&path, what);
        assert!((BEFORE..BEHIND).contains(&kept), "{what}: {kept}");
        kept
    };
    for page in pages.clone() {
        lose(&|other| other == page, &format!("page {page}"));
        let behind = lose(&|other| other >= page, &format!("from page {page}"));
        let before = lose(&|other| other <= page, &format!("up to page {page}"));
        assert!(before == BEFORE && behind >= before);
    }
    for seed in 1..10_usize {
        let lost = |page: usize| (page * 7_919 + seed * 104_729) % 97 < 30 || page == pages.start;
        lose(&lost, &format!("seed {seed}"));
    }
    let mut kept = Vec::new();
    for end in (began..whole.len()).step_by(6_007) {
        fs::write(&path, &whole[..end]).unwrap();
        kept.push(goes_on(&path, &format!("cut at {end}")));
        // Longer than what was written of it: the size reached the disk before the pages.
        let mut bytes = whole[..end].to_vec();
        bytes.resize(whole.len() + 3 * PAGE, 0);
        fs::write(&path, bytes).unwrap();
        assert_eq!(goes_on(&path, "zeros behind"), kept[kept.len() - 1]);
    }
    assert_eq!((kept[0], kept.is_sorted()), (BEFORE, true));
}

#[test]
fn a_hole_that_is_longer_than_a_line_is_torn_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let mut log = open(&path).unwrap();
    append(&mut log, &[4]);
    let began = usize::try_from(log.end.offset).unwrap();
    append(&mut log, &[10_000]);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len() - 2 * PAGE;
    assert!((end - began) as u64 > line::LONGEST + 1);
    bytes[began + 50..end].fill(0);
    fs::write(&path, bytes).unwrap();
    assert_eq!(goes_on(&path, "a long hole"), 4);
}

#[test]
fn the_same_damage_before_a_later_write_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let (_, began) = written(&path);
    let mut log = open(&path).unwrap();
    let behind = usize::try_from(log.end.offset).unwrap();
    append(&mut log, &[1]);
    drop(log);
    let whole = fs::read(&path).unwrap();
    for from in (began..behind - PAGE).step_by(PAGE) {
        let mut bytes = whole.clone();
        bytes[from..from + PAGE].fill(0);
        let position = corrupt(&path, &bytes);
        assert!((BEFORE + 1..=BEHIND).contains(&position), "{position}");
    }
    // All of it is gone, up to where the later one begins.
    let mut bytes = whole.clone();
    bytes[began..behind].fill(0);
    assert_eq!(corrupt(&path, &bytes), BEFORE + 1);
    // The first write, which is long acknowledged.
    let mut bytes = whole;
    bytes[5..30].fill(0);
    assert_eq!(corrupt(&path, &bytes), 1);
}

#[test]
fn a_changed_line_of_the_last_write_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("witness");
    let (whole, began) = written(&path);
    for at in (began..whole.len() - 1).step_by(7_919) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        let position = corrupt(&path, &bytes);
        assert!((BEFORE + 1..=BEHIND).contains(&position), "{position}");
    }
    // A hole in one line does not excuse a change of another.
    let mut bytes = whole;
    bytes[began + 20] = 0;
    let last = bytes.len() - 3;
    bytes[last] = b'?';
    assert_eq!(corrupt(&path, &bytes), BEFORE + 1);
}
