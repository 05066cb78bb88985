//! The gate itself: read, judge, commit once.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, Clock, Dimensions, EventId, EventKind, IdSource, InstallationId, LeaseClock,
    LeaseInstant, PermitId, SendKey, SendKind, WorkspaceId,
};
use jooper_storage::tables::{ContactFenceRow, CounterRow, PERMIT, PermitRow};
use jooper_storage::{
    Batch, Check, Column, ColumnOp, Key, LogEntry, Record, Scope, Storage, StoreError, Write,
};
use uuid::Uuid;

use super::error::GateError;
use super::intent::SendIntent;
use super::permit::{MustCarry, SendPermit, SpentPermit};
use super::places::taken;
use super::plug::SendPolicy;
use super::rows::Rows;
use super::rules::{Context, Judged, judge};
use super::trace::{Judgement, Trace, Verdict};
use crate::ceilings::{Ceilings, sample_key};
use crate::content::{ContentRules, OwnDomains};
use crate::domain::parent_domains;
use crate::note::{Note, PermitNote};
use crate::policy::PolicySet;

/// How long a permit lasts, by the store's clock (design section 8).
pub const PERMIT_LEASE: Duration = Duration::from_secs(10);

/// What is taken off at the sender's end: clocks of two machines run at slightly different rates,
/// and the last byte takes a while to leave.
pub const PERMIT_MARGIN: Duration = Duration::from_secs(3);

/// How often a judgement is made anew because a row changed before its commit.
pub(super) const ATTEMPTS: usize = 8;

/// What became of an [`acquire`](Gate::acquire).
#[derive(Debug)]
#[must_use = "a permit that is not used blocks its recipient until its lease ends"]
pub enum Acquired {
    /// The reserve batch is committed; this is the leave to send.
    Permit(SendPermit, Trace),
    /// The mail may not go. Nothing was written.
    Refused(Judgement),
}

/// Judges mails and issues permits. One per process; shared by reference.
#[derive(Debug, Clone)]
pub struct Gate {
    pub(super) storage: Arc<dyn Storage>,
    installation: InstallationId,
    pub(super) wall: Arc<dyn Clock>,
    lease: Arc<dyn LeaseClock>,
    ids: Arc<dyn IdSource>,
    pub(super) policies: PolicySet,
    pub(super) ceilings: Ceilings,
    content: Arc<ContentRules>,
    plugs: Vec<Arc<dyn SendPolicy>>,
    margin: Duration,
    /// Whether permits are told in the log with what they were for.
    notes: bool,
    /// Workspaces whose log names these policies.
    pub(super) recorded: Arc<Mutex<BTreeSet<WorkspaceId>>>,
}

impl Gate {
    /// A gate over a store.
    ///
    /// `installation` is the identity that the key store names, not the one in the data: a copy
    /// of the data under other keys issues permits that no dispatcher here takes (law L13).
    pub fn new(
        storage: Arc<dyn Storage>,
        installation: InstallationId,
        wall: Arc<dyn Clock>,
        lease: Arc<dyn LeaseClock>,
        ids: Arc<dyn IdSource>,
        policies: PolicySet,
    ) -> Self {
        Self {
            storage,
            installation,
            wall,
            lease,
            ids,
            policies,
            ceilings: Ceilings::new(),
            content: Arc::default(),
            plugs: Vec::new(),
            margin: PERMIT_MARGIN,
            notes: true,
            recorded: Arc::default(),
        }
    }

    /// The same rules over another store or at another time.
    ///
    /// Its permits are of the installation given: dispatchers of that one take them, and of no other. So
    /// its log tells what they were for, and they have their mails looked at, whatever this gate does.
    #[must_use]
    pub fn over(
        &self,
        storage: Arc<dyn Storage>,
        installation: InstallationId,
        wall: Arc<dyn Clock>,
        lease: Arc<dyn LeaseClock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        Self {
            storage,
            installation,
            wall,
            lease,
            ids,
            notes: true,
            recorded: Arc::default(),
            ..self.clone()
        }
    }

    /// The same rules over a forecast's store, which is thrown away.
    ///
    /// Its permits are of no installation that a key store names: those ids are random or hashes.
    /// Nobody audits its log, so entries of permits do not tell what they were for.
    #[must_use]
    pub fn foreseeing(
        &self,
        storage: Arc<dyn Storage>,
        wall: Arc<dyn Clock>,
        lease: Arc<dyn LeaseClock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        let nowhere = InstallationId::from_uuid(Uuid::max());
        Self {
            notes: false,
            ..self.over(storage, nowhere, wall, lease, ids)
        }
    }

    /// Whose permits it issues.
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }

    /// Adds a rule that can deny or defer. Rules are asked in the order in which they were added.
    #[must_use]
    pub fn with_policy(mut self, policy: Arc<dyn SendPolicy>) -> Self {
        self.plugs.push(policy);
        self
    }

    /// Uses these ceilings, which are never looser than the shipped ones.
    #[must_use]
    pub const fn with_ceilings(mut self, ceilings: Ceilings) -> Self {
        self.ceilings = ceilings;
        self
    }

    /// The ceilings in force.
    pub const fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    /// Holds mails to these rules, which are never looser than the shipped ones.
    #[must_use]
    pub fn with_content_rules(mut self, rules: ContentRules) -> Self {
        self.content = Arc::new(rules);
        self
    }

    /// What mails are held to.
    pub fn content_rules(&self) -> &ContentRules {
        &self.content
    }

    /// Makes deadlines earlier: takes at least [`PERMIT_MARGIN`] and at most the whole lease off.
    #[must_use]
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin.clamp(PERMIT_MARGIN, PERMIT_LEASE);
        self
    }

    /// The policy tables in force.
    pub const fn policies(&self) -> &PolicySet {
        &self.policies
    }

    /// Says whether a mail may go now, and why. Writes nothing: for previews and explanations.
    ///
    /// # Errors
    /// [`GateError::Store`].
    pub async fn judge(
        &self,
        ws: WorkspaceId,
        intent: &SendIntent,
    ) -> Result<Judgement, GateError> {
        Self::names_everything(intent)?;
        let now = self.storage.now().await?;
        let rows = Rows::read(&*self.storage, ws, intent, now).await?;
        Ok(self.decide(ws, intent, &rows).judgement)
    }

    /// Judges a mail and, if it may go, commits `reserve` together with a permit for it.
    ///
    /// One commit holds the caller's checks and writes, the person's fence row, a check for every
    /// row that carried the verdict, the permit and its log entry. When a row changed between
    /// judging and committing, the mail is judged anew. The caller's batch may hold checks,
    /// writes and log entries of its own, and must be of the same workspace.
    ///
    /// # Errors
    /// [`GateError::Reserve`] and [`GateError::FenceLost`] when a check of the caller's own did
    /// not hold; [`GateError::Contended`] when rows changed under every attempt;
    /// [`GateError::Store`] otherwise. After [`StoreError::Unknown`] the reserve batch may have
    /// been committed: read the send's row.
    pub async fn acquire(
        &self,
        ws: WorkspaceId,
        intent: &SendIntent,
        reserve: Batch,
    ) -> Result<Acquired, GateError> {
        if reserve.scope != Scope::Workspace(ws) {
            return Err(GateError::Invalid(
                "the reserve batch is of another workspace",
            ));
        }
        Self::names_everything(intent)?;
        self.ensure_recorded(ws).await?;
        for _ in 0..ATTEMPTS {
            // Both clocks are read before anything else is: a lease counted from here never ends
            // behind the one that a stop waits for.
            let began = self.lease.now();
            let checked_from = self.storage.now().await?;
            let rows = Rows::read(&*self.storage, ws, intent, checked_from).await?;
            let mut judged = self.decide(ws, intent, &rows);
            if !judged.judgement.verdict.is_allow() {
                return Ok(Acquired::Refused(judged.judgement));
            }
            let permit = self.permit(ws, intent, began, checked_from, judged.first);
            let batch = self.batch(intent, &reserve, rows, &mut judged, &permit, checked_from);
            let own = reserve.checks.len();
            match self.storage.commit(batch).await {
                Ok(()) => return Ok(Acquired::Permit(permit, judged.judgement.trace)),
                Err(StoreError::Conflict { check, .. }) if check >= own => {}
                Err(StoreError::Conflict { check, .. }) => {
                    return Err(GateError::Reserve { check });
                }
                Err(StoreError::FenceLost) => return Err(GateError::FenceLost),
                Err(error) => return Err(error.into()),
            }
        }
        Err(GateError::Contended)
    }

    /// What is not looked up is not found: every form of the address and every domain above its own must be
    /// named, as many as it has.
    pub(super) fn names_everything(intent: &SendIntent) -> Result<(), GateError> {
        let to = &intent.recipient;
        let forms = to.address.variants().len();
        if to.platform_variants.len() < forms {
            return Err(GateError::Invalid(
                "the recipient lacks an index of its address under the platform's key",
            ));
        }
        if to.variants.len() < forms {
            return Err(GateError::Invalid(
                "the recipient lacks an index of its address under the workspace's key",
            ));
        }
        if to.parent_domains.len() < parent_domains(to.address.domain()).len() {
            return Err(GateError::Invalid(
                "the recipient lacks an index of a domain above its own",
            ));
        }
        Ok(())
    }

    /// The write that gives a permit back, for the batch that settles the send.
    ///
    /// Only for a send whose last byte has left or never will, since a stop no longer waits for it:
    /// a dispatcher hands back what is left of the permit, or its owner gave it up.
    pub fn release_write(permit: SpentPermit) -> Write {
        let SpentPermit(id) = permit;
        Write::Delete(Key::new(&PERMIT, vec![id.to_value()]))
    }

    /// Gives a permit up and back on its own. See [`Gate::release_write`].
    ///
    /// # Errors
    /// [`GateError::Store`]; the permit then ends by itself.
    pub async fn release(&self, permit: SendPermit) -> Result<(), GateError> {
        let batch = Batch::new(permit.workspace());
        let batch = batch.write(Self::release_write(permit.give_up()));
        Ok(self.storage.commit(batch).await?)
    }

    pub(super) fn decide(&self, ws: WorkspaceId, intent: &SendIntent, rows: &Rows) -> Judged {
        judge(&Context {
            workspace: ws,
            intent,
            rows,
            policies: &self.policies,
            ceilings: &self.ceilings,
            plugs: &self.plugs,
            now: self.wall.now(),
        })
    }

    fn permit(
        &self,
        ws: WorkspaceId,
        intent: &SendIntent,
        began: LeaseInstant,
        checked_from: Timestamp,
        first: bool,
    ) -> SendPermit {
        let lease = SignedDuration::try_from(PERMIT_LEASE).unwrap_or(SignedDuration::ZERO);
        SendPermit {
            id: PermitId::from_uuid(self.ids.uuid(self.wall.now())),
            installation: self.installation,
            workspace: ws,
            mailbox: intent.mailbox,
            recipient: intent.recipient.address.clone(),
            send_key: intent.key,
            transport: intent.transport.name.clone(),
            deadline: began.plus(PERMIT_LEASE.saturating_sub(self.margin)),
            lease_until: checked_from.checked_add(lease).unwrap_or(checked_from),
            must_carry: MustCarry {
                unsubscribe: intent.key.kind() == SendKind::Step,
                notice: first,
            },
            // Nobody reads the mails of a forecast, and its engine has looked at them.
            content: self.notes.then(|| self.rules_of(&intent.own_domains)),
        }
    }

    fn rules_of(&self, own: &OwnDomains) -> Arc<ContentRules> {
        if own.is_empty() {
            return Arc::clone(&self.content);
        }
        let rules = ContentRules::clone(&self.content);
        Arc::new(rules.with_own_domains(own.clone()))
    }

    fn batch(
        &self,
        intent: &SendIntent,
        reserve: &Batch,
        mut rows: Rows,
        judged: &mut Judged,
        permit: &SendPermit,
        checked_from: Timestamp,
    ) -> Batch {
        let to = &intent.recipient;
        let fence = ContactFenceRow::of(to.contact_index);
        // Whichever were judged: a stop of either waits for this permit.
        let own = rows.lead.as_ref().and_then(|lead| lead.company);
        let company = own.or(to.company);
        let row = PermitRow {
            id: permit.id,
            lease_until: permit.lease_until,
            contact_index: to.contact_index,
            domain_index: to.domain_index,
            lead: to.lead,
            company,
            campaign: intent.campaign,
            enrollment: intent.enrollment(),
            mailbox: intent.mailbox,
            send_key: intent.key,
            company_beside: to.company.filter(|told| company != Some(*told)),
        };
        let mut batch = reserve.clone();
        // The pins, the sample's limit; and the permit.
        batch
            .checks
            .reserve(rows.pins.len() + judged.pins.len() + 1);
        batch.writes.reserve(3);
        // First of all writes: a store that locks rows as it writes them then meets the stop here.
        batch
            .writes
            .insert(0, Write::Upsert(fence.key(), fence.to_values(), Vec::new()));
        batch.checks.append(&mut rows.pins);
        batch.checks.append(&mut judged.pins);
        if let (Some(campaign), SendKey::Step { enrollment, step }) = (intent.campaign, intent.key)
            && judged.sampled
        {
            let place = taken(campaign, enrollment, step);
            match rows.place {
                // It holds its place since an earlier try.
                Some(version) => batch.checks.push(Check::Version(place.key(), version)),
                None => batch = self.counted(campaign, batch).insert(&place),
            }
        }
        batch
            .log
            .push(self.entry(intent, &row, judged, checked_from));
        batch.put(&row)
    }

    /// One place more in a campaign's first sample, as far as there is one.
    fn counted(&self, campaign: CampaignId, batch: Batch) -> Batch {
        let count = CounterRow {
            key: sample_key(campaign),
            count: 1,
            expires_at: i64::MAX,
        };
        let (key, most) = (count.key(), self.ceilings.sample());
        let grow = vec![("count", ColumnOp::Add(1))];
        batch
            .check(Check::AtMost(key.clone(), "count", most))
            .write(Write::Upsert(key, count.to_values(), grow))
    }

    fn entry(
        &self,
        intent: &SendIntent,
        row: &PermitRow,
        judged: &Judged,
        checked_from: Timestamp,
    ) -> LogEntry {
        let note = || {
            Note::Permit(Box::new(PermitNote {
                permit: row.id,
                send_key: row.send_key,
                checked_from,
                lease_until: row.lease_until,
                contact: row.contact_index,
                domain: row.domain_index,
                parent_domains: intent.recipient.parent_domains.clone(),
                lead: row.lead,
                company: row.company,
                company_beside: row.company_beside,
                campaign: row.campaign,
                enrollment: row.enrollment,
                sampled: judged.sampled,
                mailbox: row.mailbox,
                basis: judged.basis,
                receipt: judged.receipt,
                country: judged.country,
                policy: [
                    self.policies.countries().version().to_owned(),
                    self.policies.transports().version().to_owned(),
                    intent.transport.name.clone(),
                ],
            }))
        };
        let step = match intent.key {
            SendKey::Step { step, .. } => Some(step),
            _ => None,
        };
        LogEntry {
            id: EventId::from_source(EventKind::Permitted, &[row.id.uuid().as_bytes()]),
            at: self.wall.now(),
            kind: EventKind::Permitted,
            dimensions: Dimensions {
                campaign: row.campaign,
                step,
                mailbox: Some(row.mailbox),
                domain: Some(row.domain_index),
                ..Dimensions::default()
            },
            lead: row.lead,
            subject: row.lead.map(Into::into),
            payload: self.notes.then(|| note().to_payload()),
            rollups: Vec::new(),
        }
    }
}

impl Acquired {
    /// The judgement's verdict: allowed, or why not.
    pub const fn verdict(&self) -> &Verdict {
        match self {
            Self::Permit(..) => &Verdict::Allow,
            Self::Refused(judgement) => &judgement.verdict,
        }
    }
}
