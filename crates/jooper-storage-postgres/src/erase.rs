//! Making a subject's rows disappear.

use jooper_storage::{Bytes, Erase, Erased, OnErase, Scope, StoreError, tables};

use crate::catalog::{ERASE_PAYLOADS, LOCK_WORKSPACE};
use crate::connection::Connection;
use crate::error::Failure;
use crate::param::{Param, Params};
use crate::pipeline::{self, Step};
use crate::server::Work;
use crate::storage::Inner;

/// Deletes and scrubs as each table declares, in one transaction.
pub(crate) async fn erase(inner: &Inner, erase: Erase) -> Result<Erased, StoreError> {
    let mut work: Vec<(&str, Option<OnErase>)> = Vec::new();
    for table in tables::all() {
        if let Some(text) = &inner.catalog.of(table)?.erase {
            work.push((text, Some(table.on_erase)));
        }
    }
    work.push((ERASE_PAYLOADS, None));
    let erasing = Erasing {
        begin: inner.server.begin(),
        erase,
        texts: work.iter().map(|(text, _)| *text).collect(),
    };
    let counts = inner.server.repeatable(&erasing).await?;
    let mut done = Erased {
        // Old versions of rows stay in pages until a vacuum, and in the log until it is recycled.
        bytes: Bytes::Later,
        ..Erased::default()
    };
    for ((_, what), count) in work.iter().zip(counts) {
        match what {
            Some(OnErase::Delete) => done.deleted += count,
            Some(OnErase::Scrub) => done.scrubbed += count,
            Some(OnErase::Keep) => {}
            None => done.payloads += count,
        }
    }
    Ok(done)
}

/// Every statement of an erasure, in one transaction and one round trip.
struct Erasing<'q> {
    begin: String,
    erase: Erase,
    texts: Vec<&'q str>,
}

/// Returns how many rows each statement changed.
impl Work<Vec<u64>> for Erasing<'_> {
    fn run<'a>(&'a self, connection: &'a Connection) -> Step<'a, Result<Vec<u64>, Failure>> {
        Box::pin(async move {
            let scope = Scope::Workspace(self.erase.workspace);
            let begin = &self.begin;
            let mut steps: Vec<Step<'_, Result<u64, Failure>>> = Vec::new();
            steps.push(Box::pin(async move {
                connection.begin(begin).await.map(|()| 0)
            }));
            steps.push(Box::pin(async move {
                let mut head = Params::of(scope);
                head.push(Param::Int(0));
                connection.execute(LOCK_WORKSPACE, &head.sql()).await
            }));
            for text in &self.texts {
                steps.push(Box::pin(async move {
                    let mut params = Params::of(scope);
                    params.push(Param::Id(self.erase.subject.uuid()));
                    connection.execute(text, &params.sql()).await
                }));
            }
            steps.push(Box::pin(
                async move { connection.commit().await.map(|()| 0) },
            ));
            let counts = pipeline::send(steps).await.into_iter();
            let counts: Vec<u64> = counts.collect::<Result<_, _>>()?;
            Ok(counts[2..counts.len() - 1].to_vec())
        })
    }
}
