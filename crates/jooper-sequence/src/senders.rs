//! Whether the domains of sender accounts prove their mail: asked when an account is connected, and
//! again before each week is over.
//!
//! A domain that does not holds its account by a standing stop of its own, which the gate, the
//! explanations and the audit chain know as any other, and which ends by itself when the domain is
//! mended. A DNS that cannot be asked changes nothing: the last verdict stands. An account that was
//! never judged is held from its connection on until it is.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use jooper_consent::{
    DnsError, DnsName, Findings, MailDns, SenderRules, StopError, StopScope, look_at_sender,
};
use jooper_core::{
    EmailAddress, MailboxId, MailboxState, StopReason, StopSource, UserId, WorkspaceId,
    from_millis, to_millis,
};
use jooper_storage::tables::{MAILBOX, MailboxProfile, MailboxRow, SETTING, SettingRow};
use jooper_storage::{
    Batch, Column, ColumnOp, Record, Scan, Storage, StorageExt, StoreError, Value, Write,
};
use jooper_vault::Place;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::mailboxes::Mailboxes;
use crate::runner::Follower;

/// What the rows are called: behind it the mailbox, and which of the two it is.
const NAME: &str = "engine.sender/";
const CHECKED: &str = "checked";
const FOUND: &str = "found";

/// How often a workspace is looked through for accounts whose time has come.
const LOOK_EVERY: SignedDuration = SignedDuration::from_mins(10);
/// How long a verdict is good for: within a week, with a day in hand for a DNS that does not answer.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(6 * 24);
/// How long a domain that holds its account is left alone: somebody is mending it.
const HELD_FOR: SignedDuration = SignedDuration::from_hours(1);
/// So many domains in a row of which the DNS says nothing: it is not they, it is the DNS.
const SILENT: usize = 3;
/// How often a stop is taken away anew because its row changed meanwhile.
const ATTEMPTS: u32 = 5;

/// What the DNS said about the domain of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SenderVerdict {
    /// When it was asked.
    pub checked_at: Timestamp,
    /// What is wrong; nothing: the domain proves its mail.
    pub findings: Findings,
}

/// Who is asked about senders, and what they are held to.
#[derive(Debug)]
pub(crate) struct SenderCheck {
    dns: Arc<dyn MailDns>,
    rules: SenderRules,
    /// When each workspace was looked through last. Forgotten with the process.
    looked: Mutex<BTreeMap<WorkspaceId, Timestamp>>,
    /// Behind which account the next look begins, where the last one ended early. Forgotten likewise.
    ended_at: Mutex<BTreeMap<WorkspaceId, MailboxId>>,
}

impl SenderCheck {
    /// Whether it is time to look through a workspace; the caller does then. A clock that was put
    /// back makes it so.
    fn is_due(&self, workspace: WorkspaceId, now: Timestamp) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked
            .get(&workspace)
            .is_none_or(|last| over(*last, LOOK_EVERY, now));
        if due {
            looked.insert(workspace, now);
        }
        due
    }

    /// Where the last look at a workspace ended early.
    fn take_end(&self, workspace: WorkspaceId) -> Option<MailboxId> {
        let ended = self.ended_at.lock();
        let mut ended = ended.unwrap_or_else(PoisonError::into_inner);
        ended.remove(&workspace)
    }

    fn end_at(&self, workspace: WorkspaceId, mailbox: MailboxId) {
        let ended = self.ended_at.lock();
        let mut ended = ended.unwrap_or_else(PoisonError::into_inner);
        ended.insert(workspace, mailbox);
    }
}

/// Whether so much time has passed, or the clock was put back.
fn over(since: Timestamp, period: SignedDuration, now: Timestamp) -> bool {
    let passed = now.duration_since(since);
    passed >= period || passed.is_negative()
}

/// The verdicts of a workspace's accounts, as its rows keep them. An account that was never judged has
/// none.
///
/// # Errors
/// As [`Storage::scan`].
pub async fn sender_verdicts(
    storage: &dyn Storage,
    workspace: WorkspaceId,
) -> Result<BTreeMap<MailboxId, SenderVerdict>, StoreError> {
    let end = format!("{}0", NAME.trim_end_matches('/'));
    let scan = Scan::table(&SETTING).range(
        Bound::Included(NAME.to_owned().to_value()),
        Bound::Excluded(end.to_value()),
    );
    let rows = storage.collect::<SettingRow>(workspace, scan).await?;
    let mut checked = BTreeMap::new();
    let mut found = BTreeMap::new();
    for row in rows {
        let row = row.record;
        let named = row.name.strip_prefix(NAME);
        let Some((mailbox, which)) = named.and_then(|named| named.split_once('/')) else {
            continue;
        };
        let Ok(mailbox) = mailbox.parse::<MailboxId>() else {
            continue;
        };
        match which {
            CHECKED => checked.insert(mailbox, row.number),
            _ => found.insert(mailbox, row.number),
        };
    }
    let verdict = |(mailbox, at): (MailboxId, i64)| {
        let findings = Findings::from_bits(found.get(&mailbox).copied().unwrap_or(0));
        let checked_at = from_millis(at);
        (
            mailbox,
            SenderVerdict {
                checked_at,
                findings,
            },
        )
    };
    Ok(checked.into_iter().map(verdict).collect())
}

fn row(mailbox: MailboxId, which: &str, number: i64) -> SettingRow {
    SettingRow {
        name: format!("{NAME}{mailbox}/{which}"),
        number,
        value: None,
    }
}

fn put(batch: Batch, row: &SettingRow) -> Batch {
    let set = vec![("number", ColumnOp::Set(Value::Int(row.number)))];
    batch.write(Write::Upsert(row.key(), row.to_values(), set))
}

impl Engine {
    /// Has the domains of accounts checked: SPF, DKIM and DMARC, when one is connected and every week.
    #[must_use]
    pub fn with_sender_check(mut self, dns: Arc<dyn MailDns>, rules: SenderRules) -> Self {
        self.senders = Some(Arc::new(SenderCheck {
            dns,
            rules,
            looked: Mutex::default(),
            ended_at: Mutex::default(),
        }));
        self
    }

    /// What the domains of accounts are held to; nothing where nobody checks them.
    pub fn sender_rules(&self) -> Option<&SenderRules> {
        self.senders.as_deref().map(|senders| &senders.rules)
    }

    /// Who asks about the domains of accounts again when their time has come; nobody where nothing is
    /// checked.
    pub fn sender_follower(&self) -> Option<Arc<dyn Follower>> {
        self.senders.as_ref()?;
        Some(Arc::new(Weekly(self.clone())))
    }
}

/// Looks through a workspace's accounts every few minutes.
#[derive(Debug)]
struct Weekly(Engine);

#[async_trait]
impl Follower for Weekly {
    async fn follow(&self, workspace: WorkspaceId) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(self.0.mailboxes(workspace).check_due_senders().await?)
    }
}

impl Mailboxes {
    /// What the DNS said last about the domain of each account.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn senders(&self) -> Result<BTreeMap<MailboxId, SenderVerdict>, EngineError> {
        Ok(sender_verdicts(self.engine.storage(), self.workspace).await?)
    }

    /// Asks the DNS now whether the domain of an account proves its mail. Where it does not, no send
    /// of the account starts any more when this returns; where it does again, they go on.
    ///
    /// # Errors
    /// [`EngineError::State`] when nobody was given to ask. [`EngineError::Dns`]: it could not be asked,
    /// and what stood stands. [`EngineError::Stop`]: call again.
    pub async fn check_sender(&self, mailbox: MailboxId) -> Result<SenderVerdict, EngineError> {
        let senders = self.engine.senders.as_deref().ok_or(EngineError::State(
            "nobody checks the domains of mailboxes here: no DNS resolver is configured",
        ))?;
        let storage = self.engine.storage();
        let (row, said) = self.as_known(mailbox).await?;
        let domain = self.domain_of(&row).await?;
        let findings = look_at_sender(&*senders.dns, &domain, &senders.rules).await?;
        let verdict = SenderVerdict {
            checked_at: self.engine.now(),
            findings,
        };
        let held = self.is_held(mailbox).await?;
        // The answer of its old domain lets no account go that was renamed meanwhile.
        let (row_now, said_now) = self.as_known(mailbox).await?;
        let lets_go = held && !verdict.findings.hold();
        if row_now.domain_index != row.domain_index || lets_go && said_now != said {
            return Err(EngineError::State(
                "the mailbox was connected or judged anew while its domain was asked about; ask again",
            ));
        }
        // What it means first: a crash in between asks again.
        match (verdict.findings.hold(), held) {
            (true, false) => self.hold(mailbox).await?,
            (false, true) => self.end_hold(mailbox, None).await?,
            _ => {}
        }
        let checked = row_of_time(mailbox, verdict.checked_at);
        let batch = put(Batch::new(self.workspace), &checked);
        let batch = put(batch, &row_of_findings(mailbox, &verdict.findings));
        storage.commit(batch).await?;
        if held && !verdict.findings.hold() {
            self.engine.wake_lanes(self.workspace, [mailbox]).await?;
        }
        Ok(verdict)
    }

    /// An account and what was said of its domain.
    async fn as_known(
        &self,
        mailbox: MailboxId,
    ) -> Result<(MailboxRow, Option<SenderVerdict>), EngineError> {
        let key = vec![mailbox.to_value()];
        let storage = self.engine.storage();
        let found = storage.find::<MailboxRow>(self.workspace, key).await?;
        let row = found.ok_or(EngineError::NotFound("mailbox"))?.record;
        Ok((row, self.senders().await?.remove(&mailbox)))
    }

    /// Lets an account go that is held until its domain proves its mail, where nobody asks about
    /// domains any more: nothing else would. A person answers for it, and the audit chain has who. When
    /// somebody asks again, it is judged anew.
    ///
    /// # Errors
    /// [`EngineError::State`] where domains are checked: mend the domain. [`EngineError::NotFound`].
    /// [`EngineError::Stop`]: call again.
    pub async fn release_unchecked(
        &self,
        mailbox: MailboxId,
        by: UserId,
    ) -> Result<(), EngineError> {
        if self.engine.senders.is_some() {
            return Err(EngineError::State(
                "the domains of mailboxes are checked here: publish what is missing, and it goes on",
            ));
        }
        self.as_known(mailbox).await?;
        self.forget_verdict(mailbox).await?;
        self.end_hold(mailbox, Some(by)).await?;
        self.engine.wake_lanes(self.workspace, [mailbox]).await
    }

    /// Before an account is connected: one that nobody has judged under this domain is held.
    pub(crate) async fn hold_unjudged(
        &self,
        mailbox: MailboxId,
        email: &EmailAddress,
    ) -> Result<(), EngineError> {
        let Some(senders) = self.engine.senders.as_deref() else {
            return Ok(());
        };
        let of_provider = DnsName::parse(email.domain())
            .is_ok_and(|domain| senders.rules.of_provider.contains(&domain));
        if of_provider {
            return Ok(());
        }
        let key = vec![mailbox.to_value()];
        let storage = self.engine.storage();
        let known = storage.find::<MailboxRow>(self.workspace, key).await?;
        if let Some(known) = known {
            let vault = self.engine.parts.vault.workspace(self.workspace).await?;
            // One that sent before anybody checked goes on until it is judged.
            if known.record.domain_index == vault.domain_index(email.domain()) {
                return Ok(());
            }
            // The account was renamed: what was said of its old domain says nothing.
            self.forget_verdict(mailbox).await?;
        }
        self.hold(mailbox).await
    }

    /// Behind a connection: asks, and lets a DNS that does not answer pass. The account is connected.
    pub(crate) async fn judge_connected(&self, mailbox: MailboxId) {
        if self.engine.senders.is_none() {
            return;
        }
        if let Err(error) = self.check_sender(mailbox).await {
            tracing::warn!(%mailbox, %error, "the domain of a new mailbox could not be judged; it waits");
        }
    }

    /// Asks about the accounts whose time has come.
    async fn check_due_senders(&self) -> Result<(), EngineError> {
        let Some(senders) = self.engine.senders.as_deref() else {
            return Ok(());
        };
        let now = self.engine.now();
        if !senders.is_due(self.workspace, now) {
            return Ok(());
        }
        let storage = self.engine.storage();
        let scan = Scan::table(&MAILBOX);
        let mut rows = storage.collect::<MailboxRow>(self.workspace, scan).await?;
        let verdicts = self.senders().await?;
        // Where the last look ended, this one begins: nobody waits behind the same dead domains for ever.
        if let Some(end) = senders.take_end(self.workspace) {
            let at = rows.iter().position(|row| row.record.id == end);
            rows.rotate_left(at.map_or(0, |at| at + 1));
        }
        // Domains whose servers said nothing, and how many of them came in a row.
        let (mut silent, mut in_a_row) = (BTreeSet::new(), 0);
        for row in rows {
            let row = row.record;
            if silent.contains(&row.domain_index) {
                continue;
            }
            if row.state == MailboxState::Disconnected {
                continue;
            }
            if let Some(verdict) = verdicts.get(&row.id) {
                let period = match self.is_held(row.id).await? {
                    true => HELD_FOR,
                    false => GOOD_FOR,
                };
                if !over(verdict.checked_at, period, now) {
                    continue;
                }
            }
            let asked = self.check_sender(row.id).await;
            if !is_silent(&asked) {
                in_a_row = 0;
            }
            match asked {
                Ok(verdict) if verdict.findings.hold() => {
                    let findings = verdict.findings;
                    tracing::warn!(mailbox = %row.id, ?findings, "a mailbox is held: its domain does not prove its mail");
                }
                Ok(_) => {}
                // One domain may have dead servers. Where several say nothing, nobody is asked any more:
                // not every account waits its time out.
                Err(EngineError::Dns(error @ (DnsError::Unreachable | DnsError::Refused))) => {
                    tracing::warn!(mailbox = %row.id, %error, "the DNS could not be asked about a mailbox; what it said last stands");
                    silent.insert(row.domain_index);
                    in_a_row += 1;
                    if in_a_row == SILENT {
                        senders.end_at(self.workspace, row.id);
                        break;
                    }
                }
                Err(error) => {
                    tracing::warn!(mailbox = %row.id, %error, "the domain of a mailbox could not be judged");
                }
            }
        }
        Ok(())
    }

    async fn is_held(&self, mailbox: MailboxId) -> Result<bool, EngineError> {
        let stops = &self.engine.parts.stops;
        let scope = StopScope::Mailbox(mailbox);
        let causes = stops.causes(self.workspace, &scope).await?;
        let mut reasons = causes.iter().map(|cause| cause.reason);
        Ok(reasons.any(|reason| reason == StopReason::Unauthenticated))
    }

    async fn hold(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        let (scope, stops) = (StopScope::Mailbox(mailbox), &self.engine.parts.stops);
        let (why, who) = (StopReason::Unauthenticated, StopSource::System);
        stops.stop(self.workspace, scope, why, who).await?;
        Ok(())
    }

    async fn forget_verdict(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        let said = [CHECKED, FOUND].map(|which| row(mailbox, which, 0).key());
        let batch = said
            .into_iter()
            .fold(Batch::new(self.workspace), |batch, key| {
                batch.write(Write::Delete(key))
            });
        Ok(self.engine.storage().commit(batch).await?)
    }

    /// Lets an account go: because its domain is mended, or because somebody says so.
    async fn end_hold(&self, mailbox: MailboxId, by: Option<UserId>) -> Result<(), EngineError> {
        let stops = &self.engine.parts.stops;
        let mut attempt = 0;
        loop {
            let (scope, why) = (StopScope::Mailbox(mailbox), StopReason::Unauthenticated);
            attempt += 1;
            let ended = match by {
                Some(by) => stops.resume_from(self.workspace, scope, why, by).await,
                None => stops.ended(self.workspace, scope, why).await,
            };
            match ended {
                Err(StopError::Contended) if attempt < ATTEMPTS => {}
                other => return Ok(other?),
            }
        }
    }

    async fn domain_of(&self, row: &MailboxRow) -> Result<DnsName, EngineError> {
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let place = Place::new(&MAILBOX, "profile", &[row.id.to_value()]);
        let subject = vault.subject(row.id).await?;
        let profile: MailboxProfile = subject.open(&place, &row.profile)?;
        let address = EmailAddress::parse(&profile.email);
        let domain = address
            .ok()
            .and_then(|email| DnsName::parse(email.domain()).ok());
        domain.ok_or(EngineError::Content("mailbox"))
    }
}

const fn is_silent(asked: &Result<SenderVerdict, EngineError>) -> bool {
    matches!(
        asked,
        Err(EngineError::Dns(DnsError::Unreachable | DnsError::Refused))
    )
}

fn row_of_time(mailbox: MailboxId, at: Timestamp) -> SettingRow {
    row(mailbox, CHECKED, to_millis(at))
}

fn row_of_findings(mailbox: MailboxId, findings: &Findings) -> SettingRow {
    row(mailbox, FOUND, findings.bits())
}
