//! Millions of enrollments, written by the database itself: what is measured comes after.
//!
//! Ids lie as in production: those of one campaign side by side, in no order among themselves.

use std::path::Path;

use rusqlite::Connection;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::rows::workspace;

/// Lanes that take turns, in every store.
pub(crate) const LANES: u64 = 100;
/// What is far above every number of an enrollment: mailboxes are numbered from here.
const MAILBOXES: u64 = 1 << 40;
const LOW: u64 = 1 << 32;
const SPREAD: u64 = 1_103_515_245;

/// The id of this number: the same as the two databases write.
pub(crate) fn id(n: u64) -> Uuid {
    let spread = (n % LOW * SPREAD) % LOW;
    Uuid::from_u64_pair(n / 1_000, (spread << 32) | (n % LOW))
}

/// Enrollments of one mailbox, where there are so many in all: a thousand, or fewer where there would
/// be fewer mailboxes than lanes that take turns.
pub(crate) const fn per_mailbox(rows: u64) -> u64 {
    if rows / LANES < 1_000 {
        rows / LANES
    } else {
        1_000
    }
}

pub(crate) fn mailbox(n: u64) -> Uuid {
    id(MAILBOXES + n)
}

/// Column and value of an enrollment, `n` being its number; `id` writes the id of a number.
fn columns(rows: u64, id: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
    let number = |text: &str| text.to_owned();
    let per = per_mailbox(rows);
    vec![
        ("id", id("n")),
        ("campaign", id("(n / 100000)")),
        ("lead", id("n")),
        ("mailbox", id(&format!("({MAILBOXES} + n / {per})"))),
        ("sequence_version", number("1")),
        ("state", number("1")),
        ("step", number("0")),
        ("sent", number("0")),
        ("due_at", format!("n % {per}")),
        ("created_at", number("n")),
        ("row_version", number("1")),
    ]
}

fn insert(prefix: &str, columns: &[(&str, String)]) -> String {
    let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
    let values: Vec<_> = columns.iter().map(|(_, value)| value.as_str()).collect();
    format!(
        "INSERT INTO enrollment (bucket, workspace_id, {}) SELECT {prefix}, {} FROM",
        names.join(", "),
        values.join(", ")
    )
}

/// Fills a store that nobody has open.
pub(crate) fn sqlite(file: &Path, rows: u64) {
    let connection = Connection::open(file).unwrap();
    let run = |sql: &str| connection.execute_batch(sql).unwrap();
    run("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA temp_store = MEMORY");
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'enrollment' AND sql IS NOT NULL")
        .unwrap();
    let indexes = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let indexes: Vec<(String, String)> = indexes.unwrap().map(Result::unwrap).collect();
    drop(statement);
    for (name, _) in &indexes {
        run(&format!("DROP INDEX \"{name}\""));
    }
    let id = |n: &str| {
        format!(
            "unhex(printf('%016x%08x%08x', {n} / 1000, ({n} % {LOW} * {SPREAD}) % {LOW}, {n} % {LOW}))"
        )
    };
    let space = workspace();
    let prefix = format!("{}, x'{}'", space.bucket().bits(), space.uuid().simple());
    let insert = insert(&prefix, &columns(rows, id));
    for first in (0..rows).step_by(1_000_000) {
        let last = (first + 1_000_000).min(rows) - 1;
        run(&format!(
            "{insert} (WITH RECURSIVE c(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c WHERE n < {last}) SELECT n FROM c)"
        ));
    }
    for (_, sql) in &indexes {
        run(sql);
    }
    run("PRAGMA wal_checkpoint(TRUNCATE)");
}

/// Fills a schema that nobody uses.
pub(crate) async fn postgres(address: &str, schema: &str, rows: u64) {
    let (client, driver) = tokio_postgres::connect(address, NoTls).await.unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    let run = async |sql: &str| client.batch_execute(sql).await.unwrap();
    run(&format!(
        "SET search_path TO \"{schema}\"; SET synchronous_commit = off"
    ))
    .await;
    let indexes = client
        .query(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 AND tablename = 'enrollment' AND indexname NOT LIKE '%_pkey'",
            &[&schema],
        )
        .await
        .unwrap();
    for index in &indexes {
        run(&format!("DROP INDEX \"{}\"", index.get::<_, String>(0))).await;
    }
    let id = |n: &str| {
        let hex = |part: String, width: u8| format!("lpad(to_hex({part}), {width}, '0')");
        let (high, spread) = (
            hex(format!("{n} / 1000"), 16),
            hex(format!("({n} % {LOW} * {SPREAD}) % {LOW}"), 8),
        );
        format!(
            "({high} || {spread} || {})::uuid",
            hex(format!("{n} % {LOW}"), 8)
        )
    };
    let space = workspace();
    let prefix = format!("{}, '{}'::uuid", space.bucket().bits(), space.uuid());
    let insert = insert(&prefix, &columns(rows, id));
    for first in (0..rows).step_by(1_000_000) {
        let last = (first + 1_000_000).min(rows) - 1;
        run(&format!(
            "{insert} generate_series({first}::bigint, {last}::bigint) AS s(n)"
        ))
        .await;
    }
    for index in &indexes {
        run(index.get(1)).await;
    }
    run("VACUUM ANALYZE enrollment").await;
}

/// The server's own side of what is measured.
pub(crate) struct Server {
    client: tokio_postgres::Client,
    _driving: tokio::task::JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Server {
    pub(crate) async fn connect(address: &str) -> Self {
        let (client, driver) = tokio_postgres::connect(address, NoTls).await.unwrap();
        let mut driving = tokio::task::JoinSet::new();
        driving.spawn(driver);
        Self {
            client,
            _driving: driving,
        }
    }

    /// Tells the planner what there is, as autovacuum does a minute later.
    pub(crate) async fn analyze(&self, schema: &str) {
        let sql = format!("ANALYZE \"{schema}\".lane");
        self.client.batch_execute(&sql).await.unwrap();
    }

    /// Ends the work that whatever came before has left to the server. From here on the first change
    /// of a page writes it whole into the log.
    pub(crate) async fn checkpoint(&self) {
        self.client.batch_execute("CHECKPOINT").await.unwrap();
    }

    /// How many bytes its log has had.
    pub(crate) async fn logged(&self) -> i64 {
        let sql = "SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint";
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// What decides how much a change of a page costs, as the server has it.
    pub(crate) async fn settings(&self) -> String {
        let sql = "SELECT string_agg(name || ' ' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
            WHERE name IN ('shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'wal_compression',
            'full_page_writes', 'synchronous_commit', 'autovacuum')";
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }
}
