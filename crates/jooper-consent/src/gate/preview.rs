//! What the gate says about many mails at once.

use std::ops::Bound;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jooper_core::{WorkspaceId, to_millis};
use jooper_storage::tables::{PERMIT, PermitRow};
use jooper_storage::{Key, Row, Scan, Scope, Storage, StorageExt, StoreError, Value};

use super::acquire::Gate;
use super::error::GateError;
use super::intent::SendIntent;
use super::rows::{Ask, Rows};
use super::trace::Judgement;

/// So many mails share their reads.
const TOGETHER: usize = 100;

/// So many scans are under way at a time.
const AT_ONCE: usize = 16;

/// What the gate says about many mails at once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// How many may go now.
    pub allowed: usize,
    /// The others, by their place in what was asked, each with its reasons.
    pub refused: Vec<(usize, Judgement)>,
}

impl Gate {
    /// Says for each mail whether it may go, as [`Gate::judge`] does, and counts.
    ///
    /// A campaign is previewed with its first steps before it is activated: unlawful leads are
    /// named, each with its rule, and the others are sent. Enrollments that do not exist yet are
    /// judged as they will be made.
    ///
    /// Reads what a hundred mails need together; each step has one scan of its own, for the campaigns
    /// that its lead is in, sixteen of them at a time.
    ///
    /// # Errors
    /// [`GateError::Store`].
    pub async fn preview(
        &self,
        ws: WorkspaceId,
        intents: &[SendIntent],
    ) -> Result<Preview, GateError> {
        let mut preview = Preview::default();
        for (chunk, together) in intents.chunks(TOGETHER).enumerate() {
            together.iter().try_for_each(Self::names_everything)?;
            let now = self.storage.now().await?;
            let rows = read_together(&*self.storage, ws, together, now).await?;
            for (at, (intent, mut rows)) in together.iter().zip(rows).enumerate() {
                rows.enroll(intent, self.wall.now());
                let judgement = self.decide(ws, intent, &rows).judgement;
                if judgement.verdict.is_allow() {
                    preview.allowed += 1;
                } else {
                    preview.refused.push((chunk * TOGETHER + at, judgement));
                }
            }
        }
        Ok(preview)
    }
}

/// What [`Rows::read`] reads, for many. Nothing is committed on it: the order does not matter here.
async fn read_together(
    storage: &dyn Storage,
    ws: WorkspaceId,
    intents: &[SendIntent],
    now: Timestamp,
) -> Result<Vec<Rows>, StoreError> {
    let mut all: Vec<Rows> = intents.iter().map(|_| Rows::default()).collect();
    let here = Scope::Workspace(ws);
    let asks = intents.iter().map(|intent| Ask::of(ws, intent)).collect();
    for (rows, (ask, found)) in all.iter_mut().zip(get(storage, here, asks).await?) {
        rows.take(ask, found)?;
    }
    let asks = intents.iter().zip(&all);
    let asks = asks
        .map(|(intent, rows)| rows.ask_company(intent))
        .collect();
    for (rows, (ask, found)) in all.iter_mut().zip(get(storage, here, asks).await?) {
        rows.take(ask, found)?;
    }
    let asks = intents.iter().map(Ask::of_platform).collect();
    let found = get(storage, Scope::Platform, asks).await?;
    for (rows, (ask, found)) in all.iter_mut().zip(found) {
        rows.take_platform(&ask, found)?;
    }
    let open = Scan::table(&PERMIT).by("by_lease").range(
        Bound::Excluded(Value::Int(to_millis(now))),
        Bound::Unbounded,
    );
    let open = storage.collect::<PermitRow>(ws, open).await?;
    let scans: Vec<_> = intents
        .iter()
        .map(|intent| Rows::campaigns_of(storage, ws, intent))
        .collect();
    let enrollments: Vec<_> = stream::iter(scans).buffered(AT_ONCE).try_collect().await?;
    for ((rows, intent), enrollments) in all.iter_mut().zip(intents).zip(enrollments) {
        let theirs = open.iter().map(|row| &row.record);
        let contact = intent.recipient.contact_index;
        let theirs = theirs.filter(|permit| permit.contact_index == contact);
        rows.permits = theirs.cloned().collect();
        rows.enrollments = enrollments;
    }
    Ok(all)
}

/// One read of what each asks for.
async fn get(
    storage: &dyn Storage,
    scope: Scope,
    asks: Vec<Ask>,
) -> Result<Vec<(Ask, Vec<Option<Row>>)>, StoreError> {
    let keys: Vec<Key> = asks.iter().flat_map(|ask| ask.keys.clone()).collect();
    let found = match keys.is_empty() {
        true => Vec::new(),
        false => storage.get(scope, &keys).await?,
    };
    let mut found = found.into_iter();
    let each = asks.into_iter().map(|ask| {
        let theirs = found.by_ref().take(ask.keys.len()).collect();
        (ask, theirs)
    });
    Ok(each.collect())
}
