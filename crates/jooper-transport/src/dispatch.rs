//! The one way from a permit to a transport.

use std::sync::Arc;
use std::time::Duration;

use jooper_consent::{PERMIT_LEASE, PERMIT_MARGIN, SendPermit, SpentPermit};
use jooper_core::{
    InstallationId, LeaseClock, LeaseInstant, MailboxId, NotSentReason, SendKey, WorkspaceId,
};

use crate::mail::OutgoingMail;
use crate::outcome::Outcome;
use crate::transport::{MailboxRef, Transport};

/// The most time that a permit leaves for a handing-over, when it has just been given.
pub const LONGEST_LEAVE: Duration = PERMIT_LEASE.saturating_sub(PERMIT_MARGIN);

/// A mail that the gate has let through, for one try.
///
/// Only [`Dispatcher::dispatch`] makes one. The transport must write the last byte of the body
/// before [`Cleared::last_byte_before`]; the answer may take longer.
#[derive(Debug)]
pub struct Cleared {
    mailbox: MailboxRef,
    send_key: SendKey,
    last_byte_before: LeaseInstant,
    mail: OutgoingMail,
}

impl Cleared {
    /// The mailbox it goes from.
    pub const fn mailbox(&self) -> MailboxRef {
        self.mailbox
    }

    /// The mail.
    pub const fn mail(&self) -> &OutgoingMail {
        &self.mail
    }

    /// The send it is.
    pub const fn send_key(&self) -> &SendKey {
        &self.send_key
    }

    /// When the leave ends, by this process's lease clock.
    pub const fn last_byte_before(&self) -> LeaseInstant {
        self.last_byte_before
    }
}

/// Why a permit and a mail do not go together. Nothing was sent, for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DispatchRefusal {
    /// The permit is of another installation: a forecast's, or a clone's.
    #[error("the permit belongs to another installation")]
    Installation,
    /// The gate judged by another transport's row of the policy table.
    #[error("the permit is for another transport")]
    Transport,
    /// The mail goes to somebody else than the permit says.
    #[error("the mail's recipient is not the permit's")]
    Recipient,
    /// The permit's lease has ended.
    #[error("the permit has ended")]
    Expired,
    /// The permit is for another workspace or mailbox.
    #[error("the permit is for another mailbox")]
    Mailbox,
    /// The permit demands a way out that the mail does not carry.
    #[error(
        "the mail lacks the one-click headers of RFC 8058, or the same link in its body; compose it \
         with both"
    )]
    Unsubscribe,
    /// The subject claims a conversation that the mail does not continue.
    #[error(
        "the subject of a campaign's mail begins with `Re:` or the like, and it names no mail that it \
         answers: no thread, no In-Reply-To"
    )]
    Subject,
    /// The permit demands the notice of a first mail, and nobody vouches for it.
    #[error("the first mail lacks its notice; compose it with one and say so by `with_notice`")]
    Notice,
    /// The mail holds what no mail may hold; [`OutgoingMail::content_findings`] says what.
    #[error(
        "the mail hides something from its reader, cannot be read, or its sender's name shows somebody \
         else; `OutgoingMail::content_findings` says what"
    )]
    Content,
    /// Nobody has written the mail out, and the transport would deliver it.
    #[error("the mail is not written out; compose it")]
    Unwritten,
}

impl DispatchRefusal {
    /// What the ledger says of a mail that was refused so.
    pub const fn not_sent(self) -> NotSentReason {
        match self {
            Self::Expired => NotSentReason::LeaseExpired,
            Self::Installation | Self::Transport | Self::Mailbox => NotSentReason::ForeignPermit,
            Self::Recipient
            | Self::Unsubscribe
            | Self::Subject
            | Self::Notice
            | Self::Unwritten => NotSentReason::NotAsPermitted,
            Self::Content => NotSentReason::Content,
        }
    }
}

/// Checks a permit against its mail and hands both to the transport.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    installation: InstallationId,
    lease: Arc<dyn LeaseClock>,
    transport: Arc<dyn Transport>,
}

impl Dispatcher {
    /// A dispatcher for this installation, as the key store (not the data) names it.
    pub fn new(
        installation: InstallationId,
        lease: Arc<dyn LeaseClock>,
        transport: Arc<dyn Transport>,
    ) -> Self {
        Self {
            installation,
            lease,
            transport,
        }
    }

    /// The transport behind it.
    pub fn transport(&self) -> &Arc<dyn Transport> {
        &self.transport
    }

    /// Hands a permitted mail over, once, and hands back what is left of the permit: it is used up,
    /// whatever happens, and can be given back from now on.
    ///
    /// The outcome is a [`DispatchRefusal`] when the two do not go together; the transport was not called.
    pub async fn hand_over(
        &self,
        workspace: WorkspaceId,
        mailbox: MailboxId,
        permit: SendPermit,
        mail: OutgoingMail,
    ) -> (Result<Outcome, DispatchRefusal>, SpentPermit) {
        if let Err(refusal) = self.check(workspace, mailbox, &permit, &mail) {
            return (Err(refusal), permit.give_up());
        }
        let cleared = Cleared {
            mailbox: MailboxRef { workspace, mailbox },
            send_key: *permit.send_key(),
            last_byte_before: permit.deadline(),
            mail,
        };
        let spent = permit.give_up();
        (Ok(self.transport.send(cleared).await), spent)
    }

    /// Does so for whoever lets the permit's lease end by itself.
    ///
    /// # Errors
    /// [`DispatchRefusal`] when the two do not go together; the transport was not called.
    pub async fn dispatch(
        &self,
        workspace: WorkspaceId,
        mailbox: MailboxId,
        permit: SendPermit,
        mail: OutgoingMail,
    ) -> Result<Outcome, DispatchRefusal> {
        self.hand_over(workspace, mailbox, permit, mail).await.0
    }

    fn check(
        &self,
        workspace: WorkspaceId,
        mailbox: MailboxId,
        permit: &SendPermit,
        mail: &OutgoingMail,
    ) -> Result<(), DispatchRefusal> {
        if permit.installation() != self.installation {
            return Err(DispatchRefusal::Installation);
        }
        if permit.workspace() != workspace || permit.mailbox() != mailbox {
            return Err(DispatchRefusal::Mailbox);
        }
        let transport = self.transport.capabilities();
        if permit.transport() != transport.policy {
            return Err(DispatchRefusal::Transport);
        }
        if transport.delivers && !mail.is_written() {
            return Err(DispatchRefusal::Unwritten);
        }
        if permit.recipient() != mail.to() {
            return Err(DispatchRefusal::Recipient);
        }
        let must = permit.must_carry();
        if must.unsubscribe && !mail.has_unsubscribe() {
            return Err(DispatchRefusal::Unsubscribe);
        }
        // A mail of a campaign continues what its own headers or its thread name, or nothing. What a
        // person writes by hand answers a mail that the gate has seen; a test goes to its own author.
        if matches!(permit.send_key(), SendKey::Step { .. }) && mail.is_deceptive() {
            return Err(DispatchRefusal::Subject);
        }
        if must.notice && !mail.has_notice() {
            return Err(DispatchRefusal::Notice);
        }
        if let Some(rules) = permit.content_rules()
            && !mail.content_findings(rules, permit.purpose()).is_empty()
        {
            return Err(DispatchRefusal::Content);
        }
        // Last, so that nothing takes time behind it.
        if self.lease.now() >= permit.deadline() {
            return Err(DispatchRefusal::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_word_of_its_own_in_the_ledger() {
        use DispatchRefusal as Refusal;
        for (refusal, word) in [
            (Refusal::Expired, NotSentReason::LeaseExpired),
            (Refusal::Installation, NotSentReason::ForeignPermit),
            (Refusal::Transport, NotSentReason::ForeignPermit),
            (Refusal::Mailbox, NotSentReason::ForeignPermit),
            (Refusal::Recipient, NotSentReason::NotAsPermitted),
            (Refusal::Unsubscribe, NotSentReason::NotAsPermitted),
            (Refusal::Subject, NotSentReason::NotAsPermitted),
            (Refusal::Notice, NotSentReason::NotAsPermitted),
            (Refusal::Unwritten, NotSentReason::NotAsPermitted),
            (Refusal::Content, NotSentReason::Content),
        ] {
            assert_eq!(refusal.not_sent(), word);
            assert_eq!(word.is_final(), refusal != Refusal::Expired, "{refusal}");
        }
    }
}
