//! The files against the declarations.

use jooper_storage::tables;

use super::*;
use crate::ddl;

#[test]
fn the_migrations_make_what_the_declarations_say() {
    let declared = ddl::script(&ddl::statements(tables::all()));
    if std::env::var_os("JOOPER_WRITE_MIGRATION").is_some() {
        // Only before the first release: afterwards write the next numbered file, and compare here
        // what both make instead of their texts.
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/0001_initial.sql");
        std::fs::write(file, &declared).unwrap();
    }
    assert_eq!(MIGRATIONS.len(), 1);
    let written: Vec<_> = statements(MIGRATIONS[0]).collect();
    let wanted: Vec<_> = statements(&declared).collect();
    let missing: Vec<_> = wanted
        .iter()
        .filter(|text| !written.contains(text))
        .collect();
    let extra: Vec<_> = written
        .iter()
        .filter(|text| !wanted.contains(text))
        .collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "the declarations changed: write the next migration (before the first release: run this test with \
         JOOPER_WRITE_MIGRATION=1)\nmissing {missing:#?}\nextra {extra:#?}"
    );
    assert!(written.len() > 60, "{}", written.len());
}

#[test]
fn months_meet_without_gap() {
    // 2026-12-15
    let months = months(1_797_292_800_000);
    let names: Vec<_> = months.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names[0], "event_log_2026_11");
    assert_eq!(names[2], "event_log_2027_01");
    assert!(months.windows(2).all(|pair| pair[0].2 == pair[1].1));
    assert_eq!(months.len(), 5);
}
