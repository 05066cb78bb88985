//! Reads: each in a transaction of its own, one round trip.

use std::collections::BTreeMap;

use jooper_core::WorkspaceId;
use jooper_storage::sql::condition_values;
use jooper_storage::{
    Key, LogCursor, LogPage, Page, Row, Scan, Scope, Segment, StoreError, TableDef,
};
use tokio_postgres::Row as Found;

use crate::catalog::{self, READ_LOG};
use crate::connection::Connection;
use crate::error::Failure;
use crate::param::{self, Param, Params};
use crate::pipeline::{self, Step};
use crate::record;
use crate::server::Work;
use crate::storage::Inner;

/// `BEGIN`, queries and `COMMIT`, sent at once.
pub(crate) struct Together<'q> {
    pub(crate) begin: String,
    pub(crate) queries: Vec<(&'q str, Params<'q>)>,
}

/// Returns each query's rows.
impl Work<Vec<Vec<Found>>> for Together<'_> {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<Vec<Vec<Found>>, Failure>> {
        Box::pin(async move {
            let mut steps: Vec<Step<'_, Result<Vec<Found>, Failure>>> = Vec::new();
            let begin = &self.begin;
            steps.push(Box::pin(async move {
                connection.begin(begin).await.map(|()| Vec::new())
            }));
            for (text, params) in &self.queries {
                steps.push(Box::pin(async move {
                    connection.query(text, &params.sql()).await
                }));
            }
            steps.push(Box::pin(async move {
                connection.commit().await.map(|()| Vec::new())
            }));
            let answers = pipeline::send(steps).await.into_iter();
            let mut answers: Vec<Vec<Found>> = answers.collect::<Result<_, _>>()?;
            answers.pop();
            answers.remove(0);
            Ok(answers)
        })
    }
}

pub(crate) async fn get(
    inner: &Inner,
    scope: Scope,
    keys: &[Key],
) -> Result<BTreeMap<Key, Row>, StoreError> {
    let mut tables: BTreeMap<&str, (&'static TableDef, Vec<&Key>)> = BTreeMap::new();
    for key in keys {
        let table = key.table();
        let group = tables.entry(table.name).or_insert((table, Vec::new()));
        group.1.push(key);
    }
    if tables.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut queries = Vec::with_capacity(tables.len());
    for (table, keys) in tables.values() {
        let text = inner.catalog.of(table)?.read.as_str();
        queries.push((text, Params::keys(scope, table, keys)));
    }
    let found = inner
        .server
        .repeatable(&Together {
            begin: inner.server.snapshot(),
            queries,
        })
        .await?;
    let mut rows = BTreeMap::new();
    for ((table, _), found) in tables.values().zip(found) {
        for row in &found {
            let row = param::row(table, row, 0)?;
            rows.insert(Key::new(table, row.values[..table.key_len].to_vec()), row);
        }
    }
    Ok(rows)
}

pub(crate) async fn scan(
    inner: &Inner,
    scope: Scope,
    scan: &Scan,
    segments: &[Segment],
) -> Result<Page, StoreError> {
    let table = scan.table;
    inner.catalog.of(table)?;
    // One row more than asked tells whether there is a next page.
    let wanted = scan.limit + 1;
    let texts: Vec<String> = segments
        .iter()
        .map(|segment| catalog::scan(table, segment))
        .collect();
    // All at one point in time. There are several only where the page begins among nulls.
    let queries = texts.iter().zip(segments).map(|(text, segment)| {
        let mut params = Params::of(scope);
        condition_values(segment)
            .into_iter()
            .filter_map(Param::cell)
            .for_each(|value| params.push(value));
        params.push(Param::Int(i64::try_from(wanted).unwrap_or(i64::MAX)));
        (text.as_str(), params)
    });
    let found = inner
        .server
        .repeatable(&Together {
            begin: inner.server.snapshot(),
            queries: queries.collect(),
        })
        .await?;
    let rows = found.iter().flatten().take(wanted);
    let mut rows: Vec<Row> = rows
        .map(|row| param::row(table, row, 0))
        .collect::<Result<_, _>>()?;
    let mut next = None;
    if rows.len() > scan.limit {
        rows.truncate(scan.limit);
        let order = scan.order()?;
        next = rows
            .last()
            .map(|row| order.iter().map(|at| row.values[*at].clone()).collect());
    }
    Ok(Page { rows, next })
}

pub(crate) async fn log(
    inner: &Inner,
    workspace: WorkspaceId,
    cursor: LogCursor,
) -> Result<LogPage, StoreError> {
    let mut params = Params::of(workspace.into());
    params.push(Param::Int(i64::try_from(cursor.after).unwrap_or(i64::MAX)));
    params.push(Param::Int(i64::try_from(cursor.limit).unwrap_or(i64::MAX)));
    let queries = vec![(READ_LOG, params)];
    let found = inner
        .server
        .repeatable(&Together {
            begin: inner.server.snapshot(),
            queries,
        })
        .await?;
    let records = found.iter().flatten().map(|row| {
        record::read(row).ok_or_else(|| StoreError::Corrupt {
            place: "event_log".to_owned(),
            source: None,
        })
    });
    let records: Vec<_> = records.collect::<Result<_, _>>()?;
    let next = records.last().map_or(cursor.after, |record| record.seq);
    Ok(LogPage { records, next })
}
