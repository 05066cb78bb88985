//! Everything that a judgement reads, with the checks that pin it.

use std::collections::BTreeSet;
use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::{
    BasisKind, Code, EnrollmentState, KeyedIndex, Purpose, ScopeKind, SendKey, WaitReason,
    WorkspaceId, from_millis, to_millis,
};
use jooper_storage::tables::{
    BASIS, BasisRow, CONTACT_FENCE, COUNTER, ContactFenceRow, CounterRow, DO_NOT_CONTACT,
    DoNotContactRow, ENROLLMENT, EarlierMails, EnrollmentRow, LEAD, LEAD_ADDRESS, LeadAddressRow,
    LeadRow, MESSAGE, MessageRow, PENDING, PERMIT, PendingRow, PermitRow, REFUSED_BASES,
    SCOPE_STOP, SETTING, SIGN_IN, SUPPRESSION, ScopeStopRow, SettingRow, SignInRow, StopCause,
    SuppressionRow, WORKSPACE, WorkspaceRow,
};
use jooper_storage::{
    Check, Column, Key, Record, Row, Scan, Scope, Storage, StorageExt, StoreError, Value, Version,
    Versioned,
};
use uuid::Uuid;

use super::intent::{Proof, SendIntent};
use super::places::{is_place, is_since, place_key};
use crate::answers::AnswersInARow;
use crate::ceilings::{sample_key, since_key};

/// A lead is in so many campaigns at most, as far as the gate looks.
const MOST_ENROLLMENTS: usize = 1000;

/// What one judgement is made of.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) workspace: Option<WorkspaceRow>,
    pub(super) suppressions: Vec<SuppressionRow>,
    pub(super) do_not_contact: Vec<DoNotContactRow>,
    /// What is stopped, one entry for each cause.
    pub(super) stops: Vec<(ScopeKind, StopCause)>,
    pub(super) lead: Option<LeadRow>,
    pub(super) address: Option<LeadAddressRow>,
    pub(super) bases: Vec<Versioned<BasisRow>>,
    pub(super) refused: i64,
    pub(super) sample: Option<CounterRow>,
    /// Since when the people came of whom it is made, where it began anew.
    pub(super) sampled_since: Option<Timestamp>,
    /// The mail's own place in it, where an earlier try left it one.
    pub(super) place: Option<Version>,
    /// What the person had under leads that are not there any more.
    pub(super) earlier: Vec<EarlierMails>,
    pub(super) inbound: Option<MessageRow>,
    pub(super) sign_in: Option<SignInRow>,
    pub(super) request: Option<PendingRow>,
    pub(super) permits: Vec<PermitRow>,
    pub(super) enrollments: Vec<EnrollmentRow>,
    /// Of an answer by hand: how many went before it. Each takes the fence row, so that two at once are
    /// judged one after the other.
    pub(super) answers: AnswersInARow,
    /// The rows as they were read: what the commit requires unchanged.
    pub(super) pins: Vec<Check>,
}

/// The keys of one read, and which of them are pinned.
#[derive(Default)]
pub(super) struct Ask {
    pub(super) keys: Vec<Key>,
    /// Of each.
    pinned: Vec<bool>,
}

impl Ask {
    fn of_about(keys: usize) -> Self {
        Self {
            keys: Vec::with_capacity(keys),
            pinned: Vec::with_capacity(keys),
        }
    }

    fn add(&mut self, key: Key) {
        self.keys.push(key);
        self.pinned.push(true);
    }

    /// Bases are pinned one by one, when one of them carries the verdict.
    fn add_unpinned(&mut self, key: Key) {
        self.keys.push(key);
        self.pinned.push(false);
    }
}

/// Where gate and stop meet.
pub(crate) fn fence_key(contact: KeyedIndex) -> Key {
    Key::new(&CONTACT_FENCE, vec![contact.to_value()])
}

pub(crate) fn stop_key(scope: ScopeKind, id: Uuid) -> Key {
    Key::new(&SCOPE_STOP, vec![scope.to_value(), Value::Id(id)])
}

pub(crate) fn suppression_key(index: KeyedIndex) -> Key {
    Key::new(&SUPPRESSION, vec![index.to_value()])
}

impl Ask {
    /// What a mail needs of its workspace.
    pub(super) fn of(ws: WorkspaceId, intent: &SendIntent) -> Self {
        keys(ws, intent)
    }

    /// What a mail needs of the platform.
    pub(super) fn of_platform(intent: &SendIntent) -> Self {
        let mut ask = Self::default();
        for index in &intent.recipient.platform_variants {
            ask.add(Key::new(&DO_NOT_CONTACT, vec![index.to_value()]));
        }
        if let Proof::OwnAddress(index) = intent.proof {
            ask.add(Key::new(&SIGN_IN, vec![index.to_value()]));
        }
        ask
    }
}

fn keys(ws: WorkspaceId, intent: &SendIntent) -> Ask {
    let to = &intent.recipient;
    let mut ask = Ask::of_about(32);
    ask.add(fence_key(to.contact_index));
    ask.add(Key::new(&WORKSPACE, vec![ws.to_value()]));
    let mut listed = BTreeSet::from_iter(to.variants.iter().copied().chain([
        to.email_index,
        to.contact_index,
        to.domain_index,
    ]));
    listed.extend(&to.parent_domains);
    for index in listed {
        ask.add(suppression_key(index));
    }
    ask.add(stop_key(ScopeKind::Workspace, ws.uuid()));
    ask.add(stop_key(ScopeKind::Mailbox, intent.mailbox.uuid()));
    if let Some(campaign) = intent.campaign {
        ask.add(stop_key(ScopeKind::Campaign, campaign.uuid()));
    }
    if let Some(enrollment) = intent.enrollment() {
        ask.add(stop_key(ScopeKind::Enrollment, enrollment.uuid()));
    }
    if let Some(company) = to.company {
        ask.add(stop_key(ScopeKind::Company, company.uuid()));
    }
    if let Some(lead) = to.lead {
        ask.add(stop_key(ScopeKind::Person, lead.uuid()));
        ask.add(Key::new(&LEAD, vec![lead.to_value()]));
        ask.add(Key::new(&LEAD_ADDRESS, vec![to.email_index.to_value()]));
    }
    match intent.key {
        SendKey::Step { enrollment, step } => {
            if let Some(lead) = to.lead {
                for kind in BasisKind::all() {
                    ask.add_unpinned(basis_key(lead.to_value(), Purpose::Outreach, *kind));
                }
            }
            ask.add(Key::new(
                &SETTING,
                vec![Value::Text(REFUSED_BASES.to_owned())],
            ));
            if let Some(campaign) = intent.campaign {
                // Unpinned: its limit is checked behind the commit's own increment.
                ask.add_unpinned(Key::new(&COUNTER, vec![Value::Bytes(sample_key(campaign))]));
                ask.add_unpinned(Key::new(&COUNTER, vec![Value::Bytes(since_key(campaign))]));
                ask.add_unpinned(place_key(campaign, enrollment, step));
            }
        }
        SendKey::Service { request, .. } => {
            ask.add(Key::new(&PENDING, vec![request.to_value()]));
        }
        _ => {}
    }
    if let Proof::Inbound(message) = intent.proof {
        ask.add(Key::new(&MESSAGE, vec![message.to_value()]));
    }
    ask
}

fn basis_key(lead: Value, purpose: Purpose, kind: BasisKind) -> Key {
    Key::new(&BASIS, vec![lead, purpose.to_value(), kind.to_value()])
}

impl Rows {
    /// Reads what a judgement needs. `now` is the store's clock, read before this is called.
    ///
    /// The order matters: the fence is read first, open permits next, enrollments last. A send
    /// that settles meanwhile is then seen in one of them, or it has moved the fence.
    pub(super) async fn read(
        storage: &dyn Storage,
        ws: WorkspaceId,
        intent: &SendIntent,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut rows = Self::default();
        let ask = keys(ws, intent);
        let found = storage.get(Scope::Workspace(ws), &ask.keys).await?;
        rows.take(ask, found)?;
        let ask = rows.ask_company(intent);
        if !ask.keys.is_empty() {
            let found = storage.get(Scope::Workspace(ws), &ask.keys).await?;
            rows.take(ask, found)?;
        }
        let ask = Ask::of_platform(intent);
        let found = storage.get(Scope::Platform, &ask.keys).await?;
        rows.take_platform(&ask, found)?;
        if matches!(intent.key, SendKey::Step { .. }) {
            rows.read_contact(storage, ws, intent, now).await?;
        }
        if let (SendKey::Reply { .. }, Some(lead)) = (intent.key, intent.recipient.lead) {
            rows.answers = AnswersInARow::count(storage, ws, lead, &intent.key).await?;
        }
        Ok(rows)
    }

    /// The lead's own company counts as well; it is known only when the lead is.
    pub(super) fn ask_company(&self, intent: &SendIntent) -> Ask {
        let own = self.lead.as_ref().and_then(|lead| lead.company);
        let mut ask = Ask::default();
        if let Some(company) = own.filter(|own| intent.recipient.company != Some(*own)) {
            ask.add(stop_key(ScopeKind::Company, company.uuid()));
        }
        ask
    }

    pub(super) fn take(&mut self, ask: Ask, found: Vec<Option<Row>>) -> Result<(), StoreError> {
        self.pins.reserve(found.len() + 1);
        for ((key, pinned), row) in ask.keys.into_iter().zip(ask.pinned).zip(found) {
            let table = key.table();
            if pinned {
                self.pins.push(pin(key, row.as_ref()));
            }
            let Some(row) = row else { continue };
            match table.name {
                name if name == CONTACT_FENCE.name => {
                    self.earlier = read::<ContactFenceRow>(row)?.earlier_mails()?;
                }
                name if name == WORKSPACE.name => self.workspace = Some(read(row)?),
                name if name == SUPPRESSION.name => self.suppressions.push(read(row)?),
                name if name == SCOPE_STOP.name => {
                    let row: ScopeStopRow = read(row)?;
                    let causes = row.causes()?.into_iter();
                    self.stops.extend(causes.map(|cause| (row.scope, cause)));
                }
                name if name == LEAD.name => self.lead = Some(read(row)?),
                name if name == LEAD_ADDRESS.name => self.address = Some(read(row)?),
                name if name == SETTING.name => self.refused = read::<SettingRow>(row)?.number,
                name if name == COUNTER.name => {
                    let version = row.version;
                    let row: CounterRow = read(row)?;
                    if is_place(&row) {
                        self.place = Some(version);
                    } else if is_since(&row) {
                        self.sampled_since = Some(from_millis(row.count));
                    } else {
                        self.sample = Some(row);
                    }
                }
                name if name == MESSAGE.name => self.inbound = Some(read(row)?),
                name if name == PENDING.name => self.request = Some(read(row)?),
                name if name == BASIS.name => self.bases.push(Versioned {
                    version: row.version,
                    record: read(row)?,
                }),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn take_platform(
        &mut self,
        ask: &Ask,
        found: Vec<Option<Row>>,
    ) -> Result<(), StoreError> {
        for (key, row) in ask.keys.iter().zip(found) {
            let Some(row) = row else { continue };
            if key.table().name == SIGN_IN.name {
                self.sign_in = Some(read(row)?);
            } else {
                self.do_not_contact.push(read(row)?);
            }
        }
        Ok(())
    }

    async fn read_contact(
        &mut self,
        storage: &dyn Storage,
        ws: WorkspaceId,
        intent: &SendIntent,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let open = Scan::table(&PERMIT)
            .by("by_contact")
            .prefix(vec![intent.recipient.contact_index.to_value()])
            .range(
                Bound::Excluded(Value::Int(to_millis(now))),
                Bound::Unbounded,
            );
        let open = storage.collect::<PermitRow>(ws, open).await?;
        self.permits = open.into_iter().map(|row| row.record).collect();
        self.enrollments = Self::campaigns_of(storage, ws, intent).await?;
        Ok(())
    }

    /// The campaigns that the lead of a step is in.
    pub(super) async fn campaigns_of(
        storage: &dyn Storage,
        ws: WorkspaceId,
        intent: &SendIntent,
    ) -> Result<Vec<EnrollmentRow>, StoreError> {
        let (SendKey::Step { .. }, Some(lead)) = (intent.key, intent.recipient.lead) else {
            return Ok(Vec::new());
        };
        let scan = Scan::table(&ENROLLMENT)
            .by("by_lead")
            .prefix(vec![lead.to_value()])
            .limit(MOST_ENROLLMENTS);
        let page = storage.page::<EnrollmentRow>(ws, scan).await?;
        Ok(page.records.into_iter().map(|row| row.record).collect())
    }

    /// The enrollment that the step is of.
    pub(super) fn own(&self, intent: &SendIntent) -> Option<&EnrollmentRow> {
        let id = intent.enrollment()?;
        self.enrollments.iter().find(|row| row.id == id)
    }

    /// Other enrollments of the lead that are still writing to it: those that are due some time,
    /// that have a task for a person in between, or a mail of which nobody knows whether it went.
    pub(super) fn others_busy<'a>(
        &'a self,
        intent: &'a SendIntent,
    ) -> impl Iterator<Item = &'a EnrollmentRow> {
        let own = intent.enrollment();
        self.enrollments
            .iter()
            .filter(move |row| Some(row.id) != own && is_busy(row))
    }

    /// The enrollment that a preview asks about, as it will be made.
    pub(super) fn enroll(&mut self, intent: &SendIntent, now: Timestamp) {
        let (Some(id), Some(campaign)) = (intent.enrollment(), intent.campaign) else {
            return;
        };
        let Some(lead) = intent.recipient.lead.filter(|_| self.own(intent).is_none()) else {
            return;
        };
        let mailbox = intent.mailbox;
        let row = EnrollmentRow::fresh(id, campaign, lead, mailbox, 0, now);
        self.enrollments.push(row);
    }
}

fn is_busy(row: &EnrollmentRow) -> bool {
    let holds = matches!(
        row.wait,
        Some(WaitReason::SendUnknown | WaitReason::ManualTask)
    );
    match row.state {
        EnrollmentState::Active => true,
        EnrollmentState::Parked => holds,
        _ => false,
    }
}

/// What the commit requires of a row as it was read.
///
/// That nobody is on the list is checked behind the writes, the first of which is the fence row:
/// whoever stops the person holds that row until the entry is visible, so that even a store whose
/// reads are no snapshot (PostgreSQL's READ COMMITTED) cannot miss it.
fn pin(key: Key, row: Option<&Row>) -> Check {
    match row {
        Some(row) => Check::Version(key, row.version),
        None if [SUPPRESSION.name, SCOPE_STOP.name].contains(&key.table().name) => {
            Check::AtMost(key, "since", 0)
        }
        None => Check::Absent(key),
    }
}

fn read<R: Record>(row: Row) -> Result<R, StoreError> {
    R::from_values(row.values)
}
