//! Leasing due rows.

use jooper_core::WorkspaceId;
use jooper_storage::{Claim, Claimed, StoreError, Value};

use crate::cell::{self, Param, Params};
use crate::error::store_error;
use crate::session::Session;

/// Claims in one statement, whose materialized part is run once: never more than the limit.
pub(super) fn claim(
    session: &Session,
    claim: &Claim,
    now: i64,
) -> Result<Vec<Claimed>, StoreError> {
    let how = claim.validate()?;
    let sql = session.catalog.of(claim.table)?;
    let text = sql
        .claim
        .as_ref()
        .ok_or_else(|| StoreError::Invalid(format!("{} is not claimable", claim.table.name)))?;
    let mut params = Params::of(jooper_storage::Scope::Platform);
    params.push(Param::Int(i64::from(claim.bucket.bits())));
    params.push(Param::Int(claim.due_before));
    params.push(Param::Int(now));
    params.push(Param::Int(i64::try_from(claim.limit).unwrap_or(i64::MAX)));
    params.push(Param::Int(now.saturating_add(claim.lease_millis)));
    let mut claimed = session.all(text, &params, |row| {
        let workspace: [u8; 16] = row.get(0).map_err(store_error)?;
        Ok(Claimed {
            workspace: WorkspaceId::from_uuid(uuid::Uuid::from_bytes(workspace)),
            row: cell::row(claim.table, row, 1)?,
        })
    })?;
    // RETURNING promises no order.
    let due = claim.table.position(how.due).unwrap_or_default();
    claimed.sort_by(|a, b| {
        let key =
            |it: &Claimed| -> (Value, WorkspaceId) { (it.row.values[due].clone(), it.workspace) };
        let keys = |it: &Claimed| it.row.values[..claim.table.key_len].to_vec();
        (key(a), keys(a)).cmp(&(key(b), keys(b)))
    });
    Ok(claimed)
}
