//! Commands that no lane could carry out, because what they name is not there: kept in sight.

use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::{CommandId, MailboxId, from_millis, to_millis};
use jooper_storage::tables::{SETTING, SettingRow};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt, Write};

use crate::error::EngineError;
use crate::mailboxes::Mailboxes;

/// What the rows are called: behind it the mailbox, the command's id, its name, what is missing.
const NAME: &str = "engine.undone/";

/// What a command names and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The campaign.
    Campaign,
    /// The version of a campaign's sequence.
    Sequence,
    /// The mail that it is about.
    Send,
}

impl Missing {
    const ALL: [Self; 3] = [Self::Campaign, Self::Sequence, Self::Send];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Sequence => "sequence",
            Self::Send => "send",
        }
    }

    /// What an error says is not there, of what a restore alone brings back.
    pub(crate) fn told_by(error: &EngineError) -> Option<Self> {
        match error {
            EngineError::NotFound(what) => Self::named(what),
            _ => None,
        }
    }

    /// What of a [`EngineError::NotFound`] a command can do nothing about, now or later.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

/// A command that was taken out of a lane's inbox without being carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UndoneCommand {
    /// The mailbox whose lane it was for.
    pub mailbox: MailboxId,
    /// Which one.
    pub id: CommandId,
    /// The name of the command: `enroll`, `migrate`, `reply`, …
    pub command: String,
    /// Why it was not carried out.
    pub missing: Missing,
    /// When it was taken out.
    pub at: Timestamp,
}

impl UndoneCommand {
    /// As it is kept.
    pub(crate) fn row(&self) -> SettingRow {
        let (mailbox, id, command) = (self.mailbox, self.id, &self.command);
        SettingRow {
            name: format!("{NAME}{mailbox}/{id}/{command}/{}", self.missing.name()),
            number: to_millis(self.at),
            value: None,
        }
    }

    fn of(row: &SettingRow) -> Option<Self> {
        let mut parts = row.name.strip_prefix(NAME)?.split('/');
        Some(Self {
            mailbox: parts.next()?.parse().ok()?,
            id: parts.next()?.parse().ok()?,
            command: parts.next()?.to_owned(),
            missing: Missing::named(parts.next()?)?,
            at: from_millis(row.number),
        })
    }
}

impl Mailboxes {
    /// The commands that could not be carried out, as what they name is not there, and that nobody has
    /// looked at yet.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn undone(&self) -> Result<Vec<UndoneCommand>, EngineError> {
        let end = format!("{}0", NAME.trim_end_matches('/'));
        let scan = Scan::table(&SETTING).range(
            Bound::Included(NAME.to_owned().to_value()),
            Bound::Excluded(end.to_value()),
        );
        let storage = self.engine.storage();
        let rows = storage.collect::<SettingRow>(self.workspace, scan).await?;
        let known = rows.iter().filter_map(|row| UndoneCommand::of(&row.record));
        Ok(known.collect())
    }

    /// Notes that somebody looked at a command that could not be carried out.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn looked_at_undone(&self, id: CommandId) -> Result<(), EngineError> {
        let mut batch = Batch::new(self.workspace);
        for undone in self.undone().await? {
            if undone.id == id {
                batch = batch.write(Write::Delete(undone.row().key()));
            }
        }
        Ok(self.engine.storage().commit(batch).await?)
    }
}
