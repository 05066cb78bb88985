//! The leave to hand one mail over.

use std::sync::Arc;

use jiff::Timestamp;
use jooper_core::{
    EmailAddress, InstallationId, LeaseInstant, MailboxId, PermitId, Purpose, SendKey, WorkspaceId,
};

use super::intent::purpose_of;
use crate::content::ContentRules;

/// A leave to hand one mail to one transport, once, for a few seconds.
///
/// Only [`Gate::acquire`](crate::Gate::acquire) makes one: the fields are private, and there is no
/// `Clone`, no `Default` and no way to read one from bytes. Whoever drops it has lost the leave.
#[derive(Debug)]
#[must_use = "a permit that is not dispatched blocks its recipient until its lease ends"]
pub struct SendPermit {
    pub(super) id: PermitId,
    pub(super) installation: InstallationId,
    pub(super) workspace: WorkspaceId,
    pub(super) mailbox: MailboxId,
    pub(super) recipient: EmailAddress,
    pub(super) send_key: SendKey,
    pub(super) transport: String,
    pub(super) deadline: LeaseInstant,
    pub(super) lease_until: Timestamp,
    pub(super) must_carry: MustCarry,
    pub(super) content: Option<Arc<ContentRules>>,
}

/// What the mail must carry, whatever its template says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct MustCarry {
    /// `List-Unsubscribe` and `List-Unsubscribe-Post` (RFC 8058), a link in the body, and the
    /// sender's postal address.
    pub unsubscribe: bool,
    /// The notice block of a first mail (GDPR Art. 14 and 21(4)).
    pub notice: bool,
}

/// What is left of a permit that nobody can use any more.
///
/// Whoever has one gives it back ([`Gate::release_write`](crate::Gate::release_write)), so that a stop
/// does not wait for its lease: that is why the leave itself must be gone first.
#[derive(Debug)]
#[must_use = "a permit that is not given back blocks its recipient until its lease ends"]
pub struct SpentPermit(pub(super) PermitId);

impl SendPermit {
    /// Gives the leave up: no mail goes on it.
    pub fn give_up(self) -> SpentPermit {
        SpentPermit(self.id)
    }

    /// The permit's id, as the ledger row and the permit row name it.
    pub const fn id(&self) -> PermitId {
        self.id
    }

    /// The installation that issued it, as the key store names it.
    pub const fn installation(&self) -> InstallationId {
        self.installation
    }

    /// Whose mail.
    pub const fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// From which mailbox.
    pub const fn mailbox(&self) -> MailboxId {
        self.mailbox
    }

    /// To whom: the one address that the mail may go to.
    pub const fn recipient(&self) -> &EmailAddress {
        &self.recipient
    }

    /// Which send.
    pub const fn send_key(&self) -> &SendKey {
        &self.send_key
    }

    /// What the mail is for.
    pub const fn purpose(&self) -> Purpose {
        purpose_of(&self.send_key)
    }

    /// Over which transport: the policy name whose row of the table was asked.
    pub fn transport(&self) -> &str {
        &self.transport
    }

    /// When the last byte must be written, by this process's lease clock: safety margin taken off.
    pub const fn deadline(&self) -> LeaseInstant {
        self.deadline
    }

    /// When the lease ends, by the store's clock. Whoever stops waits no longer than this.
    pub const fn lease_until(&self) -> Timestamp {
        self.lease_until
    }

    /// What the mail must carry. Whoever composes it puts it in, whoever dispatches it looks.
    pub const fn must_carry(&self) -> MustCarry {
        self.must_carry
    }

    /// What the mail is held to, by [`purpose`](Self::purpose). Whoever dispatches it looks. A
    /// forecast's permit has none.
    pub fn content_rules(&self) -> Option<&ContentRules> {
        self.content.as_deref()
    }
}
