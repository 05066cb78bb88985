//! Connecting and disconnecting sender accounts.

use jiff::Timestamp;
use jooper_consent::{Note, StopScope};
use jooper_core::{
    Dimensions, EmailAddress, EventKind, MailboxId, MailboxState, Origin, RequestId, ScopeKind,
    StopReason, StopSource, UserId, WorkspaceId,
};
use jooper_storage::tables::{
    LaneRow, MAILBOX, MailboxOwnerRow, MailboxProfile, MailboxRow, SCOPE_STOP, ScopeStopRow,
};
use jooper_storage::{Batch, Check, Column, Key, LogEntry, Scan, Scope, StorageExt, Value, Write};
use jooper_transport::{CredentialStore, Credentials, MailboxRef};
use jooper_vault::Place;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::lane::{Command, append, listen, new_lane};
use crate::planner::{Recent, Volume};

/// How often a row is written again that its lane wrote meanwhile: between two readings there are
/// seconds.
const ATTEMPTS: u32 = 5;

/// What a finished connection brings.
#[derive(Debug, Clone)]
pub struct ConnectMailbox {
    /// Who connected it: the owner of the account.
    pub owner: UserId,
    /// The provider's stable account id.
    pub sub: String,
    /// The account's address.
    pub email: EmailAddress,
    /// The name that recipients see.
    pub display_name: String,
    /// Verified addresses it may send from.
    pub aliases: Vec<String>,
    /// What the grant allows.
    pub state: MailboxState,
    /// The tokens.
    pub credentials: Credentials,
}

/// Mailboxes of one workspace.
#[derive(Debug, Clone)]
pub struct Mailboxes {
    pub(crate) engine: Engine,
    pub(crate) workspace: WorkspaceId,
}

impl Engine {
    /// The mailboxes of a workspace.
    pub fn mailboxes(&self, workspace: WorkspaceId) -> Mailboxes {
        Mailboxes {
            engine: self.clone(),
            workspace,
        }
    }

    /// Has an account that can send mail what an open request of a person asks for, once:
    /// [`UnsubscribeLinks::service_mail`](crate::UnsubscribeLinks::service_mail) says what and to
    /// whom.
    ///
    /// # Errors
    /// [`EngineError::State`] when no account can send.
    pub async fn serve(
        &self,
        workspace: WorkspaceId,
        request: RequestId,
        kind: u8,
    ) -> Result<(), EngineError> {
        let rows = self
            .storage()
            .collect::<MailboxRow>(workspace, Scan::table(&MAILBOX))
            .await?;
        let now = self.now();
        let able = rows.iter().filter(|row| row.record.state.sends());
        // One that waits for its provider is better than none.
        let mailbox = able
            .min_by_key(|row| row.record.parked_until.filter(|until| *until > now))
            .ok_or(EngineError::State("no connected mailbox can send"))?
            .record
            .id;
        let command = Command::Serve {
            request,
            kind,
            not_before: None,
        };
        let batch = append(self, Batch::new(workspace), mailbox, &command).await?;
        Ok(self.storage().commit(batch).await?)
    }
}

impl Engine {
    /// Whether the name that recipients see is nobody else's: every mail of the account would be
    /// refused.
    pub(crate) async fn shows_itself(
        &self,
        workspace: WorkspaceId,
        row: &MailboxRow,
    ) -> Result<(), EngineError> {
        // What does not open is told when a mail is due, and every mail is looked at then.
        let Some(profile) = self.profile_of(workspace, row).await? else {
            return Ok(());
        };
        let Ok(from) = EmailAddress::parse(&profile.email) else {
            return Ok(());
        };
        let rules = self.rules_of(&self.identity(workspace).await?);
        match rules.check_name(&profile.display_name, &from) {
            Some(found) => Err(EngineError::SenderName(found)),
            None => Ok(()),
        }
    }
}

impl Engine {
    /// What holds for an account, whatever its campaigns allow.
    pub(crate) async fn volume_of(
        &self,
        workspace: WorkspaceId,
        row: &MailboxRow,
    ) -> Result<Volume, EngineError> {
        let profile = self.profile_of(workspace, row).await?;
        let email = profile.map(|profile| profile.email).unwrap_or_default();
        Ok(self.volume(&email, row.connected_at))
    }

    /// Who an account is; `None` where that does not open.
    async fn profile_of(
        &self,
        workspace: WorkspaceId,
        row: &MailboxRow,
    ) -> Result<Option<MailboxProfile>, EngineError> {
        let vault = self.parts.vault.workspace(workspace).await?;
        let place = Place::new(&MAILBOX, "profile", &[row.id.to_value()]);
        let Ok(subject) = vault.subject(row.id).await else {
            return Ok(None);
        };
        Ok(subject.open(&place, &row.profile).ok())
    }
}

impl Mailboxes {
    /// Declares that a mailbox has sent for long, so that it does not begin with
    /// [`Ceilings::FIRST_DAY`](jooper_consent::Ceilings::FIRST_DAY) mails a day. Its ceiling stands.
    ///
    /// A person answers for it: the audit chain has who said so, and when. Nothing takes it back, a
    /// backup that is restored neither.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Store`]; [`EngineError::Stop`]: it holds, and the witness
    /// does not know of it; call again.
    pub async fn season(&self, mailbox: MailboxId, by: UserId) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let key = vec![mailbox.to_value()];
        let found = storage.find::<MailboxRow>(self.workspace, key).await?;
        let row = found.ok_or(EngineError::NotFound("mailbox"))?.record;
        let now = self.engine.now();
        let batch = Batch::new(self.workspace);
        let batch = seasoned(batch, mailbox, Some(row.state), by, now);
        let batch = append(&self.engine, batch, mailbox, &Command::Season(by)).await?;
        storage.commit(batch).await?;
        // Last: what a crash in between leaves is slower after a restore, never faster.
        let stops = &self.engine.parts.stops;
        Ok(stops.tell_seasoned(self.workspace, mailbox).await?)
    }

    /// How many mails a mailbox may send today because it is new; `None` once its ceiling is lower, or
    /// somebody said that it is not new.
    ///
    /// # Errors
    /// [`EngineError::NotFound`]; [`EngineError::Store`].
    pub async fn new_today(&self, mailbox: MailboxId) -> Result<Option<u32>, EngineError> {
        let storage = self.engine.storage();
        let key = || vec![mailbox.to_value()];
        let row = storage.find::<MailboxRow>(self.workspace, key()).await?;
        let row = row.ok_or(EngineError::NotFound("mailbox"))?.record;
        let lane = storage.find::<LaneRow>(self.workspace, key()).await?;
        let recent = lane.and_then(|lane| lane.record.recent);
        let most =
            Recent::from_bytes(recent.as_deref().unwrap_or_default()).most(self.engine.now());
        let ceiling = self.engine.volume_of(self.workspace, &row).await?.ceiling;
        Ok((most < ceiling).then_some(most))
    }

    /// Connects an account, or connects it again: the same account keeps its mailbox.
    ///
    /// A stop of a breaker's stays: see `Breakers::reset`. So does a pause: see [`Mailboxes::resume`].
    /// Where domains are checked ([`Engine::with_sender_check`]), an account whose domain does not
    /// prove its mail is connected and held until it does.
    ///
    /// # Errors
    /// [`EngineError::MailboxTaken`] when another workspace has it: one account is one mailbox of
    /// the installation.
    pub async fn connect(
        &self,
        credentials: &dyn CredentialStore,
        new: ConnectMailbox,
    ) -> Result<MailboxId, EngineError> {
        let storage = self.engine.storage();
        let now = self.engine.now();
        let platform = self.engine.parts.vault.platform().await?;
        let sub = platform.index("mailbox sub", &new.sub);
        let owner = storage
            .find::<MailboxOwnerRow>(Scope::Platform, vec![sub.to_value()])
            .await?;
        let mailbox = match &owner {
            Some(owner) if owner.record.workspace != self.workspace => {
                return Err(EngineError::MailboxTaken);
            }
            Some(owner) => owner.record.mailbox,
            None => {
                let mailbox = MailboxId::from_uuid(self.engine.parts.ids.uuid(now));
                let row = MailboxOwnerRow {
                    sub_index: sub,
                    workspace: self.workspace,
                    mailbox,
                };
                match storage
                    .commit(Batch::new(Scope::Platform).insert(&row))
                    .await
                {
                    Err(error) if error.is_conflict() => return Err(EngineError::MailboxTaken),
                    result => result?,
                }
                mailbox
            }
        };
        // The tokens first: a worker that saw the row without them would take the account for one
        // that must be connected again.
        let account = MailboxRef {
            workspace: self.workspace,
            mailbox,
        };
        let stored = credentials.load(account).await.map_err(credential)?;
        let version = stored.map(|stored| stored.version);
        credentials
            .save(account, version, &new.credentials)
            .await
            .map_err(credential)?;
        self.hold_unjudged(mailbox, &new.email).await?;
        // The mailbox's lane writes the same row, with every reading.
        let mut attempt = 0;
        while let Err(error) = self.keep(mailbox, &new).await {
            attempt += 1;
            if !is_conflict(&error) || attempt == ATTEMPTS {
                return Err(error);
            }
        }
        // What a breaker stopped goes on when somebody has looked, what was paused when somebody
        // resumes it, and neither when its owner signs in again.
        let (scope, reason) = (StopScope::Mailbox(mailbox), StopReason::Disconnected);
        let stops = &self.engine.parts.stops;
        stops
            .resume_from(self.workspace, scope, reason, new.owner)
            .await?;
        // A lane that looked before this was set aside for an hour.
        self.engine.wake_lanes(self.workspace, [mailbox]).await?;
        self.judge_connected(mailbox).await;
        Ok(mailbox)
    }

    /// Writes what a connection brought over what is known of the mailbox.
    async fn keep(&self, mailbox: MailboxId, new: &ConnectMailbox) -> Result<(), EngineError> {
        let storage = self.engine.storage();
        let now = self.engine.now();
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let key = vec![mailbox.to_value()];
        let found = storage
            .find::<MailboxRow>(self.workspace, key.clone())
            .await?;
        let (paused, pause) = self.is_paused(mailbox).await?;
        let mut batch = Batch::new(self.workspace).check(pause);
        let state = match new.state {
            MailboxState::Connected if paused => MailboxState::Paused,
            state => state,
        };
        let subject = match vault.subject(mailbox).await {
            Ok(subject) => subject,
            Err(jooper_vault::VaultError::NoKey { .. }) => {
                let (subject, fresh) = vault.new_subject(mailbox)?;
                batch = fresh.add_to(batch);
                subject
            }
            Err(error) => return Err(error.into()),
        };
        let profile = MailboxProfile {
            email: new.email.to_string(),
            display_name: new.display_name.clone(),
            aliases: new.aliases.clone(),
            sub: new.sub.clone(),
        };
        let place = Place::new(&MAILBOX, "profile", &key);
        let row = MailboxRow {
            id: mailbox,
            owner: new.owner,
            sub_index: vault.index("mailbox sub", &new.sub),
            domain_index: vault.domain_index(new.email.domain()),
            state,
            parked_until: found.as_ref().and_then(|row| row.record.parked_until),
            park_reason: found.as_ref().and_then(|row| row.record.park_reason),
            cursor: found.as_ref().and_then(|row| row.record.cursor.clone()),
            synced_at: found.as_ref().and_then(|row| row.record.synced_at),
            // A new token is not a new mailbox: its ramp does not begin anew.
            connected_at: found.as_ref().map_or(now, |row| row.record.connected_at),
            profile: subject.seal(&place, Origin::Customer, &profile)?,
        };
        let dimensions = Dimensions {
            mailbox: Some(mailbox),
            reason: Some(state.code()),
            ..Dimensions::default()
        };
        let millis = now.as_millisecond().to_be_bytes();
        let whose = mailbox.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), &millis];
        batch = batch.append(LogEntry::new(
            EventKind::MailboxChanged,
            now,
            source,
            dimensions,
        ));
        batch = match &found {
            Some(found) => {
                let lane = Key::new(&jooper_storage::tables::LANE, key);
                let wake = jooper_storage::ColumnOp::Min(now.as_millisecond());
                batch
                    .update(&row, found.version)
                    .write(Write::Patch(lane, vec![("wake_at", wake)]))
            }
            None => batch.insert(&row).insert(&new_lane(mailbox, now)),
        };
        Ok(storage.commit(batch).await?)
    }

    /// Whether a person paused it, and what that was read from.
    async fn is_paused(&self, mailbox: MailboxId) -> Result<(bool, Check), EngineError> {
        let id = vec![ScopeKind::Mailbox.to_value(), Value::Id(mailbox.uuid())];
        let key = Key::new(&SCOPE_STOP, id.clone());
        let storage = self.engine.storage();
        let found = storage.find::<ScopeStopRow>(self.workspace, id).await?;
        Ok(match found {
            Some(row) => (
                row.record.stands_for(StopReason::Paused)?,
                Check::Version(key, row.version),
            ),
            None => (false, Check::Absent(key)),
        })
    }

    /// Disconnects an account: sending stops, its tokens are deleted here. Revoking the grant at
    /// the provider is the owner's own choice.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again.
    pub async fn disconnect(
        &self,
        credentials: &dyn CredentialStore,
        mailbox: MailboxId,
    ) -> Result<(), EngineError> {
        self.hold_disconnected(mailbox).await?;
        let account = self.account(mailbox);
        // Ending the watch needs the tokens.
        self.engine.parts.inbox.end_watch(account).await;
        self.drop_tokens(credentials, mailbox).await
    }

    /// Disconnects an account and has the provider end its grant: only on the owner's explicit wish.
    /// Google ends everything that this person ever granted to the same project, other mailboxes
    /// and the sign-in included.
    ///
    /// The account is held as a disconnected one before the provider is asked, and whatever the
    /// provider answers: [`Mailboxes::connect`] takes that away, and nothing else does. A pause of a
    /// person's is another cause and stays what it is, also one that comes meanwhile.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again. [`EngineError::Transport`]: the account is
    /// held, its tokens are kept and its grant still stands; call again, disconnect without revoking,
    /// or connect it again.
    pub async fn revoke_and_disconnect(
        &self,
        credentials: &dyn CredentialStore,
        mailbox: MailboxId,
    ) -> Result<(), EngineError> {
        self.hold_disconnected(mailbox).await?;
        let account = self.account(mailbox);
        let inbox = &self.engine.parts.inbox;
        // Ending the watch needs the tokens that are about to die.
        inbox.end_watch(account).await;
        inbox.revoke(account).await?;
        self.drop_tokens(credentials, mailbox).await
    }

    const fn account(&self, mailbox: MailboxId) -> MailboxRef {
        MailboxRef {
            workspace: self.workspace,
            mailbox,
        }
    }

    /// Acknowledged: no send starts any more, until it is connected again.
    async fn hold_disconnected(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        let (scope, reason) = (StopScope::Mailbox(mailbox), StopReason::Disconnected);
        let stops = &self.engine.parts.stops;
        let stopped = stops.stop(self.workspace, scope, reason, StopSource::User);
        stopped.await?;
        Ok(())
    }

    /// What remains of a disconnection once the provider was told all that it needs.
    async fn drop_tokens(
        &self,
        credentials: &dyn CredentialStore,
        mailbox: MailboxId,
    ) -> Result<(), EngineError> {
        let account = self.account(mailbox);
        credentials.delete(account).await.map_err(credential)?;
        // Its lane parks the leads.
        self.set_state(mailbox, MailboxState::Disconnected, |_| true)
            .await
    }

    /// Stops sending from a mailbox until it is resumed; what arrives is read on. Acknowledged: no
    /// send starts any more.
    ///
    /// # Errors
    /// [`EngineError::Stop`]: not acknowledged; call again.
    pub async fn pause(&self, mailbox: MailboxId) -> Result<(), EngineError> {
        let may_follow = |state| matches!(state, MailboxState::Connected | MailboxState::Parked);
        let told = || self.set_state(mailbox, MailboxState::Paused, may_follow);
        let scope = StopScope::Mailbox(mailbox);
        self.engine.pause(self.workspace, &scope, told).await
    }

    /// Goes on sending from a mailbox, at once: its lane looks again.
    ///
    /// # Errors
    /// [`EngineError::Stop`], [`EngineError::NotFound`]; [`EngineError::State`] when a circuit
    /// breaker stopped it, which a person resets first.
    pub async fn resume(&self, mailbox: MailboxId, by: UserId) -> Result<(), EngineError> {
        self.engine
            .no_breaker(self.workspace, ScopeKind::Mailbox, mailbox.uuid())
            .await?;
        let paused = |state| state == MailboxState::Paused;
        let goes_on = || async move {
            let batch = self.becoming(mailbox, MailboxState::Connected, paused);
            Ok(batch.await?.unwrap_or_else(|| Batch::new(self.workspace)))
        };
        let scope = StopScope::Mailbox(mailbox);
        self.engine
            .resume(self.workspace, &scope, by, goes_on)
            .await?;
        self.engine.wake_lanes(self.workspace, [mailbox]).await
    }

    /// Has what arrived at this account read now instead of at the next poll, and tells whether such
    /// an account is connected here: what a push notification leads to. A lane that is due earlier
    /// stays so.
    ///
    /// Addresses are sealed and no table has an index of them, so this opens the profile of every
    /// mailbox of the workspace: cheap beside the reading that follows, as long as a workspace has
    /// hundreds of mailboxes and not many thousands.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`]: not kept; let the provider tell it again.
    pub async fn wake(&self, address: &EmailAddress) -> Result<bool, EngineError> {
        let known = self.list().await?;
        let mut found = known.iter().filter(|(row, profile)| {
            row.state != MailboxState::Disconnected
                && EmailAddress::parse(&profile.email).is_ok_and(|email| email == *address)
        });
        let Some((row, _)) = found.next() else {
            return Ok(false);
        };
        // A lane at work has perhaps read already, and does not see that it is woken: a command it
        // sees before it lets go.
        let batch = listen(&self.engine, Batch::new(self.workspace), row.id)?;
        self.engine.storage().commit(batch).await?;
        Ok(true)
    }

    /// Sets the state where the present one allows it, and lets the lane see it.
    async fn set_state(
        &self,
        mailbox: MailboxId,
        state: MailboxState,
        may_follow: impl Fn(MailboxState) -> bool + Send + Sync,
    ) -> Result<(), EngineError> {
        let mut attempt = 0;
        while let Some(batch) = self.becoming(mailbox, state, &may_follow).await? {
            attempt += 1;
            match self.engine.storage().commit(batch).await {
                Err(error) if error.is_conflict() && attempt < ATTEMPTS => {}
                result => return Ok(result?),
            }
        }
        Ok(())
    }

    /// The batch that sets the state; none where the present one does not allow it.
    async fn becoming(
        &self,
        mailbox: MailboxId,
        state: MailboxState,
        may_follow: impl Fn(MailboxState) -> bool + Send,
    ) -> Result<Option<Batch>, EngineError> {
        let key = vec![mailbox.to_value()];
        let found = self
            .engine
            .storage()
            .find::<MailboxRow>(self.workspace, key.clone())
            .await?
            .ok_or(EngineError::NotFound("mailbox"))?;
        if !may_follow(found.record.state) {
            return Ok(None);
        }
        let now = self.engine.now();
        let row = MailboxRow {
            state,
            ..found.record
        };
        let dimensions = Dimensions {
            mailbox: Some(mailbox),
            reason: Some(state.code()),
            ..Dimensions::default()
        };
        let millis = now.as_millisecond().to_be_bytes();
        let whose = mailbox.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), &millis];
        let fact = LogEntry::new(EventKind::MailboxChanged, now, source, dimensions);
        let lane = Key::new(&jooper_storage::tables::LANE, key);
        let wake = jooper_storage::ColumnOp::Min(now.as_millisecond());
        let batch = Batch::new(self.workspace)
            .update(&row, found.version)
            .write(Write::Patch(lane, vec![("wake_at", wake)]))
            .append(fact);
        Ok(Some(batch))
    }

    /// Every mailbox with its profile.
    ///
    /// # Errors
    /// [`EngineError::Store`], [`EngineError::Vault`].
    pub async fn list(&self) -> Result<Vec<(MailboxRow, MailboxProfile)>, EngineError> {
        let vault = self.engine.parts.vault.workspace(self.workspace).await?;
        let rows = self
            .engine
            .storage()
            .collect::<MailboxRow>(self.workspace, Scan::table(&MAILBOX))
            .await?;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let place = Place::new(&MAILBOX, "profile", &[row.record.id.to_value()]);
            let subject = vault.subject(row.record.id).await?;
            let profile = subject.open(&place, &row.record.profile)?;
            all.push((row.record, profile));
        }
        Ok(all)
    }
}

/// The fact that a mailbox was declared not to be new.
pub(crate) fn seasoned(
    batch: Batch,
    mailbox: MailboxId,
    state: Option<MailboxState>,
    by: UserId,
    at: Timestamp,
) -> Batch {
    let note = Note::Seasoned { mailbox, by };
    batch.append(changed(mailbox, state, at, b"seasoned", &note))
}

/// The fact that a user said something of a mailbox, which stays in its state.
pub(crate) fn changed(
    mailbox: MailboxId,
    state: Option<MailboxState>,
    at: Timestamp,
    what: &[u8],
    note: &Note,
) -> LogEntry {
    let dimensions = Dimensions {
        mailbox: Some(mailbox),
        reason: state.map(MailboxState::code),
        ..Dimensions::default()
    };
    let millis = at.as_millisecond().to_be_bytes();
    let whose = mailbox.uuid();
    let source: &[&[u8]] = &[whose.as_bytes(), what, &millis];
    let mut fact = LogEntry::new(EventKind::MailboxChanged, at, source, dimensions);
    fact.payload = Some(note.to_payload());
    fact
}

const fn is_conflict(error: &EngineError) -> bool {
    matches!(error, EngineError::Store(error) if error.is_conflict())
}

fn credential(error: jooper_transport::CredentialError) -> EngineError {
    EngineError::Transport(jooper_transport::TransportError::Credentials(Some(
        Box::new(error),
    )))
}
