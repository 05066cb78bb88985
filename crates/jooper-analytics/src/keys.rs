//! Reading rollups: many of one kind and campaign in one scan.

use std::ops::Bound;

use jooper_core::{
    CampaignId, Code, EventKind, MailboxId, RollupPart, StepIndex, WorkspaceId, rollup_key,
};
use jooper_storage::tables::{ROLLUP, RollupRow};
use jooper_storage::{Key, Record, Scan, StorageExt, StoreError, Value};
use uuid::Uuid;

use crate::Analytics;

/// What a rollup's key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coordinates {
    pub(crate) kind: EventKind,
    pub(crate) parts: Vec<RollupPart>,
}

/// Reads a key back; `None` when it is of another version or not one.
pub(crate) fn decode(key: &[u8]) -> Option<Coordinates> {
    let (&[version, high, low], mut rest) = key.split_first_chunk::<3>()?;
    if version != 1 {
        return None;
    }
    let kind = EventKind::from_code(i64::from(u16::from_be_bytes([high, low]))).ok()?;
    let mut parts = Vec::new();
    while let Some((tag, behind)) = rest.split_first() {
        let length = match tag {
            b'c' | b'm' => 16,
            b's' => 2,
            b'v' => 1,
            b'd' => 4,
            b'r' => 8,
            _ => return None,
        };
        let (value, behind) = behind.split_at_checked(length)?;
        parts.push(part(*tag, value)?);
        rest = behind;
    }
    Some(Coordinates { kind, parts })
}

fn part(tag: u8, value: &[u8]) -> Option<RollupPart> {
    Some(match tag {
        b'c' => RollupPart::Campaign(CampaignId::from_uuid(Uuid::from_slice(value).ok()?)),
        b'm' => RollupPart::Mailbox(MailboxId::from_uuid(Uuid::from_slice(value).ok()?)),
        b's' => RollupPart::Step(StepIndex(u16::from_be_bytes(value.try_into().ok()?))),
        b'v' => RollupPart::Variant(*value.first()?),
        b'd' => RollupPart::Day(i32::from_be_bytes(value.try_into().ok()?)),
        _ => RollupPart::Reason(i64::from_be_bytes(value.try_into().ok()?)),
    })
}

/// The first key behind every key that begins so.
fn behind(mut prefix: Vec<u8>) -> Bound<Value> {
    while let Some(last) = prefix.pop() {
        if last < u8::MAX {
            prefix.push(last + 1);
            return Bound::Excluded(Value::Bytes(prefix));
        }
    }
    Bound::Unbounded
}

impl Analytics {
    /// Every number of one kind below these coordinates: the coordinates behind them, the number.
    pub(crate) async fn below(
        &self,
        workspace: WorkspaceId,
        kind: EventKind,
        of: &[RollupPart],
    ) -> Result<Vec<(Vec<RollupPart>, i64)>, StoreError> {
        let prefix = rollup_key(kind, of);
        let from = Bound::Included(Value::Bytes(prefix.clone()));
        let scan = Scan::table(&ROLLUP).range(from, behind(prefix));
        let rows = self.storage.collect::<RollupRow>(workspace, scan).await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(Coordinates { parts, .. }) = decode(&row.record.key) {
                found.push((parts[of.len()..].to_vec(), row.record.count));
            }
        }
        Ok(found)
    }

    /// The numbers under these keys; 0 where there is none.
    pub(crate) async fn counts(
        &self,
        workspace: WorkspaceId,
        keys: &[Vec<u8>],
    ) -> Result<Vec<i64>, StoreError> {
        let keys: Vec<Key> = keys
            .iter()
            .map(|key| Key::new(&ROLLUP, vec![Value::Bytes(key.clone())]))
            .collect();
        let rows = self.storage.get(workspace.into(), &keys).await?;
        rows.into_iter()
            .map(|row| match row {
                Some(row) => Ok(RollupRow::from_values(row.values)?.count),
                None => Ok(0),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back() {
        let parts = [
            RollupPart::Campaign(CampaignId::from_uuid(Uuid::from_u128(7))),
            RollupPart::Mailbox(MailboxId::from_uuid(Uuid::from_u128(8))),
            RollupPart::Step(StepIndex(300)),
            RollupPart::Variant(2),
            RollupPart::Day(-5),
            RollupPart::Reason(i64::MIN),
        ];
        let key = rollup_key(EventKind::Skipped, &parts);
        let read = decode(&key).unwrap();
        assert_eq!(
            (read.kind, read.parts),
            (EventKind::Skipped, parts.to_vec())
        );
        for cut in 0..key.len() {
            let ends = [3, 20, 37, 40, 42, 47];
            assert_eq!(decode(&key[..cut]).is_some(), ends.contains(&cut), "{cut}");
        }
    }

    #[test]
    fn the_end_of_a_prefix_lies_behind_everything_that_begins_so() {
        assert_eq!(
            behind(vec![1, 2]),
            Bound::Excluded(Value::Bytes(vec![1, 3]))
        );
        assert_eq!(behind(vec![1, 255]), Bound::Excluded(Value::Bytes(vec![2])));
        assert_eq!(behind(vec![255]), Bound::Unbounded);
    }
}
