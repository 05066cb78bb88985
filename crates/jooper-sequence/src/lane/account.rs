//! The lane's own account: what it may do, how far it was read, until when its provider pauses it.
//!
//! Its owner writes the same row, from other processes too: they connect, pause and disconnect it.
//! Every write of the lane is therefore bound to the version that it knows. What a pass concluded
//! from tokens or a grant that somebody replaced meanwhile is dropped, and the pass begins anew.

use jiff::{SignedDuration, Timestamp};
use jooper_core::{Dimensions, EventKind, MailboxState, NotSentReason, ParkReason};
use jooper_storage::tables::MailboxRow;
use jooper_storage::{
    Batch, Check, Column, ColumnOp, LogEntry, Record, StorageExt, Versioned, Write,
};
use jooper_transport::{Cursor, TransportError};
use jooper_vault::Place;

use super::Lane;
use crate::error::EngineError;

/// The account as its row stands, and whether somebody else wrote it during this pass.
pub(super) struct Account {
    row: Versioned<MailboxRow>,
    changed: bool,
}

impl Account {
    pub(super) const fn new(row: Versioned<MailboxRow>) -> Self {
        Self {
            row,
            changed: false,
        }
    }
}

impl std::ops::Deref for Account {
    type Target = MailboxRow;

    fn deref(&self) -> &MailboxRow {
        &self.row.record
    }
}

/// How long a sending limit lasts where nobody says so (Gmail help, "Gmail sending limits").
pub(super) const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// What a mailbox was asked for when it refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Reading,
    Sending,
}

impl Lane<'_> {
    /// Whether the account is what this pass took it for. If not, it is taken for what it is now:
    /// go round again.
    pub(super) async fn is_account_as_known(&mut self) -> Result<bool, EngineError> {
        let Some(row) = self.find_account().await? else {
            // Erased: the lane's row goes with it.
            return Ok(true);
        };
        if !self.account.changed && row.version == self.account.row.version {
            return Ok(true);
        }
        let key = [self.mailbox.to_value()];
        let subject = self.vault.subject(self.mailbox).await?;
        let place = Place::new(&jooper_storage::tables::MAILBOX, "profile", &key);
        self.profile = subject.open(&place, &row.record.profile)?;
        self.account = Account::new(row);
        Ok(false)
    }

    async fn find_account(&self) -> Result<Option<Versioned<MailboxRow>>, EngineError> {
        let key = vec![self.mailbox.to_value()];
        let storage = self.engine.storage();
        Ok(storage.find::<MailboxRow>(self.workspace, key).await?)
    }

    /// Changes columns of the row as this lane knows it; `false`: somebody else changed it, and the
    /// lane knows it as it is now.
    async fn try_write(
        &mut self,
        columns: Vec<(&'static str, ColumnOp)>,
        fact: Option<LogEntry>,
    ) -> Result<bool, EngineError> {
        let key = self.account.key();
        let mut batch: Batch = self
            .batch()
            .check(Check::Version(key.clone(), self.account.row.version))
            .write(Write::Patch(key, columns));
        batch.log.extend(fact);
        match self.engine.storage().commit(batch).await {
            Ok(()) => {
                self.account.row.version += 1;
                Ok(true)
            }
            Err(error) if error.is_conflict() => {
                let row = self.find_account().await?;
                self.account = Account {
                    row: row.ok_or(EngineError::NotFound("mailbox"))?,
                    changed: true,
                };
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps how far the changes were read, and where nothing is left behind it, since when the account
    /// is read: a first sample is clean only by what was read whole.
    pub(super) async fn remember_cursor(
        &mut self,
        cursor: Cursor,
        whole: Option<Timestamp>,
    ) -> Result<(), EngineError> {
        let mut columns = vec![("cursor", ColumnOp::Set(cursor.0.to_value()))];
        if let Some(at) = whole {
            columns.push(("synced_at", ColumnOp::Set(Some(at).to_value())));
        }
        // A cursor is of the account, not of its grant: it holds after connecting again.
        while !self.try_write(columns.clone(), None).await? {}
        self.account.row.record.cursor = Some(cursor.0);
        if whole.is_some() {
            self.account.row.record.synced_at = whole;
        }
        Ok(())
    }

    /// Writes what the account may do from now on, unless somebody changed the account since this
    /// pass began: it was concluded from what no longer holds, and the next pass concludes anew. A
    /// pause of the provider's stays as it is.
    pub(super) async fn set_account_state(
        &mut self,
        state: MailboxState,
    ) -> Result<(), EngineError> {
        if self.account.state == state || self.account.changed {
            return Ok(());
        }
        let column = ("state", ColumnOp::Set(state.to_value()));
        let fact = self.account_fact(state);
        if self.try_write(vec![column], Some(fact)).await? {
            self.account.row.record.state = state;
        }
        Ok(())
    }

    /// A second copy of this installation writes to the account: stop, and let a person look.
    pub(super) async fn contested(&mut self) -> Result<(), EngineError> {
        tracing::error!(mailbox = %self.mailbox, "a mail of ours is not in the ledger: a second copy sends");
        let state = MailboxState::Contested;
        // The mail is read once only, so that a new grant does not drop what it proves.
        while !matches!(
            self.account.state,
            MailboxState::Contested | MailboxState::Disconnected
        ) {
            let column = ("state", ColumnOp::Set(state.to_value()));
            let fact = self.account_fact(state);
            if self.try_write(vec![column], Some(fact)).await? {
                self.account.row.record.state = state;
            }
        }
        Ok(())
    }

    /// Stops sending until then, and keeps why. What the account may do stays as it is, and reading
    /// goes on; a longer pause that is known already stays.
    pub(super) async fn park(
        &mut self,
        until: Timestamp,
        why: ParkReason,
    ) -> Result<Timestamp, EngineError> {
        loop {
            if let Some(known) = self.parked().filter(|known| *known >= until) {
                return Ok(known);
            }
            let columns = vec![
                ("parked_until", ColumnOp::Set(Some(until).to_value())),
                ("park_reason", ColumnOp::Set(Some(why).to_value())),
            ];
            let fact = self.account_fact(MailboxState::Parked);
            if self.try_write(columns, Some(fact)).await? {
                self.account.row.record.parked_until = Some(until);
                self.account.row.record.park_reason = Some(why);
            }
        }
    }

    /// Until when the provider takes no mail, if it is so: by the clock as it is, as a provider knows
    /// nothing of what this lane has seen.
    pub(super) fn parked(&self) -> Option<Timestamp> {
        let now = self.engine.now();
        self.account.parked_until.filter(|until| *until > now)
    }

    /// A pause that lies more than a day ahead was counted from a clock that was ahead: it ends a day
    /// from now. If the provider still takes no mail then, it says so again.
    pub(super) async fn cap_pause(&mut self) -> Result<(), EngineError> {
        let latest = self.soon(A_DAY);
        while self.account.parked_until.is_some_and(|at| at > latest) {
            let column = ("parked_until", ColumnOp::Set(Some(latest).to_value()));
            if self.try_write(vec![column], None).await? {
                self.account.row.record.parked_until = Some(latest);
            }
        }
        Ok(())
    }

    fn account_fact(&self, told: MailboxState) -> LogEntry {
        let now = self.now();
        let dimensions = Dimensions {
            mailbox: Some(self.mailbox),
            reason: Some(told.code()),
            ..Dimensions::default()
        };
        let (millis, code) = (
            now.as_millisecond().to_be_bytes(),
            told.code().to_be_bytes(),
        );
        let whose = self.mailbox.uuid();
        let source: &[&[u8]] = &[whose.as_bytes(), &millis, &code];
        LogEntry::new(EventKind::MailboxChanged, now, source, dimensions)
    }

    /// What a provider's refusal means for the account as a whole. One that lost half of its grant
    /// goes on with the other half, in sight; a pause that the provider asks for when it is read
    /// stops no sending.
    pub(super) async fn account_refused(
        &mut self,
        error: &TransportError,
        doing: Doing,
    ) -> Result<(), EngineError> {
        // No grant is asked about an account that is disconnected or that two copies write to: what
        // its owner or a second copy did stands.
        if matches!(
            self.account.state,
            MailboxState::Disconnected | MailboxState::Contested
        ) {
            return Ok(());
        }
        let state = match error {
            TransportError::NeedsReauth
            | TransportError::Credentials(None)
            | TransportError::Blocked(_) => MailboxState::NeedsReauth,
            TransportError::Forbidden(_) => match (doing, self.account.state) {
                (Doing::Reading, MailboxState::Connected) => MailboxState::SendOnly,
                (Doing::Sending, MailboxState::Connected) => MailboxState::ReadOnly,
                (Doing::Reading, MailboxState::ReadOnly)
                | (Doing::Sending, MailboxState::SendOnly) => MailboxState::NeedsReauth,
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        self.set_account_state(state).await
    }

    /// What a refusal right before a handing-over means: until when nothing more is sent, if that
    /// was said.
    pub(super) async fn sending_refused(
        &mut self,
        error: &TransportError,
    ) -> Result<Option<Timestamp>, EngineError> {
        if let TransportError::RateLimited { after: Some(after) } = error {
            let pause = SignedDuration::try_from(*after).unwrap_or(SignedDuration::ZERO);
            let until = self.soon(pause);
            let until = self.park(until, ParkReason::RateLimited).await?;
            return Ok(Some(until));
        }
        self.account_refused(error, Doing::Sending).await?;
        Ok(None)
    }

    /// Until when this account sends nothing more, after a refusal.
    pub(super) async fn limits(
        &mut self,
        reason: NotSentReason,
        retry_at: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, EngineError> {
        use NotSentReason as Reason;
        match reason {
            Reason::SendingLimit => {
                let until = retry_at.unwrap_or_else(|| self.soon(A_DAY));
                self.park(until, ParkReason::SendingLimit).await.map(Some)
            }
            Reason::RateLimited => {
                let until = retry_at.unwrap_or_else(|| self.soon(SignedDuration::from_mins(10)));
                self.park(until, ParkReason::RateLimited).await.map(Some)
            }
            // What is left of the grant goes on; where that is nothing, reading finds it out.
            Reason::Forbidden => {
                let refused = TransportError::Forbidden("sending was refused");
                self.account_refused(&refused, Doing::Sending).await?;
                Ok(Some(self.far_future()))
            }
            Reason::Unauthorized | Reason::NoMailService => {
                self.set_account_state(MailboxState::NeedsReauth).await?;
                Ok(Some(self.far_future()))
            }
            Reason::Unreachable => Ok(Some(self.soon(SignedDuration::from_mins(5)))),
            _ => Ok(None),
        }
    }
}
