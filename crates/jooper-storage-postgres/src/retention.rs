//! Letting an old month of the log go, so that the audit chain still verifies.
//!
//! The log is partitioned by the time of its facts, and the chain by their order. The two differ at the
//! edge of a month: what became of a mail of January is written down in February. An auditor accepts that
//! the oldest entries are gone, and calls one that is missing between others withheld. So what stands behind
//! the first entry that stays is kept, in the partition for the rest, and goes with a later month.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jooper_core::from_millis;
use jooper_storage::StoreError;

use crate::connection::Connection;
use crate::error::Failure;
use crate::options::PostgresOptions;
use crate::patience;

/// How long a month must be over: what follows the log has read it by then, and mails of it are settled.
const OVER_FOR_DAYS: i64 = 30;

/// A month of the log that went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DroppedMonth {
    /// How many entries stay of it, as they stand behind some that are newer.
    pub kept: u64,
}

/// The name of a month's partition and its bounds.
pub(crate) fn bounds(first: Date) -> Option<(String, i64, i64)> {
    let next = first.checked_add(1.month()).ok()?;
    let millis = |date: Date| {
        date.to_zoned_datetime(TimeZone::UTC)
            .map_or(i64::MAX, |start| start.timestamp().as_millisecond())
    };
    let name = format!("event_log_{:04}_{:02}", first.year(), first.month());
    Some((name, millis(first), millis(next)))
}

/// The entries behind the first of their workspace that is no older than the month.
const STAYS: &str = r#"old."seq" > (SELECT min(new."seq") FROM "event_log" new
 WHERE new."bucket" = old."bucket" AND new."workspace_id" = old."workspace_id" AND new."ts" >= "#;

/// Drops the month that `day` lies in.
pub(crate) async fn drop_month(
    connection: &Connection,
    options: &PostgresOptions,
    day: Date,
    now: i64,
) -> Result<DroppedMonth, StoreError> {
    let wrong =
        |what: &str| StoreError::Invalid(format!("dropping the log's month of {day}: {what}"));
    let first = day.first_of_month();
    let (name, from, to) = bounds(first).ok_or_else(|| wrong("there is no such month"))?;
    let today = from_millis(now).to_zoned_datetime(TimeZone::UTC).date();
    let over = today.checked_sub(OVER_FOR_DAYS.days()).ok();
    if over.is_none_or(|over| over < first.last_of_month()) {
        return Err(wrong("it has not been over for 30 days"));
    }
    let begin = format!("BEGIN; {}", options.locals());
    let work = async {
        connection.begin(&begin).await?;
        let older = format!(
            "SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = 'event_log'::regclass AND c.relname LIKE 'event\\_log\\_2%' \
             AND c.relname < '{name}' LIMIT 1"
        );
        if !connection.query(&older, &[]).await?.is_empty() {
            connection.rollback().await?;
            return Ok(Err(wrong("an older month is there; drop that one first")));
        }
        let standing = format!(
            "SELECT 1 FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid \
             WHERE i.inhparent = 'event_log'::regclass AND c.relname = '{name}'"
        );
        if connection.query(&standing, &[]).await?.is_empty() {
            connection.rollback().await?;
            return Ok(Err(wrong("it has no partition")));
        }
        connection
            .run(&format!(
                r#"ALTER TABLE "event_log" DETACH PARTITION "{name}""#
            ))
            .await?;
        let kept = connection
            .execute(
                &format!(
                    r#"INSERT INTO "event_log_rest" SELECT old.* FROM "{name}" old WHERE {STAYS}{to})"#
                ),
                &[],
            )
            .await?;
        // What earlier months left behind may go by now.
        connection
            .run(&format!(
                r#"DELETE FROM "event_log_rest" old WHERE old."ts" < {from} AND ({STAYS}{to})) IS NOT TRUE"#
            ))
            .await?;
        connection.run(&format!(r#"DROP TABLE "{name}""#)).await?;
        connection.commit().await?;
        Ok::<_, Failure>(Ok(DroppedMonth { kept }))
    };
    match patience::wait(options.most(), work).await.flatten() {
        Ok(done) => done,
        Err(failure) => {
            connection.clean(&failure, options.silence).await;
            Err(failure.to_store_error())
        }
    }
}
