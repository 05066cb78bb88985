//! Leasing due rows.

use jooper_core::WorkspaceId;
use jooper_storage::{Claim, Claimed, StoreError, Value};

use crate::error::store_error;
use crate::param::{self, Param, Params};
use crate::read::Together;
use crate::storage::Inner;

/// Claims in one statement. A claim whose answer is lost holds its rows until the lease ends, so
/// running it again is safe.
pub(crate) async fn claim(
    inner: &Inner,
    claim: &Claim,
    now: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let how = claim.validate()?;
    let sql = inner.catalog.of(claim.table)?;
    let text = sql
        .claim
        .as_deref()
        .ok_or_else(|| StoreError::Invalid(format!("{} is not claimable", claim.table.name)))?;
    let mut params = Params::default();
    params.push(Param::Bucket(i32::from(claim.bucket.bits())));
    params.push(Param::Int(claim.due_before));
    params.push(Param::Int(now));
    params.push(Param::Int(i64::try_from(claim.limit).unwrap_or(i64::MAX)));
    params.push(Param::Int(now.saturating_add(claim.lease_millis)));
    let once = Together {
        begin: inner.server.begin(),
        queries: vec![(text, params)],
    };
    let found = inner.server.repeatable(&once).await?;
    let mut claimed = Vec::new();
    for row in found.iter().flatten() {
        claimed.push(Claimed {
            workspace: WorkspaceId::from_uuid(row.try_get(0).map_err(store_error)?),
            row: param::row(claim.table, row, 1)?,
        });
    }
    // RETURNING promises no order.
    let due = claim.table.position(how.due).unwrap_or_default();
    let place = |it: &Claimed| -> (Value, WorkspaceId, Vec<Value>) {
        let keys = it.row.values[..claim.table.key_len].to_vec();
        (it.row.values[due].clone(), it.workspace, keys)
    };
    claimed.sort_by_cached_key(place);
    Ok(claimed)
}
