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
        "the declarations changed: write the next numbered migration\nmissing {missing:#?}\nextra {extra:#?}"
    );
}

#[test]
fn every_older_version_upgrades_and_keeps_its_rows() {
    let newest_shape = {
        let connection = Connection::open_in_memory().unwrap();
        migrate(&connection).unwrap();
        shape(&connection)
    };
    for old in 0..MIGRATIONS.len() {
        let connection = Connection::open_in_memory().unwrap();
        for (at, script) in MIGRATIONS.iter().enumerate().take(old) {
            step(&connection, script, at + 1).unwrap();
        }
        assert_eq!(version(&connection).unwrap(), old as i64);
        let written = fill(&connection);
        migrate(&connection).unwrap();
        assert_eq!(version(&connection).unwrap(), newest());
        assert_eq!(shape(&connection), newest_shape, "from version {old}");
        for (table, before) in written {
            assert_eq!(rows(&connection, &table), before, "{table}, version {old}");
        }
    }
}

/// Puts two rows into every table there is, which differ in the last column of the key and in what is
/// not in it, and returns how they read back.
fn fill(connection: &Connection) -> Vec<(String, String)> {
    let mut statement = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    let names: Vec<String> = names.map(Result::unwrap).collect();
    names
        .into_iter()
        .map(|table| {
            insert(connection, &table, false);
            insert(connection, &table, true);
            let written = rows(connection, &table);
            (table, written)
        })
        .collect()
}

fn insert(connection: &Connection, table: &str, second: bool) {
    let columns = columns(connection, table);
    let places = columns.iter().map(|(.., place)| *place);
    let last = places.max().unwrap_or_default();
    let (names, values): (Vec<_>, Vec<_>) = columns
        .iter()
        .enumerate()
        .map(|(at, (name, kind, place))| {
            let other = second && (*place == 0 || *place == last);
            let value = match (kind.as_str(), other) {
                ("INTEGER", false) => format!("{}", at + 1),
                ("INTEGER", true) => format!("{}", at + 101),
                ("TEXT", false) => format!("'text {at}'"),
                ("TEXT", true) => format!("'other {at}'"),
                (_, false) => format!("x'{at:02x}ff'"),
                (_, true) => format!("x'{at:02x}fe'"),
            };
            (format!("\"{name}\""), value)
        })
        .unzip();
    let insert = format!(
        "INSERT INTO \"{table}\" ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    );
    connection.execute(&insert, []).unwrap();
}

/// Name, type and place in the key, which begins at 1, of each column.
fn columns(connection: &Connection, table: &str) -> Vec<(String, String, i64)> {
    let mut statement = connection
        .prepare("SELECT name, type, pk FROM pragma_table_xinfo(?1)")
        .unwrap();
    let columns = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    columns.map(Result::unwrap).collect()
}

/// The rows of a table by the names of its columns; columns that a later version added are left
/// out when they hold their default.
fn rows(connection: &Connection, table: &str) -> String {
    let columns = columns(connection, table);
    let quoted: Vec<_> = columns
        .iter()
        .map(|(name, ..)| format!("quote(\"{name}\")"))
        .collect();
    let select = format!("SELECT {} FROM \"{table}\"", quoted.join(", "));
    let mut statement = connection.prepare(&select).unwrap();
    let mut found = statement.query([]).unwrap();
    let mut all = String::new();
    while let Some(row) = found.next().unwrap() {
        for (at, (name, ..)) in columns.iter().enumerate() {
            let value: String = row.get(at).unwrap();
            if ADDED.contains(&(table, name, &value)) || DROPPED.contains(&(table, name)) {
                continue;
            }
            all.push_str(&format!("{name}={value} "));
        }
    }
    all
}

/// What a later version has no more: nothing ever wrote it.
const DROPPED: &[(&str, &str)] = &[("lead_address", "state")];

/// Columns that later versions add, and what an older row has there.
const ADDED: &[(&str, &str, &str)] = &[
    ("installation", "mark", "0"),
    ("enrollment", "settled", "NULL"),
    ("send", "released_by", "NULL"),
    ("lane", "recent", "NULL"),
    ("suppression", "renewed_at", "NULL"),
    ("suppression", "beside", "NULL"),
    ("permit", "company_beside", "NULL"),
    ("contact_fence", "earlier", "NULL"),
    ("mailbox", "park_reason", "NULL"),
    ("scope_stop", "beside", "NULL"),
    ("send", "searched", "NULL"),
    ("send", "searched_at", "NULL"),
    ("send", "posted_at", "NULL"),
    ("basis", "stated", "NULL"),
    // Its time, which was its number.
    ("trace", "number", "4"),
    ("trace", "number", "104"),
];

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
