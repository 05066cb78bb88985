//! The claim under the plans that make its common forms take too much.
#![allow(clippy::unwrap_used, reason = "a failed test panics")]

use jooper_core::{MailboxId, WorkspaceId, from_millis};
use jooper_storage::tables::{LANE, LaneRow};
use jooper_storage::{Batch, Claim, Storage};
use jooper_storage_postgres::PostgresOptions;
use uuid::Uuid;

mod common;

/// Without these the planner walks the outer rows one by one and runs what it joins for each: so it
/// does by itself on some small tables without statistics. `UPDATE … WHERE … IN (SELECT … LIMIT 5 FOR
/// UPDATE SKIP LOCKED)` takes every row then.
const LEFT_OUT: [&str; 6] = [
    "hashjoin",
    "mergejoin",
    "material",
    "memoize",
    "hashagg",
    "sort",
];

#[tokio::test]
async fn no_plan_makes_a_claim_take_more_than_its_limit() {
    let schema = common::Schema::new();
    let address = common::address();
    let and = if address.contains('?') { '&' } else { '?' };
    let options = LEFT_OUT.map(|plan| format!("-c%20enable_{plan}%3Doff"));
    let address = format!("{address}{and}options={}", options.join("%20"));
    let options = PostgresOptions::new(&address).unwrap().schema(&schema.0);
    let store = options.open().await.unwrap();
    for (bucket, rows) in [(1_u128, 20_usize), (2, 40), (3, 200)] {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(7 << 64 | bucket));
        let lanes = (1..=rows as u128).fold(Batch::new(workspace), |batch, n| {
            batch.put(&LaneRow {
                mailbox: MailboxId::from_uuid(Uuid::from_u128(n)),
                wake_at: from_millis(1),
                lease_until: from_millis(0),
                fence: 0,
                next_slot: from_millis(0),
                high_water: from_millis(0),
                recent: None,
            })
        });
        store.commit(lanes).await.unwrap();
        let claim = Claim {
            table: &LANE,
            bucket: workspace.bucket(),
            due_before: 10,
            limit: 5,
            lease_millis: 60_000,
        };
        for _ in 0..2 {
            let claimed = store.claim(claim.clone()).await.unwrap();
            assert_eq!(claimed.len(), 5, "of {rows}");
        }
    }
}
