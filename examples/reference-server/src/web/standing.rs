//! How a campaign or mailbox stands, breakers included: a breaker stops what its own state still
//! calls active.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper::consent::BreakerScope;
use jooper::core::{CampaignState, MailboxId, MailboxState, ScopeKind, StopReason, WorkspaceId};
use jooper::sequence::CampaignSummary;
use jooper::storage::tables::{MailboxRow, SCOPE_STOP, ScopeStopRow};
use jooper::storage::{Column, Scan, Storage, StorageExt, StoreError};

use super::app::App;
use super::error::PageError;
use super::words::{self, Badge};

/// What the breakers have stopped, and which mailboxes are held for another cause.
pub(crate) struct Standing {
    stopped: BTreeSet<BreakerScope>,
    held: Held,
    now: Timestamp,
}

/// Mailboxes that a stop holds while their own state says nothing of it.
pub(crate) struct Held {
    /// Their domain does not prove their mail.
    pub(crate) unproven: BTreeSet<MailboxId>,
    /// They were to be disconnected. Where the state is another one still, that did not come to its
    /// end: the provider did not take the permission back.
    pub(crate) leaving: BTreeSet<MailboxId>,
}

impl Standing {
    pub(crate) async fn read(app: &App) -> Result<Self, PageError> {
        let stopped = app.jooper.breakers().stopped(app.workspace).await?;
        let now = app.now();
        let held = held(&**app.jooper.storage(), app.workspace).await?;
        Ok(Self { stopped, held, now })
    }

    /// Whether a mailbox is held until its domain proves its mail.
    pub(crate) fn held(&self, mailbox: MailboxId) -> bool {
        self.held.unproven.contains(&mailbox)
    }

    /// Whether a mailbox was to be disconnected and is not: it is held, and has its tokens still.
    pub(crate) fn leaving(&self, mailbox: &MailboxRow) -> bool {
        mailbox.state != MailboxState::Disconnected && self.held.leaving.contains(&mailbox.id)
    }

    pub(crate) fn campaign(&self, campaign: &CampaignSummary) -> CampaignState {
        let stopped = self.stopped.contains(&BreakerScope::Campaign(campaign.id));
        match campaign.state {
            // Whoever paused it looks at the limit first: a resume would not pass it.
            CampaignState::Active | CampaignState::Paused if stopped => CampaignState::Tripped,
            state => state,
        }
    }

    /// Whether a breaker has stopped a mailbox.
    pub(crate) fn tripped(&self, mailbox: MailboxId) -> bool {
        self.stopped.contains(&BreakerScope::Mailbox(mailbox))
    }

    /// A mailbox that needs nobody has no advice.
    pub(crate) fn mailbox(&self, mailbox: &MailboxRow) -> (Badge, &'static str) {
        let stopped = self.tripped(mailbox.id);
        match mailbox.state {
            // It is connected again first, whatever else is to be looked at.
            MailboxState::Paused if self.leaving(mailbox) => words::LEAVING_AND_PAUSED_MAILBOX,
            _ if self.leaving(mailbox) => words::LEAVING_MAILBOX,
            MailboxState::Connected | MailboxState::SendOnly if stopped => words::TRIPPED_MAILBOX,
            MailboxState::Paused if stopped => words::TRIPPED_AND_PAUSED_MAILBOX,
            MailboxState::Connected | MailboxState::SendOnly if self.held(mailbox.id) => {
                words::HELD_MAILBOX
            }
            _ => words::mailbox(words::told(mailbox, self.now)),
        }
    }
}

/// The mailboxes that are held.
pub(crate) async fn held(
    storage: &dyn Storage,
    workspace: WorkspaceId,
) -> Result<Held, StoreError> {
    let of_mailboxes = Scan::table(&SCOPE_STOP).prefix(vec![ScopeKind::Mailbox.to_value()]);
    let (mut unproven, mut leaving) = (BTreeSet::new(), BTreeSet::new());
    for stop in storage
        .collect::<ScopeStopRow>(workspace, of_mailboxes)
        .await?
    {
        let mailbox = MailboxId::from_uuid(stop.record.id);
        if stop.record.stands_for(StopReason::Unauthenticated)? {
            unproven.insert(mailbox);
        }
        if stop.record.stands_for(StopReason::Disconnected)? {
            leaving.insert(mailbox);
        }
    }
    Ok(Held { unproven, leaving })
}
