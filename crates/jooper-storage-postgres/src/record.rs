//! Facts into the log's columns and back.

use jooper_core::{
    CampaignId, Code, Dimensions, EventId, EventKind, KeyedIndex, LeadId, MailboxId, StepIndex,
    SubjectId, from_millis, to_millis,
};
use jooper_storage::{LogEntry, LogRecord};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::param::{Param, Params};

/// The arrays of an append: places behind `seq`, then every column.
pub(crate) fn append<'a>(params: &mut Params<'a>, seq: i64, entries: &[&'a LogEntry]) {
    let all = || entries.iter().copied();
    let ints = |read: &dyn Fn(&LogEntry) -> Option<i64>| Param::Ints(all().map(read).collect());
    let ids = |read: &dyn Fn(&LogEntry) -> Option<Uuid>| Param::Ids(all().map(read).collect());
    let places = (1..).zip(entries).map(|(n, _)| Some(seq + n));
    params.push(Param::Ints(places.collect()));
    params.push(ints(&|entry| Some(to_millis(entry.at))));
    params.push(Param::Blobs(
        all()
            .map(|entry| Some(entry.id.as_bytes().as_slice()))
            .collect(),
    ));
    params.push(ints(&|entry| Some(entry.kind.code())));
    params.push(ids(&|entry| {
        entry.dimensions.campaign.map(CampaignId::uuid)
    }));
    params.push(ints(&|entry| {
        entry.dimensions.step.map(|step| i64::from(step.0))
    }));
    params.push(ints(&|entry| entry.dimensions.variant.map(i64::from)));
    params.push(ids(&|entry| entry.dimensions.mailbox.map(MailboxId::uuid)));
    let domain = |entry: &'a LogEntry| {
        entry
            .dimensions
            .domain
            .as_ref()
            .map(|it| it.as_bytes().as_slice())
    };
    params.push(Param::Blobs(all().map(domain).collect()));
    params.push(ints(&|entry| entry.dimensions.reason));
    params.push(ids(&|entry| entry.lead.map(LeadId::uuid)));
    params.push(ids(&|entry| entry.subject.map(SubjectId::uuid)));
    params.push(Param::Blobs(
        all().map(|entry| entry.payload.as_deref()).collect(),
    ));
}

/// The identities that [`KNOWN`](crate::catalog::KNOWN) asks for.
pub(crate) fn identities<'a>(params: &mut Params<'a>, entries: impl Iterator<Item = &'a LogEntry>) {
    let (times, ids): (Vec<_>, Vec<_>) = entries
        .map(|entry| {
            (
                Some(to_millis(entry.at)),
                Some(entry.id.as_bytes().as_slice()),
            )
        })
        .unzip();
    params.push(Param::Ints(times));
    params.push(Param::Blobs(ids));
}

/// Reads a fact; `None` when a cell is not what the log writes.
pub(crate) fn read(row: &Row) -> Option<LogRecord> {
    // seq, ts, event_id, kind, campaign, step, variant, mailbox, domain, reason, lead, subject, payload
    let int = |at: usize| row.try_get::<_, Option<i64>>(at).ok();
    let id = |at: usize| row.try_get::<_, Option<Uuid>>(at).ok();
    let step = int(5)?.map(u16::try_from).transpose().ok()?;
    let variant = int(6)?.map(u8::try_from).transpose().ok()?;
    let domain = row.try_get::<_, Option<Vec<u8>>>(8).ok()?;
    let domain = domain.map(TryInto::try_into).transpose().ok()?;
    let event: Vec<u8> = row.try_get(2).ok()?;
    Some(LogRecord {
        seq: u64::try_from(int(0)??).ok()?,
        entry: LogEntry {
            at: from_millis(int(1)??),
            id: EventId::from_bytes(event.try_into().ok()?),
            kind: EventKind::from_code(int(3)??).ok()?,
            dimensions: Dimensions {
                campaign: id(4)?.map(CampaignId::from_uuid),
                step: step.map(StepIndex),
                variant,
                mailbox: id(7)?.map(MailboxId::from_uuid),
                domain: domain.map(KeyedIndex::from_bytes),
                reason: int(9)?,
            },
            lead: id(10)?.map(LeadId::from_uuid),
            subject: id(11)?.map(SubjectId::from_uuid),
            payload: row.try_get(12).ok()?,
            rollups: Vec::new(),
        },
    })
}
