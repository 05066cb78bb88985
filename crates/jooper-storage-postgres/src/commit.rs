//! Several batches of one scope in one transaction and two round trips.
//!
//! First: take the workspace, read every row that the batches touch. Then the batches are
//! evaluated here, one behind the other, each all or nothing. Second: write what changed, append,
//! commit. Nobody else writes the workspace in between, so what was read still stands.
//!
//! Batches that only append read nothing: theirs is one round trip.

use std::collections::{BTreeMap, BTreeSet};

use jooper_core::{WorkspaceId, to_millis};
use jooper_storage::{Batch, Key, LogEntry, Overlay, Row, Scope, StoreError, TableDef};
use tokio_postgres::error::SqlState;

use crate::catalog::{
    APPEND, APPEND_NEXT, Catalog, KNOWN, LOCK_PLATFORM, LOCK_WORKSPACE, MOVE_HEAD, take_places,
};
use crate::connection::Connection;
use crate::error::Failure;
use crate::param::{self, Param, Params};
use crate::pipeline::{self, Step};
use crate::record;

type Identity = (i64, Vec<u8>);

/// Why no answer could be given.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// Nothing was committed.
    Before(Failure),
    /// `COMMIT` was sent and its answer is this.
    Behind(Failure),
    /// What was read is not what a store writes.
    Read(StoreError),
}

/// Rows of one table, by key.
type Group<'a> = BTreeMap<&'static str, (&'static TableDef, Vec<&'a Key>)>;

fn by_table<'a>(keys: impl Iterator<Item = &'a Key>) -> Group<'a> {
    let mut groups = Group::new();
    for key in keys {
        let table = key.table();
        groups
            .entry(table.name)
            .or_insert((table, Vec::new()))
            .1
            .push(key);
    }
    groups
}

/// Commits the batches that hold and answers each.
pub(crate) async fn commit(
    connection: &Connection,
    catalog: &Catalog,
    begin: &str,
    scope: Scope,
    batches: &[Batch],
) -> Result<Vec<Result<(), StoreError>>, Stopped> {
    let mut careful = false;
    loop {
        match attempt(connection, catalog, begin, scope, batches, careful).await {
            // A fact of these batches is known: find out which, so that places have no gaps.
            Err(Stopped::Before(failure))
                if !careful && failure.is(&SqlState::UNIQUE_VIOLATION) =>
            {
                careful = true;
            }
            other => return other,
        }
    }
}

async fn attempt(
    connection: &Connection,
    catalog: &Catalog,
    begin: &str,
    scope: Scope,
    batches: &[Batch],
    careful: bool,
) -> Result<Vec<Result<(), StoreError>>, Stopped> {
    let entries = || batches.iter().flat_map(|batch| &batch.log);
    if let Scope::Workspace(workspace) = scope
        && only_append(batches)
        && !careful
        && entries().next().is_some()
    {
        append(connection, begin, workspace, entries()).await?;
        return Ok(batches.iter().map(|_| Ok(())).collect());
    }
    let touched: BTreeSet<Key> = batches.iter().flat_map(Batch::touched).collect();
    let places = entries().count();
    let asked = careful.then(entries);
    let given = Given::read(connection, catalog, begin, (scope, places), &touched, asked).await?;
    let stored = touched.into_iter().map(|key| {
        let row = given.rows.get(&key).cloned();
        (key, row)
    });
    let mut overlay = Overlay::new(stored);
    let (mut known, mut appended) = (given.known, Vec::new());
    let answers: Vec<Result<(), StoreError>> = batches
        .iter()
        .map(|batch| {
            let is_new = |entry: &LogEntry| known.insert(identity(entry));
            appended.extend(overlay.apply(batch, is_new)?);
            Ok(())
        })
        .collect();
    let places = (given.seq, places);
    write(connection, catalog, scope, &overlay, places, &appended).await?;
    Ok(answers)
}

/// Whether these batches touch no row. They may be run again whatever became of them: a fact that
/// is known is not appended twice.
pub(crate) fn only_append(batches: &[Batch]) -> bool {
    batches.iter().all(|batch| {
        let counted = || batch.log.iter().any(|entry| !entry.rollups.is_empty());
        batch.checks.is_empty() && batch.writes.is_empty() && !counted()
    })
}

/// Appends facts that need nothing of what is stored. The places are taken first: whoever has them is
/// the log's one writer, and only then reads where it ends.
async fn append<'a>(
    connection: &Connection,
    begin: &str,
    workspace: WorkspaceId,
    entries: impl Iterator<Item = &'a LogEntry>,
) -> Result<(), Stopped> {
    let mut known = BTreeSet::new();
    let new: Vec<&LogEntry> = entries
        .filter(|entry| known.insert((to_millis(entry.at), entry.id)))
        .collect();
    let new = new.as_slice();
    let begin = format!("{begin}; {}", take_places(workspace, many(new.len())));
    let mut steps: Vec<Step<'_, Result<(), Failure>>> = Vec::new();
    steps.push(Box::pin(connection.begin(&begin)));
    steps.push(Box::pin(async move {
        let mut params = taking(workspace.into(), new.len());
        record::append(&mut params, 0, new);
        let appended = connection.execute(APPEND_NEXT, &params.sql()).await;
        appended.map(|_| ())
    }));
    steps.push(Box::pin(connection.commit()));
    let answers = pipeline::send(steps).await.into_iter();
    let appended: Result<(), Failure> = answers.collect();
    appended.map_err(|failure| match failure.is_lost() {
        // COMMIT was sent along.
        true => Stopped::Behind(failure),
        false => Stopped::Before(failure),
    })
}

/// What an entry is known by.
fn identity(entry: &LogEntry) -> Identity {
    (to_millis(entry.at), entry.id.as_bytes().to_vec())
}

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Takes so many places of a workspace's log.
fn taking(scope: Scope, places: usize) -> Params<'static> {
    let mut params = Params::of(scope);
    params.push(Param::Int(many(places)));
    params
}

/// What a group stands on.
struct Given {
    /// The last place that is taken.
    seq: i64,
    rows: BTreeMap<Key, Row>,
    known: BTreeSet<Identity>,
}

enum Answer {
    Done,
    Head(i64),
    Rows(Vec<(Key, Row)>),
    Known(Vec<Identity>),
}

impl Given {
    async fn read<'a, E: Iterator<Item = &'a LogEntry>>(
        connection: &Connection,
        catalog: &Catalog,
        begin: &str,
        (scope, places): (Scope, usize),
        touched: &BTreeSet<Key>,
        entries: Option<E>,
    ) -> Result<Self, Stopped> {
        let mut steps: Vec<Step<'_, Result<Answer, Stopped>>> = Vec::new();
        steps.push(Box::pin(async move {
            connection.begin(begin).await.map_err(Stopped::Before)?;
            Ok(Answer::Done)
        }));
        steps.push(Box::pin(async move {
            let (text, params) = match scope {
                Scope::Workspace(_) => (LOCK_WORKSPACE, taking(scope, places)),
                Scope::Platform => (LOCK_PLATFORM, Params::default()),
            };
            let rows = connection
                .query(text, &params.sql())
                .await
                .map_err(Stopped::Before)?;
            Ok(Answer::Head(rows.first().map_or(0, |row| row.get(0))))
        }));
        for (_, (table, keys)) in by_table(touched.iter()) {
            let sql = catalog.of(table).map_err(Stopped::Read)?;
            let text = sql.lock.as_ref().unwrap_or(&sql.read);
            steps.push(Box::pin(async move {
                let params = Params::keys(scope, table, &keys);
                let rows = connection
                    .query(text, &params.sql())
                    .await
                    .map_err(Stopped::Before)?;
                let rows = rows.iter().map(|row| {
                    let row = param::row(table, row, 0).map_err(Stopped::Read)?;
                    Ok((Key::new(table, row.values[..table.key_len].to_vec()), row))
                });
                rows.collect::<Result<_, _>>().map(Answer::Rows)
            }));
        }
        if let Some(entries) = entries {
            let mut params = Params::of(scope);
            record::identities(&mut params, entries);
            steps.push(Box::pin(async move {
                let rows = connection
                    .query(KNOWN, &params.sql())
                    .await
                    .map_err(Stopped::Before)?;
                let known = rows.iter().map(|row| (row.get(0), row.get(1)));
                Ok(Answer::Known(known.collect()))
            }));
        }
        let mut given = Self {
            seq: 0,
            rows: BTreeMap::new(),
            known: BTreeSet::new(),
        };
        let mut failed = None;
        for answer in pipeline::send(steps).await {
            match answer {
                Ok(Answer::Done) => {}
                Ok(Answer::Head(seq)) => given.seq = seq.saturating_sub(many(places)),
                Ok(Answer::Rows(rows)) => given.rows.extend(rows),
                Ok(Answer::Known(known)) => given.known.extend(known),
                // The first failure is the cause; the rest only say that the transaction failed.
                Err(stopped) => failed = failed.or(Some(stopped)),
            }
        }
        match failed {
            None => Ok(given),
            Some(stopped) => {
                let lost = matches!(&stopped, Stopped::Before(failure) if failure.is_lost());
                if !lost {
                    let _ = connection.rollback().await;
                }
                Err(stopped)
            }
        }
    }
}

/// Writes what changed and ends the transaction.
async fn write(
    connection: &Connection,
    catalog: &Catalog,
    scope: Scope,
    overlay: &Overlay,
    (seq, taken): (i64, usize),
    appended: &[LogEntry],
) -> Result<(), Stopped> {
    let changes: Vec<(&Key, Option<&Row>)> = overlay.changes().collect();
    let new: Vec<&LogEntry> = appended.iter().collect();
    let new = new.as_slice();
    if changes.is_empty() && appended.is_empty() {
        return connection.rollback().await.map_err(Stopped::Before);
    }
    let gone = changes
        .iter()
        .filter(|(_, row)| row.is_none())
        .map(|(key, _)| *key);
    let mut steps: Vec<Step<'_, Result<(), Failure>>> = Vec::new();
    for (_, (table, keys)) in by_table(gone) {
        let text = &catalog.of(table).map_err(Stopped::Read)?.delete;
        steps.push(Box::pin(async move {
            let params = Params::keys(scope, table, &keys);
            connection.execute(text, &params.sql()).await.map(|_| ())
        }));
    }
    let mut rows: BTreeMap<&'static str, (&'static TableDef, Vec<&Row>)> = BTreeMap::new();
    for (key, row) in &changes {
        if let Some(row) = row {
            let table = key.table();
            rows.entry(table.name)
                .or_insert((table, Vec::new()))
                .1
                .push(row);
        }
    }
    for (_, (table, rows)) in rows {
        let text = &catalog.of(table).map_err(Stopped::Read)?.write;
        steps.push(Box::pin(async move {
            let params = rows_of(scope, table, &rows);
            connection.execute(text, &params.sql()).await.map(|_| ())
        }));
    }
    if !new.is_empty() {
        steps.push(Box::pin(async move {
            let mut params = Params::of(scope);
            record::append(&mut params, seq, new);
            connection.execute(APPEND, &params.sql()).await.map(|_| ())
        }));
    }
    if new.len() != taken {
        // A place that was taken for a fact that is known, or whose batch did not hold.
        let mut params = Params::of(scope);
        params.push(Param::Int(seq.saturating_add(many(new.len()))));
        steps.push(Box::pin(async move {
            let moved = connection.execute(MOVE_HEAD, &params.sql()).await;
            moved.map(|_| ())
        }));
    }
    // Sent along: after a failed statement the server turns COMMIT into ROLLBACK.
    steps.push(Box::pin(connection.commit()));
    let mut answers = pipeline::send(steps).await;
    let committed = answers.pop().unwrap_or(Ok(()));
    let wrote: Result<(), Failure> = answers.into_iter().collect();
    match (wrote, committed) {
        (Ok(()), Ok(())) => Ok(()),
        // The connection went while COMMIT was on its way: only reading tells.
        (Err(failure), Err(_)) if failure.is_lost() => Err(Stopped::Behind(failure)),
        (Err(failure), _) => Err(Stopped::Before(failure)),
        (Ok(()), Err(failure)) => Err(Stopped::Behind(failure)),
    }
}

/// The parameters of a table's `write`.
fn rows_of<'a>(scope: Scope, table: &TableDef, rows: &[&'a Row]) -> Params<'a> {
    let mut params = Params::of(scope);
    for (at, column) in table.columns.iter().enumerate() {
        let cells = rows.iter().map(|row| &row.values[at]);
        params.push(Param::column(column.kind, cells));
    }
    let versions = rows.iter().map(|row| i64::try_from(row.version).ok());
    params.push(Param::Ints(versions.collect()));
    params
}
