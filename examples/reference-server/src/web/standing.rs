//! How a campaign or mailbox stands, breakers included: a breaker stops what its own state still
//! calls active.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jooper::consent::BreakerScope;
use jooper::core::{CampaignState, MailboxId, MailboxState};
use jooper::sequence::CampaignSummary;
use jooper::storage::tables::MailboxRow;

use super::app::App;
use super::error::PageError;
use super::words::{self, Badge};

/// What the breakers have stopped.
pub(crate) struct Standing {
    stopped: BTreeSet<BreakerScope>,
    now: Timestamp,
}

impl Standing {
    pub(crate) async fn read(app: &App) -> Result<Self, PageError> {
        let stopped = app.jooper.breakers().stopped(app.workspace).await?;
        let now = app.now();
        Ok(Self { stopped, now })
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
            MailboxState::Connected | MailboxState::SendOnly if stopped => words::TRIPPED_MAILBOX,
            MailboxState::Paused if stopped => words::TRIPPED_AND_PAUSED_MAILBOX,
            _ => words::mailbox(words::told(mailbox, self.now)),
        }
    }
}
