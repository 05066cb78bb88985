//! Everything that a lane needs, put together once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jooper_consent::{Gate, Stops};
use jooper_core::{Clock, CommandId, IdSource, LeaseClock, MailboxId, SendKey, Sleeper};
use jooper_message::inbound::authenticity::Authority;
use jooper_message::inbound::intent::ReplyClassifier;
use jooper_storage::tables::{LANE_COMMAND, LaneCommandRow};
use jooper_storage::{Column, Scan, Scope, Storage, StorageExt, Value};
use jooper_transport::{Dispatcher, Inbox};
use jooper_vault::Vault;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::EngineError;
use crate::forecast::Recorder;
use crate::lane::written_at;
use crate::links::UnsubscribeLinks;
use crate::mail_domains::MailDomainCheck;
use crate::model::{InvalidSequence, Sequence};
use crate::planner::Volume;
use crate::senders::SenderCheck;

/// How far a command lies behind one that was written by a clock which is ahead.
const TICK: SignedDuration = SignedDuration::from_millis(1);

/// How the engine paces itself. Durations of leases and polls are real time, the rest wall time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// How long a lane is held at most, in milliseconds of real time.
    pub lease_millis: u64,
    /// How often a mailbox's changes are read, in seconds of wall time.
    pub sync_seconds: u32,
    /// How many lanes one claim takes: few, so that lanes spread over all processes.
    pub claim_limit: usize,
    /// How many lanes one worker works at a time.
    pub lanes_at_once: usize,
    /// The pause between two looks for due lanes, in milliseconds of real time.
    pub poll_millis: u64,
    /// After a restore, sends that are overdue by more than this many hours ask first.
    pub overdue_hours: u32,
    /// Follow-ups that a lead gets at most; the gate has a ceiling of its own. A sequence with a longer
    /// way is refused when it is created, edited or started.
    pub follow_ups: u16,
    /// Follow-ups also leave mailboxes that may send but not read. An answer is not seen there, so
    /// the next mail might go to somebody who has asked to be left alone: off unless opted in.
    pub follow_ups_unread: bool,
    /// How many days behind the last mail to somebody a mail of theirs that names none of ours still
    /// counts as an answer. Later ones are the owner's own business, unless titled as answers.
    pub answer_days: u32,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            lease_millis: 60_000,
            sync_seconds: 60,
            claim_limit: 16,
            lanes_at_once: 64,
            poll_millis: 500,
            overdue_hours: 72,
            follow_ups: 3,
            follow_ups_unread: false,
            answer_days: 90,
        }
    }
}

impl EngineSettings {
    /// How long a lane is held at most.
    pub const fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_millis)
    }
}

/// The parts of an engine. Settings are values, parts are objects.
#[derive(Debug)]
pub struct EngineParts {
    /// Rows and log.
    pub storage: Arc<dyn Storage>,
    /// Keys.
    pub vault: Vault,
    /// Permits.
    pub gate: Gate,
    /// Stops.
    pub stops: Stops,
    /// The way out.
    pub dispatcher: Dispatcher,
    /// The way in.
    pub inbox: Arc<dyn Inbox>,
    /// Who says what a person meant by a reply. It is given Gmail-derived text: one that sends
    /// it anywhere needs the customer's consent (laws L10, L15).
    pub replies: Arc<dyn ReplyClassifier>,
    /// Who may vouch for what arrives: the receiving provider.
    pub authority: Authority,
    /// Links that stop.
    pub links: Arc<dyn UnsubscribeLinks>,
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Lease clock.
    pub lease: Arc<dyn LeaseClock>,
    /// Ids.
    pub ids: Arc<dyn IdSource>,
    /// Waiting.
    pub sleeper: Arc<dyn Sleeper>,
}

/// By mailbox and the provider's id of the mail: since when it fails, and how often it did.
pub(crate) type Failing = BTreeMap<(MailboxId, String), (Timestamp, u8)>;

/// The engine of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) parts: Arc<EngineParts>,
    pub(crate) settings: EngineSettings,
    /// Who is told instead of the store what a forecast decided.
    pub(crate) recorder: Option<Arc<Recorder>>,
    /// Sends whose evidence was looked for until the provider asked for a pause: the search goes
    /// on behind it. Forgotten with the process; then the next look is made at its time.
    pub(crate) unfinished: Arc<Mutex<BTreeSet<SendKey>>>,
    /// When unknown sends were looked for last, as far as their rows do not tell. Forgotten with the
    /// process; then they are looked for once more.
    pub(crate) looks: Arc<Mutex<BTreeMap<(MailboxId, SendKey), Timestamp>>>,
    /// Where commands about everybody in a campaign go on that took longer than one claim. Forgotten
    /// with the process; then they begin anew, and do nothing twice.
    pub(crate) walks: Arc<Mutex<BTreeMap<CommandId, crate::lane::Walk>>>,
    /// Mails whose text could not be had: since when, and how often. Forgotten with the process.
    pub(crate) failing: Arc<Mutex<Failing>>,
    /// Mailboxes whose parked leads all go on, and the lane's token when that was so. Every claim
    /// takes the next token: whoever claims with it knows that nobody worked the lane meanwhile.
    pub(crate) followed: Arc<Mutex<BTreeMap<MailboxId, i64>>>,
    /// Who asks whether the domains of accounts prove their mail; nobody where none was given.
    pub(crate) senders: Option<Arc<SenderCheck>>,
    /// Who asks whether the domains of leads take mail; nobody where none was given.
    pub(crate) mail_domains: Option<Arc<MailDomainCheck>>,
    /// The last command that this process gave.
    given: Arc<Mutex<Uuid>>,
}

impl Engine {
    /// An engine of these parts.
    pub fn new(parts: EngineParts, settings: EngineSettings) -> Self {
        Self {
            parts: Arc::new(parts),
            settings,
            recorder: None,
            unfinished: Arc::default(),
            looks: Arc::default(),
            walks: Arc::default(),
            failing: Arc::default(),
            followed: Arc::default(),
            senders: None,
            mail_domains: None,
            given: Arc::default(),
        }
    }

    pub(crate) fn recorded(mut self, recorder: Arc<Recorder>) -> Self {
        self.recorder = Some(recorder);
        self
    }

    /// The wall-clock time.
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// An id for a command to a lane, behind those of all that wait there and of all that this process
    /// gave before: lanes obey them in this order, also those of one millisecond, whatever this clock
    /// does, and however far ahead the clock of another host is that wrote one.
    pub(crate) async fn command_id(
        &self,
        scope: Scope,
        mailbox: MailboxId,
    ) -> Result<CommandId, EngineError> {
        let fresh = self.next_id(self.now());
        let ahead = Scan::table(&LANE_COMMAND)
            .prefix(vec![mailbox.to_value()])
            .range(Bound::Excluded(Value::Id(fresh)), Bound::Unbounded);
        let ahead = self.storage().collect::<LaneCommandRow>(scope, ahead);
        let ahead = ahead.await?.into_iter();
        let last = ahead.filter_map(|row| written_at(&row.record)).max();
        let id = match last.and_then(|last| last.checked_add(TICK).ok()) {
            Some(behind) => self.next_id(behind),
            None => fresh,
        };
        Ok(CommandId::from_uuid(id))
    }

    fn next_id(&self, at: Timestamp) -> Uuid {
        let fresh = self.parts.ids.uuid(at);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        *given = fresh.max(Uuid::from_u128(given.as_u128().saturating_add(1)));
        *given
    }

    /// The settings.
    pub const fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// Checks that every mail of a sequence can go here, on its longest way too.
    ///
    /// # Errors
    /// [`InvalidSequence::FollowUps`] names the setting and the remedy.
    pub fn check_follow_ups(&self, sequence: &Sequence) -> Result<(), InvalidSequence> {
        let ceiling = self.parts.gate.ceilings().follow_ups(Some(u16::MAX));
        sequence.check_follow_ups(self.settings.follow_ups, ceiling)
    }

    /// What holds for an account of this address, whatever its campaigns allow.
    pub(crate) fn volume(&self, email: &str, connected_at: Timestamp) -> Volume {
        let domain = email.rsplit('@').next().unwrap_or_default();
        Volume {
            connected_at,
            ceiling: self.parts.gate.ceilings().mails_a_day(domain),
        }
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.parts.storage
    }
}
