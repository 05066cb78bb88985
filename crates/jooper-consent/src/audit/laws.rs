//! What the chain tells about stops and sends (law L4), from the entries alone.
//!
//! A `Sent` or `SendUnknown` entry, of whatever kind of mail, is taken to carry the time at which the
//! send began: the posting commit. That its last byte then left before its lease ended is the
//! dispatcher's doing, and no entry can prove it. Where notes were erased, lead, campaign and mailbox
//! still tell.
//!
//! Stops are acknowledged, and leases end, by the store's clock, which is one for all machines. A mail's
//! note tells when it began by that clock, and is held against those; entries of earlier versions, and
//! those whose notes were erased, tell only what the wall clocks of the machines said.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use jooper_core::{
    CampaignId, Code, EventKind, KeyedIndex, LeadId, MailboxId, ScopeKind, SendKey, SendKind,
    StepIndex, StopReason, WorkspaceId,
};
use jooper_storage::{LogEntry, LogRecord};
use uuid::Uuid;

use super::checker::{Finding, RestoredPart};
use crate::gate::PERMIT_MARGIN;
use crate::note::{Note, PermitNote, SENT_ADOPTED, StoppedScope};
use crate::reach::{keeps_back, reaches};
use crate::stop::lease;

/// How far the wall clocks of two machines may lie apart.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);

/// A permit's end by wall clocks alone: they may be set meanwhile, or be accelerated.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A stop that was acknowledged.
#[derive(Debug)]
struct Standing {
    seq: u64,
    at: Timestamp,
    /// When it was promised, by the store's clock.
    acknowledged: Option<Timestamp>,
    ended: Option<Ended>,
    reason: StopReason,
    /// Whether its note is there: it then says itself whom it is of.
    named: bool,
    /// Whether something about the lead was taken back whose note was erased: perhaps this stop.
    doubtful: bool,
    /// Whether its entry tells a lead.
    of_lead: bool,
}

/// That a stop was taken back: mail that began before is still behind it.
#[derive(Debug, Clone, Copy)]
struct Ended {
    seq: u64,
    at: Timestamp,
}

/// A stop beside a mail.
#[derive(Debug)]
struct Against<'a> {
    stop: &'a Standing,
    /// Whether it forbids that mail; else it may, and the note that would tell was erased.
    certain: bool,
}

/// When a mail began.
#[derive(Debug, Clone, Copy)]
struct Began {
    /// At the earliest and at the latest, by a wall clock.
    first: Timestamp,
    last: Timestamp,
    /// By the store's clock.
    store: Option<Timestamp>,
}

/// The kinds of mail that an entry without a step may be of.
const NOT_STEPS: [SendKind; 3] = [SendKind::Reply, SendKind::Test, SendKind::Service];

/// What is stopped, as far as the entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Contact(KeyedIndex),
    Domain(KeyedIndex),
    Id(ScopeKind, Uuid),
    /// What is left of a person's stop, or of a permit, when its note was erased.
    Lead(LeadId),
}

type Triple = (Option<LeadId>, Option<CampaignId>, Option<StepIndex>);

/// Whom a send goes to and what it belongs to.
#[derive(Debug, Clone, Default)]
struct Reach {
    /// Where its permit stands; the beginning for a mail whose permit was lost.
    seq: u64,
    /// When the permit was issued, by a wall clock.
    issued: Option<Timestamp>,
    /// When it ends, by the store's clock.
    until: Option<Timestamp>,
    /// Whether the permit's note is there.
    named: bool,
    kind: Option<SendKind>,
    contact: Option<KeyedIndex>,
    domain: Option<KeyedIndex>,
    parent_domains: Vec<KeyedIndex>,
    lead: Option<LeadId>,
    companies: [Option<Uuid>; 2],
    campaign: Option<CampaignId>,
    enrollment: Option<Uuid>,
    mailbox: Option<MailboxId>,
}

#[derive(Debug, Default)]
pub(super) struct Laws {
    /// Every stop of a target, ended ones too: a weightier one reaches kinds of mail that the first did
    /// not, and a mail that began before an end is told of behind it.
    standing: BTreeMap<Target, Vec<Standing>>,
    permitted: BTreeMap<SendKey, Reach>,
    /// The same, by what is left when the notes were erased.
    told: BTreeMap<Triple, Reach>,
    permits: u64,
    sends: u64,
    stops: u64,
    /// Whether retention has removed entries: a permit may have been among them.
    gone: bool,
    /// When the first entry behind them was written.
    first: Option<Timestamp>,
    unjudged: u64,
    /// Stops whose notes were erased, so that only a lead is left of whom they are of.
    nameless: u64,
    adopted: u64,
    workspace: Option<Uuid>,
    restored: Vec<RestoredPart>,
    /// The time of the newest entry so far.
    newest: Option<Timestamp>,
}

impl Laws {
    /// An entry is not there any more.
    pub(super) const fn gone(&mut self) {
        self.gone = true;
        self.first = None;
    }

    /// Whether the permit of a mail that began then may be among the entries that are gone: none of those
    /// outlived the first entry that is left by more than a lease.
    fn may_be_gone(&self, began: Timestamp) -> bool {
        let lived = |first: Timestamp| began.duration_since(first) <= lease() + CLOCKS;
        self.gone && self.first.is_none_or(lived)
    }

    /// Sends of which nothing can be said any more: retention has removed their permits, or erasure
    /// the note that would tell whether a stop still stood or was meant for them.
    pub(super) const fn unjudged(&self) -> u64 {
        self.unjudged
    }

    /// Stops of people whose data is gone: nobody knows any more whom else they forbid to write to.
    pub(super) const fn nameless(&self) -> u64 {
        self.nameless
    }

    /// Sends that were found in a mailbox after a restore.
    pub(super) const fn found_in_mailboxes(&self) -> u64 {
        self.adopted
    }

    /// Where copies were put back.
    pub(super) fn restored(self) -> Vec<RestoredPart> {
        self.restored
    }

    pub(super) const fn counts(&self) -> (u64, u64, u64) {
        (self.permits, self.sends, self.stops)
    }

    pub(super) const fn of(&mut self, ws: WorkspaceId) {
        self.workspace = Some(ws.uuid());
    }

    pub(super) fn take(&mut self, record: &LogRecord) -> Vec<Finding> {
        let entry = &record.entry;
        let note = entry.payload.as_deref().and_then(Note::from_payload);
        if self.gone && self.first.is_none() && !is_told_later(entry.kind) {
            self.first = Some(entry.at);
        }
        let newest = self.newest;
        self.newest = newest.max(Some(entry.at));
        match entry.kind {
            EventKind::Restored => {
                self.restored.push(RestoredPart {
                    seq: record.seq,
                    at: entry.at,
                    behind: newest,
                    epoch: match note {
                        Some(Note::Restored { epoch }) => Some(epoch),
                        _ => None,
                    },
                });
                Vec::new()
            }
            EventKind::Stopped => {
                self.stop(record, note);
                Vec::new()
            }
            EventKind::Resumed => {
                self.resume(record, note);
                Vec::new()
            }
            EventKind::Permitted => self.permit(record, note),
            EventKind::Sent | EventKind::SendUnknown => self.send(record, note),
            _ => Vec::new(),
        }
    }

    /// A person's stop is kept under the address and under the lead: a permit or a stop whose note
    /// was erased tells only the lead.
    fn stop(&mut self, record: &LogRecord, note: Option<Note>) {
        let entry = &record.entry;
        let mut targets: Vec<Target> = entry.lead.map(Target::Lead).into_iter().collect();
        let reason = entry.dimensions.reason;
        let mut reason = reason.and_then(|code| StopReason::from_code(code).ok());
        let mut named = false;
        let mut acknowledged = None;
        if let Some(Note::Stop(stop)) = note {
            named = true;
            reason = Some(stop.reason);
            acknowledged = Some(stop.acknowledged_at).filter(|_| !stop.recalled);
            match stop.scope {
                StoppedScope::Contact(index) => targets.push(Target::Contact(index)),
                StoppedScope::Domain(index) => targets.push(Target::Domain(index)),
                StoppedScope::Listed(index) => {
                    targets.extend([Target::Contact(index), Target::Domain(index)]);
                }
                StoppedScope::Id(kind, id) => targets.push(Target::Id(kind, id)),
            }
        }
        self.stops += 1;
        self.nameless += u64::from(!named && entry.lead.is_some());
        let Some(reason) = reason else {
            return;
        };
        for target in targets {
            self.standing.entry(target).or_default().push(Standing {
                seq: record.seq,
                at: entry.at,
                acknowledged,
                ended: None,
                reason,
                named,
                doubtful: false,
                of_lead: entry.lead.is_some(),
            });
        }
    }

    fn resume(&mut self, record: &LogRecord, note: Option<Note>) {
        let mut cause = None;
        let targets: Vec<Target> = match note {
            Some(Note::Resume {
                scope: StoppedScope::Id(kind, id),
                reason,
                ..
            }) => {
                cause = reason;
                vec![Target::Id(kind, id)]
            }
            Some(Note::Lift { indexes, .. }) => indexes
                .into_iter()
                .flat_map(|index| [Target::Contact(index), Target::Domain(index)])
                .collect(),
            None => {
                self.doubt(&record.entry);
                return;
            }
            _ => Vec::new(),
        };
        // Of a pause and a breaker's stop, one may go and the other stand.
        let ends = |stop: &&Standing| {
            stop.ended.is_none() && cause.is_none_or(|cause| cause == stop.reason)
        };
        let stops = targets
            .iter()
            .filter_map(|target| self.standing.get(target));
        let gone: BTreeSet<u64> = stops.flatten().filter(ends).map(|stop| stop.seq).collect();
        if gone.is_empty() {
            return;
        }
        let ended = Ended {
            seq: record.seq,
            at: record.entry.at,
        };
        for stop in self.standing.values_mut().flatten() {
            if gone.contains(&stop.seq) {
                stop.ended = Some(ended);
            }
        }
    }

    /// Something about a lead was taken back, and the note that says what was erased: any stop of
    /// that lead whose note was erased too may be it. The entry of a standing stop tells its
    /// weightiest reason, so that a weightier one stood elsewhere.
    fn doubt(&mut self, entry: &LogEntry) {
        let reason = entry.dimensions.reason;
        let reason = reason.and_then(|code| StopReason::from_code(code).ok());
        let stops = entry
            .lead
            .and_then(|lead| self.standing.get_mut(&Target::Lead(lead)));
        for stop in stops.into_iter().flatten() {
            let perhaps = reason.is_none_or(|reason| !stop.reason.outranks(reason));
            stop.doubtful |= stop.ended.is_none() && !stop.named && perhaps;
        }
    }

    fn permit(&mut self, record: &LogRecord, note: Option<Note>) -> Vec<Finding> {
        self.permits += 1;
        let (key, reach) = match note {
            Some(Note::Permit(note)) => (Some(note.send_key), Reach::of(&note)),
            _ => (None, Reach::told(&record.entry)),
        };
        let reach = Reach {
            seq: record.seq,
            issued: Some(record.entry.at),
            ..reach
        };
        let found = self
            .against(&reach)
            .find(|against| against.certain && against.stop.ended.is_none())
            .map(|against| Finding::PermitAfterStop {
                permit: record.seq,
                stop: against.stop.seq,
            });
        if let Some(key) = key {
            self.permitted.insert(key, reach.clone());
        }
        self.told.insert(triple(&record.entry), reach);
        found.into_iter().collect()
    }

    fn send(&mut self, record: &LogRecord, note: Option<Note>) -> Vec<Finding> {
        let entry = &record.entry;
        self.sends += 1;
        let (key, store) = match note {
            Some(Note::Send { send_key, began }) => (Some(send_key), began),
            _ => (None, None),
        };
        if entry.dimensions.reason == Some(SENT_ADOPTED) {
            self.adopted += 1;
            return self.found_in_mailbox(record, key);
        }
        let named = key.and_then(|key| self.permitted.get(&key));
        let told = || {
            let told = self.told.get(&triple(entry));
            // A permit that has its name is for that mail and no other.
            told.filter(|reach| !reach.named || key.is_none())
        };
        let Some(reach) = named.or_else(told) else {
            // Without its note, only a step says enough to find its permit.
            let nameless = key.is_none() && entry.dimensions.step.is_none();
            if nameless || self.may_be_gone(entry.at) {
                self.unjudged += 1;
                return Vec::new();
            }
            return vec![Finding::SendWithoutPermit { send: record.seq }];
        };
        let began = Began {
            first: entry.at,
            last: entry.at,
            store,
        };
        let late: Vec<_> = self
            .against(reach)
            .filter(|against| against.stop.covers(reach, began))
            .collect();
        let certain = late.iter().find(|against| against.certain);
        let found = certain.map(|against| Finding::SendAfterStop {
            send: record.seq,
            stop: against.stop.seq,
        });
        self.unjudged += u64::from(found.is_none() && !late.is_empty());
        // Of the mails without a step, only their notes tell which permit is whose. What nobody knows of
        // may never have gone: a dispatcher refuses a permit that has ended.
        let exact = entry.dimensions.step.is_some() || (key.is_some() && reach.named);
        let ended = entry.kind == EventKind::Sent && exact && reach.had_ended(began);
        let ended = ended.then_some(Finding::SendAfterPermit {
            send: record.seq,
            permit: reach.seq,
        });
        found.or(ended).into_iter().collect()
    }

    /// A mail that was found in its mailbox: its permit was lost, but whom it is of and which campaign
    /// tells whether a stop forbade it. Its time is the provider's, and of when it arrived there.
    fn found_in_mailbox(&self, record: &LogRecord, key: Option<SendKey>) -> Vec<Finding> {
        let mut reach = Reach::told(&record.entry);
        reach.kind = key.map(|key| key.kind()).or(reach.kind);
        let first = record.entry.at.checked_sub(lease() + CLOCKS);
        let began = Began {
            first: first.unwrap_or(Timestamp::MIN),
            last: record.entry.at,
            store: None,
        };
        let mut late = self
            .against(&reach)
            .filter(|against| against.certain)
            .filter(|against| against.stop.covers(&reach, began));
        let found = late.next().map(|against| Finding::SendAfterStop {
            send: record.seq,
            stop: against.stop.seq,
        });
        found.into_iter().collect()
    }

    /// The stops, standing or ended, that forbid such a send, or may. The lead counts only where one of the
    /// two notes was erased: else they say which of its addresses was stopped, and which was
    /// written to.
    fn against<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = Against<'a>> {
        let told = reach.targets();
        let workspace = self
            .workspace
            .map(|id| Target::Id(ScopeKind::Workspace, id));
        let known = told.into_iter().chain(workspace).flat_map(move |target| {
            let stops = self.standing.get(&target).into_iter().flatten();
            stops.filter_map(move |stop| {
                let lead = matches!(target, Target::Lead(_));
                if lead && stop.named && reach.named {
                    return None;
                }
                let certain = reach.is_kept_back(target, stop)?;
                // A bounce speaks of one address: which one, and which was written to, was erased.
                let of_one = lead && stop.reason == StopReason::Bounced;
                Some(Against {
                    stop,
                    certain: certain && !stop.doubtful && !of_one,
                })
            })
        });
        known.chain(self.beyond(reach))
    }

    /// Stops of a kind that an entry without its note does not tell: whether they are of that
    /// enrollment, company or address, or of a domain above, nobody can say any more.
    fn beyond<'a>(&'a self, reach: &'a Reach) -> impl Iterator<Item = Against<'a>> {
        let untold = |target: &Target, stop: &Standing| match target {
            Target::Id(ScopeKind::Enrollment | ScopeKind::Company, _) => true,
            Target::Contact(_) | Target::Domain(_) => !stop.of_lead,
            _ => false,
        };
        let erased = (!reach.named).then_some(&self.standing);
        let all = erased.into_iter().flatten();
        all.flat_map(move |(target, stops)| {
            let stops = stops.iter().filter(move |stop| untold(target, stop));
            stops.filter_map(move |stop| {
                reach.is_kept_back(*target, stop)?;
                Some(Against {
                    stop,
                    certain: false,
                })
            })
        })
    }
}

impl Standing {
    /// Whether a mail began while this stood. A permit behind the end of a stop was issued without it,
    /// whatever the clock of another machine says. One of before the stop had ended when the stop was
    /// acknowledged: where the store's clock tells, no later end of the stop makes it good.
    fn covers(&self, reach: &Reach, began: Began) -> bool {
        let lifted = |ended: Ended| ended.seq < reach.seq;
        match (began.store, self.acknowledged) {
            (Some(store), Some(acknowledged)) => {
                store > acknowledged
                    && !reach.was_given_ahead(self.seq, acknowledged)
                    && !self.ended.is_some_and(lifted)
            }
            _ => {
                let lifted = |ended: Ended| lifted(ended) || ended.at <= began.last;
                began.first > self.at && !self.ended.is_some_and(lifted)
            }
        }
    }
}

/// Whether entries of this kind carry the time of what they tell, which may be long before they were
/// written: what became of a mail, and what the witness told of stops.
const fn is_told_later(kind: EventKind) -> bool {
    !matches!(
        kind,
        EventKind::Permitted
            | EventKind::PolicyInstalled
            | EventKind::Enrolled
            | EventKind::Skipped
            | EventKind::Imported
            | EventKind::BasisRecorded
            | EventKind::CampaignChanged
            | EventKind::MailboxChanged
    )
}

/// What is allowed for clocks that run at slightly different rates.
fn margin() -> SignedDuration {
    SignedDuration::try_from(PERMIT_MARGIN).unwrap_or(SignedDuration::ZERO)
}

fn triple(entry: &LogEntry) -> Triple {
    (entry.lead, entry.dimensions.campaign, entry.dimensions.step)
}

impl Reach {
    /// Whether the permit stands before a stop and was given, by the store's clock, behind the moment at which
    /// that one was acknowledged: the clock was set back in between, and compares nothing.
    fn was_given_ahead(&self, stop: u64, acknowledged: Timestamp) -> bool {
        let given = self.until.and_then(|until| until.checked_sub(lease()).ok());
        self.seq < stop && given.is_some_and(|given| given > acknowledged)
    }

    fn of(note: &PermitNote) -> Self {
        Self {
            seq: 0,
            issued: None,
            until: Some(note.lease_until),
            named: true,
            kind: Some(note.send_key.kind()),
            contact: Some(note.contact),
            domain: Some(note.domain),
            parent_domains: note.parent_domains.clone(),
            lead: note.lead,
            companies: [note.company, note.company_beside].map(|id| id.map(|id| id.uuid())),
            campaign: note.campaign,
            enrollment: note.enrollment.map(|id| id.uuid()),
            mailbox: Some(note.mailbox),
        }
    }

    /// What the entry tells without its note.
    fn told(entry: &LogEntry) -> Self {
        Self {
            kind: entry.dimensions.step.map(|_| SendKind::Step),
            domain: entry.dimensions.domain,
            lead: entry.lead,
            campaign: entry.dimensions.campaign,
            mailbox: entry.dimensions.mailbox,
            ..Self::default()
        }
    }

    /// Whether the permit had ended when its mail began: by the store's clock, or where an entry does not
    /// tell that, by wall clocks.
    fn had_ended(&self, began: Began) -> bool {
        let behind = |end: Option<Timestamp>, began: Timestamp, allowed: SignedDuration| {
            end.is_some_and(|end| began.duration_since(end) > allowed)
        };
        match began.store {
            Some(store) if self.until.is_some() => behind(self.until, store, margin()),
            _ => behind(self.issued, began.last, DAY),
        }
    }

    /// Whether a stop of that target keeps such a mail back; `Some(false)`: some kinds of mail, and
    /// which this one is of was erased.
    fn is_kept_back(&self, target: Target, stop: &Standing) -> Option<bool> {
        let of_kind = |kind: SendKind| match target {
            Target::Id(scope, _) => reaches(scope, stop.reason, kind),
            _ => keeps_back(stop.reason, kind),
        };
        match self.kind {
            Some(kind) => of_kind(kind).then_some(true),
            None => {
                let mut kinds = NOT_STEPS.into_iter();
                kinds.clone().any(of_kind).then(|| kinds.all(of_kind))
            }
        }
    }

    fn targets(&self) -> Vec<Target> {
        let id = |kind, id: Option<Uuid>| id.map(|id| Target::Id(kind, id));
        [
            self.contact.map(Target::Contact),
            self.domain.map(Target::Domain),
            self.lead.map(Target::Lead),
            id(ScopeKind::Person, self.lead.map(|id| id.uuid())),
            id(ScopeKind::Company, self.companies[0]),
            id(ScopeKind::Company, self.companies[1]),
            id(ScopeKind::Campaign, self.campaign.map(|id| id.uuid())),
            id(ScopeKind::Enrollment, self.enrollment),
            id(ScopeKind::Mailbox, self.mailbox.map(|id| id.uuid())),
        ]
        .into_iter()
        .flatten()
        .chain(self.parent_domains.iter().copied().map(Target::Domain))
        .collect()
    }
}
