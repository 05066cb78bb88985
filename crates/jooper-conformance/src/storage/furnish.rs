//! A workspace with something in every table.

use jooper_core::{Dimensions, WorkspaceId};
use jooper_storage::{Batch, RollupDelta, Storage, TableScope, tables};

use super::sample::{commit, fact, put, row, subject};

/// Writes `rows` rows into every tenant table and as many facts.
///
/// # Panics
/// When the store refuses.
pub async fn furnish(store: &dyn Storage, workspace: WorkspaceId, rows: u64) {
    for table in tables::all()
        .iter()
        .filter(|table| table.scope == TableScope::Tenant)
    {
        let values = (0..rows).map(|n| row(table, n * 31 + 5));
        let batch = values.fold(Batch::new(workspace), |batch, values| {
            batch.write(put(table, values))
        });
        commit(store, batch).await.unwrap();
    }
    let facts = (0..rows).map(|n| {
        let mut entry = fact(rows - n);
        entry.subject = (n % 3 == 0).then(|| subject(n));
        entry.payload = (n % 3 == 0).then(|| n.to_be_bytes().to_vec());
        entry.dimensions = Dimensions {
            reason: Some(n as i64),
            ..Dimensions::default()
        };
        entry.rollups = vec![RollupDelta {
            key: vec![n as u8],
            add: 1,
        }];
        entry
    });
    let batch = facts.fold(Batch::new(workspace), Batch::append);
    commit(store, batch).await.unwrap();
}
