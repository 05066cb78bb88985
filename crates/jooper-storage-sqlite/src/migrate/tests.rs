//! The files against the declarations, and every older version against the newest.

use std::collections::BTreeSet;

use jooper_storage::tables;

use super::*;
use crate::schema;

fn declared() -> String {
    schema::script(&schema::statements(tables::all()))
}

/// Tables, columns and indexes, without the texts that made them.
fn shape(connection: &Connection) -> BTreeSet<String> {
    let lines = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let mut shape = BTreeSet::new();
    shape.extend(lines(
        "SELECT 'table ' || t.name || ' ' || t.wr || t.strict || ' ' || c.name || ' ' || c.type || c.\"notnull\" || c.pk
         FROM pragma_table_list AS t, pragma_table_xinfo(t.name) AS c WHERE t.name NOT LIKE 'sqlite_%'",
    ));
    shape.extend(lines(
        "SELECT 'index ' || t.name || ' ' || CASE i.origin WHEN 'c' THEN i.name ELSE i.origin END || ' '
         || i.\"unique\" || i.partial || ' ' || c.seqno || coalesce(c.name, '')
         FROM pragma_table_list AS t, pragma_index_list(t.name) AS i, pragma_index_xinfo(i.name) AS c
         WHERE c.key AND t.name NOT LIKE 'sqlite_%'",
    ));
    shape
}

#[test]
fn the_migrations_make_what_the_declarations_say() {
    if std::env::var_os("JOOPER_WRITE_MIGRATION").is_some() {
        // Only before the first release: afterwards write the next numbered file.
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/0001_initial.sql");
        std::fs::write(file, declared()).unwrap();
    }
    let migrated = Connection::open_in_memory().unwrap();
    migrate(&migrated).unwrap();
    let made = Connection::open_in_memory().unwrap();
    made.execute_batch(&declared()).unwrap();
    let (migrated, made) = (shape(&migrated), shape(&made));
    assert!(made.len() > 300, "the shape reads {} lines", made.len());
    let missing: Vec<_> = made.difference(&migrated).collect();
    let extra: Vec<_> = migrated.difference(&made).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "the declarations changed: write the next migration (before the first release: run this test with \
         JOOPER_WRITE_MIGRATION=1)\nmissing {missing:#?}\nextra {extra:#?}"
    );
}

#[test]
fn every_older_version_upgrades() {
    for old in 0..MIGRATIONS.len() {
        let connection = Connection::open_in_memory().unwrap();
        for (at, script) in MIGRATIONS.iter().enumerate().take(old) {
            step(&connection, script, at + 1).unwrap();
        }
        assert_eq!(version(&connection).unwrap(), old as i64);
        migrate(&connection).unwrap();
        assert_eq!(version(&connection).unwrap(), newest());
    }
}

#[test]
fn newer_and_foreign_files_are_refused() {
    let connection = Connection::open_in_memory().unwrap();
    migrate(&connection).unwrap();
    let newer = newest() + 1;
    connection
        .pragma_update(None, "user_version", newer)
        .unwrap();
    let error = migrate(&connection).unwrap_err();
    assert!(
        matches!(error, StoreError::Schema { found, .. } if found == newer),
        "{error}"
    );

    let foreign = Connection::open_in_memory().unwrap();
    foreign.execute_batch("CREATE TABLE notes (text)").unwrap();
    assert!(matches!(migrate(&foreign), Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_migration_that_fails_leaves_the_old_schema() {
    let connection = Connection::open_in_memory().unwrap();
    let broken = "CREATE TABLE a (x); CREATE TABLE a (x);";
    assert!(step(&connection, broken, 1).is_err());
    connection.execute_batch("ROLLBACK").unwrap();
    assert_eq!(version(&connection).unwrap(), 0);
}
