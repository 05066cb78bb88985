//! Raw PostgreSQL: one connection, two named prepared statements, one transaction a batch.

use std::sync::atomic::{AtomicI64, Ordering};

use jooper_core::to_millis;
use jooper_storage::LogEntry;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use crate::rows::workspace;

pub(crate) struct Floor {
    client: Client,
    append: Statement,
    head: Statement,
    seq: AtomicI64,
    driving: tokio::task::JoinSet<Result<(), tokio_postgres::Error>>,
}

impl Floor {
    pub(crate) async fn open(address: &str, schema: &str) -> Self {
        let (client, driver) = tokio_postgres::connect(address, NoTls).await.unwrap();
        let mut driving = tokio::task::JoinSet::new();
        driving.spawn(driver);
        client
            .batch_execute(&format!("SET search_path TO \"{schema}\""))
            .await
            .unwrap();
        let append = "INSERT INTO event_log (bucket, workspace_id, seq, ts, event_id, kind, campaign, step, variant,
            mailbox, domain, reason, lead, subject, payload)
            SELECT $1, $2, u.* FROM unnest($3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[], $7::uuid[],
            $8::bigint[], $9::bigint[], $10::uuid[], $11::bytea[], $12::bigint[], $13::uuid[], $14::uuid[], $15::bytea[]) AS u";
        let append = client.prepare(append).await.unwrap();
        let head = "INSERT INTO event_log_head (bucket, workspace_id, seq) VALUES ($1, $2, $3)
            ON CONFLICT (bucket, workspace_id) DO UPDATE SET seq = excluded.seq";
        let head = client.prepare(head).await.unwrap();
        Self {
            client,
            append,
            head,
            seq: AtomicI64::new(0),
            driving,
        }
    }

    /// `BEGIN`, the facts, the head and `COMMIT`, sent at once.
    pub(crate) async fn append(&self, facts: &[LogEntry]) {
        let space = workspace();
        let (bucket, id) = (i32::from(space.bucket().bits()), space.uuid());
        let count = i64::try_from(facts.len()).unwrap();
        let from = self.seq.fetch_add(count, Ordering::SeqCst);
        let last = from + count;
        let ints =
            |read: &dyn Fn(&LogEntry) -> Option<i64>| facts.iter().map(read).collect::<Vec<_>>();
        let ids =
            |read: &dyn Fn(&LogEntry) -> Option<Uuid>| facts.iter().map(read).collect::<Vec<_>>();
        let places: Vec<i64> = (from + 1..=last).collect();
        let events: Vec<&[u8]> = facts
            .iter()
            .map(|fact| fact.id.as_bytes().as_slice())
            .collect();
        let domains = facts.iter().map(|fact| {
            fact.dimensions
                .domain
                .as_ref()
                .map(|it| it.as_bytes().as_slice())
        });
        let domains: Vec<Option<&[u8]>> = domains.collect();
        let payloads: Vec<Option<&[u8]>> =
            facts.iter().map(|fact| fact.payload.as_deref()).collect();
        let (times, kinds) = (
            ints(&|it| Some(to_millis(it.at))),
            ints(&|it| Some(it.kind.code())),
        );
        let campaigns = ids(&|it| it.dimensions.campaign.map(|id| id.uuid()));
        let steps = ints(&|it| it.dimensions.step.map(|step| i64::from(step.0)));
        let variants = ints(&|it| it.dimensions.variant.map(i64::from));
        let mailboxes = ids(&|it| it.dimensions.mailbox.map(|id| id.uuid()));
        let reasons = ints(&|it| it.dimensions.reason);
        let (leads, subjects) = (
            ids(&|it| it.lead.map(|id| id.uuid())),
            ids(&|it| it.subject.map(|id| id.uuid())),
        );
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 15] = [
            &bucket, &id, &places, &times, &events, &kinds, &campaigns, &steps, &variants,
            &mailboxes, &domains, &reasons, &leads, &subjects, &payloads,
        ];
        let head: [&(dyn tokio_postgres::types::ToSql + Sync); 3] = [&bucket, &id, &last];
        let (begun, appended, moved, committed) = tokio::join!(
            biased;
            self.client.batch_execute("BEGIN"),
            self.client.execute(&self.append, &params),
            self.client.execute(&self.head, &head),
            self.client.batch_execute("COMMIT"),
        );
        begun.unwrap();
        appended.unwrap();
        moved.unwrap();
        committed.unwrap();
    }

    pub(crate) async fn drop_schema(&self, schema: &str) {
        assert!(!self.driving.is_empty());
        self.client
            .batch_execute(&format!("DROP SCHEMA \"{schema}\" CASCADE"))
            .await
            .unwrap();
    }
}

/// Removes what an earlier run may have left.
pub(crate) async fn drop_schema(address: &str, schema: &str) {
    let (client, driver) = tokio_postgres::connect(address, NoTls).await.unwrap();
    let mut driving = tokio::task::JoinSet::new();
    driving.spawn(driver);
    client
        .batch_execute(&format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"))
        .await
        .unwrap();
}
