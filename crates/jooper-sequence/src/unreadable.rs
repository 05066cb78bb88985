//! Mails that no provider would give, and that nothing ties to anybody: kept in sight.

use std::ops::Bound;

use jiff::Timestamp;
use jooper_core::{MailboxId, from_millis, to_millis};
use jooper_storage::tables::{SETTING, SettingRow};
use jooper_storage::{Batch, Column, Record, Scan, StorageExt, Write};

use crate::error::EngineError;
use crate::mailboxes::Mailboxes;

/// What the rows are called: behind it the mailbox, and the mail.
const NAME: &str = "engine.unreadable/";

/// What the rows are called that say of a mail that it is not asked for any more, whoever it is about:
/// what follows from it was done, once.
const GIVEN_UP: &str = "engine.given_up/";

/// A mail that the provider could not give for an hour, and of which nobody knows whom it is about.
/// It may report that a mail of ours came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableMail {
    /// In which mailbox it lies.
    pub mailbox: MailboxId,
    /// What the provider calls it.
    pub provider_id: String,
    /// When it arrived.
    pub at: Timestamp,
}

fn name(mailbox: MailboxId, provider_id: &str) -> String {
    format!("{NAME}{mailbox}/{provider_id}")
}

/// As it is remembered that a mail was given up.
pub(crate) fn given_up(mailbox: MailboxId, provider_id: &str, at: Timestamp) -> SettingRow {
    SettingRow {
        name: format!("{GIVEN_UP}{mailbox}/{provider_id}"),
        number: to_millis(at),
        value: None,
    }
}

/// As it is kept.
pub(crate) fn row(mailbox: MailboxId, provider_id: &str, at: Timestamp) -> SettingRow {
    SettingRow {
        name: name(mailbox, provider_id),
        number: to_millis(at),
        value: None,
    }
}

impl Mailboxes {
    /// The mails that could not be read and that nobody has looked at yet. A person finds them in the
    /// mailbox itself, and ends the enrollment of whoever they are about.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn unreadable(&self) -> Result<Vec<UnreadableMail>, EngineError> {
        let end = format!("{}0", NAME.trim_end_matches('/'));
        let scan = Scan::table(&SETTING).range(
            Bound::Included(NAME.to_owned().to_value()),
            Bound::Excluded(end.to_value()),
        );
        let storage = self.engine.storage();
        let rows = storage.collect::<SettingRow>(self.workspace, scan).await?;
        let mails = rows.into_iter().filter_map(|row| {
            let named = row.record.name.strip_prefix(NAME)?;
            let (mailbox, provider_id) = named.split_once('/')?;
            Some(UnreadableMail {
                mailbox: mailbox.parse().ok()?,
                provider_id: provider_id.to_owned(),
                at: from_millis(row.record.number),
            })
        });
        Ok(mails.collect())
    }

    /// Notes that somebody looked at a mail that could not be read.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn looked_at(
        &self,
        mailbox: MailboxId,
        provider_id: &str,
    ) -> Result<(), EngineError> {
        let row = row(mailbox, provider_id, Timestamp::UNIX_EPOCH);
        let batch = Batch::new(self.workspace).write(Write::Delete(row.key()));
        Ok(self.engine.storage().commit(batch).await?)
    }
}
